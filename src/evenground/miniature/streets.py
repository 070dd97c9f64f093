"""Streets of an invented town: main roads on its rings and radials, and local streets.

Takes the shape of the town. Local streets follow the pattern of their kind of
neighbourhood. Knows nothing of buildings or exposure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from evenground.miniature.kinds import ASPHALT, BRICK, MIXED
from evenground.miniature.names import street_names
from evenground.miniature.size import Float
from evenground.miniature.town import BEYOND, Town

TRACK_M = 16.0
"""Half of the strip that a railway takes, with its banks."""
SHORTEST_M = 35.0
"""Pieces of local street shorter than this are left out."""

Row = dict[str, object]
Surfaces = tuple[str, ...]


@dataclass(frozen=True)
class Road:
    """A class of street."""

    name: str
    """Of all streets of the class; local streets get their own."""
    speed_kmh: float
    flow_veh_day: tuple[int, int]
    surfaces: Surfaces
    width_m: float


MOAT_ROAD = Road("Singel", 50.0, (6000, 10_000), ("dab", "brick_herringbone"), 9.0)
RING_ROAD = Road("Ringweg", 70.0, (12_000, 22_000), ("sma_nl8", "dab"), 14.0)
DISTRICT_ROAD = Road("Wijkweg", 50.0, (2500, 6500), ASPHALT, 8.0)
RADIAL_ROAD = Road("Invalsweg", 50.0, (9000, 17_500), ("dab", "dab", "sma_nl5"), 11.0)
COUNTRY_ROAD = Road("Provincialeweg", 70.0, (9000, 17_500), ("dab",), 9.0)
MARKET_STREET = Road("", 30.0, (700, 1200), BRICK, 7.0)
BORDER_ROAD = Road("Buurtweg", 50.0, (2000, 4500), ASPHALT, 7.0)
BORDER_STREET = Road("", 30.0, (500, 1200), MIXED, 6.0)


def build_streets(town: Town, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Lay streets with speed_kmh, flow_veh_day, surface, width_m, naam and their neighbourhood.

    The neighbourhood is -1 for main roads, which lie between neighbourhoods.
    """
    rows = [*_ring_roads(town, rng), *_radial_roads(town, rng), *_between(town, rng)]
    rows += _local(town, rng)
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=28992)
    local = frame["naam"] == ""
    frame.loc[local, "naam"] = street_names(int(local.sum()), rng)
    return frame


