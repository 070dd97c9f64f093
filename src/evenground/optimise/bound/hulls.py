"""Convex functions below samples of a burden, receptor by receptor.

Takes places in order and points at them; gives the largest convex function below, and its lines.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

SAMPLES = 16
"""Parts into which the range of a state is cut."""


@dataclass(frozen=True)
class Hull:
    """Convex functions below the burdens of one layer, straight between places of each range."""

    place: Float
    """States at which the function bends (SAMPLES + 1, receptor)."""
    value: Float
    """Of the function there (SAMPLES + 1, receptor)."""

    def line(self, state: Float) -> tuple[Float, Float]:
        """Return value and slope of a line below the burden, that of the part of each state."""
        k = np.clip((state >= self.place).sum(axis=0) - 1, 0, SAMPLES - 1)
        every = np.arange(state.size)
        start, first = self.place[k, every], self.value[k, every]
        part, rise = self.place[k + 1, every] - start, self.value[k + 1, every] - first
        slope = np.divide(rise, part, out=np.zeros_like(rise), where=part > 0.0)
        return first + slope * (state - start), slope


def lower_hull(place: Float, points: Float) -> Float:
    """Return the largest convex function below points at places in order (place, ...).

    At each place the lowest of the chords between any two points around it.
    """
    n = len(points)
    out = points.copy()
    for k in range(1, n - 1):
        for i in range(k):
            for j in range(k + 1, n):
                width = place[j] - place[i]
                part = np.divide(
                    place[k] - place[i], width, out=np.zeros_like(width), where=width > 0.0
                )
                np.minimum(out[k], (1.0 - part) * points[i] + part * points[j], out=out[k])
    return out
