"""How unevenly a burden is spread over people.

Takes the burden per resident ``y`` (..., neighbourhood) and residents as
weights; gives one figure per candidate. Nothing is clamped: an index below
zero means that the burden sits with low scores. Knows nothing of grids,
interventions or the search.

References
----------
Kolm, S.-C. (1976). Unequal inequalities I. J. Economic Theory 12(3), 416-442.
O'Donnell, O. et al. (2008). Analyzing health equity using household survey data.
Logan, T. M. et al. (2021). Comput. Environ. Urban Syst. 86, 101590.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.study import mid_rank

Float = NDArray[np.float64]


def _share(weight: Float) -> Float:
    """Weights that sum to one."""
    return np.asarray(weight / weight.sum())


def mean(y: Float, weight: Float) -> Float:
    """Return the weighted mean (...,)."""
    return _dot(y, _share(weight))


def _dot(y: Float, factor: Float) -> Float:
    """Sum products over the last axis (...,).

    Not ``@``: BLAS adds in an order that depends on how many candidates share the batch and
    on its threads, and the same plan must get the same score, bit for bit.
    """
    return np.asarray((y * factor).sum(axis=-1))


def generalised_concentration_index(y: Float, weight: Float, rank: Float) -> Float:
    r"""Return the absolute concentration index, in the unit of ``y``.

    Notes
    -----
    .. math:: GC = 2 \sum_i w_i y_i (R_i - \tfrac12)
    """
    return 2.0 * _dot(y, _share(weight) * (rank - 0.5))


def concentration_index(y: Float, weight: Float, rank: Float) -> Float:
    r"""Return the relative concentration index :math:`C = GC / \mu`; -1 to 1 for a bad."""
    return generalised_concentration_index(y, weight, rank) / mean(y, weight)


def extended_concentration_index(y: Float, weight: Float, score: Float, aversion: float) -> float:
    r"""Return the concentration index that weighs low scores by an aversion above 1.

    Notes
    -----
    Over blocks :math:`b` of equal score, with :math:`p_b` the cumulative share:

    .. math:: C(v) = 1 - \frac1\mu \sum_b \bar y_b [(1-p_{b-1})^v - (1-p_b)^v]
    """
    w = _share(weight)
    _, block = np.unique(score, return_inverse=True)
    mass = np.bincount(block, w)
    level = np.bincount(block, w * y) / mass
    above = np.maximum(1.0 - np.concatenate([[0.0], np.cumsum(mass)]), 0.0)
    drop = above[:-1] ** aversion - above[1:] ** aversion
    return float(1.0 - (level @ drop) / (w @ y))


def erreygers_index(y: Float, weight: Float, rank: Float, bounds: tuple[float, float]) -> Float:
    r"""Return Erreygers' index of a bounded quantity, :math:`4 \mu C / (b - a)`."""
    low, high = bounds
    return 4.0 * generalised_concentration_index(y, weight, rank) / (high - low)


def wagstaff_index(y: Float, weight: Float, rank: Float) -> Float:
    r"""Return Wagstaff's index of a share, :math:`C / (1 - \mu)`."""
    return concentration_index(y, weight, rank) / (1.0 - mean(y, weight))


def slope_index(y: Float, weight: Float, rank: Float) -> tuple[Float, Float]:
    r"""Return slope and intercept of the weighted regression of ``y`` on rank.

    Notes
    -----
    .. math:: \beta = \frac{\sum w_i (R_i - \frac12)(y_i - \mu)}{\sum w_i (R_i - \frac12)^2}
    """
    w = _share(weight)
    slope = _dot(y, w * (rank - 0.5)) / float(w @ (rank - 0.5) ** 2)
    return slope, mean(y, weight) - 0.5 * slope


def relative_index(y: Float, weight: Float, rank: Float) -> Float:
    """Return the ratio of the fitted burden at the lowest rank to that at the highest."""
    slope, intercept = slope_index(y, weight, rank)
    return intercept / (intercept + slope)


