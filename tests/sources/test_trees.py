"""Trees of a register: what stands, how wide the crown, and what cannot be."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from shapely import MultiPoint, Point, box

from evenground.config import TreeSettings
from evenground.errors import DataError
from evenground.sources.trees import parse_metres, read_trees

from .made import BOTTOM, LEFT, ORIGIN

SETTINGS = TreeSettings.model_validate({"file": "bomen.gpkg", "quality": "measured", **ORIGIN})


def write(folder: Path, shapes: list[object] | None = None, **columns: object) -> Path:
    usual = [Point(LEFT + k, BOTTOM) for k in range(3)]
    path = folder / "bomen.gpkg"
    path.unlink(missing_ok=True)
    frame = gpd.GeoDataFrame(columns, geometry=usual if shapes is None else shapes, crs=28992)
    pyogrio.write_dataframe(frame, path, layer="bomen")
    return path


def refusal(path: Path, settings: TreeSettings = SETTINGS) -> str:
    with pytest.raises(DataError) as caught:
        read_trees(path, settings)
    return str(caught.value)


def test_crowns__are_told_or_estimated_from_the_height(tmp_path: Path) -> None:
    path = write(
        tmp_path, KROONOMVANG=[4.0, None, None], HOOGTE=["6-9 m.", "12-15 m.", "Nog niet bepaald"]
    )

    found, remarks = read_trees(path, SETTINGS)

    # 0.69 of the middle of 12 to 15 m; of the third nothing is known
    np.testing.assert_allclose(found["crown_m"], [4.0, 0.69 * 13.5, 5.6])
    assert remarks == [
        "bomen.gpkg: van 1 boom is de kroon geschat uit de hoogte (aanname).",
        "bomen.gpkg: van 1 boom zijn kroon en hoogte onbekend: elk telt 25 m2 kroon (aanname).",
    ]


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("6-9 m", 7.5),
        ("a. 0-6 m.", 3.0),
        ("tot 6 m.", 3.0),
        ("24 m. en hoger", 24.0),
        ("> 24 m.", 24.0),
        ("12,5", 12.5),
        (7, 7.0),
        (0, np.nan),
        (None, np.nan),
        ("Onbekend", np.nan),
        ("Niet van toepassing", np.nan),
        ("-9999", -9999.0),
        ("hoog", np.inf),
    ],
)
def test_heights__are_numbers_or_classes(text: object, metres: float) -> None:
    assert parse_metres(text) == pytest.approx(metres, nan_ok=True)


def test_trees__that_are_gone_do_not_count(tmp_path: Path) -> None:
    path = write(tmp_path, hoogte=[9, 9, 9], aanwezigheid=["Aanwezig", "Niet aanwezig", "Gekapt"])

    found, remarks = read_trees(path, SETTINGS)

    assert len(found) == 1
    # a tree that was felled keeps its number, and its figures are of no account
    felled = {
        "id": [1, 1, 1],
        "hoogte": [9, 9, -1],
        "aanwezigheid": ["Aanwezig", "Gekapt", "Gerooid"],
    }
    assert len(read_trees(write(tmp_path, **felled), SETTINGS)[0]) == 1
    assert "niet meegeteld: 2 bomen staan er niet meer" in remarks[0]


def test_trees__on_one_spot_are_one(tmp_path: Path) -> None:
    spots = [Point(LEFT, BOTTOM), MultiPoint([(LEFT, BOTTOM)]), Point(LEFT, BOTTOM + 1)]

    found, remarks = read_trees(write(tmp_path, spots, hoogte=[9, 9, 9]), SETTINGS)

    assert len(found) == 2
    assert "1 boom staat precies op de plek van een andere" in remarks[-1]


@pytest.mark.parametrize(
    ("columns", "cure"),
    [
        ({"soort": ["a", "b", "c"]}, "Set crown_column or height_column in [trees]"),
        ({"hoogte": [9.0, -9999.0, 9.0]}, "column hoogte: cannot be read or be (row 2: -9999.0)"),
        ({"hoogte": ["9", "hoog", "9"]}, "(row 2: hoog), expected above 0, at most 60 m"),
        ({"kroondiameter": [9.0, 99.0, 9.0]}, "at most 40 m"),
        ({"hoogte": [9, 9, 9], "id": [1, 1, 2]}, "names 1 objects more than once"),
        ({"hoogte": [9, 9, 9], "status": ["gekapt"] * 3}, "holds no tree that stands"),
    ],
)
def test_wrong_registers__are_refused(
    tmp_path: Path, columns: dict[str, object], cure: str
) -> None:
    assert cure in refusal(write(tmp_path, **columns))


def test_other_shapes_and_columns__are_refused(tmp_path: Path) -> None:
    areas = [box(LEFT, BOTTOM, LEFT + 1, BOTTOM + 1)] * 3
    assert "expected points" in refusal(write(tmp_path, areas, hoogte=[9, 9, 9]))
    asked = SETTINGS.model_copy(update={"crown_column": "kroon"})
    assert "Set crown_column in [trees]; the nearest are" in refusal(
        write(tmp_path, hoogte=[9, 9, 9]), asked
    )
