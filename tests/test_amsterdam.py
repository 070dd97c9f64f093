"""The real city under every objective and every set of functions, and by the command itself."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import xarray as xr

from evenground.config import Measure, Objective
from evenground.objectives.health import SETS, select_functions
from evenground.optimise import SCORES, Found, search
from evenground.outputs.folder import whole_folder
from evenground.pipeline import Model, build_run, write_run
from evenground.results.certainty import STATUS_NL

pytestmark = [pytest.mark.data, pytest.mark.slow]

ROOT = Path(__file__).parents[1]
EVALUATIONS, POPULATION = 64, 16
OBJECTIVES = get_args(Objective)
MEASURES = get_args(Measure)


def together(names: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    """Put names in small groups that are lowered in one search; none is left out."""
    return [names[k : k + size] for k in range(0, len(names), size)]


def short(model: Model, *objectives: str) -> Model:
    """Search little, and only some objectives; measures of distribution harm nobody."""
    harmless = any(name in MEASURES for name in objectives)
    search_settings = model.settings.search.model_copy(
        update={
            "objectives": objectives,
            "no_harm": harmless,
            "evaluations": EVALUATIONS,
            "population": POPULATION,
            "budget_levels": 1,
            "proposals": 3,
        }
    )
    return model.with_search(search_settings)


def goals_today(model: Model) -> np.ndarray:
    empty = model.problem.empty[None, :]
    scores, evaluation = model.problem.scores(empty)
    return model.problem.goal_values(empty, scores, evaluation)[0]


def assert_is_whole(folder: Path) -> None:
    """See that a planner finds inequality both ways and how sure the figures are."""
    report = (folder / "report.html").read_text(encoding="utf-8")
    _, _, unequal = report.partition('<section id="ongelijk">')
    unequal, _, _ = unequal.partition("</section>")
    assert "Ongelijkheid nu, in DALY per 1000 inwoners" in unequal
    assert "als deel van het gemiddelde" in unequal
    assert unequal.count(" %") >= 2
    assert any(f"zwakste getal: {status}" in report for status in STATUS_NL.values())
    assert "Klopt het met wat bekend is?" in report
    for name in ("front.nc", "validation.csv", "history.csv", "distribution/measures.csv"):
        assert (folder / name).stat().st_size > 0
    assert len(list((folder / "maps").glob("*.tif"))) >= 6
    assert list((folder / "proposals").glob("*/*.gpkg"))


def write(model: Model, found: Found, folder: Path) -> Path:
    with whole_folder(folder) as place:
        write_run(model, build_run(model, found), place)
    return folder


def assert_is_lowered(model: Model, found: Found, names: tuple[str, ...]) -> None:
    """See that the search took something off every goal of which there is something today."""
    today, best = goals_today(model), found.archive.goals.min(axis=0)
    assert found.evaluated >= EVALUATIONS
    assert np.isfinite(found.archive.goals).all()
    for k, name in enumerate(names):
        # money and a gradient that is not there are nothing already
        assert best[k] < today[k] or (best[k] == today[k] == 0.0), name


@pytest.mark.parametrize("names", together(OBJECTIVES, 2), ids="-".join)
def test_search__lowers_every_objective(amsterdam_model: Model, names: tuple[str, ...]) -> None:
    model = short(amsterdam_model, *names)

    found = search(model.problem)

    assert_is_lowered(model, found, names)


@pytest.mark.parametrize("names", together(MEASURES, 3), ids="-".join)
def test_search__lowers_every_measure_without_harm(
    amsterdam_model: Model, names: tuple[str, ...]
) -> None:
    model = short(amsterdam_model, *names, "burden")

    found = search(model.problem)

    plans = np.stack([plan(model, found, k) for k in range(len(found.archive.plans))])
    _, evaluation = model.problem.scores(plans)
    _, before = model.problem.scores(model.problem.empty[None, :])
    assert_is_lowered(model, found, names)
    assert len(plans) > 1
    assert model.problem.harm(evaluation, before).max() <= 1e-9


def plan(model: Model, found: Found, k: int) -> np.ndarray:
    out = model.problem.empty.copy()
    option, amount = found.archive.plans[k]
    out[option] = amount
    return out


@pytest.fixture(scope="module")
def plain_burden(amsterdam_model: Model) -> float:
    scores, _ = amsterdam_model.problem.scores(amsterdam_model.problem.empty[None, :])
    return float(scores[0, SCORES.index("burden")])


@pytest.mark.parametrize("name", SETS)
def test_search__runs_with_every_set_of_functions(
    amsterdam_model: Model, plain_burden: float, name: str
) -> None:
    health = amsterdam_model.settings.health.model_copy(update={"function_set": name})
    model = short(amsterdam_model.with_health(health), "burden", "inequality", "cost")

    found = search(model.problem)

    today = goals_today(model)[0]
    is_plain = select_functions(health) == select_functions(amsterdam_model.settings.health)
    assert (today == pytest.approx(plain_burden)) == is_plain
    assert found.archive.goals[:, 0].min() < today


@pytest.fixture(scope="module")
def folders(amsterdam_model: Model, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write whole runs: one with other functions, one with a measure under the no-harm rule."""
    out = tmp_path_factory.mktemp("runs")
    health = amsterdam_model.settings.health.model_copy(update={"function_set": "high"})
    high = short(amsterdam_model.with_health(health), "burden", "stacking", "ses_gradient", "cost")
    fair = short(amsterdam_model, "gini", "burden", "cost")
    return {
        name: write(model, search(model.problem), out / name)
        for name, model in (("high", high), ("fair", fair))
    }


@pytest.mark.parametrize("name", ["high", "fair"])
def test_run__is_written_whole(folders: dict[str, Path], name: str) -> None:
    assert_is_whole(folders[name])


def test_run__says_that_its_functions_are_others(folders: dict[str, Path]) -> None:
    report = (folders["high"] / "report.html").read_text(encoding="utf-8")

    assert "sterfte door warmte: heat_mort_nl" in report
    assert "heat_mort_nl" not in (folders["fair"] / "report.html").read_text(encoding="utf-8")


def test_command__runs_the_case_file_of_the_city(tmp_path: Path) -> None:
    data = os.environ.get("EVENGROUND_DATA")
    if not data:
        pytest.skip("EVENGROUND_DATA names no folder with Amsterdam")
    text = (ROOT / "configs" / "amsterdam.toml").read_text("utf-8")
    whole = "evaluations = 20_600"
    assert text.count(whole) == 1
    case = tmp_path / "amsterdam.toml"
    few = f"evaluations = {EVALUATIONS}\npopulation = {POPULATION}\nbudget_levels = 1"
    drawn = "\n[uncertainty]\ndraws = 16\n"
    case.write_text(text.replace(whole, few) + drawn, encoding="utf-8")
    start = "from evenground.cli import main; main()"
    command = [sys.executable, "-c", start, "run", str(case), "--data", data]

    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "out").iterdir()
    assert_is_whole(folder)
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["seed"] == 20261
    with xr.open_dataset(folder / "front.nc", engine="h5netcdf") as front:
        assert front.sizes["candidate"] > 1
