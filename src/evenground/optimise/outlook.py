"""What a search has before it: how many options are left, what money buys, and how long it takes.

Takes a problem; evaluates a few plans to see how fast it goes. Finds nothing.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground.optimise.problem import Problem
from evenground.optimise.seeds import fill

Float = NDArray[np.float64]

TRIED = 16
"""Plans that are evaluated to see how fast it goes."""
BYTES_PER_KEPT = 4096
"""Memory of a plan that an archive keeps, about: its active options, scores and goals."""


@dataclass(frozen=True)
class Outlook:
    """What is known before a search."""

    fits: int
    """Options that fit on the ground."""
    is_open: int
    """Those outside closed places, and with room for the smallest project."""
    affordable: int
    """Those of which the smallest project is affordable."""
    buys: dict[str, float]
    """Intervention = how much of it the money buys if all goes to it alone, in its unit."""
    seconds: float
    """Of the whole search, about, on this machine as it is now."""
    gigabytes: float
    """Memory of the arrays and of all plans kept, about."""


def look_ahead(problem: Problem) -> Outlook:
    """Return what a search has before it."""
    rules = problem.rules
    is_open = rules.most >= np.maximum(rules.least, 1)
    euros = rules.least * rules.capital_eur + rules.fixed_eur
    affordable = is_open.copy()
    for k, row in enumerate(rules.rows):
        affordable &= ~rules.counts(k) | (euros <= row.eur * (1.0 + 1e-9))
    weights = problem.evaluator.nbytes
    kept = problem.search.evaluations * BYTES_PER_KEPT
    plans = problem.search.population * rules.most.nbytes * 4
    return Outlook(
        fits=int((rules.room > 0).sum()),
        is_open=int(is_open.sum()),
        affordable=int(affordable.sum()),
        buys=_buys(problem),
        seconds=_seconds(problem),
        gigabytes=(weights + kept + plans) / 1e9,
    )


def _buys(problem: Problem) -> dict[str, float]:
    """Return how much of each intervention alone the money buys, the cheapest places first."""
    options, rules = problem.options, problem.rules
    out = {}
    for row, name in enumerate(options.interventions.index):
        chosen = options.intervention == row
        cheap = np.where(chosen, 1.0 / np.maximum(rules.price_eur, 1e-9), 0.0)
        plan = fill(problem, problem.empty, cheap * rules.price_eur, problem.search.budget_eur)
        out[str(name)] = float((plan * options.step)[chosen].sum())
    return out


def _seconds(problem: Problem) -> float:
    """Return how long the evaluations of the search take, from a few of a plan of full size."""
    if not problem.rules.most.size:
        return 0.0
    gain = problem.gains(problem.empty, {"burden": 1.0})
    plan = fill(problem, problem.empty, gain, problem.search.budget_eur)
    plans = np.repeat(plan[None, :], TRIED, axis=0)
    problem.scores(plans)  # compiles, which is once
    began = time.perf_counter()
    problem.scores(problem.repair(plans))
    return (time.perf_counter() - began) / TRIED * problem.search.evaluations
