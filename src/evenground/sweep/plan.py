"""A sweep ready to be carried out: every run with its settings and what it goes by.

Takes a sweep file; every row goes through the same settings as a case, and all faults of all
rows are raised together, before anything runs.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from evenground.config import (
    FileSettings,
    RunSettings,
    SweepSettings,
    parse_settings,
    read_sweep_settings,
    read_toml,
)
from evenground.errors import ConfigError, DataError, Fault, few, shorten
from evenground.pipeline import placed
from evenground.runs import code_version, hashed
from evenground.sources.files import locate, record
from evenground.sweep.design import Row, list_rows

MOST_FAULTS = 50
"""Most faults that are listed of one sweep; one wrong name may spoil every row."""


@dataclass(frozen=True)
class Trial:
    """One run of a sweep."""

    row: int
    """From 1, in the order of the design."""
    sets: dict[str, Any]
    """Setting = its value here, by dotted name."""
    place: dict[str, float]
    settings: dict[str, Any]
    """Of the whole run, as resolved and as JSON has them."""
    key: str
    """What the run goes by: the same settings, inputs and code give the same key."""
    places_key: str
    """What its places go by; see :func:`evenground.pipeline.placed`."""
    files: dict[str, str]
    """SHA-256 of every input, by its name in the case."""


@dataclass(frozen=True)
class Plan:
    """A sweep ready to be carried out."""

    title: str
    data: Path
    code: str
    """SHA-256 of the package; see :func:`evenground.runs.code_version`."""
    design: dict[str, Any]
    slurm: dict[str, Any]
    trials: tuple[Trial, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of all runs, in order; rows that ask the same share one."""
        return tuple(dict.fromkeys(trial.key for trial in self.trials))


def build_plan(path: Path, case: Path, data: Path) -> Plan:
    """Read a sweep file and resolve all its runs.

    Parameters
    ----------
    case
        The case file that the sweep goes by.
    data
        Folder of the files of the case.

    Raises
    ------
    ConfigError
        With every fault, each with its row and key.
    DataError
        If an input is not there.
    """
    asked = read_sweep_settings(path)
    base = read_toml(case)
    parse_settings(base, str(case))
    rows = list_rows(asked.design)
    return _resolve(path, asked, [(row, _laid_over(base, row.sets)) for row in rows], data)


def resolve_again(plan: Plan) -> Plan:
    """Return a plan with its inputs and code as they are now; keys change where those did."""
    raws = [(Row(trial.sets, trial.place), trial.settings) for trial in plan.trials]
    settings = _judge("sweep", raws)
    return _with_keys(plan, raws, settings)


def _resolve(
    path: Path, asked: SweepSettings, raws: list[tuple[Row, dict[str, Any]]], data: Path
) -> Plan:
    """Judge all rows and give them keys."""
    settings = _judge(str(path), raws)
    title = settings[0].case.title
    design = asked.design.model_dump(mode="json", exclude_none=True)
    slurm = asked.slurm.model_dump(mode="json", exclude_none=True)
    blank = Plan(title, data.resolve(), code_version(), design, slurm, ())
    return _with_keys(blank, raws, settings)


def _judge(place: str, raws: list[tuple[Row, dict[str, Any]]]) -> list[RunSettings]:
    """Return the settings of all rows; the same fault in many rows is told once."""
    settings: list[RunSettings] = []
    found: dict[tuple[str, str, str], list[int]] = {}
    for number, (_, raw) in enumerate(raws, 1):
        try:
            settings.append(parse_settings(raw, ""))
        except ConfigError as error:
            for fault in error.faults:
                told = (fault.place.removeprefix(", "), fault.finding, fault.cure)
                found.setdefault(told, []).append(number)
    if not found:
        return settings
    faults = [
        Fault(_address(place, rows, raws, key), finding, cure)
        for (key, finding, cure), rows in list(found.items())[:MOST_FAULTS]
    ]
    if len(found) > MOST_FAULTS:
        more = f"{len(found) - MOST_FAULTS} more faults."
        faults.append(Fault(place, more, "Mend those above first."))
    raise ConfigError(faults)


