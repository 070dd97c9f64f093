"""Surfaces of the BGT: classes by hand, and files that must not be believed."""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from evenground.config import SurfaceFileSettings, SurfaceSettings
from evenground.errors import DataError
from evenground.sources import check_sources
from evenground.sources.surfaces import SHARES, USABLE, read_classes, read_surfaces, tell_surfaces

from .bgt import surface_file, surfaces, write_bgt
from .made import BOTTOM, LEFT, told, write_case

SQUARE = box(LEFT, BOTTOM, LEFT + 10, BOTTOM + 10)
NEXT = box(LEFT + 10, BOTTOM, LEFT + 20, BOTTOM + 10)
THIRD = box(LEFT + 20, BOTTOM, LEFT + 30, BOTTOM + 10)
ROADS = {
    "functie": ["voetpad", "rijbaan lokale weg", "parkeervlak"],
    "fysiek_voorkomen": ["open verharding", "gesloten verharding", "half verhard"],
}


def read(
    path: Path, used: SurfaceFileSettings | None = None, whole: SurfaceSettings | None = None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    used = surface_file(path.stem) if used is None else used
    return read_surfaces(path, used, surfaces(path.stem) if whole is None else whole)


def refusal(
    path: Path, used: SurfaceFileSettings | None = None, whole: SurfaceSettings | None = None
) -> str:
    with pytest.raises(DataError) as caught:
        read(path, used, whole)
    return str(caught.value)


def shares(frame: gpd.GeoDataFrame) -> list[list[float]]:
    return frame[[*SHARES, USABLE]].round(6).to_numpy().tolist()


def test_roads__are_paved_and_lifted_by_their_function(tmp_path: Path) -> None:
    path = write_bgt(tmp_path, "bgt_wegdeel", [SQUARE, NEXT, THIRD], **ROADS)

    found, remarks = read(path)

    # a fifth of a footpath, nothing of a carriageway, three tenths of half-paved parking
    assert shares(found) == [[0, 0, 1, 0, 0.2], [0, 0, 1, 0, 0], [0, 0, 0.5, 0, 0.15]]
    assert remarks == []


@pytest.mark.parametrize(
    ("name", "columns", "expected"),
    [
        ("onbegroeidterreindeel", {"fysiek_voorkomen": ["erf"]}, [0.5, 0, 0, 0.5, 0]),
        ("onbegroeidterreindeel", {"bgt_fysiekvoorkomen": ["open verharding"]}, [0, 0, 1, 0, 0.5]),
        ("begroeidterreindeel", {"fysiekVoorkomen": ["grasland overig"]}, [1, 0, 0, 0, 0]),
        ("begroeidterreindeel", {"class": ["struiken"]}, [1, 0, 0, 0, 0]),
        ("waterdeel", {"type": ["watervlakte"]}, [0, 1, 0, 0, 0]),
        ("waterdeel", {"bgt_type": ["Greppel, droge sloot"]}, [1, 0, 0, 0, 0]),
        ("ondersteunendwaterdeel", {"type": ["oever, slootkant"]}, [1, 0, 0, 0, 0]),
        ("pand", {}, [0, 0, 0, 0, 0]),
        (
            "ondersteunendwegdeel",
            {"bgt_functie": ["berm"], "BGT_FYSIEKVOORKOMEN": ["groenvoorziening"]},
            [1, 0, 0, 0, 0],
        ),
        ("wegdeel", {"function": ["OV-baan"], "surfaceMaterial": ["onverhard"]}, [0, 0, 0, 0, 0]),
        (
            "wegdeel",
            {"BGT_FUNCTI": ["rijbaan: regionale weg"], "BGT_FYSIEK": ["gesloten verharding"]},
            [0, 0, 1, 0, 0],
        ),
    ],
)
def test_kinds__are_known_in_the_spellings_of_real_files(
    tmp_path: Path, name: str, columns: dict[str, object], expected: list[float]
) -> None:
    found, _ = read(write_bgt(tmp_path, name, [SQUARE], **columns))

    assert shares(found) == [expected]


def test_classes__are_shares_with_a_status_and_never_more_than_the_ground() -> None:
    for row in read_classes().values():
        assert 0.0 <= sum(row.shares) <= 1.0
        assert np.isnan(row.usable) or 0.0 <= row.usable <= 1.0


def test_history_and_bridges__are_left_out_and_it_is_said(tmp_path: Path) -> None:
    path = write_bgt(
        tmp_path,
        "wegdeel",
        [SQUARE, NEXT, THIRD],
        **ROADS,
        eind_registratie=[None, "2019-05-01T00:00:00", ""],
        relatieve_hoogteligging=[0, 0, 1],
    )

    found, remarks = read(path)

    assert found["label"].tolist() == ["wegdeel: voetpad"]
    assert remarks == [
        "wegdeel.gpkg: niet meegeteld: 1 vlak is vervallen of gepland.",
        "wegdeel.gpkg: niet meegeteld: 1 vlak ligt op of onder een brug.",
    ]


def test_unknown_classes__are_listed_with_counts_and_can_be_told(tmp_path: Path) -> None:
    roads = ROADS | {"functie": ["trottoir", "trottoir", "rijbaan"]}
    path = write_bgt(tmp_path, "wegdeel", [SQUARE, NEXT, THIRD], **roads)

    text = refusal(path)

    assert "holds classes of wegdeel that are not known ('trottoir': 2, 'rijbaan': 1)" in text
    assert 'under [surfaces.classes] what each counts as, such as "trottoir" = ' in text

    own = {"Trottoir": "voetpad", "rijbaan": "rijbaan lokale weg"}
    whole = surfaces("wegdeel", classes=own, usable={"voetpad": 0.4})
    found, _ = read(path, whole=whole)
    assert shares(found)[0] == [0, 0, 1, 0, 0.4]


def test_unfilled_classes__count_by_an_assumption_that_is_told(tmp_path: Path) -> None:
    roads = ROADS | {"functie": [None, "waardeOnbekend", "voetpad"]}
    found, _ = read(write_bgt(tmp_path, "wegdeel", [SQUARE, NEXT, THIRD], **roads))

    assert found[USABLE].round(6).tolist() == [0.0, 0.0, 0.1]
    # only half verhard is a share of our own: a third of the area
    (text,) = tell_surfaces(found)
    assert "Van 33,3 % van de oppervlakte zegt de BGT niet wat groen of verhard is" in text
    assert "(wegdeel: voetpad); de verdeling daarvan is een aanname." in text


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        ({"functie": None}, "column bgt_functie or functie: is not there. Set function_column"),
        ({"lokaal_id": ["a", "a", "b"]}, "names 1 objects more than once (row 1: a, row 2: a)"),
        ({"relatieve_hoogteligging": [0, None, 0]}, "has no number in 1 of 3 objects"),
        ({"relatieve_hoogteligging": 1}, "holds no object that lies on the ground today"),
    ],
)
def test_wrong_columns__are_refused(tmp_path: Path, change: dict[str, object], cure: str) -> None:
    columns = {name: value for name, value in (ROADS | change).items() if value is not None}

    assert cure in refusal(write_bgt(tmp_path, "wegdeel", [SQUARE, NEXT, THIRD], **columns))


