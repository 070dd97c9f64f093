"""Noise around homes as Lden, taken from a map and kept in dB.

Decibels are brought to another grid through energy, never averaged as they stand.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.config import ExposureSettings
from evenground.names import NOISE
from evenground.sources import Sources
from evenground.study import StudyArea, align


def model(study: StudyArea, sources: Sources, settings: ExposureSettings) -> NDArray[np.float32]:  # noqa: ARG001 - every layer has the same face
    """Return Lden of each cell (y, x), in dB."""
    return align(sources.rasters[NOISE], study.grid, "energy")


def energetic_sum(levels_db: NDArray[np.floating]) -> float:
    r"""Return the level of several sources together, in dB.

    Notes
    -----
    .. math:: L = 10 \lg \sum_s 10^{L_s / 10}
    """
    return float(10.0 * np.log10(np.sum(10.0 ** (np.asarray(levels_db) / 10.0))))


def day_evening_night(day_db: float, evening_db: float, night_db: float) -> float:
    r"""Return Lden from the levels by day, evening and night, in dB.

    Notes
    -----
    .. math:: L_{den} = 10 \lg \frac{12 \cdot 10^{L_d/10} + 4 \cdot 10^{(L_e+5)/10}
        + 8 \cdot 10^{(L_n+10)/10}}{24}
    """
    energy = (
        12.0 * 10.0 ** (day_db / 10.0)
        + 4.0 * 10.0 ** ((evening_db + 5.0) / 10.0)
        + 8.0 * 10.0 ** ((night_db + 10.0) / 10.0)
    )
    return float(10.0 * np.log10(energy / 24.0))
