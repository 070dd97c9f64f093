"""Among whom survivors are chosen, and who they are."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenground.optimise.problem import HARMFUL

Float = NDArray[np.float64]
Long = NDArray[np.int64]


@dataclass(frozen=True)
class Crowd:
    """Population and children, and what the archive holds besides."""

    goals: Float
    """What is lowered, of the population and its children (candidate, objective)."""
    kept: Float
    """The same of what the archive keeps and the population has lost (archived, objective)."""

    @property
    def is_safe(self) -> NDArray[np.bool_]:
        """Who respects all that is asked (candidate,)."""
        return np.asarray((self.goals < HARMFUL).all(axis=1))


@dataclass(frozen=True)
class Survivors:
    """Who lives on."""

    stay: Long
    """Of the population and its children (survivor,)."""
    back: Long = field(default_factory=lambda: np.zeros(0, np.int64))
    """Of what the archive keeps: called back into the population (survivor,)."""
