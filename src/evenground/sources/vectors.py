"""Polygons of neighbourhoods, street lines and facilities, brought to EPSG:28992.

Longitude and latitude are transformed and it is said; any other CRS is
refused. Knows nothing of rasters.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from evenground.config import (
    FacilitySettings,
    FileSettings,
    StreetDensitySettings,
    StreetLineSettings,
)
from evenground.errors import DataError, Fault, few
from evenground.sources.themes import SURFACES

RD_BOX = (0.0, 300_000.0, 300_000.0, 625_000.0)
"""Left, bottom, right and top of the plane in which the Netherlands lie, in metres."""
REPAIR_SHARE = 0.001
"""Most that the area of a polygon may change when its outline is mended."""


def read_layer(path: Path, settings: FileSettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return a vector layer in EPSG:28992, and Dutch remarks on what was done to it.

    Raises
    ------
    DataError
        If it cannot be read, has no usable CRS, or lies outside the Netherlands.
    """
    try:
        frame = pyogrio.read_dataframe(path, layer=settings.layer)
    except Exception as error:  # noqa: BLE001 - GDAL raises many kinds for one broken file
        cure = (
            f"Check that it is a whole GeoPackage, GeoJSON or shapefile, and its layer. ({error})"
        )
        raise DataError([Fault(settings.file, "cannot be read.", cure)]) from None
    if not isinstance(frame, gpd.GeoDataFrame) or len(frame) == 0:
        cure = "Name a layer with features."
        raise DataError([Fault(settings.file, "holds no geometry.", cure)])
    remarks: list[str] = []
    bounds = frame.total_bounds
    code = None if frame.crs is None else frame.crs.to_epsg()
    is_rd = _inside(bounds, RD_BOX) and not _inside(bounds, (-180.0, -90.0, 180.0, 90.0))
    if path.suffix.lower() in (".geojson", ".json") and code in (None, 4326) and is_rd:
        frame = frame.set_crs(28992, allow_override=True)
    elif code in (4326, 4258) or (code is None and _is_crs84(frame)):
        frame = frame.to_crs(28992)
        remarks.append(
            f"{settings.file} is omgezet van lengte- en breedtegraden naar RD (EPSG:28992); "
            "de afwijking is hoogstens 0,25 meter."
        )
    elif code != 28992:
        found = "no CRS" if frame.crs is None else f"the CRS {frame.crs.name}"
        cure = "Save it in EPSG:28992 (RD New)."
        raise DataError([Fault(settings.file, f"has {found}, expected EPSG:28992.", cure)])
    if not _inside(frame.total_bounds, RD_BOX):
        cure = "Check the CRS and the order of the axes."
        finding = f"lies outside the Netherlands: {few(np.round(frame.total_bounds))}."
        raise DataError([Fault(settings.file, finding, cure)])
    return frame, remarks


def _inside(bounds: np.ndarray, box: tuple[float, float, float, float]) -> bool:
    """Say whether bounds lie within a box."""
    if not np.isfinite(bounds).all():
        return False
    left, bottom, right, top = bounds
    return bool(left >= box[0] and bottom >= box[1] and right <= box[2] and top <= box[3])


def _is_crs84(frame: gpd.GeoDataFrame) -> bool:
    """Say whether a CRS without an EPSG code is plain longitude and latitude."""
    return frame.crs is not None and bool(frame.crs.is_geographic)


