"""What steps bring for each plan they try, against what steps brought lately.

Knows goals and hypervolume; nothing of plans or of what a step does.
"""

from collections.abc import Mapping
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evenground.optimise.problem import HARMFUL
from evenground.optimise.reach import Reach

Float = NDArray[np.float64]

FORGETS = 0.2
"""Part of what is held to be usual that a step replaces by its own."""


class Credit:
    """Hypervolume that each step adds, between the extremes of what there was at the start.

    Parameters
    ----------
    goals : (candidate, objective)
        Of what is kept at the start.
    """

    def __init__(self, goals: Float) -> None:
        self._reach = Reach(goals.min(axis=0), goals.max(axis=0)).add(goals)
        self._told = self._reach.volume
        self.usual: float | None = None
        """Hypervolume for each plan that steps brought lately."""

    def add(self, goals: Float) -> None:
        """Take in what a step found (candidate, objective), but for what breaks a constraint."""
        self._reach.add(goals[(goals < HARMFUL).all(axis=1)])

    def pays(self, tried: int) -> bool:
        """Say whether what was added since the last time is no less than usual, for each plan.

        Parameters
        ----------
        tried
            How many plans it took.
        """
        volume = self._reach.volume
        rate = (volume - self._told) / max(tried, 1)
        pays = self.usual is None or rate >= self.usual
        usual = rate if self.usual is None else self.usual
        self.usual = usual + FORGETS * (rate - usual)
        self._told = volume
        return pays

    @property
    def arrays(self) -> dict[str, Float]:
        """How far has been come."""
        return self._reach.arrays

    def go_on(self, arrays: Mapping[str, Float], usual: float | None) -> Self:
        """Take over what was kept."""
        self._reach = Reach.of(arrays)
        self._told, self.usual = self._reach.volume, usual
        return self