def _row(
    road: Road, line: shapely.LineString, rng: np.random.Generator, neighbourhood: int = -1
) -> Row:
    """Describe one street; its flow and surface are drawn."""
    return {
        "naam": road.name,
        "speed_kmh": road.speed_kmh,
        "flow_veh_day": float(rng.integers(*road.flow_veh_day, endpoint=True) // 50 * 50),
        "surface": str(rng.choice(road.surfaces)),
        "width_m": road.width_m,
        "neighbourhood": neighbourhood,
        "geometry": line,
    }


def _ring_roads(town: Town, rng: np.random.Generator) -> Iterator[Row]:
    """Lay the road along the moat, the ring road, and roads between districts."""
    edges, plane, radials = town.rings.edges, town.plane, town.rings.radials
    if town.rings.has_moat:
        moat = shapely.Polygon(plane.xy(float(edges[1]), np.linspace(0.0, 2.0 * np.pi, 181)[:-1]))
        off = float(np.clip(0.006 * town.size.width_m, 8.0, 30.0))
        yield _row(MOAT_ROAD, shapely.LineString(moat.buffer(off).exterior.coords), rng)
    ends = list(zip(radials, [*radials[1:], radials[0] + 2.0 * np.pi], strict=True))
    for edge in edges[2:-1]:
        for start, end in ends:
            arc = shapely.LineString(plane.xy(float(edge), np.linspace(start, end, 40)))
            between = DISTRICT_ROAD if rng.random() < 0.55 else BORDER_STREET
            yield _row(RING_ROAD if edge == edges[-2] else between, arc, rng)


def _radial_roads(town: Town, rng: np.random.Generator) -> Iterator[Row]:
    """Lay roads from the market to the edge of the map, but for the radials that are canal."""
    plane, box = town.plane, town.size.canvas.box
    inner = float(town.rings.edges[1]) if town.rings.has_moat else 0.0
    for angle in (a for a in town.rings.radials if float(a) not in town.canal_angles):
        if inner > 0.0:
            street = shapely.LineString(plane.xy(np.linspace(0.05, inner, 12), angle))
            yield _row(MARKET_STREET, street, rng)
        yield _row(
            RADIAL_ROAD, shapely.LineString(plane.xy(np.linspace(inner, 1.0, 40), angle)), rng
        )
        out = shapely.LineString(plane.xy(np.linspace(1.0, BEYOND, 40), angle)).intersection(box)
        for part in shapely.get_parts(out):
            if part.geom_type == "LineString" and part.length > SHORTEST_M:
                yield _row(COUNTRY_ROAD, part, rng)


def _between(town: Town, rng: np.random.Generator) -> Iterator[Row]:
    """Lay streets on the borders between neighbourhoods of one district."""
    edges = town.rings.edges
    for ring, angles in enumerate(town.rings.dividers):
        if ring == 0 and not town.rings.has_moat:
            continue
        for angle in np.setdiff1d(angles, town.rings.radials):
            # In the old centre the border ends before the market and the moat.
            low, high = (0.08, 0.94 * edges[1]) if ring == 0 else (edges[ring], edges[ring + 1])
            line = shapely.LineString(town.plane.xy(np.linspace(low, high, 12), angle))
            is_road = ring > 0 and rng.random() < 0.4
            yield _row(BORDER_ROAD if is_road else BORDER_STREET, line, rng)


def _local(town: Town, rng: np.random.Generator) -> Iterator[Row]:
    """Lay the streets of each neighbourhood in its own pattern and direction."""
    taken = shapely.union_all([town.railway.buffer(TRACK_M), *town.parks])
    market = town.plane.xy(0.0, 0.0)[0]
    for k, outline in enumerate(town.neighbourhoods):
        pattern = town.kind(k).streets
        if pattern.spacing_m == 0.0:
            continue
        centre = np.array([outline.centroid.x, outline.centroid.y])
        outwards = float(np.arctan2(*(centre - market)[::-1]))
        turn = outwards + np.pi / 2.0 + rng.normal(0.0, 0.18)
        free = outline.buffer(-2.0).difference(taken)
        road = Road("", 30.0, pattern.flow_veh_day, pattern.surfaces, pattern.width_m)
        for line in _grid(town, k, centre, turn, rng):
            for part in shapely.get_parts(line.intersection(free)):
                if part.geom_type == "LineString" and part.length >= SHORTEST_M:
                    yield _row(road, part, rng, k)


def _grid(
    town: Town, neighbourhood: int, centre: Float, turn: float, rng: np.random.Generator
) -> Iterator[shapely.LineString]:
    """Two families of lines over a neighbourhood, straight or swinging."""
    pattern = town.kind(neighbourhood).streets
    left, bottom, right, top = town.neighbourhoods[neighbourhood].bounds
    reach = float(np.hypot(right - left, top - bottom)) / 2.0 + pattern.spacing_m
    phase = rng.uniform(0.0, 2.0 * np.pi, 2)
    for family, gap in enumerate((pattern.spacing_m, pattern.cross_m)):
        if gap == 0.0:
            continue
        along = np.arange(-reach, reach + 20.0, 20.0 if pattern.bend_m else 2.0 * reach)
        way = np.array([np.cos(turn + family * np.pi / 2), np.sin(turn + family * np.pi / 2)])
        aside = np.array([-way[1], way[0]])
        for offset in np.arange(-reach + rng.uniform(0.0, gap), reach, gap):
            swing = pattern.bend_m * np.sin(along / 45.0 + phase[family])
            points = centre + along[:, None] * way + (offset + swing)[:, None] * aside
            yield shapely.LineString(points)
