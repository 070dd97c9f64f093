"""Plans to compare with and the price of fairness: in the files and the report of a run."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from evenground.outputs.report import contents, write_report
from evenground.pipeline import write_baselines
from evenground.results import Run

pytestmark = pytest.mark.jit


def test_files__are_those_of_a_proposal(small_run: Run, tmp_path: Path) -> None:
    write_baselines(small_run, tmp_path / "baselines")

    for baseline in small_run.baselines:
        place = tmp_path / "baselines" / baseline.id
        works = gpd.read_file(place / f"{baseline.id}.gpkg", layer="maatregelen")
        table = pd.read_csv(place / "maatregelen.csv", sep=";", decimal=",", encoding="utf-8-sig")
        capital = baseline.assessment.scores["capital"]
        assert works["aanleg_euro"].sum() == pytest.approx(capital)
        assert table["aanleg_euro"].sum() == pytest.approx(capital)
    price = pd.read_csv(tmp_path / "baselines" / "price_of_fairness.csv")
    plans = [*small_run.proposals, *small_run.baselines]
    assert price["plan"].tolist() == [plan.id for plan in plans]


def test_report__shows_them_beside_the_proposals(small_run: Run, tmp_path: Path) -> None:
    write_report(small_run, tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")

    for baseline in small_run.baselines:
        assert f"ter vergelijking: {baseline.name}" in text
        assert baseline.reason in text
    told = contents(small_run)
    assert [b["name"] for b in told["baselines"]] == [b.name for b in small_run.baselines]
    rows = [row["name"] for row in told["baselines"][0]["rows"]]
    assert rows == [row["name"] for row in told["proposals"][0]["rows"]]


def test_report__prices_fairness_against_the_healthiest(small_run: Run, tmp_path: Path) -> None:
    told = contents(small_run)["fairness"]

    won = [row["won_daly"] for row in told["rows"] if row["kind"] == "proposal"]
    assert told["healthiest"]["won_daly"] == max(won)
    assert told["healthiest"]["given_up_daly"] == 0.0
    for row in told["fairer"]:
        assert row["given_up_daly"] > 0.0
        assert max(row["gap_closed_beyond"], row["ses_gap_closed_beyond"]) > 0.0
    assert not told["no_harm"]

    search = small_run.settings.search.model_copy(update={"no_harm": True})
    strict = small_run.settings.model_copy(update={"search": search})
    write_report(replace(small_run, settings=strict), tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "geldt niet voor deze plannen" in text


def test_report__without_proposals_prices_nothing(small_run: Run) -> None:
    assert contents(replace(small_run, proposals=()))["fairness"] is None
