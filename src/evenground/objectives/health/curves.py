"""The formulas of the exposure-response functions, as curves that the kernels can read.

Takes functions and settings; gives the response of a resident to an exposure,
for exposures of any shape.
Beyond the range that a study covers a curve continues by its own formula, or is
held at the end of that range where the settings ask so; the run counts who lives there.

References
----------
Chen, J. and Hoek, G. (2020). Environ. Int. 143, 105974 (PM2.5).
Huangfu, P. and Atkinson, R. (2020). Environ. Int. 144, 105998 (NO2).
Engelmann, N. et al. (2024). ETC HE Report 2023/11 v2 (noise).
Guski, R. et al. (2017). IJERPH 14, 1539 (annoyance).
Basner, M. and McGuire, S. (2018). IJERPH 15, 519 (sleep).
Huynen, M. et al. (2001). Environ. Health Perspect. 109, 463-470 (heat).
Rojas-Rueda, D. et al. (2019). Lancet Planet. Health 3, e469 (green).
Kelly, P. et al. (2014). IJBNPA 11, 132, with the cap and ages of WHO HEAT (walking).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenground.config import BehaviourSettings, ExposureSettings, HealthSettings
from evenground.objectives.health.functions import Erf, read_functions, select_functions

Float = NDArray[np.float64]

DEGREE = 4
"""Degree of the polynomials by which the kernels know a function."""
ACCURACY = 1e-7
"""Largest error of such a polynomial, as a share of the largest response."""
MOST_PIECES = 1024
"""Most pieces of one function; a bend that is not named is then met within a thousandth."""


def attributable_fraction(exposure: Float, rr: float, per: float, counterfactual: float) -> Float:
    r"""Return the share of cases due to an exposure above the counterfactual.

    Notes
    -----
    .. math:: AF = 1 - RR^{-\max(0, c - c_0) / inc}
    """
    return np.asarray(1.0 - rr ** (-np.maximum(0.0, exposure - counterfactual) / per))


def percent_affected(level_db: Float, curve: tuple[float, float, float], clamp: float) -> Float:
    """Return the percentage highly annoyed or sleep-disturbed, a quadratic curve above a clamp.

    Never more than all: the curve of road annoyance passes 100 % at 97 dB.
    """
    level = np.maximum(level_db, clamp)
    return np.minimum(curve[0] + curve[1] * level + curve[2] * level**2, 100.0)


def excess_affected(level_db: Float, curve: tuple[float, float, float], clamp: float) -> Float:
    """Return the share (0-1) affected above the floor of the curve, which noise does not cause."""
    floor = percent_affected(np.array(clamp), curve, clamp)
    return np.maximum(percent_affected(level_db, curve, clamp) - floor, 0.0) / 100.0


def linear_fraction(exposure: Float, rr: float, per: float, threshold: float) -> Float:
    r"""Return the share of cases due to an exposure above a threshold, the risk being linear.

    Notes
    -----
    .. math:: AF = 1 - 1 / (1 + (RR - 1) \max(0, x - x_0) / inc)
    """
    return np.asarray(1.0 - 1.0 / (1.0 + (rr - 1.0) * np.maximum(0.0, exposure - threshold) / per))


def risk_of_odds(odds_ratio: float, share: float) -> float:
    r"""Return the relative risk of an odds ratio, with the share of cases in the reference group.

    Notes
    -----
    .. math:: RR = OR / (1 - p_0 + p_0 \, OR)

    References
    ----------
    Zhang, J. and Yu, K. (1998). JAMA 280(19), 1690-1691.
    """
    return odds_ratio / (1.0 - share + share * odds_ratio)


def activity_reduction(minutes: Float, erf: Erf) -> Float:
    r"""Return by what share deaths fall with minutes of walking or cycling a week.

    Notes
    -----
    .. math:: \min(cap, 1 - RR^{m / inc})

    References
    ----------
    Kelly, P. et al. (2014). IJBNPA 11, 132; WHO HEAT, which sets the caps.
    """
    reduction = 1.0 - erf.rr ** (np.maximum(minutes, 0.0) / erf.per)
    return np.minimum(reduction, np.inf if np.isnan(erf.cap) else erf.cap)


def minutes_at_cap(erf: Erf) -> float:
    """Return the minutes a week from which more walking or cycling saves no more deaths."""
    return erf.per * float(np.log(1.0 - erf.cap) / np.log(erf.rr))


def minutes_of(behaviour: BehaviourSettings, mean_share: float) -> tuple[float, float]:
    """Return slope and offset from the share of green around the home to minutes a week.

    The mean resident, whose surroundings hold ``mean_share`` of green (0-1), walks the
    minutes of today. Below nothing the line means nothing: nobody walks less than that.
    """
    slope = behaviour.walk_minutes_per_green_share
    return slope, behaviour.walk_minutes_today - slope * mean_share


@dataclass(frozen=True)
class Curve:
    """A function from exposure to the response of a resident, and where it bends."""

    function: Callable[[Float], Float]
    low: float = -np.inf
    """Exposure below which the response does not change."""
    high: float = np.inf
    """Exposure above which the response does not change."""

    def __call__(self, exposure: Float) -> Float:
        """Return the response to exposures of any shape."""
        return self.function(exposure)


def fit(curve: Curve, low: float, high: float) -> tuple[float, float, Float]:
    """Return a function as equally wide pieces of polynomials over a range of exposure.

    Parameters
    ----------
    low, high
        Exposure that any plan can bring; the range ends earlier where the curve is flat.

    Returns
    -------
    Where the pieces start, how wide they are together, and (piece, coefficient).
    """
    start, end = max(low, curve.low), min(high, curve.high)
    if end <= start:
        level = float(curve(np.array(low)))
        return low, 1.0, np.array([[level] + [0.0] * DEGREE])
    n_piece = 1
    while True:
        pieces, error = _fit_pieces(curve.function, start, end, n_piece)
        if error <= ACCURACY or n_piece == MOST_PIECES:
            return start, end - start, pieces
        n_piece *= 2


def _fit_pieces(
    function: Callable[[Float], Float], start: float, end: float, n_piece: int
) -> tuple[Float, float]:
    """Fit through Chebyshev's points of each piece, its ends among them; with the error.

    So a threshold is met exactly, and pieces join. The error is the largest, as a share of
    the largest response.
    """
    node = 0.5 - 0.5 * np.cos(np.pi * np.arange(DEGREE + 1) / DEGREE)
    first = np.arange(n_piece)[:, None]
    scale = (end - start) / n_piece
    power = np.arange(DEGREE + 1)
    value = function(start + (first + node) * scale)
    pieces = np.linalg.solve(node[:, None] ** power, value.T).T
    dense = np.linspace(0.0, 1.0, 65)
    truth = function(start + (first + dense) * scale)
    largest = float(np.abs(truth).max())
    error = float(np.abs(pieces @ (dense[:, None] ** power).T - truth).max())
    return np.ascontiguousarray(pieces), error / largest if largest > 0.0 else 0.0


def metric_of(
    channel: str, erf: Erf, exposure: ExposureSettings, health: HealthSettings
) -> tuple[float, float]:
    """Return slope and offset from the exposure of a layer to what a function was made for."""
    if channel == "noise_hsd":
        return 1.0, -health.lnight_offset_db
    if channel == "green_mort":
        return exposure.ndvi_slope, exposure.ndvi_offset
    if erf.id == "heat_mort_nl":
        return 1.0, health.rural_summer_degc
    return 1.0, 0.0


def responses(
    mean_ndvi: float,
    exposure: ExposureSettings,
    health: HealthSettings,
    access_target: float,
    functions: Mapping[str, Erf] | None = None,
) -> dict[str, Curve]:
    """Return the function of every channel of a run, from exposure to response of a resident.

    Parameters
    ----------
    functions
        By id, instead of those that are shipped.
    """
    table = read_functions() if functions is None else functions
    out = {}
    target = mean_ndvi + health.green_target_gain_ndvi
    at_mean, at_target = (
        (ndvi - exposure.ndvi_offset) / exposure.ndvi_slope for ndvi in (mean_ndvi, target)
    )
    for channel, name in select_functions(health).items():
        if name is None:
            out[channel] = Curve(lambda e: np.zeros(np.shape(e)), high=-np.inf)
            continue
        erf = table[name]
        if channel == "walk_mort" and health.behaviour is not None:
            out[channel] = _walk_curve(erf, health.behaviour, at_mean, at_target)
            continue
        scale, offset = metric_of(channel, erf, exposure, health)
        curve = (
            _green_curve(erf, target, scale, offset)
            if channel == "green_mort"
            else _curve(erf, offset)
        )
        if health.beyond_range == "hold" and np.isfinite(erf.valid_high):
            curve = _held(curve, (erf.valid_high - offset) / scale)
        out[channel] = curve
    out["access_shortfall"] = Curve(
        lambda e: np.maximum(0.0, 1.0 - e / access_target), low=0.0, high=access_target
    )
    return out


def _curve(erf: Erf, offset: float) -> Curve:
    """Make the curve of a function of exposure plus an offset; nothing below its threshold."""
    base = erf.counterfactual
    if erf.form == "quadratic %":
        # A parabola is as high as at the clamp again on the other side of its lowest point.
        rises_from = max(base, -erf.curve[1] / erf.curve[2] - base)
        affects_all = float(max(np.roots([erf.curve[2], erf.curve[1], erf.curve[0] - 100.0])))
        return Curve(
            lambda e: excess_affected(e + offset, erf.curve, base),
            low=rises_from - offset,
            high=affects_all - offset,
        )
    if erf.form == "linear above threshold":
        return Curve(lambda e: linear_fraction(e + offset, erf.rr, erf.per, base), base - offset)
    return Curve(lambda e: attributable_fraction(e + offset, erf.rr, erf.per, base), base - offset)


def _green_curve(erf: Erf, target: float, slope: float, offset: float) -> Curve:
    """Make the curve of too little green: NDVI short of the target."""

    def too_little(share: Float) -> Float:
        ndvi = offset + slope * share
        return attributable_fraction(target - ndvi, 1.0 / erf.rr, erf.per, 0.0)

    return Curve(too_little, high=(target - offset) / slope)


def _walk_curve(erf: Erf, behaviour: BehaviourSettings, at_mean: float, at_target: float) -> Curve:
    r"""Make the curve of too little walking, from the share of green around the home.

    Deaths of today belong to the minutes of today, so that the difference of two plans is
    exactly the potential impact fraction.

    Notes
    -----
    .. math:: \phi(m) = \frac{R(m^*) - R(m)}{1 - R(m_0)}, \quad
              R(m) = \min(cap, 1 - RR^{m / inc})

    with minutes :math:`m_0` of today and :math:`m^*` at the target of green.
    """
    slope, offset = minutes_of(behaviour, at_mean)
    now, best = (
        float(activity_reduction(np.array(offset + slope * share), erf))
        for share in (at_mean, at_target)
    )

    def too_little(share: Float) -> Float:
        reduction = activity_reduction(offset + slope * share, erf)
        return np.asarray(np.maximum(0.0, best - reduction) / (1.0 - now))

    end = min(at_target, (minutes_at_cap(erf) - offset) / slope)
    return Curve(too_little, low=-offset / slope, high=end)


def _held(curve: Curve, end: float) -> Curve:
    """Hold a curve at the end of the range that was studied."""
    function = curve.function
    high = min(curve.high, end)
    return replace(curve, function=lambda e: function(np.minimum(e, high)), high=high)
