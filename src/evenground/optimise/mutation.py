"""Mutation: a few options more, led by what they gain per euro, and a few less.

Works on rows of ``int16`` and a generator that is passed in.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import mutate_plans
from evenground.objectives import UNLED
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
    favour : (goal, option)
        Cumulative chance of each option to be raised, from what it gains per euro for each
        goal. Each plan follows one goal; a share of the changes (``blind_share``) follows
        none; half of all changes take away.
    """
    n, n_option = len(rows), plans.shape[1]
    shape = (n, CHANGES)
    goal = rng.integers(0, len(favour), n)[:, None]
    # goals one after another, so that one look-up serves all
    chances = (favour + np.arange(len(favour))[:, None]).ravel()
    at = np.searchsorted(chances, goal + rng.random(shape)) - goal * n_option
    informed = at.clip(0, n_option - 1)
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


def favours(problem: Problem) -> Float:
    """Return the favour of every goal that has gains, today (goal, option).

    Where none has, that of the burden.
    """
    names = [
        name for name in problem.search.objectives if name != "cost" and name not in UNLED
    ] or ["burden"]
    gains = problem.gains_of(problem.empty, [{name: 1.0} for name in names])
    return np.stack([favour_of(gain, problem.rules.price_eur) for gain in gains])
