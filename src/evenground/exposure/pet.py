"""Physiological equivalent temperature (PET): how hot a summer day feels outdoors.

Takes the weather of one moment and what surrounds a person at 1 to 2 m above
the ground. For comfort on maps only: no health function goes with it, so it is
not one of the layers that become burden.

References
----------
Koopmans, S. et al. (2020). A standardized PET urban heat map for the Netherlands.
Build. Environ.; formulas as in its public implementations.
Stull, R. (2011). J. Appl. Meteorol. Climatol. 50, 2267-2269 (wet bulb).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]

STEFAN_BOLTZMANN_W_M2_K4 = 5.67e-8
LEAST_WIND_M_S = 0.5
"""Below this wind the regression does not hold; calmer air counts as this."""
BOWEN_PAVED = 3.0
"""Sensible over latent heat of paved ground."""
BOWEN_GREEN = 0.4
"""The same of ground with plants."""


@dataclass(frozen=True)
class Weather:
    """The weather of one moment, at the place itself: wind and heat of the city included."""

    temperature_degc: float
    humidity: float
    """Relative humidity, 0-1."""
    wind_m_s: float
    """At 1.2 m above the ground."""
    radiation_w_m2: float
    """Global radiation."""
    diffuse_w_m2: float
    """The part of it that comes from the sky and not from the sun."""
    sun_elevation_deg: float
    """Height of the sun above the horizon."""

    @property
    def log_wind(self) -> float:
        """Natural logarithm of the wind, with its floor."""
        return float(np.log(max(self.wind_m_s, LEAST_WIND_M_S)))


def wet_bulb(temperature_degc: Float | float, humidity: Float | float) -> Float:
    r"""Return the wet-bulb temperature near sea level, in degC.

    Parameters
    ----------
    temperature_degc, humidity : any shape
        Air temperature, and relative humidity (0-1).

    Notes
    -----
    With RH in percent:

    .. math:: T_w = T \arctan(0.151977 \sqrt{RH + 8.313659}) + \arctan(T + RH)
        - \arctan(RH - 1.676331) + 0.00391838\, RH^{1.5} \arctan(0.023101\, RH) - 4.686035
    """
    t, rh = np.asarray(temperature_degc), 100.0 * np.asarray(humidity)
    return np.asarray(
        t * np.arctan(0.151977 * np.sqrt(rh + 8.313659))
        + np.arctan(t + rh)
        - np.arctan(rh - 1.676331)
        + 0.00391838 * rh**1.5 * np.arctan(0.023101 * rh)
        - 4.686035
    )


def in_sun(weather: Weather, bowen_ratio: Float | float, sky_view: Float | float) -> Float:
    r"""Return PET of a place in the sun, in degC.

    Parameters
    ----------
    bowen_ratio, sky_view : any shape
        ``BOWEN_PAVED`` to ``BOWEN_GREEN``, and the part of the sky that is seen (0-1).

    Notes
    -----
    .. math:: PET = -13.26 + 1.25 T_a + 0.011 Q - 3.37 \ln u + 0.078 T_w + 0.0055 Q \ln u
        + 5.56 \sin\varphi - 0.0103 Q \ln u \sin\varphi + 0.546 B + 1.94\, SVF
    """
    q, log_wind = weather.radiation_w_m2, weather.log_wind
    height = np.sin(np.radians(weather.sun_elevation_deg))
    return np.asarray(
        -13.26
        + 1.25 * weather.temperature_degc
        + 0.011 * q
        - 3.37 * log_wind
        + 0.078 * wet_bulb(weather.temperature_degc, weather.humidity)
        + 0.0055 * q * log_wind
        + 5.56 * height
        - 0.0103 * q * log_wind * height
        + 0.546 * np.asarray(bowen_ratio)
        + 1.94 * np.asarray(sky_view)
    )


def in_shade(weather: Weather, sky_view: Float | float) -> Float:
    r"""Return PET of a place in the shade, or at night, in degC.

    Parameters
    ----------
    sky_view : any shape
        Part of the sky that is seen (0-1).

    Notes
    -----
    .. math:: PET = -12.14 + 1.25 T_a - 1.47 \ln u + 0.060 T_w + 0.015\, SVF\, Q_d
        + 0.0060 (1 - SVF)\, \sigma (T_a + 273.15)^4
    """
    open_sky = np.asarray(sky_view)
    walls = STEFAN_BOLTZMANN_W_M2_K4 * (weather.temperature_degc + 273.15) ** 4
    return np.asarray(
        -12.14
        + 1.25 * weather.temperature_degc
        - 1.47 * weather.log_wind
        + 0.060 * wet_bulb(weather.temperature_degc, weather.humidity)
        + 0.015 * open_sky * weather.diffuse_w_m2
        + 0.0060 * (1.0 - open_sky) * walls
    )


CROWN_PLANTED_M2, CROWN_GROWN_M2 = 5.0, 25.0
"""Ground below the crown of a street tree when it is planted and after twenty years (recalled)."""
GROWN_YEARS = 20.0


def crown_area_m2(years: Float | float) -> Float:
    r"""Return the ground below the crown of a street tree by its years since planting, in m2.

    Notes
    -----
    In a straight line from 5 to 25 m2 (15-40) in twenty years, and no more after that:

    .. math:: A_c(t) = 5 + 20 \min(t, 20) / 20
    """
    grown = np.clip(np.asarray(years, np.float64) / GROWN_YEARS, 0.0, 1.0)
    return np.asarray(CROWN_PLANTED_M2 + (CROWN_GROWN_M2 - CROWN_PLANTED_M2) * grown)


def shaded_share(crown_m2: Float, area_m2: float) -> float:
    r"""Return the share of a place that lies in the shade of its trees, 0-1.

    Parameters
    ----------
    crown_m2 : (tree,)
        Ground below each crown; crowns lie without regard to one another, so they overlap.

    Notes
    -----
    .. math:: f_{sh} = 1 - \prod_j (1 - A_{c,j} / A)
    """
    return float(1.0 - np.prod(1.0 - np.minimum(np.asarray(crown_m2) / area_m2, 1.0)))


def cell_mean(sunny_degc: Float | float, shaded_degc: Float | float, share: Float | float) -> Float:
    r"""Return the mean PET of a place that lies partly in the shade, in degC.

    Parameters
    ----------
    sunny_degc, shaded_degc, share : any shape
        PET in the sun and in the shade, and the share that is shaded (0-1).

    Notes
    -----
    .. math:: \overline{PET} = f_{sh} PET_{sh} + (1 - f_{sh}) PET_{sun}
    """
    f = np.asarray(share)
    return np.asarray(f * np.asarray(shaded_degc) + (1.0 - f) * np.asarray(sunny_degc))
