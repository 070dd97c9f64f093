"""An ensemble of 256 draws over seven proposals and today, on an invented city and Amsterdam."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from evenground.config import read_settings
from evenground.miniature import VOORBEELDSTAD, write_miniature
from evenground.optimise import fill
from evenground.pipeline import Model, build_model, build_uncertain
from evenground.uncertainty import build_ensemble, draw

DRAWS = 256


@pytest.fixture(scope="module", params=["voorbeeldstad", "amsterdam"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    if request.param == "voorbeeldstad":
        case = write_miniature(tmp_path_factory.mktemp("city"), seed=20261, size=VOORBEELDSTAD)
        return build_model(read_settings(case), case.parent)
    data = os.environ.get("EVENGROUND_DATA", "")
    if not Path(data, "amsterdam_buurten.gpkg").is_file():
        pytest.skip("EVENGROUND_DATA names no folder with Amsterdam")
    return build_model(read_settings(Path("configs/amsterdam.toml")), Path(data))


def test_bench_ensemble(
    model: Model, benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = model.problem
    gain = problem.gains(problem.empty, {"burden": 1.0})
    budgets = problem.search.budget_eur * np.arange(8) / 7.0
    plans = np.stack([fill(problem, problem.empty, gain, float(euro)) for euro in budgets])
    base = build_uncertain(model)
    draws = draw(tuple(base.numbers.values()), DRAWS, 1)
    build_ensemble(base, draw(tuple(base.numbers.values()), 1, 1), plans)  # compile

    began = time.perf_counter()
    benchmark.pedantic(build_ensemble, (base, draws, plans), rounds=1)
    spent = time.perf_counter() - began

    with capsys.disabled():
        title = model.settings.case.title
        print(f"\n{title}: {DRAWS} draws of {len(plans)} plans in {spent:.1f} s")