def _address(place: str, rows: list[int], raws: list[tuple[Row, dict[str, Any]]], key: str) -> str:
    """Say in which rows a fault is, what the first of them sets, and its key."""
    values = raws[rows[0] - 1][0].sets
    told = few(f"{name} = {shorten(value)}" for name, value in values.items())
    if len(rows) == 1:
        return f"{place}, row {rows[0]} ({told}), {key}"
    return f"{place}, rows {few(rows)} (the first: {told}), {key}"


def _laid_over(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case in which some settings, by dotted name, have other values."""
    out = copy.deepcopy(dict(base))
    for name, value in values.items():
        *way, last = name.split(".")
        at: Any = out
        for part in way:
            at = _step(at, part, name)
        _step(at, last, name, value)
    return out


def _step(at: Any, part: str, name: str, *value: Any) -> Any:  # noqa: ANN401 - as TOML has them
    """Go down one part of a dotted name, in a table or in a list; set a value if there is one."""
    if isinstance(at, list) and part.isdigit() and int(part) < len(at):
        key: Any = int(part)
    elif isinstance(at, dict):
        key = part
        at.setdefault(part, {})
    else:
        holds = f"a list of {len(at)}" if isinstance(at, list) else shorten(at)
        finding = f"there is no {part} in {holds}."
        cure = "Name the setting as in the case file, dots between parts; of lists by place from 0."
        raise ConfigError([Fault(f"design.vary, {name}", finding, cure)])
    if value:
        at[key] = value[0]
    return at[key]


def _with_keys(
    plan: Plan, raws: list[tuple[Row, dict[str, Any]]], settings: list[RunSettings]
) -> Plan:
    """Give every run its keys."""
    marks = _Fingerprints(plan.data)
    trials = []
    for number, ((row, _), one) in enumerate(zip(raws, settings, strict=True), 1):
        files = marks.of(one)
        resolved = one.model_dump(mode="json", exclude_none=True)
        rests_on = {"files": files, "code": code_version()}
        ground = placed(one).model_dump(mode="json", exclude_none=True)
        trials.append(
            Trial(
                row=number,
                sets=row.sets,
                place=row.place,
                settings=resolved,
                key=hashed({"settings": resolved, **rests_on}),
                places_key=hashed({"places": ground, **rests_on}),
                files=files,
            )
        )
    return Plan(plan.title, plan.data, code_version(), plan.design, plan.slurm, tuple(trials))


class _Fingerprints:
    """Fingerprints of inputs; each file is read once for all rows."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._known: dict[str, dict[str, str]] = {}

    def of(self, settings: RunSettings) -> dict[str, str]:
        """Return the SHA-256 of every input of a run, by name.

        Raises
        ------
        DataError
            With every input that is not there.
        """
        out: dict[str, str] = {}
        faults: list[Fault] = []
        for used in _files(settings):
            if used.file not in self._known:
                try:
                    found = record(self._data, locate(self._data, used.file), used, "")
                except DataError as error:
                    faults += error.faults
                    continue
                self._known[used.file] = {one.path: one.sha256 for one in found}
            out |= self._known[used.file]
        if faults:
            raise DataError(faults)
        return dict(sorted(out.items()))


def _files(settings: object) -> list[FileSettings]:
    """Return every file that settings name."""
    own = [settings] if isinstance(settings, FileSettings) else []
    if isinstance(settings, BaseModel):
        inner: list[object] = [getattr(settings, name) for name in type(settings).model_fields]
    elif isinstance(settings, Mapping):
        inner = list(settings.values())
    elif isinstance(settings, tuple | list):
        inner = list(settings)
    else:
        return own
    return own + [found for part in inner for found in _files(part)]
