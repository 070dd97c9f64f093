"""Who lives on: NSGA-II's ranks, and within the last rank those with most room around them.

Deb, K., Pratap, A., Agarwal, S. and Meyarivan, T. (2002). A fast and elitist multiobjective
genetic algorithm: NSGA-II. IEEE Transactions on Evolutionary Computation 6(2), 182-197.
"""

import moocore
import numpy as np
from numpy.typing import NDArray

from evenground.optimise.survival.crowd import Crowd, Survivors

Float = NDArray[np.float64]
Long = NDArray[np.int64]


def survive(crowd: Crowd, count: int, rng: np.random.Generator) -> Survivors:  # noqa: ARG001 - the face of all survivals
    """Return who lives on of the population and its children."""
    return Survivors(best(crowd.goals, count))


def best(goals: Float, count: int) -> Long:
    """Return the best of some plans, best first (survivor,); of equals the first.

    Parameters
    ----------
    goals : (candidate, objective)
        What is lowered.
    """
    rank = moocore.pareto_rank(np.ascontiguousarray(goals))
    kept: list[Long] = []
    left = min(count, len(goals))
    for level in range(int(rank.max(initial=-1)) + 1):
        index = np.flatnonzero(rank == level)
        index = index[np.argsort(-crowding(goals[index]), kind="stable")]
        kept.append(index[:left])
        left -= len(kept[-1])
        if left == 0:
            break
    return np.concatenate(kept) if kept else np.zeros(0, np.int64)


def crowding(goals: Float) -> Float:
    """Return the room around each of some plans that do not dominate each other (candidate,).

    The sum over objectives of the distance between both neighbours, as a share of the range;
    without end for who is best or worst in one.
    """
    n, n_goal = goals.shape
    out = np.zeros(n)
    for k in range(n_goal):
        order = np.argsort(goals[:, k], kind="stable")
        value = goals[order, k]
        spread = value[-1] - value[0]
        if spread > 0.0:
            out[order[1:-1]] += (value[2:] - value[:-2]) / spread
        out[order[[0, -1]]] = np.inf
    return out
