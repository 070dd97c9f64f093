"""What a run was made of and how: inputs, settings, versions, seed, seconds, machine.

Everything that somebody needs to make the run again, and what a list of runs shows. Holds no
host name, no user and no absolute path.
"""

import hashlib
import json
import math
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

import tomli_w

from evenground import disk
from evenground.config import RunSettings
from evenground.results import Run
from evenground.runs import CUT_SHORT, DONE, MANIFEST, SETTINGS

FORMAT = 2
"""Of the manifest; 1 held no state, scores or checksums."""
LIBRARIES = (
    "exactextract",
    "geopandas",
    "h5netcdf",
    "moocore",
    "numba",
    "numpy",
    "pandas",
    "pymoo",
    "pyogrio",
    "pyproj",
    "rasterio",
    "scipy",
    "shapely",
    "xarray",
)
"""Libraries on which numbers of a run may depend."""
GIT_SECONDS = 10.0
"""Most time that asking for the commit may take."""


@dataclass(frozen=True)
class Origin:
    """Where a run came from, beside its settings."""

    is_default: bool = False
    """True for Voorbeeldstad, which the command makes itself."""
    warm_start: Mapping[str, object] | None = None
    """The earlier run whose plans the search started from: run, and number of plans."""
    resumed: int = 0
    """How often the run was ended before its end and gone on with."""


@dataclass(frozen=True)
class Timing:
    """When a run went on."""

    started: datetime
    ended: datetime
    seconds: Mapping[str, float]
    """Of each stage."""


def write_settings(folder: Path, settings: RunSettings) -> None:
    """Write the settings as resolved; what a night does with its results is no part of a run."""
    disk.write_text(folder / SETTINGS, resolved(settings))


def resolved(settings: RunSettings) -> str:
    """Return the settings of a run as TOML, defaults included."""
    return tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True, exclude={"nightly"}))


def build_manifest(
    name: str, result: Run, timing: Timing, origin: Origin, *, is_cut_short: bool
) -> dict[str, Any]:
    """Return what a run was made of and how."""
    settings, last = result.settings, result.history.iloc[-1]
    manifest = {
        "format": FORMAT,
        "run": name,
        "case": settings.case.model_dump(include={"id", "title", "fictional"}),
        "state": CUT_SHORT if is_cut_short else DONE,
        "exit_code": 0,
        "started": timing.started.isoformat(timespec="seconds"),
        "ended": timing.ended.isoformat(timespec="seconds"),
        "seconds": dict(timing.seconds),
        **versions(),
        "machine": machine(),
        "seed": settings.search.seed,
        "budget_eur": settings.search.budget_eur,
        "time_limit_s": settings.search.time_limit_s,
        "evaluated": int(last["evaluated"]),
        "hypervolume": float(last["hypervolume"]),
        "plans": int(result.front.sizes["candidate"]),
        "today": dict(result.today.scores),
        "proposals": [
            {
                "id": proposal.id,
                "name": proposal.name,
                "candidate": proposal.candidate,
                "scores": dict(proposal.assessment.scores),
            }
            for proposal in result.proposals
        ],
        "settings_sha256": hashlib.sha256(resolved(settings).encode()).hexdigest(),
        "is_default": origin.is_default,
        "warm_start": None if origin.warm_start is None else dict(origin.warm_start),
        "resumed": origin.resumed,
        "inputs": [asdict(record) for record in result.files],
    }
    return {key: known(value) for key, value in manifest.items()}


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    disk.write_text(folder / MANIFEST, text)


def known(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a value in which numbers that are unknown are null, as JSON has no other word."""
    if isinstance(value, Mapping):
        return {key: known(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [known(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def versions() -> dict[str, Any]:
    """Return the versions of all that computes, and their fingerprints."""
    installed = sorted(f"{part.name.lower()}=={part.version}" for part in distributions())
    home = Path(__file__).parents[3]
    lock = home / "requirements.lock"
    return {
        "evenground": version("evenground"),
        "commit": commit(home),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "environment_sha256": hashlib.sha256("\n".join(installed).encode()).hexdigest(),
        "lock_sha256": disk.hash_file(lock) if lock.is_file() else None,
    }


def commit(home: Path) -> dict[str, object] | None:
    """Return the commit of the source in a folder; None where it is in no tree of git."""
    git = shutil.which("git")
    # a tree around an installed package says nothing of it
    if git is None or not (home / ".git").exists():
        return None
    told = [
        _ask(git, "-C", str(home), *words)
        for words in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
    ]
    if told[0] is None:
        return None
    return {"sha": told[0].strip(), "is_clean": told[1] is not None and not told[1].strip()}


def _ask(*words: str) -> str | None:
    """Return what a command says; None where it fails or takes long."""
    try:
        done = subprocess.run(  # noqa: S603 - git with words of our own
            words, capture_output=True, text=True, check=True, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def machine() -> dict[str, object]:
    """Return what a machine is like, and nothing by which it is known."""
    return {
        "system": platform.platform(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": _memory_gb(),
    }


def _cpu() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _memory_gb() -> float | None:
    """Return the memory of the machine; None where the system does not tell."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (ValueError, OSError):
        return None
