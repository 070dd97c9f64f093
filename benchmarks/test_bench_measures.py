"""All measures of distribution for a front of 500 plans, at the sizes of Amsterdam."""

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from evenground.objectives.inequality import measures


@pytest.mark.parametrize("rows", [518, 518 * 15], ids=["neighbourhoods", "pairs"])
def test_bench_measures(benchmark: BenchmarkFixture, rows: int) -> None:
    rng = np.random.default_rng(20261)
    burden = rng.gamma(2.0, 3.0, (500, rows))
    people = rng.uniform(1.0, 3000.0, rows)
    score = rng.normal(size=rows)

    benchmark.pedantic(measures, (burden, people, score, 0.05), rounds=3)
