"""How each measure changes with the burden of one row: derivatives, to lead a search.

Takes a quantity per person (row,) of one plan. All are exact where a measure is smooth. Where
it bends, at ties of the Gini index, it is one of the slopes beside; the tail ratio jumps from
one row to the next and has none that would lead anywhere: zero.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.objectives.inequality.batch import AVERSION, RANKED, ses_gradient_score
from evenground.objectives.inequality.indices import (
    drop_of,
    extended_weight,
    mean,
    share_of,
    sort,
)
from evenground.study import mid_rank

Float = NDArray[np.float64]

NO_SLOPE = ("p90_p10",)
"""Measures that no derivative leads; zero is returned for them."""


def measure_slope(name: str, y: Float, weight: Float, score: Float, kappa: float) -> Float:
    r"""Return the derivative (row,) of a measure of ``batch.measures``; the same parameters.

    Rows without persons, or of unknown score in a measure along the rank, have none. Nor has a
    row that bears nothing in Theil's measures, whose slope is infinite there: it cannot fall.

    Notes
    -----
    With :math:`x = y / \mu` and, of the Gini index, :math:`d` its weights in the order of y:

    .. math:: \mu \frac{\partial T}{\partial y_i} = w_i (\ln x_i - T), \quad
       \mu \frac{\partial L}{\partial y_i} = w_i - \frac{w_i}{x_i}, \quad
       \mu \frac{\partial GE_2}{\partial y_i} = w_i \Big(x_i - \sum w x^2\Big), \quad
       \mu \frac{\partial G}{\partial y_i} = (1 - G) w_i - d_i
    """
    if name in RANKED:
        known = np.isfinite(score) & (weight > 0.0)
        out = np.zeros(y.size)
        if known.any():
            out[known] = _ranked_slope(name, y[known], weight[known], score[known])
        return out
    w, mu = share_of(weight), float(mean(y, weight))
    if name == "mean":
        return w
    if name in ("ede", "kolm_pollak"):
        ede = kolm_pollak_gradient(y, weight, kappa)
        return ede if name == "ede" else ede - w
    if mu <= 0.0 or name in NO_SLOPE:
        return np.zeros(y.size)
    slope = {"gini": _gini, "theil_t": _theil_t, "theil_l": _theil_l, "ge2": _ge2}[name]
    return slope(y / mu, w) / mu


def _gini(x: Float, w: Float) -> Float:
    """Slope of the Gini index along the relative burden (row,)."""
    ranked = sort(x, w)
    drop = np.empty(x.size)
    drop[ranked.order] = drop_of(ranked.share, 2.0)
    return np.asarray(float(x @ drop) * w - drop)


def _theil_t(x: Float, w: Float) -> Float:
    """Slope of Theil's T (row,)."""
    log = np.log(np.where(x > 0.0, x, 1.0))
    return np.where(x > 0.0, w * (log - w @ (x * log)), 0.0)


def _theil_l(x: Float, w: Float) -> Float:
    """Slope of Theil's L (row,)."""
    return np.where(x > 0.0, w - w / np.where(x > 0.0, x, 1.0), 0.0)


def _ge2(x: Float, w: Float) -> Float:
    """Slope of GE(2) (row,)."""
    return np.asarray(w * (x - w @ x**2))


def _ranked_slope(name: str, y: Float, weight: Float, score: Float) -> Float:
    r"""Return the derivative (row,) of a measure along the rank; every score is known.

    Notes
    -----
    .. math:: \frac{\partial GC}{\partial y_i} = 2 w_i (R_i - \tfrac12), \quad
       \frac{\partial \beta}{\partial y_i} =
       \frac{w_i (R_i - \frac12)}{\sum w (R - \frac12)^2}

    and of ratios by the quotient rule.
    """
    w, mu = share_of(weight), float(mean(y, weight))
    rank = mid_rank(score, weight)
    absolute = 2.0 * w * (rank - 0.5)
    spread = float(w @ (rank - 0.5) ** 2)
    # all of one score: no slope along it
    slope = 0.5 * absolute / spread if spread > 0.0 else np.zeros(y.size)
    first, last = w - 0.5 * slope, w + 0.5 * slope
    minus_extended = extended_weight(weight, score, AVERSION)
    top, bottom = {
        "generalised_concentration": (absolute, None),
        "slope_index": (slope, None),
        "concentration": (absolute, w),
        "slope_over_mean": (slope, w),
        "extended_concentration": (-minus_extended, w),
        "relative_index": (first, last),
    }[name]
    return top if bottom is None or mu <= 0.0 else _quotient(top, bottom, y)


def _quotient(top: Float, bottom: Float, y: Float) -> Float:
    """Return the derivative (row,) of one weighted sum of ``y`` over another."""
    above, below = float(top @ y), float(bottom @ y)
    if below == 0.0:
        return np.zeros(y.size)
    return np.asarray((top - above / below * bottom) / below)


def bounded_slope(name: str, share: Float, weight: Float, score: Float) -> Float:
    r"""Return the derivative (neighbourhood,) of the index of Erreygers or Wagstaff.

    Notes
    -----
    .. math:: \frac{\partial W}{\partial y_i} = \frac{1}{\mu (1 - \mu)}
       \Big(2 w_i (R_i - \tfrac12) - W (1 - 2 \mu) w_i\Big)
    """
    out = np.zeros(share.size)
    known = np.isfinite(score) & (weight > 0.0)
    if not known.any():
        return out
    y, w = share[known], share_of(weight[known])
    absolute = 2.0 * w * (mid_rank(score[known], weight[known]) - 0.5)
    mu = float(w @ y)
    if name == "erreygers":
        out[known] = 4.0 * absolute
    elif 0.0 < mu < 1.0:
        room = mu * (1.0 - mu)
        out[known] = (absolute - float(absolute @ y) / room * (1.0 - 2.0 * mu) * w) / room
    return out


def kolm_pollak_gradient(y: Float, weight: Float, kappa: float) -> Float:
    """Return the derivative of the EDE with respect to ``y`` (neighbourhood,)."""
    risk = share_of(weight) * np.exp(kappa * (y - y.max()))
    return np.asarray(risk / risk.sum())


def ses_gradient_gradient(per_resident: Float, residents: Float, ses_rank: Float) -> Float:
    """Return the derivative of the score with respect to the burden per resident."""
    out = np.zeros(residents.size)
    known = np.isfinite(ses_rank) & (residents > 0.0)
    if known.any() and ses_gradient_score(per_resident, residents, ses_rank) > 0.0:
        rank = mid_rank(ses_rank[known], residents[known])
        out[known] = -2.0 * share_of(residents[known]) * (rank - 0.5)
    return out
