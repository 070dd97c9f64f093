"""How near a full evaluation comes to the limit of the machine that binds it.

Limits are measured and the work is counted; see ``roofline``. Both are taken in turn within
one run, by time of the processor. Run it by ``make bench``.
"""

from pathlib import Path

import numba
import numpy as np
import pytest
from bars import Bars
from pytest_benchmark.fixture import BenchmarkFixture
from roofline import Limits, Machine, count_work, seconds

from evenground.config import read_settings
from evenground.miniature import VOORBEELDSTAD, MiniatureSize, write_miniature
from evenground.pipeline import build_model

CITY = MiniatureSize(15_500, 15_300, 10, 180, 560_000)
SIZES = {"cells=0.3M": VOORBEELDSTAD, "cells=2.4M": CITY}
SHARE, BATCH, ROUNDS = 0.075, 64, 7
THREADS = sorted({1, numba.config.NUMBA_NUM_THREADS})


@pytest.mark.parametrize("size", SIZES)
def test_bench_roofline(size: str, tmp_path: Path, benchmark: BenchmarkFixture, bars: Bars) -> None:
    case = write_miniature(tmp_path, seed=20261, size=SIZES[size])
    problem = build_model(read_settings(case), case.parent).problem
    rng, most = np.random.default_rng(20261), problem.options.most
    active = rng.random((BATCH, most.size)) < SHARE
    plans = problem.repair(np.where(active, most, 0).astype(np.int16))
    work = count_work(problem.evaluator.loops, plans)
    bars.say(
        f"{size}, {BATCH} plans: {(work.single + work.double) / BATCH / 1e6:.1f} million "
        f"operations a plan, {100 * work.double / (work.single + work.double):.0f} % of them in "
        f"double precision; {work.memory / BATCH / 1e6:.2f} MB of memory and "
        f"{work.cache / BATCH / 1e6:.1f} MB of weights from the cache a plan; "
        f"{(work.single + work.double) / work.memory:.1f} operations a byte of memory"
    )
    for threads in THREADS:
        machine, found, spent = Machine(threads), [], []
        for _ in range(ROUNDS + 1):
            found.append(machine.measure())
            spent.append(seconds(lambda: problem.evaluator.evaluate(plans), threads))
        limits = Limits(*np.max([tuple(vars(one).values()) for one in found[1:]], axis=0))
        least, ours = work.seconds(limits), min(spent[1:])
        name = max(least, key=lambda limit: least[limit])
        bars.say(
            f"{size}, {threads} threads: memory {limits.memory / 1e9:.0f} GB/s, second cache "
            f"{limits.cache / 1e9:.0f} GB/s, {limits.single / 1e9:.0f} and "
            f"{limits.double / 1e9:.0f} billion operations/s in single and double precision; "
            + ", ".join(f"least by {k} {1e3 * v / BATCH:.2f} ms" for k, v in least.items())
        )
        bars.add(
            f"full evaluation, {size}, {threads} threads: share of the limit that binds it "
            f"({name})",
            f"{1e3 * ours / BATCH:.2f} ms",
            f"{1e3 * least[name] / BATCH:.2f} ms",
            least[name] / ours,
            ">= 0.4",
        )
    numba.set_num_threads(THREADS[-1])
    benchmark(problem.evaluator.evaluate, plans)
