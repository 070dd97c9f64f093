"""A whole case on surfaces, trees, dwellings and buildings, worked out with a calculator.

The city of ``hand_city``: 3 x 4 cells of 100 m. Surfaces and trees take the place of its maps.

    green     green   green   green        grass
    path      path    road    path         a main street through the middle
    yard      parking water   house
"""

import tomllib
from pathlib import Path

import geopandas as gpd
import hand_city
import numpy as np
import pyogrio
import pytest
import tomli_w
from shapely import Point, box

from evenground.config import RunSettings, TreeSettings, read_settings
from evenground.errors import DataError
from evenground.exposure import describe
from evenground.interventions import build_options, read_catalogue
from evenground.interventions.sites import site_ground
from evenground.judge import judge_case
from evenground.sources import read_sources
from evenground.study import StudyArea, build_study, opportunities

LEFT, TOP = hand_city.LEFT, hand_city.TOP
ORIGIN = {"year": 2024, "source": "by hand", "licence": "CC0"}
ROAD = ("functie", "fysiek_voorkomen")
CELLS = {
    "begroeidterreindeel": [((0, k), ("", "grasland overig")) for k in range(4)],
    "wegdeel": [
        ((1, 0), ("voetpad", "open verharding")),
        ((1, 1), ("voetpad", "open verharding")),
        ((1, 2), ("rijbaan lokale weg", "gesloten verharding")),
        ((1, 3), ("voetpad", "open verharding")),
        ((2, 1), ("parkeervlak", "open verharding")),
    ],
    "onbegroeidterreindeel": [((2, 0), ("", "erf"))],
    "waterdeel": [((2, 2), ("", "watervlakte"))],
    "pand": [((2, 3), ("", ""))],
}
TREES = [(50.0, 155.0), (60.0, 145.0), (70.0, 105.0), (350.0, 50.0)]
"""Two along the main street in the first cell of its row, one 45 m from it, one in the grass."""


def cell(row: int, col: int) -> object:
    left, top = LEFT + 100 * col, TOP - 100 * row
    return box(left, top - 100, left + 100, top)


def write(folder: Path, **change: object) -> RunSettings:
    """Write the case, and return its settings; sections may be replaced, or taken out by None."""
    path = hand_city.write_city(folder)
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    for name in ("green", "water", "paved_public", "paved_private", "weight"):
        del case["layers"][name]
    for kind, parts in CELLS.items():
        columns = {ROAD[0]: [use for _, (use, _) in parts], ROAD[1]: [top for _, (_, top) in parts]}
        shapes = [cell(*at) for at, _ in parts]
        columns["relatieve_hoogteligging"] = [0] * len(parts)
        write_layer(folder, kind, shapes, columns)
    write_layer(
        folder, "bomen", [Point(LEFT + x, TOP - y) for x, y in TREES], {"KROONOMVANG": 10.0}
    )
    homes = [Point(LEFT + x, TOP - 50) for x in (50, 50, 350)]
    write_layer(folder, "vbo", homes, {"gebruiksdoel": "woonfunctie"})
    write_layer(folder, "pand_bag", [cell(2, 3)], {"bouwlagen": [2]})
    files = [{"file": f"{kind}.gpkg", **ORIGIN} for kind in CELLS]
    case["surfaces"] = {"quality": "fictional", "files": files}
    for name, file in (("trees", "bomen"), ("dwellings", "vbo"), ("buildings", "pand_bag")):
        case[name] = {"file": f"{file}.gpkg", "quality": "fictional", **ORIGIN}
    case |= change
    path.write_text(
        tomli_w.dumps({key: value for key, value in case.items() if value is not None}), "utf-8"
    )
    return read_settings(path)


def write_layer(folder: Path, name: str, shapes: list[object], columns: dict[str, object]) -> None:
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=28992, index=range(len(shapes)))
    pyogrio.write_dataframe(frame, folder / f"{name}.gpkg", layer=name)


def study_of(settings: RunSettings, folder: Path) -> StudyArea:
    return build_study(read_sources(settings, folder), settings)


def test_capacity__follows_the_function_of_surfaces(tmp_path: Path) -> None:
    settings = write(tmp_path)
    study = study_of(settings, tmp_path)

    ground = site_ground(study, settings.interventions)

    # a fifth of each footpath, three tenths of the parking, nothing of the carriageway
    public = [0, 0, 0, 0, 2000, 2000, 0, 2000, 0, 3000, 0, 0]
    np.testing.assert_allclose(ground["public"], public, atol=0.01)
    # half of the yard is paved; .6 of that can be lifted by .3 of the owners
    own = 0.6 * 0.3 * 5000.0
    np.testing.assert_allclose(
        ground["paving"] - ground["public"], [0] * 8 + [own, 0, 0, 0], atol=0.01
    )


