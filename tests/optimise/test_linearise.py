"""Seeds by successive linearisation."""

import numpy as np
import pytest

from evenground.optimise import Problem, search
from evenground.optimise.reach import Reach
from evenground.optimise.seeds import greedy_seeds
from evenground.optimise.start import make_seeds
from evenground.pipeline import Model

from .case import fits, with_search

pytestmark = pytest.mark.jit

GOALS = ("burden", "ses_gradient", "cost")


@pytest.fixture(scope="module")
def problem(small_model: Model) -> Problem:
    changes = {"objectives": GOALS, "budget_levels": 3, "seeds": "linearised"}
    return with_search(small_model.problem, **changes)


def goals_of(problem: Problem, plans: np.ndarray) -> np.ndarray:
    scores, evaluation = problem.scores(plans)
    return problem.goal_values(plans, scores, evaluation)


def test_seeds__are_feasible_and_the_same_twice(problem: Problem) -> None:
    seeds = make_seeds(problem)

    assert not seeds[0].any()
    assert fits(problem, seeds).all()
    np.testing.assert_array_equal(seeds, make_seeds(problem))


def test_seeds__reach_further_than_greedy_paths(problem: Problem) -> None:
    ours, greedy = (goals_of(problem, make(problem)) for make in (make_seeds, greedy_seeds))

    both = np.concatenate([ours, greedy])
    best, worst = both.min(axis=0), both.max(axis=0)
    for goal in greedy:
        assert (ours <= goal).all(axis=1).any()
    assert Reach(best, worst).add(ours).volume > 1.005 * Reach(best, worst).add(greedy).volume


def test_search__loses_none_of_them(problem: Problem) -> None:
    found = search(with_search(problem, evaluations=200))

    for goal in goals_of(problem, make_seeds(with_search(problem, evaluations=200))):
        assert (found.archive.goals <= goal).all(axis=1).any()
