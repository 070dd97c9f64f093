"""Scores of plans. Smaller is always better.

A new objective is one file and one line in :data:`OBJECTIVES`.
"""

from collections.abc import Callable
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from evenground.config import Measure
from evenground.evaluation import Evaluation, Frame
from evenground.objectives import access, cost, health, inequality, stacking
from evenground.study import mid_rank

__all__ = [
    "BOUNDED",
    "DISTRIBUTION",
    "OBJECTIVES",
    "SIDE",
    "UNLED",
    "annoyed_derivative",
    "burden_derivative",
    "distribution_index",
    "gap_derivative",
    "gaps",
]

Float = NDArray[np.float64]
Score = Callable[[Evaluation, NDArray[np.int16], Frame], Float]


def _burden(evaluation: Evaluation, plans: NDArray[np.int16], frame: Frame) -> Float:  # noqa: ARG001 - every score has the same face
    return health.total_burden(evaluation)


def _inequality(evaluation: Evaluation, plans: NDArray[np.int16], frame: Frame) -> Float:  # noqa: ARG001 - every score has the same face
    burden, people, _ = _people(evaluation, frame)
    return inequality.inequality_score(burden, people, frame.kappa)


def _ses_gradient(evaluation: Evaluation, plans: NDArray[np.int16], frame: Frame) -> Float:  # noqa: ARG001 - every score has the same face
    burden, people, kept = _people(evaluation, frame)
    return inequality.ses_gradient_score(burden, people, frame.ses_rank[kept])


def _stacking(evaluation: Evaluation, plans: NDArray[np.int16], frame: Frame) -> Float:  # noqa: ARG001 - every score has the same face
    return stacking.stacking_score(evaluation)


def _access(evaluation: Evaluation, plans: NDArray[np.int16], frame: Frame) -> Float:  # noqa: ARG001 - every score has the same face
    return access.shortfall(evaluation, frame.access_channel, frame.residents)


def _cost(evaluation: Evaluation, plans: NDArray[np.int16], frame: Frame) -> Float:  # noqa: ARG001 - every score has the same face
    return cost.total(plans, frame.yearly_eur, frame.yearly_start_eur)


OBJECTIVES: dict[str, Score] = {
    "burden": _burden,
    "inequality": _inequality,
    "ses_gradient": _ses_gradient,
    "stacking": _stacking,
    "access": _access,
    "cost": _cost,
}


def _distribution(name: str) -> Score:
    """Make a score of a measure of distribution; those with a rank or a group are one-sided.

    Better health at the low end than at the high end is not called unfair, nor is better
    health of a followed group. What has no value, since nobody bears anything, counts as
    equal; an infinite ratio as a very large one.
    """

    def score(evaluation: Evaluation, plans: NDArray[np.int16], frame: Frame) -> Float:  # noqa: ARG001 - every score has the same face
        value = distribution_index(name, evaluation, frame)
        if name == "relative_index":
            # a fitted burden below nothing at the highest rank: steeper than any ratio
            slope = distribution_index("slope_index", evaluation, frame)
            value = np.where((value < 0.0) & (slope < 0.0), LARGE, value)
        value = np.nan_to_num(value, nan=0.0, posinf=LARGE, neginf=-LARGE)
        if name not in SIDE:
            return value
        turn, rest = SIDE[name]
        return np.maximum(0.0, turn * value - rest)

    return score


LARGE = 1e9
"""Score of an infinite ratio."""
BOUNDED = ("erreygers", "wagstaff")
"""Indices of the share of adults that is highly annoyed by noise."""
SIDE: dict[str, tuple[float, float]] = {
    **dict.fromkeys((*inequality.RANKED, *BOUNDED), (-1.0, 0.0)),
    "relative_index": (1.0, 1.0),
    "group_gap": (1.0, 0.0),
}
"""Which way a one-sided measure is unfair, and from where: sign and, in it, the fair value."""
DISTRIBUTION: dict[str, Score] = {name: _distribution(name) for name in get_args(Measure)}
"""Measures that may be an objective under the no-harm rule; not scores of every run."""
UNLED = inequality.NO_SLOPE
"""Measures that no seed is led by, since they have no derivative."""


def distribution_index(name: str, evaluation: Evaluation, frame: Frame) -> Float:
    """Return a measure of distribution as it is reported (candidate,), both sides of zero."""
    if name in BOUNDED:
        share, adults, kept = _annoyed(evaluation, frame)
        return inequality.bounded(share, adults, frame.ses_rank[kept])[name]
    if name == "group_gap":
        return np.asarray((evaluation.burden.sum(axis=2) * _gap_weight(frame)).sum(axis=(1, 2)))
    burden, people, kept = _people(evaluation, frame)
    return inequality.measure(name, burden, people, frame.ses_rank[kept], frame.kappa)


