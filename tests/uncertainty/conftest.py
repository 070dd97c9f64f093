"""The small town with its uncertain numbers, and plans that use every intervention."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.optimise import fill
from evenground.pipeline import Model, build_uncertain
from evenground.uncertainty import Base


@pytest.fixture(scope="session")
def base(small_model: Model) -> Base:
    return build_uncertain(small_model)


@pytest.fixture(scope="session")
def plans(small_model: Model) -> NDArray[np.int16]:
    """Today, two greedy plans, and one that builds a little of everything."""
    problem = small_model.problem
    budget = problem.search.budget_eur
    greedy = [
        fill(problem, problem.empty, problem.gains(problem.empty, {name: 1.0}), budget)
        for name in ("burden", "ses_gradient")
    ]
    mixed = problem.empty
    rng = np.random.default_rng(5)
    for row in range(len(problem.options.interventions)):
        there = np.flatnonzero(problem.options.intervention == row)
        mixed[rng.choice(there, min(20, there.size), replace=False)] = 1
    return np.stack([problem.empty, *greedy, problem.repair(mixed[None, :])[0]])
