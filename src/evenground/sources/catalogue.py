"""The catalogue of interventions and their effects, shipped and laid over by a case's own rows.

Every column has a type and a range, and every row must hang together; all that is wrong is
told at once, by file, row and column. Knows nothing of places or plans.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from math import isfinite, nan
from pathlib import Path

import pandas as pd

from evenground.config import FileSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.catalogue_rules import (
    EFFECT_COLUMNS,
    EFFECT_KEY,
    INTERVENTION_COLUMNS,
    INTERVENTION_KEY,
    STREET_SHARE,
    UNPRICED,
    USABLE,
    Choice,
    Complaint,
    Kind,
    Number,
    Row,
    effect_complaints,
    ground_complaint,
    intervention_complaints,
    own_complaints,
)
from evenground.sources.columns import nearest
from evenground.sources.csv_table import read_csv

Key = tuple[str, ...]
Own = tuple[pd.DataFrame, FileSettings]
"""Rows of one's own as text, and the settings of their file."""
CLEAR = "none"
"""A cell of an own row that empties what is shipped; an empty cell keeps it."""


@dataclass(frozen=True)
class Catalogue:
    """Interventions with their costs and rules, and what each of them changes."""

    interventions: pd.DataFrame
    """Indexed by id: the columns of ``data/interventions.csv``; NaN or empty where unknown."""
    effects: pd.DataFrame
    """Indexed by intervention and effect: the columns of ``data/intervention_effects.csv``."""


@dataclass(frozen=True)
class _Rows:
    """Rows as text, each with the place at which it stands."""

    cells: dict[Key, dict[str, str]]
    place: dict[Key, str]


def shipped_catalogue() -> Catalogue:
    """Return the catalogue that comes with the package."""
    return build_catalogue(None, None)


def build_catalogue(
    interventions: Own | None,
    effects: Own | None,
) -> Catalogue:
    """Lay rows of one's own over those shipped, and judge the whole.

    Parameters
    ----------
    interventions, effects
        Rows as text, as :func:`read_own` gives them, and the settings of their file.

    Raises
    ------
    DataError
        With every cell and row that is wrong.
    """
    rows = _laid("interventions.csv", INTERVENTION_KEY, INTERVENTION_COLUMNS, interventions)
    parts = _laid("intervention_effects.csv", EFFECT_KEY, EFFECT_COLUMNS, effects)
    faults = [*_own_faults(interventions), *_own_faults(effects)]
    table, wrong = _typed(rows, INTERVENTION_COLUMNS, intervention_complaints)
    faults += wrong
    changes, wrong = _typed(parts, EFFECT_COLUMNS, effect_complaints)
    faults += wrong or _cross_faults(rows, table, parts, changes)
    if faults:
        raise DataError(faults)
    return Catalogue(_frame(table, INTERVENTION_KEY), _frame(changes, EFFECT_KEY))


def read_own(
    path: Path, settings: FileSettings, key: Key, columns: Mapping[str, Kind]
) -> tuple[pd.DataFrame, list[str]]:
    """Return rows of one's own as text, by line, and Dutch remarks.

    Raises
    ------
    DataError
        If it is no whole CSV, lacks a column of the key, has an unknown column or a row twice.
    """
    raw, remarks = read_csv(path, settings.file)
    faults = [
        Fault(f"{settings.file}, column {name}", "is not there.", "Add it: it names the row.")
        for name in key
        if name not in raw
    ]
    for name in raw.columns.difference([*key, *columns]):
        cure = f"Known are {few(columns, len(columns))}; the nearest are {nearest(name, columns)}."
        faults.append(Fault(f"{settings.file}, column {name}", "is not known.", cure))
    if not faults:
        twice = raw.duplicated(list(key), keep="first")
        for line, row in raw[twice].iterrows():
            named = " ".join(row[list(key)])
            cure = "Keep one of the two rows."
            faults.append(
                Fault(f"{settings.file}, row {_row(line)}", f"is the second of {named}.", cure)
            )
    if faults:
        raise DataError(faults)
    return raw, remarks


def _row(line: object) -> int:
    """Row as a reader of the file counts it, from the line from zero."""
    return int(str(line)) + 1


