"""All that was found worth keeping: every seed and every non-dominated plan.

Plans are kept as their active options only. Nothing that was put in as a seed
leaves; another plan leaves when a later one dominates it, or when there is a limit
and the front loses least without it.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import dominated
from evenground.optimise.reach import Reach
from evenground.optimise.snapshot import Snapshot, Sparse, dense, pack, sparse, unpack

Float = NDArray[np.float64]
Plans = NDArray[np.int16]
Byte = NDArray[np.int8]
Key = NDArray[np.uint64]

ORIGINS = ("seed", "earlier", "evolution", "local")
"""Where a plan comes from: our own seeds, an earlier search, evolution or small moves."""
SEED, EARLIER, EVOLUTION, LOCAL = range(len(ORIGINS))

SURPLUS = 0.1
"""Part by which an archive with a limit may grow beyond it before it is thinned."""


@dataclass
class Archive:
    """Archive of candidates, without bounds unless there is a limit.

    Attributes
    ----------
    goals : (candidate, objective)
        What the search lowers.
    scores : (candidate, score)
        All scores.
    origin : (candidate,)
        Place in ``ORIGINS``.
    keys : (candidate,)
        Hash of the plan.
    limit
        Most plans to keep besides the seeds.
    """

    n_option: int
    goals: Float
    scores: Float
    origin: Byte
    keys: Key
    plans: list[Sparse] = field(default_factory=list)
    hashes: set[int] = field(default_factory=set)
    limit: int | None = None

    @classmethod
    def empty(cls, n_option: int, n_goal: int, n_score: int, limit: int | None = None) -> "Archive":
        """Make an archive without candidates."""
        goals, scores = np.zeros((0, n_goal)), np.zeros((0, n_score))
        origin, keys = np.zeros(0, np.int8), np.zeros(0, np.uint64)
        return cls(n_option, goals, scores, origin, keys, limit=limit)

    @classmethod
    def of(cls, snapshot: Snapshot, n_option: int, limit: int | None = None) -> Self:
        """Return the archive that a snapshot holds."""
        held = snapshot.arrays
        return cls(
            n_option,
            held["archive_goals"],
            held["archive_scores"],
            held["archive_origin"],
            held["archive_keys"],
            unpack("archive", held),
            set(held["archive_hashes"].tolist()),
            limit,
        )

    def snapshot(self) -> Snapshot:
        """Return the archive as arrays."""
        held = pack("archive", self.plans) | {
            "archive_goals": self.goals,
            "archive_scores": self.scores,
            "archive_origin": self.origin,
            "archive_keys": self.keys,
            "archive_hashes": np.sort(np.fromiter(self.hashes, np.uint64, len(self.hashes))),
        }
        return Snapshot(held, {})

    def __len__(self) -> int:
        return len(self.plans)

    @property
    def is_seed(self) -> NDArray[np.bool_]:
        """Which candidates are seeds of our own (candidate,)."""
        return np.asarray(self.origin == SEED)

    def add(self, plans: Plans, goals: Float, scores: Float, hashes: Key, *, origin: int) -> None:
        """Put a batch of candidates in; seeds stay for good, others while nothing beats them."""
        new = [k for k, value in enumerate(hashes.tolist()) if self._is_new(value)]
        if origin != SEED:
            new = self._survivors(goals, new)
        self.plans += [sparse(plans[k]) for k in new]
        self.goals = np.concatenate([self.goals, goals[new]])
        self.scores = np.concatenate([self.scores, scores[new]])
        self.origin = np.concatenate([self.origin, np.full(len(new), origin, np.int8)])
        self.keys = np.concatenate([self.keys, hashes[new]])
        self._drop_beaten(goals[new])
        if self.limit is not None and self._free > self.limit * (1.0 + SURPLUS):
            self._thin(self.limit)

    def dense(self, index: NDArray[np.integer] | list[int]) -> Plans:
        """Return plans (candidate, option) of some candidates."""
        return dense([self.plans[int(k)] for k in index], self.n_option)

    @property
    def _free(self) -> int:
        """How many candidates are no seeds."""
        return int((self.origin != SEED).sum())

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
        self._keep(~beaten | self.is_seed)

    def _thin(self, limit: int) -> None:
        """Keep the seeds, and of all others those without which most would be lost.

        By hypervolume along fixed directions; of those that lose nothing the newest leave first.
        """
        reach = Reach(self.goals.min(axis=0), self.goals.max(axis=0)).add(self.goals)
        share = reach.shares(len(self.goals))
        order = np.argsort(-share, kind="stable")
        order = order[~self.is_seed[order]]
        keep = self.is_seed
        keep[order[:limit]] = True
        self._keep(keep)

    def _keep(self, keep: NDArray[np.bool_]) -> None:
        """Drop all other candidates."""
        if keep.all():
            return
        self.plans = [plan for plan, kept in zip(self.plans, keep, strict=True) if kept]
        self.goals, self.scores = self.goals[keep], self.scores[keep]
        self.origin, self.keys = self.origin[keep], self.keys[keep]
