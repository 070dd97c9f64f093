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
        ("surface", "zeil", "holds unknown surfaces 'zeil'. Use one of dab"),
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
    streets().rename(columns={"speed_kmh": "speed_ms"}).to_file(gpkg)

    assert "column speed_kmh: is not there" in (told := refusal(gpkg, LINES))
    assert "the nearest are" in told
    assert "speed_ms" in told


def test_figures__are_found_under_dutch_names(gpkg: Path) -> None:
    theirs = {"speed_kmh": "MaximumSnelheid", "flow_veh_day": "etmaalintensiteit"}
    other = {"surface": ["Elementenverharding in keperverband", "klinkers"]}
    streets(**other).rename(columns=theirs | {"surface": "wegdek"}).to_file(gpkg)

    read, remarks = read_streets(gpkg, LINES)

    assert read["speed_kmh"].tolist() == [50.0, 30.0]
    assert read["flow_veh_day"].tolist() == [8000.0, 0.0]
    assert read["surface"].tolist() == ["brick_herringbone", "brick_herringbone"]
    assert "a.gpkg: de snelheid komt uit de kolom MaximumSnelheid." in remarks
    # the pattern of the second is not told
    assert remarks[-1] == "a.gpkg: gelezen als wegdek: klinkers als brick_herringbone (aanname)."


def test_absent_figures__are_stood_in_for_by_class_and_it_is_said(gpkg: Path) -> None:
    frame = streets(
        wegcategorie=["Gebiedsontsluitingsweg", "ETW 30"],
        speed_kmh=[None, 40.0],
        flow_veh_day=[7000.0, None],
    )
    frame.drop(columns="surface").to_file(gpkg)

    read, remarks = read_streets(gpkg, LINES)

    assert read["speed_kmh"].tolist() == [50.0, 40.0]
    assert read["flow_veh_day"].tolist() == [7000.0, 800.0]
    assert read["surface"].tolist() == ["dab", "brick_herringbone"]
    assert remarks == [
        "a.gpkg: van 1 straat is de snelheid geschat uit de wegklasse (aanname).",
        "a.gpkg: van 1 straat is het verkeer geschat uit de wegklasse (aanname).",
        "a.gpkg: van 2 straten is het wegdek geschat uit de wegklasse (aanname).",
    ]


@pytest.mark.parametrize(
    ("columns", "cure"),
    [
        ({"speed_kmh": [300.0, None]}, "column speed_kmh: is missing or impossible (row 1: 300"),
        ({"speed_kmh": [-9999.0, None]}, "row 1: -9999"),
        ({"flow_veh_day": [-1.0, None]}, "row 1: -1"),
        ({"flow_veh_day": [None, "veel"]}, "row 2: veel"),
        ({"flow_veh_day": None, "highway": ["residential", "raceway"]}, "('raceway': 1)"),
    ],
)
def test_impossible_figures__are_never_stood_in_for(
    gpkg: Path, columns: dict[str, object], cure: str
) -> None:
    streets(**({"highway": ["residential", "primary"]} | columns)).to_file(gpkg)

    assert cure in refusal(gpkg, LINES)


def test_paths__carry_no_traffic_unless_it_is_told(gpkg: Path) -> None:
    frame = streets(highway=["footway", "residential"], flow_veh_day=[None, 500.0])
    frame.to_file(gpkg)
    read, remarks = read_streets(gpkg, LINES)
    assert read["flow_veh_day"].tolist() == [500.0]
    assert remarks == ["a.gpkg: niet meegeteld: 1 pad zonder autoverkeer."]

    streets(highway=["footway", "residential"], flow_veh_day=[20.0, 500.0]).to_file(gpkg)
    assert read_streets(gpkg, LINES)[0]["flow_veh_day"].tolist() == [20.0, 500.0]

    streets(highway="footway", flow_veh_day=None).to_file(gpkg)
    assert "holds no street with motor traffic" in refusal(gpkg, LINES)


def test_own_classes__are_told_in_the_case(gpkg: Path) -> None:
    streets(soort=["A", "B"], flow_veh_day=None).to_file(gpkg)
    own = {"A": "primary", "B": "erftoegangsweg"}
    asked = LINES.model_copy(update={"class_column": "soort", "classes": own})

    assert read_streets(gpkg, asked)[0]["flow_veh_day"].tolist() == [15000.0, 800.0]
    wrong = asked.model_copy(update={"classes": {"A": "snelweg"}})
    assert "streets.classes: snelweg is no class that we know" in refusal(gpkg, wrong)
    absent = LINES.model_copy(update={"class_column": "klas"})
    assert "Set class_column in [streets]" in refusal(gpkg, absent)


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
