"""What a search has found and spent so far."""

import logging
from collections.abc import Callable
from typing import Self

import moocore
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.evaluation import Evaluation
from evenground.optimise.archive import Archive
from evenground.optimise.pace import Pace, time_of_search
from evenground.optimise.problem import SCORES, Problem
from evenground.optimise.snapshot import Snapshot

Float = NDArray[np.float64]
Plans = NDArray[np.int16]
logger = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
"""Called with the plans evaluated and the plans to evaluate."""

DIRECTIONS = 4096
"""Directions of the approximated hypervolume: good to 0.1 % in 20 ms for thousands of plans."""
HARMFUL = 1e12
"""Goals of a plan that breaks a constraint, growing with it: worse than any that breaks none."""
EARLIER = 256
"""Earlier plans that are evaluated together, so that memory stays small."""
COLUMNS = ("evaluated", "seconds", "archive", "hypervolume")
"""What is told after every generation."""


class Books:
    """The archive, what was evaluated and how long it took."""

    def __init__(self, problem: Problem, progress: Progress | None) -> None:
        self._problem, self._progress = problem, progress
        self.pace = Pace(time_of_search(problem.search))
        n_goal = len(problem.search.objectives)
        self.archive = Archive.empty(problem.options.most.size, n_goal, len(SCORES))
        _, self._today = problem.scores(problem.empty[None, :])
        self._rows: list[tuple[float, ...]] = []
        self._worst = self._best = np.zeros(n_goal)
        self.evaluated = 0

    @property
    def history(self) -> pd.DataFrame:
        """What was told, line by line."""
        table = pd.DataFrame(self._rows, columns=list(COLUMNS))
        return table.astype({"evaluated": int, "archive": int})

    def growth(self, generations: int) -> float:
        """Return the share by which the hypervolume grew over the last generations.

        Without end while there were fewer.
        """
        if len(self._rows) <= generations:
            return np.inf
        now, before = self._rows[-1][-1], self._rows[-1 - generations][-1]
        return (now - before) / now if now > 0.0 else 0.0

    def take(self, plans: Plans, evaluation: Evaluation, *, seed: bool = False) -> Float:
        """Offer plans to the archive, and return what the search lowers (candidate, objective)."""
        problem = self._problem
        scores = problem.scores_of(plans, evaluation)
        goals = problem.goal_values(plans, scores, evaluation)
        hashes = problem.hashes(plans)
        broken = problem.violation(plans, evaluation, self._today)
        safe = broken <= 0.0
        self.archive.add(plans[safe], goals[safe], scores[safe], hashes[safe], seed=seed)
        return np.where(safe[:, None], goals, HARMFUL * (1.0 + broken[:, None]))

    def take_seeds(self, seeds: Plans) -> None:
        """Put the seeds in (candidate, option), and measure hypervolume between their extremes."""
        self.take(seeds, self._problem.evaluator.evaluate(seeds), seed=True)
        self.evaluated += len(seeds)
        self._worst, self._best = self.archive.goals.max(axis=0), self.archive.goals.min(axis=0)

    def take_earlier(self, plans: Plans) -> Plans:
        """Offer plans of an earlier search, repaired, and return these (candidate, option)."""
        plans = self._problem.repair(np.array(plans, np.int16))
        for first in range(0, len(plans), EARLIER):
            chunk = plans[first : first + EARLIER]
            self.take(chunk, self._problem.evaluator.evaluate(chunk))
        self.evaluated += len(plans)
        return plans

    def tell(self) -> None:
        """Write down how far the search is, and tell it."""
        reached = volume(self.archive.goals, self._best, self._worst)
        self._rows.append((self.evaluated, self.pace.spent, len(self.archive), reached))
        logger.info(
            "%d plans, %d kept, hypervolume %.4f", self.evaluated, len(self.archive), reached
        )
        self.show()

    def show(self) -> None:
        """Tell how many plans were evaluated."""
        if self._progress is not None:
            self._progress(self.evaluated, self._problem.search.evaluations)

    def snapshot(self) -> Snapshot:
        """Return all that was found and spent."""
        held = {"books_worst": self._worst, "books_best": self._best}
        rows = np.array(self._rows, float).reshape(-1, len(COLUMNS))
        pace = self.pace
        told = {"evaluated": self.evaluated, "spent": pace.spent, "takes": dict(pace.takes)}
        return self.archive.snapshot().joined(Snapshot({**held, "books_rows": rows}, told))

    def go_on(self, snapshot: Snapshot) -> Self:
        """Take over the books that a snapshot holds."""
        held, told = snapshot.arrays, snapshot.told
        self.pace = Pace(self.pace.limit_s, told["spent"], told["takes"])
        self.archive = Archive.of(snapshot, self._problem.options.most.size)
        self.evaluated = told["evaluated"]
        self._worst, self._best = held["books_worst"], held["books_best"]
        self._rows = [tuple(row) for row in held["books_rows"].tolist()]
        return self


def volume(goals: Float, best: Float, worst: Float) -> float:
    """Return the hypervolume between the best and the worst score of the seeds, scaled to them.

    Approximated from a fixed set of directions: exact volumes of thousands of points in
    six dimensions take longer than the search itself.
    """
    spread = np.where(worst > best, worst - best, 1.0)
    scaled = np.ascontiguousarray((goals - best) / spread)
    reference = np.full(goals.shape[1], 1.1)
    return float(moocore.hv_approx(scaled, ref=reference, method="DZ2019-HW", nsamples=DIRECTIONS))
