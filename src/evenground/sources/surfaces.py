"""Surfaces of the BGT: polygons, and which shares of each are green, water and paving.

Knows the kinds of object, the spellings of their attributes and the shipped table
``data/bgt_surfaces.csv``. Knows nothing of the grid.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from evenground.config import SurfaceFileSettings, SurfaceSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.columns import nearest, plain
from evenground.sources.dutch import in_words, percent
from evenground.sources.vectors import POLYGONS, read_shapes

Flags = NDArray[np.bool_]

SHARES = ("green", "water", "paved_public", "paved_private")
"""Columns of surfaces: share of each polygon (0-1)."""
USABLE = "usable_public"
"""Column with the share of each polygon that is public paving which could be lifted."""
FUNCTION, COVER = "function", "cover"
NAMES: dict[str, tuple[str, ...]] = {
    FUNCTION: ("bgt_functie", "functie", "function", "functieWegdeel", "bgt_functi"),
    COVER: (
        "bgt_fysiekvoorkomen",
        "fysiekVoorkomen",
        "fysiek_voorkomen",
        "surfaceMaterial",
        "bgt_type",
        "type",
        "class",
        "bgt_fysiek",
        "fysiekvoor",
        "fysiek_voo",
    ),
    "kind": ("objecttype", "bgt_objecttype", "object_type", "featuretype"),
    "end": (
        "eindRegistratie",
        "eind_registratie",
        "objectEindTijd",
        "object_eind_tijd",
        "terminationDate",
        "termination_date",
        "eindregist",
        "objecteind",
        "terminatio",
    ),
    "level": ("relatieveHoogteligging", "relatieve_hoogteligging", "relatieveh", "hoogteligging"),
    "status": ("bgt_status", "plus_status"),
    "id": ("lokaalID", "lokaal_id", "identificatie.lokaalID", "identificatie"),
}
"""What is asked = the columns that hold it: of PDOK, of GML, of files of municipalities, and cut
off at ten letters in shapefiles. Letter case and signs do not count."""
GONE = ("historie", "plan")
"""Statuses of what is there no more or not yet."""
UNKNOWN = "waardeonbekend"


@dataclass(frozen=True)
class _Row:
    """What one class of surface means."""

    shares: tuple[float, ...]
    """Of ``SHARES``."""
    usable: float
    """Share of its public paving that could be lifted; NaN where that is told elsewhere."""
    is_assumed: bool


@cache
def read_classes() -> Mapping[tuple[str, str, str], _Row]:
    """Return what is known of every class, by kind of object, attribute and class."""
    with files("evenground").joinpath("data", "bgt_surfaces.csv").open(encoding="utf-8") as stream:
        return {
            (row["object"], row["attribute"], row["class"]): _Row(
                tuple(float(row[name]) for name in SHARES),
                float(row["usable"] or "nan"),
                row["status"] == "assumption",
            )
            for row in csv.DictReader(stream)
        }


def spell(name: object) -> str:
    """Return a class in one spelling: small letters, single spaces, no signs but a dash.

    >>> spell("rijbaan: lokale weg"), spell("Greppel, droge sloot"), spell(None)
    ('rijbaan lokale weg', 'greppel droge sloot', 'waardeonbekend')
    """
    text = "" if name is None or name is pd.NA or name != name else str(name)  # noqa: PLR0124
    return " ".join(re.sub(r"[^a-z0-9-]", " ", text.lower()).split()) or UNKNOWN


def read_surfaces(
    path: Path, settings: SurfaceFileSettings, whole: SurfaceSettings
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the surfaces of one layer as polygons with ``SHARES``, ``USABLE``, ``label`` and id.

    Raises
    ------
    DataError
        With every fault of the layer.
    """
    frame, labels, faults, remarks = read_shapes(path, settings, POLYGONS, "polygons")
    place = settings.file if settings.layer is None else f"{settings.file}, layer {settings.layer}"
    if faults:
        raise DataError(faults)
    keep, remarks_kept, faults = _present(frame, place)
    frame, labels = frame[keep].reset_index(drop=True), labels[keep].reset_index(drop=True)
    faults += id_faults(frame, labels, place, NAMES["id"])
    kind, more = _kinds(frame, settings, place)
    faults += more
    if faults:
        raise DataError(faults)
    out = frame[["geometry"]].copy()
    found, faults = _meaning(frame, kind, settings, whole, place)
    if faults:
        raise DataError(faults)
    for name, values in found.items():
        out[name] = values
    return out, remarks + remarks_kept


