"""Compiled loop of how far plans reach along fixed directions. Knows numbers only."""

import numpy as np
from numba import prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled

Float = NDArray[np.float64]

TILE = 64
"""Directions that are looked at together."""


def _reach_in_numpy(
    room: Float, inverse: Float, far: Float, near: Float, owner: NDArray[np.int32]
) -> None:
    """Do what ``reach_out`` does, plan by plan."""
    for p, each in enumerate(room):
        reach = (each[:, None] * inverse).min(axis=0)
        is_farther = reach > far
        near[:] = np.where(is_farther, far, np.maximum(near, reach))
        np.maximum(far, reach, out=far)
        owner[is_farther] = p


@compiled(_reach_in_numpy, parallel=True)
def reach_out(
    room: Float, inverse: Float, far: Float, near: Float, owner: NDArray[np.int32]
) -> None:
    """Find along every direction how far the best plan reaches, and the best but one.

    Parameters
    ----------
    room : (plan, goal)
        What each plan leaves between its goals and the corner from which is measured.
    inverse : (goal, direction)
        One over each part of the direction.
    far, near : (direction,)
        Reach of the best, and of the best but one; written in place, and never lowered.
    owner : (direction,)
        The best plan, of equals the first; left alone where none goes further.

    Notes
    -----
    A plan reaches as far as the box that it opens: the least of ``room * inverse``.
    """
    n_plan, n_goal = room.shape
    n_direction = far.size
    for tile in prange((n_direction + TILE - 1) // TILE):
        first = tile * TILE
        n = min(TILE, n_direction - first)
        reach = np.empty(TILE)
        for p in range(n_plan):
            for i in range(n):
                reach[i] = room[p, 0] * inverse[0, first + i]
            for k in range(1, n_goal):
                for i in range(n):
                    reach[i] = min(reach[i], room[p, k] * inverse[k, first + i])
            for i in range(n):
                if reach[i] > far[first + i]:
                    near[first + i] = far[first + i]
                    far[first + i] = reach[i]
                    owner[first + i] = p
                elif reach[i] > near[first + i]:
                    near[first + i] = reach[i]
