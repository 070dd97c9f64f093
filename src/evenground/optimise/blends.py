r"""Seeds by blends of goals: the plan that gains most within a budget, for many weights.

Takes a problem; gives batches of plans, the coarse ones first, so that a search has a useful front
long before all are made. Gains are taken at a few plans only, at once for all goals, and weighed
for any number of blends: that costs next to nothing. Along a path for all goals together the mean
gain of each goal up to a budget is kept. A plan that is made afresh is thus judged by what its
steps gain on the way and not by the last of them, which for a goal that can be met is nothing.

Notes
-----
The gain of goal k of a plan of size t on the path x, and its blend with weights w and budget B:

.. math:: \bar g_k(t) = \tfrac1t \int_0^t -\partial f_k(x(s))\, ds, \qquad
   \max_{c x \le B} \sum_k \frac{w_k}{R_k}\, \bar g_k x

with R the way from the plan that builds least to the best end. Weights are even over the sphere,
squared: more than even weights would, they lie near one goal or two.

References
----------
Aumann, R. J. and Shapley, L. S. (1974). Values of Non-Atomic Games. Princeton University Press.
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from evenground.objectives import UNLED
from evenground.optimise.pricing import Pricer
from evenground.optimise.problem import Problem
from evenground.optimise.seeds import fill, greedy_batches, harmless_options

Float = NDArray[np.float64]
Plans = NDArray[np.int16]

LEVELS = 10
"""Budgets of each goal, at even distances up to the whole; those of the bound."""
WORTH_OF_A_SEED = 5
"""Plans that could be evaluated in the time that one seed takes, about."""
MOST = 1024
"""Most plans of this kind: a power of two, so that weights are even."""
BATCH = 16
"""Blends that are made before they are evaluated."""
EARLY = 240
"""Most blends that come before the budgets of each goal and the greedy paths."""
RUNS_OUT = 0.5
"""Part of what its first gains promise below which a goal counts as one that can be met."""
STEPS = 20
"""Budgets of the path of such a goal, at even distances."""
LEAST_PART = 0.02
"""Part of the budget below which no blend is made."""


def blend_batches(problem: Problem) -> Iterator[Plans]:
    """Give the least plan with the ends of all goals, then blends, budgets and greedy paths.

    Of goals that can be met, as that everybody has a place to play near, there is a path besides.

    No more are made, greedy paths apart, than ``seed_share`` of the search has time for; which
    ones does not depend on the clock.
    """
    settings = problem.search
    most = min(MOST, int(settings.seed_share * settings.evaluations / WORTH_OF_A_SEED))
    led = _led(problem) if problem.empty.size and most else {}
    if not led:
        yield from greedy_batches(problem)
        return
    blender = _Blender(problem, led)
    yield np.concatenate([problem.start[None, :], *blender.ends()])
    yield from blender.some(min(most - blender.made, BATCH))
    yield from blender.meet(most - blender.made)
    if most > blender.made:
        blender.go_path()
    yield from blender.some(min((most - blender.made) // 2, EARLY))
    yield from blender.goals(most - blender.made)
    yield from greedy_batches(problem)
    yield from blender.some(most - blender.made)


def _led(problem: Problem) -> dict[str, float]:
    """Return the goals that have gains, with their size today."""
    goals = np.abs(problem.goals_of(problem.empty[None, :])[0])
    size = dict(zip(problem.search.objectives, goals.tolist(), strict=True))
    return {n: s for n, s in size.items() if n != "cost" and n not in UNLED and s > 0.0}


class _Blender:
    """Makes the plans of one problem.

    Parameters
    ----------
    led
        Goals that have gains, with their size today.
    """

    def __init__(self, problem: Problem, led: dict[str, float]) -> None:
        self._problem = problem
        allowed = np.ones(problem.empty.size, bool)
        if problem.search.no_harm:
            allowed = harmless_options(problem)
        self._allowed, self._pricer = allowed, Pricer(problem, allowed)
        self._units = [{name: 1.0} for name in led]
        self._columns = [problem.search.objectives.index(name) for name in led]
        self._range = np.array(list(led.values()))
        # the mean gain of each goal up to each of some budgets (goal, option)
        self._gain = [problem.gains_of(problem.start, self._units)]
        # of a goal that can be met, what each step brought on its own path (option,)
        self.brought: dict[int, Float] = {}
        self.met: list[int] = []
        self._weights = _weights(len(led))
        self.made = self._blended = 0

    def ends(self) -> list[Plans]:
        """Return the plan of the whole budget for each goal, and scale weights by these.

        Notes which goals win far less than their first gains promise.
        """
        plans = [self._plan(weights, 1.0)[None, :] for weights in np.eye(len(self._units))]
        tried = np.concatenate([self._problem.start[None, :], *plans])
        goals = self._goals(tried)
        for k, plan in enumerate(plans):
            promised = float((self._gain[0][k] * plan[0]).sum())
            if goals[0, k] - goals[1 + k, k] < RUNS_OUT * promised:
                self.met.append(k)
        spread = goals[0] - goals.min(axis=0)
        self._range = np.where(spread > 0.0, spread, self._range)
        return plans

    def some(self, count: int) -> Iterator[Plans]:
        """Give so many blends with weights and budgets that were not used yet."""
        chosen = self._weights[self._blended : self._blended + max(count, 0)]
        self._blended += len(chosen)
        for first in range(0, len(chosen), BATCH):
            few = chosen[first : first + BATCH]
            yield np.stack([self._plan(row[:-1], max(row[-1], LEAST_PART)) for row in few])

    def meet(self, most: int) -> Iterator[Plans]:
        """Give the greedy path of each goal that can be met, and take its gains along it.

        Each step counts by what its budget truly brought. Gains at one plan say nothing of a
        goal of which a part is met by a whole step and no part by less.
        """
        for k in self.met if most > 0 else []:
            plans, self.brought[k] = self._path(k)
            self._gain[0][k] = self.brought[k]
            kept = plans[: max(0, most)]
            self.made += len(kept)
            most -= len(kept)
            if kept:
                yield np.stack(kept)

    def _path(self, k: int) -> tuple[list[Plans], Float]:
        """Return the greedy path of a goal, and what a step of each option brought (option,)."""
        problem, unit = self._problem, self._units[k]
        plan, gain = problem.start, self._gain[0][k]
        value = float(self._goals(plan[None, :])[0, k])
        plans, brought = [], np.zeros(plan.size)
        for step in range(1, STEPS + 1):
            usable = np.where(self._allowed, gain, 0.0)
            then = fill(problem, plan, usable, problem.search.budget_eur * step / STEPS)
            added = then - plan
            if not added.any():
                break
            before, value = value, float(self._goals(then[None, :])[0, k])
            true = max(before - value, 0.0) / float((usable * added).sum())
            begun = (added > 0) & (plan == 0)
            brought[begun] = true * gain[begun]
            plan, gain = then, problem.gains(then, unit)
            plans.append(plan)
        # what was left out brings what it would bring at the end
        return plans, np.where(plan == 0, np.minimum(gain, brought.max(initial=0.0)), brought)

    def _goals(self, plans: Plans) -> Float:
        """Return the goals that have gains of some plans (candidate, goal)."""
        return self._problem.goals_of(plans)[:, self._columns]

    def go_path(self) -> None:
        """Take the gains anew at each budget but the last, along the path of all goals."""
        total, even = self._gain[0], np.ones(len(self._units))
        for level in range(1, LEVELS):
            plan = self._plan(even, level / LEVELS)
            self.made -= 1
            total = total + self._problem.gains_of(plan, self._units)
            mean = total / (level + 1)
            for k, brought in self.brought.items():
                mean[k] = brought
            self._gain.append(mean)

    def goals(self, most: int) -> Iterator[Plans]:
        """Give the plans of all budgets for all goals together, and for each alone."""
        every = [np.ones(len(self._units)), *np.eye(len(self._units))]
        if len(self._units) == 1:
            every = every[:1]
        for weights in every[: -(-max(most, 0) // LEVELS)]:
            parts = np.arange(LEVELS, 0, -1) / LEVELS
            yield np.stack([self._plan(weights, part) for part in islice(parts, most)])
            most -= LEVELS

    def _plan(self, weights: Float, part: float) -> Plans:
        """Return the plan (option,) of a blend (goal,) within a part of the budget."""
        problem = self._problem
        gain = self._gain[min(int(part * LEVELS), len(self._gain) - 1)]
        budget_eur = float(part * problem.search.budget_eur)
        # not by @, whose order of adding depends on threads
        blend = (gain * (weights / self._range)[:, None]).sum(axis=0)
        self.made += 1
        return self._pricer.at_gains(problem.with_budget(budget_eur), blend, budget_eur)


def _weights(n_goal: int) -> Float:
    """Return weights of blends and, last, the part of the budget (blend, goal + 1)."""
    share = qmc.Sobol(n_goal + 1, scramble=True, rng=np.random.default_rng(1)).random(MOST)
    square = ndtri(np.clip(share[:, :-1], 1e-9, 1.0 - 1e-9)) ** 2
    size = np.maximum(square.sum(axis=1, keepdims=True), 1e-12)
    return np.column_stack([square / size, share[:, -1]])
