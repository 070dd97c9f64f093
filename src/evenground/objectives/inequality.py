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


def extended_concentration_index(y: Float, weight: Float, score: Float, aversion: float) -> Float:
    r"""Return the concentration index that weighs low scores by an aversion above 1 (...,).

    Parameters
    ----------
    y : (..., neighbourhood)
    weight, score : (neighbourhood,)

    Notes
    -----
    Over blocks :math:`b` of equal score, with :math:`p_b` the cumulative share:

    .. math:: C(v) = 1 - \frac1\mu \sum_b \bar y_b [(1-p_{b-1})^v - (1-p_b)^v]

    References
    ----------
    O'Donnell et al. (2008), chapter 9.
    """
    w = _share(weight)
    _, block = np.unique(score, return_inverse=True)
    mass = np.asarray(np.bincount(block, w), np.float64)
    factor = w * (_drop(mass, aversion) / mass)[block]
    return 1.0 - _ratio(_dot(y, factor), _dot(y, w))


def _drop(mass: Float, aversion: float) -> Float:
    """Weight of blocks in the order of their rank, from their shares (..., block)."""
    above = np.maximum(1.0 - np.cumsum(mass, axis=-1), 0.0)
    before = np.concatenate([np.ones_like(above[..., :1]), above[..., :-1]], axis=-1)
    return np.asarray(before**aversion - above**aversion)


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


def group_gap(y: Float, weight: Float, is_vulnerable: NDArray[np.bool_]) -> tuple[Float, Float]:
    r"""Return the difference and the ratio of the means of the vulnerable and the others.

    Notes
    -----
    .. math:: \Delta = \bar y_{vulnerable} - \bar y_{rest}
    """
    low = mean(_part(y, is_vulnerable), weight[is_vulnerable])
    rest = mean(_part(y, ~is_vulnerable), weight[~is_vulnerable])
    return low - rest, _ratio(low, rest)


def _part(y: Float, chosen: NDArray[np.bool_]) -> Float:
    """Keep some of the last axis, contiguous: the order of a sum depends on that."""
    return np.compress(chosen, y, axis=-1)


def _ratio(top: Float, bottom: Float | float) -> Float:
    """Divide; not a number where nothing is divided by nothing, infinite by zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.divide(top, bottom))


def _relative(y: Float, weight: Float) -> Float:
    """Divide ``y`` by its mean (..., neighbourhood)."""
    return _ratio(y, mean(y, weight)[..., None])


def gini(y: Float, weight: Float) -> Float:
    r"""Return the Gini index (...,): the concentration index with the rank of ``y`` itself.

    Notes
    -----
    In the order of rising :math:`y`, with :math:`p_i` the cumulative share of the people:

    .. math:: G = 1 - \frac1\mu \sum_i y_i [(1-p_{i-1})^2 - (1-p_i)^2]
    """
    order = np.argsort(y, axis=-1, kind="stable")
    ranked = np.take_along_axis(y, order, axis=-1)
    spread = _dot(ranked, _drop(_share(weight)[order], 2.0))
    return 1.0 - _ratio(spread, mean(y, weight))


def theil_t(y: Float, weight: Float) -> Float:
    r"""Return Theil's T (...,), with 0 ln 0 = 0.

    Notes
    -----
    .. math:: T = \sum_i w_i \frac{y_i}{\mu} \ln \frac{y_i}{\mu}
    """
    ratio = _relative(y, weight)
    safe = np.where(ratio == 0.0, 1.0, ratio)
    return _dot(ratio * np.log(safe), _share(weight))


def theil_l(y: Float, weight: Float) -> Float:
    r"""Return Theil's L (...,), :math:`\sum w_i \ln \frac{\mu}{y_i}`.

    Infinite where somebody carries nothing while others do.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return -_dot(np.log(_relative(y, weight)), _share(weight))


def theil_split(
    y: Float, weight: Float, group: NDArray[np.integer], kind: str = "T"
) -> tuple[Float, Float]:
    r"""Return the part of Theil's T or L within groups and the part between them (...,).

    Parameters
    ----------
    group : (neighbourhood,)
        Every row in one group.

    Notes
    -----
    With :math:`s_g = W_g \mu_g / \mu`:

    .. math:: T = \sum_g s_g T_g + \sum_g s_g \ln \frac{\mu_g}{\mu}, \quad
       L = \sum_g W_g L_g + \sum_g W_g \ln \frac{\mu}{\mu_g}
    """
    w, mu = _share(weight), mean(y, weight)
    measure = theil_t if kind == "T" else theil_l
    within, between = np.zeros(mu.shape), np.zeros(mu.shape)
    for label in np.unique(group):
        chosen = group == label
        share = float(w[chosen].sum())
        level = _ratio(mean(_part(y, chosen), w[chosen]), mu)
        bears = level > 0.0
        part = share * level if kind == "T" else np.full(mu.shape, share)
        sign = 1.0 if kind == "T" else -1.0
        inside = measure(_part(y, chosen), w[chosen])
        within += np.where(bears, part * np.where(bears, inside, 0.0), 0.0)
        between += np.where(bears, part * sign * np.log(np.where(bears, level, 1.0)), 0.0)
    return within, between


