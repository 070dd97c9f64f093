"""Ground and exposure of an invented town, as rasters.

Takes the shapes of a town and how deprived each part is. The physics is that
of the evidence in short form: a line source for noise, an exponential plume
for air, a 500 m window for heat.
"""

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.signal import oaconvolve

from evenground.miniature.town import LEFT_M, MiniatureSize, Town

Float = NDArray[np.float64]

SURFACE_DB = {"dab": 0.0, "sma_nl8": -0.4, "sma_nl5": -1.2, "brick_herringbone": 1.0,
              "brick_other": 3.5}  # fmt: skip
"""Emission against dense asphalt, at the speeds these streets have (CNOSSOS-NL, rounded)."""
SPEED_DB = {30.0: -1.5, 50.0: 0.0, 70.0: 1.6}
"""Emission against 50 km/h for the same flow (CNOSSOS-NL, rounded)."""


def burn(
    shapes: list[shapely.Geometry], size: MiniatureSize, values: list[int] | None = None
) -> NDArray[np.int32]:
    """Return shapes on the raster (y, x): one, or their own value; zero elsewhere."""
    whole = from_origin(LEFT_M, size.top, size.cell_m, size.cell_m)
    pairs = zip(shapes, values or [1] * len(shapes), strict=True)
    return np.asarray(rasterize(pairs, size.shape, transform=whole, dtype="int32"))


def smooth_noise(size: MiniatureSize, reach_m: float, rng: np.random.Generator) -> Float:
    """Return a smooth random field (y, x) with mean zero and spread one."""
    field = gaussian_filter(rng.normal(size=size.shape), reach_m / size.cell_m, mode="wrap")
    return np.asarray((field - field.mean()) / field.std())


def deprivation(town: Town, size: MiniatureSize, rng: np.random.Generator) -> Float:
    """Return how deprived each cell's surroundings are (y, x), about -2 to 2.

    Higher near busy roads, lower near parks, and for the rest chance: the pattern of
    Dutch towns, with exceptions.
    """
    busy = burn([g.buffer(20) for g in _busy(town)], size)
    parks = burn(list(town.parks), size)
    near_busy = np.exp(-distance_transform_edt(busy == 0) * size.cell_m / 500.0)
    near_park = np.exp(-distance_transform_edt(parks == 0) * size.cell_m / 600.0)
    chance = smooth_noise(size, 0.09 * size.width_m, rng)
    pull = 1.6 * (near_busy - near_busy.mean()) - 1.2 * (near_park - near_park.mean())
    return np.asarray(pull + 0.7 * chance)


def _busy(town: Town) -> list[shapely.Geometry]:
    """Streets with much traffic."""
    return list(town.streets.geometry[town.streets["flow_veh_day"] >= 6000.0])


def build_ground(
    town: Town, size: MiniatureSize, poor: Float, rng: np.random.Generator
) -> dict[str, Float]:
    """Return homes, green, water and paving (y, x); shares of the cell but for the homes."""
    inside = burn([town.outline], size) == 1
    water = burn([town.canal], size) == 1
    park = (burn(list(town.parks), size) == 1) & ~water
    width = town.streets["width_m"].to_numpy(float)
    street = burn(
        [g.buffer(w / 2 + 2) for g, w in zip(town.streets.geometry, width, strict=True)], size
    )
    road = (street == 1) & inside & ~water
    away = distance_transform_edt(~road) * size.cell_m
    plot = inside & ~road & ~water & ~park & (away <= 2.2 * size.cell_m) & (away > 0)
    dense = 0.42 + 0.10 * np.tanh(poor) + 0.08 * smooth_noise(size, 120.0, rng)
    homes = plot & (rng.random(size.shape) < dense)
    height = np.clip(2.0 + 0.9 * poor + rng.normal(0.0, 0.4, size.shape), 1.0, 6.0)
    garden = np.clip(0.46 - 0.13 * poor + 0.06 * smooth_noise(size, 60.0, rng), 0.05, 0.85)
    green = np.where(park, 0.92, np.where(road, 0.08, np.where(homes, 0.10, garden)))
    green = np.where(inside, green, 0.85) * ~water
    bare = np.clip(1.0 - green - water, 0.0, 1.0)
    public = np.where(road, 0.95 * bare, np.where(homes, 0.05 * bare, 0.30 * bare)) * inside
    private = np.where(road, 0.0, np.where(homes, 0.15, 0.40) * bare) * inside
    return {
        "weight": homes * height * size.cell_m**2,
        "green": green,
        "water": water.astype(float),
        "paved_public": np.minimum(public, 1.0),
        "paved_private": private,
    }


