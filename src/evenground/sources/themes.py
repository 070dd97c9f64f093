"""Rasters that a case may bring, with the range in which their values make sense.

A value outside the range is missing data in disguise or a wrong unit, never
an exposure.
"""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Theme:
    """What a raster holds: unit inside evenground and plausible range."""

    units: str
    lowest: float
    highest: float


_SHARE = Theme("1", 0.0, 1.0)

THEMES = {
    "heat": Theme("degC", -1.0, 10.0),
    "noise": Theme("dB", 20.0, 100.0),
    "no2": Theme("ug m-3", 0.0, 100.0),
    "no2_background": Theme("ug m-3", 0.0, 100.0),
    "pm25": Theme("ug m-3", 0.0, 60.0),
    "pm25_background": Theme("ug m-3", 0.0, 60.0),
    "green": _SHARE,
    "ndvi": Theme("1", -1.0, 1.0),
    "park": _SHARE,
    "water": _SHARE,
    "paved_public": _SHARE,
    "paved_private": _SHARE,
    "weight": Theme("1", 0.0, inf),
}
"""By the name in the case file."""

REQUIRED = (("noise",), ("no2",), ("pm25",), ("green", "ndvi"))
"""Rasters without which no case can run; one of each tuple will do."""

SURFACES = (
    "dab",
    "sma_nl8",
    "sma_nl5",
    "sma_optimised",
    "thin_a",
    "thin_b",
    "brick_herringbone",
    "brick_other",
    "brick_quiet",
)
"""Street surfaces of which the noise emission is known."""