def generalised_entropy_2(y: Float, weight: Float) -> Float:
    r"""Return GE(2) (...,), half the squared coefficient of variation.

    Notes
    -----
    .. math:: \tfrac12 \sum_i w_i [(y_i / \mu)^2 - 1]
    """
    return 0.5 * _dot(_relative(y, weight) ** 2 - 1.0, _share(weight))


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
) -> tuple[Float, Float]:
    r"""Return the part of the Kolm-Pollak index within groups and the part between them (...,).

    Notes
    -----
    .. math:: I_B = \frac1\kappa \ln \sum_g W_g e^{\kappa \mu_g} - \mu, \quad I_W = I - I_B
    """
    w = _share(weight)
    labels = np.unique(group)
    share = np.array([w[group == label].sum() for label in labels])
    levels = [mean(_part(y, group == label), w[group == label]) for label in labels]
    between = kolm_pollak_ede(np.stack(levels, axis=-1), share, kappa) - mean(y, w)
    return kolm_pollak_ede(y, w, kappa) - mean(y, w) - between, between


def kolm_pollak_gradient(y: Float, weight: Float, kappa: float) -> Float:
    """Return the derivative of the EDE with respect to ``y`` (neighbourhood,)."""
    risk = _share(weight) * np.exp(kappa * (y - y.max()))
    return np.asarray(risk / risk.sum())


def quantile(y: Float, weight: Float, share: float) -> Float:
    """Return the smallest value at or below which at least a share of the people lie (...,)."""
    order = np.argsort(y, axis=-1, kind="stable")
    reached = np.cumsum(_share(weight)[order], axis=-1)
    place = np.minimum((reached < share - 1e-12).sum(axis=-1), y.shape[-1] - 1)
    return np.take_along_axis(np.take_along_axis(y, order, -1), place[..., None], -1)[..., 0]


def tail_ratio(y: Float, weight: Float) -> Float:
    """Return P90/P10 (...,): the tail ratio of lower-inverse weighted quantiles."""
    return _ratio(quantile(y, weight, 0.9), quantile(y, weight, 0.1))


def concentration_curve(y: Float, weight: Float, score: Float) -> tuple[Float, Float]:
    """Return cumulative shares of the people and of the burden, in the order of a score.

    Parameters
    ----------
    y : (..., neighbourhood)
    weight, score : (neighbourhood,)
        Tied scores make one point.

    Returns
    -------
    (block + 1,) and (..., block + 1)
        Both run from 0 to 1. Above the diagonal: the burden sits with low scores.
    """
    w = _share(weight)
    order = np.argsort(score, kind="stable")
    first = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0.0)
    people = np.cumsum(np.add.reduceat(w[order], first))
    load = np.cumsum(np.add.reduceat((y * w)[..., order], first, axis=-1), axis=-1)
    start = np.zeros_like(load[..., :1])
    return np.append(0.0, people), np.concatenate([start, _ratio(load, mean(y, w)[..., None])], -1)


def lorenz_curve(y: Float, weight: Float) -> tuple[Float, Float]:
    """Return cumulative shares of the people and of the burden, from least to most burdened.

    Both (..., neighbourhood + 1), from 0 to 1; on the diagonal where all bear alike.
    """
    order = np.argsort(y, axis=-1, kind="stable")
    w = _share(weight)[order]
    load = np.cumsum(w * np.take_along_axis(y, order, -1), axis=-1)
    start = np.zeros_like(load[..., :1])
    share = _ratio(load, mean(y, weight)[..., None])
    people = np.concatenate([start, np.cumsum(w, axis=-1)], -1)
    return people, np.concatenate([start, share], -1)


def measures(y: Float, weight: Float, score: Float, kappa: float) -> dict[str, Float]:
    """Return every measure of a burden or an exposure, each (...,); nothing is clamped.

    Parameters
    ----------
    y : (..., row)
        Quantity per person, a bad, with rows of neighbourhoods, groups, or pairs of the two.
    weight, score : (row,)
        Persons, and a socio-economic score: low = disadvantaged. Rows of unknown score count
        in the measures without rank only.
    kappa
        Of the Kolm-Pollak measure, per unit of ``y``.
    """
    y = np.ascontiguousarray(y)
    level, ede = mean(y, weight), kolm_pollak_ede(y, weight, kappa)
    return {
        "mean": level,
        "ede": ede,
        "kolm_pollak": ede - level,
        "gini": gini(y, weight),
        "theil_t": theil_t(y, weight),
        "theil_l": theil_l(y, weight),
        "ge2": generalised_entropy_2(y, weight),
        "p90_p10": tail_ratio(y, weight),
    } | _ranked_measures(y, weight, score)


def measure(name: str, y: Float, weight: Float, score: Float, kappa: float) -> Float:
    """Return one of the measures (...,); see :func:`measures`."""
    return measures(y, weight, score, kappa)[name]


RANKED = (
    "concentration",
    "generalised_concentration",
    "extended_concentration",
    "slope_index",
    "relative_index",
    "slope_over_mean",
)
"""Measures that need a socio-economic rank; not a number where no score is known."""


def _ranked_measures(y: Float, weight: Float, score: Float) -> dict[str, Float]:
    """Return the measures along a socio-economic rank, of those whose score is known."""
    known = np.isfinite(score) & (weight > 0.0)
    if not known.any():
        return {name: np.full(y.shape[:-1], np.nan) for name in RANKED}
    y, weight, score = _part(y, known), weight[known], score[known]
    rank = mid_rank(score, weight)
    level = mean(y, weight)
    absolute = generalised_concentration_index(y, weight, rank)
    spread = float(mean((rank - 0.5) ** 2, weight))
    slope = _ratio(0.5 * absolute, spread)
    start = level - 0.5 * slope
    found = (
        _ratio(absolute, level),
        absolute,
        extended_concentration_index(y, weight, score, 3.0),
        slope,
        _ratio(start, start + slope),
        _ratio(slope, level),
    )
    return dict(zip(RANKED, found, strict=True))


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
