"""Mutation: a few options more, led by what they gain per euro, and a few less.

Works on rows of ``int16`` and a generator that is passed in.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import mutate_plans
from evenground.optimise.problem import Problem

Float = NDArray[np.float64]
Long = NDArray[np.int64]
Plans = NDArray[np.int16]

CHANGES = 24
"""Most options that one mutation changes."""


def mutate(
    problem: Problem, plans: Plans, rows: Long, favour: Float, rng: np.random.Generator
) -> None:
    """Change a few options of some plans, in place.

    Parameters
    ----------
    plans : (slot, option)
    rows : (candidate,)
        Slots of the plans to change.
    favour : (option,)
        Cumulative chance of each option to be raised, from its gain per euro. A share
        of the changes (``blind_share``) ignores it; half of all changes take away.
    """
    n = len(rows)
    shape = (n, CHANGES)
    informed = np.searchsorted(favour, rng.random(shape)).clip(0, plans.shape[1] - 1)
    blind = rng.integers(0, plans.shape[1], shape)
    is_blind = rng.random(shape) < problem.search.blind_share
    mutate_plans(
        plans,
        rows,
        problem.rules.most,
        problem.rules.least,
        rng.integers(1, CHANGES + 1, n, dtype=np.int32),
        np.where(is_blind, blind, informed).astype(np.int32),
        rng.random(shape),
        rng.integers(0, CHANGES + 1, n, dtype=np.int32),
        rng.random(shape),
    )


def favour_of(gain: Float, capital_eur: Float) -> Float:
    """Return the cumulative chance of each option from its gain per euro (option,)."""
    value = np.sqrt(np.maximum(gain / np.maximum(capital_eur, 1e-9), 0.0))
    total = value.sum()
    if total <= 0.0:
        return np.linspace(1.0 / value.size, 1.0, value.size)
    return np.asarray(np.cumsum(value) / total)
