"""Mean over a round window: the shape in which green reaches people.

Knows arrays and metres only.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from evenground.study.grid import Grid


def window_mean(values: NDArray[np.floating], grid: Grid, radius_m: float) -> NDArray[np.float32]:
    """Mean of known cells within a radius of each cell (y, x); NaN where none is known."""
    reach = int(np.ceil(radius_m / grid.cell_m))
    offset = np.arange(-reach, reach + 1) * grid.cell_m
    disc = (offset[:, None] ** 2 + offset[None, :] ** 2 <= radius_m**2).astype(np.float64)
    known = np.isfinite(values)
    total = oaconvolve(np.where(known, values, 0.0).astype(np.float64), disc, mode="same")
    count = oaconvolve(known.astype(np.float64), disc, mode="same")
    mean = np.where(count > 0.5, total / np.maximum(count, 0.5), np.nan)
    return mean.astype(np.float32)
