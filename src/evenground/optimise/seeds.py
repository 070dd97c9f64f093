"""Seeds: greedy paths from nothing to the whole budget, one for each goal.

Along a path the gains of all options are taken anew at every budget level,
and the options that gain most per euro are filled until the level is spent.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.spend import raise_options
from evenground.optimise.problem import SCORES, Problem

Float = NDArray[np.float64]
Plans = NDArray[np.int16]

WEIGHTINGS: tuple[dict[str, float], ...] = (
    {"burden": 1.0},
    {"inequality": 1.0},
    {"ses_gradient": 1.0},
    {"stacking": 1.0},
    {"access": 1.0},
    {"burden": 1.0, "ses_gradient": 1.0},
    {"burden": 1.0, "inequality": 1.0, "stacking": 1.0, "ses_gradient": 1.0, "access": 1.0},
)
"""Goals that a path follows; each is measured in shares of its score today."""


def greedy_seeds(problem: Problem) -> Plans:
    """Return the plan that builds as little as it may, and every step of every greedy path.

    As (candidate, option).
    """
    today, _ = problem.scores(problem.empty[None, :])
    size = dict(zip(SCORES, np.abs(today[0]), strict=True))
    plans = [problem.start]
    for weighting in WEIGHTINGS:
        usable = {name: w / size[name] for name, w in weighting.items() if size[name] > 0.0}
        if usable:
            plans += _path(problem, usable)
    return np.stack(plans)


def _path(problem: Problem, weighting: dict[str, float]) -> list[Plans]:
    """One greedy path: a plan for every budget level."""
    plan = problem.start
    steps = []
    levels = problem.search.budget_levels
    for level in range(1, levels + 1):
        gain = problem.gains(plan, weighting)
        plan = fill(problem, plan, gain, problem.search.budget_eur * level / levels)
        steps.append(plan)
    return steps


def fill(problem: Problem, plan: Plans, gain: Float, budget_eur: float) -> Plans:
    """Return the plan with options added by gain per euro until the budget is spent (option,)."""
    rules = problem.rules.with_budget(budget_eur)
    value = gain / np.maximum(rules.price_eur, 1e-9)
    order = np.argsort(-value, kind="stable")
    best_first = order[gain[order] > 0.0].astype(np.int32)
    out = plan.copy()
    raise_options(out, best_first, rules)
    return out
