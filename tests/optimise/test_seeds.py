"""Greedy seeds: paths from nothing to the whole budget."""

import numpy as np
import pytest

from evenground.optimise import SCORES, search
from evenground.optimise.seeds import WEIGHTINGS, fill, greedy_seeds
from evenground.pipeline import Model

from .case import fits, with_search

pytestmark = pytest.mark.jit


def test_seeds__hold_the_empty_plan_and_every_step_of_every_path(small_model: Model) -> None:
    problem = with_search(small_model.problem, budget_levels=3)

    seeds = greedy_seeds(problem)

    assert len(seeds) == 1 + 3 * len(WEIGHTINGS)
    assert not seeds[0].any()
    assert fits(problem, seeds).all()


def test_seeds__rise_along_a_path_and_spend_each_level(small_model: Model) -> None:
    problem = with_search(small_model.problem, budget_levels=4)
    budget, dearest = problem.search.budget_eur, problem.options.capital_eur.max()

    paths = greedy_seeds(problem)[1:].reshape(len(WEIGHTINGS), 4, -1)

    assert (np.diff(paths, axis=1) >= 0).all()
    spent = paths[0] @ problem.options.capital_eur
    levels = budget * (np.arange(1, 5) / 4) ** 2
    assert (spent <= levels * (1 + 1e-9)).all()
    assert (spent > levels - dearest).all()


def test_seeds__lower_the_score_that_they_follow(small_model: Model) -> None:
    problem = with_search(small_model.problem, budget_levels=4)

    seeds = greedy_seeds(problem)

    scores, _ = problem.scores(seeds)
    paths = scores[1:].reshape(len(WEIGHTINGS), 4, -1)
    for path, weighting in zip(paths, WEIGHTINGS, strict=True):
        if len(weighting) == 1:
            name = next(iter(weighting))
            followed = [scores[0, SCORES.index(name)], *path[:, SCORES.index(name)]]
            assert (np.diff(followed) < 0.0).all()


def test_fill__takes_the_most_gain_per_euro_first(small_model: Model) -> None:
    problem = small_model.problem
    gain = np.zeros(problem.empty.size)
    best, next_best = 5, 6
    capital = problem.options.capital_eur
    gain[best], gain[next_best] = 3.0 * capital[best], 2.0 * capital[next_best]

    one_step = fill(problem, problem.empty, gain, float(capital[best]))

    assert np.flatnonzero(one_step).tolist() == [best]
    assert one_step[best] == 1


def test_fill__never_takes_what_gains_nothing(small_model: Model) -> None:
    problem = small_model.problem

    assert not fill(problem, problem.empty, np.zeros(problem.empty.size), 1e9).any()
    assert not fill(problem, problem.empty, -np.ones(problem.empty.size), 1e9).any()


def test_search__without_seeds_starts_from_the_least_plan_alone(small_model: Model) -> None:
    problem = with_search(small_model.problem, seeds="none", evaluations=300, population=40)

    found = search(problem)

    assert found.archive.is_seed.sum() == 1
    assert not found.archive.dense([0]).any()
    assert len(found.archive) > 10
    # measured to a plan that spends all: the least plan opens little of it, and more is found
    history = found.history["hypervolume"]
    assert history.iloc[0] < history.iloc[-1] < 1.1 ** len(problem.goals)
