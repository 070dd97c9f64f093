"""All that was found worth keeping: every seed and every non-dominated plan.

Plans are kept as their active options only. Nothing that was put in as a seed
leaves; another plan leaves only when a later one dominates it.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import dominated
from evenground.optimise.snapshot import Snapshot, Sparse, dense, pack, sparse, unpack

Float = NDArray[np.float64]
Plans = NDArray[np.int16]


@dataclass
class Archive:
    """Unbounded archive of candidates.

    Attributes
    ----------
    goals : (candidate, objective)
        What the search lowers.
    scores : (candidate, score)
        All scores.
    """

    n_option: int
    goals: Float
    scores: Float
    is_seed: NDArray[np.bool_]
    plans: list[Sparse] = field(default_factory=list)
    hashes: set[int] = field(default_factory=set)

    @classmethod
    def empty(cls, n_option: int, n_goal: int, n_score: int) -> "Archive":
        """Make an archive without candidates."""
        return cls(n_option, np.zeros((0, n_goal)), np.zeros((0, n_score)), np.zeros(0, bool))

    @classmethod
    def of(cls, snapshot: Snapshot, n_option: int) -> Self:
        """Return the archive that a snapshot holds."""
        held = snapshot.arrays
        return cls(
            n_option,
            held["archive_goals"],
            held["archive_scores"],
            held["archive_is_seed"],
            unpack("archive", held),
            set(held["archive_hashes"].tolist()),
        )

    def snapshot(self) -> Snapshot:
        """Return the archive as arrays."""
        held = pack("archive", self.plans) | {
            "archive_goals": self.goals,
            "archive_scores": self.scores,
            "archive_is_seed": self.is_seed,
            "archive_hashes": np.sort(np.fromiter(self.hashes, np.uint64, len(self.hashes))),
        }
        return Snapshot(held, {})

    def __len__(self) -> int:
        return len(self.plans)

    def add(
        self, plans: Plans, goals: Float, scores: Float, hashes: NDArray[np.uint64], *, seed: bool
    ) -> None:
        """Put a batch of candidates in; seeds stay for good, others while nothing beats them."""
        new = [k for k, value in enumerate(hashes.tolist()) if self._is_new(value)]
        if not seed:
            new = self._survivors(goals, new)
        self.plans += [sparse(plans[k]) for k in new]
        self.goals = np.concatenate([self.goals, goals[new]])
        self.scores = np.concatenate([self.scores, scores[new]])
        self.is_seed = np.concatenate([self.is_seed, np.full(len(new), seed)])
        self._drop_beaten(goals[new])

    def dense(self, index: NDArray[np.integer] | list[int]) -> Plans:
        """Return plans (candidate, option) of some candidates."""
        return dense([self.plans[int(k)] for k in index], self.n_option)

    def _is_new(self, value: int) -> bool:
        """Say whether a plan was never put in before, and remember it."""
        if value in self.hashes:
            return False
        self.hashes.add(value)
        return True

    def _survivors(self, goals: Float, index: list[int]) -> list[int]:
        """Those of a batch that neither the archive nor the batch dominates."""
        if not index:
            return []
        batch = np.ascontiguousarray(goals[index])
        beaten = np.empty(len(index), bool)
        dominated(batch, np.concatenate([self.goals, batch]), beaten)
        return [k for k, bad in zip(index, beaten, strict=True) if not bad]

    def _drop_beaten(self, newest: Float) -> None:
        """Drop candidates, seeds apart, that the newest dominate."""
        if len(newest) == 0:
            return
        beaten = np.empty(len(self.goals), bool)
        dominated(np.ascontiguousarray(self.goals), np.ascontiguousarray(newest), beaten)
        keep = ~beaten | self.is_seed
        if keep.all():
            return
        self.plans = [plan for plan, kept in zip(self.plans, keep, strict=True) if kept]
        self.goals, self.scores = self.goals[keep], self.scores[keep]
        self.is_seed = self.is_seed[keep]
