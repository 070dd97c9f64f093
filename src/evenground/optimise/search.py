"""A search step by step: seeds, generations, then small moves; nothing good is forgotten.

Every step leaves the search in a state of plain arrays, from which it goes on to the same
plans. The same settings and seed give the same archive on any number of threads and after
any number of interruptions, unless a time limit cuts the search short.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.optimise.archive import EARLIER, EVOLUTION, LOCAL, SEED, Archive
from evenground.optimise.books import Books, Progress
from evenground.optimise.evolution import Evolution
from evenground.optimise.local import Mending
from evenground.optimise.pace import SEEDS_PART
from evenground.optimise.problem import Problem
from evenground.optimise.snapshot import Snapshot, Sparse, dense, pack, sparse, unpack
from evenground.optimise.start import make_batches

Float = NDArray[np.float64]
Plans = NDArray[np.int16]
logger = logging.getLogger(__name__)
Phase = Literal["seed", "evolve", "mend", "over"]
Keep = Callable[["Search"], None]
"""Called with the search before its first step and after every one; may take a snapshot."""


@dataclass(frozen=True)
class Found:
    """What a search found."""

    archive: Archive
    history: pd.DataFrame
    """Plans evaluated, seconds, archive size and hypervolume after every generation, and what
    brought it there (``archive.ORIGINS``)."""
    evaluated: int
    is_cut_short: bool
    """True if the time limit ended the search."""


class Search:
    """A search between two of its steps.

    Parameters
    ----------
    seeds : (candidate, option)
        Plans of an earlier search to start from besides our own.
    start
        Snapshot of this very search, to go on from; seeds are not needed then.
    """

    def __init__(
        self,
        problem: Problem,
        progress: Progress | None = None,
        seeds: Plans | None = None,
        start: Snapshot | None = None,
    ) -> None:
        settings = problem.search
        self._problem, self._books = problem, Books(problem, progress)
        self._rng = np.random.default_rng([settings.seed, 1])
        self._to_mend = int(settings.local_share * settings.evaluations)
        self._until = settings.evaluations
        self._evolve_until_s = 0.0
        self._evolution: Evolution | None = None
        self._mending: Mending | None = None
        pace = self._books.pace
        self._batches = make_batches(problem, lambda: pace.is_past(SEEDS_PART))
        self._made = 0
        self._seeds: list[Sparse] = []
        self._goals: list[Float] = []
        self._earlier: Plans = self._problem.empty[None, :][:0] if seeds is None else seeds
        self._phase: Phase = "seed"
        self._is_cut_short = False
        if start is not None:
            self._go_on(start)

    def _seed(self) -> None:
        """Put the next seeds in, or end with those of an earlier search."""
        books, pace = self._books, self._books.pace
        is_late = self._made > 0 and pace.is_past(SEEDS_PART)
        seeds = None if is_late else next(self._batches, None)
        if seeds is not None:
            began = pace.spent
            self._hold(seeds, books.take_seeds(seeds))
            # what a plan costs in full bounds what children cost, before there are any
            each = (pace.spent - began) / len(seeds)
            pace.expect("evolve", each * self._problem.search.population)
            self._made += 1
            books.tell(SEED)
            return
        if len(self._earlier):
            self._hold(*books.take_earlier(self._earlier))
            books.tell(EARLIER)
        if pace.limit_s is not None:
            left = pace.limit_s - pace.spent
            self._evolve_until_s = pace.limit_s - self._problem.search.local_share * left
        self._phase = "evolve"

    def _hold(self, seeds: Plans, goals: Float) -> None:
        """Keep seeds (candidate, option) and their goals for the first generation."""
        self._seeds += [sparse(plan) for plan in seeds]
        self._goals.append(goals)

    def _go_on(self, snapshot: Snapshot) -> None:
        """Take the place that a snapshot holds."""
        told = snapshot.told
        self._books.go_on(snapshot)
        self._phase, self._is_cut_short = told["phase"], told["is_cut_short"]
        self._until, self._evolve_until_s = told["until"], told["evolve_until_s"]
        if told["has_begun"]:
            self._evolution = self._new_evolution().go_on(snapshot)
        else:
            self._seeds = unpack("seeds", snapshot.arrays)
            self._goals = [snapshot.arrays["seeds_goals"]]
        if self._phase == "seed":
            earlier = unpack("earlier", snapshot.arrays)
            self._earlier = dense(earlier, self._problem.empty.size)
            for self._made in range(1, told["made"] + 1):  # these stand in the books
                next(self._batches)
        if self._phase == "mend":
            self._mending = self._new_mending().go_on(snapshot)
        # last, for what is set up before draws numbers
        self._rng.bit_generator.state = told["generator"]

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do."""
        return self._phase == "over"

    def step(self) -> None:
        """Make some seeds, breed one generation, or try the moves of one plan."""
        # the first generation is evaluated in full, and says nothing of the next
        is_first = self._phase == "evolve" and self._evolution is None
        with self._books.pace.timed("begin" if is_first else self._phase):
            if self._phase == "seed":
                self._seed()
            elif self._phase == "evolve":
                self._evolve()
            elif self._mending is not None:
                self._books.evaluated += self._mending.step(self._left)
                self._books.show()
        self._turn()

    def found(self) -> Found:
        """Return what was found so far."""
        books = self._books
        return Found(books.archive, books.history, books.evaluated, self._is_cut_short)

    def snapshot(self) -> Snapshot:
        """Return all that it takes to go on."""
        evolution, mending = self._evolution, self._mending
        has_begun = evolution is not None
        told = {
            "phase": self._phase,
            "is_cut_short": self._is_cut_short,
            "until": self._until,
            "evolve_until_s": self._evolve_until_s,
            "has_begun": has_begun,
            "made": self._made,
            "generator": self._rng.bit_generator.state,
        }
        held = {} if has_begun else pack("seeds", self._seeds)
        if not has_begun:
            n_goal = len(self._problem.search.objectives)
            held["seeds_goals"] = np.concatenate([np.zeros((0, n_goal)), *self._goals])
        if self._phase == "seed":
            held |= pack("earlier", [sparse(plan) for plan in self._earlier])
        whole = self._books.snapshot().joined(Snapshot(held, told))
        whole = whole if evolution is None else whole.joined(evolution.snapshot())
        return whole if mending is None else whole.joined(mending.snapshot())

    @property
    def _left(self) -> int:
        """Plans that may still be evaluated."""
        return self._until - self._books.evaluated

    def _evolve(self) -> None:
        """Breed one generation; the first holds the seeds, which have been counted."""
        if self._evolution is None:
            self._evolution = self._new_evolution()
            seeds = dense(self._seeds, self._problem.empty.size)
            self._books.evaluated += self._evolution.begin(seeds, np.concatenate(self._goals))
            self._seeds, self._goals = [], []
        else:
            self._books.evaluated += self._evolution.step()
        self._books.tell(EVOLUTION)

    def _turn(self) -> None:
        """Say what comes next."""
        books, mending = self._books, self._mending
        if self._phase == "evolve" and self._ends_evolution():
            mends = self._to_mend > 0 and self._left > 0 and self._problem.empty.size > 0
            self._phase = "mend" if mends else "over"
            self._mending = mending = self._new_mending() if mends else None
        elif mending is not None and (self._left <= 0 or mending.is_over):
            is_early = (
                self._is_cut_short and self._left > self._to_mend and books.pace.fits("evolve")
            )
            self._phase = "evolve" if is_early else "over"
            # what small moves left of the time goes back to evolution
            self._evolve_until_s = books.pace.limit_s or 0.0
            self._mending = None if is_early else mending
        if self._phase == "mend" and not books.pace.fits("mend"):
            self._phase, self._is_cut_short = "over", True
        if self._phase != "mend" and mending is not None:
            books.tell(LOCAL)

    def _ends_evolution(self) -> bool:
        """Say whether there is no further generation, and note why."""
        books, settings = self._books, self._problem.search
        if self._left <= self._to_mend or self._problem.empty.size == 0:
            self._is_cut_short = False
            return True
        if not books.pace.fits("evolve", self._evolve_until_s):
            self._is_cut_short = True
            return True
        grown = books.growth(settings.stop_generations)
        if settings.stop_below > 0.0 and grown < settings.stop_below:
            # small moves get their share all the same, and what is left is saved
            self._until = min(self._until, books.evaluated + self._to_mend)
            logger.info(
                "hypervolume grew %.4f in %d generations: evolution ends",
                *(grown, settings.stop_generations),
            )
            return True
        return False

    def _new_evolution(self) -> Evolution:
        """Set up a population, still empty."""
        books = self._books
        return Evolution(self._problem, books.archive, books.take, self._rng)

    def _new_mending(self) -> Mending:
        """Begin with small moves at what is kept."""
        take = partial(self._books.take, origin=LOCAL)
        return Mending(self._problem, self._books.archive, take, self._rng)


def search(
    problem: Problem,
    progress: Progress | None = None,
    seeds: Plans | None = None,
    *,
    keep: Keep | None = None,
    start: Snapshot | None = None,
) -> Found:
    """Look for the front of a problem.

    Parameters
    ----------
    seeds : (candidate, option)
        Plans of an earlier search to start from besides our own; they are repaired,
        and stay only while nothing beats them.
    keep
        Called before the first step and after every one; may take a snapshot.
    start
        Snapshot of this very search, to go on from; seeds are not needed then.
    """
    going = Search(problem, progress, seeds, start)
    if keep is not None:
        keep(going)
    while not going.is_over:
        going.step()
        if keep is not None:
            keep(going)
    return going.found()
