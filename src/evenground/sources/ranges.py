"""Which cells of a raster hold a value: what is missing, and what cannot be.

A number declared as nodata is missing. Where nothing is declared, an
impossible number is a fault, for it may stand for missing; where something is,
few impossible numbers are masked and it is said. Knows nothing of files.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground.config import RasterSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.dutch import count, percent
from evenground.sources.themes import Theme

Float32 = NDArray[np.float32]

MOST_MASKED = 0.01
"""Largest share of the valid cells that may lie outside the plausible range."""
ROUNDING = 1e-5
"""How far beyond its range a share or index may lie by rounding alone."""


@dataclass(frozen=True)
class Raw:
    """A band as the file has it."""

    values: Float32
    """(y, x), in the unit of the file."""
    tag: float | None
    """Number that the file declares as nodata."""
    has_mask: bool
    """True where the file says by a mask what is missing."""


def judge(
    raw: Raw, theme: Theme, settings: RasterSettings, place: str
) -> tuple[Float32, float, list[str]]:
    """Return values in our unit with NaN where missing, the share masked, and Dutch remarks.

    Parameters
    ----------
    raw
        Its values are changed in place, as rasters may be large.

    Raises
    ------
    DataError
        If nothing is known, or too much cannot be.
    """
    if faults := _tag_faults(raw, theme, settings, place):
        raise DataError(faults)
    values = raw.values
    values[~np.isfinite(values)] = np.nan
    for number in _missing_numbers(raw, theme, settings):
        values[_equal(values, number)] = np.nan
    if faults := _percent_faults(values, settings, place):
        raise DataError(faults)
    if settings.unit == "percent":
        values /= np.float32(100.0)
    return _mask_impossible(values, theme, settings, place, declared=_is_declared(raw, settings))


def _is_declared(raw: Raw, settings: RasterSettings) -> bool:
    """Say whether file or case tell what is missing."""
    return raw.tag is not None or raw.has_mask or settings.nodata is not None


def _missing_numbers(raw: Raw, theme: Theme, settings: RasterSettings) -> list[float]:
    """Return the numbers that stand for missing.

    The case is believed above a tag that could be a value of the theme itself.
    """
    numbers = [] if settings.nodata is None else [settings.nodata]
    if raw.tag is not None and not (numbers and _could_be(raw.tag, theme, settings)):
        numbers.append(raw.tag)
    return [number for number in numbers if np.isfinite(number)]


def _could_be(number: float, theme: Theme, settings: RasterSettings) -> bool:
    """Say whether a number of the file lies in the plausible range of the theme."""
    scale = 100.0 if settings.unit == "percent" else 1.0
    return theme.lowest * scale <= number <= theme.highest * scale


def _equal(values: Float32, number: float) -> NDArray[np.bool_]:
    """Return where values are a number, as far as float32 can tell."""
    slack = abs(number) * 1e-6
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((values >= number - slack) & (values <= number + slack))


def _tag_faults(raw: Raw, theme: Theme, settings: RasterSettings, place: str) -> list[Fault]:
    """Fault for a nodata tag that may as well be a real value, such as 0 for green."""
    tag = raw.tag
    if tag is None or settings.nodata is not None or not _could_be(tag, theme, settings):
        return []
    hits = int(_equal(raw.values, tag).sum())
    if hits == 0:
        return []
    finding = f"declares {tag:.9g} as nodata ({hits} cells), which could also be a value."
    cure = (
        f"Set nodata = {tag:.9g} in [{theme.section}.{theme.name}] if it is missing there, "
        "or the number that is."
    )
    return [Fault(place, finding, cure)]


def _percent_faults(values: Float32, settings: RasterSettings, place: str) -> list[Fault]:
    """List rasters without any value, and shares that pose as percentages."""
    known = np.isfinite(values)
    if not known.any():
        return [Fault(place, "holds no value at all.", "Check band and nodata.")]
    highest = float(values[known].max())
    if settings.unit == "percent" and 0.0 < highest <= 1.0:
        finding = f"is {highest:g} at most, expected percentages."
        return [Fault(place, finding, 'Set unit = "1" if these are shares.')]
    return []


def _mask_impossible(
    values: Float32, theme: Theme, settings: RasterSettings, place: str, *, declared: bool
) -> tuple[Float32, float, list[str]]:
    """Mask values outside the plausible range where they are few, else raise."""
    known = int(np.isfinite(values).sum())
    with np.errstate(invalid="ignore"):
        odd = (values < theme.lowest - ROUNDING) | (values > theme.highest + ROUNDING)
    hits = int(odd.sum())
    if hits == 0:
        return np.clip(values, theme.lowest, theme.highest, out=values), 0.0, []
    share = hits / known
    scale = 100.0 if settings.unit == "percent" else 1.0
    found, often = np.unique(values[odd] * scale, return_counts=True)
    order = np.argsort(-often)
    shown = few(f"{found[k]:.9g} in {often[k]} cells" for k in order)
    bounds = f"{theme.lowest * scale:g} to {theme.highest * scale:g} {settings.unit}"
    finding = f"{hits} of {known} cells lie outside {bounds} ({shown})."
    if not declared:
        cure = (
            f"If {found[order[0]]:.9g} stands for missing, set nodata in "
            f"[{theme.section}.{theme.name}] to that number; else correct the unit."
        )
        raise DataError([Fault(place, f"declares no nodata, and {finding}", cure)])
    if share > MOST_MASKED:
        cure = (
            f"Check unit, band and nodata in [{theme.section}.{theme.name}]; "
            "nodata may be another number."
        )
        raise DataError([Fault(place, finding, cure)])
    values[odd] = np.nan
    remark = (
        f"{settings.file}: {count(hits)} cellen met onmogelijke waarden ({percent(share)} van de "
        "bekende cellen) tellen als onbekend."
    )
    return np.clip(values, theme.lowest, theme.highest, out=values), share, [remark]
