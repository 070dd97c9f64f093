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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


def share_of(weight: Float) -> Float:
    """Weights that sum to one."""
    return np.asarray(weight / weight.sum())


def mean(y: Float, weight: Float) -> Float:
    """Return the weighted mean (...,)."""
    return dot(y, share_of(weight))


def dot(y: Float, factor: Float) -> Float:
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
    return 2.0 * dot(y, share_of(weight) * (rank - 0.5))


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
    factor = extended_weight(weight, score, aversion)
    return 1.0 - ratio_of(dot(y, factor), mean(y, weight))


def extended_weight(weight: Float, score: Float, aversion: float) -> Float:
    """Return by how much each row counts in the extended concentration index (row,)."""
    w = share_of(weight)
    _, block = np.unique(score, return_inverse=True)
    mass = np.asarray(np.bincount(block, w), np.float64)
    return np.asarray(w * (drop_of(mass, aversion) / mass)[block])


def drop_of(mass: Float, aversion: float) -> Float:
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
    w = share_of(weight)
    slope = dot(y, w * (rank - 0.5)) / float(w @ (rank - 0.5) ** 2)
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
    low = mean(part_of(y, is_vulnerable), weight[is_vulnerable])
    rest = mean(part_of(y, ~is_vulnerable), weight[~is_vulnerable])
    return low - rest, ratio_of(low, rest)


def part_of(y: Float, chosen: NDArray[np.bool_]) -> Float:
    """Keep some of the last axis, contiguous: the order of a sum depends on that."""
    return np.compress(chosen, y, axis=-1)


def ratio_of(top: Float, bottom: Float | float) -> Float:
    """Divide; not a number where nothing is divided by nothing, infinite by zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.divide(top, bottom))


def relative_of(y: Float, weight: Float) -> Float:
    """Divide ``y`` by its mean (..., neighbourhood)."""
    return ratio_of(y, mean(y, weight)[..., None])


@dataclass(frozen=True)
class Sorted:
    """A quantity from its least to its most, sorted once for all that need its order."""

    y: Float
    """(..., neighbourhood), rising."""
    share: Float
    """Share of the people, in the same order."""
    order: NDArray[np.intp]


def sort(y: Float, weight: Float) -> Sorted:
    """Return a quantity (..., neighbourhood) in its own order; stable, so that ties stay put."""
    order = np.argsort(y, axis=-1, kind="stable")
    return Sorted(np.take_along_axis(y, order, axis=-1), share_of(weight)[order], order)


def gini(y: Float, weight: Float) -> Float:
    r"""Return the Gini index (...,): the concentration index with the rank of ``y`` itself.

    Notes
    -----
    In the order of rising :math:`y`, with :math:`p_i` the cumulative share of the people:

    .. math:: G = 1 - \frac1\mu \sum_i y_i [(1-p_{i-1})^2 - (1-p_i)^2]
    """
    return gini_of(sort(y, weight), mean(y, weight))


def gini_of(ranked: Sorted, level: Float) -> Float:
    """Return the Gini index (...,) of a sorted quantity and its mean (...,)."""
    return 1.0 - ratio_of(dot(ranked.y, drop_of(ranked.share, 2.0)), level)


def theil_t(y: Float, weight: Float) -> Float:
    r"""Return Theil's T (...,), with 0 ln 0 = 0.

    Notes
    -----
    .. math:: T = \sum_i w_i \frac{y_i}{\mu} \ln \frac{y_i}{\mu}
    """
    ratio = relative_of(y, weight)
    safe = np.where(ratio == 0.0, 1.0, ratio)
    return dot(ratio * np.log(safe), share_of(weight))


def theil_l(y: Float, weight: Float) -> Float:
    r"""Return Theil's L (...,), :math:`\sum w_i \ln \frac{\mu}{y_i}`.

    Infinite where somebody carries nothing while others do.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return -dot(np.log(relative_of(y, weight)), share_of(weight))


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
    w, mu = share_of(weight), mean(y, weight)
    measure = theil_t if kind == "T" else theil_l
    within, between = np.zeros(mu.shape), np.zeros(mu.shape)
    for label in np.unique(group):
        chosen = group == label
        share = float(w[chosen].sum())
        level = ratio_of(mean(part_of(y, chosen), w[chosen]), mu)
        bears = level > 0.0
        part = share * level if kind == "T" else np.full(mu.shape, share)
        sign = 1.0 if kind == "T" else -1.0
        inside = measure(part_of(y, chosen), w[chosen])
        within += np.where(bears, part * np.where(bears, inside, 0.0), 0.0)
        between += np.where(bears, part * sign * np.log(np.where(bears, level, 1.0)), 0.0)
    return within, between


