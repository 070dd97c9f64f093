"""Run directories that hold a manifest and settings only, and the command."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = {key: value for key, value in os.environ.items() if key != "EVENGROUND_DATA"}
FIRST = datetime(2026, 1, 1, 2, tzinfo=UTC)


def call(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    code = "from evenground.cli import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, env=HERE | more
    )


def make_runs(folder: Path, count: int) -> None:
    """Make runs, one a day, of two cases in turn; those that are there stay."""
    for k in range(count):
        time = FIRST + timedelta(days=k)
        case = ("stad", "dorp")[k % 2]
        run = folder / f"{case}-{time:%Y%m%dT%H%M%S}-{k}"
        if run.exists():
            continue
        inputs = [{"path": "a.tif", "sha256": "a" * 64, "year": 2024, "licence": "CC0"}]
        inputs.append({**inputs[0], "path": "b.tif", "sha256": f"{k:064x}"[::-1]})
        if k % 2:
            inputs.append({**inputs[0], "path": "c.tif"})
        manifest = {
            "format": 2,
            "run": run.name,
            "case": {"id": case, "title": case.title(), "fictional": False},
            "state": "cut short" if k % 3 == 2 else "done",
            "started": time.isoformat(),
            "seconds": {"model": 1.0, "search": 2.5},
            "evenground": "0.1.0",
            "commit": {"sha": "abc", "is_clean": True},
            "seed": k,
            "budget_eur": 1e6,
            "time_limit_s": None,
            "evaluated": 400,
            "plans": 100,
            "hypervolume": 0.5,
            "today": {"burden": 100.0},
            "proposals": [
                {"id": "gezondst", "candidate": 3, "scores": {"burden": 90.0 - float(k % 7)}}
            ],
            "inputs": inputs,
        }
        hidden = folder / f".{run.name}.{os.urandom(4).hex()}"
        hidden.mkdir()
        (hidden / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        extra = "extra = true\n" if k % 2 else ""
        settings = f"{extra}[search]\nseed = {k}\n"
        (hidden / "settings.toml").write_text(settings, encoding="utf-8")
        try:
            hidden.rename(run)
        except OSError:  # another thread made it first
            for path in hidden.iterdir():
                path.unlink()
            hidden.rmdir()
