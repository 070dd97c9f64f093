"""A window of sites from the father, all else from the mother.

What works together stands together, so that children keep what their parents are good at;
and few places differ from the mother, so that little is evaluated anew.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import cross_windows
from evenground.optimise.crossover.squares import Squares

Long = NDArray[np.int64]
Plans = NDArray[np.int16]


def cross(squares: Squares, plans: Plans, rows: Long, pair: Long, rng: np.random.Generator) -> None:
    """Write children into their slots of ``plans``; see ``Crossover``."""
    n_y, n_x = squares.shape
    n = len(rows)
    height = rng.integers(1, max(2, n_y // 2 + 1), n)
    width = rng.integers(1, max(2, n_x // 2 + 1), n)
    row = rng.integers(0, n_y, n) - height // 2
    col = rng.integers(0, n_x, n) - width // 2
    window = np.column_stack([row, col, row + height, col + width]).astype(np.int32)
    cross_windows(plans, rows, pair, squares.start, squares.option, n_y, n_x, window)
