"""Ten thousand runs in one folder, listed: by function, and by the command as a whole."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
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


def test_bench_list_runs(benchmark: BenchmarkFixture, folder: Path) -> None:
    found = benchmark(list_runs, folder)

    assert len(found) == COUNT


def test_bench_command(benchmark: BenchmarkFixture, folder: Path) -> None:
    code = "from evenground.cli import main; main()"
    command = [sys.executable, "-c", code, "runs", "list", str(folder)]

    def call() -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own command

    listed = benchmark.pedantic(call, rounds=5, warmup_rounds=1)

    assert len(listed.splitlines()) == COUNT + 1
