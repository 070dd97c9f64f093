"""Buildings in rows along the streets of an invented town, and the trees before them.

Takes the town and its streets. A row stands where it fits: inside its
neighbourhood, clear of roads, water, railway, parks and other rows.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from evenground.miniature.size import Float, Index
from evenground.miniature.streets import TRACK_M
from evenground.miniature.town import Town

CLEAR_M = {30.0: 0.4, 50.0: 3.0, 70.0: 18.0}
"""Metres between the edge of a road and a building, by speed limit."""
BORDER_M = 9.0
"""Metres from the border of a neighbourhood, on which a road may lie, to its outer row."""
TREES = ("linde", "plataan", "eik", "es", "esdoorn", "iep", "berk", "haagbeuk")
PARK_TREES_PER_M2 = 0.0025


@dataclass(frozen=True)
class _Fronts:
    """Lines along which rows may stand, (front,)."""

    lines: NDArray[np.object_]
    neighbourhood: Index
    side: Float
    """One for the left of the line, minus one for its right."""
    off_m: Float
    """From the line to the front of the row."""


def build_buildings(
    town: Town, streets: gpd.GeoDataFrame, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Set buildings with gebruik, bouwlagen, bouwjaar and their neighbourhood."""
    shapes, home = _rows(town, _fronts(town, streets), rng)
    fits = _fit(town, streets, shapes, home)
    shapes, home = shapes[fits], home[fits]
    free = _without_overlap(shapes)
    shapes, home = shapes[free], home[free]
    kinds = [town.kind(k) for k in home]
    storeys = np.array([kind.buildings.storeys for kind in kinds], int).reshape(-1, 2)
    year = np.array([kind.buildings.year for kind in kinds], int).reshape(-1, 2)
    use = ["woonfunctie" if kind.is_inhabited else "industriefunctie" for kind in kinds]
    return gpd.GeoDataFrame(
        {
            "gebruik": use,
            "bouwlagen": rng.integers(storeys[:, 0], storeys[:, 1], endpoint=True),
            "bouwjaar": rng.integers(year[:, 0], year[:, 1], endpoint=True),
            "neighbourhood": home,
        },
        geometry=shapes,
        crs=28992,
    )


def _fronts(town: Town, streets: gpd.GeoDataFrame) -> _Fronts:
    """Inner side of each border, then both sides of each local street."""
    oriented = shapely.orient_polygons(np.array(town.neighbourhoods))
    borders = np.array([shapely.LineString(shape.exterior.coords) for shape in oriented])
    n = len(borders)
    local = streets[streets["neighbourhood"] >= 0]
    lines = local.geometry.to_numpy()
    place = local["neighbourhood"].to_numpy(np.int64)
    half = local["width_m"].to_numpy(float) / 2.0
    setback = np.array([town.kind(k).buildings.setback_m for k in range(n)])
    off = half + setback[place]
    return _Fronts(
        lines=np.concatenate([borders, lines, lines]),
        neighbourhood=np.concatenate([np.arange(n), place, place]),
        side=np.concatenate([np.ones(n), np.ones(len(lines)), -np.ones(len(lines))]),
        off_m=np.concatenate([BORDER_M + 0.5 * setback, off, off]),
    )


def _rows(
    town: Town, fronts: _Fronts, rng: np.random.Generator
) -> tuple[NDArray[np.object_], Index]:
    """Draw a rectangle for every row that a front has length for, and its neighbourhood."""
    patterns = [town.kind(k).buildings for k in fronts.neighbourhood]
    row_m = np.array([p.length_m for p in patterns])
    depth_m = np.array([p.depth_m for p in patterns])
    step_m = row_m + np.array([p.gap_m for p in patterns])
    length = shapely.length(fronts.lines)
    count = np.floor(np.divide(length, step_m, out=np.zeros_like(length), where=row_m > 0)).astype(
        int
    )
    front = np.repeat(np.arange(count.size), count)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    start = (length - count * step_m)[front] / 2.0 + nth * step_m[front]
    built = row_m[front] * rng.uniform(0.85, 1.0, front.size)
    begin = shapely.get_coordinates(shapely.line_interpolate_point(fronts.lines[front], start))
    end = shapely.get_coordinates(
        shapely.line_interpolate_point(fronts.lines[front], start + built)
    )
    chord = np.hypot(*(end - begin).T)
    straight = chord > 0.9 * built
    along = (end - begin) / np.maximum(chord, 1e-9)[:, None]
    aside = np.column_stack([-along[:, 1], along[:, 0]]) * fronts.side[front][:, None]
    near, far = fronts.off_m[front][:, None], (fronts.off_m + depth_m)[front][:, None]
    corners = np.stack(
        [begin + near * aside, end + near * aside, end + far * aside, begin + far * aside], axis=1
    )
    return shapely.polygons(corners[straight]), fronts.neighbourhood[front][straight]


