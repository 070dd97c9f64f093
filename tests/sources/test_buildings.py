"""Buildings of a case, and their roofs and facades by hand."""

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely import Point, box

from evenground.config import BuildingSettings
from evenground.errors import DataError
from evenground.sources.buildings import read_buildings
from evenground.study.buildings import build_buildings

from .made import LEFT, ORIGIN

SETTINGS = BuildingSettings.model_validate(
    {"file": "gebouwen.gpkg", "quality": "measured", **ORIGIN}
)


def write(folder: Path, storeys: list[object], shapes: list[object]) -> Path:
    path = folder / "gebouwen.gpkg"
    frame = gpd.GeoDataFrame({"bouwlagen": storeys}, geometry=shapes, crs=28992)
    pyogrio.write_dataframe(frame, path, layer="gebouwen")
    return path


def test_buildings__have_roofs_and_facades_along_the_street(tmp_path: Path) -> None:
    shapes = [box(LEFT, 450_000, LEFT + 20, 450_010), box(LEFT, 450_020, LEFT + 10, 450_030)]

    found = build_buildings(read_buildings(write(tmp_path, [2, 5], shapes), SETTINGS)[0])

    assert found.roof_m2.tolist() == [200.0, 100.0]
    # outlines of 60 and 40 m, a quarter along the street, 6 and 15 m high
    assert found.facade_m2.tolist() == [90.0, 150.0]
    assert (found.x[0], found.y[0]) == (LEFT + 10.0, 450_005.0)


def test_buildings__are_none_without_a_map() -> None:
    assert build_buildings(None).roof_m2.size == 0


@pytest.mark.parametrize(
    ("storeys", "settings", "told"),
    [
        (
            [0, 3],
            SETTINGS,
            "column bouwlagen: is missing or impossible (row 1: 0), expected above 0",
        ),
        ([None, 3], SETTINGS, "Fill in the storeys of every building."),
        (
            [2, 3],
            SETTINGS.model_copy(update={"storeys_column": "lagen"}),
            "column lagen: is not there. Set storeys_column in [buildings]",
        ),
    ],
)
def test_buildings__without_storeys_are_refused(
    tmp_path: Path, storeys: list[object], settings: BuildingSettings, told: str
) -> None:
    shapes = [box(LEFT, 450_000, LEFT + 9, 450_009), box(LEFT, 450_020, LEFT + 9, 450_029)]

    with pytest.raises(DataError) as caught:
        read_buildings(write(tmp_path, storeys, shapes), settings)

    assert told in str(caught.value)


def write_bag(folder: Path, **columns: object) -> Path:
    path = folder / "gebouwen.gpkg"
    path.unlink(missing_ok=True)
    shapes = [box(LEFT + 20 * k, 450_000, LEFT + 20 * k + 10, 450_010) for k in range(3)]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=28992)
    pyogrio.write_dataframe(frame, path, layer="gebouwen")
    return path


def test_storeys__are_estimated_from_the_3d_bag_and_it_is_said(tmp_path: Path) -> None:
    # roofs 8.8, 1.1 and 31 m above ground that lies below NAP
    path = write_bag(tmp_path, b3_h_70p=[7.3, -0.4, 29.5], b3_h_maaiveld=[-1.5, -1.5, -1.5])

    found, remarks = read_buildings(path, SETTINGS)

    assert found["storeys"].tolist() == [3.0, 1.0, 10.0]
    (text,) = remarks
    assert "van 3 gebouwen is het aantal bouwlagen geschat uit de hoogte (3D BAG)" in text
    assert text.endswith("3 meter per laag (aanname).")


def test_storeys__are_estimated_only_where_they_are_lacking(tmp_path: Path) -> None:
    path = write_bag(tmp_path, bouwlagen=[5, None, None], gebruiksoppervlak=[80, 390, 20])

    found, remarks = read_buildings(path, SETTINGS)

    # 390 m2 on an outline of 100 m2; never less than one
    assert found["storeys"].tolist() == [5.0, 4.0, 1.0]
    assert "van 2 gebouwen" in remarks[0]
    assert "gebruiksoppervlak en omtrek (aanname)" in remarks[0]


def test_buildings__of_the_bag_stand_by_their_status(tmp_path: Path) -> None:
    path = write_bag(
        tmp_path,
        bouwlagen=[2, 3, 4],
        bouwjaar=[1930, 1931, 2031],
        status=["Pand in gebruik", "Pand gesloopt", "Bouwvergunning verleend"],
    )

    found, remarks = read_buildings(path, SETTINGS)

    assert found["storeys"].tolist() == [2.0]
    (text,) = remarks
    assert text.startswith("gebouwen.gpkg: niet meegeteld, want vervallen, gesloopt, ")
    assert text.endswith("ingetrokken of nog niet gebouwd: 2 gebouwen.")


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"bouwjaar": [1930] * 3}, "Or bring b3_h_70p and b3_h_maaiveld of the 3D BAG"),
        (
            {"b3_h_70p": [9, -9999, 9], "b3_h_maaiveld": [0, 0, 0]},
            "is missing or impossible (row 2",
        ),
        ({"bouwlagen": [1, 1, 1], "identificatie": [7, 7, 8]}, "names 1 objects more than once"),
        ({"bouwlagen": [1, 1, 1], "status": ["Niet gerealiseerd pand"] * 3}, "no building that st"),
        ({"bouwlagen": [1, 1, 1], "status": ["bewoond"] * 3}, "statuses that are not known"),
    ],
)
def test_buildings__of_the_bag_that_cannot_be_used_are_refused(
    tmp_path: Path, columns: dict[str, object], told: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_buildings(write_bag(tmp_path, **columns), SETTINGS)

    assert told in str(caught.value)


def test_buildings__are_polygons(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="polygons"):
        read_buildings(write(tmp_path, [2], [Point(LEFT, 450_000)]), SETTINGS)
