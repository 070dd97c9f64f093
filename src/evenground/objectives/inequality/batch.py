"""Every measure of a batch of plans at once, and the scores that are made of them.

Takes a quantity per person (..., row) and persons as weights; what several measures need,
such as the order of the rows, is made once.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.objectives.inequality.indices import (
    extended_concentration_index,
    generalised_concentration_index,
    generalised_entropy_2,
    gini,
    gini_of,
    kolm_pollak_ede,
    mean,
    part_of,
    ratio_of,
    sort,
    tail_ratio,
    tail_ratio_of,
    theil_l,
    theil_t,
)
from evenground.study import mid_rank

Float = NDArray[np.float64]

AVERSION = 3.0
"""Of the extended concentration index: 2 is the plain one (value judgement)."""
RANKED = (
    "concentration",
    "generalised_concentration",
    "extended_concentration",
    "slope_index",
    "relative_index",
    "slope_over_mean",
)
"""Measures that need a socio-economic rank; not a number where no score is known."""


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
    ranked = sort(y, weight)
    return {
        "mean": level,
        "ede": ede,
        "kolm_pollak": ede - level,
        "gini": gini_of(ranked, level),
        "theil_t": theil_t(y, weight),
        "theil_l": theil_l(y, weight),
        "ge2": generalised_entropy_2(y, weight),
        "p90_p10": tail_ratio_of(ranked),
    } | _ranked_measures(y, weight, score)


def measure(name: str, y: Float, weight: Float, score: Float, kappa: float) -> Float:
    """Return one of the measures (...,), without making the others; see :func:`measures`."""
    y = np.ascontiguousarray(y)
    if name in RANKED:
        return _ranked_measures(y, weight, score)[name]
    if name in ("ede", "kolm_pollak"):
        ede = kolm_pollak_ede(y, weight, kappa)
        return ede if name == "ede" else ede - mean(y, weight)
    plain = {
        "mean": mean,
        "gini": gini,
        "theil_t": theil_t,
        "theil_l": theil_l,
        "ge2": generalised_entropy_2,
        "p90_p10": tail_ratio,
    }
    return plain[name](y, weight)


def bounded(share: Float, weight: Float, score: Float) -> dict[str, Float]:
    r"""Return the indices of Erreygers and Wagstaff of a share (0-1), each (...,).

    Parameters
    ----------
    share : (..., neighbourhood)
        Such as the share that is highly annoyed.

    Notes
    -----
    .. math:: E = 4 GC, \quad W = \frac{C}{1 - \mu}

    References
    ----------
    Erreygers, G. (2009). J. Health Econ. 28(2), 504-515.
    Wagstaff, A. (2005). Health Econ. 14(4), 429-432.
    """
    known = np.isfinite(score) & (weight > 0.0)
    if not known.any():
        unknown = np.full(share.shape[:-1], np.nan)
        return {"erreygers": unknown, "wagstaff": unknown}
    y, w = part_of(share, known), weight[known]
    absolute = generalised_concentration_index(y, w, mid_rank(score[known], w))
    level = mean(y, w)
    return {"erreygers": 4.0 * absolute, "wagstaff": ratio_of(absolute, level * (1.0 - level))}


def _ranked_measures(y: Float, weight: Float, score: Float) -> dict[str, Float]:
    """Return the measures along a socio-economic rank, of those whose score is known."""
    known = np.isfinite(score) & (weight > 0.0)
    if not known.any():
        return {name: np.full(y.shape[:-1], np.nan) for name in RANKED}
    y, weight, score = part_of(y, known), weight[known], score[known]
    rank = mid_rank(score, weight)
    level = mean(y, weight)
    absolute = generalised_concentration_index(y, weight, rank)
    spread = float(mean((rank - 0.5) ** 2, weight))
    slope = ratio_of(0.5 * absolute, spread)
    start = level - 0.5 * slope
    found = (
        ratio_of(absolute, level),
        absolute,
        extended_concentration_index(y, weight, score, AVERSION),
        slope,
        ratio_of(start, start + slope),
        ratio_of(slope, level),
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
