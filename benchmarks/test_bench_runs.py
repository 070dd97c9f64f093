"""Ten thousand runs in one folder, listed: by function, and by the command as a whole."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from bars import Bars
from pytest_benchmark.fixture import BenchmarkFixture

from evenground.runs import list_runs

COUNT = 10_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("many")
    for k in range(COUNT):
        moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=k)
        run = made / f"stad-{moment:%Y%m%dT%H%M%S}-{k}"
        run.mkdir()
        told = {"case": {"id": "stad", "title": "Stad"}, "state": "done", "seed": k, "plans": 900}
        told |= {"started": moment.isoformat(), "seconds": {"search": 60.0}, "proposals": []}
        (run / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    began = time.perf_counter()
    list_runs(made)
    print(f"\n{COUNT} runs read and indexed in {time.perf_counter() - began:.2f} s")
    return made


def test_bench_list_runs(benchmark: BenchmarkFixture, bars: Bars, folder: Path) -> None:
    spent: list[float] = []

    def look() -> int:
        began = time.process_time()
        count = len(list_runs(folder))
        spent.append(time.process_time() - began)
        return count

    assert benchmark.pedantic(look, rounds=7, warmup_rounds=1) == COUNT
    wall = float(benchmark.stats.stats.median)
    what = f"list of {COUNT} runs, the function: seconds"
    bars.add(what, f"{wall:.2f} s", f"{median(spent):.2f} s of processor", wall, "<= 0.5")


def test_bench_command(benchmark: BenchmarkFixture, bars: Bars, folder: Path) -> None:
    code = "from evenground.cli import main; main()"
    command = [sys.executable, "-c", code, "runs", "list", str(folder)]
    spent: list[float] = []

    def call() -> str:
        began = os.times()
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own command
        ended = os.times()
        used = ended.children_user - began.children_user
        spent.append(used + ended.children_system - began.children_system)
        return said

    listed = benchmark.pedantic(call, rounds=7, warmup_rounds=1)

    assert len(listed.splitlines()) == COUNT + 1
    wall = float(benchmark.stats.stats.median)
    what = f"list of {COUNT} runs, the whole command: seconds"
    bars.add(what, f"{wall:.2f} s", f"{median(spent):.2f} s of processor", wall, "<= 0.5")
