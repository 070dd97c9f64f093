"""The partition of the city into sites: squares, street segments, polygons or neighbourhoods.

A site is a place of which a plan says how much is built there. What is built acts from the
squares of the grid, whatever the partition, so that one problem can be cut in several ways.
Knows nothing of what fits on a site.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes as outline_cells
from shapely.geometry import shape

from evenground.config import RunSettings
from evenground.names import CODE, NAME
from evenground.sources import Sources
from evenground.sources.dutch import count
from evenground.study.buildings import Buildings
from evenground.study.grid import Grid
from evenground.study.people import build_coverage, majority_zone
from evenground.study.streets import Streets, line_of_piece

Float = NDArray[np.float64]
Index = NDArray[np.int32]
Long = NDArray[np.int64]

LEAST_COVERED = 0.5
"""Part of a cell that polygons must cover for it to belong to one of them."""


@dataclass(frozen=True)
class Parts:
    """Each site within each square, sorted by site and square; on squares every one is whole."""

    site: Index
    """Site of each part (part,)."""
    square: Index
    """Square of each part (part,)."""
    of_cell: Index
    """Part to which each cell belongs (y, x); -1 = none, as in the next two."""
    of_piece: Index
    """Part of each piece of street (piece,)."""
    of_building: Index
    """Part of each building (building,)."""


@dataclass(frozen=True)
class Sites:
    """Where something may be built, each place once; arrays are (site,)."""

    kind: str
    """``squares``, ``streets``, ``polygons`` or ``neighbourhoods``."""
    code: NDArray[np.str_]
    name: NDArray[np.str_]
    """Empty for squares."""
    outlines: tuple[bytes, ...]
    """Well-known binary of each site, in the CRS of the grid."""
    x: Float
    """A point on the site, its middle where that lies on it, in metres."""
    y: Float
    corner: Long
    """Left and bottom of each site, in whole metres (site, 2)."""
    m2: Float
    neighbourhood: Index
    """Neighbourhood of most of the site, of a square that of its middle; -1 outside all."""
    square: Index
    """Square in which the point on the site lies."""
    n_square: tuple[int, int]
    """Squares north to south and west to east."""
    cell: Index
    """Site of each cell (y, x); -1 = none."""
    parts: Parts

    def __len__(self) -> int:
        return self.code.size

    @property
    def are_squares(self) -> bool:
        """Whether sites are the squares themselves, in the same order."""
        return self.kind == "squares"

    def at(self, grid: Grid, x: Float, y: Float) -> Long:
        """Return the site of the cell in which each point lies, -1 where there is none."""
        return _look_up(self.cell, grid, x, y)


def square_shape(grid: Grid, side_m: int) -> tuple[int, int]:
    """Return the number of squares north to south and west to east."""
    per_side = side_m // grid.cell_m
    return grid.shape[0] // per_side, grid.shape[1] // per_side


def square_at(grid: Grid, side_m: int, x: Float, y: Float) -> Long:
    """Return the flat index of the square in which each point lies, -1 outside the grid."""
    n_y, n_x = square_shape(grid, side_m)
    row = np.floor((grid.top - y) / side_m).astype(np.int64)
    col = np.floor((x - grid.left) / side_m).astype(np.int64)
    inside = (row >= 0) & (row < n_y) & (col >= 0) & (col < n_x)
    return np.where(inside, row * n_x + col, -1)


def build_sites(
    sources: Sources,
    settings: RunSettings,
    grid: Grid,
    zone: Index,
    *,
    streets: Streets,
    buildings: Buildings,
) -> tuple[Sites, list[str]]:
    """Cut the city into sites, and say in Dutch what of it lies on none.

    Parameters
    ----------
    zone : (y, x)
        Neighbourhood of each cell, -1 outside all.
    """
    chosen, side_m = settings.sites, settings.grid.site_m
    if chosen.kind == "squares":
        return _squares(grid, side_m, zone, streets, buildings), []
    if chosen.kind == "streets" and sources.streets is not None:
        lines = sources.streets
        cell = _nearest_line(lines, grid, chosen.street_reach_m)
        piece = line_of_piece(lines, float(grid.cell_m)).astype(np.int32)
        shapes = _shapes_of_cells(cell, lines, grid)
        code = np.array([str(k + 1) for k in range(len(lines))])
        name = np.array([f"straatdeel {text}" for text in code])
    else:
        frame = sources.sites if chosen.kind == "polygons" else sources.neighbourhoods
        frame = sources.neighbourhoods if frame is None else frame
        cell = _cells_of_polygons(frame, grid) if chosen.kind == "polygons" else zone
        piece = _look_up(cell, grid, streets.x, streets.y).astype(np.int32)
        shapes = frame.geometry.to_numpy()
        code, name = (frame[column].astype(str).to_numpy(str) for column in (CODE, NAME))
    building = _look_up(cell, grid, buildings.x, buildings.y).astype(np.int32)
    squares = _square_of_cell(grid, side_m).astype(np.int64)
    of_street = square_at(grid, side_m, streets.x, streets.y)
    of_building = square_at(grid, side_m, buildings.x, buildings.y)
    piece = np.where(of_street < 0, -1, piece).astype(np.int32)
    x, y = _points_on(shapes)
    made = Sites(
        kind=chosen.kind,
        code=code,
        name=name,
        outlines=tuple(shapely.to_wkb(shapes)),
        x=x,
        y=y,
        corner=np.floor(shapely.bounds(shapes)[:, :2]).astype(np.int64),
        m2=np.asarray(shapely.area(shapes), np.float64),
        neighbourhood=_most_common(cell, zone, _look_up(zone, grid, x, y)),
        square=np.maximum(square_at(grid, side_m, x, y), 0).astype(np.int32),
        n_square=square_shape(grid, side_m),
        cell=cell,
        parts=_parts((cell, squares), (piece, of_street), (building, of_building)),
    )
    return made, _tell_left_out(made, grid, zone, streets, piece)


def _squares(grid: Grid, side_m: int, zone: Index, streets: Streets, buildings: Buildings) -> Sites:
    """Make every square of the grid a site."""
    n_y, n_x = square_shape(grid, side_m)
    index = np.arange(n_y * n_x, dtype=np.int32)
    row, col = np.divmod(index, n_x)
    side = side_m // grid.cell_m
    left, bottom = grid.left + col * side_m, grid.top - (row + 1) * side_m
    cell = _square_of_cell(grid, side_m)
    own = [
        square_at(grid, side_m, part.x, part.y).astype(np.int32) for part in (streets, buildings)
    ]
    return Sites(
        kind="squares",
        code=index.astype(str),
        name=np.full(index.size, ""),
        outlines=tuple(shapely.to_wkb(shapely.box(left, bottom, left + side_m, bottom + side_m))),
        x=grid.left + (col + 0.5) * side_m,
        y=grid.top - (row + 0.5) * side_m,
        corner=np.column_stack([left, bottom]).astype(np.int64),
        m2=np.full(index.size, float(side_m) ** 2),
        neighbourhood=zone[row * side + side // 2, col * side + side // 2].astype(np.int32),
        square=index,
        n_square=(n_y, n_x),
        cell=cell,
        parts=Parts(index, index, cell, own[0], own[1]),
    )


def _square_of_cell(grid: Grid, side_m: int) -> Index:
    """Square in which each cell lies (y, x)."""
    n_y, n_x = square_shape(grid, side_m)
    side = side_m // grid.cell_m
    square = np.arange(n_y * n_x, dtype=np.int32).reshape(n_y, n_x)
    return square.repeat(side, axis=0).repeat(side, axis=1)


def _look_up(cells: Index, grid: Grid, x: Float, y: Float) -> Long:
    """Return what a map of cells (y, x) says at points, -1 outside the grid."""
    cell = square_at(grid, grid.cell_m, x, y)
    return np.where(cell >= 0, cells.ravel()[np.maximum(cell, 0)], -1).astype(np.int64)


def _cells_of_polygons(polygons: gpd.GeoDataFrame, grid: Grid) -> Index:
    """Polygon with most of each cell (y, x), where polygons cover half of it or more.

    A polygon that has no cell so gets the free cell of which it covers most.
    """
    coverage = build_coverage(polygons, grid)
    n_cell = grid.shape[0] * grid.shape[1]
    covered = np.bincount(coverage.cell, coverage.share, n_cell)
    cell = majority_zone(coverage, grid).ravel()
    cell = np.where(covered >= LEAST_COVERED - 1e-9, cell, -1).astype(np.int32)
    order = np.lexsort((coverage.cell, -coverage.share))
    missing = set(range(len(polygons))) - set(np.unique(cell).tolist())
    for k in order.tolist():
        polygon, at = int(coverage.neighbourhood[k]), int(coverage.cell[k])
        if polygon in missing and cell[at] < 0:
            cell[at] = polygon
            missing.remove(polygon)
    return cell.reshape(grid.shape)


def _nearest_line(lines: gpd.GeoDataFrame, grid: Grid, reach_m: float) -> Index:
    """Line nearest to the centre of each cell within reach (y, x), of two alike the first."""
    x, y = np.meshgrid(grid.x, grid.y)
    tree = shapely.STRtree(lines.geometry.to_numpy())
    found = tree.query_nearest(shapely.points(x.ravel(), y.ravel()), max_distance=reach_m)
    cell = np.full(x.size, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(cell, found[0], found[1].astype(np.int32))
    cell[cell == np.iinfo(np.int32).max] = -1
    return cell.reshape(grid.shape)


def _shapes_of_cells(cell: Index, lines: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.object_]:
    """Return the cells of each line as one shape; a line that has none, as broad as a cell."""
    own: list[list[shapely.Polygon]] = [[] for _ in range(len(lines))]
    for outline, value in outline_cells(cell, mask=cell >= 0, transform=grid.transform):
        own[int(value)].append(shape(outline))
    broad = shapely.buffer(lines.geometry.to_numpy(), grid.cell_m / 2.0)
    made = [
        shapely.multipolygons(parts) if parts else bare
        for parts, bare in zip(own, broad, strict=True)
    ]
    return np.array(made, object)


def _points_on(shapes: NDArray[np.object_]) -> tuple[Float, Float]:
    """Return the centroid of each shape, or a point on it where that lies beside it."""
    point = shapely.centroid(shapes)
    point = np.where(shapely.intersects(shapes, point), point, shapely.point_on_surface(shapes))
    return np.asarray(shapely.get_x(point)), np.asarray(shapely.get_y(point))


def _most_common(cell: Index, zone: Index, at_middle: Long) -> Index:
    """Return the neighbourhood with most cells of each site (site,); without any, at its middle."""
    keep = (cell >= 0) & (zone >= 0)
    n_zone = int(zone.max(initial=0)) + 1
    key, number_of = np.unique(
        cell[keep].astype(np.int64) * n_zone + zone[keep], return_counts=True
    )
    out = at_middle.copy()
    order = np.argsort(number_of, kind="stable")
    out[key[order] // n_zone] = key[order] % n_zone
    return out.astype(np.int32)


def _parts(*placed: tuple[Index, Long]) -> Parts:
    """List each site within each square where it has cells, pieces of street or buildings.

    Parameters
    ----------
    placed
        Site and square of each cell, piece and building; -1 = none.
    """
    n = 1 + max(int(square.max(initial=0)) for _, square in placed)
    key = [
        np.where((site >= 0) & (square >= 0), site.astype(np.int64) * n + square, -1)
        for site, square in placed
    ]
    known = np.unique(np.concatenate([part.ravel() for part in key]))
    known = known[known >= 0]
    own = [np.where(part >= 0, np.searchsorted(known, part), -1).astype(np.int32) for part in key]
    return Parts((known // n).astype(np.int32), (known % n).astype(np.int32), *own)


def _tell_left_out(
    sites: Sites, grid: Grid, zone: Index, streets: Streets, piece: Index
) -> list[str]:
    """Say in Dutch how much ground and street of the neighbourhoods lies on no site."""
    inside = zone >= 0
    hectares = float((inside & (sites.cell < 0)).sum()) * grid.cell_m**2 / 1e4
    there = _look_up(zone, grid, streets.x, streets.y) >= 0
    metres = float(streets.length_m[there & (piece < 0)].sum())
    whole = float(inside.sum()) * grid.cell_m**2 / 1e4
    if hectares == 0.0 and metres == 0.0:
        return []
    what = {
        "polygons": "buiten de aangeleverde vlakken",
        "streets": "verder van een straat dan het bereik van [sites]",
    }.get(sites.kind, "buiten de buurten")
    lost, of_all = (f"{value:.1f}".replace(".", ",") for value in (hectares, whole))
    text = f"Van het gebied ligt {lost} van {of_all} hectare {what}, met {count(metres)} meter "
    return [f"{text}straat; daar wordt niets gebouwd."]
