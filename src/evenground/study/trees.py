"""Crowns of trees that stand, on the grid, and how many stand along a street.

Takes points with the diameter of the crown. Crowns are discs; their area is exact.

References
----------
Covered share of overlapping crowns: interventions.md section 4, crown overlap.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from evenground.sources.trees import CROWN
from evenground.study.grid import Grid
from evenground.study.overlap import cells_of_shapes, sum_by_cell

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

STREET_SIDE_M = 10.0
"""How far from the middle of a street a tree may stand that takes its places (assumption): half
of a street profile of 20 m."""
CORNERS = 8
"""Corners of a quarter of a disc; its radius is stretched so that its area is exact."""


@dataclass(frozen=True)
class Trees:
    """Trees on the cells of the grid (y, x), float32."""

    canopy: Float32
    """Share of each cell under a crown (0-1)."""
    over_open: Float32
    """Share of each cell under a crown that is neither green nor water below (0-1); zero where
    what lies below is not drawn."""
    along_street: Float32
    """Trees that take a place along a street."""


def lay_trees(
    trees: gpd.GeoDataFrame,
    grid: Grid,
    *,
    surfaces: gpd.GeoDataFrame | None,
    streets: gpd.GeoDataFrame | None,
) -> Trees:
    """Measure crowns, what they hang over, and which trees stand along a street.

    Parameters
    ----------
    surfaces
        What lies below, with shares of green and water; None = not known.
    streets
        Lines; None or areas = every tree takes a place.
    """
    crowns = discs(trees)
    whole = cells_of_shapes(crowns, grid)
    canopy = covered(sum_logs(whole.cell, whole.share, np.ones(grid.shape), grid))
    over = np.zeros(grid.shape)
    if surfaces is not None:
        over = _over_open(crowns, surfaces, grid)
    point = trees.geometry.to_numpy()
    takes = _along(point, streets)
    return Trees(
        canopy=canopy.astype(np.float32),
        over_open=over.astype(np.float32),
        along_street=_count(point[takes], grid).astype(np.float32),
    )


def discs(trees: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return crowns as polygons of the area that their diameter gives (tree,)."""
    corners = 4 * CORNERS
    stretch = np.sqrt(np.pi / (0.5 * corners * np.sin(2.0 * np.pi / corners)))
    radius = 0.5 * trees[CROWN].to_numpy(float) * stretch
    return np.asarray(shapely.buffer(trees.geometry.to_numpy(), radius, quad_segs=CORNERS))


def sum_logs(cell: NDArray[np.int64], part: Float, room: Float, grid: Grid) -> Float:
    r"""Sum the logarithm of what each crown leaves open of the room in a cell (y, x).

    Notes
    -----
    .. math:: \sum_j \ln(1 - a_j / A)
    """
    whole = np.maximum(room.ravel()[cell], 1e-12)
    return sum_by_cell(np.log1p(-np.minimum(part / whole, 1.0 - 1e-12)), cell, grid)


def covered(logs: Float) -> Float:
    r"""Return the share that crowns cover when they lie over one another by chance (y, x).

    Notes
    -----
    .. math:: f = 1 - \prod_j (1 - a_j / A)
    """
    return np.asarray(-np.expm1(logs))


def _over_open(crowns: NDArray[np.object_], surfaces: gpd.GeoDataFrame, grid: Grid) -> Float:
    """Share of each cell (y, x) that is neither green nor water and lies under a crown."""
    openness = np.clip(1.0 - surfaces["green"] - surfaces["water"], 0.0, 1.0).to_numpy(float)
    shapes = surfaces.geometry.to_numpy()
    ground = cells_of_shapes(shapes, grid)
    room = sum_by_cell(ground.share * openness[ground.neighbourhood], ground.cell, grid)
    room = np.asarray(np.minimum(room, 1.0), np.float64)
    bare = np.flatnonzero(openness > 0.0)
    crown, below = shapely.STRtree(shapes[bare]).query(crowns, predicate="intersects")
    pieces = shapely.intersection(crowns[crown], shapes[bare[below]])
    is_area = shapely.area(pieces) > 0.0
    crown, below, pieces = crown[is_area], below[is_area], pieces[is_area]
    part = cells_of_shapes(pieces, grid)
    open_share = part.share * openness[bare[below[part.neighbourhood]]]
    # one crown over several surfaces of a cell is one crown
    pair = part.cell * np.int64(len(crowns)) + crown[part.neighbourhood]
    pair, first = np.unique(pair, return_inverse=True)
    area: Float = np.bincount(first, open_share, pair.size).astype(np.float64)
    cell = (pair // len(crowns)).astype(np.int64)
    return np.asarray(room * covered(sum_logs(cell, area, room, grid)))


def _along(point: NDArray[np.object_], streets: gpd.GeoDataFrame | None) -> NDArray[np.bool_]:
    """Say which trees stand along a street (tree,)."""
    lines = None if streets is None else streets.geometry.to_numpy()
    if lines is None or not len(lines) or not np.isin(shapely.get_type_id(lines), (1, 5)).all():
        return np.ones(point.size, bool)
    near = shapely.STRtree(lines).query(point, predicate="dwithin", distance=STREET_SIDE_M)[0]
    takes = np.zeros(point.size, bool)
    takes[near] = True
    return takes


def _count(point: NDArray[np.object_], grid: Grid) -> Float:
    """Count points by cell (y, x); those outside the grid are left out."""
    cell, _ = cells_of_points(point, grid)
    return sum_by_cell(np.ones(cell.size), cell, grid)


def cells_of_points(
    point: NDArray[np.object_], grid: Grid
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the flat cell of every point within the grid, and which points those are."""
    row = np.floor((grid.top - shapely.get_y(point)) / grid.cell_m).astype(np.int64)
    col = np.floor((shapely.get_x(point) - grid.left) / grid.cell_m).astype(np.int64)
    n_y, n_x = grid.shape
    inside = np.flatnonzero((row >= 0) & (row < n_y) & (col >= 0) & (col < n_x))
    return row[inside] * n_x + col[inside], inside
