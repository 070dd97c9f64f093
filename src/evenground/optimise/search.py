"""A search step by step: seeds, then generations and small moves by turns; nothing good is lost.

Every step leaves the search in a state of plain arrays, from which it goes on to the same
plans. The same settings and seed give the same archive on any number of threads and after
any number of interruptions, unless a time limit cuts the search short.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
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
from evenground.optimise.turns import Arm, turns_by

Float = NDArray[np.float64]
Plans = NDArray[np.int16]
logger = logging.getLogger(__name__)
Phase = Literal["seed", "begin", "evolve", "mend", "over"]
Keep = Callable[["Search"], None]
"""Called with the search before its first step and after every one; may take a snapshot."""


@dataclass(frozen=True)
class Found:
    """What a search found."""

    archive: Archive
    history: pd.DataFrame
    """Plans evaluated, seconds, archive size and hypervolume after every turn, and what
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
        self._problem, self._books = problem, Books(problem, progress)
        self._rng = np.random.default_rng([problem.search.seed, 1])
        self._turns = turns_by(problem.search.local_share)
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

    def _seed(self) -> bool:
        """Put the next seeds in, or end with those of an earlier search; say if that was all."""
        books, pace = self._books, self._books.pace
        is_late = self._made > 0 and pace.is_past(SEEDS_PART)
        seeds = None if is_late else next(self._batches, None)
        if seeds is not None:
            began = pace.spent
            self._hold(seeds, books.take_seeds(seeds))
            # what a plan costs in full bounds what children cost, before there are any
            each = (pace.spent - began) / len(seeds)
            for kind in ("begin", "evolve"):
                pace.expect(kind, each * self._problem.search.population)
            self._made += 1
            books.tell(SEED)
            return False
        if len(self._earlier):
            self._hold(*books.take_earlier(self._earlier))
            books.tell(EARLIER)
        return True

    def _hold(self, seeds: Plans, goals: Float) -> None:
        """Keep seeds (candidate, option) and their goals for the first generation."""
        self._seeds += [sparse(plan) for plan in seeds]
        self._goals.append(goals)

    def _go_on(self, snapshot: Snapshot) -> None:
        """Take the place that a snapshot holds."""
        told = snapshot.told
        self._books.go_on(snapshot)
        self._phase, self._is_cut_short = told["phase"], told["is_cut_short"]
        self._turns.go_on(told["turns"])
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
        if "mend" in told:
            self._mending = self._new_mending().go_on(snapshot)
        # last, for what is set up before draws numbers
        self._rng.bit_generator.state = told["generator"]

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do."""
        return self._phase == "over"

    def step(self) -> None:
        """Make some seeds, breed one generation, or try the moves of one plan."""
        if self._phase == "over":
            return
        steps = {"seed": self._seed, "begin": self._begin, "evolve": self._evolve}
        pace = self._books.pace
        with pace.timed(self._phase):
            is_over = steps.get(self._phase, self._mend)()
        if is_over or (self._phase == "mend" and not pace.fits("mend")):
            self._phase = self._turn()

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
            "turns": self._turns.told(),
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
        return self._problem.search.evaluations - self._books.evaluated

    def _begin(self) -> bool:
        """Make the first generation, of the seeds, which have been counted, and of mutants."""
        books = self._books
        self._evolution = self._new_evolution()
        seeds = dense(self._seeds, self._problem.empty.size)
        books.evaluated += self._evolution.begin(seeds, np.concatenate(self._goals))
        self._seeds, self._goals = [], []
        return True

    def _evolve(self) -> bool:
        """Breed one generation, which is a turn."""
        if self._evolution is not None:
            self._books.evaluated += self._evolution.step()
        return True

    def _mend(self) -> bool:
        """Try the moves of one plan; say if that ends the turn."""
        books = self._books
        if self._mending is None:
            self._mending = self._new_mending()
        books.evaluated += self._mending.step(self._left)
        books.show()
        _, tried = books.since
        is_enough = tried >= self._problem.search.population
        return is_enough or self._left <= 0 or self._mending.is_over

    def _turn(self) -> Phase:
        """Tell what a turn brought, and return what comes next."""
        books, pace = self._books, self._books.pace
        if self._phase in {"evolve", "mend"}:
            self._turns.note(self._phase, *books.since)
        if self._phase != "seed":
            books.tell(LOCAL if self._phase == "mend" else EVOLUTION)
        if self._left <= 0 or self._problem.empty.size == 0 or self._stands_still():
            return "over"
        has_begun, possible = self._evolution is not None, self._possible()
        if not has_begun and pace.fits("begin"):
            return "begin"
        fit = [arm for arm in possible if (has_begun or arm == "mend") and pace.fits(arm)]
        self._is_cut_short = len(possible) > 0 and not fit
        if "mend" in fit and self._left < self._problem.search.population:
            return "mend"  # too few plans are left for a generation
        return self._turns.choose(fit) if fit else "over"

    def _possible(self) -> list[Arm]:
        """Return who could have a turn, if there is time."""
        is_mended = self._mending is not None and self._mending.is_over
        return [arm for arm in self._turns.arms if not (arm == "mend" and is_mended)]

    def _stands_still(self) -> bool:
        """Say whether the last turns brought too little to go on."""
        least, turns = self._problem.search.stop_below, self._problem.search.stop_generations
        grown = self._books.growth(turns)
        if least == 0.0 or grown >= least:
            return False
        logger.info("hypervolume grew %.4f in %d turns: the search ends", grown, turns)
        return True

    def _new_evolution(self) -> Evolution:
        """Set up a population, still empty."""
        books = self._books
        return Evolution(self._problem, books.archive, books.take, self._rng)

    def _new_mending(self) -> Mending:
        """Begin with small moves at what is kept."""
        return Mending(self._problem, self._books, self._rng)


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