def _fit(
    town: Town, streets: gpd.GeoDataFrame, shapes: NDArray[np.object_], home: Index
) -> NDArray[np.bool_]:
    """Say which rows lie in their neighbourhood and clear of all that is no building."""
    outlines = np.array(town.neighbourhoods)
    shapely.prepare(outlines)
    fits = shapely.contains_properly(outlines[home], shapes)
    clear = streets["speed_kmh"].map(CLEAR_M).to_numpy(float)
    half = streets["width_m"].to_numpy(float) / 2.0
    taken = [
        *shapely.buffer(streets.geometry.to_numpy(), half + clear, quad_segs=2),
        town.railway.buffer(TRACK_M),
        *town.parks,
    ]
    hit, _ = shapely.STRtree(taken).query(shapes, predicate="intersects")
    fits[hit] = False
    return np.asarray(fits)


def _without_overlap(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which rows stay if each yields to those before it."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    stays = np.ones(len(shapes), bool)
    later = one > other
    order = np.lexsort((other[later], one[later]))
    for row, before in zip(one[later][order].tolist(), other[later][order].tolist(), strict=True):
        if stays[before]:
            stays[row] = False
    return stays


def build_trees(
    town: Town,
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Plant trees with soort and kroondiameter_m, along streets and in parks."""
    points = np.vstack([_street_trees(town, streets, rng), *_park_trees(town, rng)])
    spots = shapely.points(points)
    taken = [
        *shapely.buffer(streets.geometry.to_numpy(), streets["width_m"].to_numpy(float) / 2.0),
        *buildings.geometry,
        *town.canal.geoms,
        *town.ponds,
        town.railway.buffer(TRACK_M),
    ]
    hit, _ = shapely.STRtree(taken).query(spots, predicate="within")
    stands = np.ones(len(spots), bool)
    stands[hit] = False
    n = int(stands.sum())
    crown = np.round(np.clip(rng.normal(6.5, 1.8, n), 3.0, 12.0), 1)
    kinds = np.array(TREES, object)[rng.integers(len(TREES), size=n)]
    return gpd.GeoDataFrame(
        {"soort": kinds, "kroondiameter_m": crown}, geometry=spots[stands], crs=28992
    )


def _street_trees(town: Town, streets: gpd.GeoDataFrame, rng: np.random.Generator) -> Float:
    """Places along both sides of the streets, (tree, 2)."""
    lines = streets.geometry.to_numpy()
    spacing = np.array(
        [town.kind(k).streets.tree_m if k >= 0 else 14.0 for k in streets["neighbourhood"]]
    )
    off = streets["width_m"].to_numpy(float) / 2.0 + 1.6
    count = np.floor(shapely.length(lines) / spacing).astype(int)
    line = np.repeat(np.arange(count.size), count)
    nth = np.arange(line.size) - np.repeat(np.cumsum(count) - count, count)
    points = []
    for side in (1.0, -1.0):
        keep = np.flatnonzero(rng.random(line.size) < 0.75)
        at = (nth[keep] + rng.uniform(0.3, 0.7, keep.size)) * spacing[line[keep]]
        here, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(lines[line[keep]], at + d))
            for d in (-0.5, 0.5)
        )
        aside = np.column_stack([here[:, 1] - ahead[:, 1], ahead[:, 0] - here[:, 0]]) * side
        points.append((here + ahead) / 2.0 + off[line[keep]][:, None] * aside)
    return np.vstack(points)


def _park_trees(town: Town, rng: np.random.Generator) -> list[Float]:
    """Places in each park, (tree, 2)."""
    trees = []
    for park in town.parks:
        left, bottom, right, top = park.bounds
        count = int(PARK_TREES_PER_M2 * (right - left) * (top - bottom))
        spots = rng.uniform((left, bottom), (right, top), (count, 2))
        trees.append(spots[shapely.contains_xy(park, spots)])
    return trees
