"""Ground of an invented town, as rasters: homes, green, water and paving.

Takes all shapes of the town. Knows nothing of exposure.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from evenground.miniature.size import Canvas, Float
from evenground.miniature.streets import TRACK_M
from evenground.miniature.town import Town

Cells = NDArray[np.int32]
Mask = NDArray[np.bool_]

COUNTRY_GREEN = 0.85
"""Green share of open country: fields and verges, without farms and ditches."""
ROOF_SHARE = 0.75
"""Of a cell with a building in its middle; the rest is front garden and pavement."""
FOOTWAY_M = 2.0


@dataclass(frozen=True)
class Land:
    """Ground of each cell (y, x), as shares of it but for the homes."""

    homes: Float
    """Floor of homes, in m2."""
    green: Float
    water: Float
    paved_public: Float
    paved_private: Float
    built: Float
    """Roofs and paving, for what warms and soils the air."""


def build_land(
    town: Town,
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    trees: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> Land:
    """Lay all shapes of a town on its cells."""
    canvas = town.size.canvas
    zone = canvas.burn(town.neighbourhoods, range(1, len(town.neighbourhoods) + 1))
    half = streets["width_m"].to_numpy(float) / 2.0 + FOOTWAY_M
    road = canvas.burn(shapely.buffer(streets.geometry.to_numpy(), half)) == 1
    water = canvas.burn([*town.canal.geoms, *town.ponds]) == 1
    park = canvas.burn(town.parks) == 1
    track = canvas.burn([town.railway.buffer(TRACK_M / 2.0)]) == 1
    roof = canvas.burn(buildings.geometry.to_numpy(), range(1, len(buildings) + 1))
    roof[road | water | park | track] = 0
    kinds = [town.kind(k) for k in range(len(town.neighbourhoods))]
    own = np.array([COUNTRY_GREEN, *(kind.green_share for kind in kinds)])[zone]
    own = np.clip(own + 0.07 * canvas.chance(60.0, rng) * (zone > 0), 0.03, 0.95)
    green = np.select([water, track, road, park, roof > 0], [0.0, 0.3, 0.05, 0.92, 0.06], own)
    green = np.round((1.0 - (1.0 - green) * (1.0 - _crowns(canvas, trees))) * ~water, 2)
    bare = 1.0 - green - water
    private = np.array([0.0, *(kind.private_share for kind in kinds)])[zone]
    public = np.array([0.0, *(kind.public_share for kind in kinds)])[zone]
    private = np.select([track | road | park, roof > 0], [0.0, 0.1], private)
    public = np.select([track, road, park, roof > 0], [0.0, 0.95, 0.6, 0.1], public)
    # Rounded down, so that the shares of a cell never sum to more than the cell.
    paved = [np.floor(100.0 * share * bare + 1e-6) / 100.0 for share in (private, public)]
    return Land(
        homes=_homes(canvas, buildings, roof, (zone > 0) & ~(road | water | park | track)),
        green=green,
        water=water.astype(float),
        paved_private=paved[0],
        paved_public=paved[1],
        built=np.where((zone > 0) | road, bare, 0.0),
    )


def _crowns(canvas: Canvas, trees: gpd.GeoDataFrame) -> Float:
    """Share of each cell under crowns of trees; crowns that meet overlap by chance."""
    points = trees.geometry.to_numpy()
    area = np.pi / 4.0 * trees["kroondiameter_m"].to_numpy(float) ** 2
    crowns = canvas.add(shapely.get_x(points), shapely.get_y(points), area)
    spread = gaussian_filter(crowns, 2.0 / canvas.cell_m) / canvas.cell_m**2
    return np.asarray(1.0 - np.exp(-spread))


def _homes(canvas: Canvas, buildings: gpd.GeoDataFrame, roof: Cells, open_: Mask) -> Float:
    """Floor of homes in each cell, in m2 (y, x)."""
    lived = buildings["gebruik"].to_numpy() == "woonfunctie"
    storeys = np.concatenate([[0.0], np.where(lived, buildings["bouwlagen"], 0.0)])
    floor = storeys[roof] * ROOF_SHARE * canvas.cell_m**2
    # A town too small for a single row of houses still has people: anywhere on open ground.
    return np.asarray(floor if floor.any() else open_ * ROOF_SHARE * canvas.cell_m**2)
