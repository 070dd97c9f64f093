"""GeoTIFF layers as found, checked: real GeoTIFF, CRS, grid, nodata and range.

Nothing is resampled here. A value that cannot be is missing, and how many
there were is said; too many are a fault.
"""

from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
from numpy.typing import NDArray
from rasterio.errors import RasterioError

from evenground.config import LayerSettings
from evenground.errors import DataError, Fault, few
from evenground.names import X, Y
from evenground.sources.themes import THEMES

MOST_CELLS = 400_000_000
"""Larger rasters are refused from their header, before a cell is read."""
MOST_MASKED = 0.01
"""Largest share of known cells that may lie outside the plausible range."""


def read_raster(
    path: Path, name: str, settings: LayerSettings, cell_m: int
) -> tuple[xr.DataArray, list[str]]:
    """Return a raster (y, x) with NaN where it is missing, and Dutch remarks.

    Raises
    ------
    DataError
        If it is no whole GeoTIFF in EPSG:28992 on a grid of whole multiples of ``cell_m``,
        or holds values that cannot be.
    """
    place = f"{settings.file} ({name})"
    try:
        with rasterio.open(path, driver="GTiff") as source:
            faults = _header_faults(source, settings, place, cell_m)
            if faults:
                raise DataError(faults)
            values = source.read(settings.band).astype(np.float64)
            tag = source.nodatavals[settings.band - 1]
            transform = source.transform
    except RasterioError as error:
        cure = f"Bring a whole GeoTIFF; fetch or export it again. ({error})"
        raise DataError([Fault(place, "is no readable GeoTIFF.", cure)]) from None
    values, remark = _known(values, tag, name, settings, place)
    rows = transform.f - (np.arange(values.shape[0]) + 0.5) * transform.a
    cols = transform.c + (np.arange(values.shape[1]) + 0.5) * transform.a
    attrs = {
        "units": THEMES[name].units,
        "quality": settings.quality,
        "year": settings.year,
        "source": settings.source,
        "licence": settings.licence,
        "cell_m": transform.a,
        "left": transform.c,
        "top": transform.f,
    }
    array = xr.DataArray(values.astype(np.float32), {Y: rows, X: cols}, (Y, X), name, attrs)
    return array, remark


def _header_faults(
    source: rasterio.DatasetReader, settings: LayerSettings, place: str, cell_m: int
) -> list[Fault]:
    """List what is wrong with a raster before a cell is read."""
    if source.width * source.height > MOST_CELLS:
        finding = f"has {source.width} x {source.height} cells, most is {MOST_CELLS:_}."
        return [Fault(place, finding, "Cut it to the municipality.")]
    faults = []
    code = None if source.crs is None else source.crs.to_epsg()
    if code != 28992:
        found = "no CRS" if source.crs is None else f"CRS {source.crs.to_string()[:60]}"
        cure = "Warp it to EPSG:28992 (RD New), or assign that CRS if it is in RD."
        faults.append(Fault(place, f"has {found}, expected EPSG:28992.", cure))
    if settings.band > source.count:
        cure = f"Set band to 1..{source.count}."
        faults.append(Fault(place, f"has no band {settings.band}.", cure))
    t = source.transform
    if t.b or t.d or t.a <= 0.0 or t.e >= 0.0 or abs(t.a + t.e) > 1e-9 * t.a:
        cure = "Warp it to a north-up grid of square cells."
        faults.append(Fault(place, f"is rotated, flipped or not square: {few(t[:6], 6)}.", cure))
    elif _off_grid(t, cell_m):
        finding = f"its cells of {t.a:g} m from ({t.c:g}, {t.f:g}) do not fit cells of {cell_m} m."
        cure = (
            f"Warp it to edges on multiples of the cell size, e.g. gdalwarp -tr {cell_m} {cell_m} "
            "-tap -r average, or choose another grid.cell_m."
        )
        faults.append(Fault(place, finding, cure))
    return faults


def _off_grid(transform: rasterio.Affine, cell_m: int) -> bool:
    """Say whether cells are no whole multiple or part of ours, or lie between ours."""
    size = transform.a
    small, large = min(size, cell_m), max(size, cell_m)
    return any(
        abs(value / small - round(value / small)) > 1e-6
        for value in (large, transform.c, transform.f)
    )


def _known(
    values: NDArray[np.float64],
    tag: float | None,
    name: str,
    settings: LayerSettings,
    place: str,
) -> tuple[NDArray[np.float64], list[str]]:
    """Mask what is missing and what cannot be; say how much, refuse when it is too much."""
    theme = THEMES[name]
    values = np.where(np.isfinite(values), values, np.nan)
    for missing in (tag, settings.nodata):
        if missing is not None and np.isfinite(missing):
            values = np.where(np.isclose(values, missing, rtol=1e-6, atol=0.0), np.nan, values)
    if settings.unit == "percent":
        values = values / 100.0
    with np.errstate(invalid="ignore"):
        odd = (values < theme.lowest) | (values > theme.highest)
    known = int(np.isfinite(values).sum())
    if known == 0:
        raise DataError([Fault(place, "holds no value at all.", "Check band and nodata.")])
    count = int(odd.sum())
    if count == 0:
        return values, []
    shown = few(f"{value:g}" for value in np.unique(values[odd])[:6])
    finding = (
        f"{count} of {known} cells lie outside {theme.lowest:g}..{theme.highest:g} "
        f"{theme.units}: {shown}."
    )
    if tag is None and settings.nodata is None:
        cure = f"If that number stands for missing, set nodata in [layers.{name}]; else mend unit."
        raise DataError([Fault(place, f"declares no nodata, and {finding}", cure)])
    if count > MOST_MASKED * known:
        raise DataError([Fault(place, finding, f"Check unit and nodata in [layers.{name}].")])
    remark = f"{settings.file}: {count} cellen met onmogelijke waarden tellen als onbekend."
    return np.where(odd, np.nan, values), [remark]
