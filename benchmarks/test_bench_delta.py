"""What differs against the whole: single moves, children, gains, and the search around them.

Both sides are timed in turn within one run, since machines differ and drift; nothing is
asserted about time. Run it by ``make bench``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from bars import Bars
from pymoo.core.duplicate import DefaultDuplicateElimination
from pymoo.core.population import Population
from pymoo.core.problem import Problem as PymooProblem
from pymoo.operators.crossover.ux import UniformCrossover
from pymoo.operators.mutation.pm import PM
from pytest_benchmark.fixture import BenchmarkFixture

from evenground.config import read_settings
from evenground.evaluation import Move, Walk
from evenground.miniature import VOORBEELDSTAD, MiniatureSize, write_miniature
from evenground.optimise import Archive, Problem
from evenground.optimise.archive import EVOLUTION
from evenground.optimise.herd import Herd
from evenground.optimise.mutation import favours
from evenground.pipeline import build_model

CITY = MiniatureSize(15_500, 15_300, 10, 180, 560_000)
LARGER = MiniatureSize(31_000, 30_600, 10, 720, 2_240_000)
SIZES = {"cells=0.3M": VOORBEELDSTAD, "cells=1.7M": CITY, "cells=6.8M": LARGER}
SHARE = 0.075
BATCH = 64
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
    option = rng.choice(town.plans.shape[1], BATCH, replace=False).astype(np.int32)
    amount = np.where(town.plans[0, option] > 0, 0, 1).astype(np.int16)
    moves = [Move(option[k : k + 1], amount[k : k + 1]) for k in range(BATCH)]

    full, together = (
        in_turn(lambda: evaluator.evaluate(town.plans), lambda: walk.try_moves(moves)) / BATCH
    )
    single, scored = (
        in_turn(lambda: [walk.try_moves([move]) for move in moves], lambda: walk.evaluate(moves))
        / BATCH
    )

    town.say(
        bars,
        f"full {1e3 * full:.2f} ms a plan; one option {1e6 * together:.0f} us tried {BATCH} at "
        f"a time, ratio {full / together:.0f}; {1e6 * single:.0f} us on its own, ratio "
        f"{full / single:.0f}; with all neighbourhoods {1e6 * scored:.0f} us",
    )
    sides = f"{1e6 * together:.0f} us", f"{1e3 * full:.2f} ms"
    what = f"move of one option, {town.name}: times faster than a full evaluation"
    bars.add(f"{what}, {BATCH} at a time", *sides, full / together, ">= 100")
    sides = f"{1e6 * single:.0f} us", f"{1e3 * full:.2f} ms"
    bars.add(f"{what}, one at a time", *sides, full / single, ">= 100")
    MOVED[town.name] = together
    if town.name == "cells=6.8M" and "cells=1.7M" in MOVED:
        smaller = MOVED["cells=1.7M"]
        sides = f"{1e6 * together:.0f} us", f"{1e6 * smaller:.0f} us"
        what = "move of one option, 6.8M cells against 1.7M: times the seconds"
        bars.add(what, *sides, together / smaller, "<= 1.2")
    benchmark(walk.try_moves, moves)


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

    full /= BATCH
    bars.add(
        f"gains of all {plan.size} options for {len(LED)} scores at one plan, in evaluations of "
        f"a plan, {town.name}",
        f"{1e3 * gains:.1f} ms",
        f"{1e3 * full:.2f} ms",
        gains / full,
        "<= 5",
    )
    benchmark(problem.gains_of, plan, LED)


def test_bench_machinery__of_a_generation_against_evaluation_and_pymoo(
    town: Town, benchmark: BenchmarkFixture, bars: Bars
) -> None:
    problem, rng, size = town.problem, np.random.default_rng(1), BATCH
    favour = favours(problem)
    herd = Herd(problem, size)
    living = herd.found(town.plans)
    herd.evaluate(living)
    archive = full_archive(town.plans.shape[1], rng)
    theirs = PymooProblem(n_var=town.plans.shape[1], n_obj=6, xl=0, xu=problem.rules.most)
    pop = Population.new("X", town.plans.astype(float))
    parents = rng.integers(0, size, (size // 2, 2))

    def ours() -> None:
        children = herd.breed(living, size, favour, rng)
        plans = herd.plans(children)
        goals = rng.random((size, 6))
        archive.add(plans, goals, goals, problem.hashes(plans), origin=EVOLUTION)

    def stock() -> None:
        off = UniformCrossover().do(theirs, pop, parents, random_state=rng)
        off = PM(eta=20).do(theirs, off, random_state=rng)
        DefaultDuplicateElimination().do(off, pop)

    own, pymoo = in_turn(ours, stock, rounds=3)
    children = herd.breed(living, size, favour, rng)
    evaluation, _ = in_turn(lambda: herd.evaluate(children), lambda: None, rounds=3)

    town.say(
        bars,
        f"{size} children: bred, repaired, hashed and archived among {len(archive)} in "
        f"{1e3 * own:.0f} ms, evaluated in {1e3 * evaluation:.0f} ms, share "
        f"{own / (own + evaluation):.2f}; pymoo's crossover, mutation and duplicates "
        f"{1e3 * pymoo:.0f} ms, ratio {pymoo / own:.1f}",
    )
    benchmark(ours)


def full_archive(n_option: int, rng: np.random.Generator) -> Archive:
    """Return an archive of ten thousand empty plans of which none dominates another."""
    goals = rng.dirichlet(np.ones(6), 10_000)
    archive = Archive.empty(n_option, 6, 6)
    plans = np.zeros((len(goals), n_option), np.int16)
    archive.add(plans, goals, goals, np.arange(len(goals), dtype=np.uint64), origin=EVOLUTION)
    return archive