def test_trees__that_stand_take_places_along_the_street(tmp_path: Path) -> None:
    with_trees = write(tmp_path)
    without = with_trees.model_copy(update={"trees": None})
    most = {}
    for name, settings in (("with", with_trees), ("without", without)):
        study = study_of(settings, tmp_path)
        catalogue = read_catalogue(settings.interventions, price_year=2024)
        options = build_options(study, catalogue, settings.interventions)
        names = options.interventions.index.to_numpy(str)[options.intervention]
        chosen = names == "street_tree"
        most[name] = dict(zip(options.site[chosen], options.most[chosen], strict=True))

    # room in each cell of the main street: floor(.3 x 100 / 9) = 3; two trees leave 1.33
    assert most["without"][4] == 3
    assert most["with"][4] == 1
    assert most["with"][5] == most["without"][5] == 3


def test_crowns__are_green_over_paving_and_not_over_grass(tmp_path: Path) -> None:
    study = study_of(write(tmp_path), tmp_path)

    crown = np.pi * 25.0 / 10_000.0
    assert study.ground.green[1, 0] == pytest.approx(1.0 - (1.0 - crown) ** 3, rel=1e-4)
    assert study.ground.green[0, 3] == pytest.approx(1.0)
    assert study.ground.green[2, 0] == pytest.approx(0.5)


def test_green__names_the_surfaces_as_its_source(tmp_path: Path) -> None:
    found = describe("green", read_sources(write(tmp_path), tmp_path))

    assert (found["quality"], found["year"], found["source"]) == ("fictional", "2024", "by hand")


def test_residents__live_where_dwellings_are(tmp_path: Path) -> None:
    study = study_of(write(tmp_path), tmp_path)

    # A has its two dwellings in one cell, B its one, C has none and spreads over its land
    at = list(zip(study.receptors.row, study.receptors.col, strict=True))
    people = dict(zip(at, study.receptors.residents, strict=True))
    assert people[0, 0] == pytest.approx(200.0)
    assert people[0, 3] == pytest.approx(600.0)
    assert people[2, 2] == people[2, 3] == pytest.approx(100.0)
    assert any(
        "In 1 buurt met 200 inwoners staat geen woning op de kaart" in r for r in study.remarks
    )


def test_opportunities__say_how_much_from_which_source_and_on_what_basis(tmp_path: Path) -> None:
    settings = write(tmp_path)
    study = study_of(settings, tmp_path)

    found = {each.ground: each for each in opportunities(study, settings)}

    amounts = {name: round(each.amount) for name, each in found.items()}
    crown = np.pi * 25.0 / 10_000.0
    canopy = 10_000.0 * (1.0 - (1.0 - crown) ** 3 + crown)
    assert amounts["water"] == 10_000
    assert amounts["paved_public"] == 50_000
    assert amounts["public"] == 9_000
    assert amounts["paved_private"] == 5_000
    assert amounts["canopy"] == pytest.approx(canopy, abs=0.6)
    assert amounts["street_trees"] == 2
    assert amounts["homes"] == 3
    assert (amounts["main_street"], amounts["local_street"]) == (400, 100)
    # .3 of the roof; a quarter of 400 m of wall, 6 m high
    assert (amounts["roof"], amounts["facade"]) == (3_000, 600)
    assert found["water"].basis == "kaart"
    assert found["public"].basis == "aanname"
    assert found["public"].source == "by hand, 2024"
    faults, remarks = judge_case(settings, tmp_path)
    assert faults == []
    assert (
        "Ruimte: openbare verharding die weg kan: 9.000 m² (aanname; by hand, 2024; deel per "
        "functie)."
    ) in remarks
    assert any("volgt uit de functie van elk vlak in de BGT" in remark for remark in remarks)


def test_surfaces__that_miss_part_of_the_city_are_refused_unless_it_is_said(tmp_path: Path) -> None:
    files = [{"file": f"{kind}.gpkg", **ORIGIN} for kind in CELLS if kind != "begroeidterreindeel"]
    some = {"quality": "fictional", "files": files}

    settings = write(tmp_path, surfaces=some)
    with pytest.raises(DataError, match=r"cover 50 % of one and too little of 2 inhabited"):
        study_of(settings, tmp_path)

    allowed = write(tmp_path, surfaces=some | {"allow_gaps": "alleen wegen"})
    assert np.isnan(study_of(allowed, tmp_path).ground.green[0]).all()


def test_town__with_its_register_of_trees_has_fewer_places_for_new_ones(small_case: Path) -> None:
    plain = read_settings(small_case)
    register = TreeSettings(file="bomen.gpkg", quality="fictional", **ORIGIN)
    planted = plain.model_copy(update={"trees": register})
    most = {}
    for name, settings in (("plain", plain), ("planted", planted)):
        study = study_of(settings, small_case.parent)
        catalogue = read_catalogue(settings.interventions, price_year=2024)
        options = build_options(study, catalogue, settings.interventions)
        chosen = options.interventions.index.to_numpy(str)[options.intervention] == "street_tree"
        most[name] = np.zeros(int(options.site.max()) + 1)
        most[name][options.site[chosen]] = options.most[chosen]
        if name == "planted":
            found = {each.ground: each.amount for each in opportunities(study, settings)}
            # its map of green holds the crowns already
            assert study.ground.origin["green"] == "layers"
            assert found["street_trees"] > 100

    size = min(map(len, most.values()))
    fewer = most["plain"][:size] - most["planted"][:size]
    assert (fewer >= 0.0).all()
    assert fewer.sum() > 0.0
