"""All thirteen factors in the report and in the GeoPackage, with their state."""

import html
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from evenground.config import FactorSettings
from evenground.exposure.supplied import build_supplied
from evenground.names import NOISE
from evenground.optimise import Found
from evenground.outputs.gis import write_geopackage, write_map
from evenground.outputs.report import contents, write_report
from evenground.outputs.report.factors import factor_rows
from evenground.pipeline import Model, build_run, write_run
from evenground.results import Indicator, Run, indicators, list_factors


@pytest.fixture(scope="module")
def supplied_model(small_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Give the small town odour that rises from west to east, with a norm."""
    folder, study = tmp_path_factory.mktemp("supplied"), small_model.study
    rising = np.broadcast_to(np.linspace(0.0, 10.0, study.grid.shape[1]), study.grid.shape)
    write_map(folder / "geur.tif", rising.astype(np.float32), study.grid, {})
    odour = FactorSettings(
        file="geur.tif", year=2023, source="gemeente", licence="CC0", quality="modelled",
        unit="ouE m-3", range=(0.0, 20.0), worse="higher", norm=5.0, norm_source="gemeente",
    )  # fmt: skip
    settings = small_model.settings.model_copy(update={"factors": {"odour": odour}})
    grid = study.grid
    with rasterio.open(folder / "geur.tif") as source:
        values = source.read(1)
    raster = grid.array(values, "odour", "ouE m-3")
    raster.attrs |= {"cell_m": grid.cell_m, "left": grid.left, "top": grid.top}
    sources = replace(small_model.sources, factors={"odour": raster})
    supplied = build_supplied(study, sources, settings)
    return replace(small_model, settings=settings, sources=sources, supplied=supplied)


@pytest.fixture(scope="module")
def supplied_run(supplied_model: Model, small_found: Found) -> Run:
    return build_run(supplied_model, small_found)


def words(path: Path) -> str:
    """Text of the section on factors, without tags."""
    page = path.read_text(encoding="utf-8")
    section = page[page.index('<section id="factoren">') :]
    section = section[: section.index("</section>")]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", section).split()))


def test_factors__all_thirteen_are_listed_with_their_state(small_run: Run) -> None:
    states = {state.factor.id: state.state for state in small_run.factors}

    assert len(states) == 13
    modelled = {name for name, state in states.items() if state == "gemodelleerd"}
    assert modelled == {"air", "noise", "heat", "green_water", "exercise_friendly"}
    assert set(states.values()) == {"gemodelleerd", "niet gemodelleerd"}


def test_factors__that_are_absent_show_no_number_at_all(small_run: Run) -> None:
    rows = [row for row in factor_rows(small_run) if row["state"] == "niet gemodelleerd"]

    assert len(rows) == 8
    for row in rows:
        assert not any(row[key] for key in ("norm", "mean", "beyond", "known", "quality"))


def test_report__shows_every_factor_and_where_to_find_them(small_run: Run, tmp_path: Path) -> None:
    write_report(small_run, tmp_path / "report.html")

    text = words(tmp_path / "report.html")
    assert text.count("niet gemodelleerd") == 9  # eight rows, and the sentence that explains it
    assert "Zeer zorgwekkende stoffen" in text
    assert "Kaart van Geur" not in text
    assert 'href="#factoren"' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_report__maps_a_supplied_factor_and_counts_its_norm(
    supplied_run: Run, tmp_path: Path
) -> None:
    write_report(supplied_run, tmp_path / "report.html")

    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    text = words(tmp_path / "report.html")
    assert 'alt="Kaart van Geur per buurt.' in page
    assert "Geur aangeleverd" in text
    assert "hoogstens 5 ouE m-3 (gemeente)" in text
    chapter = contents(supplied_run)["stack"]["norms_supplied"]
    assert [row["name"] for row in chapter] == [f"{k} van 5" for k in range(6)]
    total = supplied_run.study.group_residents.sum()
    for k in range(1 + len(supplied_run.proposals)):
        assert sum(row["persons"][k] for row in chapter) == pytest.approx(total)
    assert text.count("niet gemodelleerd") == 8


def test_supplied_factor__changes_no_burden_and_no_score(supplied_run: Run, small_run: Run) -> None:
    np.testing.assert_array_equal(supplied_run.today.burden, small_run.today.burden)
    assert supplied_run.today.scores == small_run.today.scores


def test_indicator__of_a_layer_equals_its_residents(small_run: Run, small_model: Model) -> None:
    (noise,) = next(s for s in small_run.factors if s.factor.id == NOISE).indicators
    study, problem = small_model.study, small_model.problem
    level = problem.evaluator.exposure(problem.empty)[1].astype(float)
    people = study.receptors.residents

    assert noise.beyond_share == pytest.approx(people[level > 53.0].sum() / people.sum())
    assert noise.known_share == 1.0
    assert (noise.norm, noise.norm_source) == (53.0, "WHO 2018")


def test_distance_to_green__meets_its_norm_only_on_a_map_of_parks(
    small_run: Run, small_model: Model
) -> None:
    study, problem = small_model.study, small_model.problem
    exposure = problem.evaluator.exposure(problem.empty).astype(float)
    park = np.zeros(study.grid.shape)
    park[:8, :8] = 1.0  # 80 m by 80 m, 0.64 ha in the north-western corner

    def distance(park: np.ndarray | None) -> Indicator:
        states = list_factors(
            small_model.settings, study, small_run.layers, exposure, (), park=park
        )
        return next(s for s in states if s.factor.id == "green_water").indicators[1]

    everything, parks = distance(None), distance(park)

    assert np.isnan(everything.norm)
    assert "tuinen en bermen" in everything.title
    assert parks.norm == 300.0
    people = study.receptors
    away = np.hypot(np.maximum(people.row - 7, 0), np.maximum(people.col - 7, 0)) * 10.0
    assert parks.mean == pytest.approx(np.average(away, weights=people.residents))
    far = people.residents[away > 300.0].sum() / people.residents.sum()
    assert parks.beyond_share == pytest.approx(far)


def test_run__writes_a_map_and_columns_of_a_supplied_factor(
    supplied_model: Model, supplied_run: Run, tmp_path: Path
) -> None:
    write_run(supplied_model, replace(supplied_run, proposals=()), tmp_path)
    write_geopackage(supplied_run, supplied_run.proposals[0], tmp_path / "v.gpkg")

    with rasterio.open(tmp_path / "maps" / "odour_nu.tif") as source:
        assert source.tags()["unit"] == "ouE m-3"
    frame = gpd.read_file(tmp_path / "v.gpkg", layer="buurten")
    shown = frame["factor_odour"].notna()
    assert frame.loc[shown, "factor_odour"].between(0.0, 10.0).all()
    assert frame.loc[shown, "factor_odour_boven_norm"].between(0.0, 1.0).all()
    about = gpd.read_file(tmp_path / "v.gpkg", layer="leesmij")
    text = about.loc[about["onderwerp"] == "factor_odour", "tekst"].item()
    assert "telt niet mee in de ziektelast" in text


def test_indicators__give_each_factor_at_least_one_row(supplied_run: Run) -> None:
    # two for air, two for green, one for each of the other eleven
    assert sum(1 for _ in indicators(supplied_run.factors)) == 15
