"""Generations of plans: children of random pairs, of whom the best live on with their parents."""

import numpy as np
from numpy.typing import NDArray

from evenground.optimise.archive import Archive
from evenground.optimise.herd import Herd
from evenground.optimise.local import Take
from evenground.optimise.mutation import favours, mutate
from evenground.optimise.problem import Problem
from evenground.optimise.snapshot import Snapshot, dense, pack, sparse, unpack
from evenground.optimise.survival import SURVIVALS, Crowd

Float = NDArray[np.float64]
Long = NDArray[np.int64]
Plans = NDArray[np.int16]


class Evolution:
    """A population that is bred generation by generation.

    Parameters
    ----------
    take
        Scores plans, offers them to the archive and returns what is lowered.
    """

    def __init__(
        self, problem: Problem, archive: Archive, take: Take, rng: np.random.Generator
    ) -> None:
        self._problem, self._archive, self._take, self._rng = problem, archive, take, rng
        self._survive = SURVIVALS[problem.search.survival]
        self._size = problem.search.population
        self._herd = Herd(problem, self._size)
        self._favour = favours(problem)
        self._living: Long = np.zeros(0, np.int64)
        self._goals: Float = np.zeros((0, len(problem.search.objectives)))

    @property
    def has_begun(self) -> bool:
        """Whether there is a population."""
        return self._living.size > 0

    def begin(self, seeds: Plans, goals: Float) -> int:
        """Make the first generation of the seeds and of their mutants; return how many are new.

        Where there are more seeds than places, the best live on.

        Parameters
        ----------
        goals
            Of the seeds (candidate, objective).
        """
        if len(seeds) > self._size:
            others = np.zeros((0, goals.shape[1]))
            seeds = seeds[self._survive(Crowd(goals, others), self._size, self._rng).stay]
        start = seeds[np.arange(self._size) % len(seeds)].copy()
        if self._size > len(seeds):
            mutants = np.arange(len(seeds), self._size)
            mutate(self._problem, start, mutants, self._favour, self._rng)
            self._problem.repair(start, mutants)
        slots = self._herd.found(start)
        called = self._settle(slots, self._take(start, self._herd.evaluate(slots)))
        return self._size - len(seeds) + called

    def step(self) -> int:
        """Breed one generation, and return how many plans it evaluated."""
        slots = self._herd.breed(self._living, self._size, self._favour, self._rng)
        goals = self._take(self._herd.plans(slots), self._herd.evaluate(slots))
        slots_, goals_ = [self._living, slots], [self._goals, goals]
        return len(slots) + self._settle(np.concatenate(slots_), np.concatenate(goals_))

    def snapshot(self) -> Snapshot:
        """Return the population, in its order."""
        plans = [sparse(plan) for plan in self._herd.plans(self._living)]
        return Snapshot(pack("population", plans) | {"population_goals": self._goals}, {})

    def go_on(self, snapshot: Snapshot) -> "Evolution":
        """Take the population that a snapshot holds; its sums are computed anew, bit by bit."""
        plans = dense(unpack("population", snapshot.arrays), self._problem.empty.size)
        self._living = self._herd.found(plans)
        self._goals = snapshot.arrays["population_goals"]
        if len(plans):
            self._herd.evaluate(self._living)
        return self

    def _settle(self, slots: Long, goals: Float) -> int:
        """Let the best live on; return how many plans that had been lost were evaluated again."""
        archive, herd = self._archive, self._herd
        lost = np.flatnonzero(~np.isin(archive.keys, self._problem.hashes(herd.plans(slots))))
        chosen = self._survive(Crowd(goals, archive.goals[lost]), self._size, self._rng)
        stay, back = chosen.stay, lost[chosen.back]
        called = herd.call_back(slots[stay], archive.dense(back))
        self._living = np.concatenate([slots[stay], called])
        self._goals = np.concatenate([goals[stay], archive.goals[back]])
        return len(called)