def _laid(
    name: str,
    key: Key,
    columns: Mapping[str, Kind],
    own: Own | None,
) -> _Rows:
    """Lay own rows over those shipped."""
    with as_file(files("evenground").joinpath("data", name)) as path:
        shipped, _ = read_csv(path, name)
    cells: dict[Key, dict[str, str]] = {}
    place: dict[Key, str] = {}
    for line, row in shipped.iterrows():
        at = tuple(row[list(key)])
        cells[at], place[at] = {str(k): str(v) for k, v in row.items()}, f"{name}, row {_row(line)}"
    if own is None:
        return _Rows(cells, place)
    for line, row in own[0].iterrows():
        at = tuple(row[list(key)])
        given = {str(k): str(v) for k, v in row.items() if v}
        cleared = {k: "" if v == CLEAR else v for k, v in given.items()}
        before = cells.get(at, dict.fromkeys([*key, *columns], "") | _usual(name))
        cells[at] = before | cleared | _origin(cleared, own[1])
        place[at] = f"{own[1].file}, row {_row(line)}"
        if cells[at].get("effect_scope") == UNPRICED and given.get("capex_mid"):
            cells[at] |= {"effect_scope": USABLE[0], "why_not": ""}
    return _Rows(cells, place)


def _usual(name: str) -> dict[str, str]:
    """Cells of a new row that may be left out."""
    if name == "interventions.csv":
        return {"fixed_eur": "0", "room": "ground", "capacity_share": "1"}
    return {}


def _origin(given: Mapping[str, str], settings: FileSettings) -> dict[str, str]:
    """Source of a row of one's own: its own, or that of its file."""
    return {} if given.get("source") else {"source": settings.source}


def _own_faults(own: Own | None) -> list[Fault]:
    """List own rows that bring numbers without saying how sure they are."""
    if own is None:
        return []
    return [
        _fault(f"{own[1].file}, row {_row(line)}", complaint)
        for line, row in own[0].iterrows()
        for complaint in own_complaints({str(k): str(v) for k, v in row.items() if v})
    ]


def _typed(
    rows: _Rows,
    columns: Mapping[str, Kind],
    complain: Callable[[Row], Iterator[Complaint]],
) -> tuple[dict[Key, Row], list[Fault]]:
    """Turn every row into values of the right type, and list what cannot be."""
    out: dict[Key, Row] = {}
    faults = []
    for at, cells in rows.cells.items():
        row: Row = {}
        wrong = []
        for name, kind in columns.items():
            row[name], finding = _value(cells.get(name, ""), kind)
            wrong += [(name, *finding)] if finding else []
        told = {column for column, _, _ in wrong}
        whole = complain(row | dict(zip(_key_of(at), at, strict=True)))
        wrong += [complaint for complaint in whole if complaint[0] not in told]
        faults += [_fault(rows.place[at], complaint) for complaint in wrong]
        out[at] = row
    return out, faults


def _key_of(at: Key) -> Key:
    """Names of the parts of a key."""
    return INTERVENTION_KEY if len(at) == 1 else EFFECT_KEY


def _fault(place: str, complaint: Complaint) -> Fault:
    """One complaint with the place of its row."""
    column, finding, cure = complaint
    return Fault(f"{place}, column {column}", finding, cure)


def _value(text: str, kind: Kind) -> tuple[float | str, tuple[str, str] | None]:
    """Value of a cell, and what is wrong with it."""
    if isinstance(kind, Number):
        return _number(text, kind)
    if text and isinstance(kind, Choice) and text not in kind.among:
        return text, (f"holds {text!r}.", f"Use one of {few(kind.among, len(kind.among))}.")
    if kind.is_needed and not text:
        among = f": one of {few(kind.among, 12)}" if isinstance(kind, Choice) else ""
        return text, ("is empty.", f"Fill it in{among}.")
    return text, None


