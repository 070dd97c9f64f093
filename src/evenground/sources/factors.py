"""The thirteen factors of the living environment, and those that a case brings itself.

Reads the shipped registry, and supplied factors as rasters or as columns by
neighbourhood, judged like any other input. Knows nothing of health.
"""

import csv
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evenground.config import FactorSettings, TableSettings
from evenground.errors import DataError, Fault, few
from evenground.names import CODE, LAYERS, RESIDENTS
from evenground.sources.columns import nearest
from evenground.sources.dutch import percent
from evenground.sources.neighbourhoods import read_rows
from evenground.sources.rasters import read_raster
from evenground.sources.tables import code_column, code_faults, keep_neighbourhoods, numbers
from evenground.sources.themes import THEMES, Theme

Product = xr.DataArray | pd.Series
"""A supplied factor as read: a raster (y, x), or figures by neighbourhood code."""


@dataclass(frozen=True)
class Factor:
    """One of the thirteen factors of the living environment that RIVM tells apart."""

    id: str
    name_nl: str
    name_en: str
    tag: Literal["promoting", "protecting"]
    """Whether more of it promotes health, or less of it protects health."""
    pathway: Literal["direct", "indirect"]
    """Whether it acts on the body itself, or through what people do (our reading)."""
    indicator_nl: str
    unit: str
    layers: tuple[str, ...]
    """Layers that model it; none = only as a supplied factor."""
    norms: tuple[str, ...]
    """Rows of ``data/norms.csv``, one for each layer."""
    evidence: Literal["strong", "moderate", "limited", "weak"]
    """Of a health function in numbers (our reading of the sources)."""
    status: str
    """Of the indicator: confirmed, derived, recalled or assumption."""
    source: str
    note: str


def read_factors() -> dict[str, Factor]:
    """Return the thirteen factors by id, the promoting ones first."""
    with files("evenground").joinpath("data", "factors.csv").open(encoding="utf-8") as stream:
        rows: list[dict[str, Any]] = list(csv.DictReader(stream))
    for row in rows:
        row["layers"], row["norms"] = (
            tuple(filter(None, row[part].split(";"))) for part in ("layers", "norms")
        )
    return {row["id"]: Factor(**row) for row in rows}


def factor_faults(supplied: Mapping[str, FactorSettings]) -> list[Fault]:
    """List supplied factors that belong to none of the thirteen, or go by a name of a layer."""
    known = read_factors()
    faults = []
    for name, settings in supplied.items():
        place = f"factors.{name}"
        if name in THEMES or name in LAYERS:
            cure = f"Bring it as [layers.{name}], or choose another name."
            faults.append(Fault(place, "has the name of a layer.", cure))
        belongs = settings.factor or name
        if belongs not in known:
            near = difflib.get_close_matches(belongs, known, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            cure = f"{hint}Set factor to one of {', '.join(known)}."
            faults.append(Fault(place, f"belongs to {belongs!r}, which is no factor.", cure))
    return faults


def read_factor(
    path: Path, name: str, settings: FactorSettings, cell_m: int
) -> tuple[Product, list[str]]:
    """Return a supplied factor as a raster or as figures by code, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    if settings.column is not None:
        return _read_column(path, name, settings, settings.column)
    lowest, highest = settings.range
    theme = Theme(name, settings.unit, lowest, highest, (settings.unit,), "factors")
    return read_raster(path, theme, settings, cell_m)


def _read_column(
    path: Path, name: str, settings: FactorSettings, column: str
) -> tuple[pd.Series, list[str]]:
    """Return a column of a table, by neighbourhood code."""
    about = settings.model_dump(include={"file", "layer", "year", "source", "licence"})
    chosen = TableSettings(**about, code_column=settings.code_column)
    raw, remarks = read_rows(path, chosen)
    place = f"{settings.file}, column {column}"
    if column not in raw:
        cure = f"Name a column of the file; the nearest are {nearest(column, raw.columns)}."
        raise DataError([Fault(place, "is not there.", cure)])
    if settings.code_column in raw:
        raw = raw[[*dict.fromkeys([settings.code_column, column])]]
    kept, more = keep_neighbourhoods(raw, chosen)
    raw_codes = kept[code_column(kept, chosen)]
    faults = code_faults(raw_codes, settings.file)
    codes = raw_codes.astype("string").str.strip().fillna("").astype(object)
    values, wrong = numbers(kept[column], codes, place)
    values = values.mask(values == settings.nodata) if settings.nodata is not None else values
    faults += wrong + _range_faults(values, codes, settings, place)
    if not faults and not values.notna().any():
        faults = [Fault(place, "holds no value at all.", "Check column and nodata.")]
    if faults:
        raise DataError(faults)
    return pd.Series(values.to_numpy(float), index=codes.tolist(), name=name), remarks + more


def _range_faults(
    values: pd.Series, codes: pd.Series, settings: FactorSettings, place: str
) -> list[Fault]:
    """Fault for figures that cannot be."""
    lowest, highest = settings.range
    bad = ((values < lowest) | (values > highest)).to_numpy(bool)
    if not bad.any():
        return []
    shown = few(f"{code}: {value:g}" for code, value in zip(codes[bad], values[bad], strict=True))
    finding = f"lies outside {lowest:g} to {highest:g} {settings.unit} ({shown})."
    return [Fault(place, finding, "Correct it, leave unknown figures empty, or correct range.")]


def match_column(
    figures: pd.Series, neighbourhoods: gpd.GeoDataFrame, settings: FactorSettings
) -> tuple[NDArray[np.float64], list[Fault], list[str]]:
    """Return figures in the order of the neighbourhoods (neighbourhood,), with faults and remarks.

    A neighbourhood without a figure is unknown. None at all is a fault.
    """
    values = neighbourhoods[CODE].map(figures).to_numpy(float)
    people = neighbourhoods[RESIDENTS].fillna(0.0).to_numpy(float)
    known = np.isfinite(values)
    place = f"{settings.file}, column {settings.column}"
    if not (known & (people > 0.0)).any():
        cure = "Bring codes of this city and of the year of the outlines."
        return values, [Fault(place, "is known for no inhabited neighbourhood.", cure)], []
    share = float(people[known].sum() / people.sum())
    if share >= 1.0:
        return values, [], []
    remark = f"{settings.file}: {settings.column} is bekend voor {percent(share)} van de inwoners."
    return values, [], [remark]
