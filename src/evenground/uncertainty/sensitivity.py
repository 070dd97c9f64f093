r"""Which uncertain number matters most: Sobol indices by a polynomial chaos expansion.

Takes the same draws as everything else and an outcome of them; no further city is drawn.
The outcome is written as a sum of polynomials that are orthonormal for the numbers, each
of which stands for one number or for a pair, so that variances add. What the sum leaves
unexplained, by leaving each draw out in turn, is told beside the indices.

References
----------
Sudret, B. (2008). Global sensitivity analysis using polynomial chaos expansions.
Reliab. Eng. Syst. Saf. 93, 964-979.
Blatman, G. and Sudret, B. (2011). Adaptive sparse polynomial chaos expansion based on
least angle regression. J. Comput. Phys. 230, 2345-2367.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from evenground.uncertainty.draws import Draws
from evenground.uncertainty.numbers import Uncertain

Float = NDArray[np.float64]

DEGREE = 3
"""Highest degree of a polynomial of one number."""
MOST_TERMS = 0.35
"""Most terms, as a share of the draws."""


@dataclass(frozen=True)
class Sensitivity:
    """How much of the variance of an outcome each number brings."""

    first: Float
    """Share by the number alone (number,)."""
    total: Float
    """Share by the number alone and together with others (number,)."""
    unexplained: float
    """Share of the variance that the expansion misses, leaving each draw out in turn."""


def sobol_indices(draws: Draws, outcome: Float) -> Sensitivity:
    r"""Return first-order and total Sobol indices of an outcome (draw,).

    Notes
    -----
    With :math:`y \approx \sum_\alpha c_\alpha \Psi_\alpha`, the sums over the terms
    :math:`\alpha` that hold number :math:`i` alone, or at all:

    .. math:: S_i = \frac{\sum_{\alpha = \{i\}} c_\alpha^2}{\sum_\alpha c_\alpha^2}, \quad
        S^T_i = \frac{\sum_{\alpha \ni i} c_\alpha^2}{\sum_\alpha c_\alpha^2}

    An outcome that does not vary has no indices: not a number.
    """
    n = len(draws.numbers)
    spread = float(outcome.std())
    if (
        n == 0
        or not np.isfinite(spread)
        or spread <= 1e-12 * max(1.0, float(np.abs(outcome).max()))
    ):
        return Sensitivity(np.full(n, np.nan), np.full(n, np.nan), np.nan)
    terms, owners = _terms(draws)
    chosen, weight, unexplained = _select(terms, (outcome - outcome.mean()) / spread)
    part = weight**2 / float((weight**2).sum())
    first, total = np.zeros(n), np.zeros(n)
    for index, share in zip(chosen, part, strict=True):
        a, b = owners[index]
        total[a] += share
        if a == b:
            first[a] += share
        else:
            total[b] += share
    return Sensitivity(first, total, unexplained)


def _terms(draws: Draws) -> tuple[Float, list[tuple[int, int]]]:
    """Return the polynomials at the draws (draw, term), and whose each is."""
    single = [_basis(number, u) for number, u in zip(draws.numbers, draws.place.T, strict=True)]
    columns, owners = [], []
    for k, part in enumerate(single):
        columns += list(part.T)
        owners += [(k, k)] * part.shape[1]
    lowest = [part[:, : _first_order(f)] for f, part in zip(draws.numbers, single, strict=True)]
    for a in range(len(single)):
        for b in range(a + 1, len(single)):
            pairs = lowest[a][:, :, None] * lowest[b][:, None, :]
            columns += list(pairs.reshape(len(draws), -1).T)
            owners += [(a, b)] * (pairs.shape[1] * pairs.shape[2])
    return np.column_stack(columns), owners


def _first_order(number: Uncertain) -> int:
    """Return how many polynomials of a number take part in pairs."""
    return 2 if number.form == "turn" else 1


def _basis(number: Uncertain, u: Float) -> Float:
    """Return polynomials of one number, of mean zero and variance one (draw, degree)."""
    if number.form == "normal":
        z = ndtri(u)
        return np.column_stack([z, (z**2 - 1.0) / np.sqrt(2.0), (z**3 - 3.0 * z) / np.sqrt(6.0)])
    if number.form == "turn":
        angle = 2.0 * np.pi * u
        whole = [np.cos(angle), np.sin(angle), np.cos(2.0 * angle), np.sin(2.0 * angle)]
        return np.asarray(np.sqrt(2.0) * np.column_stack(whole))
    if number.form == "choice":
        return _steps(number.value(u).astype(int), number.shares)
    x = 2.0 * u - 1.0
    legendre = [x, (3.0 * x**2 - 1.0) / 2.0, (5.0 * x**3 - 3.0 * x) / 2.0]
    return np.column_stack([np.sqrt(2.0 * k + 3.0) * part for k, part in enumerate(legendre)])


def _steps(choice: NDArray[np.int64], share: Float) -> Float:
    """Return orthonormal functions of a choice (draw, choice - 1)."""
    raw = np.vander(np.arange(share.size, dtype=float), increasing=True) * np.sqrt(share)[:, None]
    basis, _ = np.linalg.qr(raw)
    return np.asarray((basis / np.sqrt(share)[:, None])[choice, 1:])


def _select(terms: Float, y: Float) -> tuple[list[int], Float, float]:
    """Add terms one by one, each the most like what is left, and keep the best number of them.

    Best is the least error when each draw is left out in turn, corrected for the number of
    terms; found from the hat matrix, without fitting anew.
    """
    n = len(y)
    norm = np.linalg.norm(terms, axis=0)
    q = np.empty((n, 0))
    start = np.full((n, 1), 1.0 / np.sqrt(n))
    q = np.hstack([q, start])
    left, chosen, best = y - y.mean(), [], (np.inf, 0)
    leverage = start[:, 0] ** 2
    free = np.ones(terms.shape[1], bool)
    for count in range(1, min(int(MOST_TERMS * n), terms.shape[1]) + 1):
        like = np.where(free, np.abs(terms.T @ left) / norm, -1.0)
        index = int(np.argmax(like))
        column = terms[:, index] - q @ (q.T @ terms[:, index])
        column -= q @ (q.T @ column)
        free[index] = False
        length = float(np.linalg.norm(column))
        if length <= 1e-8 * norm[index]:
            continue
        column /= length
        q = np.hstack([q, column[:, None]])
        chosen.append(index)
        left = left - column * float(column @ left)
        leverage = leverage + column**2
        error = float(np.mean((left / np.maximum(1.0 - leverage, 1e-9)) ** 2))
        error *= (n + 1) / (n - count - 1)
        if error < best[0]:
            best = (error, len(chosen))
    kept = chosen[: best[1]]
    design = np.column_stack([np.ones(n), terms[:, kept]])
    weight = np.linalg.lstsq(design, y, rcond=None)[0][1:]
    return kept, np.asarray(weight, np.float64), min(best[0], 1.0)
