"""Seconds until all loops of a search are ready in a fresh process that compiles nothing.

Python keeps its own bytecode beside the machine code of the loops: where it is told not to,
every import is compiled from source each time, which is told as well. Run it by ``make bench``.
"""

import json
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from bars import Bars
from cities import SMALL, problem_of
from numba.core.dispatcher import Dispatcher

from evenground.optimise import search

TURNS = 5


def test_bench_warm(tmp_path: Path, bars: Bars) -> None:
    problem = problem_of(SMALL, 0, tmp_path / "town")
    few = {"evaluations": 1200, "time_limit_s": None}
    search(problem.with_search(problem.search.model_copy(update=few)))
    needed = loops_in_use()
    told = tmp_path / "loops"
    told.write_bytes(pickle.dumps(needed))
    script = Path(__file__).with_name("warm_start.py")
    bare = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    kept = bare | {"PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode")}
    none = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPYCACHEPREFIX": str(tmp_path / "no"),
    }
    fresh([str(script), str(told)], kept)  # writes the bytecode

    starts, loads, wholes, sources = [], [], [], []
    for _ in range(TURNS):
        starts.append(fresh(["-c", "print('{}')"], kept)[0])
        whole, found = fresh([str(script), str(told)], kept)
        assert found["compiled"] == 0
        assert found["sums"] == [3.5, 3.75]
        wholes.append(whole)
        loads.append(seconds_of(found))
        sources.append(sum(seconds_of(fresh([str(script), str(told)], none)[1])))

    parts = np.median(loads, axis=0)
    inside = float(np.median(np.sum(loads, axis=1)))
    bars.add(
        f"seconds until all {len(needed)} loops of a search are ready, warm, Python's start apart",
        f"{inside:.2f} s",
        f"{np.median(wholes):.2f} s, start of Python ({np.median(starts):.2f} s) and end included",
        inside,
        "<= 1",
    )
    bars.say(
        f"imports {parts[0]:.2f} s, {len(needed)} loops {parts[1]:.2f} s, threads and first use "
        f"{parts[2]:.3f} s; where Python keeps no bytecode {np.median(sources):.2f} s"
    )


def loops_in_use() -> list[tuple[str, str, Any]]:
    """Return module, name and types of every loop that was called, as this process used them."""
    return [
        (name, label, types)
        for name, module in list(sys.modules.items())
        if name.startswith("evenground.kernels.")
        for label, loop in vars(module).items()
        if isinstance(loop, Dispatcher) and loop.py_func.__module__ == name
        # what other loops hold within them was not loaded by itself
        if not loop.py_func.__name__.startswith("_")
        for types in loop.signatures
    ]


def fresh(command: list[str], environment: dict[str, str]) -> tuple[float, dict[str, Any]]:
    """Return the seconds of a fresh process, and what it tells."""
    began = time.perf_counter()
    said = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - began, json.loads(said.stdout)


def seconds_of(found: dict[str, Any]) -> list[float]:
    """Return the seconds of each part."""
    return [found["import_s"], found["load_s"], found["first_use_s"]]
