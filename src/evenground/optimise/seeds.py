"""Seeds: greedy paths from nothing to the whole budget, one for each goal.

Along a path the gains of all options are taken anew at every budget level,
and the options that gain most per euro are filled until the level is spent.
Levels grow with the square of their number: the first euros gain most, and a
path in even steps leaves cheap plans to luck.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.spend import raise_options
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


def never() -> bool:
    """Say that time is not up."""
    return False


def greedy_seeds(problem: Problem) -> Plans:
    """Return the least plan and every step of every greedy path (candidate, option)."""
    return np.concatenate(list(greedy_batches(problem)))


def greedy_batches(problem: Problem) -> Iterator[Plans]:
    """Give the greedy paths one by one (candidate, option), with the first the least plan.

    Where nobody may be harmed, each path is gone once more without the interventions that
    harm somebody, for the search would drop whatever harms.
    """
    plan = problem.empty[None, :]
    today, evaluation = problem.scores(plan)
    size = dict(zip(SCORES, np.abs(today[0]), strict=True))
    goals = problem.goal_values(plan, today, evaluation)[0]
    size |= dict(zip(problem.search.objectives, np.abs(goals), strict=True))
    usable = [
        {name: w / size[name] for name, w in weighting.items() if size[name] > 0.0}
        for weighting in weightings(problem.search.objectives)
    ]
    usable = [weighting for weighting in usable if weighting]
    every = np.ones(problem.empty.size, bool)
    masks = [every]
    if problem.search.no_harm and not (harmless := harmless_options(problem)).all():
        masks.append(harmless)
    plans = [problem.start]
    # all paths begin at the same plan
    begin: Iterable[Float] = problem.gains_of(problem.start, usable) if usable else ()
    for mask in masks:
        for weighting, gain in zip(usable, begin, strict=True):
            plans += _path(problem, weighting, mask, gain)
            yield np.stack(plans)
            plans = []
    if plans:
        yield np.stack(plans)


def harmless_options(problem: Problem) -> NDArray[np.bool_]:
    """Say of each option (option,) whether its intervention, built everywhere, harms nobody.

    A street that is closed sends its traffic elsewhere; a tree harms nobody.
    """
    kinds = np.unique(problem.options.intervention)
    is_kind = problem.options.intervention == kinds[:, None]
    plans = np.where(is_kind, problem.rules.most, 0).astype(np.int16)
    _, today = problem.scores(problem.empty[None, :])
    _, then = problem.scores(np.concatenate([problem.empty[None, :], plans]))
    harms = problem.harm(then, today)[1:] > problem.search.no_harm_tolerance
    return np.asarray(~(is_kind & harms[:, None]).any(axis=0))


def _path(
    problem: Problem, weighting: dict[str, float], allowed: NDArray[np.bool_], gain: Float
) -> list[Plans]:
    """One greedy path along the options that are allowed: a plan for every budget level.

    Parameters
    ----------
    gain
        Of a step of each option at the plan where it begins (option,).
    """
    plan = problem.start
    steps: list[Plans] = []
    levels = problem.search.budget_levels
    for level in range(1, levels + 1):
        if steps:
            gain = problem.gains(plan, weighting)
        gain = np.where(allowed, gain, 0.0)
        plan = fill(problem, plan, gain, problem.search.budget_eur * (level / levels) ** 2)
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
