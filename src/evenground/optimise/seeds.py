"""Seeds: greedy paths from nothing to the whole budget, one for each goal.

Along a path the gains of all options are taken anew at every budget level,
and the options that gain most per euro are filled until the level is spent.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import fill_plan
from evenground.objectives import DISTRIBUTION, UNLED
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


def weightings(objectives: tuple[str, ...]) -> tuple[dict[str, float], ...]:
    """Return the goals of all paths: of each measure of distribution asked for, one more pair.

    Alone such a path serves who are burdened most and may leave money unspent; with the burden
    it spends all. A measure without a derivative leads none.
    """
    asked = [name for name in objectives if name in DISTRIBUTION and name not in UNLED]
    more = [goals for name in asked for goals in ({name: 1.0}, {"burden": 1.0, name: 1.0})]
    return (*WEIGHTINGS, *more)


def greedy_seeds(problem: Problem) -> Plans:
    """Return the empty plan and every step of every greedy path (candidate, option)."""
    plan = problem.empty[None, :]
    today, evaluation = problem.scores(plan)
    size = dict(zip(SCORES, np.abs(today[0]), strict=True))
    goals = problem.goal_values(plan, today, evaluation)[0]
    size |= dict(zip(problem.search.objectives, np.abs(goals), strict=True))
    plans = [problem.empty]
    for weighting in weightings(problem.search.objectives):
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
        gain = problem.gains(plan, weighting)
        plan = fill(problem, plan, gain, problem.search.budget_eur * level / levels)
        steps.append(plan)
    return steps


def fill(problem: Problem, plan: Plans, gain: Float, budget_eur: float) -> Plans:
    """Return the plan with options added by gain per euro until the budget is spent (option,)."""
    options = problem.options
    value = gain / np.maximum(options.capital_eur, 1e-9)
    order = np.argsort(-value, kind="stable")
    best_first = order[gain[order] > 0.0].astype(np.int32)
    out = plan.copy()
    fill_plan(
        out,
        best_first,
        options.most,
        options.coupling,
        options.use,
        options.capacity,
        options.capital_eur,
        budget_eur,
    )
    return out
