"""What differs against the whole: single moves, children and gains.

Both sides are timed in turn within one run, since machines differ and drift; nothing is
asserted about time. Run it by ``make bench``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from bars import Bars
from pytest_benchmark.fixture import BenchmarkFixture

from evenground.config import read_settings
from evenground.evaluation import Move, Walk
from evenground.miniature import VOORBEELDSTAD, MiniatureSize, write_miniature
from evenground.optimise import Problem
from evenground.optimise.herd import Herd
from evenground.optimise.mutation import favours
from evenground.pipeline import build_model

CITY = MiniatureSize(15_500, 15_300, 10, 180, 560_000)
LARGER = MiniatureSize(31_000, 30_600, 10, 720, 2_240_000)
SIZES = {"cells=0.3M": VOORBEELDSTAD, "cells=1.7M": CITY, "cells=6.8M": LARGER}
SHARE = 0.075
BATCH = 64
BATCHES = 16
MOVED: dict[str, float] = {}
"""Seconds of a move of one option in each town that was timed before."""
LED = [{name: 1.0} for name in ("burden", "inequality", "ses_gradient", "stacking", "access")]


@dataclass(frozen=True)
class Town:
    """A problem of some size, and plans that use a share of its options."""

    name: str
    problem: Problem
    plans: np.ndarray

    def say(self, bars: Bars, text: str) -> None:
        """Keep a line of detail."""
        bars.say(f"{self.name}, {self.plans.shape[1]} options: {text}")


@pytest.fixture(scope="module", params=SIZES)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Town:
    name = str(request.param)
    case = write_miniature(tmp_path_factory.mktemp("city"), seed=20261, size=SIZES[name])
    problem = build_model(read_settings(case), case.parent).problem
    rng, most = np.random.default_rng(20261), problem.options.most
    active = rng.random((BATCH, most.size)) < SHARE
    plans = np.where(active, np.ceil(rng.random((BATCH, most.size)) * most), 0).astype(np.int16)
    return Town(name, problem, problem.repair(plans))


def in_turn(one: Callable[[], object], other: Callable[[], object], rounds: int = 7) -> np.ndarray:
    """Return the median seconds of both, after one turn outside the clock."""
    spent = np.zeros((rounds + 1, 2))
    for row in spent:
        for k, work in enumerate((one, other)):
            start = time.perf_counter()
            work()
            row[k] = time.perf_counter() - start
    return np.asarray(np.median(spent[1:], axis=0))


def test_bench_delta__one_option_against_all(
    town: Town, benchmark: BenchmarkFixture, bars: Bars
) -> None:
    evaluator, rng = town.problem.evaluator, np.random.default_rng(1)
    walk = Walk(evaluator, town.plans[0])
    # as in a search: batch after batch of different moves, none of them tried before
    batches = [one_step(town.plans[0], rng) for _ in range(BATCHES)]

    full, together = in_turn(
        lambda: evaluator.evaluate(town.plans),
        lambda: [walk.try_moves(moves) for moves in batches],
    ) / (BATCH, BATCH * BATCHES)
    single, scored = in_turn(
        lambda: [walk.try_moves([move]) for moves in batches for move in moves],
        lambda: [walk.evaluate(moves) for moves in batches],
    ) / (BATCH * BATCHES)

    town.say(
        bars,
        f"full {1e3 * full:.2f} ms a plan; one option {1e6 * together:.0f} us tried {BATCH} at "
        f"a time, ratio {full / together:.0f}; {1e6 * single:.0f} us on its own, ratio "
        f"{full / single:.0f}; with all neighbourhoods {1e6 * scored:.0f} us",
    )
    sides = f"{1e6 * together:.0f} us", f"{1e3 * full:.2f} ms"
    what = f"move of one option, {town.name}: times faster than a full evaluation"
    bars.add(f"{what}, {BATCH} at a time", *sides, full / together, ">= 100")
    # one at a time either way: a plan alone reads all weights for itself, as a move does its own
    alone, _ = in_turn(
        lambda: evaluator.evaluate(town.plans[:1]), lambda: evaluator.evaluate(town.plans)
    )
    sides = f"{1e6 * single:.0f} us", f"{1e3 * alone:.2f} ms"
    bars.add(f"{what} of one plan, one at a time", *sides, alone / single, ">= 100")
    sides = f"{1e6 * single:.0f} us", f"{1e3 * full:.2f} ms"
    bars.add(f"{what}, one at a time against {BATCH} plans", *sides, full / single, ">= 100")
    MOVED[town.name] = together
    if town.name == "cells=6.8M" and "cells=1.7M" in MOVED:
        smaller = MOVED["cells=1.7M"]
        sides = f"{1e6 * together:.0f} us", f"{1e6 * smaller:.0f} us"
        what = "move of one option, 6.8M cells against 1.7M: times the seconds"
        bars.add(what, *sides, together / smaller, "<= 1.2")
    benchmark(walk.try_moves, batches[0])


def one_step(plan: np.ndarray, rng: np.random.Generator) -> list[Move]:
    """Return moves that each take one option out of a plan, or put a step of it in."""
    option = rng.choice(plan.size, BATCH, replace=False).astype(np.int32)
    amount = np.where(plan[option] > 0, 0, 1).astype(np.int16)
    return [Move(option[k : k + 1], amount[k : k + 1]) for k in range(BATCH)]


def test_bench_children__against_full_evaluation(
    town: Town, benchmark: BenchmarkFixture, bars: Bars
) -> None:
    problem, rng = town.problem, np.random.default_rng(1)
    favour = favours(problem)
    herd = Herd(problem, BATCH)
    living = herd.found(town.plans)
    herd.evaluate(living)
    children = herd.breed(living, BATCH, favour, rng)
    plans = herd.plans(children)

    full, inherited = (
        in_turn(lambda: problem.evaluator.evaluate(plans), lambda: herd.evaluate(children)) / BATCH
    )

    town.say(
        bars,
        f"full {1e3 * full:.2f} ms a child, inherited {1e3 * inherited:.2f} ms, "
        f"ratio {full / inherited:.1f}",
    )
    sides = f"{1e3 * inherited:.2f} ms", f"{1e3 * full:.2f} ms"
    what = f"children by inheritance, {town.name}: times faster than full evaluation"
    bars.add(what, *sides, full / inherited, ">= 0.95")
    benchmark(herd.evaluate, children)


def test_bench_gains__of_all_options_against_one_evaluation(
    town: Town, benchmark: BenchmarkFixture, bars: Bars
) -> None:
    problem, plan = town.problem, town.plans[0]

    full, gains = in_turn(
        lambda: problem.evaluator.evaluate(town.plans), lambda: problem.gains_of(plan, LED)
    )
    alone, again = in_turn(
        lambda: problem.evaluator.evaluate(town.plans[:1]), lambda: problem.gains_of(plan, LED)
    )

    full /= BATCH
    what = f"gains of all {plan.size} options for {len(LED)} scores at one plan, {town.name}"
    sides = f"{1e3 * again:.1f} ms", f"{1e3 * alone:.2f} ms"
    bars.add(f"{what}: times a full evaluation of that plan", *sides, again / alone, "<= 5")
    sides = f"{1e3 * gains:.1f} ms", f"{1e3 * full:.2f} ms"
    bars.add(f"{what}: times that of a plan among {BATCH}", *sides, gains / full, "<= 5")
    benchmark(problem.gains_of, plan, LED)
