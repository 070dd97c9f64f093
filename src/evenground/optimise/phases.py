r"""Several years, each with its own money: what is built first, and what comes later.

Takes a plan and the euros of every year so far; gives nested plans
:math:`x_1 \le x_2 \le \dots \le x_T`, so that nothing built is taken away. Gains are taken
anew several times a year at what stands by then. Beside it stands what the same greedy rule, or the
archive, makes of the money of a year without anything built before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import SLACK, Rules
from evenground.constraints.spend import raise_options
from evenground.objectives import cost
from evenground.optimise.archive import Archive
from evenground.optimise.problem import SCORES, Problem

Float = NDArray[np.float64]
Plans = NDArray[np.int16]


def in_shares(problem: Problem, weighting: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of a unit of each score from those of its share of today.

    A score that is nothing today has no share, and is left out.
    """
    today, _ = problem.scores(problem.empty[None, :])
    size = dict(zip(SCORES, np.abs(today[0]), strict=True))
    return {name: w / size[name] for name, w in weighting.items() if size[name] > 0.0}


def nest(
    problem: Problem, plan: Plans, budgets_eur: Sequence[float], weighting: Mapping[str, float]
) -> Plans:
    """Return what stands of a plan (option,) at the end of each year, as (year, option).

    What is locked in comes first, then the largest gain per euro; what gains nothing comes
    last. A project is started with no less than its least amount, and starting it is paid in
    the year of the start. In the year that can pay for the rest, the plan stands whole.

    Parameters
    ----------
    budgets_eur : (year,)
        Euros of all years so far.
    weighting
        Weight of a unit of each score.
    """
    least = np.minimum(problem.rules.least, np.maximum(plan, 1))
    rules = replace(problem.rules, most=plan, least=least)
    whole_eur = float(cost.total(plan[None, :], rules.capital_eur, rules.fixed_eur)[0])
    out, now, before_eur = [], problem.empty, 0.0
    for eur in budgets_eur:
        if whole_eur <= eur * (1.0 + SLACK):
            now = plan.copy()
        else:
            levels = _levels(problem, before_eur, eur)
            now = _spend(problem, rules, now, levels, weighting, harmful=True)
        out.append(now)
        before_eur = eur
    return np.stack(out)


def plan_afresh(problem: Problem, budget_eur: float, weighting: Mapping[str, float]) -> Plans:
    """Return the plan (option,) that the same rule makes of a budget with nothing built before."""
    levels = _levels(problem, 0.0, budget_eur)
    return _spend(problem, problem.rules, problem.empty, levels, weighting, harmful=False)


def _levels(problem: Problem, low_eur: float, high_eur: float) -> list[float]:
    """Return the euros at which gains are taken anew, as many as along the paths of the seeds."""
    n = problem.search.budget_levels
    return [low_eur + (high_eur - low_eur) * (k / n) for k in range(1, n)] + [high_eur]


def best_kept(archive: Archive, budget_eur: float, weighting: Mapping[str, float]) -> int | None:
    """Return the kept candidate with the lowest weighted scores that costs no more, if any."""
    affordable = archive.scores[:, SCORES.index("capital")] <= budget_eur * (1.0 + SLACK)
    if not affordable.any():
        return None
    columns = [weight * archive.scores[:, SCORES.index(name)] for name, weight in weighting.items()]
    value = np.sum(columns, axis=0)
    return int(np.argmin(np.where(affordable, value, np.inf)))


def _spend(
    problem: Problem,
    rules: Rules,
    plan: Plans,
    levels_eur: Sequence[float],
    weighting: Mapping[str, float],
    *,
    harmful: bool,
) -> Plans:
    """Return the plan with options raised by gain per euro, level by level of the euros so far.

    Parameters
    ----------
    harmful
        Whether what gains nothing is built as well, last.
    """
    lock = np.minimum(problem.rules.lock, rules.most)
    locked = replace(rules, most=lock, least=np.ones_like(rules.least))
    out = plan.copy()
    for eur in levels_eur:
        gain = problem.gains(out, weighting)
        value = gain / np.maximum(rules.price_eur, 1e-9)
        order = np.argsort(-value, kind="stable").astype(np.int32)
        if lock.any():
            raise_options(out, order, locked.with_budget(eur))
        if not harmful:
            order = np.ascontiguousarray(order[gain[order] > 0.0])
        raise_options(out, order, rules.with_budget(eur))
    return out
