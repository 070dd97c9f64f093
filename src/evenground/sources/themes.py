"""Rasters that a case may bring, with the range in which their values make sense.

A value outside the range is missing data in disguise or a wrong unit, never
an exposure. Knows nothing of files.
"""

from dataclasses import dataclass
from math import inf

from evenground.names import GREEN, HEAT, NO2, NOISE, PM25


@dataclass(frozen=True)
class Theme:
    """What a raster holds: its unit inside evenground and its plausible range."""

    name: str
    unit: str
    """CF spelling."""
    lowest: float
    highest: float
    accepts: tuple[str, ...]
    """Units that the file may have, as the case file spells them."""
    section: str = "layers"
    """Part of the case file that names it."""


def _share(name: str) -> Theme:
    """Describe a raster of parts of a cell."""
    return Theme(name, "1", 0.0, 1.0, ("1", "percent"))


def _concentration(name: str, highest: float) -> Theme:
    """Describe a raster of a yearly mean in the air."""
    return Theme(name, "ug m-3", 0.0, highest, ("ug m-3",))


THEMES: dict[str, Theme] = {
    theme.name: theme
    for theme in (
        Theme(HEAT, "degC", -1.0, 10.0, ("degC",)),
        Theme(NOISE, "dB", 20.0, 100.0, ("dB",)),
        _concentration(NO2, 100.0),
        _concentration("no2_background", 100.0),
        _concentration(PM25, 60.0),
        _concentration("pm25_background", 60.0),
        _share(GREEN),
        Theme("ndvi", "1", -1.0, 1.0, ("ndvi", "1")),
        _share("park"),
        _share("water"),
        _share("paved_public"),
        _share("paved_private"),
        Theme("weight", "1", 0.0, inf, ("1", "percent", "m2", "m")),
    )
}
"""Known rasters by the name in the case file."""

REQUIRED = ((NOISE,), (NO2,), (PM25,), (GREEN, "ndvi"))
"""Rasters without which no case can run; of each tuple the first that is there is used."""

MOST_CELLS = 400_000_000
"""Larger rasters are refused from their header, before a cell is read."""

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
"""Street surfaces whose noise emission is known; ``dab`` is the reference, dense asphalt."""
