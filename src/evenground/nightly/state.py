"""How the last night went, in ``nightly.json``, and who is told of it."""

import json
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from evenground import disk
from evenground.config import NightlySettings
from evenground.runs import MANIFEST, list_runs

STATE = "nightly.json"


@dataclass(frozen=True)
class Outcome:
    """How one turn ended."""

    exit_code: int
    message: str
    """Faults, or lines on what the run says; Dutch or English, as the command prints them."""
    run: str
    """Newest whole run: of this night, or of an earlier one where this night made none."""
    is_new: bool
    """The run is of this night."""
    whatchanged: str = ""
    """Path of the comparison as JSON, inside the folder of runs; empty where there is none."""


def write_state(folder: Path, outcome: Outcome) -> Path:
    """Write how a turn ended, in one go, and return the file.

    Raises
    ------
    StorageError
        If the disk refuses; what stood there stays.
    """
    path = folder / STATE
    told = {"format": 1, "time": datetime.now(UTC).isoformat(timespec="seconds")}
    disk.replace_text(path, json.dumps(told | asdict(outcome), indent=2, ensure_ascii=False))
    return path


def last_run(folder: Path, case: str) -> Path | None:
    """Return the run of last night: as ``nightly.json`` says, or else the newest of the case.

    A clock that was set back can not hide it, for the file does not go by time.
    """
    try:
        named = str(json.loads((folder / STATE).read_text(encoding="utf-8"))["run"])
    except (OSError, ValueError, KeyError, TypeError):
        named = ""
    runs = {record.name: record for record in list_runs(folder, case=case)}
    if named in runs and (folder / named / MANIFEST).is_file():
        return folder / named
    return folder / next(iter(runs)) if runs else None


def notify(settings: NightlySettings, path: Path) -> str:
    """Call the command of the settings with a file; return what went wrong, empty if nothing."""
    if not settings.command:
        return ""
    words = [*settings.command, str(path.absolute())]
    try:
        done = subprocess.run(  # noqa: S603 - the command that the case names, without a shell
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=settings.command_timeout_s,
        )
    except subprocess.TimeoutExpired:
        return f"nightly.command: {words[0]} took over {settings.command_timeout_s:g} s."
    except OSError as error:
        return f"nightly.command: {words[0]} cannot be run: {error.strerror}."
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [""]
        return f"nightly.command: {words[0]} ended with {done.returncode}. {said[0][:200]}".strip()
    return ""
