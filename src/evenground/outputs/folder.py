"""The run directory: whole or not there, with a manifest of what it rests on."""

import fcntl
import json
import logging
import os
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tomli_w
import xarray as xr

from evenground.config import RunSettings
from evenground.results import Run
from evenground.unfinished import unfinished

logger = logging.getLogger(__name__)


class Clock:
    """Seconds of each stage of a run."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

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
    """Return the folder of a new run: the case, the time in UTC and the seed."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    base = out / f"{settings.case.id}-{stamp}-{settings.search.seed}"
    target, k = base, 1
    while target.exists():
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
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(".*.partial"):
        _sweep(left)
    folder = target.parent / f".{target.name}.partial"
    folder.mkdir()
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with unfinished(folder):
            yield folder
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                with path.open("rb") as stream:
                    os.fsync(stream.fileno())
        folder.rename(target)
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


def write_manifest(
    folder: Path, settings: RunSettings, result: Run, seconds: dict[str, float]
) -> None:
    """Write the settings as resolved, and what the run was made of and how."""
    resolved = settings.model_dump(mode="json", exclude_none=True)
    (folder / "settings.toml").write_text(tomli_w.dumps(resolved), encoding="utf-8")
    manifest = {
        "format": 1,
        "evenground": version("evenground"),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in ("numpy", "numba", "pymoo", "rasterio")},
        "machine": {"system": platform.platform(), "cores": os.cpu_count()},
        "seed": settings.search.seed,
        "evaluated": int(result.history["evaluated"].iloc[-1]),
        "seconds": seconds,
        "inputs": [asdict(record) for record in result.files],
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def write_log(folder: Path, log: RunLog) -> None:
    """Write the lines of a run, one JSON object each."""
    (folder / "run.log").write_text("\n".join([*log.lines, ""]), encoding="utf-8")
