"""What a search has found and spent so far."""

import logging
from collections.abc import Callable
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.evaluation import Evaluation
from evenground.optimise.archive import EARLIER as FROM_EARLIER
from evenground.optimise.archive import EVOLUTION, LOCAL, ORIGINS, SEED, Archive
from evenground.optimise.bound.expect import seconds_of_lines
from evenground.optimise.pace import Pace, time_of_search
from evenground.optimise.problem import HARMFUL, SCORES, Problem
from evenground.optimise.reach import Reach
from evenground.optimise.seeds import fill
from evenground.optimise.snapshot import Snapshot

Float = NDArray[np.float64]
Plans = NDArray[np.int16]
logger = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
"""Called with the plans evaluated and the plans to evaluate."""

EARLIER = 256
"""Earlier plans that are evaluated together, so that memory stays small."""
COLUMNS = ("evaluated", "seconds", "archive", "hypervolume", "by")
"""What is told after every batch of seeds and after every turn."""


class Books:
    """The archive, what was evaluated and how long it took."""

    def __init__(self, problem: Problem, progress: Progress | None) -> None:
        self._problem, self._progress = problem, progress
        self.pace = Pace(time_of_search(problem.search))
        if self.pace.limit_s is not None:
            self.pace.limit_s = time_of_search(problem.search, seconds_of_lines(problem))
        n_goal = len(problem.search.objectives)
        limit = problem.search.archive_limit
        self.archive = Archive.empty(problem.options.most.size, n_goal, len(SCORES), limit)
        _, self._today = problem.scores(problem.empty[None, :])
        self._rows: list[tuple[float, ...]] = []
        self._reach = Reach(np.zeros(n_goal), np.zeros(n_goal))
        self.evaluated = 0

    @property
    def history(self) -> pd.DataFrame:
        """What was told, line by line."""
        table = pd.DataFrame(self._rows, columns=list(COLUMNS))
        table["by"] = [ORIGINS[int(number)] for number in table["by"]]
        return table.astype({"evaluated": int, "archive": int})

    @property
    def volume(self) -> float:
        """Hypervolume of all that was found, between the extremes of the seeds."""
        return self._reach.volume

    @property
    def since(self) -> tuple[float, int]:
        """Hypervolume that was added, and plans that were evaluated, since the last line."""
        last = dict(zip(COLUMNS, self._rows[-1], strict=True))
        return self.volume - last["hypervolume"], self.evaluated - int(last["evaluated"])

    def growth(self, turns: int) -> float:
        """Return the share by which the hypervolume grew over the last turns after the seeds.

        Without end while there were fewer.
        """
        by, at = COLUMNS.index("by"), COLUMNS.index("hypervolume")
        had = sum(row[by] in {EVOLUTION, LOCAL} for row in self._rows)
        if had < turns:
            return np.inf
        now, before = self._rows[-1][at], self._rows[-1 - turns][at]
        return (now - before) / now if now > 0.0 else 0.0

    def take(self, plans: Plans, evaluation: Evaluation, *, origin: int = EVOLUTION) -> Float:
        """Offer plans to the archive, and return what the search lowers (candidate, objective)."""
        problem = self._problem
        scores = problem.scores_of(plans, evaluation)
        goals = problem.goal_values(plans, scores, evaluation)
        hashes = problem.hashes(plans)
        broken = problem.violation(plans, evaluation, self._today)
        safe = broken <= 0.0
        self.archive.add(plans[safe], goals[safe], scores[safe], hashes[safe], origin=origin)
        if origin != SEED:
            self._reach.add(goals[safe])
        return np.where(safe[:, None], goals, HARMFUL * (1.0 + broken[:, None]))

    def take_seeds(self, seeds: Plans) -> Float:
        """Put seeds in (candidate, option); return what is lowered (candidate, objective).

        Hypervolume is measured between the extremes of all seeds, so what was told of earlier
        ones is measured anew.
        """
        lowered = self.take(seeds, self._problem.evaluator.evaluate(seeds), origin=SEED)
        self.evaluated += len(seeds)
        goals = self.archive.goals
        scale = goals if len(goals) > 1 else np.concatenate([goals, self._filled()])
        self._reach = Reach(scale.min(axis=0), scale.max(axis=0))
        size, volume = COLUMNS.index("archive"), COLUMNS.index("hypervolume")
        before = 0
        for number, told in enumerate(self._rows):
            row = list(told)
            # no seed leaves, so that they stand in the order in which they came
            self._reach.add(goals[before : int(row[size])])
            before, row[volume] = int(row[size]), self._reach.volume
            self._rows[number] = tuple(row)
        self._reach.add(goals[before:])
        return lowered

    def _filled(self) -> Float:
        """Return the goals of a plan that spends all, to measure by where there are no seeds."""
        problem = self._problem
        gain = problem.gains(problem.empty, {"burden": 1.0})
        plans = fill(problem, problem.start, gain, problem.search.budget_eur)[None, :]
        scores, evaluation = problem.scores(plans)
        return problem.goal_values(plans, scores, evaluation)

    def take_earlier(self, plans: Plans) -> tuple[Plans, Float]:
        """Offer plans of an earlier search, repaired.

        Returns
        -------
        These (candidate, option), and what is lowered (candidate, objective).
        """
        plans = self._problem.repair(np.array(plans, np.int16))
        goals = []
        for first in range(0, len(plans), EARLIER):
            chunk = plans[first : first + EARLIER]
            evaluation = self._problem.evaluator.evaluate(chunk)
            goals.append(self.take(chunk, evaluation, origin=FROM_EARLIER))
        self.evaluated += len(plans)
        return plans, np.concatenate(goals)

    def tell(self, origin: int) -> None:
        """Write down how far the search is, by what it came there, and tell it."""
        reached = self._reach.volume
        self._rows.append((self.evaluated, self.pace.spent, len(self.archive), reached, origin))
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
        held = self._reach.arrays
        rows = np.array(self._rows, float).reshape(-1, len(COLUMNS))
        pace = self.pace
        told = {"evaluated": self.evaluated, "spent": pace.spent, "takes": dict(pace.takes)}
        return self.archive.snapshot().joined(Snapshot({**held, "books_rows": rows}, told))

    def go_on(self, snapshot: Snapshot) -> Self:
        """Take over the books that a snapshot holds."""
        held, told = snapshot.arrays, snapshot.told
        self.pace = Pace(self.pace.limit_s, told["spent"], told["takes"])
        limit = self._problem.search.archive_limit
        self.archive = Archive.of(snapshot, self._problem.options.most.size, limit)
        self.evaluated = told["evaluated"]
        self._reach = Reach.of(held)
        self._rows = [tuple(row) for row in held["books_rows"].tolist()]
        return self
