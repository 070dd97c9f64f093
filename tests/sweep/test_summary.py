"""The tables of a sweep, of runs made by hand."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from evenground.outputs.gis.robust import write_robust
from evenground.outputs.report import write_sweep_report
from evenground.results import Outcome, tell_sweep
from evenground.results.sweeps import explained


def outcome(row: int, goals: list[list[float]], sites: list[int], **sets: object) -> Outcome:
    """Return a run with two goals, burden and cost, and one proposal on some sites."""
    values = np.array(goals, float)
    n = len(sites)
    scores = {"burden": float(values[0, 0]), "gap": 1.0, "capital": float(values[0, 1])}
    arrays = {
        "goals": values,
        "burden": values[:, 0],
        "capital": values[:, 1],
        "history_hypervolume": np.array([0.1, 0.2]),
        "work_proposal": np.zeros(n, int),
        "work_x_m": np.array(sites),
        "work_y_m": np.zeros(n, int),
        "work_intervention": np.array(["play"] * n),
        "work_capital_eur": np.full(n, 100.0),
    }
    said = {
        "objectives": ["burden", "cost"],
        "evaluated": 10,
        "site_m": 100,
        "fictional": True,
        "today": {"burden": 10.0},
        "proposals": [{"id": "gezondst", "also": ["In balans"], "scores": scores}],
    }
    return Outcome(row, f"k{row}", "done", sets, {}, "alike", arrays, said)


def test_sweep__is_told_as_worked_out_by_hand(tmp_path: Path) -> None:
    one = outcome(1, [[2.0, 8.0], [6.0, 4.0]], [0, 100], money=1)
    two = outcome(2, [[4.0, 4.0], [2.0, 9.0]], [0], money=2)
    left = Outcome(3, "k3", "waiting", {"money": 3}, {}, "alike", {}, {"fault": ""})

    told = tell_sweep([one, two, left], "Dorp", {"kind": "list"})

    # (2, 8) and (4, 4) beat (6, 4) and (2, 9)
    assert told.front[["row", "burden", "cost"]].to_numpy().tolist() == [[1, 2, 8], [2, 4, 4]]
    runs = told.runs.set_index("row")
    assert runs["front_share"].tolist()[:2] == [0.5, 0.5]
    # scaled to the front: (0, 1) and (2, 0) against (1.1, 1.1): 1.1 x 0.1; and (1, 0), (0, 1.25)
    volumes = runs["common_hypervolume"].to_numpy()[:2] * 1.1**2
    np.testing.assert_allclose(volumes, [0.11, 0.11], rtol=0.01)
    assert runs.loc[3, "state"] == "waiting"
    assert np.isnan(runs.loc[3, "common_hypervolume"])
    # for 4 euros the best run reaches 4, and all 6; for 8 both 2 and 4; for 9 both reach 2
    table = told.attainment.to_numpy().tolist()
    assert table == [[4.0, 4.0, 4.0, 6.0], [8.0, 2.0, 2.0, 4.0], [9.0, 2.0, 2.0, 2.0]]
    sites = told.sites[["x_m", "runs", "share"]].to_numpy().tolist()
    assert sites == [[0.0, 2.0, 1.0], [100.0, 1.0, 0.5]]
    write_robust(told, tmp_path / "sites.gpkg")
    write_sweep_report(told, tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "Op 1 van de 2 plekken" in page
    assert "verzonnen" in page
    assert "<code>money</code>" in page


def test_explained__is_the_variance_between_levels() -> None:
    # means 2 and 6 about 4: between 4 x 4 = 16; in all 9 + 1 + 1 + 9 = 20
    level = np.array(["a", "a", "b", "b"])

    assert explained(level, np.array([1.0, 3.0, 5.0, 7.0])) == pytest.approx(16.0 / 20.0)


def test_effects__of_a_drawn_design_are_its_sobol_indices() -> None:
    # burden = 3 u + v on even points: variances 9 and 1, so nine tenths and one tenth
    rng = np.random.default_rng(5)
    places = (np.argsort(rng.random((2, 64)), axis=1) + 0.5).T / 64.0
    outcomes = []
    for k, (u, v) in enumerate(places, 1):
        made = outcome(k, [[3.0 * u + v, 1.0]], [0], **{"a.u": float(u), "a.v": float(v)})
        place = {"a.u": float(u), "a.v": float(v)}
        parts = (made.row, made.key, made.state, made.sets, place, made.alike)
        outcomes.append(Outcome(*parts, made.arrays, made.said))

    told = tell_sweep(outcomes, "Dorp", {"kind": "sobol"})

    burden = told.effects[told.effects["outcome"] == "burden"].set_index("setting")
    assert set(burden["method"]) == {"sobol"}
    np.testing.assert_allclose(burden["first"], [0.9, 0.1], atol=0.02)
    assert (burden["unexplained"] < 0.01).all()
    levels = told.levels[(told.levels["outcome"] == "burden") & (told.levels["setting"] == "a.u")]
    assert levels["runs"].tolist() == [16, 16, 16, 16]
    assert levels.sort_values("mean")["level"].iloc[0].startswith("0,008 - ")


def test_sweep__of_which_nothing_is_finished_is_told(tmp_path: Path) -> None:
    left = Outcome(1, "k1", "waiting", {"money": 3}, {}, "alike", {}, {"fault": ""})

    told = tell_sweep([left], "Dorp", {"kind": "list"})
    write_sweep_report(told, tmp_path / "index.html")
    write_robust(told, tmp_path / "sites.gpkg")

    assert "Er is nog geen run klaar" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert told.runs["state"].tolist() == ["waiting"]


def test_gap__is_told_by_setting_as_worked_out_by_hand(tmp_path: Path) -> None:
    gaps = {1: (0.1, "a"), 2: (0.3, "a"), 3: (0.6, "b"), 4: (0.8, "b")}
    outcomes = []
    for row, (gap, level) in gaps.items():
        made = outcome(row, [[2.0, 8.0]], [0], kind=level)
        arrays = {**made.arrays, "history_gap": np.array([0.9, gap])}
        outcomes.append(dataclasses.replace(made, arrays=arrays))

    told = tell_sweep(outcomes, "Dorp", {"kind": "list"})

    assert told.runs["bound_gap"].tolist() == [0.1, 0.3, 0.6, 0.8]
    # means 0.2 and 0.7 about 0.45: between 4 x 0.0625 = 0.25; in all 0.1225 + 0.0225, twice
    (effect,) = told.effects[told.effects["outcome"] == "bound_gap"]["first"]
    assert effect == pytest.approx(0.25 / 0.29)
    levels = told.levels[told.levels["outcome"] == "bound_gap"].set_index("level")
    assert levels["mean"].to_dict() == pytest.approx({"a": 0.2, "b": 0.7})
    assert levels["lowest"].to_dict() == {"a": 0.1, "b": 0.6}
    write_sweep_report(told, tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "Grafiek: Afstand tot de grens van elke run naar kind." in page


def test_attainment__of_three_runs_has_the_middle_one_as_half() -> None:
    runs = [
        outcome(1, [[2.0, 4.0]], [0]),
        outcome(2, [[5.0, 4.0], [1.0, 6.0]], [0]),
        outcome(3, [[7.0, 6.0]], [0]),
    ]

    table = tell_sweep(runs, "Dorp", {"kind": "list"}).attainment

    # for 4 euros 2, 5 and today's 10; for 6 euros 2, 1 and 7
    assert table.to_numpy().tolist() == [[4.0, 2.0, 5.0, 10.0], [6.0, 1.0, 2.0, 7.0]]


def test_places__hold_by_the_share_of_runs_that_chose_them() -> None:
    runs = [
        outcome(1, [[2.0, 8.0]], [0, 100]),
        outcome(2, [[2.0, 8.0]], [0]),
        outcome(3, [[2.0, 8.0]], [0, 200]),
        Outcome(4, "k4", "no_plan", {}, {}, "alike", {}, {"fault": "geen plan"}),
    ]

    sites = tell_sweep(runs, "Dorp", {"kind": "list"}).sites

    # the run without a plan chose nothing, and does not count
    assert sites[["x_m", "runs"]].to_numpy().tolist() == [[0, 3], [100, 1], [200, 1]]
    assert sites["share"].tolist() == pytest.approx([1.0, 1 / 3, 1 / 3])
    assert sites["capital_eur"].tolist() == [100.0, 100.0, 100.0]
