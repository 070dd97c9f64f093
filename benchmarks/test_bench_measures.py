"""All measures of distribution for a front of 500 plans, at the sizes of Amsterdam."""

import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from evenground.evaluation import Evaluation, Frame
from evenground.names import AGE_BANDS, BURDEN_LAYERS, INCOME_CLASSES
from evenground.objectives.inequality import measures
from evenground.results.distribution import OVER, measure_plans, split_plans
from evenground.study import mid_rank

PLANS, PLACES, GROUPS = 500, 518, len(AGE_BANDS) * len(INCOME_CLASSES)
BAR_S = 5.0
"""Most seconds for a front, over neighbourhoods, groups and pairs together."""


@pytest.mark.parametrize("rows", [PLACES, PLACES * GROUPS], ids=["neighbourhoods", "pairs"])
def test_bench_measures(benchmark: BenchmarkFixture, rows: int) -> None:
    rng = np.random.default_rng(20261)
    burden = rng.gamma(2.0, 3.0, (PLANS, rows))
    people = rng.uniform(1.0, 3000.0, rows)
    score = rng.normal(size=rows)

    benchmark.pedantic(measures, (burden, people, score, 0.05), rounds=3)


def test_bench_front(benchmark: BenchmarkFixture) -> None:
    rng = np.random.default_rng(20262)
    people = rng.uniform(1.0, 300.0, (GROUPS, PLACES))
    residents = people.sum(axis=0)
    per_head = rng.gamma(2.0, 1e-3, (PLANS, GROUPS, len(BURDEN_LAYERS), PLACES))
    evaluation = Evaluation(
        rng.uniform(0.0, 0.3, (PLANS, 1, PLACES)),
        per_head * people[:, None, :],
        np.zeros((PLANS, PLACES)),
    )
    frame = Frame(
        residents=residents,
        is_assessed=np.ones(PLACES, bool),
        ses_rank=mid_rank(rng.normal(size=PLACES), residents),
        kappa=0.05,
        yearly_eur=np.zeros(0),
        yearly_start_eur=np.zeros(0),
        access_channel=0,
        annoyed_channel=0,
        adults=0.8 * residents,
    )
    pairs = [(age, income) for age in AGE_BANDS for income in INCOME_CLASSES]
    study = SimpleNamespace(
        group_residents=people,
        groups=pd.DataFrame(pairs, columns=["age", "income"]),
        neighbourhoods=range(PLACES),
    )

    def all_of_it() -> None:
        laps = {}
        for over in OVER:
            began = time.perf_counter()
            measure_plans(evaluation, study, frame, over)
            laps[over] = time.perf_counter() - began
        began = time.perf_counter()
        split_plans(evaluation, study, frame)
        laps["splits"] = time.perf_counter() - began
        told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in laps.items())
        total = sum(laps.values()) - laps["splits"]
        print(f"\n{PLANS} plans: {told}; measures {total:.2f} s of {BAR_S:g} s allowed")

    benchmark.pedantic(all_of_it, rounds=3)
