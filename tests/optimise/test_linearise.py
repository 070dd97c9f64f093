"""Seeds by successive linearisation."""

import numpy as np
import pytest

from evenground.optimise import Problem, search
from evenground.optimise.reach import Reach
from evenground.optimise.seeds import greedy_seeds
from evenground.pipeline import Model

from .case import fits, seeds_of, with_search

pytestmark = pytest.mark.jit

GOALS = ("burden", "ses_gradient", "cost")


@pytest.fixture(scope="module")
def problem(small_model: Model) -> Problem:
    changes = {"objectives": GOALS, "budget_levels": 3, "seeds": "linearised"}
    return with_search(small_model.problem, **changes)


def test_seeds__are_feasible_and_the_same_twice(problem: Problem) -> None:
    seeds = seeds_of(problem)

    assert not seeds[0].any()
    assert fits(problem, seeds).all()
    np.testing.assert_array_equal(seeds, seeds_of(problem))


def test_seeds__reach_further_than_greedy_paths(problem: Problem) -> None:
    ours, greedy = (problem.goals_of(make(problem)) for make in (seeds_of, greedy_seeds))

    both = np.concatenate([ours, greedy])
    best, worst = both.min(axis=0), both.max(axis=0)
    for goal in greedy:
        assert (ours <= goal).all(axis=1).any()
    assert Reach(best, worst).add(ours).volume > 1.005 * Reach(best, worst).add(greedy).volume


def test_search__loses_none_of_them(problem: Problem) -> None:
    found = search(with_search(problem, evaluations=200))

    for goal in problem.goals_of(seeds_of(with_search(problem, evaluations=200))):
        assert (found.archive.goals <= goal).all(axis=1).any()
