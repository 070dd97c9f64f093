"""What a search starts from, by the name of the setting."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from evenground.optimise.linearise import linearised_seeds
from evenground.optimise.pricing import priced_seeds
from evenground.optimise.problem import Problem
from evenground.optimise.seeds import greedy_seeds, never


def no_seeds(problem: Problem, is_late: Callable[[], bool] = never) -> NDArray[np.int16]:  # noqa: ARG001 - the face of all seeds
    """Return the plan that builds as little as it may, alone (candidate, option)."""
    return problem.start[None, :]


SEEDS: Mapping[str, Callable[[Problem, Callable[[], bool]], NDArray[np.int16]]] = {
    "linearised": linearised_seeds,
    "greedy": greedy_seeds,
    "priced": priced_seeds,
    "none": no_seeds,
}
"""Ways to make seeds (candidate, option)."""


def make_seeds(problem: Problem, is_late: Callable[[], bool] = never) -> NDArray[np.int16]:
    """Return the seeds of a problem (candidate, option), the plan that builds least first.

    Parameters
    ----------
    is_late
        Whether time is up; what was made until then is returned.
    """
    return SEEDS[problem.search.seeds](problem, is_late)
