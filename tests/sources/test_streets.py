"""Streets: every figure must be there, for a street without one would be silent and clean."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, MultiLineString, Point

from evenground.config import StreetDensitySettings, StreetLineSettings
from evenground.errors import DataError
from evenground.sources.streets import read_streets

from .made import BOTTOM, LEFT, ORIGIN, squares

LINES = StreetLineSettings(kind="lines", file="a.gpkg", quality="measured", **ORIGIN)
AREAS = StreetDensitySettings(
    kind="density", file="a.gpkg", quality="coarse", length_column="meters", **ORIGIN
)
FAR = LEFT + 50.0


def streets(**columns: object) -> gpd.GeoDataFrame:
    usual = {"speed_kmh": [50.0, 30.0], "flow_veh_day": [8000.0, 0.0], "surface": ["dab", "dab"]}
    shapes = [LineString([(LEFT, BOTTOM + k), (FAR, BOTTOM + k)]) for k in (0, 10)]
    return gpd.GeoDataFrame(usual | columns, geometry=shapes, crs=28992)


def refusal(path: Path, settings: StreetLineSettings | StreetDensitySettings) -> str:
    with pytest.raises(DataError) as caught:
        read_streets(path, settings)
    return str(caught.value)


@pytest.fixture
def gpkg(tmp_path: Path) -> Path:
    return tmp_path / "a.gpkg"


def test_lines__keep_their_figures_and_an_unknown_width(gpkg: Path) -> None:
    streets(width_m=[6.0, np.nan], other="x").to_file(gpkg)

    read, remarks = read_streets(gpkg, LINES)

    assert set(read.columns) == {"geometry", "speed_kmh", "flow_veh_day", "surface", "width_m"}
    assert read["flow_veh_day"].tolist() == [8000.0, 0.0]
    np.testing.assert_array_equal(read["width_m"], [6.0, np.nan])
    assert remarks == []


def test_lines__are_parted_and_those_without_length_left_out(gpkg: Path) -> None:
    frame = streets()
    frame.loc[0, "geometry"] = MultiLineString(
        [[(LEFT, BOTTOM), (FAR, BOTTOM)], [(LEFT, BOTTOM + 5), (FAR, BOTTOM + 5)]]
    )
    frame.loc[1, "geometry"] = LineString([(LEFT, BOTTOM), (LEFT, BOTTOM)])
    frame.to_file(gpkg)

    read, remarks = read_streets(gpkg, LINES)

    assert read["speed_kmh"].tolist() == [50.0, 50.0]
    assert remarks == ["a.gpkg: 1 straat zonder lengte telt niet mee."]


@pytest.mark.parametrize(
    ("column", "value", "cure"),
    [
        ("speed_kmh", None, "row 2: nan"),
        ("speed_kmh", 0.0, "expected above 0, at most 130"),
        ("speed_kmh", -1.0, "row 2: -1"),
        ("speed_kmh", 300.0, "Fill in a number for every street"),
        ("flow_veh_day", None, "row 2: nan"),
        ("flow_veh_day", -5.0, "expected 0 or more"),
        ("flow_veh_day", np.inf, "row 2: inf"),
        ("width_m", -9999.0, "row 2: -9999"),
        ("surface", "asphalt", "holds unknown surfaces 'asphalt'. Use one of dab"),
        ("surface", None, "holds unknown surfaces ''"),
    ],
)
def test_impossible_figures_of_lines__are_refused(
    gpkg: Path, column: str, value: object, cure: str
) -> None:
    good = "dab" if column == "surface" else 30.0

    streets(**{column: [good, value]}).to_file(gpkg)
    told = refusal(gpkg, LINES)

    assert told.startswith(f"a.gpkg, column {column}: ")
    assert cure in told


def test_words_as_figures__are_refused(gpkg: Path) -> None:
    streets(speed_kmh=["50", "vijftig"]).to_file(gpkg)

    assert "row 2: vijftig" in refusal(gpkg, LINES)


def test_missing_columns__are_named_with_the_nearest(gpkg: Path) -> None:
    streets().rename(columns={"speed_kmh": "maxspeed"}).to_file(gpkg)

    assert "column speed_kmh: is not there" in (told := refusal(gpkg, LINES))
    assert "the nearest are" in told
    assert "maxspeed" in told


def test_points_and_polygons__are_no_streets(gpkg: Path) -> None:
    frame = streets()
    frame.loc[1, "geometry"] = Point(LEFT, BOTTOM)
    frame.to_file(gpkg)

    assert "a.gpkg, row 2: is Point, expected lines" in refusal(gpkg, LINES)


def test_density__keeps_metres_by_area(gpkg: Path) -> None:
    squares(meters=[100.0, 0.0, 30.5]).to_file(gpkg)

    read, _ = read_streets(gpkg, AREAS)

    assert read["street_m"].tolist() == [100.0, 0.0, 30.5]
    assert list(read.columns) == ["geometry", "street_m"]


@pytest.mark.parametrize(
    ("columns", "cure"),
    [
        ({"meters": [1.0, None, 2.0]}, "column meters: is missing or impossible (row 2: nan)"),
        ({"meters": [1.0, -3.0, 2.0]}, "row 2: -3"),
        ({"metres": [1.0, 3.0, 2.0]}, "column meters: is not there"),
    ],
)
def test_impossible_density__is_refused(gpkg: Path, columns: dict[str, object], cure: str) -> None:
    squares(**columns).to_file(gpkg)

    assert cure in refusal(gpkg, AREAS)