def build_exposure(
    town: Town, size: MiniatureSize, ground: dict[str, Float], rng: np.random.Generator
) -> dict[str, Float]:
    """Return noise, air with its background, and heat (y, x)."""
    energy, traffic = _emission(town, size)
    line = _kernel(size, 300.0, lambda d: 10 ** (-0.0005 * d) / np.maximum(d, 7.5))
    plume = _kernel(size, 150.0, lambda d: np.exp(-d / 50.0))
    road = np.maximum(oaconvolve(energy, line, mode="same"), 0.0)
    near = np.maximum(oaconvolve(traffic, plume, mode="same"), 0.0)
    near = near / np.quantile(near, 0.995)
    other = 10 ** ((41.5 + 1.5 * smooth_noise(size, 500.0, rng)) / 10.0)
    level = 10.0 * np.log10(road * 10**6.5 / np.quantile(road, 0.998) + other)
    window = _kernel(size, 500.0, lambda d: (d <= 500.0).astype(float))
    green = oaconvolve(ground["green"] + ground["water"], window / window.sum(), mode="same")
    over = gaussian_filter(np.ones(size.shape), 1)  # the edge of the map is open country
    no2_below = 11.5 + 0.5 * smooth_noise(size, 900.0, rng)
    pm_below = 7.0 + 0.15 * smooth_noise(size, 900.0, rng)
    return {
        "noise": np.clip(level, 38.0, 75.0),
        "no2": no2_below + 10.0 * np.minimum(near, 1.2),
        "no2_background": no2_below,
        "pm25": pm_below + 1.3 * np.minimum(near, 1.2),
        "pm25_background": pm_below,
        "heat": np.clip(2.6 * (1.0 - green) * over, 0.0, 3.0),
    }


def _emission(town: Town, size: MiniatureSize) -> tuple[Float, Float]:
    """Noise energy and traffic of the streets in each cell (y, x)."""
    energy, traffic = np.zeros(size.shape), np.zeros(size.shape)
    columns = ("geometry", "surface", "speed_kmh", "flow_veh_day")
    for line, surface, speed, flow in zip(*(town.streets[c] for c in columns), strict=True):
        count = max(2, int(line.length / size.cell_m))
        middle = (np.arange(count) + 0.5) / count
        points = shapely.line_interpolate_point(line, middle, normalized=True)
        row = ((size.top - shapely.get_y(points)) // size.cell_m).astype(int)
        col = ((shapely.get_x(points) - LEFT_M) // size.cell_m).astype(int)
        passing = float(flow) * line.length / count
        db = SURFACE_DB[surface] + SPEED_DB[speed]
        np.add.at(energy, (row, col), 10 ** (db / 10) * passing)
        np.add.at(traffic, (row, col), passing)
    return energy, traffic


def _kernel(size: MiniatureSize, reach_m: float, decay: Callable[[Float], Float]) -> Float:
    """Effect of a cell on the cells around it."""
    n = min(int(reach_m / size.cell_m), min(size.shape) // 2 - 1)
    offset = np.arange(-n, n + 1) * float(size.cell_m)
    distance = np.hypot(offset[:, None], offset[None, :])
    return np.where(distance <= reach_m, decay(distance), 0.0)
