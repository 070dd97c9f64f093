"""Constraints of a whole case, from its files to its plans: locked, closed, preferred, refused."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import tomli_w
from hand_city import CELL, LEFT, TOP, case, write_city
from shapely.geometry import Point, box

from evenground.config import read_settings
from evenground.constraints import check_plan
from evenground.errors import ConfigError, DataError, SearchError
from evenground.judge import judge_case
from evenground.optimise import search
from evenground.pipeline import Model, build_model

pytestmark = pytest.mark.jit
ORIGIN = {"year": 2024, "source": "by hand", "licence": "CC0"}


def written(folder: Path, constraints: dict[str, object], **search_settings: object) -> Path:
    """Write the hand-made city with constraints, and return its case file."""
    path = write_city(folder)
    made = case()
    made["constraints"] = constraints
    made["search"] = {**made["search"], "evaluations": 120, "population": 16, **search_settings}  # type: ignore[dict-item]
    path.write_text(tomli_w.dumps(made), encoding="utf-8")
    return path


def built(folder: Path, constraints: dict[str, object], **search_settings: object) -> Model:
    path = written(folder, constraints, **search_settings)
    return build_model(read_settings(path), folder)


def works(folder: Path, *rows: tuple[float, float, str, float]) -> dict[str, object]:
    """Write works that are locked in, by column and row of the city, kind and amount."""
    points = [Point(LEFT + (x + 0.5) * CELL, TOP - (y + 0.5) * CELL) for x, y, _, _ in rows]
    table = {"maatregel": [kind for _, _, kind, _ in rows], "hoeveelheid": [a for *_, a in rows]}
    frame = gpd.GeoDataFrame(table, geometry=points, crs="EPSG:28992")
    pyogrio.write_dataframe(frame, folder / "vast.gpkg", layer="vast")
    return {"lock": {"file": "vast.gpkg", **ORIGIN}}


def test_lock__every_plan_of_the_front_holds_the_works(tmp_path: Path) -> None:
    model = built(tmp_path, works(tmp_path, (0, 1, "tile_removal", 120.0)))
    rules = model.problem.rules

    # 120 m2 are three steps of 50
    assert rules.lock.sum() == 3
    found = search(model.problem)
    plans = found.archive.dense(np.arange(len(found.archive)))
    assert len(plans) > 1
    assert (plans[:, rules.lock > 0] >= 3).all()
    assert all(check_plan(plan, rules) == () for plan in plans)


def test_lock__where_nothing_fits_is_refused_with_its_place(tmp_path: Path) -> None:
    limits = works(tmp_path, (0, 0, "car_free", 20.0))

    with pytest.raises(DataError, match=r"vast\.gpkg, row 1: car_free cannot be built at"):
        built(tmp_path, limits)


def test_lock__of_an_unknown_kind_is_refused_by_check(tmp_path: Path) -> None:
    path = written(tmp_path, works(tmp_path, (0, 1, "tile_removall", 120.0)))

    faults, _ = judge_case(read_settings(path), tmp_path)

    assert any("tile_removall, which the case may not use" in str(fault) for fault in faults)


def test_lock__beyond_the_budget_is_no_plan_and_says_why(tmp_path: Path) -> None:
    limits = works(tmp_path, (0, 1, "tile_removal", 120.0))

    with pytest.raises(SearchError, match="de werken die vastliggen") as caught:
        built(tmp_path, limits, budget_eur=5_000.0)

    # three steps of 50 m2 at 60 euros are 9 000, which is 4 000 more than there is
    assert "het budget van € 5.000" in str(caught.value)
    assert "verhoog met € 4.000" in str(caught.value)
    assert "raise it by € 4.000" in str(caught.value)


def test_lock__that_harms_is_no_plan_where_nobody_may_be_harmed(tmp_path: Path) -> None:
    limits = works(tmp_path, (0, 2, "car_free", 20.0))
    limits["least"] = {"quiet_sma": 1e6, "speed30": 1e6, "tile_removal": 1e6, "street_tree": 1e6,
                       "pocket_park": 1e6}  # fmt: skip

    with pytest.raises(SearchError, match="niemand slechter af") as caught:
        built(tmp_path, limits, no_harm=True)

    assert "nobody worse off" in str(caught.value)


def test_closed__nothing_is_built_in_a_polygon_or_a_neighbourhood(tmp_path: Path) -> None:
    # the left half of the second row, and neighbourhood B
    shape = box(LEFT, TOP - 200, LEFT + 200, TOP - 100)
    frame = gpd.GeoDataFrame({"naam": ["dicht"]}, geometry=[shape], crs="EPSG:28992")
    pyogrio.write_dataframe(frame, tmp_path / "dicht.gpkg", layer="dicht")
    limits = {"exclude": {"file": "dicht.gpkg", **ORIGIN}, "exclude_codes": ["BU99990001"]}

    model = built(tmp_path, limits)

    open_sites = set(model.options.site[model.problem.rules.most > 0].tolist())
    assert open_sites
    assert not {4, 5} & open_sites  # second row, first and second column
    assert not {2, 3, 6, 7} & open_sites  # neighbourhood B
    assert set(model.options.site.tolist()) - open_sites


def test_closed__an_unknown_code_is_refused_by_check(tmp_path: Path) -> None:
    path = written(tmp_path, {"exclude_codes": ["BU00000000"]})

    faults, _ = judge_case(read_settings(path), tmp_path)

    assert any("constraints.exclude_codes: found BU00000000" in str(fault) for fault in faults)


def test_names__of_interventions_and_sectors_are_judged(tmp_path: Path) -> None:
    budgets = [{"name": "Groen", "eur": 1.0, "pays_for": ["gren"]}]
    limits = {"least": {"tyle": 1.0}, "spacing_m": {"play": 300.0}, "budgets": budgets}
    path = written(tmp_path, limits)

    faults = [str(fault) for fault in judge_case(read_settings(path), tmp_path)[0]]

    assert any("constraints.least: found tyle" in fault for fault in faults)
    assert any("constraints.budgets, Groen, pays_for: found gren" in fault for fault in faults)
    with pytest.raises(ConfigError, match="found tyle"):
        build_model(read_settings(path), tmp_path)


@pytest.mark.parametrize("of", ["spend", "gain"])
def test_priority__every_plan_gives_its_share(tmp_path: Path, of: str) -> None:
    limits = {"priority": {"at_least": 0.5, "of": of, "codes": ["BU99990000"]}}
    model = built(tmp_path, limits, budget_eur=300_000.0)
    problem = model.problem

    found = search(problem)

    plans = found.archive.dense(np.arange(len(found.archive)))
    assert len(plans) > 1
    side = model.study.site_m // model.study.grid.cell_m
    row, col = problem.options.site_row * side + side // 2, problem.options.site_col * side
    inside = model.study.zone.to_numpy()[row, col + side // 2] == 0
    euros = plans * problem.rules.capital_eur
    _, then = problem.scores(plans)
    _, today = problem.scores(problem.empty[None, :])
    saved = (today.burden - then.burden).sum(axis=(1, 2))
    part, whole = (
        (euros[:, inside].sum(axis=1), euros.sum(axis=1))
        if of == "spend"
        else (saved[:, 0], saved.sum(axis=1))
    )
    assert (part >= 0.5 * whole - 1e-6 * np.abs(whole).max()).all()
    assert whole.max() > 0.0


def test_fixed_costs__count_in_capital_and_per_year(tmp_path: Path) -> None:
    model = built(tmp_path, {"fixed_eur": {"tile_removal": 1_000.0}})
    problem = model.problem
    row = problem.options.interventions.index.get_loc("tile_removal")
    option = int(np.flatnonzero(problem.options.intervention == row)[0])
    plan = problem.empty
    plan[option] = 2

    scores = dict(zip(("cost", "capital"), problem.scores(plan[None, :])[0][0, -2:], strict=True))

    # two steps of 50 m2 at 60 euros, and starting
    assert scores["capital"] == pytest.approx(2 * 50 * 60.0 + 1_000.0)
    share = 0.0225 / (1.0 - 1.0225**-25)
    assert scores["cost"] == pytest.approx(7_000.0 * share + 2 * 50 * 3.0)
