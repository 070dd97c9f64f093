"""What a run directory says of itself in a list: one record a run, from its manifest."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evenground.errors import DataError, Fault
from evenground.runs.names import DAMAGED, DONE, MANIFEST

NAMED = re.compile(r"(?P<case>.+?)-(?P<stamp>[0-9]{8}T[0-9]{6})-(?P<seed>[0-9]+)(-[0-9]+)?")
"""Name of a run: case, time in UTC, seed, and a number where two were made in one second."""


@dataclass(frozen=True)
class Record:
    """A run in a list; what its manifest does not tell is empty, or minus one."""

    name: str
    case: str
    title: str
    state: str
    started: str
    """ISO 8601 in UTC."""
    seconds: float
    """Of all stages together."""
    seed: int
    budget_eur: float
    evaluated: int
    plans: int
    """In the front."""
    proposals: int
    hypervolume: float


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run directory.

    Raises
    ------
    DataError
        If there is none, or it cannot be read.
    """
    path = folder / MANIFEST
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        cure = "Name the directory of a finished run."
        raise DataError([Fault(str(folder), f"holds no {MANIFEST}.", cure)]) from None
    except (OSError, ValueError, RecursionError) as error:
        cure = "Make the run again, or restore the file from a copy."
        raise DataError([Fault(str(path), f"cannot be read: {error}.", cure)]) from None
    if not isinstance(told, dict):
        raise DataError([Fault(str(path), "is no manifest.", "Restore it from a copy.")])
    return told


def read_record(folder: Path) -> Record:
    """Return the record of a run directory; one with a spoilt manifest is ``damaged``."""
    try:
        return build_record(folder.name, read_manifest(folder))
    except (DataError, AttributeError, KeyError, TypeError, ValueError):
        return build_record(folder.name, {"state": DAMAGED})


def build_record(name: str, told: dict[str, Any]) -> Record:
    """Return the record of a manifest; older ones tell less, and their name tells the rest."""
    named = NAMED.fullmatch(name)
    case = told.get("case", {})
    return Record(
        name=name,
        case=str(case.get("id", named["case"] if named else "")),
        title=str(case.get("title", "")),
        state=str(told.get("state", DONE)),
        started=_utc(told["started"]) if "started" in told else _stamp(named),
        seconds=round(sum(map(float, told.get("seconds", {}).values())), 3),
        seed=int(told["seed"]) if "seed" in told else int(named["seed"]) if named else -1,
        budget_eur=_number(told.get("budget_eur")),
        evaluated=int(told.get("evaluated", -1)),
        plans=int(told.get("plans", -1)),
        proposals=len(told["proposals"]) if "proposals" in told else -1,
        hypervolume=_number(told.get("hypervolume")),
    )


def _number(value: object) -> float:
    """Return a number, minus one where it is not told."""
    return float(str(value)) if value is not None else -1.0


def _utc(text: str) -> str:
    """Return a time in UTC, so that texts sort as times do."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")


def _stamp(named: re.Match[str] | None) -> str:
    """Return the time that the name of a run tells."""
    if named is None:
        return ""
    time = datetime.strptime(named["stamp"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return time.isoformat(timespec="seconds")
