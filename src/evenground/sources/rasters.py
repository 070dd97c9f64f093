"""GeoTIFF layers as found: whole, in EPSG:28992, on cells that fit the grid of the case.

Nothing is resampled here. The header is judged before a cell is read; the
values are judged by ``evenground.sources.ranges``. Files beside the GeoTIFF
are ignored, so that its fingerprint tells all.
"""

import math
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.io import DatasetReader

from evenground.config import RasterSettings
from evenground.errors import DataError, Fault, few
from evenground.names import X, Y
from evenground.sources.ranges import Raw, judge
from evenground.sources.themes import MOST_CELLS, Theme
from evenground.sources.vectors import RD, RD_BOX

WIDEST_M = 10_000
"""Largest cells that can tell parts of a city apart at all."""
EDGE_M = 0.01
"""Largest distance of an edge from a multiple of the cell size that is taken for rounding."""
NUMBER_TYPES = (
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "float32",
    "float64",
)
COLOURS = (
    ColorInterp.red,
    ColorInterp.green,
    ColorInterp.blue,
    ColorInterp.alpha,
    ColorInterp.palette,
)
OPTIONS = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
"""Settings of GDAL that keep it from files beside the one that is named."""


def read_raster(
    path: Path, theme: Theme, settings: RasterSettings, cell_m: int
) -> tuple[xr.DataArray, list[str]]:
    """Return a raster (y, x) with NaN where it is missing, and Dutch remarks.

    Parameters
    ----------
    cell_m
        Cell size of the case: that of the raster is equal, or a whole multiple or part of it.

    Raises
    ------
    DataError
        With every fault of the header, or else of the values.
    """
    place = f"{settings.file} ({theme.name})"
    raw, (left, top), size = _read(path, theme, settings, cell_m)
    values, masked_share, remarks = judge(raw, theme, settings, place)
    coords = {
        Y: top - (np.arange(values.shape[0]) + 0.5) * size,
        X: left + (np.arange(values.shape[1]) + 0.5) * size,
    }
    attrs = {
        "units": theme.unit,
        "quality": settings.quality,
        "year": settings.year,
        "source": settings.source,
        "licence": settings.licence,
        "masked_share": masked_share,
        "cell_m": size,
        "left": left,
        "top": top,
    }
    return xr.DataArray(values, coords, (Y, X), theme.name, attrs), remarks


def _read(
    path: Path, theme: Theme, settings: RasterSettings, cell_m: int
) -> tuple[Raw, tuple[float, float], float]:
    """Return the cells of a band, the upper left corner and the cell size."""
    place = f"{settings.file} ({theme.name})"
    try:
        with warnings.catch_warnings(), rasterio.Env(**OPTIONS):
            warnings.simplefilter("ignore")
            with rasterio.open(path, driver="GTiff") as source:
                _check_header(source, theme, settings, cell_m, path.stat().st_size)
                raw = _cells(source, settings.band)
                left, top, size = (round(source.transform[k]) for k in (2, 5, 0))
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001 - GDAL raises many kinds for one broken file
        cure = "Bring a whole GeoTIFF: it may be cut off, or another format inside."
        reason = " ".join(str(error).split())[:160]
        raise DataError([Fault(place, f"is no readable GeoTIFF ({reason}).", cure)]) from None
    return raw, (float(left), float(top)), float(size)


def _check_header(
    source: DatasetReader, theme: Theme, settings: RasterSettings, cell_m: int, file_bytes: int
) -> None:
    """Raise if anything is wrong with a raster before a cell is read."""
    if faults := header_faults(source, theme, settings, cell_m, file_bytes):
        raise DataError(faults)


def _cells(source: DatasetReader, band: int) -> Raw:
    """Read a band to its end, with what the file itself says is missing."""
    with np.errstate(over="ignore"):
        values = source.read(band).astype(np.float32)
    has_mask = MaskFlags.per_dataset in source.mask_flag_enums[band - 1]
    if has_mask:
        values[source.read_masks(band) == 0] = np.nan
    return Raw(values, source.nodatavals[band - 1], has_mask)


def _block_faults(
    source: DatasetReader, settings: RasterSettings, place: str, file_bytes: int
) -> list[Fault]:
    """Fault for blocks beyond the end of the file, and for those that were never written.

    The latter would read as zero. A sparse file that declares nodata means them to be
    missing; one whose writer was stopped looks the same but for that.
    """
    band = settings.band
    if band > source.count:
        return []
    height, width = source.block_shapes[band - 1]
    offsets, is_cut = [], False
    for y, x in product(
        range(math.ceil(source.height / height)), range(math.ceil(source.width / width))
    ):
        offset = source.get_tag_item(f"BLOCK_OFFSET_{x}_{y}", "TIFF", bidx=band)
        length = source.get_tag_item(f"BLOCK_SIZE_{x}_{y}", "TIFF", bidx=band)
        offsets.append(offset)
        is_cut |= int(offset or 0) + int(length or 0) > file_bytes
    if is_cut:
        cure = "Bring a whole GeoTIFF: it may be cut off, or another format inside."
        return [Fault(place, f"is no readable GeoTIFF (it ends at byte {file_bytes}).", cure)]
    holes = offsets.count(None)
    if not holes or source.nodatavals[band - 1] is not None:
        return []
    finding = f"lacks the cells of {holes} of its {len(offsets)} blocks, and has no nodata."
    return [Fault(place, finding, "It may be half-written: export it again, with nodata.")]


