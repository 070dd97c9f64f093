"""Traffic that moves in the report, in the GeoPackage and as CSV."""

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from evenground.interventions import list_moves
from evenground.outputs.gis import write_geopackage
from evenground.outputs.report import write_report
from evenground.pipeline import Model
from evenground.pipeline.writing import write_traffic
from evenground.results import Run, Traffic, list_works, tell_traffic
from evenground.results.numbers import number

pytestmark = pytest.mark.jit


@pytest.fixture(scope="module")
def closing(small_model: Model, small_run: Run) -> Run:
    """Make the first proposal close every local street that may be closed."""
    problem, options, study = small_model.problem, small_model.options, small_model.study
    car_free = options.interventions.index[options.intervention] == "car_free"
    plan = np.where(car_free, options.most, 0).astype(np.int16)
    moves = list_moves(study, options, small_model.settings.interventions)
    first = small_run.proposals[0]
    plans = {proposal.id: problem.empty for proposal in small_run.proposals} | {first.id: plan}
    traffic = tell_traffic(problem, study, plans, moves,
                           response=small_model.response, dose=small_model.health.dose)  # fmt: skip
    works = list_works(options, study, plan)
    proposals = (replace(first, plan=plan, works=works), *small_run.proposals[1:])
    return replace(small_run, proposals=proposals, traffic=traffic)


def told(run: Run) -> Traffic:
    assert run.traffic is not None
    return run.traffic.of(run.proposals[0].id)


def section(run: Run, path: Path) -> str:
    write_report(run, path)
    found = re.search(r'<section id="verkeer">.*?</section>', path.read_text("utf-8"), re.DOTALL)
    return "" if found is None else found.group()


def test_report__shows_gain_and_harm_side_by_side(closing: Run, tmp_path: Path) -> None:
    text = section(closing, tmp_path / "report.html")
    row = told(closing).totals.iloc[0]

    assert row["harm_daly"] > 0.0
    assert row["gain_daly"] > 0.0
    assert "Verkeer dat zich verplaatst" in text
    for name in ("kept_out_vkm", "vanished_vkm", "moved_vkm"):
        assert f'<td class="n">{number(row[name])}</td>' in text
    for words in ("Winst waar verkeer weggaat", "Schade waar verkeer naartoe gaat"):
        assert words in text
    # only the proposal that moves traffic has a column
    assert text.count("<details") == 1


def test_report__names_the_neighbourhoods_with_most_harm(closing: Run, tmp_path: Path) -> None:
    text = section(closing, tmp_path / "report.html")
    worst = told(closing).neighbourhoods

    assert (np.diff(worst["harm_daly"].dropna()) <= 0.0).all()
    assert (worst["harm_daly"].dropna() >= 0.0).all()
    assert (worst["gain_daly"].dropna() >= 0.0).all()
    assert f'<th scope="row">{worst["name"].iloc[0]}</th>' in text


def test_report__is_silent_where_nothing_moves(small_run: Run, tmp_path: Path) -> None:
    assert section(replace(small_run, traffic=None), tmp_path / "report.html") == ""


def test_report__escapes_names(closing: Run, tmp_path: Path) -> None:
    traffic = closing.traffic
    assert traffic is not None
    hostile = replace(
        traffic,
        places=traffic.places.assign(name="<script>alert(1)</script>"),
        neighbourhoods=traffic.neighbourhoods.assign(name="<b>x</b>"),
    )

    text = section(replace(closing, traffic=hostile), tmp_path / "report.html")

    assert "<script>" not in text
    assert "<b>x</b>" not in text


def test_geopackage__has_a_layer_of_streets_that_change(closing: Run, tmp_path: Path) -> None:
    path = tmp_path / "v.gpkg"
    write_geopackage(closing, closing.proposals[0], path)

    layer = gpd.read_file(path, layer="verkeer")
    places = told(closing).places

    assert len(layer) == len(places) > 0
    assert (layer.geometry.area == closing.study.site_m**2).all()
    np.testing.assert_allclose(layer["verschil"], layer["erbij"] - layer["eraf"])
    assert layer["erbij"].sum() == pytest.approx(told(closing).totals["moved_vkm"].iloc[0])
    assert "verkeer" in set(gpd.read_file(path, layer="layer_styles")["f_table_name"])


def test_geopackage__has_no_such_layer_where_nothing_moves(closing: Run, tmp_path: Path) -> None:
    write_geopackage(closing, closing.proposals[1], tmp_path / "v.gpkg")

    assert "verkeer" not in set(gpd.list_layers(tmp_path / "v.gpkg")["name"])


def test_csv__holds_every_table(closing: Run, tmp_path: Path) -> None:
    assert closing.traffic is not None
    write_traffic(closing.traffic, tmp_path / "traffic")

    found = {path.stem: len(pd.read_csv(path)) for path in (tmp_path / "traffic").iterdir()}

    assert found == {
        "totals": len(closing.proposals),
        "places": len(closing.traffic.places),
        "neighbourhoods": len(closing.traffic.neighbourhoods),
    }


def test_neighbourhoods__of_few_people_are_not_told(closing: Run) -> None:
    table = told(closing).neighbourhoods
    people = closing.study.group_residents.sum(axis=0)
    small = closing.study.neighbourhoods.loc[people < 10, "code"]

    assert table.loc[table["code"].isin(small), ["harm_daly", "louder"]].isna().all(axis=None)
    assert not table["louder"].between(0.0, 10.0, inclusive="neither").any()
