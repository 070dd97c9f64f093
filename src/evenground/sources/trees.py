"""Trees of a municipal register: where each stands and how wide its crown is.

Where a register has no crown, it is estimated from the height, and it is said.
"""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from evenground.config import TreeSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.columns import nearest
from evenground.sources.dutch import in_words
from evenground.sources.surfaces import columns_of, id_faults, spell
from evenground.sources.vectors import POINTS, read_shapes

Float = NDArray[np.float64]

CROWN = "crown_m"
CROWN_NAMES = (
    "kroonomvang",
    "kroondiameter",
    "kroondiameter_m",
    "kroondiameterklasse",
    "diameter_kroon",
    "kroonbreedte",
    "kruindiameter",
    "crown_diameter",
    "crown_m",
)
HEIGHT_NAMES = (
    "hoogte",
    "boomhoogte",
    "boom_hoogte",
    "boomhoogteklasse",
    "hoogteklasse",
    "boomhoogteklasseactueel",
    "hoogte_m",
    "height",
)
STATUS_NAMES = ("aanwezigheid", "status", "boomstatus")
ID_NAMES = ("id", "boom_id", "guid", "objectid", "gisib_id", "identificatie")
GONE = ("niet aanwezig", "gekapt", "gerooid", "geveld", "verwijderd", "vervallen", "stobbe")
"""Words for a tree that is there no more."""
NOT_KNOWN = ("onbekend", "niet van toepassing", "nvt", "nog niet bepaald", "waardeonbekend", "0")
"""Words, and a figure, by which registers say that something was not measured."""
CROWN_PER_HEIGHT = 0.69
"""Diameter of a crown per metre of height, where no crown is known (assumption). Derived from the
1,999 trees with both in a sample of the register of Rotterdam (Rozenburg, 2025): the middles of
the classes of height, times this, have the same total area of crowns."""
CROWN_M = 5.6
"""Diameter of a crown of which nothing is known (assumption): 25 m2, as of a street tree."""
HIGHEST = {"crown": 40.0, "height": 60.0}
"""Most metres that make sense."""


