"""Dwellings of a case: points of the BAG, or outlines with a number of dwellings."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from evenground.config import DwellingSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.bag import ID_NAMES, homes, standing
from evenground.sources.columns import nearest
from evenground.sources.surfaces import columns_of, id_faults
from evenground.sources.vectors import POINTS, POLYGONS, read_shapes

Float = NDArray[np.float64]
Flags = NDArray[np.bool_]

DWELLINGS = "dwellings"
COUNT_NAMES = (
    "aantal_woningen",
    "aantal_verblijfsobjecten",
    "aantalverblijfsobjecten",
    "aantal_vbo",
    "aantal_ver",
    "woningen",
)
MOST = 2000.0
"""Most dwellings of one feature that make sense."""


def read_dwellings(path: Path, settings: DwellingSettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return points or polygons with ``dwellings``, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    kinds = (*POINTS, *POLYGONS)
    frame, labels, faults, remarks = read_shapes(path, settings, kinds, "points or polygons")
    if faults:
        raise DataError(faults)
    stands, faults, more = standing(frame, settings.file, ("woning", "woningen"))
    # the BAG keeps all versions of an object under one number
    now = (frame[stands].reset_index(drop=True), labels[stands].reset_index(drop=True))
    faults += id_faults(*now, settings.file, ID_NAMES)
    is_home, uses = homes(frame, settings.file)
    keep = stands & is_home
    number, wrong = _numbers(frame, labels, keep, settings)
    faults += wrong
    if not faults and not number[keep].sum() > 0.0:
        finding = "holds no dwelling that is in use as a home."
        faults.append(
            Fault(settings.file, finding, f"Found {len(frame)} objects: check their use.")
        )
    if faults:
        raise DataError(faults)
    keep &= number > 0.0
    out = frame.loc[keep, ["geometry"]].assign(**{DWELLINGS: number[keep]})
    return out.reset_index(drop=True), remarks + more + uses


def _numbers(
    frame: gpd.GeoDataFrame, labels: pd.Series, keep: Flags, settings: DwellingSettings
) -> tuple[Float, list[Fault]]:
    """Return the number of dwellings of each feature, and a fault for what cannot be."""
    asked = settings.count_column
    is_polygon = np.isin(shapely.get_type_id(frame.geometry.to_numpy()), POLYGONS)
    usual = columns_of(frame, COUNT_NAMES) if is_polygon.any() else []
    column = asked or next(iter(usual), None)
    if column is None and not is_polygon.any():
        return np.ones(len(frame)), []
    if column is None or column not in frame:
        near = nearest(column or COUNT_NAMES[0], frame.columns.drop("geometry"))
        place = f"{settings.file}, column {column or COUNT_NAMES[0]}"
        cure = f"Outlines need a number: set count_column in [dwellings]; the nearest are {near}."
        return np.ones(len(frame)), [Fault(place, "is not there.", cure)]
    number = pd.to_numeric(frame[column], errors="coerce").to_numpy(float)
    bad = keep & ~((number >= 0.0) & (number <= MOST))
    if not bad.any():
        return number, []
    shown = few(f"{labels[k]}: {frame[column][k]}" for k in np.flatnonzero(bad))
    finding = f"is missing or impossible ({shown}), expected 0 or more, at most {MOST:g}."
    return number, [Fault(f"{settings.file}, column {column}", finding, "Fill in every number.")]
