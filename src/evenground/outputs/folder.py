"""The run directory: whole or not there, with a log and the checksum of every file."""

import fcntl
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import xarray as xr

from evenground import disk
from evenground.config import RunSettings
from evenground.runs import CHECKSUMS
from evenground.unfinished import unfinished

logger = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the time of the day in UTC; no duration is taken from it."""
    return datetime.now(UTC)


class Clock:
    """Seconds of each stage of a run, told apart from the time of the day.

    A clock that is set back while a run goes on changes no duration, and no run ends before
    it began.
    """

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.started = utc_now()
        self._first = self._last = time.monotonic()

    @property
    def ended(self) -> datetime:
        """The time now, as the clock at the start would tell it."""
        return self.started + timedelta(seconds=time.monotonic() - self._first)

    def lap(self, stage: str) -> None:
        """End a stage."""
        now = time.monotonic()
        self.laps[stage] = round(now - self._last, 3)
        self._last = now
        logger.info("%s: %.1f s", stage, self.laps[stage])


class RunLog(logging.Handler):
    """Keeps what the package logs, as lines of JSON, until there is a folder to write it in."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message with its time in UTC, level and module."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "module": record.name,
            "message": record.getMessage(),
        }
        self.lines.append(json.dumps(line, ensure_ascii=False))


@contextmanager
def logged() -> Iterator[RunLog]:
    """Listen to all loggers of the package for the length of a run."""
    handler, root = RunLog(), logging.getLogger("evenground")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def name_run(out: Path, settings: RunSettings) -> Path:
    """Return the folder of a new run: the case, the time in UTC and the seed.

    A name is taken as well where a run of that name is not yet finished.
    """
    stamp = utc_now().strftime("%Y%m%dT%H%M%S")
    base = out / f"{settings.case.id}-{stamp}-{settings.search.seed}"
    target, k = base, 1
    while target.exists() or any(out.glob(f".{target.name}.*")):
        k += 1
        target = base.with_name(f"{base.name}-{k}")
    return target


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write in that gets its name only when all is written.

    A run that fails takes its unfinished folder away. One that is killed leaves a
    hidden folder with ``.partial`` in its name, which the next run sweeps. A folder that
    another run is writing is locked, and stays; the system frees the lock on any death.
    """
    disk.make_folder(target.parent)
    for left in target.parent.glob(".*.partial"):
        _sweep(left)
    folder = target.parent / f".{target.name}.partial"
    disk.make_folder(folder, new=True)
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with unfinished(folder):
            yield folder
        disk.settle(folder)
        disk.rename(folder, target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(lock)


def _sweep(left: Path) -> None:
    """Take an unfinished folder away, unless a run that is alive holds its lock."""
    try:
        lock = os.open(left, os.O_RDONLY)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left, ignore_errors=True)
    except BlockingIOError:
        logger.info("%s belongs to a run that is still writing.", left.name)
    finally:
        os.close(lock)


def compressed(front: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Return the encoding of every variable of a front."""
    return {str(name): {"zlib": True, "complevel": 4} for name in front.data_vars}


def write_log(folder: Path, log: RunLog) -> None:
    """Write the lines of a run, one JSON object each."""
    disk.write_text(folder / "run.log", "\n".join([*log.lines, ""]))


def write_checksums(folder: Path) -> None:
    """Write the SHA-256 of every file, as ``sha256sum --check`` reads it; the last of all."""
    lines = [
        f"{disk.hash_file(path)}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    disk.write_text(folder / CHECKSUMS, "".join(lines))
