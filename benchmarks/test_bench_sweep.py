"""A sweep on one worker beside the same on two, and what the engine itself takes of every run.

``EVENGROUND_SWEEP_RUNS`` sets the number of runs, 24 where absent. Time inside a task is what
the task says of itself; the rest of the time between the first start and the last end, by
worker, is the engine's. Processor seconds stand beside the times of the clock: on a machine
that others use as well, the clock tells of them too.
"""

import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from bars import Bars

from evenground.miniature import MiniatureSize, write_miniature
from evenground.sweep import Plan, Store, build_plan
from evenground.sweep.engine import Helpers, carry_out_all

RUNS = int(os.environ.get("EVENGROUND_SWEEP_RUNS", "24"))
VILLAGE = MiniatureSize(1500, 1200, 10, 8, 6000)
OVERHEAD_MS = 50.0


@dataclass(frozen=True)
class Spent:
    """Seconds of one sweep."""

    wall: float
    processor: float
    """Of the workers and of this process together."""
    first: float
    """Until the first run began: starting workers, and loading what they need."""
    span: float
    """From the first start to the last end of each worker, of all workers together."""
    places: float
    """Inside tasks, on making places or mapping them."""
    run: float
    """Inside tasks, on searching."""


def sweep(plan: Plan, folder: Path, workers: int) -> Spent:
    """Carry a sweep out and say what it took."""
    before, began, moment = os.times(), time.monotonic(), time.time()
    tally = carry_out_all(plan, folder, Helpers(workers=workers))
    wall, after = time.monotonic() - began, os.times()
    assert (tally.finished, tally.faults) == (RUNS, {})
    notes = list(Store(folder).notes())
    starts = [_moment(note["time"]) for note in notes if note["event"] == "start"]
    ends = [note for note in notes if note["event"] == "end"]
    assert len(starts) == len(ends) == RUNS
    return Spent(
        wall=wall,
        processor=sum(after[:4]) - sum(before[:4]),
        first=min(starts) - moment,
        span=sum(_span(notes, process) for process in {note["process"] for note in notes}),
        places=sum(note["seconds"]["places"] for note in ends),
        run=sum(note["seconds"]["run"] for note in ends),
    )


def _span(notes: list[dict[str, Any]], process: int) -> float:
    """Return the seconds from the first start to the last end of one worker."""
    moments = [_moment(note["time"]) for note in notes if note["process"] == process]
    return max(moments) - min(moments)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    case = write_miniature(tmp_path / "case", seed=7, size=VILLAGE)
    lines = [
        f'case = "{case}"',
        '[design]\nkind = "grid"',
        f"seeds = {list(range(RUNS // 2))}",
        "vary.search.budget_eur = [500000.0, 1000000.0]",
        "vary.search.evaluations = [4000]",
        "vary.search.bound_time_s = [1.0]",
    ]
    path = tmp_path / "sweep.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return build_plan(path, case, case.parent)


def test_bench_sweep(
    plan: Plan, bars: Bars, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENGROUND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    # one thread a worker on both sides: the second worker is the only thing that is added
    monkeypatch.setattr("evenground.sweep.engine.cores", lambda: 1)
    # places and compiled loops are made once, outside the clock
    carry_out_all(plan, tmp_path / "before", Helpers(workers=1))

    one = sweep(plan, tmp_path / "one", 1)
    two = sweep(plan, tmp_path / "two", 2)

    ratio = two.wall / one.wall
    what = f"sweep of {RUNS} runs, 2 workers against 1: seconds, ratio"
    bars.add(what, f"{two.wall:.1f} s", f"{one.wall:.1f} s", ratio, "<= 0.6")
    for count, spent in ((1, one), (2, two)):
        own_ms = 1000.0 * (spent.span - spent.places - spent.run) / RUNS
        what = f"what the engine takes of a run, {count} worker{'s' * (count > 1)}: milliseconds"
        inside = f"{1000.0 * (spent.places + spent.run) / RUNS:.0f} ms inside a task"
        bars.add(what, f"{own_ms:.1f} ms", inside, own_ms, f"<= {OVERHEAD_MS:g}")
        bars.say(
            f"{count} worker(s): {spent.wall:.1f} s, of which {spent.first:.1f} s until the first "
            f"run; {spent.processor:.1f} s of processor; inside tasks {spent.run:.1f} s on "
            f"searching and {spent.places:.1f} s on places"
        )
