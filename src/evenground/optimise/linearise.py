"""Seeds by successive linearisation, with weights placed where the front has its largest gap.

At a plan the goals are replaced by what a step of each option takes off them; the best plan of
that linear problem within a budget is found by ratio, or by HiGHS where rules couple options, and
brought within everything that plans must respect; and so on from there, while the weighted goals
fall (Frank-Wolfe with rounding). Each goal goes alone first, then all together; then the pair of
weights whose plans lie furthest apart gets another between them. Budgets bound the cost.

References
----------
Frank, M. and Wolfe, P. (1956). An algorithm for quadratic programming. Naval Res. Logist. 3, 95.
Aneja, Y. P. and Nair, K. P. K. (1979). Bicriteria transportation problem. Manage. Sci. 25, 73.
"""

import logging
from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evenground.constraints import build_linear, maximise
from evenground.kernels import dominated
from evenground.objectives import UNLED
from evenground.optimise.problem import Problem
from evenground.optimise.seeds import fill, greedy_seeds, harmless_options, never

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Plans = NDArray[np.int16]
logger = logging.getLogger(__name__)

TURNS = 4
"""Most linearisations for one budget and weighting."""
FEWEST, MOST, PART = 64, 2000, 8
"""Plans that are evaluated at most beyond the greedy paths: a part of the search, in bounds."""
MOST_WEIGHTS = 24
"""Most weightings of which a path is gone."""
APART = 0.01
"""Distance between plans, in the spread of the goals, from which another is sought between."""
HIGHS_UP_TO = 20_000
"""Most options for which HiGHS is asked; beyond, ratios fill whatever the rules couple."""


