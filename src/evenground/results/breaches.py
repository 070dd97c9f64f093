"""What a plan does not respect, and how that is told to people.

Takes the problem and one plan; gives breaches, and Dutch sentences.
"""

import re

import numpy as np
from numpy.typing import NDArray

from evenground.constraints import Breach, check_plan
from evenground.dutch import compact, euro
from evenground.evaluation import Evaluation
from evenground.optimise import Problem

ROUNDING = 1e-6
"""Part of a sum by which it may miss its bound."""
OF_PLACES = ("amount", "ground", "spacing")
"""Constraints of single places; those of the whole plan are told before them."""


def breaches_of(
    problem: Problem, plan: NDArray[np.int16], evaluation: Evaluation, today: Evaluation
) -> tuple[Breach, ...]:
    """Return all that one plan (option,) does not respect, also of what it does to people.

    What is of the whole plan comes first.
    """
    found = list(check_plan(plan, problem.rules))
    tolerance = problem.search.no_harm_tolerance
    harm = float(problem.harm(evaluation, today)[0])
    if problem.search.no_harm and harm > tolerance:
        found.append(Breach("no_harm", "", harm, tolerance))
    if problem.favoured is not None:
        gain = (today.burden - evaluation.burden).sum(axis=(0, 1, 2))
        whole, there = float(gain.sum()), float(gain[problem.favoured.places].sum())
        if there < problem.favoured.share * whole - ROUNDING * float(np.abs(gain).sum()):
            share = there / whole if whole > 0.0 else 0.0
            found.append(Breach("priority", "gain", share, problem.favoured.share))
    return tuple(sorted(found, key=lambda breach: breach.constraint in OF_PLACES))


def tell_breach(breach: Breach, problem: Problem) -> str:
    """Return in Dutch what is not respected, where, and by how much."""
    found, bound = compact(breach.found), compact(breach.bound)
    kind = f"priority:{breach.place}" if breach.constraint == "priority" else breach.constraint
    share, least = compact(100.0 * breach.found), compact(100.0 * breach.bound)
    said = {
        "budget": f"{euro(breach.found)} besteed, {euro(breach.bound)} mag",
        "spend": f"{euro(breach.found)} besteed, {euro(breach.bound)} moet",
        "amount": f"{found} stappen, de grens is {bound}",
        "spacing": "staan te dicht bij elkaar",
        "ground": f"{found} in gebruik, er is {bound}",
        "no_harm": f"een groep verliest {found} DALY per 1000 inwoners per jaar",
        "priority:gain": f"{share} % van de winst, gevraagd is {least} %",
    }.get(kind, "minder dan het gevraagde deel")
    return f"{_where(breach, problem)}: {said}"


def _where(breach: Breach, problem: Problem) -> str:
    """Return in Dutch what a breach is of."""
    named = {"priority": "buurten met voorrang", "no_harm": "niemand slechter af"}
    if breach.constraint in named:
        return named[breach.constraint]
    if breach.constraint in {"budget", "spend"}:
        return "het hele budget" if breach.place == "budget" else f"het potje {breach.place}"
    numbers = [int(number) for number in re.findall(r"\d+", breach.place)]
    if breach.constraint == "ground":
        takers = np.flatnonzero(problem.rules.coupling == numbers[0])[:1].tolist()
        return f"de grond van plek {int(problem.options.site[takers[0]])}" if takers else "de grond"
    return " en ".join(_name(problem, option) for option in numbers)


def _name(problem: Problem, option: int) -> str:
    """Return the name of what an option builds, and its site."""
    options = problem.options
    names = options.interventions["name_nl"].to_numpy(str)
    kind = names[options.intervention[option]].split(":", maxsplit=1)[0]
    return f"{kind} op plek {int(options.site[option])}"
