"""Dwellings of the BAG: which stand, which are homes, and how many."""

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely import LineString, Point, box

from evenground.config import DwellingSettings
from evenground.errors import DataError
from evenground.sources.dwellings import read_dwellings

from .made import BOTTOM, LEFT, ORIGIN, write_case

SETTINGS = DwellingSettings.model_validate({"file": "vbo.gpkg", "quality": "measured", **ORIGIN})
OUTLINES = [box(LEFT + 20 * k, BOTTOM, LEFT + 20 * k + 10, BOTTOM + 10) for k in range(3)]


def write(folder: Path, shapes: list[object] | None = None, **columns: object) -> Path:
    usual = [Point(LEFT + k, BOTTOM) for k in range(3)]
    path = folder / "vbo.gpkg"
    path.unlink(missing_ok=True)
    frame = gpd.GeoDataFrame(columns, geometry=usual if shapes is None else shapes, crs=28992)
    pyogrio.write_dataframe(frame, path, layer="vbo")
    return path


def refusal(path: Path, settings: DwellingSettings = SETTINGS) -> str:
    with pytest.raises(DataError) as caught:
        read_dwellings(path, settings)
    return str(caught.value)


def test_points__are_homes_by_use_and_status(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        identificatie=["a", "b", "c"],
        gebruiksdoel=["woonfunctie", "winkelfunctie,woonfunctie", "kantoorfunctie"],
        status=[
            "Verblijfsobject in gebruik",
            "Verblijfsobject gevormd",
            "Verbouwing verblijfsobject",
        ],
    )

    found, remarks = read_dwellings(path, SETTINGS)

    assert found["dwellings"].tolist() == [1.0]
    assert len(remarks) == 2
    assert remarks[0].endswith("gesloopt, ingetrokken of nog niet gebouwd: 1 woning.")
    assert remarks[1] == "vbo.gpkg: niet meegeteld, want zonder woonfunctie: 1 object."


def test_versions__that_ended_are_history(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        identificatie=["a", "a", "b"],
        gebruiksdoel=["woonfunctie"] * 3,
        eindGeldigheid=["2015-01-01", None, None],
    )

    found, remarks = read_dwellings(path, SETTINGS)

    assert len(found) == 2
    assert "niet meegeteld, want vervallen" in remarks[0]


def test_outlines__bring_a_number(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        OUTLINES,
        aantal_verblijfsobjecten=[4, 0, 9],
        gebruiksdoel="woonfunctie",
        status=["Pand in gebruik (niet ingemeten)", "Pand in gebruik", "Pand gesloopt"],
    )

    assert read_dwellings(path, SETTINGS)[0]["dwellings"].tolist() == [4.0]
    assert "set count_column in [dwellings]" in refusal(
        write(tmp_path, OUTLINES, bouwjaar=[1930] * 3)
    )


def test_use__that_is_not_told_is_an_assumption(tmp_path: Path) -> None:
    found, remarks = read_dwellings(write(tmp_path, oppervlakte=[80, 90, 70]), SETTINGS)

    assert len(found) == 3
    assert remarks == [
        "vbo.gpkg noemt geen gebruiksdoel: alle objecten tellen als woning (aanname)."
    ]


@pytest.mark.parametrize(
    ("columns", "cure"),
    [
        ({"identificatie": ["a", "a", "b"]}, "names 1 objects more than once (row 1: a, row 2: a)"),
        ({"status": ["bewoond"] * 3}, "holds statuses that are not known ('bewoond': 3)"),
        ({"gebruiksdoel": ["kantoorfunctie"] * 3}, "holds no dwelling that is in use as a home"),
        ({"aantal": [1, -9999, 2]}, "is missing or impossible (row 2: -9999)"),
    ],
)
def test_wrong_dwellings__are_refused(
    tmp_path: Path, columns: dict[str, object], cure: str
) -> None:
    column = "aantal" if "aantal" in columns else None
    asked = SETTINGS.model_copy(update={"count_column": column})

    assert cure in refusal(write(tmp_path, **columns), asked)


def test_lines__are_no_dwellings(tmp_path: Path) -> None:
    line = LineString([(LEFT, BOTTOM), (LEFT + 9, BOTTOM)])
    assert "expected points or polygons" in refusal(write(tmp_path, [line], a=[1]))


def test_case__says_whether_weight_or_dwellings_count(tmp_path: Path) -> None:
    weight = {"file": "weight.tif", "unit": "m2", "quality": "measured", **ORIGIN}
    homes = SETTINGS.model_dump()
    layers = {"weight": weight}

    with pytest.raises(ValueError, match="layers has weight, which dwellings tells as well"):
        write_case(tmp_path, layers=layers, dwellings=homes)
