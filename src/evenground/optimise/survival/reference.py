"""Who lives on: NSGA-III, those nearest to reference directions that are spread evenly.

pymoo chooses. It starts anew in every generation, with the ideal and worst points of the
crowd, so that a search can be interrupted.

Deb, K. and Jain, H. (2014). An evolutionary many-objective optimization algorithm using
reference-point-based nondominated sorting approach, part I. IEEE Transactions on Evolutionary
Computation 18(4), 577-601.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.moo.nsga3 import ReferenceDirectionSurvival
from pymoo.core.population import Population
from pymoo.core.problem import Problem as PymooProblem
from pymoo.util.reference_direction import UniformReferenceDirectionFactory

from evenground.optimise.survival.crowd import Crowd, Survivors
from evenground.optimise.survival.crowding import best

Float = NDArray[np.float64]


@lru_cache(maxsize=16)
def reference_directions(n_goal: int, most: int) -> Float:
    """Return as many even directions of Das and Dennis as a number allows (direction, goal)."""
    found = np.full((1, n_goal), 1.0 / n_goal)
    for parts in range(1, most + 1):
        more = UniformReferenceDirectionFactory(n_goal, n_partitions=parts).do()
        if len(more) > most:
            break
        found = more
    return found


def survive(crowd: Crowd, count: int, rng: np.random.Generator) -> Survivors:
    """Return who lives on; where too few respect what is asked, the best in rank and room."""
    safe = np.flatnonzero(crowd.is_safe)
    if len(safe) <= count:
        return Survivors(best(crowd.goals, count))
    n_goal = crowd.goals.shape[1]
    pop = Population.new(F=crowd.goals[safe], place=safe)
    survival = ReferenceDirectionSurvival(reference_directions(n_goal, count))
    face = PymooProblem(n_var=1, n_obj=n_goal)
    chosen = survival.do(face, pop, n_survive=count, random_state=rng)
    return Survivors(np.asarray(chosen.get("place"), np.int64))
