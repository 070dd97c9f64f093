"""Places to play and meet: counted by point, or by area."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from evenground.config import FacilitySettings
from evenground.errors import DataError
from evenground.sources.facilities import read_facilities

from .made import BOTTOM, LEFT, ORIGIN

SETTINGS = FacilitySettings(file="a.gpkg", quality="measured", m2_per_place=5000.0, **ORIGIN)
HERE = Point(LEFT, BOTTOM)
PARK = box(LEFT, BOTTOM, LEFT + 100, BOTTOM + 100)


def written(folder: Path, *shapes: object) -> Path:
    gpd.GeoDataFrame(geometry=list(shapes), crs=28992).to_file(folder / "a.gpkg")
    return folder / "a.gpkg"


@pytest.mark.filterwarnings("ignore:Layer has mixed geometry:UserWarning")
def test_places__are_counted_by_point_or_by_area(tmp_path: Path) -> None:
    shapes = [HERE, MultiPoint([HERE, Point(LEFT + 9, BOTTOM)]), PARK, MultiPolygon([PARK])]

    read, remarks = read_facilities(written(tmp_path, *shapes), SETTINGS)

    assert read["places"].tolist() == [1.0, 2.0, 2.0, 2.0]
    assert remarks == []


@pytest.mark.parametrize(
    ("shape", "cure"),
    [
        (LineString([(LEFT, BOTTOM), (LEFT + 1, BOTTOM)]), "Bring points or polygons"),
        (None, "row 2: has no geometry"),
        (Polygon([(LEFT, BOTTOM), (LEFT + 9, BOTTOM + 9), (LEFT + 9, BOTTOM), (LEFT, BOTTOM + 9)]),
         "row 2: has an invalid outline"),
    ],
    ids=["line", "none", "bow tie"],
)  # fmt: skip
def test_what_is_no_place__is_refused(tmp_path: Path, shape: object, cure: str) -> None:
    path = written(tmp_path, PARK, shape)

    with pytest.raises(DataError) as caught:
        read_facilities(path, SETTINGS)

    assert cure in str(caught.value)
