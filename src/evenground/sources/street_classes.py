"""Figures of streets in other spellings, and stand-ins by road class where one is absent.

Knows the shipped tables ``data/road_classes.csv`` and ``data/street_surfaces.csv``; all that
they stand in for is said. A figure that is there and cannot be is never replaced.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import StreetLineSettings
from evenground.errors import Fault, few
from evenground.sources.columns import nearest
from evenground.sources.dutch import in_words
from evenground.sources.surfaces import columns_of, is_filled, spell
from evenground.sources.themes import SURFACES

Flags = NDArray[np.bool_]

SPEED, FLOW, SURFACE = "speed_kmh", "flow_veh_day", "surface"
NAMES: Mapping[str, tuple[str, ...]] = {
    SPEED: (
        "speed_kmh",
        "maximumsnelheid",
        "maxsnelheid",
        "max_snelheid",
        "maxshd",
        "wettelijke_snelheid",
        "snelheid",
        "maxspeed",
    ),
    FLOW: (
        "flow_veh_day",
        "etmaalintensiteit",
        "intensiteit_etmaal",
        "intensiteit",
        "etmaalint",
        "etmaal",
        "mvt_etmaal",
        "aadt",
    ),
    SURFACE: ("surface", "wegdek", "wegdektype", "wegdekverharding", "wegdeksoort", "verharding"),
    "class": ("wegcategorie", "wegcat", "wegklasse", "highway", "fclass"),
}
"""Our column = the names it goes by: of municipalities, of NWB with its additions, of OSM."""
WORDS = {SPEED: "de snelheid", FLOW: "het verkeer", SURFACE: "het wegdek"}
KEYS = {SPEED: "speed_column", FLOW: "flow_column", SURFACE: "surface_column"}


@dataclass(frozen=True)
class RoadClass:
    """What stands in for a street of one class."""

    has_traffic: bool
    speed_kmh: float
    flow_veh_day: float
    surface: str


@dataclass(frozen=True)
class Figures:
    """Speed, flow and surface as text or numbers, of the streets that carry traffic."""

    streets: gpd.GeoDataFrame
    labels: pd.Series
    columns: Mapping[str, str]
    """Our column = the name under which the file holds it, for faults."""
    faults: list[Fault]
    remarks: list[str]


@cache
def read_road_classes() -> Mapping[str, RoadClass]:
    """Return the stand-ins by class, spelt as ``spell`` does."""
    with files("evenground").joinpath("data", "road_classes.csv").open(encoding="utf-8") as stream:
        return {
            spell(row["class"]): RoadClass(
                row["speed_kmh"] != "",
                float(row["speed_kmh"] or "nan"),
                float(row["flow_veh_day"] or "nan"),
                row["surface"],
            )
            for row in csv.DictReader(stream)
        }


@cache
def read_street_surfaces() -> Mapping[str, tuple[str, bool]]:
    """Return our surface and whether that is an assumption, by other names of surfaces."""
    table = files("evenground").joinpath("data", "street_surfaces.csv")
    with table.open(encoding="utf-8") as stream:
        return {
            spell(row["name"]): (row["surface"], row["status"] == "assumption")
            for row in csv.DictReader(stream)
        }


def find_figures(
    frame: gpd.GeoDataFrame, labels: pd.Series, settings: StreetLineSettings
) -> Figures:
    """Bring the columns of streets to ours, with stand-ins by class where a figure is absent."""
    found, faults, remarks = _found(frame, settings)
    kind, wrong = _classes(frame, settings)
    faults += wrong
    if kind is None:
        faults += [_absent(frame, settings, ours) for ours in WORDS if ours not in found]
    columns = {ours: found.get(ours, getattr(settings, KEYS[ours])) for ours in WORDS}
    if faults:
        return Figures(frame, labels, columns, faults, [])
    keep, more = _carries_traffic(frame, kind, found, settings.file)
    frame, labels = frame[keep], labels[keep]
    kind = None if kind is None else kind[keep]
    out = frame[["geometry"]].copy()
    needed = np.zeros(len(frame), bool)
    for ours, words in WORDS.items():
        raw = frame[found[ours]] if ours in found else pd.Series(None, frame.index, dtype=object)
        if ours == SURFACE:
            raw, told = _translate(raw.astype(object), settings.file)
            more += told
        lacks = ~is_filled(raw)
        values = raw.astype(object)
        if kind is not None and lacks.any():
            needed |= lacks
            stand = [getattr(each, ours) if each else None for each in kind[lacks]]
            values.loc[lacks] = np.array(stand, object)
            number = in_words(lacks.sum(), "straat", "straten")
            more.append(
                f"{settings.file}: van {number} is {words} geschat uit de wegklasse (aanname)."
            )
        out[ours] = values.rename(columns[ours])
    if kind is not None:
        faults = _class_faults(frame, settings, kind, needed)
    return Figures(out, labels, columns, faults, remarks + more)


def _found(
    frame: gpd.GeoDataFrame, settings: StreetLineSettings
) -> tuple[dict[str, str], list[Fault], list[str]]:
    """Return our columns and those of the file; a name that the case gives must be there."""
    found, faults, remarks = {}, [], []
    for ours, key in KEYS.items():
        asked = getattr(settings, key)
        if asked in frame:
            found[ours] = asked
        elif key in settings.model_fields_set and asked != NAMES[ours][0]:
            faults.append(_absent(frame, settings, ours))
        elif columns := columns_of(frame, NAMES[ours]):
            found[ours] = columns[0]
            remarks.append(f"{settings.file}: {WORDS[ours]} komt uit de kolom {columns[0]}.")
    return found, faults, remarks


def _absent(frame: gpd.GeoDataFrame, settings: StreetLineSettings, ours: str) -> Fault:
    """Fault for a column that is not there."""
    asked = getattr(settings, KEYS[ours])
    near = nearest(asked, frame.columns.drop("geometry"))
    cure = (
        f"Name the right one in [streets]; the nearest are {near}. Or bring a column "
        f"{NAMES['class'][0]} or highway with the class of each street, to stand in by."
    )
    return Fault(f"{settings.file}, column {asked}", "is not there.", cure)


def _classes(
    frame: gpd.GeoDataFrame, settings: StreetLineSettings
) -> tuple[NDArray[np.object_] | None, list[Fault]]:
    """Return the class of every street, None where it is not known; nothing without a column."""
    column = _class_column(frame, settings)
    if column is None:
        return None, []
    if column not in frame:
        near = nearest(column, frame.columns.drop("geometry"))
        cure = f"Set class_column in [streets]; the nearest are {near}."
        return None, [Fault(f"{settings.file}, column {column}", "is not there.", cure)]
    known = read_road_classes()
    own = {spell(theirs): spell(ours) for theirs, ours in settings.classes.items()}
    if odd := sorted(set(own.values()) - set(known)):
        cure = f"Use one of {', '.join(known)}."
        return None, [Fault("streets.classes", f"{few(odd)} is no class that we know.", cure)]
    spelt = [own.get(name, name) for name in frame[column].map(spell)]
    return np.array([known.get(name, known.get(name.replace(" ", ""))) for name in spelt]), []


def _class_column(frame: gpd.GeoDataFrame, settings: StreetLineSettings) -> str | None:
    """Return the column with the class of streets, as named or as usual."""
    if settings.class_column is not None:
        return settings.class_column
    return next(iter(columns_of(frame, NAMES["class"])), None)


def _carries_traffic(
    frame: gpd.GeoDataFrame,
    kind: NDArray[np.object_] | None,
    found: Mapping[str, str],
    file: str,
) -> tuple[Flags, list[str]]:
    """Say which streets carry motor traffic: paths do not, unless their traffic is told."""
    keep = np.ones(len(frame), bool)
    if kind is None:
        return keep, []
    has_flow = is_filled(frame[found[FLOW]]) if FLOW in found else ~keep
    keep = np.array([each is None or each.has_traffic for each in kind], bool) | has_flow
    if keep.all():
        return keep, []
    paths = in_words((~keep).sum(), "pad zonder autoverkeer", "paden zonder autoverkeer")
    return keep, [f"{file}: niet meegeteld: {paths}."]


def _translate(surfaces: pd.Series, file: str) -> tuple[pd.Series, list[str]]:
    """Return surfaces by our names where they are known by another, and what is assumed."""
    known = read_street_surfaces()
    is_other = is_filled(surfaces) & ~surfaces.isin(SURFACES).to_numpy(bool)
    spelt = surfaces[is_other].map(spell)
    is_known = spelt.isin(list(known)).to_numpy(bool)
    rows = spelt.index[is_known]
    out = surfaces.copy()
    out.loc[rows] = [known[name][0] for name in spelt[rows]]
    assumed = sorted({name for name in spelt[rows] if known[name][1] and known[name][0]})
    if not assumed:
        return out, []
    words = ", ".join(f"{name} als {known[name][0]}" for name in assumed)
    return out, [f"{file}: gelezen als wegdek: {words} (aanname)."]


def _class_faults(
    frame: gpd.GeoDataFrame,
    settings: StreetLineSettings,
    kind: NDArray[np.object_],
    needed: Flags,
) -> list[Fault]:
    """Fault for classes that nobody knows, where a figure rests on them."""
    bad = needed & np.array([each is None for each in kind], bool)
    if not bad.any():
        return []
    column = _class_column(frame, settings)
    odd = frame.loc[bad, str(column)].astype("string").fillna("").value_counts()
    shown = few((f"{name!r}: {number}" for name, number in odd.items()), most=20)
    finding = f"holds classes that are not known, of streets that lack a figure ({shown})."
    cure = (
        "Say under [streets.classes] what each counts as; known are "
        f"{', '.join(read_road_classes())}."
    )
    return [Fault(f"{settings.file}, column {column}", finding, cure)]