def test_kind__is_told_by_the_case_or_by_a_column(tmp_path: Path) -> None:
    path = write_bgt(tmp_path, "vlakken", [SQUARE, NEXT, THIRD], **ROADS)
    assert "is of kind 'vlakken', which is no surface that we know" in refusal(path)
    assert len(read(path, surface_file("vlakken", kind="Wegdeel"))[0]) == 3

    mixed = {
        "objecttype": ["wegdeel", "waterdeel", "begroeidterreindeel"],
        "functie": ["voetpad", None, None],
        "fysiek_voorkomen": ["open verharding", None, "heide"],
        "type": [None, "zee", None],
    }
    found, _ = read(write_bgt(tmp_path, "alles", [SQUARE, NEXT, THIRD], **mixed))
    assert shares(found) == [[0, 0, 1, 0, 0.2], [0, 1, 0, 0, 0], [1, 0, 0, 0, 0]]


def test_geometry__may_be_multiple_curved_and_in_three_dimensions(tmp_path: Path) -> None:
    path = tmp_path / "waterdeel.gpkg"
    high = shapely.force_3d(MultiPolygon([SQUARE, THIRD]), 1.5)
    frame = gpd.GeoDataFrame({"type": ["zee"]}, geometry=[high], crs=28992)
    pyogrio.write_dataframe(frame, path, layer="waterdeel")

    found, remarks = read(path)

    assert shapely.area(found.geometry.to_numpy()).tolist() == [200.0]
    assert not shapely.has_z(found.geometry.to_numpy()).any()
    assert "noemt geen hoogteligging" in remarks[0]


