"""Every block of sites from either parent, by the toss of a coin."""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import cross_blocks
from evenground.optimise.crossover.squares import Squares

Long = NDArray[np.int64]
Plans = NDArray[np.int16]

FEWEST = 2
"""Blocks that the longer side of the city holds at least."""


def cross(squares: Squares, plans: Plans, rows: Long, pair: Long, rng: np.random.Generator) -> None:
    """Write children into their slots of ``plans``; see ``Crossover``."""
    n_y, n_x = squares.shape
    n = len(rows)
    side = rng.integers(1, max(2, max(n_y, n_x) // FEWEST + 1), n, dtype=np.int32)
    shift = rng.integers(0, side[:, None], (n, 2), dtype=np.int32)
    key = rng.integers(0, 2**64, n, dtype=np.uint64)
    start, option = squares.start, squares.option
    cross_blocks(plans, rows, pair, start, option, n_y, n_x, side, shift, key)
