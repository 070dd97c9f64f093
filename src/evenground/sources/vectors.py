"""Vector layers as found: whole, in EPSG:28992 and inside the Netherlands.

Opens GeoPackage, GeoJSON and shapefile and nothing else. GeoJSON in longitude
and latitude, which its standard demands, is transformed and it is said; any
other CRS is refused. Knows nothing of what the features mean.
"""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from evenground.config import FileSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.columns import nearest
from evenground.sources.files import NEEDED_PARTS, parts

T = TypeVar("T")

RD = 28992
RD_BOX = (0.0, 300_000.0, 300_000.0, 625_000.0)
"""Left, bottom, right and top of the plane in which the Netherlands lie, in metres."""
REPAIR_SHARE = 0.001
"""Most that the area of a polygon may change when its outline is mended."""
JSON = (".geojson", ".json")
OVERLAP_SHARE = 0.01
"""Most of the smaller of two polygons that may lie under the other, for borders drawn apart."""
BEGINNINGS = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a"} | dict.fromkeys(
    JSON, b"{"
)
"""First bytes by the ending of the name: GDAL looks at content only, and some formats make it
open other files or addresses."""
POINTS, LINES, POLYGONS = (0, 4), (1, 5), (3, 6)
"""Shapely's numbers of the kinds of geometry, single and multiple."""
ACCURACY = "de nauwkeurigheid daarvan is ongeveer 0,25 meter"
"""Of the transformation without the correction grid, which the Python packages lack."""


