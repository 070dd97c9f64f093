"""Streets as many short pieces, each with its length, speed, flow and surface.

Takes street lines, or areas of which only the metres of street are known.
Later stages see pieces only, so both kinds of case run the same models.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from evenground.config import StreetDensitySettings
from evenground.study.grid import Grid

Float = NDArray[np.float64]
Index = NDArray[np.int64]

MAIN_SPEED_KMH = 40.0
"""From this speed limit a street counts as a main street, else as a local street."""


@dataclass(frozen=True)
class Streets:
    """Pieces of street, all arrays (piece,)."""

    x: Float
    y: Float
    length_m: Float
    speed_kmh: Float
    flow_veh_day: Float
    surface: NDArray[np.str_]
    line: Index | None = None
    """Line of the map that a piece is cut from; None where only metres are known."""
    way_rad: Float | None = None
    """Direction of a piece, anticlockwise from east; a street and its reverse are one."""

    @property
    def is_main(self) -> NDArray[np.bool_]:
        """True for main streets, false for local streets."""
        return self.speed_kmh >= MAIN_SPEED_KMH


def no_streets() -> Streets:
    """Make the product for a case without streets."""
    none = np.zeros(0)
    return Streets(none, none, none, none, none, np.zeros(0, "U1"))


def from_lines(lines: gpd.GeoDataFrame, piece_m: float) -> Streets:
    """Cut street lines into pieces of at most ``piece_m``, each placed at its middle."""
    exploded = lines.explode(index_parts=False, ignore_index=True)
    geometry = exploded.geometry.to_numpy()
    length, count, line = _cut(geometry, piece_m)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    share = (nth + 0.5) / count[line]
    point = shapely.line_interpolate_point(geometry[line], share, normalized=True)
    half = 0.5 / count[line]
    start = shapely.line_interpolate_point(geometry[line], share - half, normalized=True)
    end = shapely.line_interpolate_point(geometry[line], share + half, normalized=True)
    along = shapely.get_coordinates(end) - shapely.get_coordinates(start)
    return Streets(
        x=shapely.get_x(point),
        y=shapely.get_y(point),
        length_m=(length / count)[line],
        speed_kmh=exploded["speed_kmh"].to_numpy(float)[line],
        flow_veh_day=exploded["flow_veh_day"].to_numpy(float)[line],
        surface=exploded["surface"].to_numpy(str)[line],
        line=line.astype(np.int64),
        way_rad=np.arctan2(along[:, 1], along[:, 0]),
    )


def _cut(lines: NDArray[np.object_], piece_m: float) -> tuple[Float, Index, Index]:
    """Return the length of each line, in how many pieces it is cut, and the line of each piece."""
    length = shapely.length(lines)
    count = np.maximum(1, np.ceil(length / piece_m)).astype(np.int64)
    return length, count, np.repeat(np.arange(len(count)), count)


def line_of_piece(lines: gpd.GeoDataFrame, piece_m: float) -> Index:
    """Return the line of each piece that ``from_lines`` makes of single lines (piece,)."""
    return _cut(lines.geometry.to_numpy(), piece_m)[2]


def from_density(
    areas: gpd.GeoDataFrame,
    settings: StreetDensitySettings,
    weight: NDArray[np.float32],
    grid: Grid,
) -> Streets:
    """Spread the metres of street of each area over its cells by weight (y, x).

    Every cell gets a main piece at 50 km/h and a local piece at 30 km/h, on
    reference asphalt, as the settings share them out: an assumption. An area
    without any weight is filled evenly, so that no metre is lost.
    """
    area, cell = _cells_of(areas, grid)
    share = weight.ravel()[cell].astype(np.float64)
    total = np.bincount(area, share, len(areas))
    share = np.where(total[area] > 0.0, share, 1.0)
    total = np.bincount(area, share, len(areas))
    metres = areas["street_m"].to_numpy(float)[area] * share / total[area]
    row, col = np.divmod(cell, grid.shape[1])
    keep = metres > 0.0
    kinds = (
        (settings.main_share, 50.0, settings.main_flow_veh_day),
        (1.0 - settings.main_share, 30.0, settings.local_flow_veh_day),
    )
    n = int(keep.sum())
    return Streets(
        x=np.tile(grid.x[col[keep]], 2),
        y=np.tile(grid.y[row[keep]], 2),
        length_m=np.concatenate([part * metres[keep] for part, _, _ in kinds]),
        speed_kmh=np.repeat([speed for _, speed, _ in kinds], n),
        flow_veh_day=np.repeat([flow for _, _, flow in kinds], n),
        surface=np.full(2 * n, "dab"),
    )


def _cells_of(areas: gpd.GeoDataFrame, grid: Grid) -> tuple[Index, Index]:
    """Return area and flat cell of every cell whose centre lies in an area (pair,).

    An area too small to hold a centre gets the cell in which it lies.
    """
    shapes = ((shape, k) for k, shape in enumerate(areas.geometry))
    burnt = rasterize(shapes, grid.shape, fill=-1, transform=grid.transform, dtype="int32").ravel()
    cell = np.flatnonzero(burnt >= 0)
    small = np.setdiff1d(np.arange(len(areas)), burnt[cell])
    point = shapely.point_on_surface(areas.geometry.to_numpy()[small])
    row = np.floor((grid.top - shapely.get_y(point)) / grid.cell_m).astype(np.int64)
    col = np.floor((shapely.get_x(point) - grid.left) / grid.cell_m).astype(np.int64)
    n_y, n_x = grid.shape
    inside = (row >= 0) & (row < n_y) & (col >= 0) & (col < n_x)
    return (
        np.concatenate([burnt[cell].astype(np.int64), small[inside]]),
        np.concatenate([cell, (row * n_x + col)[inside]]),
    )
