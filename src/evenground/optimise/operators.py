"""How children are made: spatial windows, and mutation towards gains.

Works on rows of ``int16`` and a generator that is passed in.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import cross_windows, mutate_plans
from evenground.optimise.problem import Problem

Float = NDArray[np.float64]
Plans = NDArray[np.int16]

CHANGES = 24
"""Most options that one mutation changes."""


def cross(problem: Problem, mothers: Plans, fathers: Plans, rng: np.random.Generator) -> Plans:
    """Return children that take a random window of sites from the father (candidate, option)."""
    options = problem.options
    n_y, n_x = options.n_site
    n = len(mothers)
    height = rng.integers(1, max(2, n_y // 2 + 1), n)
    width = rng.integers(1, max(2, n_x // 2 + 1), n)
    row = rng.integers(0, n_y, n) - height // 2
    col = rng.integers(0, n_x, n) - width // 2
    window = np.column_stack([row, col, row + height, col + width]).astype(np.int32)
    out = np.empty_like(mothers)
    cross_windows(mothers, fathers, options.site_row, options.site_col, window, out)
    return out


def mutate(problem: Problem, plans: Plans, favour: Float, rng: np.random.Generator) -> Plans:
    """Change a few options of every plan, in place, and return the plans.

    Parameters
    ----------
    favour : (option,)
        Cumulative chance of each option to be raised, from its gain per euro. A share
        of the changes (``blind_share``) ignores it; half of all changes take away.
    """
    n = len(plans)
    shape = (n, CHANGES)
    informed = np.searchsorted(favour, rng.random(shape)).clip(0, plans.shape[1] - 1)
    blind = rng.integers(0, plans.shape[1], shape)
    is_blind = rng.random(shape) < problem.search.blind_share
    mutate_plans(
        plans,
        problem.rules.most,
        problem.rules.least,
        rng.integers(1, CHANGES + 1, n, dtype=np.int32),
        np.where(is_blind, blind, informed).astype(np.int32),
        rng.random(shape),
        rng.integers(0, CHANGES + 1, n, dtype=np.int32),
        rng.random(shape),
    )
    return plans


def favour_of(gain: Float, capital_eur: Float) -> Float:
    """Return the cumulative chance of each option from its gain per euro (option,)."""
    value = np.sqrt(np.maximum(gain / np.maximum(capital_eur, 1e-9), 0.0))
    total = value.sum()
    if total <= 0.0:
        return np.linspace(1.0 / value.size, 1.0, value.size)
    return np.asarray(np.cumsum(value) / total)
