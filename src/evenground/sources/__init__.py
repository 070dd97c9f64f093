"""Files of a case, read and checked: the only place that knows how others write data.

Every fault of every file is collected and raised together. What comes out is
labelled, in EPSG:28992 and in our units; what was done to it is said in Dutch.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from rasterio.features import rasterize
from rasterio.transform import from_origin

from evenground.config import FileSettings, RunSettings, TableSettings
from evenground.errors import DataError, Fault, few
from evenground.names import CODE, NEIGHBOURHOOD_COLUMNS, RESIDENTS
from evenground.sources.files import FileRecord, locate, record
from evenground.sources.rasters import read_raster
from evenground.sources.tables import (
    complete,
    find_columns,
    join,
    keep_neighbourhoods,
    read_csv,
    to_ours,
)
from evenground.sources.themes import REQUIRED, THEMES, Theme
from evenground.sources.vectors import check_polygons, read_facilities, read_layer, read_streets

__all__ = ["THEMES", "FileRecord", "Sources", "Theme", "check_sources", "read_sources"]

T = TypeVar("T")
COVERED_SHARE = 0.99
"""Least share of an inhabited neighbourhood that a layer must cover."""


@dataclass(frozen=True)
class Sources:
    """All that a case brings."""

    neighbourhoods: gpd.GeoDataFrame
    """``NEIGHBOURHOOD_COLUMNS`` and geometry, sorted by code."""
    rasters: Mapping[str, xr.DataArray]
    """By theme, each on its own cells."""
    streets: gpd.GeoDataFrame | None
    facilities: gpd.GeoDataFrame | None
    files: tuple[FileRecord, ...]
    remarks: tuple[str, ...]
    """Dutch sentences on what was dropped, masked or joined."""


def read_sources(settings: RunSettings, data: Path) -> Sources:
    """Return all inputs of a case.

    Raises
    ------
    DataError
        With every fault of every file.
    """
    faults, sources = check_sources(settings, data)
    if sources is None:
        raise DataError(faults)
    return sources


def check_sources(settings: RunSettings, data: Path) -> tuple[list[Fault], Sources | None]:
    """Read and judge all inputs; the product is there only if there is no fault."""
    desk = _Desk(data)
    neighbourhoods = _neighbourhoods(desk, settings)
    rasters: dict[str, xr.DataArray] = {}
    for name, layer in settings.layers.items():
        if name not in THEMES:
            near = difflib.get_close_matches(name, THEMES, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            cure = f"{hint}Known are {', '.join(THEMES)}."
            desk.faults.append(Fault(f"layers.{name}", "is no layer we know.", cure))
            continue
        reader = partial(read_raster, name=name, settings=layer, cell_m=settings.grid.cell_m)
        raster = desk.read(layer, name, reader)
        if raster is not None:
            rasters[name] = raster
    desk.faults += _missing_themes(settings)
    streets = facilities = None
    if (street_settings := settings.streets) is not None:
        streets = desk.read(street_settings, "streets", lambda p: read_streets(p, street_settings))
    if (places := settings.facilities) is not None:
        facilities = desk.read(places, "facilities", lambda p: read_facilities(p, places))
    if neighbourhoods is not None:
        desk.faults += _gaps(neighbourhoods, rasters, settings)
    if desk.faults or neighbourhoods is None:
        return desk.faults, None
    product = Sources(
        neighbourhoods, rasters, streets, facilities, tuple(desk.files), tuple(desk.remarks)
    )
    return [], product


class _Desk:
    """Reads files one by one and keeps what was wrong, so that no fault hides another."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.faults: list[Fault] = []
        self.remarks: list[str] = []
        self.files: list[FileRecord] = []

    def read(
        self, settings: FileSettings, role: str, reader: Callable[[Path], tuple[T, list[str]]]
    ) -> T | None:
        """Return what a reader makes of a file, or nothing and a fault."""
        try:
            path = locate(self.data, settings)
            product, remarks = reader(path)
        except DataError as error:
            self.faults += error.faults
            return None
        self.remarks += remarks
        self.files.append(record(path, settings, role))
        return product


def _neighbourhoods(desk: _Desk, settings: RunSettings) -> gpd.GeoDataFrame | None:
    """Polygons with all figures, sorted by code."""
    chosen = settings.neighbourhoods
    frame = desk.read(chosen, "neighbourhoods", lambda path: read_layer(path, chosen))
    if frame is None:
        return None
    try:
        frame = _drop_water(frame, chosen, desk)
        table = to_ours(pd.DataFrame(frame.drop(columns=frame.geometry.name)), chosen)
    except DataError as error:
        desk.faults += error.faults
        return None
    frame, faults, remarks = check_polygons(frame, table[CODE], chosen.file)
    desk.faults += faults
    desk.remarks += remarks
    for other in chosen.tables:
        table = _join_table(desk, table, other, settings)
    table = complete(table)
    if not (table[RESIDENTS].fillna(0.0) > 0.0).any():
        cure = "Bring a column such as aantal_inwoners, or name it under columns."
        desk.faults.append(Fault(chosen.file, "holds no residents at all.", cure))
    out = gpd.GeoDataFrame(
        table[list(NEIGHBOURHOOD_COLUMNS)], geometry=frame.geometry.to_numpy(), crs=28992
    )
    return out.sort_values(CODE, ignore_index=True)


