"""A sweep as a job of a real SLURM of one node: cut off half-way, submitted again, whole."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evenground.cli import app
from evenground.config import SlurmSettings
from evenground.sweep import Store, build_plan, look
from evenground.sweep.slurm import SlurmError, script, submit

from .conftest import write_sweep

HERE = Path(__file__).parents[1] / "slurm"
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "munged")
PATIENCE_S = 300.0
RUNS = 8


def call(*command: object, **more: str) -> str:
    here = {key: value for key, value in os.environ.items() if key != "EVENGROUND_DATA"}
    done = subprocess.run(  # noqa: S603 - our own commands
        [*map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        env=here | more,
        timeout=60.0,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start a SLURM of one node and give its settings; skip where there is none to be had."""
    # jobs take their environment over
    monkeypatch.delenv("EVENGROUND_DATA", raising=False)
    if os.getuid() != 0:
        pytest.skip("a SLURM for tests needs root")
    if any(shutil.which(name) is None for name in PROGRAMS):
        pytest.skip("SLURM is not there; tests/slurm/install.sh installs it")
    folder = tmp_path / "slurm"
    folder.mkdir()
    conf = str(folder / "slurm.conf")
    try:
        with (folder / "pids").open("wb") as out:
            subprocess.run(  # noqa: S603 - our own script
                [str(HERE / "start.sh"), str(folder)], stdout=out, check=True, timeout=60.0
            )
        wait(lambda: " idle" in call("sinfo", "-h", "-o", " %T", SLURM_CONF=conf), 60.0)
        yield conf
    finally:
        for number in (folder / "pids").read_text("ascii").split()[::-1]:
            with suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGTERM)


def wait(is_so: object, seconds: float = PATIENCE_S) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)


@pytest.mark.slurm
def test_slurm__continues_a_sweep_that_was_cut_off(
    hamlet: Path,
    tmp_path: Path,
    slurm: str,
    quick_start: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in quick_start.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("SLURM_CONF", slurm)
    monkeypatch.setenv("EVENGROUND_CACHE", str(tmp_path / "cache"))
    design = f'kind = "seeds"\nseeds = {list(range(RUNS))}'
    text = hamlet.read_text(encoding="utf-8")
    case = hamlet.with_name("slurm.toml")
    lines = [line for line in text.splitlines() if not line.startswith(("population", "evaluat"))]
    small = "\n".join(lines).replace("[search]", "[search]\npopulation = 8\nevaluations = 80")
    case.write_text(small, encoding="utf-8")
    sweep = write_sweep(tmp_path, case, design, "[slurm]\nworkers = 2\n")
    folder = tmp_path / "out"
    store = Store(folder)
    done = CliRunner().invoke(app, ["sweep", str(sweep), "--out", str(folder), "--slurm"])
    assert done.exit_code == 0, done.output
    wait(lambda: len(store.finished()) >= 2)
    call("scancel", "--full", "1")
    wait(lambda: call("squeue", "-h") == "")
    before = store.finished()
    again = submit(folder / "sweep.sbatch")
    wait(lambda: call("squeue", "-h") == "")

    assert again == 2
    assert 2 <= len(before) < RUNS
    assert before < store.finished()
    plan = store.read_plan()
    found = look(store, plan)
    assert found.states == {"done": RUNS}
    assert (folder / "summary" / "index.html").is_file()
    # whoever was at work when the job was cut off began again; no other run did
    assert found.starts <= RUNS + 2
    assert not list(folder.glob("scheduler-*.json"))


def test_script__asks_what_the_settings_ask(tmp_path: Path) -> None:
    asked = SlurmSettings(
        nodes=2,
        workers=16,
        threads=4,
        time="12:00:00",
        partition="rome",
        options=("--mem=28G",),
        setup=("module load Python",),
    )

    lines = script(tmp_path, asked, "Dorp; rm -rf").splitlines()

    assert lines[:8] == [
        "#!/bin/bash",
        "#SBATCH --job-name=Dorp__rm_-rf",
        "#SBATCH --nodes=2",
        "#SBATCH --ntasks=16",
        "#SBATCH --cpus-per-task=4",
        f"#SBATCH --output={tmp_path}/slurm-%j.log",
        "#SBATCH --open-mode=append",
        "#SBATCH --time=12:00:00",
    ]
    assert "#SBATCH --mem=28G" in lines
    assert "module load Python" in lines
    assert any(line.startswith("export NUMBA_NUM_THREADS=4 ") for line in lines)
    assert any("srun --ntasks=16" in line for line in lines)


def test_submit__without_slurm_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SlurmError, match=r"Submit .* where it is: sbatch"):
        submit(tmp_path / "sweep.sbatch")


def test_script__in_a_folder_with_a_quote_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SlurmError, match="Choose a folder with a plain name"):
        script(tmp_path / 'a"b', SlurmSettings(), "x")


def test_plan__keeps_what_is_asked_of_slurm(hamlet: Path, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, hamlet, 'kind = "seeds"\nseeds = [1]', "[slurm]\nworkers = 3\n")

    plan = build_plan(sweep, hamlet, hamlet.parent)

    assert SlurmSettings.model_validate(plan.slurm) == SlurmSettings(workers=3)
