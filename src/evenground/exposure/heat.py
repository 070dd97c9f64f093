"""Summer-mean urban heat: what the air is warmer than outside the city.

Takes a heat map where the case has one; else models it from green and
building with the diagnostic equation of the Dutch heat stress test, and says so.

References
----------
Theeuwes, N. E. et al. (2017). A diagnostic equation for the daily maximum
urban heat island effect. Int. J. Climatol. 37, 443-454.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.config import ExposureSettings
from evenground.names import HEAT
from evenground.sources import Sources
from evenground.study import StudyArea, align
from evenground.study.window import window_mean

HEAT_CAPACITY_J_M3_K = 1.2 * 1005.0
"""Density times specific heat of air."""


def model(study: StudyArea, sources: Sources, settings: ExposureSettings) -> NDArray[np.float32]:
    """Return the summer-mean heat island of each cell (y, x), in degC."""
    if HEAT in sources.rasters:
        return align(sources.rasters[HEAT], study.grid, "mean")
    green = window_mean(study.ground.green, study.grid, settings.heat_window_m)
    built = np.clip(1.0 - study.ground.green - study.ground.water, 0.0, 1.0)
    built = window_mean(built, study.grid, settings.heat_window_m)
    drop = settings.sky_view_open - settings.sky_view_built
    sky_view = settings.sky_view_open - drop * built
    highest = diagnostic_heat_island(
        sky_view,
        green,
        radiation_w_m2=settings.summer_radiation_w_m2,
        daily_range_degc=settings.summer_temperature_range_degc,
        wind_m_s=settings.summer_wind_m_s,
    )
    return np.asarray(settings.heat_summer_factor * np.maximum(highest, 0.0), np.float32)


def diagnostic_heat_island(
    sky_view: NDArray[np.floating],
    green: NDArray[np.floating],
    *,
    radiation_w_m2: float,
    daily_range_degc: float,
    wind_m_s: float,
) -> NDArray[np.floating]:
    r"""Return the daily maximum of the urban heat island, in degC.

    Parameters
    ----------
    sky_view, green : any shape
        Sky view factor and green fraction in the window upwind, 0-1.
    radiation_w_m2, daily_range_degc, wind_m_s
        Daily mean radiation, range of temperature over the day and wind at 10 m.

    Notes
    -----
    .. math:: UHI_{max} = (2 - SVF - f_{veg}) \Big(\frac{S\,DTR^3}{U}\Big)^{1/4},
        \quad S = Q / (\rho c_p)

    References
    ----------
    Theeuwes et al. (2017); exponent 1/4 as in the Dutch guideline.
    """
    source = radiation_w_m2 / HEAT_CAPACITY_J_M3_K
    factor = (source * daily_range_degc**3 / wind_m_s) ** 0.25
    return np.asarray((2.0 - sky_view - green) * factor)
