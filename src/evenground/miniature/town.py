"""The shape of an invented town: outline, neighbourhoods, streets, water and parks.

Takes a size and a generator. Knows nothing of files, people or exposure.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity

Float = NDArray[np.float64]

LEFT_M, BOTTOM_M = 100_000, 450_000
"""South-west corner of every town: open country in EPSG:28992."""


@dataclass(frozen=True)
class MiniatureSize:
    """How large a town is."""

    width_m: int
    height_m: int
    cell_m: int
    neighbourhoods: int
    residents: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the rasters."""
        return self.height_m // self.cell_m, self.width_m // self.cell_m

    @property
    def top(self) -> int:
        """Northern edge, in metres."""
        return BOTTOM_M + self.height_m


VOORBEELDSTAD = MiniatureSize(6000, 5000, 10, 80, 90_000)
"""The town that comes with evenground."""


@dataclass(frozen=True)
class Town:
    """Shapes of a town, in metres in EPSG:28992."""

    outline: shapely.Polygon
    neighbourhoods: list[shapely.Polygon]
    canal: shapely.Polygon
    parks: list[shapely.Polygon]
    streets: gpd.GeoDataFrame
    """Lines with speed_kmh, flow_veh_day, surface, width_m and naam."""


def build_town(size: MiniatureSize, rng: np.random.Generator) -> Town:
    """Draw a town: a round outline, a canal, parks, a ring, radials and a grid of streets."""
    outline = _outline(size, rng)
    centre = outline.centroid
    canal = _canal(size, rng).intersection(outline)
    parks = _parks(size, outline, rng)
    streets = _streets(size, outline, centre, rng)
    return Town(outline, _neighbourhoods(size, outline, rng), canal, parks, streets)


def _outline(size: MiniatureSize, rng: np.random.Generator) -> shapely.Polygon:
    """Draw an uneven oval that nearly fills the rectangle."""
    angle = np.linspace(0.0, 2.0 * np.pi, 120, endpoint=False)
    wave = sum(
        rng.uniform(0.0, 0.05 / k) * np.sin(k * angle + rng.uniform(0.0, 6.3)) for k in (2, 3, 5)
    )
    radius = 0.90 * (1.0 + wave)
    # A superellipse: fuller in the corners than an oval.
    round_x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.6
    round_y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.6
    x = LEFT_M + size.width_m / 2 * (1.0 + np.clip(radius * round_x, -0.98, 0.98))
    y = BOTTOM_M + size.height_m / 2 * (1.0 + np.clip(radius * round_y, -0.98, 0.98))
    return shapely.Polygon(np.column_stack([x, y])).buffer(0)


def _neighbourhoods(
    size: MiniatureSize, outline: shapely.Polygon, rng: np.random.Generator
) -> list[shapely.Polygon]:
    """Cells around scattered points, evened out, smaller towards the centre."""
    wanted = size.neighbourhoods
    points = _scatter(outline, 40 * wanted, rng)
    towards = np.array([outline.centroid.x, outline.centroid.y])
    for _ in range(3):
        kernels = points[:wanted]
        cells = shapely.voronoi_polygons(shapely.MultiPoint(kernels), extend_to=outline)
        cut = [cell.intersection(outline) for cell in cells.geoms]
        middle = np.array([[c.centroid.x, c.centroid.y] for c in cut if not c.is_empty])
        points = np.vstack([middle + 0.02 * (towards - middle), points[wanted:]])
    whole = [max(shapely.get_parts(c), key=shapely.area) for c in cut if not c.is_empty]
    return sorted(whole, key=lambda p: (round(-p.centroid.y / 600.0), p.centroid.x))


def _scatter(outline: shapely.Polygon, count: int, rng: np.random.Generator) -> Float:
    """Points within an outline."""
    left, bottom, right, top = outline.bounds
    points = np.column_stack([rng.uniform(left, right, count), rng.uniform(bottom, top, count)])
    return np.asarray(points[shapely.contains_xy(outline, points)])


def _canal(size: MiniatureSize, rng: np.random.Generator) -> shapely.Polygon:
    """Draw a winding canal from west to east, south of the middle."""
    x = np.linspace(0.0, 1.0, 60)
    y = 0.40 + 0.06 * np.sin(5.0 * x + rng.uniform(0.0, 6.3))
    line = np.column_stack([LEFT_M + x * size.width_m, BOTTOM_M + y * size.height_m])
    return shapely.LineString(line).buffer(0.004 * size.width_m)


def _parks(
    size: MiniatureSize, outline: shapely.Polygon, rng: np.random.Generator
) -> list[shapely.Polygon]:
    """Draw a few parks, larger away from the centre."""
    count = max(2, size.neighbourhoods // 9)
    parks = []
    for x, y in _scatter(outline.buffer(-0.05 * size.height_m), 8 * count, rng)[:count]:
        radius = rng.uniform(0.010, 0.032) * size.width_m
        circle = shapely.Point(x, y).buffer(radius)
        parks.append(affinity.scale(circle, rng.uniform(0.6, 1.6), rng.uniform(0.6, 1.3)))
    return [park.intersection(outline) for park in parks]


def _streets(
    size: MiniatureSize,
    outline: shapely.Polygon,
    centre: shapely.Point,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Ring and radials, collectors and residential streets, cut to the town."""
    turn = rng.uniform(10.0, 30.0)
    small = min(size.width_m, size.height_m)
    ring = centre.buffer(0.36 * small).exterior
    angles = np.arange(7) / 7 * 2 * np.pi + rng.uniform(0.0, 1.0)
    far = float(size.width_m)
    radials = [
        shapely.LineString(
            [(centre.x, centre.y), (centre.x + far * np.cos(a), centre.y + far * np.sin(a))]
        )
        for a in angles
    ]
    kinds = [
        ("Ringweg", [ring], 70.0, (12_000, 22_000), ("sma_nl8", "dab"), 14.0),
        ("Invalsweg", radials, 50.0, (6_000, 16_000), ("dab", "dab", "sma_nl5"), 11.0),
        ("Wijkweg", _lines(size, centre, turn, 520.0), 50.0, (2_000, 6_000),
         ("dab", "brick_herringbone"), 8.0),
        ("Woonstraat", _lines(size, centre, turn, 104.0), 30.0, (200, 1_200),
         ("brick_herringbone", "brick_other", "dab"), 5.5),
    ]  # fmt: skip
    rows = []
    for name, lines, speed, (low, high), surfaces, width in kinds:
        for k, line in enumerate(lines):
            parts = shapely.get_parts(line.intersection(outline))
            rows += [
                {
                    "naam": f"{name} {k + 1}",
                    "speed_kmh": speed,
                    "flow_veh_day": float(rng.integers(low, high) // 50 * 50),
                    "surface": str(rng.choice(surfaces)),
                    "width_m": width,
                    "geometry": part,
                }
                for part in parts
                if part.geom_type == "LineString" and part.length > 30.0
            ]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=28992)


def _lines(
    size: MiniatureSize, centre: shapely.Point, turn: float, spacing: float
) -> list[shapely.LineString]:
    """Two families of parallel lines, turned about the centre."""
    reach = float(np.hypot(size.width_m, size.height_m)) / 2
    offsets = np.arange(-reach, reach, spacing)
    across = [((centre.x - reach, centre.y + d), (centre.x + reach, centre.y + d)) for d in offsets]
    along = [
        ((centre.x + d, centre.y - reach), (centre.x + d, centre.y + reach))
        for d in offsets[:: 2 if spacing < 200.0 else 1]
    ]
    return [
        affinity.rotate(shapely.LineString(line), turn, origin=centre) for line in across + along
    ]
