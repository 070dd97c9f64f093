"""The options of a case by the square of their site, so that a part of the city is a few runs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground.interventions import Options


@dataclass(frozen=True)
class Squares:
    """Squares of the city by rows, from north to south, and their options."""

    shape: tuple[int, int]
    """Squares from north to south, and from west to east."""
    start: NDArray[np.int64]
    """First option of each square (square + 1,)."""
    option: NDArray[np.int32]
    """(option,)."""


def squares_of(options: Options) -> Squares:
    """Return the options by square; a site that spans squares stands in one of them."""
    n_y, n_x = options.n_site
    square = options.site_row.astype(np.int64) * n_x + options.site_col
    order = np.argsort(square, kind="stable")
    start = np.searchsorted(square[order], np.arange(n_y * n_x + 1)).astype(np.int64)
    return Squares((n_y, n_x), start, order.astype(np.int32))
