"""Local search: it keeps to the rules, repeats itself, and finds what evolution left."""

import numpy as np
import pytest

from evenground.optimise import Archive, Found, search
from evenground.optimise.local import Pull, candidates, directions, pull
from evenground.pipeline import Model

from .case import fits, with_search

pytestmark = pytest.mark.jit


@pytest.fixture(scope="module")
def found(small_model: Model) -> Found:
    return search(with_search(small_model.problem, local_share=0.5, evaluations=1200))


def plans_of(archive: Archive) -> np.ndarray:
    return archive.dense(range(len(archive)))


def test_improve__keeps_to_the_rules_and_to_the_number_of_plans(
    small_model: Model, found: Found
) -> None:
    plans = plans_of(found.archive)

    assert fits(small_model.problem, plans).all()
    np.testing.assert_array_equal(found.archive.scores, small_model.problem.scores(plans)[0])
    assert 1200 <= found.evaluated <= 1202  # of a generation of forty two may be called back


def test_improve__finds_more_than_evolution_left(found: Found) -> None:
    is_local = found.history["by"] == "local"
    added = found.history["hypervolume"].diff()[is_local]

    assert (added >= 0.0).all()
    assert added.sum() > 0.0


def test_improve__gives_the_same_archive_for_the_same_seed(
    small_model: Model, found: Found
) -> None:
    again = search(with_search(small_model.problem, local_share=0.5, evaluations=1200))

    np.testing.assert_array_equal(plans_of(again.archive), plans_of(found.archive))


def test_improve__is_switched_off_by_a_share_of_nothing(small_model: Model) -> None:
    off = search(with_search(small_model.problem, local_share=0.0, evaluations=200))

    # the seeds, then the rest of the first generation and whole ones of forty
    assert off.evaluated >= 200
    # generations of forty, and at most two that are called back
    bred = off.history["by"] == "evolution"
    assert set(off.history["evaluated"][bred].diff().iloc[1:]) <= {40, 41, 42}


def test_improve__keeps_nobody_worse_off(small_model: Model) -> None:
    problem = with_search(small_model.problem, no_harm=True, local_share=0.5, evaluations=400)

    kept = search(problem).archive

    _, today = problem.scores(problem.empty[None, :])
    plans = plans_of(kept)
    _, then = problem.scores(plans)
    assert (problem.violation(plans, then, today) <= 0.0).all()


def test_directions__lead_to_each_objective_and_to_their_balance() -> None:
    found = directions(3, 2, np.random.default_rng(1))

    assert len(found) == 3 + 1 + 2
    np.testing.assert_allclose(found[0], [1.001, 0.001, 0.001])
    np.testing.assert_allclose(found[3], [1.0, 1.0, 1.0])
    np.testing.assert_allclose(np.sum(found[4:], axis=1), [1.0, 1.0])


def test_pull__weighs_each_objective_by_its_range() -> None:
    goals = np.array([[0.0, 4.0, 1.0], [2.0, 0.0, 1.0]])

    found = pull(np.array([1.0, 0.5, 1.0]), goals)

    np.testing.assert_allclose(found.weight, [1 / 2, 0.5 / 4, 0.0])
    np.testing.assert_allclose(Pull(np.array([1.0, 2.0, 0.0])).value(goals), [8.0, 2.0])


def test_candidates__are_new_plans_that_fit_and_change_little(small_model: Model) -> None:
    problem = small_model.problem
    gain = problem.gains(problem.empty, {"burden": 1.0})
    rng = np.random.default_rng(3)
    amount = np.where(rng.random(gain.size) < 0.05, problem.rules.most, 0).astype(np.int16)
    plan = problem.repair(amount[None, :])[0]

    plans = candidates(problem, plan, gain)

    assert fits(problem, plans).all()
    assert len(np.unique(plans, axis=0)) == len(plans) > 10
    changed = (plans != plan).sum(axis=1)
    assert changed.min() >= 1
    assert np.median(changed) <= 2
    names = problem.options.intervention
    moved = [np.flatnonzero(row != plan) for row in plans]
    assert any(len(j) == 2 and names[j[0]] == names[j[1]] for j in moved)  # a move elsewhere


def test_candidates__of_no_options_are_none(small_model: Model) -> None:
    problem = small_model.problem

    plans = candidates(problem, problem.empty, np.zeros(problem.empty.size))

    assert plans.shape == (0, problem.empty.size)
