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

    Parameters
    ----------
    levels_db : (source,)
        Level of each alone.

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


def night_level(
    day_evening_night_db: float, day_over_night_db: float, evening_over_night_db: float
) -> float:
    r"""Return Lnight from Lden and by how much day and evening are louder than the night, in dB.

    Notes
    -----
    With :math:`a = L_d - L_n` and :math:`b = L_e - L_n`:

    .. math:: L_{night} = L_{den} - 10 \lg \frac{12 \cdot 10^{a/10} + 4 \cdot 10^{(b+5)/10}
        + 8 \cdot 10}{24}

    The engine takes the whole difference as one setting, ``health.lnight_offset_db``: 8.5 dB
    of urban roads (assumption, 7-10). Day 7 and evening 4 dB above the night give 8.6.
    """
    return day_evening_night_db - day_evening_night(day_over_night_db, evening_over_night_db, 0.0)


def changed_level(
    level_db: NDArray[np.floating], share: NDArray[np.floating], change_db: NDArray[np.floating]
) -> NDArray[np.float64]:
    r"""Return the level after each group of roads becomes louder or quieter, in dB (...,).

    Parameters
    ----------
    level_db : (...,)
        Level today.
    share : (..., group)
        Share of the energy of each group of roads; together they are at most one, and what
        is left stays as it is.
    change_db : (group,)
        By how much each group becomes louder.

    Notes
    -----
    .. math:: L^p = L^b + 10 \lg \Big(1 + \sum_r s_r (10^{\delta_r/10} - 1)\Big)
    """
    ratio = 1.0 + np.asarray(share) @ (10.0 ** (np.asarray(change_db) / 10.0) - 1.0)
    return np.asarray(level_db + 10.0 * np.log10(ratio), np.float64)
