"""What lies on the ground of the study area: green, water, paving, trees and homes.

Takes the rasters of a case, or its surfaces, trees and dwellings; where one is missing a
documented stand-in takes its place, and its label says so. Knows nothing of exposure or
interventions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from evenground.config import ExposureSettings
from evenground.names import X, Y
from evenground.study.dwellings import lay_dwellings
from evenground.study.grid import Grid, align
from evenground.study.surfaces import SurfaceShares, lay_surfaces
from evenground.study.trees import Trees, lay_trees

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Ground:
    """Shares of each cell (y, x), float32; NaN where nothing is known."""

    green: Float32
    """Green ground and crowns."""
    water: Float32
    paved_public: Float32
    """Paved public ground, roads and squares included."""
    paved_private: Float32
    """Paved gardens and yards."""
    homes: Float32
    """Relative weight by which residents are spread over the cells."""
    assumed: tuple[str, ...]
    """Which of these are stand-ins."""
    usable_public: Float32 | None = None
    """Public paving that could be lifted, by the function of each surface; None where no surfaces
    are known: then a fixed share of ``paved_public``."""
    canopy: Float32 | None = None
    """Ground under crowns of the register of trees; None where there is none."""
    street_trees: Float32 | None = None
    """Number of trees in each cell that take a place along a street; None as above."""
    drawn: Float32 | None = None
    """Part of each cell that surfaces cover; None where there are none."""
    origin: Mapping[str, str] = field(default_factory=dict)
    """Where each share comes from: ``layers``, ``surfaces``, ``dwellings`` or ``stand-in``."""


@dataclass(frozen=True)
class GroundMaps:
    """Vector maps of the ground that a case brings; None = not brought."""

    surfaces: gpd.GeoDataFrame | None = None
    trees: gpd.GeoDataFrame | None = None
    dwellings: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None


PAVED_PUBLIC_SHARE = 0.35
"""Share of ground without green or water that is public paving (assumption)."""
PAVED_PRIVATE_SHARE = 0.20
"""Share of ground without green or water that is private paving (assumption)."""


def build_ground(
    rasters: Mapping[str, xr.DataArray],
    grid: Grid,
    settings: ExposureSettings,
    maps: GroundMaps | None = None,
) -> Ground:
    """Lay the maps of the ground on the grid, with stand-ins for those that are missing.

    A raster is used before surfaces: which of two maps of one theme counts is settled where the
    files are read.
    """
    maps = GroundMaps() if maps is None else maps
    known = {
        name: align(rasters[name], grid, "sum" if name == "weight" else "mean")
        for name in ("green", "park", "ndvi", "water", "paved_public", "paved_private", "weight")
        if name in rasters
    }
    origin = dict.fromkeys(known, "layers")
    drawn = None if maps.surfaces is None else lay_surfaces(maps.surfaces, grid)
    is_drawn_green = drawn is not None and not known.keys() & {"green", "ndvi"}
    trees = None
    if maps.trees is not None:
        below = maps.surfaces if is_drawn_green else None
        trees = lay_trees(maps.trees, grid, surfaces=below, streets=maps.streets)
    if drawn is not None:
        _add(known, origin, _from_surfaces(drawn, trees, has_green=not is_drawn_green), "surfaces")
    if maps.dwellings is not None and "weight" not in known:
        _add(known, origin, {"weight": lay_dwellings(maps.dwellings, grid)}, "dwellings")
    water = known.get("water")
    if water is None:
        water = _water_from_ndvi(known.get("ndvi"), grid)
    green = known["green"] if "green" in known else _green_from_ndvi(known, rasters, grid, settings)
    bare = np.clip(1.0 - green - water, 0.0, 1.0).astype(np.float32)
    standins = {
        "paved_public": PAVED_PUBLIC_SHARE * bare,
        "paved_private": PAVED_PRIVATE_SHARE * bare,
        "weight": bare,
    }
    assumed = tuple(name for name in standins if name not in known)
    ground = {name: known.get(name, standin) for name, standin in standins.items()}
    usable = None
    if drawn is not None:
        usable = np.minimum(drawn.usable_public, ground["paved_public"]).astype(np.float32)
    return Ground(
        green=green,
        water=np.nan_to_num(water),
        paved_public=ground["paved_public"].astype(np.float32),
        paved_private=ground["paved_private"].astype(np.float32),
        homes=np.nan_to_num(ground["weight"]).astype(np.float32),
        assumed=assumed,
        usable_public=usable,
        canopy=None if trees is None else trees.canopy,
        street_trees=None if trees is None else trees.along_street,
        drawn=None if drawn is None else drawn.drawn,
        origin=origin | dict.fromkeys(assumed, "stand-in"),
    )


def _from_surfaces(
    drawn: SurfaceShares, trees: Trees | None, *, has_green: bool
) -> dict[str, Float32]:
    """Return the shares (y, x) that surfaces tell; crowns over open ground are green too."""
    shares = {
        "water": drawn.water,
        "paved_public": drawn.paved_public,
        "paved_private": drawn.paved_private,
    }
    if not has_green:
        crowns = 0.0 if trees is None else trees.over_open
        shares["green"] = np.minimum(drawn.green + crowns, 1.0).astype(np.float32)
    return shares


def _add(
    known: dict[str, Float32], origin: dict[str, str], found: Mapping[str, Float32], source: str
) -> None:
    """Add what another source tells, where nothing is known yet."""
    for name, share in found.items():
        if name not in known:
            known[name], origin[name] = share, source


def _water_from_ndvi(ndvi: Float32 | None, grid: Grid) -> Float32:
    """Open water reflects more red than near infrared: an NDVI at or below zero."""
    if ndvi is None:
        return np.zeros(grid.shape, np.float32)
    return np.asarray(ndvi <= 0.0, np.float32)


def _green_from_ndvi(
    known: Mapping[str, Float32],
    rasters: Mapping[str, xr.DataArray],
    grid: Grid,
    settings: ExposureSettings,
) -> Float32:
    """Green share from NDVI, sharpened by parks where their share is known.

    Within each cell of the NDVI raster the mean stays what NDVI says; parks
    are green, and the rest of the green lies evenly over the other ground.
    """
    share = np.clip((known["ndvi"] - settings.ndvi_offset) / settings.ndvi_slope, 0.0, 1.0)
    if "park" not in known:
        return np.asarray(share, np.float32)
    park = np.nan_to_num(known["park"])
    park_mean = _mean_by_source_cell(park, rasters["ndvi"], grid)
    rest = np.clip((share - park_mean) / np.maximum(1.0 - park_mean, 1e-6), 0.0, 1.0)
    return np.asarray(park + (1.0 - park) * rest, np.float32)


def _mean_by_source_cell(values: Float32, source: xr.DataArray, grid: Grid) -> Float32:
    """Mean of values over the cells of a coarser raster, on the grid."""
    cell_m = float(source.attrs["cell_m"])
    row = np.floor((float(source.attrs["top"]) - grid.y) / cell_m).astype(np.int64)
    col = np.floor((grid.x - float(source.attrs["left"])) / cell_m).astype(np.int64)
    row, col = row - row.min(), col - col.min()
    index = row[:, None] * (col.max() + 1) + col[None, :]
    count = np.bincount(index.ravel())
    total = np.bincount(index.ravel(), weights=values.ravel())
    mean = total / np.maximum(count, 1)
    return np.asarray(mean[index], np.float32)


def as_dataset(ground: Ground, grid: Grid) -> xr.Dataset:
    """Label the ground with the grid, for maps and for users of Python."""
    names = ("green", "water", "paved_public", "paved_private", "homes")
    coords = {Y: grid.y, X: grid.x}
    return xr.Dataset(
        {name: ((Y, X), getattr(ground, name), {"units": "1"}) for name in names}, coords
    )
