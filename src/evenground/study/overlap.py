"""Which part of which cell lies in which polygon, measured exactly.

Serves whatever comes as outlines: surfaces, crowns, buildings with dwellings. The total area
within the grid is kept: nothing is sampled.
"""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from evenground.study.grid import Grid
from evenground.study.people import Coverage, build_coverage

Float = NDArray[np.float64]


def cells_of_shapes(shapes: NDArray[np.object_], grid: Grid) -> Coverage:
    """Return the part of every cell that lies in each of some polygons (polygon,).

    Polygons outside the grid have no rows; ``neighbourhood`` is the index of the polygon.
    """
    near = np.flatnonzero(shapely.intersects(shapes, shapely.box(*grid.bounds)))
    if near.size == 0:
        none = np.zeros(0)
        return Coverage(none.astype(np.int64), none.astype(np.int32), none)
    found = build_coverage(gpd.GeoDataFrame(geometry=shapes[near], crs=grid.CRS), grid)
    keep = found.share > 0.0
    polygon = near[found.neighbourhood].astype(np.int32)
    return Coverage(found.cell[keep], polygon[keep], found.share[keep])


def sum_by_cell(values: Float, cell: NDArray[np.int64], grid: Grid) -> Float:
    """Sum values (pair,) over the cells of the grid (y, x)."""
    n_y, n_x = grid.shape
    return np.bincount(cell, values, n_y * n_x).reshape(grid.shape).astype(np.float64)
