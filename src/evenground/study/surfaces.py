"""Surfaces of the BGT on the grid: shares of each cell, their area kept.

Takes polygons with shares; a cell of which too little is drawn is unknown.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from evenground.errors import DataError, Fault
from evenground.sources.surfaces import SHARES, USABLE
from evenground.study.grid import Grid
from evenground.study.overlap import cells_of_shapes, sum_by_cell

Float32 = NDArray[np.float32]

DRAWN_SHARE = 0.5
"""Least part of a cell that must be drawn for it to be known, as of finer rasters."""
OVERLAP_SHARE = 0.01
"""Most of the surfaces that may lie over one another, all cells together."""


@dataclass(frozen=True)
class SurfaceShares:
    """What polygons say of the cells (y, x), float32; NaN where too little is drawn."""

    green: Float32
    water: Float32
    paved_public: Float32
    paved_private: Float32
    usable_public: Float32
    """Public paving that could be lifted."""
    drawn: Float32
    """Part of each cell that any surface covers (0-1), zero outside."""


def lay_surfaces(surfaces: gpd.GeoDataFrame, grid: Grid) -> SurfaceShares:
    """Sum the exact area of every surface within each cell.

    Raises
    ------
    DataError
        If surfaces lie over one another, so that ground would count twice.
    """
    covered = cells_of_shapes(surfaces.geometry.to_numpy(), grid)
    drawn = sum_by_cell(covered.share, covered.cell, grid)
    if faults := _overlap_faults(drawn, grid):
        raise DataError(faults)
    known = drawn >= DRAWN_SHARE
    # slivers where outlines of neighbours do not meet to the millimetre
    shrink = 1.0 / np.maximum(drawn, 1.0)
    shares = {}
    for name in (*SHARES, USABLE):
        part = surfaces[name].to_numpy(float)[covered.neighbourhood] * covered.share
        total = sum_by_cell(part, covered.cell, grid) * shrink
        shares[name] = np.where(known, total, np.nan).astype(np.float32)
    return SurfaceShares(**shares, drawn=np.minimum(drawn, 1.0).astype(np.float32))


def _overlap_faults(drawn: NDArray[np.float64], grid: Grid) -> list[Fault]:
    """Fault for surfaces of which more lies over another than borders explain."""
    total, twice = drawn.sum(), np.maximum(drawn - 1.0, 0.0)
    if total <= 0.0:
        finding = "no surface lies within the grid of the neighbourhoods."
        return [Fault("surfaces", finding, "Check that it is of this city.")]
    if twice.sum() <= OVERLAP_SHARE * total:
        return []
    row, col = np.unravel_index(int(np.argmax(twice)), drawn.shape)
    finding = (
        f"{twice.sum() * grid.cell_m**2:.0f} m2 lies over other surfaces "
        f"({100.0 * twice.sum() / total:.1f} %), most near ({grid.x[col]:.0f}, {grid.y[row]:.0f})."
    )
    cure = "Bring each layer once, objects that are current, and what lies on the ground only."
    return [Fault("surfaces", finding, cure)]