def generalised_entropy_2(y: Float, weight: Float) -> Float:
    r"""Return GE(2) (...,), half the squared coefficient of variation.

    Notes
    -----
    .. math:: \tfrac12 \sum_i w_i [(y_i / \mu)^2 - 1]
    """
    return 0.5 * dot(relative_of(y, weight) ** 2 - 1.0, share_of(weight))


def atkinson(y: Float, weight: Float, aversion: float) -> float:
    """Return Atkinson's index. For goods only: of a burden it would reward the worst."""
    w, mu = share_of(weight), float(mean(y, weight))
    if aversion == 1.0:
        return float(1.0 - np.exp(w @ np.log(y)) / mu)
    power = 1.0 - aversion
    return float(1.0 - (w @ y**power) ** (1.0 / power) / mu)


def kolm_pollak_kappa(y: Float, weight: Float, epsilon: float) -> float:
    r"""Return :math:`\kappa = \epsilon \mu / \sum w_i y_i^2`, to be frozen at the baseline.

    Zero where nobody carries any burden: the measure is then the mean, its limit for
    :math:`\kappa \to 0`, for there is no burden against which aversion could be scaled.
    """
    square = float(share_of(weight) @ y**2)
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
    total = dot(np.exp(kappa * (y - top)), share_of(weight))
    return np.asarray(top[..., 0] + np.log(total) / kappa)


def kolm_pollak_split(
    y: Float, weight: Float, kappa: float, group: NDArray[np.integer]
) -> tuple[Float, Float]:
    r"""Return the part of the Kolm-Pollak index within groups and the part between them (...,).

    Notes
    -----
    .. math:: I_B = \frac1\kappa \ln \sum_g W_g e^{\kappa \mu_g} - \mu, \quad I_W = I - I_B
    """
    w = share_of(weight)
    labels = np.unique(group)
    share = np.array([w[group == label].sum() for label in labels])
    levels = [mean(part_of(y, group == label), w[group == label]) for label in labels]
    between = kolm_pollak_ede(np.stack(levels, axis=-1), share, kappa) - mean(y, w)
    return kolm_pollak_ede(y, w, kappa) - mean(y, w) - between, between


def quantile(y: Float, weight: Float, share: float) -> Float:
    """Return the smallest value at or below which at least a share of the people lie (...,)."""
    ranked = sort(y, weight)
    return _at(ranked, np.cumsum(ranked.share, axis=-1), share)


def tail_ratio(y: Float, weight: Float) -> Float:
    """Return P90/P10 (...,): the tail ratio of lower-inverse weighted quantiles."""
    return tail_ratio_of(sort(y, weight))


def tail_ratio_of(ranked: Sorted) -> Float:
    """Return P90/P10 (...,) of a sorted quantity."""
    reached = np.cumsum(ranked.share, axis=-1)
    return ratio_of(_at(ranked, reached, 0.9), _at(ranked, reached, 0.1))


def _at(ranked: Sorted, reached: Float, share: float) -> Float:
    """Return the first value (...,) at which the cumulative share is reached."""
    place = np.minimum((reached < share - 1e-12).sum(axis=-1), ranked.y.shape[-1] - 1)
    return np.take_along_axis(ranked.y, place[..., None], -1)[..., 0]


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
    w = share_of(weight)
    order = np.argsort(score, kind="stable")
    first = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0.0)
    people = np.cumsum(np.add.reduceat(w[order], first))
    load = np.cumsum(np.add.reduceat((y * w)[..., order], first, axis=-1), axis=-1)
    start = np.zeros_like(load[..., :1])
    return np.append(0.0, people), np.concatenate(
        [start, ratio_of(load, mean(y, w)[..., None])], -1
    )


def lorenz_curve(y: Float, weight: Float) -> tuple[Float, Float]:
    """Return cumulative shares of the people and of the burden, from least to most burdened.

    Both (..., neighbourhood + 1), from 0 to 1; on the diagonal where all bear alike.
    """
    ranked = sort(y, weight)
    w = ranked.share
    load = np.cumsum(w * ranked.y, axis=-1)
    start = np.zeros_like(load[..., :1])
    share = ratio_of(load, mean(y, weight)[..., None])
    people = np.concatenate([start, np.cumsum(w, axis=-1)], -1)
    return people, np.concatenate([start, share], -1)
