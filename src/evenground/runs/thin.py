"""Fewer runs in a folder: all that were chosen, the newest, one a day and one a month; no others.

Counted for each case apart. A run is removed whole: it first gets a hidden name, so that one
that is interrupted leaves whole runs, and something hidden that the next thinning takes away.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from evenground import disk
from evenground.runs.index import list_runs
from evenground.runs.marks import is_chosen
from evenground.runs.names import DAMAGED
from evenground.runs.record import Record

LEFT = ".thinned"
"""Ending of the hidden name of a run that is being removed."""
THINNED = "thinned.jsonl"
"""What was removed from a folder and when: one line a run, written before it goes."""


@dataclass(frozen=True)
class Keep:
    """How many runs of each case are kept."""

    newest: int
    daily: int = 0
    """Days, of those with runs, of which the newest run is kept."""
    monthly: int = 0


@dataclass(frozen=True)
class Choice:
    """A run, and why it is kept; an empty reason means that it goes."""

    record: Record
    reason: str


def choose_kept(folder: Path, keep: Keep) -> list[Choice]:
    """Say of every run of a folder whether it is kept and why, newest first.

    Raises
    ------
    DataError
        If there is no such folder.
    """
    by_case: dict[str, list[Record]] = defaultdict(list)
    records = list_runs(folder)
    for record in records:
        by_case[record.case].append(record)
    newest = {record.name for runs in by_case.values() for record in runs[: keep.newest]}
    daily = _first_of_each(by_case.values(), 10, keep.daily)
    monthly = _first_of_each(by_case.values(), 7, keep.monthly)
    reasons: tuple[tuple[str, Callable[[Record], bool]], ...] = (
        ("chosen", lambda record: is_chosen(folder / record.name)),
        ("damaged", lambda record: record.state == DAMAGED),
        ("newest", lambda record: record.name in newest),
        ("day", lambda record: record.name in daily),
        ("month", lambda record: record.name in monthly),
    )
    return [
        Choice(record, next((name for name, holds in reasons if holds(record)), ""))
        for record in records
    ]


def _first_of_each(cases: Iterable[list[Record]], letters: int, most: int) -> set[str]:
    """Return the newest run of each of the latest days or months, by letters of the time."""
    out = set()
    for runs in cases:
        first: dict[str, str] = {}
        for record in runs:
            first.setdefault(record.started[:letters], record.name)
        out |= set(list(first.values())[:most])
    return out


def thin(folder: Path, choices: Iterable[Choice], tell: Callable[[Choice, int], None]) -> None:
    """Remove the runs that are not kept, each after it was told and noted.

    Parameters
    ----------
    tell
        Called with each run and its bytes, before it goes.

    Raises
    ------
    StorageError
        If one cannot be noted or removed; all others are whole.
    """
    for left in sorted(folder.glob(f".*{LEFT}")):
        disk.remove(left)
    for choice in choices:
        if choice.reason:
            continue
        place = folder / choice.record.name
        tell(choice, size_of(place))
        note = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **asdict(choice.record)}
        disk.append_line(folder / THINNED, json.dumps(note, ensure_ascii=False))
        hidden = folder / f".{choice.record.name}{LEFT}"
        disk.rename(place, hidden)
        disk.remove(hidden)


def size_of(folder: Path) -> int:
    """Return the bytes of all files of a run directory."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
