"""One full evaluation of a plan against the forms that others would try, on invented cities.

All must give the same burden; then both are timed in turn within one run, since machines
differ and drift. Run it by ``make bench``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from arrays import FourierModel, MatrixModel
from bars import Bars
from plain import PlainModel
from pytest_benchmark.fixture import BenchmarkFixture

from evenground.config import read_settings
from evenground.miniature import VOORBEELDSTAD, MiniatureSize, write_miniature
from evenground.pipeline import Model, build_model

CITY = MiniatureSize(15_500, 15_300, 10, 180, 560_000)
"""1.7 million cells."""
SMALL = MiniatureSize(1_900, 1_700, 10, 16, 9_000)
SIZES = {"cells=0.03M": SMALL, "cells=0.3M": VOORBEELDSTAD, "cells=1.7M": CITY}
MOST_DENSE = 100_000
"""Cells of a city of which the dense response is kept in memory."""
ACTIVE_SHARE = 0.075
"""Share of the options that a plan uses."""
BATCH = 64
"""Plans that a search evaluates together."""


@dataclass(frozen=True)
class Pair:
    """Both implementations of one city, and the plans they are given."""

    name: str
    model: Model
    plain: PlainModel
    plans: np.ndarray


@pytest.fixture(scope="module", params=SIZES)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    name = str(request.param)
    case = write_miniature(tmp_path_factory.mktemp("city"), seed=20261, size=SIZES[name])
    model = build_model(read_settings(case), case.parent)
    rng = np.random.default_rng(20261)
    most = model.options.most
    active = rng.random((BATCH, most.size)) < ACTIVE_SHARE
    plans = np.where(active, np.ceil(rng.random((BATCH, most.size)) * most), 0).astype(np.int16)
    plans = model.problem.repair(plans)
    return Pair(name, model, PlainModel(model), plans)


def test_bench_evaluation__gives_the_same_burden(pair: Pair, benchmark: BenchmarkFixture) -> None:
    evaluator = pair.model.problem.evaluator
    plans = np.concatenate([np.zeros_like(pair.plans[:1]), pair.plans[:2]])

    found = evaluator.evaluate(plans).burden.sum(axis=1)

    expected = np.stack([pair.plain.burden(plan) for plan in plans])
    np.testing.assert_allclose(found.sum(axis=(1, 2)), expected.sum(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7 * expected.sum())
    # and what a plan changes, which is far smaller than the whole
    gain, truth = found[0] - found[1:], expected[0] - expected[1:]
    np.testing.assert_allclose(gain.sum(axis=(1, 2)), truth.sum(axis=(1, 2)), rtol=1e-4)
    benchmark(evaluator.evaluate, pair.plans)


def test_bench_evaluation__is_faster_than_every_other_form(
    pair: Pair, benchmark: BenchmarkFixture, bars: Bars
) -> None:
    evaluator, plan = pair.model.problem.evaluator, pair.plans[0]
    evaluator.evaluate(pair.plans)  # compile outside the clock
    truth = evaluator.evaluate(plan[None, :]).burden[0].sum(axis=0)
    others: dict[str, tuple[PlainModel | MatrixModel, str]] = {
        "xarray + fftconvolve": (pair.plain, ">= 250"),
        "cached-kernel float32 real FFT": (FourierModel(pair.model), ">= 50"),
        "SciPy sparse": (MatrixModel(pair.model, pair.plain), ""),
    }
    cells = int(np.prod(pair.model.study.grid.shape))
    if cells < MOST_DENSE:
        dense = MatrixModel(pair.model, pair.plain, is_dense=True)
        others[f"dense NumPy, {dense.nbytes / 1e6:.0f} MB"] = (dense, "")
    bars.say(
        f"{pair.name}: {cells} cells, {pair.model.study.receptors.row.size} receptors, "
        f"{plan.size} options, {np.count_nonzero(plan)} used, in batches of {BATCH}"
    )
    for name, (other, asked) in others.items():
        found = other.burden(plan)
        np.testing.assert_allclose(found.sum(), truth.sum(), rtol=1e-5)

        other_s, ours_s, ratio = _in_turn(
            lambda other=other: other.burden(plan), lambda: evaluator.evaluate(pair.plans), rounds=5
        )

        bars.add(
            f"full evaluation of a plan, {pair.name}, against {name}",
            f"{1e3 * ours_s:.2f} ms",
            f"{1e3 * other_s:.1f} ms",
            ratio,
            asked if "1.7M" in pair.name else "",
        )
    benchmark.pedantic(pair.plain.burden, args=(plan,), rounds=1)


def _in_turn(
    plain: Callable[[], object], ours: Callable[[], object], *, rounds: int
) -> tuple[float, float, float]:
    """Return the median seconds a plan of both, and the median of the ratios of each round."""
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        plain()
        middle = time.perf_counter()
        ours()
        spent.append((middle - start, (time.perf_counter() - middle) / BATCH))
    seconds = np.array(spent)
    return (*np.median(seconds, axis=0).tolist(), float(np.median(seconds[:, 0] / seconds[:, 1])))
