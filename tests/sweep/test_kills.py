"""A sweep in which workers, scheduler and client are killed ends as one that ran in quiet.

With real processes of Dask. ``EVENGROUND_SWEEP_RUNS`` sets the number of runs, 8 where absent.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evenground.errors import DataError
from evenground.sweep import Store, build_plan, look, write_summary
from evenground.sweep.engine import Helpers, carry_out_all
from evenground.sweep.task import KEPT, carry_out, write_order

from .conftest import write_sweep

RUNS = int(os.environ.get("EVENGROUND_SWEEP_RUNS", "8"))
DESIGN = (
    'kind = "grid"\n'
    f"seeds = {list(range(1, RUNS // 2 + 1))}\n"
    "vary.search.budget_eur = [100000.0, 200000.0]\n"
    "vary.search.evaluations = [16]\nvary.search.population = [8]"
)
COMMAND = [sys.executable, "-W", "ignore", "-c", "from evenground.cli import main; main()", "sweep"]
PATIENCE_S = 300.0


class Cluster:
    """A scheduler and two workers as processes of their own, any of which may be killed."""

    def __init__(self, folder: Path, around: dict[str, str]) -> None:
        self.folder, self.around = folder, around
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("dask_scheduler", "--port", "0", "--host", "127.0.0.1")
        self.workers = [self.worker() for _ in range(2)]

    def worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker."""
        return self._start(
            "dask_worker",
            *("--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--death-timeout", "20"),
            *("--local-directory", str(self.folder)),
        )

    def _start(self, what: str, *more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", f"distributed.cli.{what}", *more]
        command += ["--scheduler-file", str(self.file), "--no-dashboard"]
        with (self.folder / "dask.log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=self.around)  # noqa: S603

    def stop(self) -> None:
        """End all that is left."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        self.file.unlink(missing_ok=True)


@pytest.fixture
def around(tmp_path: Path, quick_start: dict[str, str]) -> dict[str, str]:
    left_out = {"EVENGROUND_DATA", "PYTHONDONTWRITEBYTECODE"}
    here = {key: value for key, value in os.environ.items() if key not in left_out}
    return here | quick_start | {"EVENGROUND_CACHE": str(tmp_path / "cache")}


def until(store: Store, count: int, client: subprocess.Popen[bytes]) -> None:
    """Wait until so many runs are finished, or the client has ended."""
    end = time.monotonic() + PATIENCE_S
    while len(store.finished()) < count and client.poll() is None:
        assert time.monotonic() < end, "no run is finished"
        time.sleep(0.02)


@pytest.mark.slow
def test_sweep__of_which_worker_scheduler_and_client_are_killed_ends_as_a_quiet_one(
    hamlet: Path, tmp_path: Path, around: dict[str, str]
) -> None:
    sweep = write_sweep(tmp_path, hamlet, DESIGN)
    quiet, harmed = tmp_path / "quiet", tmp_path / "harmed"
    done = subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, str(sweep), "--out", str(quiet), "--workers", "2"],
        check=False,
        capture_output=True,
        env=around,
        text=True,
    )
    assert done.returncode == 0, done.stderr

    store = Store(harmed)
    begin = [*COMMAND, str(sweep), "--out", str(harmed)]
    again = [*COMMAND, "resume", str(harmed)]
    kept: set[str] = set()
    times: dict[str, int] = {}
    for k, (who, command) in enumerate(
        [("worker", begin), ("scheduler", again), ("client", again), ("nobody", again)]
    ):
        cluster = Cluster(tmp_path, around)
        try:
            client = subprocess.Popen(  # noqa: S603 - our own command
                [*command, "--scheduler-file", str(cluster.file)],
                env=around,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            until(store, len(kept) + max(1, RUNS // 5), client)
            if who == "worker":
                cluster.workers[0].send_signal(signal.SIGKILL)
                cluster.workers[0].wait()
                cluster.workers.append(cluster.worker())
                until(store, len(kept) + max(2, RUNS // 4), client)
                client.kill()
            elif who == "scheduler":
                cluster.scheduler.send_signal(signal.SIGKILL)
            elif who == "client":
                client.send_signal(signal.SIGKILL)
            _, said = client.communicate(timeout=PATIENCE_S)
        finally:
            cluster.stop()
        expected = {"worker": -9, "scheduler": 4, "client": -9, "nobody": 0}[who]
        if len(store.finished()) < RUNS or who == "nobody":
            assert client.returncode == expected, (k, who, said.decode())
        now = store.finished()
        assert kept <= now
        for key in kept:
            assert store.path(key).stat().st_mtime_ns == times[key]
        kept = now
        times = {key: store.path(key).stat().st_mtime_ns for key in kept}

    assert store.finished() == Store(quiet).finished()
    assert len(kept) == RUNS
    for key in kept:
        assert store.path(key).read_bytes() == Store(quiet).path(key).read_bytes()
    for name in ("runs", "scores", "effects", "levels", "front", "attainment", "sites"):
        one, two = ((folder / "summary" / f"{name}.csv").read_bytes() for folder in (quiet, harmed))
        assert one == two, name
    finished_twice_begun(store)


def finished_twice_begun(store: Store) -> None:
    """Check that no run was begun after it was finished; those that were begun twice died."""
    ended: set[str] = set()
    starts: Counter[str] = Counter()
    for note in store.notes():
        if note["event"] == "start":
            assert note["key"] not in ended
            starts[note["key"]] += 1
        elif note["event"] == "end":
            ended.add(note["key"])
    assert set(starts) == store.finished()
    # at most two runs were at work whenever something was killed, three times over
    assert starts.total() <= RUNS + 6


def test_task__that_is_finished_is_not_run_again(
    hamlet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENGROUND_CACHE", str(tmp_path / "cache"))
    plan = build_plan(write_sweep(tmp_path, hamlet, DESIGN), hamlet, hamlet.parent)
    store = Store(tmp_path / "out")
    order = write_order(plan.trials[0], plan, store.folder)

    came = [carry_out(order), carry_out(order)]

    assert came == ["done", KEPT]
    assert [note["event"] for note in store.notes()] == ["start", "end"]
    found = look(store, plan)
    assert found.states == {"done": 1, "waiting": RUNS - 1}
    store.write_plan(plan)
    table = pd.read_csv(write_summary(store, plan) / "runs.csv")
    assert table["state"].tolist() == ["done"] + ["waiting"] * (RUNS - 1)
    page = (store.folder / "summary" / "index.html").read_text(encoding="utf-8")
    assert f"Er zijn nog {RUNS - 1} runs niet klaar" in page
    assert 'lang="nl"' in page


def test_task__made_anew_is_the_same_bytes_and_notes_what_no_plan_can_meet(
    hamlet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENGROUND_CACHE", str(tmp_path / "cache"))
    line = '[{ name = "g", eur = 50000.0, pays_for = ["green"], at_least_eur = 10000.0 }]'
    design = (
        'kind = "list"\nvary.search.budget_eur = [100000.0, 0.0]\n'
        f"vary.constraints.budgets = [{line}, {line}]\n"
        "vary.search.evaluations = [60, 60]\nvary.search.population = [8, 8]"
    )
    plan = build_plan(write_sweep(tmp_path, hamlet, design), hamlet, hamlet.parent)
    one, two = Store(tmp_path / "one"), Store(tmp_path / "two")

    came = [
        [carry_out(write_order(trial, plan, store.folder)) for trial in plan.trials]
        for store in (one, two)
    ]

    assert came == [["done", "no_plan"]] * 2
    for key in plan.keys:
        assert one.path(key).read_bytes() == two.path(key).read_bytes()
    assert look(one, plan).states == {"done": 1, "no_plan": 1}


def test_result__that_was_damaged_is_refused_with_a_cure(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("a", {"x": np.arange(5)}, {"said": 1})
    path = store.path("a")
    arrays, said = store.take("a")
    assert arrays["x"].tolist() == [0, 1, 2, 3, 4]
    assert said["said"] == 1
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(DataError, match="Take the file away and resume the sweep"):
        store.take("a")


def test_log__that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.note("start", "a", row=1)
    path = next((tmp_path / "log").iterdir())
    with path.open("a", encoding="utf-8") as stream:
        stream.write('{"time": "2026')

    assert [note["event"] for note in store.notes()] == ["start"]
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[0])["row"] == 1


@pytest.mark.slow
def test_engine__tells_which_row_went_wrong_and_does_the_others(
    hamlet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENGROUND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    # both files are there; a map of noise is no map of air
    design = (
        'kind = "grid"\nvary.layers.no2.file = ["no2.tif", "buurten.gpkg"]\n'
        "vary.search.evaluations = [60]\nvary.search.population = [8]"
    )
    plan = build_plan(write_sweep(tmp_path, hamlet, design), hamlet, hamlet.parent)

    tally = carry_out_all(plan, tmp_path / "out", Helpers(workers=1))

    assert (tally.finished, tally.total) == (1, 2)
    (fault,) = tally.faults.values()
    assert "buurten.gpkg" in fault
    assert look(Store(tmp_path / "out"), plan).states == {"done": 1, "fault": 1}
