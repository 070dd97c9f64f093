"""Summer-mean urban heat: what the air is warmer than outside the city.

Takes a heat map where the case has one; else, or when asked, models it from
green and building, with the diagnostic equation of the Dutch heat stress test
or with two windows of green, and says so.

References
----------
Theeuwes, N. E. et al. (2017). A diagnostic equation for the daily maximum
urban heat island effect. Int. J. Climatol. 37, 443-454.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from evenground.config import ExposureSettings
from evenground.errors import DataError, Fault
from evenground.names import HEAT
from evenground.sources import Sources
from evenground.study import StudyArea, align
from evenground.study.window import window_mean

HEAT_CAPACITY_J_M3_K = 1.2 * 1005.0
"""Density times specific heat of air."""
MOST_FITTED = 50_000
"""Cells of a map that a fit looks at, evenly picked: more do not change three numbers."""
LEAST_FITTED = 10
"""Cells below which three numbers cannot be told."""


def model(study: StudyArea, sources: Sources, settings: ExposureSettings) -> NDArray[np.float32]:
    """Return the summer-mean heat island of each cell (y, x), in degC.

    Raises
    ------
    DataError
        If two windows are asked for with neither weights nor a map to fit them on.
    """
    if settings.heat_model == "two_window":
        return _two_windows(study, sources, settings)
    if settings.heat_model == "map" and HEAT in sources.rasters:
        return align(sources.rasters[HEAT], study.grid, "mean")
    return _diagnosed(study, settings)


def _diagnosed(study: StudyArea, settings: ExposureSettings) -> NDArray[np.float32]:
    """Heat island of each cell (y, x) from green and building in one window."""
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


def _two_windows(
    study: StudyArea, sources: Sources, settings: ExposureSettings
) -> NDArray[np.float32]:
    """Heat island of each cell (y, x) from green far and near, fitted where not given."""
    wide = window_mean(study.ground.green, study.grid, settings.heat_wide_m)
    near = window_mean(study.ground.green, study.grid, settings.heat_near_m)
    return two_window_heat_island(wide, near, _weights(wide, near, study, sources, settings))


@dataclass(frozen=True)
class TwoWindows:
    """What green in two windows takes from the heat island of a city."""

    highest_degc: float
    """Heat island of a place without any green."""
    wide: float
    """a1: part of it that green all over the wide window takes away, 0-1."""
    near: float
    """a2: the same of the near window."""
    rmse_degc: float = np.nan
    """Root mean square error on the map it was fitted on."""


def _weights(
    wide: NDArray[np.float32],
    near: NDArray[np.float32],
    study: StudyArea,
    sources: Sources,
    settings: ExposureSettings,
) -> TwoWindows:
    """Return the weights of the settings, or else those that fit the map."""
    given = (settings.heat_highest_degc, settings.heat_weight_wide, settings.heat_weight_near)
    if given[0] is not None and given[1] is not None and given[2] is not None:
        return TwoWindows(given[0], given[1], given[2])
    if HEAT not in sources.rasters:
        cure = (
            "Add [layers.heat], give heat_highest_degc, heat_weight_wide and heat_weight_near, "
            'or set heat_model = "diagnostic".'
        )
        finding = "asks for two windows, with no heat map to fit their weights on."
        raise DataError([Fault("exposure.heat_model", finding, cure)])
    return fit_two_windows(align(sources.rasters[HEAT], study.grid, "mean"), wide, near)


def two_window_heat_island(
    wide: NDArray[np.floating], near: NDArray[np.floating], weights: TwoWindows
) -> NDArray[np.float32]:
    r"""Return the heat island where green in two windows cools, in degC.

    Parameters
    ----------
    wide, near : any shape
        Green share within some 1000 m and within some 30 m, 0-1.

    Notes
    -----
    .. math:: UHI = UHI_{max} (1 - a_1 G^{(1000)}) (1 - a_2 G^{(30)})

    References
    ----------
    RIVM, urban heat island map: the form is RIVM's in words; its weights are not published.
    """
    warm = (1.0 - weights.wide * np.asarray(wide)) * (1.0 - weights.near * np.asarray(near))
    return np.asarray(weights.highest_degc * warm, np.float32)


def fit_two_windows(
    heat: NDArray[np.floating], wide: NDArray[np.floating], near: NDArray[np.floating]
) -> TwoWindows:
    r"""Return the weights of two windows that come nearest to a heat map.

    Parameters
    ----------
    heat, wide, near : any shape, all alike
        Heat island in degC and green share in both windows; where one is NaN none counts.

    Raises
    ------
    DataError
        If fewer than ten cells are known.

    Notes
    -----
    Least squares with :math:`UHI_{max} \ge 0` and :math:`0 \le a_1, a_2 \le 1`:

    .. math:: \min \sum_i \left(UHI_{max} (1 - a_1 G_i^{(1000)}) (1 - a_2 G_i^{(30)})
        - UHI_i\right)^2
    """
    layers = np.stack([np.ravel(part).astype(np.float64) for part in (heat, wide, near)])
    layers = layers[:, np.isfinite(layers).all(axis=0)]
    if layers.shape[1] < LEAST_FITTED:
        finding = f"has {layers.shape[1]} known cells, expected at least {LEAST_FITTED} to fit on."
        raise DataError([Fault("heat", finding, "Bring a heat map of the whole city.")])
    uhi, far, close = layers[:, :: max(1, layers.shape[1] // MOST_FITTED)]

    def miss(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        highest, a1, a2 = weights
        return np.asarray(highest * (1.0 - a1 * far) * (1.0 - a2 * close) - uhi)

    start = np.array([max(float(uhi.max()), 1e-3), 0.5, 0.5])
    found = least_squares(miss, start, bounds=([0.0, 0.0, 0.0], [np.inf, 1.0, 1.0]), xtol=1e-12)
    highest, a1, a2 = found.x.tolist()
    return TwoWindows(highest, a1, a2, float(np.sqrt(np.mean(found.fun**2))))


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
