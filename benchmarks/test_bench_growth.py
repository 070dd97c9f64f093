"""How time grows: with cells, options that are used, plans in a batch, and threads.

Seconds are of the processor, all threads together, and by the clock where threads are counted.
Exponents are slopes of the logarithm of time against that of size. ``EVENGROUND_BENCH=full``
adds a city of ten million cells. Run it by ``make bench``.
"""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numba
import numpy as np
import pytest
from bars import Bars
from pytest_benchmark.fixture import BenchmarkFixture
from roofline import seconds

from evenground.config import read_settings
from evenground.evaluation import Move, Walk
from evenground.miniature import MiniatureSize, write_miniature
from evenground.optimise import Problem
from evenground.pipeline import build_model

TOWN = MiniatureSize(4_000, 4_000, 10, 40, 36_000)
SIDES = (1, 2, 4, 8) if os.environ.get("EVENGROUND_BENCH") == "full" else (1, 2, 4)
"""Times the side of the town: 0.16, 0.64, 2.6 and 10 million cells."""
MIDDLE = 2
SHARES = (0.02, 0.04, 0.08, 0.16, 0.32)
BATCHES = (8, 16, 32, 64, 128)
THREADS = range(1, numba.config.NUMBA_NUM_THREADS + 1)
SHARE, BATCH, ROUNDS = 0.075, 64, 5


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Problem]:
    return {side: problem_of(side, tmp_path_factory.mktemp("town")) for side in SIDES}


def problem_of(side: int, folder: Path) -> Problem:
    more = side * side
    size = MiniatureSize(
        side * TOWN.width_m, side * TOWN.height_m, 10, more * 40, more * TOWN.residents
    )
    case = write_miniature(folder, seed=20261, size=size)
    return build_model(read_settings(case), case.parent).problem


def some_plans(problem: Problem, count: int, share: float = SHARE) -> np.ndarray:
    rng, most = np.random.default_rng(20261), problem.options.most
    return np.where(rng.random((count, most.size)) < share, most, 0).astype(np.int16)


def one_option(problem: Problem, plan: np.ndarray) -> list[Move]:
    """Return moves of one option each, spread over the city."""
    option = np.random.default_rng(1).choice(plan.size, BATCH, replace=False).astype(np.int32)
    amount = np.where(plan[option] > 0, 0, problem.options.most[option]).astype(np.int16)
    return [Move(option[k : k + 1], amount[k : k + 1]) for k in range(BATCH)]


def in_turn(
    works: Sequence[Callable[[], object]], timed: Callable[..., float] = seconds
) -> np.ndarray:
    """Return the least seconds of processor of each work, taken in turn after a turn to warm up."""
    spent = np.array([[timed(work) for work in works] for _ in range(ROUNDS + 1)])
    return np.asarray(spent[1:].min(axis=0))


def by_the_clock(work: Callable[[], object]) -> float:
    """Return the seconds of some work by the clock: what threads are for."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def tell(bars: Bars, what: str, sizes: Sequence[float], spent: np.ndarray, asked: str = "") -> None:
    """Put a line of the table, and the exponent among the bars."""
    exponent = float(np.polyfit(np.log(sizes), np.log(spent), 1)[0])
    line = ", ".join(f"{size:g}: {1e3 * s:.3g} ms" for size, s in zip(sizes, spent, strict=True))
    bars.say(f"{what}: {line}; exponent {exponent:.2f}")
    ends = (
        f"{1e3 * spent[-1]:.3g} ms at {sizes[-1]:g}",
        f"{1e3 * spent[0]:.3g} ms at {sizes[0]:g}",
    )
    bars.add(f"{what}: exponent", *ends, exponent, asked)


def test_bench_growth__with_cells(
    problems: dict[int, Problem], benchmark: BenchmarkFixture, bars: Bars
) -> None:
    plans = {side: some_plans(problem, BATCH) for side, problem in problems.items()}
    walks = {side: Walk(problem.evaluator, plans[side][0]) for side, problem in problems.items()}
    moves = {side: one_option(problem, plans[side][0]) for side, problem in problems.items()}
    cells = [side * side * 0.16e6 for side in SIDES]

    full = in_turn([lambda k=k: problems[k].evaluator.evaluate(plans[k]) for k in SIDES])
    move = in_turn([lambda k=k: walks[k].try_moves(moves[k]) for k in SIDES])

    tell(bars, "full evaluation of a plan, by cells", cells, full / BATCH)
    tell(bars, "move of one option, by cells", cells, move / BATCH, "<= 0.15")
    benchmark(walks[MIDDLE].try_moves, moves[MIDDLE])


def test_bench_growth__with_options(
    problems: dict[int, Problem], benchmark: BenchmarkFixture, bars: Bars
) -> None:
    problem = problems[MIDDLE]
    plans = [some_plans(problem, BATCH, share) for share in SHARES]
    walks = [Walk(problem.evaluator, some[0]) for some in plans]
    moves = [one_option(problem, some[0]) for some in plans]
    used = [int(np.count_nonzero(some[0])) for some in plans]

    full = in_turn([lambda some=some: problem.evaluator.evaluate(some) for some in plans])
    move = in_turn(
        [lambda k=k: walks[k].try_moves(moves[k]) for k in range(len(SHARES))],
    )

    tell(bars, "full evaluation of a plan, by options used", used, full / BATCH)
    tell(bars, "move of one option, by options used", used, move / BATCH)
    benchmark(problem.evaluator.evaluate, plans[0])


def test_bench_growth__with_plans_and_threads(
    problems: dict[int, Problem], benchmark: BenchmarkFixture, bars: Bars
) -> None:
    problem = problems[MIDDLE]
    plans = some_plans(problem, max(BATCHES))
    moves, walk = one_option(problem, plans[0]), Walk(problem.evaluator, plans[0])

    by_batch = in_turn([lambda n=n: problem.evaluator.evaluate(plans[:n]) for n in BATCHES])
    tell(bars, "full evaluation of a batch, by plans in it", BATCHES, by_batch)

    def threaded(threads: int, work: Callable[[], object]) -> None:
        numba.set_num_threads(threads)
        work()

    if len(THREADS) > 1:
        by_threads = in_turn(
            [
                lambda n=n: threaded(n, lambda: problem.evaluator.evaluate(plans[:BATCH]))
                for n in THREADS
            ],
            by_the_clock,
        )
        moved = in_turn(
            [lambda n=n: threaded(n, lambda: walk.try_moves(moves)) for n in THREADS],
            by_the_clock,
        )
        numba.set_num_threads(THREADS[-1])
        tell(bars, "full evaluation of a plan, by threads", THREADS, by_threads / BATCH)
        tell(bars, "move of one option, by threads", THREADS, moved / BATCH)
    benchmark(problem.evaluator.evaluate, plans[:BATCH])