def _present(frame: gpd.GeoDataFrame, place: str) -> tuple[Flags, list[str], list[Fault]]:
    """Say which objects lie on the ground today, and in Dutch how many do not."""
    remarks, keep = [], np.ones(len(frame), bool)
    ended = np.zeros(len(frame), bool)
    for column in columns_of(frame, NAMES["end"]):
        ended |= is_filled(frame[column])
    for column in columns_of(frame, NAMES["status"]):
        ended |= frame[column].map(spell).isin(GONE).to_numpy(bool)
    raised = np.zeros(len(frame), bool)
    level = next(iter(columns_of(frame, NAMES["level"])), None)
    if level is None:
        remarks.append(
            f"{place} noemt geen hoogteligging: bruggen en tunnels zijn niet te onderscheiden en "
            "tellen mee als grond."
        )
    else:
        number = pd.to_numeric(frame[level], errors="coerce").to_numpy(float)
        if (bad := ~ended & ~np.isfinite(number)).any():
            finding = f"has no number in {int(bad.sum())} of {len(frame)} objects."
            cure = "Fill in 0 for what lies on the ground; bridges are above it, tunnels below."
            return keep, [], [Fault(f"{place}, column {level}", finding, cure)]
        raised = ~ended & (number != 0.0)
    for gone, one, more in (
        (ended, "vlak is vervallen of gepland", "vlakken zijn vervallen of gepland"),
        (raised, "vlak ligt op of onder een brug", "vlakken liggen op of onder een brug"),
    ):
        if gone.any():
            remarks.append(f"{place}: niet meegeteld: {in_words(gone.sum(), one, more)}.")
        keep &= ~gone
    if not keep.any():
        finding = "holds no object that lies on the ground today."
        return keep, remarks, [Fault(place, finding, "Bring the objects that are current.")]
    return keep, remarks, []


def is_filled(values: pd.Series) -> Flags:
    """Say which values hold something: neither missing nor blank."""
    text = values.astype("string").str.strip().fillna("")
    return np.asarray(~text.isin(["", "None", "NaT", "nan"]), bool)


def columns_of(frame: pd.DataFrame, names: Iterable[str]) -> list[str]:
    """Return the columns that go by any of some names, in the order of the names."""
    spelt = {plain(str(column)): str(column) for column in frame.columns}
    wanted = dict.fromkeys(plain(name) for name in names)
    return [spelt[name] for name in wanted if name in spelt]


def id_faults(
    frame: pd.DataFrame, labels: pd.Series, place: str, names: Iterable[str]
) -> list[Fault]:
    """Fault for objects that are there twice, and would count twice."""
    column = next(iter(columns_of(frame, names)), None)
    if column is None:
        return []
    ids = frame[column].astype("string")
    twice = ids.duplicated(keep=False) & is_filled(ids)
    if not twice.any():
        return []
    shown = few(f"{labels[k]}: {ids[k]}" for k in np.flatnonzero(twice))
    finding = f"names {ids[twice].nunique()} objects more than once ({shown})."
    return [Fault(f"{place}, column {column}", finding, "Keep the version that is current.")]


def _kinds(
    frame: gpd.GeoDataFrame, settings: SurfaceFileSettings, place: str
) -> tuple[NDArray[np.object_], list[Fault]]:
    """Return the kind of object of every row: as the case says, by a column, or by a name."""
    known = sorted({key[0] for key in read_classes()}, key=len, reverse=True)
    column = next(iter(columns_of(frame, NAMES["kind"])), None)
    if settings.kind is not None:
        kinds = np.full(len(frame), plain(settings.kind), object)
    elif column is not None:
        kinds = frame[column].map(lambda value: plain(spell(value))).to_numpy(object)
    else:
        named = (plain(settings.layer or ""), plain(Path(settings.file).stem))
        hits = [kind for name in named for kind in known if kind in name]
        fallback = named[0] or named[1]
        kinds = np.full(len(frame), hits[0] if hits else fallback, object)
    odd = sorted({str(kind) for kind in kinds} - set(known))
    if not odd:
        return kinds, []
    finding = f"is of kind {few(map(repr, odd))}, which is no surface that we know."
    cure = f"Set kind in [[surfaces.files]] to one of {', '.join(sorted(known))}, or leave it out."
    return kinds, [Fault(place, finding, cure)]


def _meaning(
    frame: gpd.GeoDataFrame,
    kind: NDArray[np.object_],
    settings: SurfaceFileSettings,
    whole: SurfaceSettings,
    place: str,
) -> tuple[dict[str, object], list[Fault]]:
    """Return the columns of surfaces, and faults for classes that nobody knows."""
    known = read_classes()
    faults = []
    value: dict[str, pd.Series] = {}
    for attribute, asked in (
        (FUNCTION, settings.function_column),
        (COVER, settings.cover_column),
    ):
        needs = np.isin(kind, [name for name, part, _ in known if part == attribute])
        if not needs.any():
            continue
        columns, wrong = _attribute(frame, attribute, asked, place)
        faults += wrong
        if not columns:
            continue
        classes = {spell(theirs): spell(ours) for theirs, ours in whole.classes.items()}
        value[attribute] = _first(frame, columns).map(spell).replace(classes)
        where = f"{place}, column {' or '.join(columns)}"
        faults += _class_faults(value[attribute], kind, attribute, where)
    if faults:
        return {}, faults
    return _columns(kind, value, whole), []


