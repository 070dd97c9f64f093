"""Rules of thumb for green: how far it is, and 3-30-300.

For targets and reports: they jump at their thresholds, so no plan is steered by
them. What is unknown stays unknown, and no part stands in for another.

References
----------
Konijnendijk, C. C. (2023). Evidence-based guidelines for greener, healthier, more
resilient neighbourhoods: the 3-30-300 rule. J. For. Res. 34, 821-830 (recalled).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label

Float = NDArray[np.float64]

LEAST_PATCH_M2 = 5000.0
"""Smallest green area that counts as one to go to: 0.5 ha."""
LEAST_SHARE = 0.5
"""Green share from which a cell is part of a green area (assumption)."""
TREES, CANOPY, NEAREST_M = 3.0, 0.30, 300.0
"""Trees seen from home, crown cover of the neighbourhood, and metres to a green area."""
SEEN_M = 40.0
"""Distance within which a tree counts as seen from the facade (assumption, 30-50 m)."""


def distance_to_green(
    green: NDArray[np.floating], cell_m: float, least_m2: float = LEAST_PATCH_M2
) -> Float:
    """Return the straight distance to the nearest large enough green area, in metres (y, x).

    Parameters
    ----------
    green : (y, x)
        Green share, 0-1. Green cells that touch, corners included, are one area; unknown
        cells belong to none.

    Returns
    -------
    (y, x), between the centres of cells: 0 within such an area, NaN where there is none at all.
    """
    is_green = np.nan_to_num(np.asarray(green, np.float64)) >= LEAST_SHARE
    patch, n_patch = label(is_green, structure=np.ones((3, 3)))
    area = np.bincount(patch.ravel(), np.nan_to_num(green).ravel(), n_patch + 1) * cell_m**2
    is_large = area >= least_m2 - 1e-6
    is_large[0] = False
    if not is_large.any():
        return np.full(np.shape(green), np.nan)
    return np.asarray(distance_transform_edt(~is_large[patch], sampling=cell_m), np.float64)


def trees_seen(home: Float, tree: Float, reach_m: float = SEEN_M) -> Float:
    """Count the trees within sight of each home (home,).

    Parameters
    ----------
    home, tree : (home, 2) and (tree, 2)
        Where they stand, in metres. What stands between is not looked at.
    """
    away = np.hypot(*(home[:, None, :] - tree[None, :, :]).transpose(2, 0, 1))
    return np.asarray((away <= reach_m * (1.0 + 1e-9)).sum(axis=1), np.float64)


@dataclass(frozen=True)
class ThreeThirty:
    """Which parts of 3-30-300 hold (any shape): 1 it does, 0 it does not, NaN unknown."""

    trees: Float
    canopy: Float
    distance: Float

    @property
    def met(self) -> Float:
        """How many parts hold, NaN where one is unknown."""
        return np.asarray(self.trees + self.canopy + self.distance)


def three_thirty(trees: Float, canopy: Float, distance_m: Float) -> ThreeThirty:
    """Return which parts of the 3-30-300 rule hold at each home.

    Parameters
    ----------
    trees, canopy, distance_m : any shape, all alike
        Trees seen, crown cover of the neighbourhood (0-1), and distance to green; NaN unknown.
    """
    return ThreeThirty(
        _holds(np.asarray(trees) >= TREES, trees),
        _holds(np.asarray(canopy) >= CANOPY - 1e-9, canopy),
        _holds(np.asarray(distance_m) <= NEAREST_M * (1.0 + 1e-9), distance_m),
    )


def _holds(is_met: NDArray[np.bool_], value: Float) -> Float:
    """Return 1 or 0, NaN where the value is unknown."""
    return np.where(np.isnan(value), np.nan, is_met.astype(np.float64))
