"""Places where nothing may be built, and works that every plan holds.

Reads polygons, and works as points or polygons with what is built; a proposal's own
GeoPackage serves. Knows nothing of what fits where.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from evenground.config import FileSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.vectors import (
    POINTS,
    POLYGONS,
    kind_faults,
    read_layer,
    read_shapes,
    rows,
)

COLUMNS = {"intervention": ("maatregel", "intervention"), "amount": ("hoeveelheid", "amount")}
"""Names of the two columns of a table of works."""


def read_closed(path: Path, settings: FileSettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return polygons in which nothing is built, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    frame, _, faults, remarks = read_shapes(path, settings, POLYGONS, "polygons")
    if faults:
        raise DataError(faults)
    return frame[["geometry"]], remarks


def read_works(
    path: Path, settings: FileSettings, known: tuple[str, ...]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return works as points with ``intervention`` and ``amount``, and Dutch remarks.

    Parameters
    ----------
    known
        Interventions that the case may use.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    frame, remarks = read_layer(path, settings)
    labels = rows(frame)
    faults = kind_faults(frame, labels, (*POINTS, *POLYGONS), "points or polygons", settings.file)
    named = {name: _column(frame, usual) for name, usual in COLUMNS.items()}
    faults += [
        Fault(settings.file, f"has no column {' or '.join(COLUMNS[name])}.", "Add it.")
        for name, column in named.items()
        if column is None
    ]
    if faults:
        raise DataError(faults)
    kind = frame[named["intervention"]].astype(str)
    amount = pd.to_numeric(frame[named["amount"]], errors="coerce").astype(float)
    strange = ~kind.isin(known)
    if strange.any():
        finding = f"found {few(kind[strange].unique())}, which the case may not use."
        cure = f"Choose from {', '.join(known)}, or add it to interventions.use."
        faults.append(Fault(f"{settings.file}, {few(labels[strange])}", finding, cure))
    wrong = ~(amount > 0.0) | ~np.isfinite(amount)
    if wrong.any():
        place = f"{settings.file}, {few(labels[wrong])}"
        faults.append(Fault(place, "found no amount above zero.", "Correct the amount."))
    if faults:
        raise DataError(faults)
    points = shapely.point_on_surface(frame.geometry.to_numpy())
    table = {"intervention": kind.to_numpy(), "amount": amount.to_numpy()}
    return gpd.GeoDataFrame(table, geometry=points, crs=frame.crs), remarks


def _column(frame: gpd.GeoDataFrame, usual: tuple[str, ...]) -> str | None:
    """Return the column of one of the usual names."""
    return next((name for name in usual if name in frame.columns), None)
