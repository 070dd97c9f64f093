"""Peak memory of one city, in a process of its own: builds it, searches a little, tells as JSON.

Takes width, height and cell size in metres, neighbourhoods, residents and seconds of search.
"""

import json
import multiprocessing
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from evenground.config import read_settings
from evenground.miniature import MiniatureSize, write_miniature
from evenground.optimise import search
from evenground.pipeline import build_model


def peak_gb() -> float:
    """Return the most memory that this process held so far, in GB of 1e9 bytes.

    As the kernel tells it of this program: ``getrusage`` starts from what its parent held.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    most = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    return 1024 * int(most) / 1e9


def write_city(size: MiniatureSize, folder: Path) -> Path:
    """Write the files of a city in a process of its own, whose memory is not counted."""
    told = {"seed": 1, "size": size}
    context = multiprocessing.get_context("fork")
    writer = context.Process(target=write_miniature, args=(folder,), kwargs=told)
    writer.start()
    writer.join()
    return next(folder.glob("*.toml"))


def main(told: list[str]) -> None:
    """Build, search, and print what was found."""
    *size, seconds = told
    moments = [time.perf_counter()]
    with tempfile.TemporaryDirectory() as folder:
        case = write_city(MiniatureSize(*map(int, size)), Path(folder))
        moments.append(time.perf_counter())
        model = build_model(read_settings(case), case.parent)
        moments.append(time.perf_counter())
        built = peak_gb()
        problem = model.problem
        settings = problem.search.model_copy(update={"time_limit_s": float(seconds)})
        found = search(problem.with_search(settings))
        moments.append(time.perf_counter())
    rows, columns = model.study.grid.shape
    print(
        json.dumps(
            {
                "cells": rows * columns,
                "options": int(problem.empty.size),
                "receptors": int(model.study.receptors.row.size),
                "weights_gb": problem.evaluator.nbytes / 1e9,
                "built_gb": built,
                "peak_gb": peak_gb(),
                "plans": found.evaluated,
                "seconds": [round(b - a, 1) for a, b in pairwise(moments)],
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
