"""The plans of a population and their children, each in a slot of its own.

Keeps the sums of every plan by segment, so that a child is evaluated only where
it differs from both parents. What ranks and selects handles slots and scores,
never plans. Knows nothing of how parents are chosen.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.evaluation import Evaluation, Kept
from evenground.optimise.crossover import CROSSOVERS, squares_of
from evenground.optimise.mutation import mutate
from evenground.optimise.problem import Problem

Float = NDArray[np.float64]
Long = NDArray[np.int64]
Plans = NDArray[np.int16]

MOST_BYTES = 2_000_000_000
"""Memory that sums of segments may take; beyond it every plan is evaluated in full."""


class Herd:
    """Plans in slots: as many as a population and all its children.

    Parameters
    ----------
    most_bytes
        Memory that kept sums may take.
    """

    def __init__(self, problem: Problem, size: int, most_bytes: int = MOST_BYTES) -> None:
        self._problem = problem
        self._cross = CROSSOVERS[problem.search.crossover]
        self._squares = squares_of(problem.options)
        self._parents = np.full((2 * size, 2), -1, np.int64)
        n = problem.empty.size
        fits = 2 * size * problem.evaluator.kept_nbytes <= most_bytes
        self._kept: Kept | None = problem.evaluator.keep(2 * size) if fits else None
        self._plans = np.zeros((2 * size, n), np.int16) if self._kept is None else self._kept.plans

    @property
    def inherits(self) -> bool:
        """Whether children are evaluated only where they differ from both parents."""
        return self._kept is not None

    def found(self, plans: Plans) -> Long:
        """Put the first plans (candidate, option) in slots, and return these (candidate,)."""
        slots = np.arange(len(plans))
        self._plans[slots] = plans
        self._parents[slots] = -1
        return slots

    def plans(self, slots: Long) -> Plans:
        """Return the plans in some slots (candidate, option)."""
        return np.asarray(self._plans[slots])

    def breed(self, living: Long, n: int, favour: Float, rng: np.random.Generator) -> Long:
        """Make children of random pairs of those that live, and return their slots (child,).

        Parameters
        ----------
        living : (candidate,)
            Slots of the population; all others may be overwritten.
        favour : (option,)
            See ``mutation.mutate``.
        """
        pair = living[rng.integers(0, len(living), (n, 2))]
        slots = self._free(living)[:n]
        self._cross(self._squares, self._plans, slots, pair, rng)
        share = self._problem.search.mutation_share
        mutants = slots if share >= 1.0 else slots[rng.random(n) < share]
        mutate(self._problem, self._plans, mutants, favour, rng)
        self._problem.repair(self._plans, slots)
        self._parents[slots] = pair
        return slots

    def call_back(self, living: Long, plans: Plans) -> Long:
        """Put plans (candidate, option) beside those that live, and return their slots.

        They are evaluated, for their children to inherit.
        """
        slots = self._free(living)[: len(plans)]
        self._plans[slots] = plans
        self._parents[slots] = -1
        if self._kept is not None and len(plans):
            self.evaluate(slots)
        return slots

    def _free(self, living: Long) -> Long:
        """Return the slots in which nobody lives (slot,)."""
        is_free = np.ones(len(self._plans), bool)
        is_free[living] = False
        return np.flatnonzero(is_free)

    def evaluate(self, slots: Long) -> Evaluation:
        """Evaluate the plans in some slots, whose parents have been evaluated before."""
        evaluator = self._problem.evaluator
        if self._kept is None:
            return evaluator.evaluate(self._plans[slots])
        return evaluator.evaluate_kept(self._kept, slots, self._parents[slots])