def linearised_seeds(problem: Problem, is_late: Callable[[], bool] = never) -> Plans:
    """Return the least plan, and plans that no other one found dominates (candidate, option).

    Begins with the greedy paths, so that its front is never behind theirs. Deterministic. Beyond
    those paths no more is evaluated than one in eight of the plans of the search, or 64. The log
    says how many.

    Parameters
    ----------
    is_late
        Whether time is up; nothing more is sought then.
    """
    paths = greedy_seeds(problem)
    seeker = _Seeker(problem, len(paths), is_late)
    for plan in paths:
        seeker.add(plan)
    names: list[str] = [
        name for name in problem.search.objectives if name != "cost" and name not in UNLED
    ]
    names = [name for name in names if seeker.size[name] > 0.0]
    if names and problem.empty.size:
        masks = [np.ones(problem.empty.size, bool)]
        if problem.search.no_harm and not (harmless := harmless_options(problem)).all():
            masks.append(harmless)
        for mask in masks:
            _spread(seeker, names, mask, seeker.most * (1 + len(seeker.masked)) // len(masks))
            seeker.masked.append(mask)
    out = seeker.best()
    logger.info("%d plans evaluated for %d seeds", len(seeker.plans), len(out))
    return out


class _Seeker:
    """Evaluates plans and remembers them with their goals."""

    def __init__(self, problem: Problem, held: int, is_late: Callable[[], bool] = never) -> None:
        self.problem, self._is_late = problem, is_late
        names = problem.search.objectives
        self.most = held + max(FEWEST, min(MOST, problem.search.evaluations // PART))
        self.masked: list[Bool] = []
        self.plans: list[Plans] = []
        self.goals: list[Float] = []
        self.safe: list[bool] = []
        self._seen: dict[int, int] = {}
        _, self._today = problem.scores(problem.empty[None, :])
        self.size = dict(zip(names, np.abs(self._judge(problem.empty)[0]), strict=True))
        self.add(problem.start)
        rules = problem.rules
        coupled = len(rules.rows) > 1 or rules.near.size > 0 or rules.per_step.any()
        coupled = coupled or (rules.least > 1).any() or (rules.fixed_eur > 0.0).any()
        self.asks_highs = bool(coupled) and problem.empty.size <= HIGHS_UP_TO

    def add(self, plan: Plans) -> Float:
        """Evaluate a plan (option,) unless it was; return its goals (objective,)."""
        key = int(self.problem.hashes(plan[None, :])[0])
        if key not in self._seen:
            self._seen[key] = len(self.plans)
            goals, safe = self._judge(plan)
            self.plans.append(plan.copy())
            self.goals.append(goals)
            self.safe.append(safe)
        return self.goals[self._seen[key]]

    @property
    def is_full(self) -> bool:
        """Whether no more plans may be evaluated."""
        return len(self.plans) >= self.most or self._is_late()

    def best(self) -> Plans:
        """Return the first plan, and all that no other dominates, in the order found."""
        goals = np.ascontiguousarray(np.stack(self.goals))
        safe = np.array(self.safe)
        beaten = np.empty(len(goals), bool)
        dominated(goals, np.ascontiguousarray(goals[safe]) if safe.any() else goals, beaten)
        kept = np.flatnonzero(safe & ~beaten)
        kept = np.concatenate([[0], kept[kept != 0]])
        return np.stack([self.plans[k] for k in kept.tolist()])

    def weighted(self, goals: Float, weights: dict[str, float]) -> float:
        """Return weighted goals, each in shares of today."""
        names = self.problem.search.objectives
        return float(sum(w * goals[names.index(name)] for name, w in weights.items()))

    def _judge(self, plan: Plans) -> tuple[Float, bool]:
        """Return the goals of a plan, and whether it breaks nothing."""
        plans = plan[None, :]
        scores, evaluation = self.problem.scores(plans)
        broken = self.problem.violation(plans, evaluation, self._today)
        return self.problem.goal_values(plans, scores, evaluation)[0], bool(broken[0] <= 0.0)


def _spread(seeker: _Seeker, names: list[str], allowed: Bool, most: int) -> None:
    """Go a path for each goal, for all together, and then where plans lie furthest apart."""
    alone = [np.eye(len(names))[k] for k in range(len(names))]
    weights = [*alone, np.full(len(names), 1.0 / len(names))] if len(names) > 1 else alone
    ends: list[Float] = []
    tried: set[tuple[int, int]] = set()
    columns = [seeker.problem.search.objectives.index(name) for name in names]
    while len(seeker.plans) < most and len(ends) < MOST_WEIGHTS and not seeker.is_full:
        if len(ends) == len(weights):
            pair = _widest(ends, weights, tried)
            if pair is None:
                return
            tried.add(pair)
            weights.append(0.5 * (weights[pair[0]] + weights[pair[1]]))
        chosen = {
            name: float(w) / seeker.size[name]
            for name, w in zip(names, weights[len(ends)], strict=True)
            if w > 0.0
        }
        end = _path(seeker, chosen, allowed)
        scale = np.array([seeker.size[name] for name in names])
        ends.append(end[columns] / scale)


def _widest(
    ends: list[Float], weights: list[Float], tried: set[tuple[int, int]]
) -> tuple[int, int] | None:
    """Return the pair whose plans lie furthest apart and that has nothing between; None = none.

    Distances are in the spread of each goal over all plans found.
    """
    points = np.stack(ends)
    spread = np.ptp(points, axis=0)
    points = points / np.where(spread > 0.0, spread, 1.0)
    found, widest = None, APART
    for a, b in combinations(range(len(ends)), 2):
        apart = float(np.linalg.norm(points[a] - points[b]))
        middle = 0.5 * (weights[a] + weights[b])
        is_new = not any(np.allclose(middle, other) for other in weights)
        if (a, b) not in tried and is_new and apart > widest + 1e-12:
            found, widest = (a, b), apart
    return found


def _path(seeker: _Seeker, weights: dict[str, float], allowed: Bool) -> Float:
    """Find a plan for every budget level; return the goals of that of the whole budget."""
    problem = seeker.problem
    levels = problem.search.budget_levels
    plan = problem.start
    goals = seeker.add(plan)
    for level in range(1, levels + 1):
        if seeker.is_full:
            break
        budget = problem.search.budget_eur * level / levels
        plan, goals = _descend(seeker, plan, weights, allowed, budget)
    return goals


def _descend(
    seeker: _Seeker, plan: Plans, weights: dict[str, float], allowed: Bool, budget_eur: float
) -> tuple[Plans, Float]:
    """Return the best plan within a budget by linearisation after linearisation, and its goals."""
    problem = seeker.problem
    at_level = problem.with_budget(budget_eur)
    gain = np.where(allowed, problem.gains(plan, weights), 0.0)
    best = at_level.repair(fill(problem, plan, gain, budget_eur)[None, :])[0]
    goals = seeker.add(best)
    for turn in range(TURNS):
        if seeker.is_full:
            break
        gain = np.where(allowed, problem.gains(best, weights), 0.0)
        afresh = at_level.repair(fill(problem, problem.start, gain, budget_eur)[None, :])[0]
        if turn == 0 and seeker.asks_highs:
            linear = _by_highs(at_level, gain, budget_eur)
            afresh = linear if (linear * gain).sum() > (afresh * gain).sum() else afresh
        found = seeker.add(afresh)
        if seeker.weighted(found, weights) >= seeker.weighted(goals, weights):
            break
        best, goals = afresh, found
    return best, goals


def _by_highs(problem: Problem, gain: Float, budget_eur: float) -> Plans:
    """Return the best plan of the linear problem, rounded down and filled up."""
    linear = build_linear(problem.rules)
    try:
        amount = maximise(linear, gain).amount
    except ValueError:
        return problem.start
    plan = np.floor(amount + 1e-6).astype(np.int16)
    plan = problem.repair(plan[None, :])[0]
    return np.asarray(problem.repair(fill(problem, plan, gain, budget_eur)[None, :])[0])
