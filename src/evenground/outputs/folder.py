"""The run directory: whole or not there, with a manifest of what it rests on."""

import json
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
    hidden folder with ``.partial`` in its name, which the next run sweeps.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(".*.partial"):
        shutil.rmtree(left, ignore_errors=True)
    folder = target.parent / f".{target.name}.partial"
    folder.mkdir()
    try:
        yield folder
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                with path.open("rb") as stream:
                    os.fsync(stream.fileno())
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


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
