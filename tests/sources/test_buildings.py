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


def test_buildings__are_polygons(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="polygons"):
        read_buildings(write(tmp_path, [2], [Point(LEFT, 450_000)]), SETTINGS)
