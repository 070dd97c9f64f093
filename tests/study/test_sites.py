"""Partitions of a 3 x 4 city by hand: what belongs to which site, and what is left out."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import hand_city
import numpy as np
import pytest
import shapely

from evenground.config import RunSettings, parse_settings, read_settings
from evenground.errors import ConfigError, DataError
from evenground.sources import Sources, check_sources, read_sources
from evenground.study import Sites, StudyArea, build_study

# The city: four columns of 100 m, three rows of 100 m. A main street along the middle of the
# second row, a local street at the left of the third row.
LEFT, TOP = hand_city.LEFT, hand_city.TOP
ABOUT = {"year": 2024, "source": "by hand", "licence": "CC0"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hand_city.write_city(tmp_path_factory.mktemp("hand"))


def settings_of(city: Path, sites: dict[str, object], **grid: int) -> RunSettings:
    raw = read_settings(city).model_dump(exclude_none=True)
    raw["grid"] |= grid
    return parse_settings({**raw, "sites": sites}, "case.toml")


def study_of(city: Path, sites: dict[str, object]) -> StudyArea:
    settings = settings_of(city, sites)
    return build_study(read_sources(settings, city.parent), settings)


def write_polygons(city: Path, shapes: dict[str, shapely.Geometry]) -> dict[str, object]:
    """Write polygons beside the city, and return the settings that make them its sites."""
    table = {"nr": list(shapes), "naam": [f"project {code}" for code in shapes]}
    frame = gpd.GeoDataFrame(table, geometry=list(shapes.values()), crs="EPSG:28992")
    frame.to_file(city.parent / "vlakken.gpkg", layer="vlakken")
    polygons = {"file": "vlakken.gpkg", "code_column": "nr", "name_column": "naam", **ABOUT}
    return {"kind": "polygons", "polygons": polygons}


def test_squares__are_the_cells_of_the_raster_of_sites(city: Path) -> None:
    sites = study_of(city, {"kind": "squares"}).sites

    assert sites.cell.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert sites.parts.site.tolist() == sites.parts.square.tolist() == list(range(12))
    assert (sites.x[5], sites.y[5]) == (LEFT + 150.0, TOP - 150.0)
    assert sites.corner[5].tolist() == [LEFT + 100, TOP - 200]
    assert (sites.m2 == 10_000.0).all()


def test_streets__take_the_cells_within_reach(city: Path) -> None:
    # cells lie 0 m from the main street in the second row, 100 m in the first and third; the
    # local street runs through the middle of the first cell of the third row
    near = study_of(city, {"kind": "streets", "street_reach_m": 60.0}).sites
    far = study_of(city, {"kind": "streets", "street_reach_m": 100.0}).sites

    assert near.cell.tolist() == [[-1] * 4, [0] * 4, [1, -1, -1, -1]]
    # (2, 1) lies 100 m from both: of two alike the first
    assert far.cell.tolist() == [[0] * 4, [0] * 4, [1, 0, 0, 0]]


def test_streets__hold_their_own_pieces(city: Path) -> None:
    study = study_of(city, {"kind": "streets"})
    parts = study.sites.parts

    # four pieces of 100 m of the first line, one of the second
    assert parts.site[parts.of_piece].tolist() == [0, 0, 0, 0, 1]
    assert parts.square[parts.of_piece].tolist() == [4, 5, 6, 7, 8]
    assert study.sites.code.tolist() == ["1", "2"]
    shape = shapely.from_wkb(study.sites.outlines[0])
    assert shape.equals(shapely.box(LEFT, TOP - 200, LEFT + 400, TOP - 100))


def test_streets__tell_what_lies_out_of_reach(city: Path) -> None:
    remark = study_of(city, {"kind": "streets"}).remarks[-1]

    # seven of twelve cells of a hectare
    assert remark.startswith("Van het gebied ligt 7,0 van 12,0 hectare verder van een straat")


def test_neighbourhoods__are_those_of_the_case(city: Path) -> None:
    study = study_of(city, {"kind": "neighbourhoods"})
    sites = study.sites

    np.testing.assert_array_equal(sites.cell, study.zone.to_numpy())
    assert sites.code.tolist() == study.neighbourhoods["code"].tolist()
    assert sites.neighbourhood.tolist() == list(range(len(sites)))
    assert sites.outlines == study.outlines


def test_polygons__take_cells_of_which_they_cover_half(city: Path) -> None:
    shapes = {
        # all of the first cell and six tenths of the second
        "b": shapely.box(LEFT, TOP - 100, LEFT + 160, TOP),
        # four tenths of a cell only, and yet it gets that one
        "a": shapely.box(LEFT + 200, TOP - 140, LEFT + 300, TOP - 100),
        # four tenths of the last row, of which it gets none but the first, as the others are alike
        "c": shapely.box(LEFT, TOP - 300, LEFT + 400, TOP - 260),
    }
    study = study_of(city, write_polygons(city, shapes))
    sites = study.sites

    assert sites.code.tolist() == ["a", "b", "c"]
    assert sites.name.tolist() == ["project a", "project b", "project c"]
    assert sites.cell.tolist() == [[1, 1, -1, -1], [-1, -1, 0, -1], [2, -1, -1, -1]]
    # one piece of the main street lies in the cell of a, and the local street in that of c
    assert sites.parts.site[sites.parts.of_piece[[2, 4]]].tolist() == [0, 2]
    assert sites.parts.of_piece[[0, 1, 3]].tolist() == [-1, -1, -1]
    # eight cells on none, and 300 m of street
    assert study.remarks[-1] == (
        "Van het gebied ligt 8,0 van 12,0 hectare buiten de aangeleverde vlakken, met 300 meter "
        "straat; daar wordt niets gebouwd."
    )


def test_polygons__that_reach_beyond_the_grid_keep_what_lies_in_it(city: Path) -> None:
    shapes = {"a": shapely.box(LEFT - 5000, TOP - 100, LEFT + 5000, TOP + 5000)}

    sites = study_of(city, write_polygons(city, shapes)).sites

    assert sites.cell.tolist() == [[0] * 4, [-1] * 4, [-1] * 4]


def test_points__are_found_by_the_cell_in_which_they_lie(city: Path) -> None:
    study = study_of(city, {"kind": "streets"})

    found = study.sites.at(
        study.grid,
        np.array([LEFT + 399.0, LEFT + 1.0, LEFT + 101.0, LEFT - 1.0]),
        np.array([TOP - 101.0, TOP - 299.0, TOP - 299.0, TOP - 150.0]),
    )

    assert found.tolist() == [0, 1, -1, -1]


def test_points_on_sites__lie_on_them(city: Path) -> None:
    bow = shapely.box(LEFT, TOP - 300, LEFT + 400, TOP) - shapely.box(
        LEFT + 50, TOP - 250, LEFT + 400, TOP
    )
    middle: Sites = study_of(city, write_polygons(city, {"bocht": bow})).sites

    # its centroid lies outside it
    assert not bow.intersects(bow.centroid)
    assert bow.intersects(shapely.Point(middle.x[0], middle.y[0]))


OVERLAP = {
    "a": shapely.box(LEFT, TOP - 200, LEFT + 200, TOP),
    "b": shapely.box(LEFT + 100, TOP - 200, LEFT + 300, TOP),
}


def faults_of(city: Path, sites: dict[str, object]) -> list[str]:
    verdict = check_sources(settings_of(city, sites), city.parent)
    return [str(fault) for fault in verdict.faults]


def test_polygons__may_not_lie_over_one_another(city: Path) -> None:
    (fault,) = faults_of(city, write_polygons(city, OVERLAP))

    assert "a and b" in fault


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code_column": "nummer"}, r"Set code_column in \[sites.polygons\]; the nearest are nr"),
        ({"name_column": "buurt"}, r"Set name_column in \[sites.polygons\]"),
        ({"code_column": "zelfde"}, "Give every polygon a code of its own"),
        ({"code_column": "leeg"}, "Give every polygon a code"),
    ],
)
def test_polygons__need_columns_and_codes(
    city: Path, changes: dict[str, str], expected: str
) -> None:
    sites = write_polygons(city, OVERLAP)
    frame = gpd.read_file(city.parent / "vlakken.gpkg")
    frame.loc[1, "geometry"] = shapely.box(LEFT + 200, TOP - 200, LEFT + 300, TOP)
    frame = frame.assign(zelfde="x", leeg=["a", None])
    frame.to_file(city.parent / "vlakken.gpkg", layer="vlakken")
    polygons = {**sites["polygons"], **changes}  # type: ignore[dict-item]

    with pytest.raises(DataError, match=expected):
        read_sources(settings_of(city, {**sites, "polygons": polygons}), city.parent)


def test_polygons__elsewhere_are_refused(city: Path) -> None:
    far = {"a": shapely.box(LEFT + 9000, TOP, LEFT + 9100, TOP + 100)}

    (fault,) = faults_of(city, write_polygons(city, far))

    assert "Check that it is of this city" in fault


@pytest.mark.parametrize(
    ("sites", "expected"),
    [
        ({"kind": "polygons"}, "Add .sites.polygons"),
        (
            {"kind": "squares", "polygons": {"file": "x.gpkg", **ABOUT}},
            'Set kind = "polygons"',
        ),
        ({"kind": "wijken"}, "sites.kind"),
    ],
)
def test_settings__go_together(city: Path, sites: dict[str, object], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        settings_of(city, sites)


def test_settings__of_streets_need_street_lines(city: Path) -> None:
    raw = read_settings(city).model_dump(exclude_none=True)
    del raw["streets"]

    with pytest.raises(ConfigError, match=r"Bring them under \[streets\] with kind = \"lines\""):
        parse_settings({**raw, "sites": {"kind": "streets"}}, "case.toml")


def test_sites__without_streets_or_buildings_are_whole_all_the_same(city: Path) -> None:
    settings = settings_of(city, {"kind": "neighbourhoods"})
    sources: Sources = replace(read_sources(settings, city.parent), streets=None, buildings=None)

    parts = build_study(sources, settings).sites.parts

    assert parts.of_piece.size == parts.of_building.size == 0
    assert (parts.of_cell >= 0).all()
