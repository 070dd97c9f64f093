"""The GeoPackage, the maps and the list of works, read back as a planner's GIS would."""

import csv
import re
import sqlite3
import xml.etree.ElementTree as ET
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from hostile import FORMULA_STARTS, FORMULAS

from evenground.names import LAYERS
from evenground.objectives.cumulative import GES_NL, ges_score
from evenground.outputs.gis import write_geopackage, write_map, write_works_csv
from evenground.outputs.gis.styles import difference_style, score_style
from evenground.pipeline import Model, change_maps, ges_maps
from evenground.results import Run
from evenground.study import Grid

PAIRS = ("ziektelast_per_1000", "stapeling", "geluid_db", "warmte_graden", "groen_procent")


@pytest.fixture(scope="module")
def packages(small_run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("gpkg")
    paths = {proposal.id: folder / f"{proposal.id}.gpkg" for proposal in small_run.proposals}
    for proposal in small_run.proposals:
        write_geopackage(small_run, proposal, paths[proposal.id])
    return paths


def test_geopackage__has_all_layers_in_dutch_coordinates(packages: dict[str, Path]) -> None:
    for path in packages.values():
        names = set(gpd.list_layers(path)["name"])
        assert {"maatregelen", "buurten", "leesmij", "layer_styles"} <= names
        for layer in ("maatregelen", "buurten"):
            frame = gpd.read_file(path, layer=layer)
            assert frame.crs.to_epsg() == 28992
            assert frame.geometry.is_valid.all()
            assert not frame.geometry.is_empty.any()


def test_geopackage__costs_what_the_proposal_costs(
    small_run: Run, packages: dict[str, Path]
) -> None:
    for proposal in small_run.proposals:
        works = gpd.read_file(packages[proposal.id], layer="maatregelen")
        scores = proposal.assessment.scores

        assert works["aanleg_euro"].sum() == pytest.approx(scores["capital"], rel=1e-12)
        assert works["jaarlijks_euro"].sum() == pytest.approx(scores["cost"], rel=1e-12)
        assert (works["hoeveelheid"] > 0).all()
        assert works["id"].is_unique
        assert scores["capital"] <= small_run.settings.search.budget_eur


def test_geopackage__difference_is_after_less_before(packages: dict[str, Path]) -> None:
    for path in packages.values():
        table = gpd.read_file(path, layer="buurten")
        for name in PAIRS:
            before, after = table[f"{name}_voor"], table[f"{name}_na"]
            np.testing.assert_allclose(table[f"{name}_verschil"], after - before, atol=1e-12)


def test_geopackage__burden_sums_to_the_score(small_run: Run, packages: dict[str, Path]) -> None:
    for proposal in small_run.proposals:
        table = gpd.read_file(packages[proposal.id], layer="buurten")
        for moment, assessment in (("voor", small_run.today), ("na", proposal.assessment)):
            total = (table[f"ziektelast_per_1000_{moment}"] * table["inwoners"]).sum() / 1000.0
            assert total == pytest.approx(assessment.scores["burden"], rel=1e-9)


def test_geopackage__registers_valid_default_styles(packages: dict[str, Path]) -> None:
    for path in packages.values():
        with sqlite3.connect(path) as connection:
            rows = connection.execute(
                "SELECT f_table_name, styleQML, useAsDefault FROM layer_styles"
            ).fetchall()
            registered = connection.execute(
                "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
            ).fetchone()
        connection.close()

        assert registered == ("attributes",)
        # a proposal that moves traffic has a layer of it
        moved = {"verkeer"} & set(gpd.list_layers(path)["name"])
        assert {row[0] for row in rows} == {"maatregelen", "buurten"} | moved
        defaults = [row[0] for row in rows if row[2] == 1]
        assert sorted(defaults) == ["buurten", "maatregelen", *moved]
        for layer, qml, _ in rows:
            tree = ET.fromstring(qml)  # noqa: S314 - our own text
            renderer = tree.find("renderer-v2")
            assert renderer is not None
            assert renderer.get("attr") in gpd.read_file(path, layer=layer).columns
            used = {item.get("symbol") for item in renderer.iter() if item.get("symbol")}
            assert used == {symbol.get("name") for symbol in renderer.iter("symbol")}


def test_geopackage__has_ges_scores_in_words_and_never_their_sum(
    small_run: Run, packages: dict[str, Path]
) -> None:
    proposal = small_run.proposals[0]
    table = gpd.read_file(packages[proposal.id], layer="buurten")
    noise = LAYERS.index("noise")

    for moment, plan in (("voor", small_run.today), ("na", proposal.assessment)):
        lived_in = table["inwoners"].to_numpy(float) > 0.0
        score = ges_score("Lden", plan.exposure[noise][lived_in])
        np.testing.assert_array_equal(table[f"ges_geluid_{moment}"][lived_in], score)
        words = [GES_NL[int(k)] for k in score]
        assert table[f"ges_geluid_{moment}_woord"][lived_in].tolist() == words
        count = (table[[f"ges_geluid_{moment}", f"ges_no2_{moment}"]] >= 6.0).sum(axis=1)
        np.testing.assert_array_equal(table[f"ges_onvoldoende_{moment}"][lived_in], count[lived_in])
    assert set(table["prioritair"]) == {"ja", "nee"}
    assert table["leefbaarometer_sociale_samenhang"].notna().any()


def test_score_style__has_the_nine_words_of_ggd() -> None:
    labels = re.findall(r'label="([^"]*)"', score_style("ges_geluid_na", GES_NL))

    assert labels[0] == "0 zeer goed"
    assert labels[6] == "6 onvoldoende"
    assert labels[8] == "8 zeer onvoldoende"


def test_ges_maps__hold_scores_where_people_live(small_model: Model, small_run: Run) -> None:
    people = small_model.study.receptors

    found = {name: values for name, values, _ in ges_maps(small_model, small_run)}

    assert set(found) == {"noise", "no2"}
    for values in found.values():
        assert np.isin(values[people.row, people.col], np.arange(9)).all()
        assert np.isnan(values).any()


def test_geopackage__says_in_plain_words_what_it_is(
    small_run: Run, packages: dict[str, Path]
) -> None:
    about = gpd.read_file(packages[small_run.proposals[0].id], layer="leesmij")
    text = dict(zip(about["onderwerp"], about["tekst"], strict=True))

    assert text["verzonnen"] == "ja"
    assert all("fictief" in text[f"laag_{info.name}"] for info in small_run.layers)
    assert about["tekst"].str.contains("aanname").any()


def test_geopackage__is_the_same_bytes_twice(
    small_run: Run, packages: dict[str, Path], tmp_path: Path
) -> None:
    proposal = small_run.proposals[0]

    write_geopackage(small_run, proposal, tmp_path / "again.gpkg")

    assert (tmp_path / "again.gpkg").read_bytes() == packages[proposal.id].read_bytes()


def test_geopackage__hides_fewer_than_ten_residents(tiny_run: Run, tmp_path: Path) -> None:
    write_geopackage(tiny_run, tiny_run.proposals[0], tmp_path / "tiny.gpkg")
    table = gpd.read_file(tmp_path / "tiny.gpkg", layer="buurten").set_index("buurtnaam")

    row = table.loc["Kleinbuurt"]
    assert np.isnan(row["inwoners"])
    assert row["reden"] == "minder dan 10 inwoners"
    assert row.filter(regex="_(voor|na|verschil)$").isna().all()


def test_outputs__take_hostile_names_as_plain_text(hostile_run: Run, tmp_path: Path) -> None:
    proposal = hostile_run.proposals[0]
    write_geopackage(hostile_run, proposal, tmp_path / "x.gpkg")
    write_works_csv(proposal, tmp_path / "x.csv")

    names = gpd.read_file(tmp_path / "x.gpkg", layer="buurten")["buurtnaam"].tolist()
    assert names == hostile_run.study.neighbourhoods["name"].tolist()
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream, delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
    table = pd.read_csv(tmp_path / "x.csv", sep=";", decimal=",", encoding="utf-8-sig")
    assert f"'{FORMULAS[0]}" in set(table["buurtnaam"])


def test_works_csv__sums_to_the_proposal(small_run: Run, tmp_path: Path) -> None:
    for proposal in small_run.proposals:
        path = tmp_path / f"{proposal.id}.csv"
        write_works_csv(proposal, path)
        table = pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig")

        assert table["aanleg_euro"].sum() == pytest.approx(proposal.assessment.scores["capital"])
        cost = proposal.assessment.scores["cost"]
        assert table["jaarlijks_euro"].sum() == pytest.approx(cost, abs=0.005 * len(table))
        assert set(table["sector"]) <= {"groen", "mobiliteit", "sociaal", "wonen", "water"}
        assert set(table["eigenaar"]) <= {
            "gemeente",
            "gemeente of bewoner",
            "gemeente of provincie",
        }


def test_change_maps__are_cogs_on_the_grid(
    small_model: Model, small_run: Run, tmp_path: Path
) -> None:
    grid = small_model.study.grid
    for info, values in change_maps(small_model, small_run, small_run.proposals[0]):
        path = tmp_path / f"{info.name}.tif"
        write_map(path, values, grid, {"unit": info.unit, "quality": info.quality})

        with rasterio.open(path) as found:
            assert found.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert found.crs.to_epsg() == 28992
            assert (found.shape, found.transform) == (grid.shape, grid.transform)
            assert np.isnan(found.nodata)
            assert found.tags()["quality"] == "fictief"
            np.testing.assert_array_equal(found.read(1), values)


def test_write_map__gives_a_large_map_overviews(tmp_path: Path) -> None:
    grid = Grid(10, 120_000, 487_000, (1200, 1200))
    write_map(tmp_path / "large.tif", np.zeros(grid.shape, np.float32), grid, {})

    with rasterio.open(tmp_path / "large.tif") as found:
        assert found.overviews(1) != []
        assert found.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_difference_style__has_dutch_round_labels_around_zero() -> None:
    qml = difference_style("verschil", np.array([-1.58, -0.7, -0.2, 0.0, 0.3, np.nan]))

    labels = re.findall(r'label="([^"]*)"', qml)
    assert labels[3] == "bijna gelijk"
    assert not any("." in label for label in labels)
    lower = [float(value) for value in re.findall(r'lower="([^"]*)"', qml)]
    upper = [float(value) for value in re.findall(r'upper="([^"]*)"', qml)]
    assert lower[1:] == upper[:-1]
    assert lower[0] <= -1.58
    assert upper[-1] >= 0.3


def test_geopackage__names_every_column_and_layer(packages: dict[str, Path]) -> None:
    for path in packages.values():
        with sqlite3.connect(path) as connection:
            told = connection.execute(
                "SELECT table_name, column_name, title FROM gpkg_data_columns"
            ).fetchall()
            layers = connection.execute("SELECT description FROM gpkg_contents").fetchall()
        connection.close()

        titles = {(layer, column): title for layer, column, title in told}
        assert all(text for (text,) in layers)
        for layer in set(gpd.list_layers(path)["name"]) - {"layer_styles"}:
            columns = set(gpd.read_file(path, layer=layer).columns) - {"geometry"}
            assert columns == {column for place, column in titles if place == layer}
        assert all(titles.values())
        assert titles["buurten", "geluid_db_verschil"].endswith("(Lden, dB), verschil")
        assert titles["buurten", "ges_geluid_na"] == "GES-score geluid, na dit voorstel"


def test_geopackage__tells_stacking_and_green_as_the_pages_do(
    small_run: Run, packages: dict[str, Path]
) -> None:
    from evenground.pages.places import levels  # noqa: PLC0415 - only here are pages compared

    for proposal in small_run.proposals:
        table = gpd.read_file(packages[proposal.id], layer="buurten")
        for moment, plan in (("voor", small_run.today), ("na", proposal.assessment)):
            page = levels(small_run.study, small_run.today, plan)
            for column, theme in (("stapeling", "stacking"), ("groen_procent", "green")):
                shown = np.isfinite(page[theme]) & table["beoordeeld"].eq("ja").to_numpy()
                np.testing.assert_allclose(
                    table[f"{column}_{moment}"][shown], page[theme][shown], rtol=1e-9
                )
                assert shown.any()
        people = table["inwoners"].to_numpy(float)
        mean = np.nansum(table["stapeling_voor"] * people) / people[people > 0.0].sum()
        assert mean == pytest.approx(100.0, rel=1e-6)
