"""Two runs side by side: what differs in settings, inputs and versions, and what came of it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenground.errors import DataError, Fault
from evenground.runs.names import SETTINGS
from evenground.runs.record import read_manifest

ABSENT = "-"
"""Stands for what one of the two has not."""
PROGRAM = ("evenground", "commit", "python", "environment_sha256")
"""Of a manifest: what computed."""


@dataclass(frozen=True)
class Difference:
    """One thing that two runs have otherwise."""

    name: str
    first: object
    second: object


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side."""

    first: str
    second: str
    settings: tuple[Difference, ...]
    inputs: tuple[Difference, ...]
    """By path: the first letters of the checksum."""
    program: tuple[Difference, ...]
    scores: tuple[Difference, ...]
    """``proposal score``, of all proposals of either, also those that are alike."""


def compare_runs(first: Path, second: Path) -> Comparison:
    """Compare two run directories.

    Raises
    ------
    DataError
        If a manifest or the settings of one cannot be read.
    """
    a, b = read_manifest(first), read_manifest(second)
    return Comparison(
        first.name,
        second.name,
        settings=differences(flat(read_resolved(first)), flat(read_resolved(second))),
        inputs=differences(fingerprints(a), fingerprints(b)),
        program=differences(*({key: told.get(key) for key in PROGRAM} for told in (a, b))),
        scores=side_by_side(scores_of(a), scores_of(b)),
    )


def read_resolved(folder: Path) -> dict[str, Any]:
    """Return the settings of a run as nested dicts.

    Raises
    ------
    DataError
        If they cannot be read.
    """
    path = folder / SETTINGS
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        cure = "Restore the file from a copy, or make the run again."
        raise DataError([Fault(str(path), f"cannot be read: {error}.", cure)]) from None


def flat(settings: dict[str, Any], above: str = "") -> dict[str, object]:
    """Return nested settings by dotted keys; lists stay as they are."""
    out: dict[str, object] = {}
    for key, value in settings.items():
        name = f"{above}{key}"
        out |= flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return out


def fingerprints(manifest: dict[str, Any]) -> dict[str, object]:
    """Return the first letters of the checksum of each input, by its path."""
    return {str(record["path"]): record["sha256"][:12] for record in manifest.get("inputs", ())}


def scores_of(manifest: dict[str, Any]) -> dict[str, object]:
    """Return the scores of today and of each proposal."""
    told = [("today", manifest.get("today", {}))]
    told += [(part["id"], part["scores"]) for part in manifest.get("proposals", ())]
    return {f"{name} {score}": value for name, scores in told for score, value in scores.items()}


def differences(first: dict[str, object], second: dict[str, object]) -> tuple[Difference, ...]:
    """List what differs, in the order of the first, then what only the second has."""
    return tuple(part for part in side_by_side(first, second) if part.first != part.second)


def side_by_side(first: dict[str, object], second: dict[str, object]) -> tuple[Difference, ...]:
    """List everything of both, in the order of the first."""
    names = [*first, *(name for name in second if name not in first)]
    return tuple(
        Difference(name, first.get(name, ABSENT), second.get(name, ABSENT)) for name in names
    )