def read_layer(path: Path, settings: FileSettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return a vector layer in EPSG:28992, and Dutch remarks on what was done to it.

    Raises
    ------
    DataError
        If it cannot be read whole, has no usable CRS, or lies outside the Netherlands.
    """
    _check_kind(path, settings.file)
    layer = _choose_layer(path, settings)
    place = settings.file if settings.layer is None else f"{settings.file}, layer {layer}"
    frame = _read(path, layer, place)
    frame, remarks = to_rd(frame, place, is_json=path.suffix.lower() in JSON)
    if faults := box_faults(frame, place):
        raise DataError(faults)
    flat = shapely.force_2d(frame.geometry.to_numpy())
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=flat, crs=RD), remarks


def read_shapes(
    path: Path, settings: FileSettings, kinds: tuple[int, ...], wanted: str
) -> tuple[gpd.GeoDataFrame, pd.Series, list[Fault], list[str]]:
    """Return a layer with mended shapes, what to call its rows, faults of them, and remarks.

    Parameters
    ----------
    kinds, wanted
        Kinds of shape that may be there, and how they are called.

    Raises
    ------
    DataError
        If the layer cannot be read whole.
    """
    frame, remarks = read_layer(path, settings)
    labels = rows(frame)
    faults = kind_faults(frame, labels, kinds, wanted, settings.file)
    frame, wrong, more = mend_polygons(frame, labels, settings.file)
    return frame, labels, faults + wrong, remarks + more


def _check_kind(path: Path, file: str) -> None:
    """Raise unless the first bytes of a file are what its name says, and its parts are there."""
    begin = BEGINNINGS.get(path.suffix.lower())
    cure = "Bring a GeoPackage (.gpkg), GeoJSON (.geojson) or shapefile (.shp), not zipped."
    if begin is None:
        finding = f"ends in {path.suffix or 'nothing'}, which is no file we read here."
        if path.suffix.lower() in (".xls", ".xlsx", ".ods"):
            cure = "Save its sheet as CSV in UTF-8."
        raise DataError([Fault(file, finding, cure)])
    with path.open("rb") as stream:
        head = stream.read(64)
    if path.suffix.lower() in JSON:
        head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(begin):
        raise DataError([Fault(file, f"is no {path.suffix} inside, whatever its name.", cure)])
    if faults := [*_part_faults(path, file), *_editing_faults(path, file)]:
        raise DataError(faults)


def _part_faults(path: Path, file: str) -> list[Fault]:
    """Fault for a shapefile of which a part is missing."""
    if path.suffix.lower() != ".shp":
        return []
    there = {part.suffix.lower() for part in parts(path)}
    cure = "Copy all files of the shapefile whole; they have the same name and other endings."
    if lacking := [ending for ending in NEEDED_PARTS if ending not in there]:
        return [Fault(file, f"lacks its {few(lacking)}.", cure)]
    cut = [part.name for part in parts(path) if part.stat().st_size < _told_size(part)]
    return [Fault(file, f"is cut off ({few(cut)}).", cure)] if cut else []


def _told_size(part: Path) -> int:
    """Return how many bytes a part of a shapefile should have by its own first bytes.

    GDAL reads one that is cut off as features without geometry or figures.
    """
    with part.open("rb") as stream:
        head = stream.read(100)
    if part.suffix.lower() in (".shp", ".shx"):
        return max(100, 2 * int.from_bytes(head[24:28], "big"))
    if part.suffix.lower() == ".dbf":
        number, heading, each = (
            int.from_bytes(head[start:end], "little") for start, end in ((4, 8), (8, 10), (10, 12))
        )
        return max(32, heading + number * each)
    return 0


def _editing_faults(path: Path, file: str) -> list[Fault]:
    """Fault for a GeoPackage with changes that are not yet in the file itself."""
    beside = [path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-journal")]
    pending = [other.name for other in beside if other.is_file() and other.stat().st_size > 0]
    if path.suffix.lower() != ".gpkg" or not pending:
        return []
    cure = "Close it in QGIS or whatever has it open, so that all changes are saved in it."
    return [Fault(file, f"has changes outside the file itself, in {few(pending)}.", cure)]


def _unreadable(place: str, error: Exception) -> DataError:
    """Error for a file that GDAL does not read to its end."""
    reason = " ".join(str(error).split())[:200]
    cure = "It may be cut off: bring the whole file, fetched or exported again."
    return DataError([Fault(place, f"cannot be read ({reason}).", cure)])


def _by_gdal(read: Callable[[], T], place: str) -> T:
    """Return what GDAL reads; whatever it warns of means that something was not read well."""
    try:
        # A warning cannot be turned into an error where GDAL calls back: gather them instead.
        # Places that are no number are found below, with their row.
        with warnings.catch_warnings(record=True) as noted, np.errstate(invalid="ignore"):
            warnings.simplefilter("always")
            product = read()
    except Exception as error:  # noqa: BLE001 - GDAL raises many kinds for one broken file
        raise _unreadable(place, error) from None
    if told := [note for note in noted if issubclass(note.category, RuntimeWarning)]:
        raise _unreadable(place, RuntimeWarning(told[0].message))
    return product


def _choose_layer(path: Path, settings: FileSettings) -> str:
    """Return the layer that the case names, or the only one with geometry."""
    listed = _by_gdal(lambda: pyogrio.list_layers(path), settings.file)
    names = [str(name) for name, kind in listed if kind is not None]
    if settings.layer is None and len(names) == 1:
        return names[0]
    if settings.layer in names:
        return str(settings.layer)
    if settings.layer is None:
        finding = f"holds layers {few(names)}." if names else "holds no layer with geometry."
        raise DataError([Fault(settings.file, finding, "Set layer to the one that is meant.")])
    cure = f"Set layer to one of the file; the nearest are {nearest(settings.layer, names)}."
    raise DataError([Fault(f"{settings.file}, layer {settings.layer}", "is not there.", cure)])


def _read(path: Path, layer: str, place: str) -> gpd.GeoDataFrame:
    """Return all features of a layer, with the geometry in a column of that name."""
    frame = _by_gdal(lambda: pyogrio.read_dataframe(path, layer=layer), place)
    if not isinstance(frame, gpd.GeoDataFrame) or not shapely.count_coordinates(frame.geometry):
        cure = "Bring a layer with features that have a geometry."
        raise DataError([Fault(place, "holds no feature with a geometry.", cure)])
    return frame


def to_rd(
    frame: gpd.GeoDataFrame, place: str, *, is_json: bool
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return a layer in EPSG:28992, by the code of its CRS; only GeoJSON may be otherwise."""
    code = None if frame.crs is None else frame.crs.to_epsg()
    if code == RD:
        return frame, []
    is_lonlat = frame.crs is not None and frame.crs.equals(CRS(4326), ignore_axis_order=True)
    if is_json and is_lonlat and _lies_within(frame.total_bounds, (-180.0, -90.0, 180.0, 90.0)):
        remark = (
            f"{place} is omgezet van lengte- en breedtegraden naar RD (EPSG:28992); {ACCURACY}."
        )
        return frame.to_crs(RD), [remark]
    if is_json and is_lonlat and _lies_within(frame.total_bounds, RD_BOX):
        remark = f"{place} noemt geen RD, maar de coördinaten liggen daarin en zijn zo gelezen."
        return frame.set_crs(RD, allow_override=True), [remark]
    found = "no CRS" if frame.crs is None else f"CRS {frame.crs.name} ({code or 'no EPSG code'})"
    cure = "Save it in EPSG:28992 (RD New); evenground transforms GeoJSON in WGS 84 only."
    raise DataError([Fault(place, f"has {found}, expected EPSG:28992.", cure)])


def _lies_within(bounds: NDArray[np.float64], box: tuple[float, float, float, float]) -> bool:
    """Say whether bounds lie within a box."""
    left, bottom, right, top = bounds
    return bool(left >= box[0] and bottom >= box[1] and right <= box[2] and top <= box[3])


def box_faults(frame: gpd.GeoDataFrame, place: str) -> list[Fault]:
    """List features that lie outside the Netherlands, were it by one corner."""
    corners, row = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    left, bottom, right, top = RD_BOX
    with np.errstate(invalid="ignore"):
        is_in = (corners >= (left, bottom)) & (corners <= (right, top))
    out = np.flatnonzero(~is_in.all(axis=1))
    bad, first = np.unique(row[out], return_index=True)
    if not bad.size:
        return []
    shown = few(
        f"row {k + 1} at ({x:.0f}, {y:.0f})"
        for k, (x, y) in zip(bad, corners[out[first]], strict=True)
    )
    finding = f"lies outside the Netherlands in RD ({shown})."
    cure = "Check the CRS and the order of the axes: x 0 to 300000, y 300000 to 625000."
    return [Fault(place, finding, cure)]


def kind_faults(
    frame: gpd.GeoDataFrame, labels: pd.Series, kinds: tuple[int, ...], word: str, file: str
) -> list[Fault]:
    """List features without geometry, and those of another kind than is wanted."""
    shapes = frame.geometry.to_numpy()
    is_empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    is_other = ~is_empty & ~np.isin(shapely.get_type_id(shapes), kinds)
    faults = []
    if is_empty.any():
        cure = "Give it a geometry or remove its row; if many lack one, fetch the file again."
        faults.append(Fault(f"{file}, {few(labels[is_empty])}", "has no geometry.", cure))
    if is_other.any():
        found = sorted({shape.geom_type for shape in shapes[is_other]})
        finding = f"is {few(found)}, expected {word}."
        faults.append(Fault(f"{file}, {few(labels[is_other])}", finding, f"Bring {word}."))
    return faults


def mend_polygons(
    frame: gpd.GeoDataFrame, labels: pd.Series, file: str
) -> tuple[gpd.GeoDataFrame, list[Fault], list[str]]:
    """Return valid polygons; an outline is mended only where its area hardly changes."""
    shapes = frame.geometry.to_numpy().copy()
    is_polygon = np.isin(shapely.get_type_id(shapes), POLYGONS)
    broken = np.flatnonzero(is_polygon & ~shapely.is_valid(shapes))
    if not broken.size:
        return frame, [], []
    mended = np.array([_polygons_of(shape) for shape in shapely.make_valid(shapes[broken])])
    before, after = shapely.area(shapes[broken]), shapely.area(mended)
    is_near = (after > 0.0) & (np.abs(after - before) <= REPAIR_SHARE * after)
    faults = []
    if not is_near.all():
        bad = broken[~is_near]
        finding = f"has an invalid outline ({few(shapely.is_valid_reason(shapes[bad]))})."
        cure = "Mend it (in QGIS: Fix geometries) and look at the result."
        faults.append(Fault(f"{file}, {few(labels.iloc[bad])}", finding, cure))
    shapes[broken[is_near]] = mended[is_near]
    fixed = few(labels.iloc[broken[is_near]])
    remarks = [f"{file}: een ongeldige grens is hersteld ({fixed})."] if is_near.any() else []
    return frame.set_geometry(gpd.GeoSeries(shapes, frame.index, crs=RD)), faults, remarks


def overlap_faults(frame: gpd.GeoDataFrame, labels: pd.Series, file: str) -> list[Fault]:
    """List polygons that lie over one another, so that people would be counted twice."""
    shapes = frame.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    bad = shared > OVERLAP_SHARE * smaller
    if not bad.any():
        return []
    names = labels.to_numpy()
    pairs = few(f"{names[i]} and {names[k]}" for i, k in zip(one[bad], other[bad], strict=True))
    finding = f"lie over one another for more than {100 * OVERLAP_SHARE:g} % ({pairs})."
    cure = "Keep the outlines of one year, and mend borders that are drawn twice."
    return [Fault(file, finding, cure)]


def rows(frame: pd.DataFrame) -> pd.Series:
    """Return what to call each feature where it has no name: its place in the file, from one."""
    return pd.Series([f"row {row}" for row in frame.index + 1], frame.index, dtype=object)


def _polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a mended shape, without the lines and points it left."""
    if shape.geom_type != "GeometryCollection":
        return shape
    return shapely.union_all([part for part in shape.geoms if part.geom_type.endswith("Polygon")])
