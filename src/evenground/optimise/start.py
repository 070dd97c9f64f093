"""What a search starts from, by the name of the setting."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from evenground.optimise.blends import blend_batches
from evenground.optimise.division import divide
from evenground.optimise.linearise import linearised_seeds
from evenground.optimise.problem import Problem
from evenground.optimise.seeds import greedy_batches, never

Plans = NDArray[np.int16]
Batches = Iterator[Plans]
"""Seeds (candidate, option), those first that are worth most; which does not depend on time."""


def no_batches(problem: Problem) -> Batches:
    """Give the plan that builds as little as it may, alone."""
    yield problem.start[None, :]


SEEDS: Mapping[str, Callable[[Problem, Callable[[], bool]], Batches]] = {
    "linearised": lambda problem, is_late: iter([linearised_seeds(problem, is_late)]),
    "greedy": lambda problem, _: greedy_batches(problem),
    "priced": lambda problem, _: blend_batches(problem),
    "none": lambda problem, _: no_batches(problem),
}
"""Ways to make seeds."""


def make_batches(problem: Problem, is_late: Callable[[], bool] = never) -> Batches:
    """Give the seeds of a problem batch by batch, with the first the plan that builds least.

    The first batch ends with the plans of the rules that need no search, if there are any.

    Parameters
    ----------
    is_late
        Whether time is up; what takes long within a batch is ended then.
    """
    batches = SEEDS[problem.search.seeds](problem, is_late)
    if problem.search.seeds != "none" and problem.empty.size:
        yield np.concatenate([next(batches), *_ruled(problem)])
    yield from batches


def _ruled(problem: Problem) -> Batches:
    """Give the plan of each rule for the whole budget."""
    for parts in problem.by_rule:
        yield divide(problem, parts, problem.search.budget_eur)[None, :]
