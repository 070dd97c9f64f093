"""Polygons of a case that are its sites: projects, blocks, parcels.

Each has a code of its own and lies over no other. Knows nothing of what is built there.
"""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from evenground.config import SitePolygonSettings
from evenground.errors import DataError, Fault, few
from evenground.names import CODE, NAME
from evenground.sources.columns import nearest
from evenground.sources.vectors import POLYGONS, overlap_faults, read_shapes


def read_sites(path: Path, settings: SitePolygonSettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return polygons with ``code`` and ``name``, sorted by code, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    frame, labels, faults, remarks = read_shapes(path, settings, POLYGONS, "polygons")
    columns = frame.columns.drop("geometry")
    for key in ("code_column", "name_column"):
        wanted = getattr(settings, key)
        if wanted is not None and wanted not in columns:
            cure = f"Set {key} in [sites.polygons]; the nearest are {nearest(wanted, columns)}."
            faults.append(Fault(f"{settings.file}, column {wanted}", "is not there.", cure))
    if faults:
        raise DataError(faults)
    code = labels if settings.code_column is None else _texts(frame[settings.code_column])
    name = code if settings.name_column is None else _texts(frame[settings.name_column])
    if (unnamed := code == "").any():
        place = f"{settings.file}, {few(labels[unnamed])}"
        faults.append(Fault(place, "has no code.", "Give every polygon a code."))
    if (twice := code.duplicated(keep=False) & ~unnamed).any():
        finding = f"has code {few(code[twice].unique())} more than once."
        cure = "Give every polygon a code of its own, or make its parts one multipolygon."
        faults.append(Fault(settings.file, finding, cure))
    faults += overlap_faults(frame, code, settings.file)
    if faults:
        raise DataError(faults)
    table = frame[["geometry"]].assign(**{CODE: code, NAME: name.where(name != "", code)})
    if settings.code_column is not None:
        table = table.sort_values(CODE, kind="stable")
    return table.reset_index(drop=True), remarks


def _texts(values: pd.Series) -> pd.Series:
    """Return a column as texts without spaces around them, empty where it is missing."""
    return values.astype("string").fillna("").str.strip().astype(object)