def group_gap(y: Float, weight: Float, is_vulnerable: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the difference and the ratio of the means of the vulnerable and the others."""
    low = float(mean(y[is_vulnerable], weight[is_vulnerable]))
    rest = float(mean(y[~is_vulnerable], weight[~is_vulnerable]))
    return low - rest, low / rest


def gini(y: Float, weight: Float) -> float:
    """Return the Gini index: the concentration index with the rank of ``y`` itself."""
    return extended_concentration_index(y, weight, y, 2.0)


def theil_t(y: Float, weight: Float) -> float:
    r"""Return Theil's T, :math:`\sum w_i \frac{y_i}{\mu} \ln \frac{y_i}{\mu}`, 0 ln 0 being 0."""
    ratio = y / mean(y, weight)
    safe = np.where(ratio > 0.0, ratio, 1.0)
    return float(_share(weight) @ (ratio * np.log(safe)))


def theil_l(y: Float, weight: Float) -> float:
    r"""Return Theil's L, :math:`\sum w_i \ln \frac{\mu}{y_i}`; needs every ``y`` above zero."""
    return float(_share(weight) @ np.log(mean(y, weight) / y))


def theil_split(
    y: Float, weight: Float, group: NDArray[np.integer], kind: str = "T"
) -> tuple[float, float]:
    """Return the part of Theil's T or L within groups and the part between them."""
    w, mu = _share(weight), float(mean(y, weight))
    measure = theil_t if kind == "T" else theil_l
    within = between = 0.0
    for label in np.unique(group):
        chosen = group == label
        share = float(w[chosen].sum())
        level = float(mean(y[chosen], w[chosen]))
        part = share * level / mu if kind == "T" else share
        if level > 0.0:
            sign = 1.0 if kind == "T" else -1.0
            within += part * measure(y[chosen], w[chosen])
            between += part * sign * float(np.log(level / mu))
    return within, between


def generalised_entropy_2(y: Float, weight: Float) -> float:
    r"""Return GE(2), half the squared coefficient of variation."""
    return float(0.5 * (_share(weight) @ ((y / mean(y, weight)) ** 2 - 1.0)))


def atkinson(y: Float, weight: Float, aversion: float) -> float:
    """Return Atkinson's index. For goods only: of a burden it would reward the worst."""
    w, mu = _share(weight), float(mean(y, weight))
    if aversion == 1.0:
        return float(1.0 - np.exp(w @ np.log(y)) / mu)
    power = 1.0 - aversion
    return float(1.0 - (w @ y**power) ** (1.0 / power) / mu)


def kolm_pollak_kappa(y: Float, weight: Float, epsilon: float) -> float:
    r"""Return :math:`\kappa = \epsilon \mu / \sum w_i y_i^2`, to be frozen at the baseline.

    Zero where nobody carries any burden: the measure is then the mean, its limit for
    :math:`\kappa \to 0`, for there is no burden against which aversion could be scaled.
    """
    square = float(_share(weight) @ y**2)
    return float(epsilon * mean(y, weight) / square) if square > 0.0 else 0.0


def kolm_pollak_ede(y: Float, weight: Float, kappa: float) -> Float:
    r"""Return the equally distributed burden that is as bad as the actual one.

    Notes
    -----
    .. math:: \Xi = \frac1\kappa \ln \sum_i w_i e^{\kappa y_i}, \quad \kappa > 0,

    shifted by the largest burden so that nothing overflows; the mean for :math:`\kappa = 0`.
    """
    if kappa == 0.0:
        return mean(y, weight)
    top = np.max(y, axis=-1, keepdims=True)
    total = _dot(np.exp(kappa * (y - top)), _share(weight))
    return np.asarray(top[..., 0] + np.log(total) / kappa)


def kolm_pollak_split(
    y: Float, weight: Float, kappa: float, group: NDArray[np.integer]
) -> tuple[float, float]:
    """Return the part of the Kolm-Pollak index within groups and the part between them."""
    w = _share(weight)
    labels = np.unique(group)
    share = np.array([w[group == label].sum() for label in labels])
    level = np.array([mean(y[group == label], w[group == label]) for label in labels])
    between = float(kolm_pollak_ede(level, share, kappa) - mean(y, w))
    return float(kolm_pollak_ede(y, w, kappa) - mean(y, w)) - between, between


def kolm_pollak_gradient(y: Float, weight: Float, kappa: float) -> Float:
    """Return the derivative of the EDE with respect to ``y`` (neighbourhood,)."""
    risk = _share(weight) * np.exp(kappa * (y - y.max()))
    return np.asarray(risk / risk.sum())


def quantile(y: Float, weight: Float, share: float) -> float:
    """Return the smallest value below or at which at least a share of the people lie."""
    order = np.argsort(y, kind="stable")
    reached = np.cumsum(_share(weight)[order])
    return float(y[order][np.searchsorted(reached, share - 1e-12)])


def inequality_score(per_resident: Float, residents: Float, kappa: float) -> Float:
    """Return the Kolm-Pollak EDE of the burden per resident (candidate,), in its unit."""
    return kolm_pollak_ede(per_resident, residents, kappa)


def ses_gradient_score(per_resident: Float, residents: Float, ses_rank: Float) -> Float:
    """Return how far the burden sits with low SES (candidate,): max(0, -GC), in its unit.

    Neighbourhoods of unknown rank do not count. One-sided: better health at the low end
    than at the high end is not called unfair.
    """
    known = np.isfinite(ses_rank) & (residents > 0.0)
    if not known.any():
        return np.zeros(per_resident.shape[:-1])
    # compress keeps the last axis contiguous, on which the order of a sum depends
    burden = np.compress(known, per_resident, axis=-1)
    # ranked anew among those who count, so that an equal burden is no gradient
    rank = mid_rank(ses_rank[known], residents[known])
    gc = generalised_concentration_index(burden, residents[known], rank)
    return np.maximum(0.0, -gc)


def ses_gradient_gradient(per_resident: Float, residents: Float, ses_rank: Float) -> Float:
    """Return the derivative of the score with respect to the burden per resident."""
    out = np.zeros(residents.size)
    known = np.isfinite(ses_rank) & (residents > 0.0)
    if known.any() and ses_gradient_score(per_resident, residents, ses_rank) > 0.0:
        rank = mid_rank(ses_rank[known], residents[known])
        out[known] = -2.0 * _share(residents[known]) * (rank - 0.5)
    return out
