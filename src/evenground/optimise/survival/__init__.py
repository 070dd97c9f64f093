"""Who of a population, its children and the archive lives on, by the name of the setting."""

from collections.abc import Callable, Mapping

import numpy as np

from evenground.optimise.survival import archive, crowding, reference
from evenground.optimise.survival.crowd import Crowd, Survivors

Survival = Callable[[Crowd, int, np.random.Generator], Survivors]
"""Returns who lives on, so many of them."""

SURVIVALS: Mapping[str, Survival] = {
    "archive": archive.survive,
    "crowding": crowding.survive,
    "reference": reference.survive,
}

__all__ = ["SURVIVALS", "Crowd", "Survival", "Survivors"]