def _drop_water(frame: gpd.GeoDataFrame, settings: TableSettings, desk: _Desk) -> gpd.GeoDataFrame:
    """Drop polygons of open water, which CBS keeps among the neighbourhoods."""
    column = find_columns(frame.columns, settings).get("water")
    if column is None:
        return frame
    is_water = frame[column].astype(str).str.upper() == "JA"
    if is_water.any():
        desk.remarks.append(f"{int(is_water.sum())} vlakken met water zijn weggelaten.")
    return frame[~is_water].reset_index(drop=True)


def _join_table(
    desk: _Desk, table: pd.DataFrame, other: TableSettings, settings: RunSettings
) -> pd.DataFrame:
    """Join a further table by code, if its year and its codes fit."""
    chosen = settings.neighbourhoods
    reason = settings.case.allow_mixed_years
    if other.year != chosen.year and reason is None:
        cure = "Bring figures of one year, or say why in case.allow_mixed_years."
        finding = f"is of {other.year}, the neighbourhoods are of {chosen.year}."
        desk.faults.append(Fault(other.file, finding, cure))
    elif other.year != chosen.year:
        desk.remarks.append(f"{other.file} is van {other.year}: {reason}")

    def reader(path: Path) -> tuple[pd.DataFrame, list[str]]:
        if path.suffix.lower() in (".csv", ".txt"):
            raw = read_csv(path)
        else:
            raw = pd.DataFrame(read_layer(path, other)[0].drop(columns="geometry"))
        return to_ours(keep_neighbourhoods(raw, other), other), []

    figures = desk.read(other, "table", reader)
    if figures is None or RESIDENTS not in table:
        return table
    joined, share = join(table, figures)
    if share < chosen.minimum_matched_share:
        cure = "Bring codes of the same year, or a table with both codes."
        finding = f"its codes match {100 * share:.1f} % of the residents."
        desk.faults.append(Fault(other.file, finding, cure))
    desk.remarks.append(f"{other.file}: gekoppeld voor {100 * share:.1f} % van de inwoners.")
    return joined


def _missing_themes(settings: RunSettings) -> list[Fault]:
    """Layers without which no case can run."""
    return [
        Fault("layers", f"has no {' or '.join(names)}.", f"Add [layers.{names[0]}].")
        for names in REQUIRED
        if not any(name in settings.layers for name in names)
    ]


def _gaps(
    neighbourhoods: gpd.GeoDataFrame, rasters: Mapping[str, xr.DataArray], settings: RunSettings
) -> list[Fault]:
    """Layers that miss part of an inhabited neighbourhood, unless the case says why."""
    inhabited = neighbourhoods[neighbourhoods[RESIDENTS].fillna(0.0) > 0.0]
    faults: list[Fault] = []
    if inhabited.empty:
        return faults
    for name in sorted({name for names in REQUIRED for name in names} | {"heat"}):
        if name not in rasters or settings.layers[name].allow_gaps is not None:
            continue
        share = _covered(inhabited, rasters[name], settings.grid.cell_m)
        if (share < COVERED_SHARE).any():
            bad = inhabited.loc[share < COVERED_SHARE, CODE]
            place = f"{settings.layers[name].file} ({name}), {few(bad)}"
            least = f"covers {100 * share.min():.1f} % of one, expected {100 * COVERED_SHARE:.0f} %"
            cure = (
                f"Bring a raster of the whole area, or say why in layers.{name}.allow_gaps; "
                "those neighbourhoods are then left out and listed."
            )
            faults.append(Fault(place, f"{least}.", cure))
    return faults


def _covered(neighbourhoods: gpd.GeoDataFrame, raster: xr.DataArray, cell_m: int) -> np.ndarray:
    """Share of the cells of each neighbourhood in which a raster has a value."""
    left, bottom, right, top = neighbourhoods.total_bounds
    left, top = np.floor(left / cell_m) * cell_m, np.ceil(top / cell_m) * cell_m
    shape = (int(np.ceil((top - bottom) / cell_m)), int(np.ceil((right - left) / cell_m)))
    shapes = ((geometry, k) for k, geometry in enumerate(neighbourhoods.geometry))
    zone = rasterize(
        shapes, shape, fill=-1, transform=from_origin(left, top, cell_m, cell_m), dtype="int32"
    )
    row, col = np.nonzero(zone >= 0)
    y, x = top - (row + 0.5) * cell_m, left + (col + 0.5) * cell_m
    size = float(raster.attrs["cell_m"])
    there_row = np.floor((raster.attrs["top"] - y) / size).astype(int)
    there_col = np.floor((x - raster.attrs["left"]) / size).astype(int)
    inside = (there_row >= 0) & (there_row < raster.shape[0])
    inside &= (there_col >= 0) & (there_col < raster.shape[1])
    known = np.zeros(row.size)
    values = raster.to_numpy()
    known[inside] = np.isfinite(values[there_row[inside], there_col[inside]])
    index = zone[row, col]
    count = np.bincount(index, minlength=len(neighbourhoods))
    share = np.bincount(index, known, len(neighbourhoods)) / np.maximum(count, 1)
    return np.where(count > 0, share, 1.0)
