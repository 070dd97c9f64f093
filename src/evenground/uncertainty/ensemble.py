"""The same plans in every city of the ensemble: outcomes, who stays best, and where to build.

Takes the base of a case, draws and plans; gives arrays by draw. Knows nothing of how they
are told.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground.evaluation import Evaluation
from evenground.objectives import gaps
from evenground.objectives.health import burden_per_1000
from evenground.optimise import SCORES, Problem, fill
from evenground.uncertainty.draws import Draws
from evenground.uncertainty.world import Base, build_world

Float = NDArray[np.float64]
Plans = NDArray[np.int16]

OUTCOMES = ("burden", "gap", "ses_gap", "stacking", "access", "capital", "cost")
"""What is followed: DALY per year; the two gaps in DALY per 1000 residents per year, never
clamped; the stacking measure; the shortfall of places to play; euros, and euros per year."""


@dataclass(frozen=True)
class Ensemble:
    """Plans in every city that was drawn; the first plan is today."""

    draws: Draws
    outcome: Float
    """(draw, plan, outcome), in the order of ``OUTCOMES``."""
    stays: NDArray[np.bool_]
    """Whether no other plan beats it on all objectives of the search (draw, plan)."""
    per_1000: NDArray[np.float32]
    """DALY per 1000 residents per year (draw, plan, neighbourhood)."""
    chosen: Float
    """Share of the draws in which something would be built on a site if the choice were
    made anew (site,)."""
    held: Float
    """Share of the plans that nothing beats, over all draws, that build on a site (site,)."""


def build_ensemble(base: Base, draws: Draws, plans: Plans) -> Ensemble:
    """Judge plans (plan, option) in every city; the first is the empty plan.

    A site would be chosen anew in a city where something is bought there when the whole
    budget is spent on the largest gain per euro, all objectives alike in shares of today.
    """
    n, n_plan = len(draws), len(plans)
    outcome = np.empty((n, n_plan, len(OUTCOMES)))
    stays = np.empty((n, n_plan), bool)
    per_1000 = np.empty((n, n_plan, base.problem.frame.residents.size), np.float32)
    site = base.problem.options.site
    n_site = len(base.problem.options.sites)
    chosen = np.zeros(n_site)
    for k in range(n):
        world = build_world(base, draws.one(k))
        scores, evaluation = world.scores(plans)
        outcome[k] = outcomes(world, scores, evaluation)
        goals = world.goal_values(plans, scores, evaluation)
        stays[k, 0] = False
        stays[k, 1:] = _undominated(goals[1:])
        per_1000[k] = burden_per_1000(evaluation, world.frame.residents)
        chosen[np.unique(site[_choose(world, scores[0]) > 0])] += 1.0
    builds = np.stack([np.bincount(site[plan > 0], minlength=n_site) > 0 for plan in plans])
    held = stays.sum(axis=0) @ builds / max(int(stays.sum()), 1)
    return Ensemble(draws, outcome, stays, per_1000, chosen / max(n, 1), held)


def outcomes(problem: Problem, scores: Float, evaluation: Evaluation) -> Float:
    """Return the outcomes of plans (plan, outcome)."""
    _, gap, ses_gap, _ = gaps(evaluation, problem.frame)
    column = {name: scores[:, k] for k, name in enumerate(SCORES)}
    column |= {"gap": gap, "ses_gap": ses_gap}
    return np.column_stack([column[name] for name in OUTCOMES])


def _undominated(goals: Float) -> NDArray[np.bool_]:
    """Say which of a few plans no other is at least as good as on all goals, and better on one."""
    no_worse = (goals[:, None, :] <= goals[None, :, :]).all(axis=2)
    better = (goals[:, None, :] < goals[None, :, :]).any(axis=2)
    return np.asarray(~(no_worse & better).any(axis=0))


def _choose(world: Problem, today: Float) -> Plans:
    """Return the plan that spends the budget on the largest gain per euro (option,)."""
    size = dict(zip(SCORES, np.abs(today), strict=True))
    goals = ("burden", "inequality", "ses_gradient", "stacking", "access")
    weighting = {name: 1.0 / size[name] for name in goals if size[name] > 0.0}
    empty = world.empty
    return fill(world, empty, world.gains(empty, weighting), world.search.budget_eur)