def curve_blob() -> bytes:
    """Half a disc with a radius of 10 m, as a curve in the binary form of a GeoPackage."""

    def ring(kind: int, *corners: tuple[float, float]) -> bytes:
        flat = [number for corner in corners for number in corner]
        return struct.pack(f"<BII{len(flat)}d", 1, kind, len(corners), *flat)

    left, top, right = (LEFT, BOTTOM), (LEFT + 10, BOTTOM + 10), (LEFT + 20, BOTTOM)
    compound = struct.pack("<BII", 1, 9, 2) + ring(8, left, top, right) + ring(2, right, left)
    return struct.pack("<2sBBi", b"GP", 0, 1, 28992) + struct.pack("<BII", 1, 10, 1) + compound


def test_curves__become_their_outline(tmp_path: Path) -> None:
    path = tmp_path / "waterdeel.gpkg"
    frame = gpd.GeoDataFrame({"type": ["zee"]}, geometry=[SQUARE], crs=28992)
    options = {"SPATIAL_INDEX": "NO", "geometry_type": "Unknown"}
    pyogrio.write_dataframe(frame, path, layer="waterdeel", **options)
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("UPDATE waterdeel SET geom = ?", (curve_blob(),))

    found, _ = read(path)

    area = shapely.area(found.geometry.to_numpy()).sum()
    assert area == pytest.approx(np.pi * 100 / 2, rel=0.01)


def test_hostile_geometry__is_refused(tmp_path: Path) -> None:
    bow = Polygon(
        [(LEFT, BOTTOM), (LEFT + 10, BOTTOM + 10), (LEFT + 10, BOTTOM), (LEFT, BOTTOM + 10)]
    )
    assert "invalid outline" in refusal(write_bgt(tmp_path, "pand", [bow]))
    assert "expected polygons" in refusal(write_bgt(tmp_path, "pand", [Point(LEFT, BOTTOM)]))
    assert "no feature with a geometry" in refusal(write_bgt(tmp_path, "pand", [None]))

    path = tmp_path / "pand.gpkg"
    path.unlink()
    pyogrio.write_dataframe(
        gpd.GeoDataFrame({"a": [1]}, geometry=[box(5, 52, 5.1, 52.1)], crs=4326), path
    )
    assert "expected EPSG:28992" in refusal(path)


def test_case__says_which_map_wins(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="layers has green, which surfaces tells as well"):
        write_case(tmp_path, surfaces=surfaces("pand").model_dump())

    write_bgt(tmp_path, "pand", [SQUARE])
    for wins, has_green, words in (
        ("map", False, "Gebruikt zijn de vlakken van de BGT, niet de kaart van green."),
        ("layers", True, "Gebruikt is de kaart van green, niet de vlakken van de BGT."),
    ):
        settings = write_case(tmp_path, surfaces=surfaces("pand", wins=wins).model_dump())
        verdict = check_sources(settings, tmp_path)
        assert words in verdict.remarks
        assert verdict.sources is not None
        assert ("green" in verdict.sources.rasters) == has_green


def test_case__tells_faults_of_own_classes(tmp_path: Path) -> None:
    write_bgt(tmp_path, "pand", [SQUARE])
    whole = surfaces("pand", wins="map", usable={"vliegveld": 0.5}, classes={"x": "vliegveld"})

    text = told(write_case(tmp_path, surfaces=whole.model_dump()), tmp_path)

    assert "surfaces.usable: vliegveld is no class of paving. Known are" in text
    assert "surfaces.classes: vliegveld is no class that we know. Known are" in text
