"""Noise, air and heat of an invented town, from its streets, railway and ground.

The physics is that of the evidence in short form: a line source behind rows
of houses for noise, an exponential plume for air, a 500 m window for heat.
Constants without a source are chosen so that levels are those of a Dutch town.
"""

from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from evenground.miniature.land import COUNTRY_GREEN, Land
from evenground.miniature.size import Canvas, Float
from evenground.miniature.town import Town

SPEEDS_KMH = (30.0, 40.0, 50.0, 60.0)
NOISE_AT_ONE_DB = 31.5
"""Lden of an energy of one; gives 66.5 dB at 10 m from 10 000 cars a day on asphalt at 50 km/h."""
ROWS_DB, ROWS_M = 7.0, 30.0
"""Loss behind the rows of houses, and the distance over which it builds up."""
AIR_DB_M = 0.005
FIRST_ROW_M = 15.0
NEAREST_M = 5.0
TRAIN_VEH_DAY = 26_000.0
"""Road traffic that makes as much noise as the trains."""
NOISE_REACH_M, AIR_REACH_M, AIR_DECAY_M = 500.0, 150.0, 50.0
NO2_PER_VEH_M, PM25_PER_VEH_M = 5.5e-6, 0.85e-6
"""ug m-3 for each vehicle a day and metre of street, at the street itself."""
HEAT_WINDOW_M, HEAT_DEGC = 500.0, 3.1
"""Summer mean of a town without any green, above that of the country around it."""


def build_exposure(
    town: Town, streets: gpd.GeoDataFrame, land: Land, rng: np.random.Generator
) -> dict[str, Float]:
    """Return noise, air with its background, and heat (y, x)."""
    canvas = town.size.canvas
    energy, traffic = _emission(town, streets)
    road = np.maximum(canvas.spread(energy, NOISE_REACH_M, _line_source), 0.0)
    other = 10.0 ** ((40.5 + 1.3 * canvas.chance(500.0, rng)) / 10.0)
    level = 10.0 * np.log10(10.0 ** (NOISE_AT_ONE_DB / 10.0) * road + other)
    plume = canvas.spread(traffic, AIR_REACH_M, lambda d: np.exp(-d / AIR_DECAY_M))
    near = np.maximum(plume, 0.0)
    dense = canvas.window_mean(land.built, 1000.0, 0.0)
    no2 = 10.3 + 4.0 * dense + 0.35 * canvas.chance(900.0, rng)
    pm25 = 7.1 + 1.4 * dense + 0.12 * canvas.chance(900.0, rng)
    cool = canvas.window_mean(land.green + land.water, HEAT_WINDOW_M, COUNTRY_GREEN)
    return {
        "noise": np.clip(level, 38.0, 75.0),
        "no2": no2 + np.minimum(NO2_PER_VEH_M * near, 12.0),
        "no2_background": no2,
        "pm25": pm25 + np.minimum(PM25_PER_VEH_M * near, 1.4),
        "pm25_background": pm25,
        "heat": np.clip(HEAT_DEGC * (1.0 - cool / COUNTRY_GREEN), 0.0, 3.0),
    }


def _line_source(distance_m: Float) -> Float:
    """Energy of one metre of source at a distance, with the rows of houses in between."""
    behind = 1.0 - np.exp(-np.maximum(distance_m - FIRST_ROW_M, 0.0) / ROWS_M)
    loss = AIR_DB_M * distance_m + ROWS_DB * behind
    return np.asarray(10.0 ** (-loss / 10.0) / np.maximum(distance_m, NEAREST_M) ** 2)


def _emission(town: Town, streets: gpd.GeoDataFrame) -> tuple[Float, Float]:
    """Noise energy and traffic of the streets and trains in each cell (y, x)."""
    canvas = town.size.canvas
    level = _emission_db(streets)
    flow = streets["flow_veh_day"].to_numpy(float)
    x, y, metres, line = _pieces(streets.geometry.to_numpy(), canvas)
    traffic = canvas.add(x, y, metres * flow[line])
    energy = canvas.add(x, y, metres * (flow * 10.0 ** (level / 10.0))[line])
    x, y, metres, _ = _pieces(np.array([town.railway]), canvas)
    return energy + canvas.add(x, y, metres * TRAIN_VEH_DAY), traffic


def _emission_db(streets: gpd.GeoDataFrame) -> Float:
    """Emission of each street against dense asphalt at 50 km/h, in dB, as the engine has it."""
    table = files("evenground").joinpath("data", "road_emission.csv")
    with table.open(encoding="utf-8") as stream:
        levels = pd.read_csv(stream, index_col="surface")
    curves = levels[[f"speed_{speed:.0f}" for speed in SPEEDS_KMH]]
    pairs = zip(streets["surface"], streets["speed_kmh"], strict=True)
    return np.array([np.interp(speed, SPEEDS_KMH, curves.loc[surface]) for surface, speed in pairs])


def _pieces(lines: Float, canvas: Canvas) -> tuple[Float, Float, Float, Float]:
    """Cut lines into pieces of half a cell: x and y of the middle, metres, and the line."""
    length = shapely.length(lines)
    count = np.maximum(1, np.ceil(2.0 * length / canvas.cell_m)).astype(np.int64)
    line = np.repeat(np.arange(count.size), count)
    nth = np.arange(line.size) - np.repeat(np.cumsum(count) - count, count)
    middle = shapely.line_interpolate_point(lines[line], (nth + 0.5) / count[line], normalized=True)
    return shapely.get_x(middle), shapely.get_y(middle), (length / count)[line], line
