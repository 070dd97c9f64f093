"""Loops made ready in a process of its own: imports, loads every loop, starts the threads.

Takes a file with the loops and types to load. Tells seconds and counts as JSON.
"""

import json
import pickle
import sys
import time
from importlib import import_module
from pathlib import Path


def main(path: str) -> None:
    """Load all loops, use one in parallel, and print what it took."""
    began = time.perf_counter()
    kernels = import_module("evenground.kernels")
    numpy = import_module("numpy")
    imported = time.perf_counter()
    needed = pickle.loads(Path(path).read_bytes())  # noqa: S301 - written by the benchmark
    loops = {(module, name): getattr(import_module(module), name) for module, name, _ in needed}
    for module, name, types in needed:
        loops[module, name].compile(types)
    loaded = time.perf_counter()
    out = numpy.empty(2)
    plans = numpy.array([[3, 0], [1, 2]], numpy.int16)
    kernels.sum_amounts(plans, numpy.ones(2), numpy.array([0.5, 0.25]), out)
    ready = time.perf_counter()
    print(
        json.dumps(
            {
                "import_s": imported - began,
                "load_s": loaded - imported,
                "first_use_s": ready - loaded,
                "compiled": sum(loop.stats.cache_misses.total() for loop in loops.values()),
                "sums": out.tolist(),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
