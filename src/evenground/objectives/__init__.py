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

__all__ = ["DISTRIBUTION", "OBJECTIVES", "burden_derivative"]

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
    """Make a score of a measure of distribution; those with a rank are one-sided.

    Better health at the low end than at the high end is not called unfair. What has no value,
    since nobody bears anything, counts as equal; an infinite ratio as a very large one.
    """

    def score(evaluation: Evaluation, plans: NDArray[np.int16], frame: Frame) -> Float:  # noqa: ARG001 - every score has the same face
        burden, people, kept = _people(evaluation, frame)
        value = inequality.measure(name, burden, people, frame.ses_rank[kept], frame.kappa)
        if name == "relative_index":
            value = np.maximum(0.0, value - 1.0)
        elif name in inequality.RANKED:
            value = np.maximum(0.0, -value)
        return np.nan_to_num(value, nan=0.0, posinf=LARGE)

    return score


LARGE = 1e9
"""Score of an infinite ratio."""

DISTRIBUTION: dict[str, Score] = {name: _distribution(name) for name in get_args(Measure)}
"""Measures that may be an objective under the no-harm rule; not scores of every run."""


def _people(evaluation: Evaluation, frame: Frame) -> tuple[Float, Float, NDArray[np.bool_]]:
    """Burden per 1000 residents and residents of the neighbourhoods that count."""
    kept = frame.is_assessed & (frame.residents > 0.0)
    burden = health.burden_per_1000(evaluation, frame.residents)
    return np.ascontiguousarray(burden[:, kept]), frame.residents[kept], kept


def burden_derivative(name: str, per_resident: Float, frame: Frame) -> Float:
    """Return the derivative of a score with respect to the burden of each neighbourhood.

    Parameters
    ----------
    name
        One of burden, inequality and ses_gradient; zero for the measures of distribution,
        so that no seed is led by them.
    per_resident : (neighbourhood,)
        DALY per 1000 residents per year.
    """
    kept = frame.is_assessed & (frame.residents > 0.0)
    out = np.zeros(kept.size)
    people = frame.residents[kept]
    if name in DISTRIBUTION:
        return out
    if name == "burden":
        out[kept] = 1.0
        return out
    if name == "inequality":
        slope = inequality.kolm_pollak_gradient(per_resident[kept], people, frame.kappa)
    elif name == "ses_gradient":
        slope = inequality.ses_gradient_gradient(per_resident[kept], people, frame.ses_rank[kept])
    else:
        msg = f"{name} does not depend on the burden of neighbourhoods alone."
        raise ValueError(msg)
    out[kept] = slope * 1000.0 / people
    return out
