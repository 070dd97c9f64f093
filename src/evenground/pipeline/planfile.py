"""A plan that somebody drew, read from a list of works and put on the options of a case.

Two forms: CSV as the pages and proposals write it, and JSON with the same names. Nothing is
evaluated here.
"""

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground.constraints import middles
from evenground.errors import DataError, Fault
from evenground.interventions import Options
from evenground.study import StudyArea

Plan = NDArray[np.int16]

MOST_BYTES = 64 * 1024 * 1024
"""Size of a list above which it is not read."""
MOST_FAULTS = 20
"""Faults that are told; more of them say the same."""
WHAT, AMOUNT, X, Y, OPTION, ID = "maatregel", "hoeveelheid", "x_m", "y_m", "optie", "id"
"""Names of the columns, and of the keys of JSON."""
WORKS = "werken"
"""Key of JSON under which the list stands."""


@dataclass(frozen=True)
class Drawn:
    """A plan as it was read."""

    plan: Plan
    """Steps (option,)."""
    n_rows: int
    n_rounded: int
    """Rows whose amount was no whole number of steps, and was rounded to the nearest."""


def read_plan(path: Path, options: Options, study: StudyArea) -> Drawn:
    """Return the plan of a file.

    A row says what is built (``maatregel``), how much (``hoeveelheid``, in the unit of the
    catalogue) and where: ``x_m`` and ``y_m``, a point on the site; or the ``id`` of a list of a
    proposal. ``optie`` tells apart what may be built twice on one site.

    Raises
    ------
    DataError
        With the faults of all rows.
    """
    plan = np.zeros(options.most.size, np.int64)
    finder, faults, n_rows, n_rounded = _Finder(options, study), [], 0, 0
    for number, row in _rows(path):
        n_rows += 1
        try:
            amount = _number(row, AMOUNT)
            n_rounded += finder.add(plan, row, amount)
        except ValueError as error:
            place, cure = f"{path.name}, row {number}", "Mend the row or leave it out."
            faults.append(Fault(place, str(error), cure))
    if faults:
        raise DataError(faults[:MOST_FAULTS])
    return Drawn(plan.astype(np.int16), n_rows, n_rounded)


class _Finder:
    """Finds the options of rows."""

    def __init__(self, options: Options, study: StudyArea) -> None:
        self._options, self._study = options, study
        self._keys = options.interventions.index.to_numpy(str)
        names = options.interventions["name_nl"].to_numpy(str)
        self._kind = {name: k for k, name in enumerate(names)}
        self._kind |= {key: k for k, key in enumerate(self._keys)}
        self._at: dict[tuple[int, int], list[int]] = {}
        pairs = zip(options.site.tolist(), options.intervention.tolist(), strict=True)
        for option, pair in enumerate(pairs):
            self._at.setdefault(pair, []).append(option)
        x, y = middles(options, study)
        self._site: dict[tuple[int, int], int] = {
            (round(10 * a), round(10 * b)): site
            for a, b, site in zip(x.tolist(), y.tolist(), options.site.tolist(), strict=True)
        }

    def add(self, plan: NDArray[np.int64], row: Mapping[str, Any], amount: float) -> bool:
        """Add the amount of a row to a plan, in place; say whether it was rounded.

        Raises
        ------
        ValueError
            If nothing of the kind can be built there, or not so much.
        """
        chosen = self._chosen(row)
        step = float(self._options.step[chosen[0]])
        steps, left = round(amount / step), 0
        left = steps
        for option in chosen:
            taken = min(left, int(self._options.most[option]) - int(plan[option]))
            plan[option] += taken
            left -= taken
        if left > 0:
            room = (steps - left) * step
            msg = f"found {amount:g}, and there is room for {room:g}."
            raise ValueError(msg)
        return not math.isclose(amount, steps * step, rel_tol=1e-6, abs_tol=1e-6)

    def _chosen(self, row: Mapping[str, Any]) -> list[int]:
        """Return the options that a row may be of."""
        what = str(row.get(WHAT, "")).strip().removeprefix("'")
        kind = self._kind.get(what)
        if kind is None:
            msg = f"found {what!r}, expected one of {', '.join(self._keys)}."
            raise ValueError(msg)
        site = self._site_of(row, str(self._keys[kind]))
        chosen = self._at.get((site, kind), [])
        if not chosen:
            msg = f"{what} cannot be built there."
            raise ValueError(msg)
        named = row.get(OPTION)
        if named in (None, ""):
            return chosen
        if str(named).isdecimal() and int(named) in chosen:
            return [int(named)]
        msg = f"found option {named!r}, which is not {what} at this site."
        raise ValueError(msg)

    def _site_of(self, row: Mapping[str, Any], key: str) -> int:
        """Return the site of a row, -1 where there is none."""
        if X not in row and ID in row:
            found = re.search(rf"-(\d+)-{re.escape(key)}(-\w+)?$", str(row[ID]))
            return int(found[1]) if found else -1
        x, y = _number(row, X), _number(row, Y)
        exact = self._site.get((round(10 * x), round(10 * y)))
        if exact is not None:
            return int(exact)
        there = self._study.sites.at(self._study.grid, np.array([x]), np.array([y]))
        return int(there[0])


def _number(row: Mapping[str, Any], key: str) -> float:
    """Return a number of a row, which may have a comma; never below zero."""
    found = row.get(key)
    text = str(found).strip().replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and value >= 0.0 and not isinstance(found, bool):
        return value
    msg = f"found {found!r} as {key}, expected a number of zero or more."
    raise ValueError(msg)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give every row of a file with its number, the first of a list being 1."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _unreadable(path, f"is larger than {MOST_BYTES // 2**20} MiB.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, f"cannot be read: {error}.") from None
    found = _of_json(path, text) if path.suffix.lower() == ".json" else _of_csv(path, text)
    yield from enumerate(found, start=1)


def _of_csv(path: Path, text: str) -> list[Mapping[str, Any]]:
    """Return the rows of a list whose columns are parted by the sign in its first line."""
    head = text.splitlines()[0] if text.strip() else ""
    sign = ";" if ";" in head else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=sign)
    names = reader.fieldnames or []
    known = {WHAT, AMOUNT, X, Y} <= set(names) or {WHAT, AMOUNT, ID} <= set(names)
    if not known:
        raise _unreadable(path, f"found columns {', '.join(names) or 'none'}.")
    try:
        return list(reader)
    except csv.Error as error:
        raise _unreadable(path, f"cannot be read: {error}.") from None


def _of_json(path: Path, text: str) -> list[Mapping[str, Any]]:
    """Return the works of a file, a list or an object that has one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, f"is no JSON: {error}.") from None
    rows = found.get(WORKS) if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _unreadable(path, "holds no list of works.")
    return rows


def _unreadable(path: Path, finding: str) -> DataError:
    """Return the error for a file that holds no list of works."""
    cure = f"Give CSV or JSON ({WORKS}: a list) with {WHAT}, {AMOUNT}, {X} and {Y}."
    return DataError([Fault(str(path), finding, cure)])
