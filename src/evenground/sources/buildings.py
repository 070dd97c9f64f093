"""Buildings of a case: their outlines and how many storeys they have.

Takes storeys, or estimates them from the height of the 3D BAG or from floor area, and says so.
Knows nothing of who lives in them.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from evenground.config import BuildingSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.bag import ID_NAMES, standing
from evenground.sources.columns import nearest
from evenground.sources.dutch import in_words
from evenground.sources.surfaces import columns_of, id_faults, is_filled
from evenground.sources.vectors import (
    POLYGONS,
    read_shapes,
)

Float = NDArray[np.float64]

STOREYS = "storeys"
HIGHEST = 200.0
"""Most storeys that make sense."""
STOREY_M = 3.0
"""Height of a storey (assumption)."""
STOREY_NAMES = ("bouwlagen", "aantal_bouwlagen", "b3_bouwlagen", "storeys")
ROOF_NAMES = ("b3_h_dak_70p", "b3_h_70p", "h_dak_70p", "roof_0_70")
"""Height of the roof in metres above NAP, by the 3D BAG: 70 % of it lies lower."""
FOOT_NAMES = ("b3_h_maaiveld", "h_maaiveld", "ground_0_50")
"""Height of the ground beside it, in metres above NAP."""
HEIGHT_NAMES = ("gebouwhoogte", "hoogte_m", "pandhoogte")
"""Height above the ground in metres."""
FLOOR_NAMES = ("gebruiksoppervlak", "gebruiksoppervlakte", "totaal_gebruiksoppervlak")
"""Floor area of all storeys together, in m2."""


def read_buildings(path: Path, settings: BuildingSettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return polygons with ``storeys``, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    frame, labels, faults, remarks = read_shapes(path, settings, POLYGONS, "polygons")
    stands, wrong, more = standing(frame, settings.file, ("gebouw", "gebouwen"))
    faults += wrong
    if not stands.any():
        cure = "Bring the buildings that stand."
        faults.append(Fault(settings.file, "holds no building that stands.", cure))
    frame, labels = frame[stands].reset_index(drop=True), labels[stands].reset_index(drop=True)
    # the BAG keeps all versions of an object under one number
    faults += id_faults(frame, labels, settings.file, ID_NAMES)
    storeys, how, wrong = _storeys(frame, labels, settings)
    faults += wrong
    if faults:
        raise DataError(faults)
    return frame[["geometry"]].assign(**{STOREYS: storeys}), remarks + more + how


def _storeys(
    frame: gpd.GeoDataFrame, labels: pd.Series, settings: BuildingSettings
) -> tuple[Float, list[str], list[Fault]]:
    """Return storeys as told, or estimated where the file has no such column or no figure."""
    is_named = "storeys_column" in settings.model_fields_set
    usual = (settings.storeys_column,) if is_named else STOREY_NAMES
    column = next(iter(columns_of(frame, usual)), None)
    place = f"{settings.file}, column {column or settings.storeys_column}"
    estimate, by = _estimate(frame)
    if column is None and (is_named or by == ""):
        near = nearest(settings.storeys_column, frame.columns.drop("geometry"))
        cure = (
            f"Set storeys_column in [buildings]; the nearest are {near}. Or bring {ROOF_NAMES[1]} "
            f"and {FOOT_NAMES[0]} of the 3D BAG, or {FLOOR_NAMES[0]}, to estimate them from."
        )
        return estimate, [], [Fault(place, "is not there.", cure)]
    told: Float = np.full(len(frame), np.nan)
    lacks = np.ones(len(frame), bool)
    if column is not None:
        told = pd.to_numeric(frame[column], errors="coerce").to_numpy(float).astype(np.float64)
        lacks = ~is_filled(frame[column])
    storeys = np.where(lacks, estimate, told)
    bad = ~((storeys > 0.0) & (storeys <= HIGHEST))
    if bad.any():
        raw = frame[column] if column is not None else pd.Series(estimate, frame.index)
        shown = few(f"{row}: {value}" for row, value in zip(labels[bad], raw[bad], strict=True))
        finding = f"is missing or impossible ({shown}), expected above 0, at most {HIGHEST:g}."
        return storeys, [], [Fault(place, finding, "Fill in the storeys of every building.")]
    if not lacks.any():
        return storeys, [], []
    of = in_words(lacks.sum(), "gebouw", "gebouwen")
    remark = f"{settings.file}: van {of} is het aantal bouwlagen geschat uit {by} (aanname)."
    return storeys, [remark], []


def _estimate(frame: gpd.GeoDataFrame) -> tuple[Float, str]:
    """Return whole storeys by height or floor area, at least one, and in Dutch by which."""
    roof, foot, height, floor = (
        _figures(frame, names) for names in (ROOF_NAMES, FOOT_NAMES, HEIGHT_NAMES, FLOOR_NAMES)
    )
    if roof is not None and foot is not None:
        return _whole((roof - foot) / STOREY_M), "de hoogte (3D BAG), 3 meter per laag"
    if height is not None:
        return _whole(height / STOREY_M), "de hoogte, 3 meter per laag"
    if floor is not None:
        area = shapely.area(frame.geometry.to_numpy())
        return _whole(floor / area), "gebruiksoppervlak en omtrek"
    return np.full(len(frame), np.nan), ""


def _figures(frame: gpd.GeoDataFrame, names: tuple[str, ...]) -> Float | None:
    """Return a column as numbers; None where it is not there, and sentinels are unknown."""
    column = next(iter(columns_of(frame, names)), None)
    if column is None:
        return None
    figures = pd.to_numeric(frame[column], errors="coerce").to_numpy(float)
    return np.where(figures > -100.0, figures, np.nan).astype(np.float64)


def _whole(storeys: Float) -> Float:
    """Return whole storeys, at least one where the figure is above zero; else unknown."""
    return np.where(storeys > 0.0, np.maximum(np.round(storeys), 1.0), np.nan)
