"""Who lives on: those without whom most hypervolume would be lost, of the archive as well.

Rank and room forget: of plans that nothing beats, most leave a small population. Here whoever
opens most along fixed directions lives on, and what the archive keeps is called back when it
opens more than those that stayed. Places that are left go to the best in rank and room.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.optimise.reach import Reach
from evenground.optimise.survival.crowd import Crowd, Survivors
from evenground.optimise.survival.crowding import best

Float = NDArray[np.float64]
Long = NDArray[np.int64]

BACK = 0.05
"""Part of the population that is called back at most; each is evaluated in full once more."""
DIRECTIONS = 1024
"""Directions that are told apart: several for every place in a population."""


def survive(crowd: Crowd, count: int, rng: np.random.Generator) -> Survivors:  # noqa: ARG001 - the face of all survivals
    """Return who lives on; where too few respect what is asked, the best in rank and room."""
    safe = np.flatnonzero(crowd.is_safe)
    if len(safe) <= count:
        return Survivors(best(crowd.goals, count))
    own = crowd.goals[safe]
    goals = np.concatenate([own, crowd.kept])
    reach = Reach(goals.min(axis=0), goals.max(axis=0), DIRECTIONS).add(goals)
    shares = reach.shares(len(goals))
    back = _first(shares[len(safe) :], int(BACK * count))
    stay = _first(shares[: len(safe)], count - len(back))
    others = np.setdiff1d(np.arange(len(safe)), stay)
    fill = others[best(own[others], count - len(back) - len(stay))]
    return Survivors(safe[np.concatenate([stay, fill])], back)


def _first(shares: Float, most: int) -> Long:
    """Return those with the largest shares, largest first, who have any."""
    order = np.argsort(-shares, kind="stable")[:most]
    return np.asarray(order[shares[order] > 0.0], np.int64)
