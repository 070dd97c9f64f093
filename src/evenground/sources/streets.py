"""Streets of a case: lines with speed, flow and surface, or areas with metres of street.

Every figure must be there, or stood in for by the class of the street: a street without a speed
or flow would be silent and clean. Only the width may be unknown.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from evenground.config import StreetDensitySettings, StreetLineSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.columns import nearest
from evenground.sources.street_classes import FLOW, SPEED, SURFACE, find_figures
from evenground.sources.themes import SURFACES
from evenground.sources.vectors import (
    LINES,
    POLYGONS,
    kind_faults,
    mend_polygons,
    read_layer,
    rows,
)

WIDTH, LENGTH = "width_m", "street_m"
HIGHEST = {SPEED: 130.0, FLOW: 300_000.0, WIDTH: 200.0, LENGTH: np.inf}
"""Most that makes sense of each figure."""


def read_streets(
    path: Path, settings: StreetLineSettings | StreetDensitySettings
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the streets of a case, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    frame, remarks = read_layer(path, settings)
    if isinstance(settings, StreetDensitySettings):
        streets, faults, more = _areas(frame, settings)
    else:
        streets, faults, more = _lines(frame, settings)
    if faults:
        raise DataError(faults)
    return streets, remarks + more


def _lines(
    frame: gpd.GeoDataFrame, settings: StreetLineSettings
) -> tuple[gpd.GeoDataFrame, list[Fault], list[str]]:
    """Return single lines with our columns."""
    labels = rows(frame)
    faults = kind_faults(frame, labels, LINES, "lines", settings.file)
    found = find_figures(frame, labels, settings)
    faults += found.faults
    if found.faults:
        return frame, faults, []
    out, labels = found.streets, found.labels
    frame = frame.loc[out.index]
    for ours in (SPEED, FLOW):
        raw = out[ours].rename(found.columns[ours])
        out[ours], wrong = _figures(raw, ours, labels, settings.file)
        faults += wrong
    out[SURFACE] = out[SURFACE].astype("string").fillna("").astype(object)
    faults += _surface_faults(out[SURFACE], f"{settings.file}, column {found.columns[SURFACE]}")
    out[WIDTH] = np.nan
    if WIDTH in frame:
        known = frame[WIDTH].notna()
        out.loc[known, WIDTH], wrong = _figures(
            frame.loc[known, WIDTH], WIDTH, labels[known], settings.file
        )
        faults += wrong
    if faults:
        return out, faults, []
    out = out.explode(index_parts=False, ignore_index=True)
    if out.empty:
        cure = "Bring streets, and not paths alone."
        return out, [Fault(settings.file, "holds no street with motor traffic.", cure)], []
    is_long = shapely.length(out.geometry.to_numpy()) > 0.0
    remarks = found.remarks
    if not is_long.all():
        number = int((~is_long).sum())
        what, verb = ("straat", "telt") if number == 1 else ("straten", "tellen")
        remarks = [*remarks, f"{settings.file}: {number} {what} zonder lengte {verb} niet mee."]
    return out[is_long].reset_index(drop=True), [], remarks


def _areas(
    frame: gpd.GeoDataFrame, settings: StreetDensitySettings
) -> tuple[gpd.GeoDataFrame, list[Fault], list[str]]:
    """Return polygons with the metres of street in each."""
    labels = rows(frame)
    faults = kind_faults(frame, labels, POLYGONS, "polygons", settings.file)
    frame, wrong, remarks = mend_polygons(frame, labels, settings.file)
    faults += wrong
    out = frame[["geometry"]].copy()
    missing = _column_faults(frame, [settings.length_column], settings.file)
    if not missing:
        out[LENGTH], missing = _figures(
            frame[settings.length_column], LENGTH, labels, settings.file
        )
    return out, faults + missing, remarks


def _column_faults(frame: gpd.GeoDataFrame, wanted: list[str], file: str) -> list[Fault]:
    """List columns that a file lacks."""
    others = frame.columns.drop("geometry")
    return [
        Fault(
            f"{file}, column {name}",
            "is not there.",
            f"Name the right one in [streets]; the nearest are {nearest(name, others)}.",
        )
        for name in wanted
        if name not in others
    ]


def _figures(
    values: pd.Series, ours: str, labels: pd.Series, file: str
) -> tuple[pd.Series, list[Fault]]:
    """Return a column as numbers, and a fault for those unknown, negative or beyond belief."""
    out = pd.to_numeric(values, errors="coerce").astype(float)
    lowest_allowed = out > 0.0 if ours == SPEED else out >= 0.0
    bad = ~(np.isfinite(out) & lowest_allowed & (out <= HIGHEST[ours]))
    if not bad.any():
        return out, []
    shown = few(f"{row}: {value}" for row, value in zip(labels[bad], values[bad], strict=True))
    least = "above 0" if ours == SPEED else "0 or more"
    finding = f"is missing or impossible ({shown}), expected {least}, at most {HIGHEST[ours]:g}."
    cure = "Fill in a number for every street."
    return out, [Fault(f"{file}, column {values.name}", finding, cure)]


def _surface_faults(surfaces: pd.Series, place: str) -> list[Fault]:
    """List surfaces whose noise is not known."""
    odd = sorted(set(surfaces) - set(SURFACES))
    if not odd:
        return []
    cure = f"Use one of {', '.join(SURFACES)}."
    return [Fault(place, f"holds unknown surfaces {few(map(repr, odd))}.", cure)]