def header_faults(
    source: DatasetReader, theme: Theme, settings: RasterSettings, cell_m: int, file_bytes: int
) -> list[Fault]:
    """List what is wrong with a raster before a cell is read."""
    place = f"{settings.file} ({theme.name})"
    # What is too large or not whole says nothing else that can be trusted.
    if unfit := _size_faults(source, place) or _block_faults(source, settings, place, file_bytes):
        return unfit
    faults = [
        *_unit_faults(theme, settings, place),
        *_band_faults(source, settings, place),
        *(wrong_crs := _crs_faults(source, place)),
    ]
    # In another CRS the grid must differ: one cure mends both.
    is_elsewhere = bool(wrong_crs) and source.crs is not None
    return faults if is_elsewhere else faults + _transform_faults(source, cell_m, place)


def _size_faults(source: DatasetReader, place: str) -> list[Fault]:
    """Fault for a raster that would fill the memory."""
    if source.width * source.height <= MOST_CELLS:
        return []
    finding = f"has {source.width} x {source.height} cells, at most {MOST_CELLS} are read."
    return [Fault(place, finding, "Cut it to the municipality.")]


def _unit_faults(theme: Theme, settings: RasterSettings, place: str) -> list[Fault]:
    """Fault for a unit that this theme cannot have."""
    if settings.unit in theme.accepts:
        return []
    finding = f"has unit {settings.unit!r}, expected {' or '.join(map(repr, theme.accepts))}."
    return [Fault(place, finding, "Convert the numbers, or correct unit.")]


def _crs_faults(source: DatasetReader, place: str) -> list[Fault]:
    """Fault for any CRS but EPSG:28992."""
    code = None if source.crs is None else source.crs.to_epsg()
    if code == RD:
        return []
    found = "no CRS" if source.crs is None else f"CRS {source.crs.to_string()[:60]}"
    cure = "Warp it to EPSG:28992 (RD New), or write that CRS into the file if it is in RD."
    return [Fault(place, f"has {found}, expected EPSG:28992.", cure)]


def _band_faults(source: DatasetReader, settings: RasterSettings, place: str) -> list[Fault]:
    """List a band that is not there, or holds no plain numbers."""
    band = settings.band
    if band > source.count:
        return [Fault(place, f"has no band {band}.", f"Set band to 1..{source.count}.")]
    dtype, colour = source.dtypes[band - 1], source.colorinterp[band - 1]
    scale, offset = source.scales[band - 1], source.offsets[band - 1]
    faults = []
    if dtype not in NUMBER_TYPES:
        cure = "Export it as float32."
        faults.append(Fault(place, f"holds {dtype}, expected {few(NUMBER_TYPES, 8)}.", cure))
    if colour in COLOURS:
        cure = "Export the numbers, not the picture (WCS or download, not WMS)."
        faults.append(Fault(place, f"is a picture in colours ({colour.name}).", cure))
    if (scale, offset) != (1.0, 0.0):
        cure = "Apply it and save the result (gdal_translate -unscale -ot Float32)."
        finding = f"declares a scale of {scale:g} and an offset of {offset:g}."
        faults.append(Fault(place, finding, cure))
    return faults


def _transform_faults(source: DatasetReader, cell_m: int, place: str) -> list[Fault]:
    """List what keeps the cells from the grid of the case."""
    t = source.transform
    is_finite = all(map(math.isfinite, t[:6]))
    if not is_finite or t.b or t.d or t.a <= 0.0 or t.e >= 0.0 or abs(t.a + t.e) > 1e-6 * t.a:
        finding = f"is rotated, flipped or not square: transform {few(t[:6], 6)}."
        return [Fault(place, finding, "Warp it to a north-up grid of square cells.")]
    left, bottom, right, top = source.bounds
    if left >= RD_BOX[2] or bottom >= RD_BOX[3] or right <= RD_BOX[0] or top <= RD_BOX[1]:
        finding = f"lies outside the Netherlands, with its upper left corner at {few((left, top))}."
        return [Fault(place, finding, "Check its CRS and the order of its axes.")]
    size = round(t.a)
    small, large = min(size, cell_m), max(size, cell_m)
    if not 1 <= size <= WIDEST_M or abs(t.a - size) * max(source.shape) > EDGE_M or large % small:
        finding = f"its cells of {t.a:g} m do not fit cells of {cell_m} m, those of the case."
        cure = (
            "Bring cells of whole metres that fit into the other a whole number of times, "
            "or change grid.cell_m."
        )
        return [Fault(place, finding, cure)]
    if all(abs(edge - size * round(edge / size)) <= EDGE_M for edge in source.bounds):
        return []
    finding = (
        f"its corner ({t.c:g}, {t.f:g}) is no multiple of its cells of {size} m, "
        "so that they do not fit the grid."
    )
    cure = (
        f"If its coordinates are of cell centres, shift it by half a cell; else warp it with "
        f"gdalwarp -tap -tr {size} {size}."
    )
    return [Fault(place, finding, cure)]