def read_trees(path: Path, settings: TreeSettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return trees that stand, as points with ``crown_m``, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    frame, labels, faults, remarks = read_shapes(path, settings, POINTS, "points")
    if faults:
        raise DataError(faults)
    gone = np.zeros(len(frame), bool)
    for column in columns_of(frame, STATUS_NAMES):
        gone |= frame[column].map(spell).isin(GONE).to_numpy(bool)
    if gone.any():
        stood = in_words(gone.sum(), "boom staat er niet meer", "bomen staan er niet meer")
        remarks.append(f"{settings.file}: niet meegeteld: {stood}.")
    if gone.all():
        cure = "Bring the trees that stand."
        raise DataError([Fault(settings.file, "holds no tree that stands.", cure)])
    frame, labels = frame[~gone].reset_index(drop=True), labels[~gone].reset_index(drop=True)
    faults = id_faults(frame, labels, settings.file, ID_NAMES)
    columns, wrong = _measures(frame, settings)
    faults += wrong
    metres = {}
    for kind, column in columns.items():
        metres[kind], wrong = _metres(frame[column], labels, kind, f"{settings.file}, column")
        faults += wrong
    if faults:
        raise DataError(faults)
    crown, more = _crowns(metres, len(frame), settings.file)
    points = shapely.get_geometry(frame.geometry.to_numpy(), 0)
    trees = gpd.GeoDataFrame({CROWN: crown}, geometry=points, crs=frame.crs)
    twice = pd.Series(shapely.to_wkb(points)).duplicated().to_numpy(bool)
    if twice.any():
        same = in_words(twice.sum(), "boom staat", "bomen staan")
        more.append(f"{settings.file}: niet meegeteld: {same} precies op de plek van een andere.")
    return trees[~twice].reset_index(drop=True), remarks + more


def _measures(
    frame: gpd.GeoDataFrame, settings: TreeSettings
) -> tuple[dict[str, str], list[Fault]]:
    """Return the columns with crown and height, or a fault where there is neither."""
    faults, columns = [], {}
    for kind, asked, names in (
        ("crown", settings.crown_column, CROWN_NAMES),
        ("height", settings.height_column, HEIGHT_NAMES),
    ):
        found = asked if asked is not None else next(iter(columns_of(frame, names)), None)
        if found is None:
            continue
        if found not in frame:
            near = nearest(found, frame.columns.drop("geometry"))
            cure = f"Set {kind}_column in [trees]; the nearest are {near}."
            faults.append(Fault(f"{settings.file}, column {found}", "is not there.", cure))
        columns[kind] = found
    if not columns:
        near = nearest(CROWN_NAMES[0], frame.columns.drop("geometry"))
        finding = "has no column with the diameter of the crown or the height."
        cure = f"Set crown_column or height_column in [trees]; the nearest are {near}."
        faults.append(Fault(settings.file, finding, cure))
    return ({} if faults else columns), faults


def parse_metres(value: object) -> float:
    """Return metres written as a number or as a class; NaN where nothing is known.

    The middle of a class counts; half of the highest of the lowest class, and the lowest of the
    highest class. What cannot be read is infinite.

    >>> [parse_metres(text) for text in ("6-9 m.", "<6 m.", "> 24 m.", "7,5", "15 tot 18 meter")]
    [7.5, 3.0, 24.0, 7.5, 16.5]
    >>> parse_metres("Nog niet bepaald"), parse_metres("hoog")
    (nan, inf)
    """
    text = "" if value is None or value is pd.NA else str(value).strip().lower()
    if text in ("", "nan", "none", "0.0") or spell(text) in NOT_KNOWN:
        return np.nan
    text = re.sub(r"^[a-z][.):]\s*", "", text.replace(",", "."))
    found = re.fullmatch(
        r"(<|>|tot|kleiner dan|groter dan|meer dan|minder dan)?\s*(-?\d+(?:\.\d+)?)\s*"
        r"(?:m\.?|meter)?"
        r"(?:\s*(?:-|tot|t/m)\s*(\d+(?:\.\d+)?)\s*(?:m\.?|meter)?)?\s*(\+|en hoger|of hoger)?",
        text,
    )
    if found is None:
        return np.inf
    sign, low, high, _ = found.groups()
    if high is not None:
        return (float(low) + float(high)) / 2.0
    is_lowest = sign in ("<", "tot", "kleiner dan", "minder dan")
    return float(low) / 2.0 if is_lowest else float(low)


def _metres(
    values: pd.Series, labels: pd.Series, kind: str, place: str
) -> tuple[Float, list[Fault]]:
    """Return a column in metres, and a fault for what cannot be."""
    metres: Float = np.array([parse_metres(value) for value in values], np.float64)
    known = ~np.isnan(metres)
    bad = known & ~((metres > 0.0) & (metres <= HIGHEST[kind]))
    if not bad.any():
        return metres, []
    shown = few(f"{labels[k]}: {values[k]}" for k in np.flatnonzero(bad))
    finding = f"cannot be read or be ({shown}), expected above 0, at most {HIGHEST[kind]:g} m."
    cure = "Correct it, or leave it empty where it is not known."
    return metres, [Fault(f"{place} {values.name}", finding, cure)]


def _crowns(metres: dict[str, Float], n_tree: int, file: str) -> tuple[Float, list[str]]:
    """Return the diameter of every crown, and in Dutch how many are estimated."""
    empty = np.full(n_tree, np.nan)
    crown, height = metres.get("crown", empty), metres.get("height", empty)
    by_height, by_none = (
        np.isnan(crown) & np.isfinite(height),
        np.isnan(crown) & np.isnan(height),
    )
    remarks = []
    for which, how in (
        (by_height, "is de kroon geschat uit de hoogte (aanname)"),
        (by_none, "zijn kroon en hoogte onbekend: elk telt 25 m2 kroon (aanname)"),
    ):
        if number := int(which.sum()):
            remarks.append(f"{file}: van {in_words(number, 'boom', 'bomen')} {how}.")
    return np.where(
        by_height, CROWN_PER_HEIGHT * height, np.where(by_none, CROWN_M, crown)
    ), remarks
