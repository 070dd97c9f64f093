"""How children take from two parents, by the name of the setting."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from evenground.optimise.crossover import block, uniform, window
from evenground.optimise.crossover.squares import Squares, squares_of

Crossover = Callable[
    [Squares, NDArray[np.int16], NDArray[np.int64], NDArray[np.int64], np.random.Generator], None
]
"""Writes children into their slots of plans (slot, option): of slots (child,) and the slots of
mother and father (child, 2)."""

CROSSOVERS: Mapping[str, Crossover] = {
    "window": window.cross,
    "block": block.cross,
    "uniform": uniform.cross,
}

__all__ = ["CROSSOVERS", "Crossover", "Squares", "squares_of"]
