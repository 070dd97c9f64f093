"""How an exposure-response function bends over a range: what chords and chains rest on.

Takes the curves of the functions; gives how much their slopes rise and fall between two places,
how steep they are at most, and where the burden of an energy is not concave.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.evaluation import DoseResponse
from evenground.optimise.bound.city import DB_PER_LN

Float = NDArray[np.float64]

BINS = 4096
"""Parts of a curve for which the rise of its slope is kept."""
EDGE = 1e-7
"""Part of a bin within which a place is at its edge."""


class Bends:
    """How much the slope of each curve rises and falls up to a place on it."""

    def __init__(self, dose: DoseResponse) -> None:
        self._dose = dose
        self._tables = [self._table(k) for k in range(dose.layer.size)]

    def rise(self, channel: int, low: Float, high: Float, *, turned: bool) -> Float:
        """Return by how much the slope rises at most between exposures of any shape.

        Parameters
        ----------
        turned
            True to return by how much it falls.
        """
        table = self._tables[channel][int(turned)]
        n = (table.size - 2) // 2
        scale = n / self._dose.width[channel]
        first = np.floor((low - self._dose.low[channel]) * scale + EDGE)
        last = np.ceil((high - self._dose.low[channel]) * scale - EDGE)
        # edge k stands at 2 k, the part after it at 2 k + 1; an end of the range is no bend in it
        before = np.clip(first, -1, n + 1) * 2 + 1
        after = np.clip(last, -1, n + 1) * 2
        top = table.size - 1
        found = (
            table[np.clip(after, 0, top).astype(np.int64)]
            - table[np.clip(before, 0, top).astype(np.int64)]
        )
        return np.asarray(np.maximum(found, 0.0))

    def _table(self, channel: int) -> tuple[Float, Float]:
        """Add up rises, and falls, before each edge and each part, one after the other."""
        dose = self._dose
        pieces = dose.curve[dose.curve_start[channel] : dose.curve_start[channel + 1]]
        per_piece = -(-BINS // len(pieces))
        n = per_piece * len(pieces)
        x = np.linspace(0.0, 1.0, per_piece + 1)
        c2, c3, c4 = (pieces[:, k, None] for k in (2, 3, 4))
        scale = len(pieces) / dose.width[channel]
        bend = 2.0 * c2 + 6.0 * c3 * x + 12.0 * c4 * x**2
        spare = np.abs(24.0 * c4) / (8.0 * per_piece**2)
        slope_in = np.append(pieces[:, 1], 0.0) * scale
        slope_out = np.insert(pieces[:, 1:] @ np.arange(1.0, 5.0), 0, 0.0) * scale
        jump = np.zeros(n + 1)
        jump[::per_piece] = slope_in - slope_out
        out = []
        for sign in (1.0, -1.0):
            most = np.maximum(sign * bend[:, :-1], sign * bend[:, 1:]) + spare
            inside = np.maximum(most, 0.0).ravel() * scale / per_piece
            steps = np.zeros(2 * n + 1)
            steps[::2] = np.maximum(sign * jump, 0.0)
            steps[1::2] = inside
            out.append(np.concatenate([[0.0], np.cumsum(steps)]))
        return out[0], out[1]


def convex_parts(dose: DoseResponse, channel: int) -> Float:
    """Count the parts of a curve, up to each edge, in which the burden of energies is convex."""
    pieces = dose.curve[dose.curve_start[channel] : dose.curve_start[channel + 1]]
    per_piece = -(-BINS // len(pieces))
    x = np.linspace(0.0, 1.0, per_piece + 1)
    c1, c2, c3, c4 = (pieces[:, k, None] for k in (1, 2, 3, 4))
    scale = len(pieces) / dose.width[channel]
    slope = (c1 + x * (2.0 * c2 + x * (3.0 * c3 + x * 4.0 * c4))) * scale
    bend = (2.0 * c2 + x * (6.0 * c3 + x * 12.0 * c4)) * scale**2
    sign = DB_PER_LN * bend - slope
    # second derivative of the sign by x, at most
    spare = (
        24.0 * np.abs(c4) * DB_PER_LN * scale**2 + (6.0 * np.abs(c3) + 24.0 * np.abs(c4)) * scale
    )
    most = np.maximum(sign[:, :-1], sign[:, 1:]) + spare / (8.0 * per_piece**2)
    wrong = (most > 0.0).ravel().astype(float)
    # a piece that begins steeper than the one before it ends
    jump = slope[1:, 0] > slope[:-1, -1] * (1.0 + 1e-9) + 1e-12
    wrong[per_piece::per_piece] = np.maximum(wrong[per_piece::per_piece], jump)
    return np.concatenate([[0.0], np.cumsum(wrong)])
