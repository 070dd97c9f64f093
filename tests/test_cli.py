"""The command: what it prints, what it writes, and how it says no."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "from evenground.cli import main; main()"]


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def test_check__accepts_the_small_town(small_case: Path) -> None:
    done = call("check", small_case)

    assert done.returncode == 0, done.stderr
    assert "No faults found" in done.stdout


def test_check__lists_every_fault_and_exits_with_2(small_case: Path, tmp_path: Path) -> None:
    text = small_case.read_text(encoding="utf-8")
    for name in ("no2.tif", "noise.tif"):
        text = text.replace(f'"{name}"', f'"absent_{name}"')
    case = tmp_path / "case.toml"
    case.write_text(text, encoding="utf-8")

    done = call("check", case, "--data", small_case.parent)

    assert done.returncode == 2
    assert "absent_no2.tif" in done.stderr
    assert "absent_noise.tif" in done.stderr
    assert "Traceback" not in done.stderr


def test_run__refuses_an_unknown_key_with_2(small_case: Path, tmp_path: Path) -> None:
    text = small_case.read_text(encoding="utf-8")
    case = tmp_path / "case.toml"
    case.write_text(text.replace("budget_eur", "budgt_eur"), encoding="utf-8")

    done = call("run", case, "--data", small_case.parent, "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "budget_eur" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_run__writes_all_that_a_planner_opens(small_case: Path, tmp_path: Path) -> None:
    done = call("run", small_case, "--out", tmp_path / "out", "--time-limit", 5)

    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "out").iterdir()
    for name in ("front.nc", "report.html", "settings.toml", "manifest.json"):
        assert (folder / name).stat().st_size > 0
    assert len(list((folder / "proposals").glob("*/*.gpkg"))) >= 4
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert "verzonnen" in report
    assert "http" not in report.replace("http-equiv", "")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_run__that_is_killed_leaves_no_run(
    small_case: Path, tmp_path: Path, how: signal.Signals
) -> None:
    out = tmp_path / "out"
    command = [*COMMAND, "run", str(small_case), "--out", str(out), "--time-limit", "60"]
    with subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        time.sleep(8)
        process.send_signal(how)
        process.wait(timeout=60)

    left = [path for path in out.glob("*") if not path.name.startswith(".")] if out.exists() else []
    assert left == []