def _attribute(
    frame: gpd.GeoDataFrame, attribute: str, asked: str | None, place: str
) -> tuple[list[str], list[Fault]]:
    """Return the columns of an attribute, the best known first, or a fault."""
    if asked is not None and asked in frame:
        return [asked], []
    found = [] if asked is not None else columns_of(frame, NAMES[attribute])
    if found:
        return found, []
    near = nearest(asked or NAMES[attribute][0], frame.columns.drop("geometry"))
    cure = f"Set {attribute}_column in [[surfaces.files]]; the nearest are {near}."
    column = asked or " or ".join(NAMES[attribute][:2])
    return [], [Fault(f"{place}, column {column}", "is not there.", cure)]


def _first(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Return the first of some columns that is filled, row by row: kinds differ in theirs."""
    value = frame[columns[0]].astype(object)
    for column in columns[1:]:
        value = value.where(is_filled(value), frame[column])
    return value


def _class_faults(
    value: pd.Series, kind: NDArray[np.object_], attribute: str, place: str
) -> list[Fault]:
    """Fault for classes that nobody knows, with how often each occurs."""
    known = read_classes()
    faults = []
    for name in sorted({str(each) for each in kind}):
        usual = [cls for obj, part, cls in known if (obj, part) == (name, attribute)]
        own = value[kind == name]
        odd = own[~own.isin(usual)].value_counts() if usual else own[:0]
        if odd.empty:
            continue
        shown = few((f"{cls!r}: {number}" for cls, number in odd.items()), most=20)
        finding = f"holds classes of {name} that are not known ({shown})."
        cure = (
            "Say under [surfaces.classes] what each counts as, such as "
            f'"{odd.index[0]}" = "{usual[0]}"; known are {", ".join(usual)}.'
        )
        faults.append(Fault(place, finding, cure))
    return faults


def _columns(
    kind: NDArray[np.object_], value: Mapping[str, pd.Series], whole: SurfaceSettings
) -> dict[str, object]:
    """Look up the shares of every row."""
    known = read_classes()
    own = {spell(name): share for name, share in whole.usable.items()}
    empty = np.full(kind.size, "", object)
    function = value[FUNCTION].to_numpy(object) if FUNCTION in value else empty
    cover = value[COVER].to_numpy(object) if COVER in value else empty
    shares, usable, assumed, label = [], [], [], []
    for name, use, top in zip(kind, function, cover, strict=True):
        row = known.get((name, COVER, top)) or known[name, "none", ""]
        by_use = known.get((name, FUNCTION, use))
        lifted = row.usable if by_use is None else by_use.usable
        lifted = own.get(use if by_use is not None else top, lifted)
        shares.append(row.shares)
        usable.append(lifted * row.shares[SHARES.index("paved_public")])
        assumed.append(row.is_assumed)
        label.append(f"{name}: {use if by_use is not None else top or 'alle'}")
    columns: dict[str, object] = dict(zip(SHARES, np.array(shares, float).T, strict=True))
    return columns | {USABLE: np.array(usable), "is_assumed": assumed, "label": label}


def usable_faults(settings: SurfaceSettings) -> list[Fault]:
    """List classes of which the case tells a share, and that nobody knows."""
    known = {
        cls
        for (_, part, cls), row in read_classes().items()
        if part == FUNCTION or row.shares[SHARES.index("paved_public")] > 0.0
    }
    odd = [name for name in settings.usable if spell(name) not in known]
    odd_targets = [
        ours
        for ours in settings.classes.values()
        if spell(ours) not in {cls for _, _, cls in read_classes()}
    ]
    cure = f"Known are {', '.join(sorted(known))}."
    faults = [Fault("surfaces.usable", f"{name} is no class of paving.", cure) for name in odd]
    every = ", ".join(sorted({cls for _, _, cls in read_classes() if cls}))
    return faults + [
        Fault("surfaces.classes", f"{name} is no class that we know.", f"Known are {every}.")
        for name in odd_targets
    ]


def join_surfaces(parts: list[gpd.GeoDataFrame], settings: SurfaceSettings) -> gpd.GeoDataFrame:
    """Return the surfaces of all layers as one table, whose ``attrs`` say where it is from."""
    whole = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)
    years = sorted({used.year for used in settings.files})
    whole.attrs = {
        "quality": settings.quality,
        "year": "-".join(str(year) for year in dict.fromkeys((years[0], years[-1]))),
        "source": "; ".join(dict.fromkeys(used.source for used in settings.files)),
    }
    return whole


def tell_surfaces(surfaces: gpd.GeoDataFrame) -> list[str]:
    """Say in Dutch how much of the surfaces rests on a share that is assumed."""
    area = shapely.area(surfaces.geometry.to_numpy())
    assumed = surfaces["is_assumed"].to_numpy(bool)
    if not assumed.any():
        return []
    part = float(area[assumed].sum() / area.sum())
    kinds = few(sorted(set(surfaces.loc[assumed, "label"])))
    text = (
        f"Van {percent(part)} van de oppervlakte zegt de BGT niet wat groen of verhard is "
        f"({kinds}); de verdeling daarvan is een aanname."
    )
    return [text]
