"""A search step by step: seeds, generations, then small moves; nothing good is forgotten.

Every step leaves the search in a state of plain arrays, from which it goes on to the same
plans. The same settings and seed give the same archive on any number of threads and after
any number of interruptions, unless a time limit cuts the search short.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.optimise.archive import Archive
from evenground.optimise.books import Books, Progress
from evenground.optimise.evolution import Evolution
from evenground.optimise.local import Mending
from evenground.optimise.problem import Problem
from evenground.optimise.snapshot import Snapshot
from evenground.optimise.start import make_seeds

Plans = NDArray[np.int16]
Phase = Literal["evolve", "mend", "over"]
Keep = Callable[["Search"], None]
"""Called with the search before its first step and after every one; may take a snapshot."""


@dataclass(frozen=True)
class Found:
    """What a search found."""

    archive: Archive
    history: pd.DataFrame
    """Plans evaluated, seconds, archive size and hypervolume after every generation."""
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
        self._evolution: Evolution | None = None
        self._mending: Mending | None = None
        self._seeds = np.zeros((0, problem.empty.size), np.int16)
        self._phase: Phase = "evolve"
        self._is_cut_short = False
        if start is None:
            self._begin(seeds)
        else:
            self._go_on(start)

    def _begin(self, earlier: Plans | None) -> None:
        """Make the seeds and put them in."""
        seeds = make_seeds(self._problem)
        self._books.take_seeds(seeds)
        if earlier is not None and len(earlier):
            seeds = np.concatenate([seeds, self._books.take_earlier(earlier)])
        self._seeds = seeds
        self._books.tell()
        self._turn()

    def _go_on(self, snapshot: Snapshot) -> None:
        """Take the place that a snapshot holds."""
        told = snapshot.told
        self._books.go_on(snapshot)
        self._phase, self._is_cut_short = told["phase"], told["is_cut_short"]
        if told["has_begun"]:
            self._evolution = self._new_evolution().go_on(snapshot)
        else:
            self._seeds = snapshot.arrays["seeds"]
        if self._phase == "mend":
            self._mending = self._new_mending().go_on(snapshot)
        # last, for what is set up before draws numbers
        self._rng.bit_generator.state = told["generator"]

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do."""
        return self._phase == "over"

    def step(self) -> None:
        """Breed one generation, or try the moves of one plan."""
        if self._phase == "evolve":
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
            "has_begun": has_begun,
            "generator": self._rng.bit_generator.state,
        }
        seeds = {} if has_begun else {"seeds": self._seeds}
        whole = self._books.snapshot().joined(Snapshot(seeds, told))
        whole = whole if evolution is None else whole.joined(evolution.snapshot())
        return whole if mending is None else whole.joined(mending.snapshot())

    @property
    def _left(self) -> int:
        """Plans that may still be evaluated."""
        return self._problem.search.evaluations - self._books.evaluated

    def _evolve(self) -> None:
        """Breed one generation; the first holds the seeds, which have been counted."""
        if self._evolution is None:
            self._evolution = self._new_evolution()
            self._books.evaluated += self._evolution.begin(self._seeds)
        else:
            self._books.evaluated += self._evolution.step()
        self._books.tell()

    def _turn(self) -> None:
        """Say what comes next."""
        books, has_options = self._books, self._problem.empty.size > 0
        if self._phase == "evolve" and (self._left <= self._to_mend or not has_options):
            mends = self._to_mend > 0 and self._left > 0 and has_options
            self._phase = "mend" if mends else "over"
            self._mending = self._new_mending() if mends else None
        elif self._mending is not None and (self._left <= 0 or self._mending.is_over):
            self._phase = "over"
        if self._phase != "over" and books.is_late:
            self._phase, self._is_cut_short = "over", True
        if self._phase == "over" and self._mending is not None:
            books.tell()

    def _new_evolution(self) -> Evolution:
        """Set up a population, still empty."""
        return Evolution(self._problem, self._books.take, self._rng)

    def _new_mending(self) -> Mending:
        """Begin with small moves at what is kept."""
        return Mending(self._problem, self._books.archive, self._books.take, self._rng)


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
