"""How much of each inhabited neighbourhood a raster covers, and whether streets lie there.

Shares are of cells of the grid of the case whose centre lies in the
neighbourhood; one too small for any centre is judged by a point inside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.features import rasterize

from evenground.config import RasterSettings, RunSettings
from evenground.errors import Fault, few
from evenground.names import CODE, HEAT, RESIDENTS
from evenground.sources.dutch import RASTER_NL, count, neighbourhoods_in_words, percent
from evenground.sources.themes import MOST_CELLS, REQUIRED

Float = NDArray[np.float64]

COVERED_SHARE = 0.99
"""Least share of an inhabited neighbourhood that a required layer must cover."""


@dataclass(frozen=True)
class _Samples:
    """Points at which rasters are asked for a value, and the neighbourhood of each."""

    x: Float
    y: Float
    neighbourhood: NDArray[np.int64]


def judge_coverage(
    neighbourhoods: gpd.GeoDataFrame, rasters: Mapping[str, xr.DataArray], settings: RunSettings
) -> tuple[list[Fault], list[str]]:
    """Return faults for layers that miss part of the inhabited neighbourhoods, or remarks."""
    inhabited = neighbourhoods[neighbourhoods[RESIDENTS] > 0.0].reset_index(drop=True)
    faults: list[Fault] = []
    remarks: list[str] = []
    if len(inhabited) == 0 or not rasters:
        return faults, remarks
    if too_wide := _extent_faults(inhabited, settings):
        return too_wide, remarks
    samples = _samples(inhabited, settings.grid.cell_m)
    required = required_layers(rasters)
    named: dict[str, RasterSettings] = {**settings.layers, **settings.factors}
    for name, raster in rasters.items():
        share = covered_share(raster, samples, len(inhabited))
        is_gap = share < COVERED_SHARE
        layer = named[name]
        if not is_gap.any():
            continue
        if share.max() == 0.0 or (name in required and layer.allow_gaps is None):
            faults.append(_gap_fault(name, layer, inhabited.loc[is_gap, CODE].tolist(), share))
        else:
            remarks.append(_gap_remark(name, layer, is_gap, inhabited))
    return faults, remarks


def presence_faults(
    neighbourhoods: gpd.GeoDataFrame, features: gpd.GeoDataFrame, file: str
) -> list[Fault]:
    """Fault for streets or places of which none lies in a neighbourhood."""
    tree = shapely.STRtree(features.geometry.to_numpy())
    if tree.query(neighbourhoods.geometry.to_numpy(), predicate="intersects").size:
        return []
    return [Fault(file, "touches no neighbourhood at all.", "Check that it is of this city.")]


def _extent_faults(neighbourhoods: gpd.GeoDataFrame, settings: RunSettings) -> list[Fault]:
    """Fault for neighbourhoods so far apart that their grid would fill the memory."""
    left, bottom, right, top = neighbourhoods.total_bounds / settings.grid.cell_m
    cells = (right - left) * (top - bottom)
    if cells <= MOST_CELLS:
        return []
    finding = f"spans {cells:.0f} cells of {settings.grid.cell_m} m, at most {MOST_CELLS} fit."
    cure = "Set municipalities in [neighbourhoods] to those of the case, or a larger grid.cell_m."
    return [Fault(settings.neighbourhoods.file, finding, cure)]


def required_layers(rasters: Mapping[str, xr.DataArray]) -> set[str]:
    """Return the layers without which nothing can be said; heat too, once a case brings it."""
    first = [next((name for name in names if name in rasters), None) for names in REQUIRED]
    return {name for name in (*first, HEAT) if name in rasters and name is not None}


def _samples(neighbourhoods: gpd.GeoDataFrame, cell_m: int) -> _Samples:
    """Lay a point on the centre of every cell, and one in each neighbourhood without any."""
    bounds = neighbourhoods.total_bounds / cell_m
    west, south = np.floor(bounds[:2])
    east, north = np.ceil(bounds[2:])
    left, top = west * cell_m, north * cell_m
    shape = (int(north - south), int(east - west))
    shapes = ((outline, k) for k, outline in enumerate(neighbourhoods.geometry))
    transform = Affine(cell_m, 0.0, left, 0.0, -cell_m, top)
    zone = rasterize(shapes, shape, fill=-1, transform=transform, dtype="int32")
    row, col = np.nonzero(zone >= 0)
    index = zone[row, col].astype(np.int64)
    tiny = np.setdiff1d(np.arange(len(neighbourhoods)), index)
    inside = shapely.point_on_surface(neighbourhoods.geometry.to_numpy()[tiny])
    return _Samples(
        x=np.concatenate([left + (col + 0.5) * cell_m, shapely.get_x(inside)]),
        y=np.concatenate([top - (row + 0.5) * cell_m, shapely.get_y(inside)]),
        neighbourhood=np.concatenate([index, tiny]),
    )


def covered_share(raster: xr.DataArray, samples: _Samples, n_neighbourhood: int) -> Float:
    """Return the share of the points of each neighbourhood at which a raster has a value."""
    size = float(raster.attrs["cell_m"])
    row = np.floor((float(raster.attrs["top"]) - samples.y) / size).astype(np.int64)
    col = np.floor((samples.x - float(raster.attrs["left"])) / size).astype(np.int64)
    n_y, n_x = raster.shape
    inside = (row >= 0) & (row < n_y) & (col >= 0) & (col < n_x)
    known = np.zeros(row.size)
    known[inside] = np.isfinite(raster.to_numpy()[row[inside], col[inside]])
    total = np.bincount(samples.neighbourhood, minlength=n_neighbourhood)
    return np.asarray(np.bincount(samples.neighbourhood, known, n_neighbourhood) / total)


def _gap_fault(name: str, layer: RasterSettings, codes: list[str], share: Float) -> Fault:
    """Fault for a layer with gaps that the case does not allow."""
    place = f"{layer.file} ({name}), {few(codes)}"
    if share.max() == 0.0:
        return Fault(place, "covers no neighbourhood at all.", "Check that it is of this city.")
    finding = (
        f"has no value in part of {len(codes)} inhabited neighbourhoods: it covers "
        f"{100 * share.min():.1f} % of one, expected {100 * COVERED_SHARE:g} %."
    )
    cure = (
        f"Bring a raster of the whole area, or say why not in allow_gaps of [layers.{name}]; "
        "those neighbourhoods are then listed and left out."
    )
    return Fault(place, finding, cure)


def _gap_remark(
    name: str, layer: RasterSettings, is_gap: NDArray[np.bool_], inhabited: gpd.GeoDataFrame
) -> str:
    """Say in Dutch how many residents live where a layer has gaps."""
    people = inhabited[RESIDENTS]
    lost = float(people[is_gap].sum())
    why = f": {layer.allow_gaps.rstrip('.')}" if layer.allow_gaps else ""
    return (
        f"{layer.file} ({RASTER_NL.get(name, name)}) heeft geen waarde voor (een deel van) "
        f"{neighbourhoods_in_words(int(is_gap.sum()))} met {count(lost)} inwoners "
        f"({percent(lost / float(people.sum()))}){why}."
    )
