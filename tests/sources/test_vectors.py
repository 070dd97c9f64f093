"""Vector layers: formats, coordinate systems and outlines that pass, and those that do not."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS
from shapely import LineString, Point, Polygon, box

from evenground.errors import DataError
from evenground.sources.vectors import (
    POLYGONS,
    kind_faults,
    mend_polygons,
    overlap_faults,
    read_layer,
    rows,
)

from .made import BOTTOM, LEFT, SIDE, lines, squares, table

SHARES = [0.0, 0.02, 0.3, 0.6, 0.9, 0.99]


def read(path: Path, **change: object) -> tuple[gpd.GeoDataFrame, list[str]]:
    return read_layer(path, table(file=path.name, **change))


def refusal(path: Path, **change: object) -> str:
    with pytest.raises(DataError) as caught:
        read(path, **change)
    return str(caught.value)


def write_json(path: Path, geometry: object, crs: str | None = None, **properties: object) -> Path:
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": [feature]}
    if crs is not None:
        collection["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def ring(shape: Polygon) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [list(map(list, shape.exterior.coords))]}


RD_SQUARE = box(LEFT, BOTTOM, LEFT + SIDE, BOTTOM + SIDE)
LONLAT_SQUARE = gpd.GeoSeries([RD_SQUARE], crs=28992).to_crs(4326)[0]
SWAPPED_SQUARE = Polygon([(y, x) for x, y in LONLAT_SQUARE.exterior.coords])


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "A.GPKG"])
def test_read_layer__takes_the_usual_formats(tmp_path: Path, name: str) -> None:
    squares().rename(columns={"aantal_inwoners": "AANT_INW"}).to_file(tmp_path / name)

    frame, remarks = read(tmp_path / name)

    assert frame.crs.to_epsg() == 28992
    assert frame["AANT_INW"].tolist() == [100, 200, 300]
    assert frame.total_bounds.tolist() == [LEFT, BOTTOM, LEFT + 3 * SIDE, BOTTOM + SIDE]
    assert remarks == []


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "a.dbf", "a.shx"])
def test_cut_off_layer__is_refused(tmp_path: Path, name: str, share: float) -> None:
    main = tmp_path / ("a.shp" if name in ("a.dbf", "a.shx") else name)
    squares(40, naam=["x" * 200] * 40).rename(columns={"aantal_inwoners": "inw"}).to_file(main)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(share * len(whole))])

    assert refusal(main).startswith(main.name)


@pytest.mark.parametrize("lacking", ["dbf", "shx", "prj"])
def test_shapefile__needs_its_parts(tmp_path: Path, lacking: str) -> None:
    squares()[["buurtcode", "geometry"]].to_file(tmp_path / "a.shp")
    (tmp_path / f"a.{lacking}").unlink()

    assert f"lacks its .{lacking}. Copy all files of the shapefile whole" in refusal(
        tmp_path / "a.shp"
    )


@pytest.mark.parametrize(
    ("name", "content", "cure"),
    [
        ("a.gpkg", b"<OGRVRTDataSource/>", "is no .gpkg inside"),
        ("a.gpkg", b"", "is no .gpkg inside"),
        ("a.gpkg", b"SQLite format 3\0" + bytes(300), "cannot be read"),
        ("a.geojson", b"<OGRVRTDataSource/>", "is no .geojson inside"),
        ("a.geojson", b"[" * 100_000, "is no .geojson inside"),
        ("a.geojson", b'{"a":' * 100_000, "cannot be read"),
        ("a.json", b'{"elements": [], "osm3s": {}}', "cannot be read"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "with a geometry"),
        ("a.shp", b"PK\x03\x04", "not zipped"),
        ("a.zip", b"PK\x03\x04", "ends in .zip, which is no file we read here"),
        ("a.kml", b"<kml/>", "Bring a GeoPackage"),
        ("a", b"{}", "ends in nothing"),
        ("a.xlsx", b"PK\x03\x04", "Save its sheet as CSV in UTF-8"),
    ],
)  # fmt: skip
def test_other_content__is_refused(tmp_path: Path, name: str, content: bytes, cure: str) -> None:
    (tmp_path / name).write_bytes(content)

    assert cure in refusal(tmp_path / name)


def test_plain_sqlite__is_no_geopackage(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        database.execute("CREATE TABLE a (b)")
    database.close()

    assert "cannot be read" in refusal(tmp_path / "a.gpkg")


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_pending_edits__are_refused(tmp_path: Path, ending: str) -> None:
    squares().to_file(tmp_path / "a.gpkg")
    (tmp_path / f"a.gpkg{ending}").write_bytes(b"x")

    assert f"in a.gpkg{ending}. Close it in QGIS" in refusal(tmp_path / "a.gpkg")


def test_layers__must_be_chosen_where_there_are_more(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    squares().to_file(path, layer="buurten")
    squares(1).to_file(path, layer="wijken")

    assert "holds layers buurten, wijken. Set layer" in refusal(path)
    assert "layer buurt: is not there. Set layer to one of the file" in refusal(path, layer="buurt")
    assert len(read(path, layer="wijken")[0]) == 1


@pytest.mark.parametrize("crs", [4326, 32631, 31370, 7415])
def test_other_crs__is_refused(tmp_path: Path, crs: int) -> None:
    squares().to_crs(crs).to_file(tmp_path / "a.gpkg")

    told = refusal(tmp_path / "a.gpkg")

    assert f"({crs}), expected EPSG:28992. Save it in EPSG:28992" in told


def test_no_crs__is_refused(tmp_path: Path) -> None:
    squares()[["buurtcode", "geometry"]].to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").write_bytes(b"")

    assert "has no CRS, expected EPSG:28992" in refusal(tmp_path / "a.shp")


def test_rd_of_a_shapefile__is_known_without_its_code(tmp_path: Path) -> None:
    squares()[["buurtcode", "geometry"]].to_file(tmp_path / "a.shp")
    esri = CRS(28992).to_wkt("WKT1_ESRI")
    (tmp_path / "a.prj").write_text(esri, encoding="ascii")

    frame, _ = read(tmp_path / "a.shp")

    assert "AUTHORITY" not in esri
    assert frame.crs.to_epsg() == 28992


@pytest.mark.parametrize(
    ("shape", "crs", "remark"),
    [
        (LONLAT_SQUARE, None, "omgezet van lengte- en breedtegraden"),
        (LONLAT_SQUARE, "urn:ogc:def:crs:OGC:1.3:CRS84", "omgezet van lengte- en breedtegraden"),
        (RD_SQUARE, None, "noemt geen RD"),
        (RD_SQUARE, "urn:ogc:def:crs:EPSG::28992", None),
        (RD_SQUARE, "EPSG:28992", None),
    ],
    ids=["lonlat", "crs84", "rd untold", "rd urn", "rd"],
)
def test_geojson__becomes_rd_and_says_how(
    tmp_path: Path, shape: Polygon, crs: str | None, remark: str | None
) -> None:
    path = write_json(tmp_path / "a.geojson", ring(shape), crs)

    frame, remarks = read(path)

    assert shapely.hausdorff_distance(frame.geometry[0], RD_SQUARE) < 0.01
    assert len(remarks) == (remark is not None)
    assert remark is None or remark in remarks[0]


@pytest.mark.parametrize(
    ("shape", "crs", "cure"),
    [
        (SWAPPED_SQUARE, None, "the order of the axes"),
        (LONLAT_SQUARE, "EPSG:28992", "row 1 at (5, 52)"),
        (box(400_000, 400_000, 400_100, 400_100), None, "has CRS WGS 84"),
        (box(400_000, 400_000, 400_100, 400_100), "EPSG:28992", "outside the Netherlands"),
        (box(-1, BOTTOM, 100, BOTTOM + 9), "EPSG:28992", "outside the Netherlands"),
    ],
    ids=["swapped", "degrees as metres", "far", "far in rd", "one corner out"],
)
def test_geojson_elsewhere__is_refused(
    tmp_path: Path, shape: Polygon, crs: str | None, cure: str
) -> None:
    assert cure in refusal(write_json(tmp_path / "a.geojson", ring(shape), crs))


def test_geojson__may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.geojson", ring(LONLAT_SQUARE))
    path.write_bytes(b"\xef\xbb\xbf\n" + path.read_bytes())

    assert len(read(path)[0]) == 1


def test_geojson_without_any_place__is_refused(tmp_path: Path) -> None:
    assert "with a geometry" in refusal(write_json(tmp_path / "a.geojson", None, buurtcode="x"))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [Point, LineString])
def test_places_that_are_no_number__are_refused(
    tmp_path: Path, bad: float, kind: type[Point | LineString]
) -> None:
    with np.errstate(invalid="ignore"):
        shape = Point(bad, BOTTOM) if kind is Point else LineString([(LEFT, BOTTOM), (LEFT, bad)])
    gpd.GeoDataFrame(geometry=[RD_SQUARE.centroid, shape], crs=28992).to_file(tmp_path / "a.gpkg")

    assert "row 2" in refusal(tmp_path / "a.gpkg")


def test_an_open_ring__is_refused_and_not_closed_in_silence(tmp_path: Path) -> None:
    squares(1).to_file(tmp_path / "a.gpkg")
    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        (blob,) = database.execute("SELECT geom FROM a").fetchone()
        moved = blob[:-16] + np.array([LEFT + 1, BOTTOM + 50.0]).tobytes()
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE a SET geom = ?", (moved,))
    database.close()

    assert "cannot be read (" in refusal(tmp_path / "a.gpkg")


def test_heights__are_left_out(tmp_path: Path) -> None:
    raised = gpd.GeoDataFrame(geometry=[shapely.force_3d(RD_SQUARE, 5.0)], crs=28992)
    raised.to_file(tmp_path / "a.gpkg")

    assert not read(tmp_path / "a.gpkg")[0].has_z.any()


def frame_of(*shapes: object) -> tuple[gpd.GeoDataFrame, pd.Series]:
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=28992)
    return frame, rows(frame)


def test_kind_faults__name_what_is_no_polygon() -> None:
    frame, labels = frame_of(RD_SQUARE, None, Polygon(), RD_SQUARE.centroid, RD_SQUARE.exterior)

    told = lines(kind_faults(frame, labels, POLYGONS, "polygons", "a.gpkg"))

    assert "a.gpkg, row 2, row 3: has no geometry. Give it a geometry or remove its row" in told
    assert "a.gpkg, row 4, row 5: is LinearRing, Point, expected polygons" in told


BOW_TIE = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
FLAT = Polygon([(0, 0), (100, 0), (0, 0)])
SPIKE = Polygon([(0, 0), (100, 0), (100, 50), (140, 50), (100, 50), (100, 100), (0, 100)])


@pytest.mark.parametrize("shape", [BOW_TIE, FLAT], ids=["bow tie", "flat"])
def test_mend_polygons__refuses_an_outline_that_may_mean_two_things(shape: Polygon) -> None:
    frame, labels = frame_of(RD_SQUARE, shape)

    _, faults, _ = mend_polygons(frame, labels, "a.gpkg")

    assert lines(faults).startswith("a.gpkg, row 2: has an invalid outline (")
    assert "Fix geometries" in lines(faults)


def test_mend_polygons__mends_what_keeps_its_area_and_says_so() -> None:
    frame, labels = frame_of(SPIKE, RD_SQUARE)

    mended, faults, remarks = mend_polygons(frame, labels, "a.gpkg")

    assert faults == []
    assert mended.is_valid.all()
    assert mended.area[0] == SPIKE.area
    assert remarks == ["a.gpkg: een ongeldige grens is hersteld (row 1)."]


def test_overlap_faults__name_polygons_that_count_people_twice() -> None:
    slivers = frame_of(box(0, 0, 100, 100), box(99.5, 0, 200, 100), box(0, 100, 100, 200))
    doubled = frame_of(box(0, 0, 100, 100), box(90, 0, 200, 100), box(10, 10, 20, 20))

    assert overlap_faults(*slivers, "a.gpkg") == []
    told = lines(overlap_faults(*doubled, "a.gpkg"))

    assert "(row 1 and row 2, row 1 and row 3)" in told
    assert "Keep the outlines of one year" in told