def gaps(evaluation: Evaluation, frame: Frame) -> tuple[Float, Float, Float, Float]:
    """Return mean burden, gap, SES gap and the mean of those with a rank, each (candidate,).

    In DALY per 1000 residents per year, never clamped; the last two are not a number where no
    rank is known.
    """
    burden, people, kept = _people(evaluation, frame)
    level = inequality.mean(burden, people)
    gap = inequality.kolm_pollak_ede(burden, people, frame.kappa) - level
    rank = frame.ses_rank[kept]
    known = np.isfinite(rank)
    if not known.any():
        nothing = np.full(level.shape, np.nan)
        return level, gap, nothing, nothing
    ranked, persons = np.compress(known, burden, axis=1), people[known]
    place = mid_rank(rank[known], persons)
    ses_gap = -inequality.generalised_concentration_index(ranked, persons, place)
    return level, gap, ses_gap, inequality.mean(ranked, persons)


def _people(evaluation: Evaluation, frame: Frame) -> tuple[Float, Float, NDArray[np.bool_]]:
    """Burden per 1000 residents and residents of the neighbourhoods that count."""
    kept = frame.is_assessed & (frame.residents > 0.0)
    burden = health.burden_per_1000(evaluation, frame.residents)
    return np.ascontiguousarray(burden[:, kept]), frame.residents[kept], kept


def _annoyed(evaluation: Evaluation, frame: Frame) -> tuple[Float, Float, NDArray[np.bool_]]:
    """Share of the adults highly annoyed by noise, and adults, of neighbourhoods that count.

    All ages of a neighbourhood share its exposure, so its residents' mean is that of adults.
    """
    if frame.adults is None:
        msg = "The frame holds no adults, of whom a share is annoyed."
        raise ValueError(msg)
    kept = frame.is_assessed & (frame.adults > 0.0)
    share = np.compress(kept, evaluation.mean_phi[:, frame.annoyed_channel], axis=-1)
    return share, frame.adults[kept], kept


def _gap_weight(frame: Frame) -> Float:
    """Weights of the gap of the followed group (group, neighbourhood)."""
    if frame.gap_weight is None:
        msg = "The frame follows no group."
        raise ValueError(msg)
    return frame.gap_weight


def burden_derivative(name: str, per_resident: Float, frame: Frame) -> Float:
    """Return the derivative of a score with respect to the burden of each neighbourhood.

    Parameters
    ----------
    name
        One of burden, inequality and ses_gradient, or a measure of distribution of the burden;
        zero for those that have no derivative (``UNLED``).
    per_resident : (neighbourhood,)
        DALY per 1000 residents per year.
    """
    kept = frame.is_assessed & (frame.residents > 0.0)
    out = np.zeros(kept.size)
    people = frame.residents[kept]
    if name == "burden":
        out[kept] = 1.0
        return out
    if name == "inequality":
        slope = inequality.kolm_pollak_gradient(per_resident[kept], people, frame.kappa)
    elif name == "ses_gradient":
        slope = inequality.ses_gradient_gradient(per_resident[kept], people, frame.ses_rank[kept])
    elif name in DISTRIBUTION and name not in (*BOUNDED, "group_gap"):
        slope = _distribution_slope(name, per_resident[kept], people, frame, kept)
    else:
        msg = f"{name} does not depend on the burden of neighbourhoods alone."
        raise ValueError(msg)
    out[kept] = slope * 1000.0 / people
    return out


def _distribution_slope(
    name: str, burden: Float, people: Float, frame: Frame, kept: NDArray[np.bool_]
) -> Float:
    """Return the derivative of a score by the burden per resident; zero on its fair side."""
    score, kappa = frame.ses_rank[kept], frame.kappa
    slope = inequality.measure_slope(name, burden, people, score, kappa)
    if name not in SIDE:
        return slope
    value = float(inequality.measure(name, burden[None, :], people, score, kappa)[0])
    return _one_side(name, value, slope)


def _one_side(name: str, value: float, slope: Float) -> Float:
    """Return the derivative of a one-sided score from that of its measure, of any shape."""
    turn, rest = SIDE[name]
    return turn * slope if turn * value > rest and np.isfinite(value) else np.zeros(slope.shape)


def gap_derivative(evaluation: Evaluation, frame: Frame) -> float:
    """Return the derivative of ``group_gap`` by the gap itself: zero on its fair side.

    Of the first plan of the evaluation.
    """
    value = float(distribution_index("group_gap", evaluation, frame)[0])
    return float(_one_side("group_gap", value, np.ones(1))[0])


def annoyed_derivative(name: str, evaluation: Evaluation, frame: Frame) -> Float:
    """Return the derivative of an index of a share by the residents' sum of the response.

    Of the first plan of the evaluation (neighbourhood,).
    """
    share, adults, kept = _annoyed(evaluation, frame)
    slope = inequality.bounded_slope(name, share[0], adults, frame.ses_rank[kept])
    value = float(distribution_index(name, evaluation, frame)[0])
    out = np.zeros(kept.size)
    out[kept] = _one_side(name, value, slope) / frame.residents[kept]
    return out