def _number(text: str, kind: Number) -> tuple[float, tuple[str, str] | None]:
    """Value of a cell with a number, and what is wrong with it."""
    if not text:
        return nan, (("is empty.", f"Fill in {_span(kind)}.") if kind.is_needed else None)
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        cure = "Write a number without unit and without thousands separators."
        return nan, (f"holds {text!r}, which is no number.", cure)
    low = value > kind.lowest if kind.is_above else value >= kind.lowest
    if not isfinite(value) or not low or value > kind.highest:
        return nan, (f"holds {text}, expected {_span(kind)}.", "Correct it.")
    return value, None


def _span(kind: Number) -> str:
    """Say in words which numbers a column takes."""
    if not isfinite(kind.lowest):
        return "a number"
    low = f"above {kind.lowest:g}" if kind.is_above else f"{kind.lowest:g} or more"
    return f"a number {low}" + (f", at most {kind.highest:g}" if isfinite(kind.highest) else "")


def _cross_faults(
    rows: _Rows, table: Mapping[Key, Row], parts: _Rows, changes: Mapping[Key, Row]
) -> list[Fault]:
    """List effects of nothing, and interventions that change nothing though they say so."""
    faults = []
    for at in changes:
        if (at[0],) not in table:
            near = nearest(at[0], [name for (name,) in table])
            place = f"{parts.place[at]}, column intervention"
            cure = f"The nearest are {near}; or add it to the catalogue."
            faults.append(Fault(place, f"names {at[0]!r}, which the catalogue lacks.", cure))
        elif told := ground_complaint(str(table[at[0],]["ground"]), at[1]):
            cure = "Choose another effect, or another ground in the catalogue."
            faults.append(Fault(f"{parts.place[at]}, column effect", told, cure))
    with_effect = {at[0] for at in changes}
    for (name,), row in table.items():
        acts = row["effect_scope"] in USABLE
        if acts and name not in with_effect:
            finding = f"is {row['effect_scope']!r}, but {name} has no row of effects."
            cure = 'Add its effect under [interventions] effects, or write "not modelled".'
            faults.append(Fault(f"{rows.place[name,]}, column effect_scope", finding, cure))
        less = changes.get((name, "traffic_factor"))
        if less is not None and row["room"] == STREET_SHARE:
            faults += _share_faults(rows.place[name,], row, less)
        edge = changes.get((name, "edge_cooling_degc"))
        if edge is not None:
            is_green = (name, "green_m2") in changes
            faults += _edge_faults(rows.place[name,], row, edge, is_green=is_green)
    return faults


def _share_faults(place: str, row: Row, less: Row) -> list[Fault]:
    """List what keeps a unit from being one percent of the traffic of a street."""
    taken, per_unit = 1.0 - float(less["mid"]), float(row["ground_per_unit"])
    if taken > 0.0 and abs(100.0 * per_unit * taken - 1.0) < 1e-6:
        return []
    finding = f"is {per_unit:g}: a unit takes {100.0 * per_unit * taken:g} % of the traffic."
    cure = "Set it to 0.01 / (1 - traffic_factor), so that a unit is one percent."
    return [Fault(f"{place}, column ground_per_unit", finding, cure)]


def _edge_faults(place: str, row: Row, edge: Row, *, is_green: bool) -> list[Fault]:
    """List what keeps the edge of a park from being the larger of two coolings, and no sum."""
    faults = []
    if not float(row["apart_m"]) >= 2.0 * float(edge["footprint_m"]):
        finding = "is less than twice the footprint of its edge: homes would be cooled by two."
        cure = "Set apart_m to twice footprint_m or more."
        faults.append(Fault(f"{place}, column apart_m", finding, cure))
    if not is_green:
        finding = "has edge cooling without green_m2, the green that it is the edge of."
        cure = "Add a row of green_m2 to its effects."
        faults.append(Fault(f"{place}, column effect_scope", finding, cure))
    return faults


def _frame(rows: Mapping[Key, Row], key: Key) -> pd.DataFrame:
    """Make a table of typed rows, indexed by their key."""
    frame = pd.DataFrame(list(rows.values()))
    if len(key) == 1:
        frame.index = pd.Index([at[0] for at in rows], name=key[0])
    else:
        frame.index = pd.MultiIndex.from_tuples(list(rows), names=key)
    return frame