def check_polygons(
    frame: gpd.GeoDataFrame, codes: pd.Series, file: str
) -> tuple[gpd.GeoDataFrame, list[Fault], list[str]]:
    """Return polygons that are whole; mend outlines that hardly change by it."""
    faults: list[Fault] = []
    remarks: list[str] = []
    shapes = frame.geometry.to_numpy()
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    kinds = shapely.get_type_id(shapes)
    if empty.any():
        cure = "Give every neighbourhood an outline, or remove its row."
        faults.append(Fault(f"{file}, {few(codes[empty])}", "has no outline.", cure))
    odd = ~empty & ~np.isin(kinds, (3, 6))
    if odd.any():
        cure = "Bring polygons."
        faults.append(Fault(f"{file}, {few(codes[odd])}", "is no polygon.", cure))
    broken = ~empty & ~odd & ~shapely.is_valid(shapes)
    if broken.any():
        mended = shapely.make_valid(shapes[broken])
        before, after = shapely.area(shapes[broken]), shapely.area(mended)
        near = np.abs(after - before) <= REPAIR_SHARE * np.maximum(before, 1e-9)
        near &= np.isin(shapely.get_type_id(mended), (3, 6))
        bad = codes[broken][~near]
        if len(bad):
            why = shapely.is_valid_reason(shapes[broken][~near])
            cure = "Mend the outline (in QGIS: Fix geometries) and look at the result."
            finding = f"has an invalid outline: {few(why)}."
            faults.append(Fault(f"{file}, {few(bad)}", finding, cure))
        shapes = shapes.copy()
        shapes[np.flatnonzero(broken)[near]] = mended[near]
        if near.any():
            remarks.append(f"{file}: van {int(near.sum())} buurten is de grens hersteld.")
    return frame.set_geometry(gpd.GeoSeries(shapes, frame.index, crs=frame.crs)), faults, remarks


def read_streets(
    path: Path, settings: StreetLineSettings | StreetDensitySettings
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return streets as lines with speed, flow and surface, or areas with metres of street."""
    frame, remarks = read_layer(path, settings)
    if isinstance(settings, StreetDensitySettings):
        wanted = {"street_m": settings.length_column}
    else:
        wanted = {"speed_kmh": settings.speed_column, "flow_veh_day": settings.flow_column}
    faults = [
        Fault(f"{settings.file}, column {theirs}", "is not there.", f"Found {few(frame.columns)}.")
        for theirs in [*wanted.values(), *_surface_column(settings)]
        if theirs not in frame
    ]
    if faults:
        raise DataError(faults)
    out = frame[["geometry"]].copy()
    for ours, theirs in wanted.items():
        out[ours] = pd.to_numeric(frame[theirs], errors="coerce").astype(float)
        bad = ~np.isfinite(out[ours]) | (out[ours] < 0.0)
        if bad.any():
            rows = few(f"row {row}" for row in out.index[bad])
            cure = "Fill in a number of zero or more for every street."
            faults.append(Fault(f"{settings.file}, column {theirs}, {rows}", "is unknown.", cure))
    for theirs in _surface_column(settings):
        out["surface"] = frame[theirs].astype(str)
        if odd := sorted(set(out["surface"]) - set(SURFACES)):
            cure = f"Use one of {', '.join(SURFACES)}."
            place = f"{settings.file}, column {theirs}"
            faults.append(Fault(place, f"holds unknown surfaces {few(odd)}.", cure))
    if isinstance(settings, StreetLineSettings):
        if not np.isin(shapely.get_type_id(out.geometry.to_numpy()), (1, 5)).all():
            faults.append(Fault(settings.file, "holds more than lines.", "Bring street lines."))
        out = out[shapely.length(out.geometry.to_numpy()) > 0.0].reset_index(drop=True)
    if faults:
        raise DataError(faults)
    return out, remarks


def _surface_column(settings: StreetLineSettings | StreetDensitySettings) -> list[str]:
    """Name the column with the surface, where streets are lines."""
    return [settings.surface_column] if isinstance(settings, StreetLineSettings) else []


def read_facilities(path: Path, settings: FacilitySettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return places to play and meet, with how many places each counts for."""
    frame, remarks = read_layer(path, settings)
    area = shapely.area(frame.geometry.to_numpy())
    places = np.where(area > 0.0, area / settings.m2_per_place, 1.0)
    return frame[["geometry"]].assign(places=places), remarks
