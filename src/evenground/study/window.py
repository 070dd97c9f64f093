"""Mean over a round window: the shape in which green reaches people.

Knows arrays and metres only.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from evenground.study.grid import Grid


def window_mean(values: NDArray[np.floating], grid: Grid, radius_m: float) -> NDArray[np.float32]:
    """Mean of known cells within a radius of each cell (y, x); NaN where none is known."""
    known = np.isfinite(values)
    whole = np.where(known, values, 0.0).astype(np.float64)
    total = oaconvolve(whole, _disc(grid, radius_m), mode="same")
    count = known_in_window(values, grid, radius_m)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean.astype(np.float32)


def known_in_window(values: NDArray[np.floating], grid: Grid, radius_m: float) -> NDArray[np.int64]:
    """Count the known cells within a radius of each cell (y, x)."""
    known = np.isfinite(values).astype(np.float64)
    return np.rint(oaconvolve(known, _disc(grid, radius_m), mode="same")).astype(np.int64)


def _disc(grid: Grid, radius_m: float) -> NDArray[np.float64]:
    """Return one for every cell whose centre lies within the radius (dy, dx)."""
    reach = int(np.floor(radius_m / grid.cell_m + 1e-9))
    offset = np.arange(-reach, reach + 1, dtype=np.float64)
    distance = np.hypot(offset[:, None], offset[None, :])
    return (distance <= radius_m / grid.cell_m + 1e-9).astype(np.float64)
