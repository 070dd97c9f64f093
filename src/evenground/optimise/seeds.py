"""Seeds: greedy paths from nothing to the whole budget, one for each goal.

Along a path the gains of all options are taken anew at every budget level,
and the options that gain most per euro are filled until the level is spent.
"""

import numpy as np
from numpy.typing import NDArray

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
    """Return the empty plan and every step of every greedy path (candidate, option)."""
    today, _ = problem.scores(problem.empty[None, :])
    size = dict(zip(SCORES, np.abs(today[0]), strict=True))
    plans = [problem.empty]
    for weighting in WEIGHTINGS:
        usable = {name: w / size[name] for name, w in weighting.items() if size[name] > 0.0}
        if usable:
            plans += _path(problem, usable)
    return np.stack(plans)


def _path(problem: Problem, weighting: dict[str, float]) -> list[Plans]:
    """One greedy path: a plan for every budget level."""
    plan = problem.empty
    steps = []
    levels = problem.search.budget_levels
    for level in range(1, levels + 1):
        gain = np.zeros(plan.size)
        for name, weight in weighting.items():
            gain += weight * problem.gains(plan, name)
        plan = fill(problem, plan, gain, problem.search.budget_eur * level / levels)
        steps.append(plan)
    return steps


def fill(problem: Problem, plan: Plans, gain: Float, budget_eur: float) -> Plans:
    """Add options by gain per euro until the budget is spent (option,)."""
    options = problem.options
    out = plan.copy()
    spent = float(out.astype(float) @ options.capital_eur)
    used = np.bincount(options.coupling, out * options.use, options.capacity.size)
    order = np.argsort(-gain / np.maximum(options.capital_eur, 1e-9), kind="stable")
    for j in order[gain[order] > 0.0]:
        cost, ground = options.capital_eur[j], options.coupling[j]
        room = min(
            int(options.most[j]) - int(out[j]),
            int((options.capacity[ground] - used[ground]) / options.use[j] + 1e-9),
            int((budget_eur - spent) / cost + 1e-9) if cost > 0.0 else int(options.most[j]),
        )
        if room > 0:
            out[j] += room
            spent += room * cost
            used[ground] += room * options.use[j]
        if budget_eur - spent < options.capital_eur.min():
            break
    return out
