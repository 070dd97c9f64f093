"""The archive against a plain filter of all that was put in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.optimise import Archive
from evenground.optimise.books import volume

pytestmark = pytest.mark.jit

FEW = settings(max_examples=60, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def filled(plans: NDArray[np.int16], goals: NDArray[np.float64], sizes: list[int]) -> Archive:
    """Put plans in by batches, the first of them as seeds; equal plans have equal hashes."""
    archive = Archive.empty(plans.shape[1], goals.shape[1], goals.shape[1])
    hashes = (plans.astype(np.int64) @ 10 ** np.arange(plans.shape[1])).astype(np.uint64)
    at = 0
    for k, size in enumerate(sizes):
        part = slice(at, at + size)
        archive.add(plans[part], goals[part], goals[part], hashes[part], seed=k == 0)
        at += size
    return archive


def dominates(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    return bool((a <= b).all() and (a < b).any())


@FEW
@given(seed=SEEDS, sizes=st.lists(st.integers(0, 12), min_size=1, max_size=6))
def test_archive__is_the_filter_of_all_that_was_put_in(seed: int, sizes: list[int]) -> None:
    rng = np.random.default_rng(seed)
    count = sum(sizes)
    plans = rng.integers(0, 3, (count, 4), dtype=np.int16)
    # Scores of a plan depend on the plan alone; few values, so that many tie.
    goals = np.random.default_rng(3).integers(0, 4, (4, 3, 3))
    goals = np.array([sum(goals[j, plan[j]] for j in range(4)) for plan in plans], float)
    goals = goals.reshape(count, 3)

    archive = filled(plans, goals, sizes)

    seeds = {tuple(plan) for plan in plans[: sizes[0]]}
    expected = seeds | {
        tuple(plan)
        for plan, goal in zip(plans, goals, strict=True)
        if not any(dominates(other, goal) for other in goals)
    }
    found = archive.dense(range(len(archive)))
    assert sorted(map(tuple, found)) == sorted(expected)
    assert {tuple(plan) for plan in found[archive.is_seed]} == seeds
    for plan, goal in zip(found, archive.goals, strict=True):
        np.testing.assert_array_equal(goal, goals[(plans == plan).all(axis=1)][0])
    np.testing.assert_array_equal(archive.goals, archive.scores)


def test_archive__keeps_seeds_and_drops_the_beaten() -> None:
    plans = np.array([[1, 0], [0, 1], [1, 1]], np.int16)
    goals = np.array([[2.0, 2.0], [1.0, 3.0], [1.0, 1.0]])

    archive = filled(plans, goals, [1, 2])

    np.testing.assert_array_equal(archive.goals, [[2.0, 2.0], [1.0, 1.0]])
    np.testing.assert_array_equal(archive.is_seed, [True, False])


def test_archive__keeps_different_plans_with_equal_scores() -> None:
    plans = np.array([[1, 0], [0, 1], [1, 0]], np.int16)

    archive = filled(plans, np.ones((3, 2)), [0, 3])

    assert archive.dense([0, 1]).tolist() == [[1, 0], [0, 1]]
    assert len(archive) == 2


def test_archive__without_candidates_is_empty() -> None:
    archive = Archive.empty(3, 2, 4)

    assert len(archive) == 0
    assert archive.dense([]).shape == (0, 3)


# The volume that the archive covers, between the best and the worst of the seeds.


@FEW
@given(seed=SEEDS, count=st.integers(1, 20), n_goal=st.integers(2, 6))
def test_volume__lies_between_nothing_and_the_whole_box(seed: int, count: int, n_goal: int) -> None:
    goals = np.random.default_rng(seed).random((count, n_goal)) * 2.0

    found = volume(goals, np.zeros(n_goal), np.ones(n_goal))

    assert 0.0 <= found <= 1.1**n_goal * 1.001


@FEW
@given(seed=SEEDS, n_goal=st.integers(2, 6))
def test_volume__never_falls_when_plans_come_in(seed: int, n_goal: int) -> None:
    goals = np.random.default_rng(seed).random((12, n_goal)) * 1.5

    found = [volume(goals[: k + 1], np.zeros(n_goal), np.ones(n_goal)) for k in range(12)]

    assert (np.diff(found) >= -1e-12).all()


def test_volume__of_one_plan_is_the_box_that_it_opens() -> None:
    # (1.1 - 0.5) x (1.1 - 0.1) x (1.1 - 0) = 0.66, in a box from 10 to 30, 0 to 1 and 5 to 6
    goals = np.array([[20.0, 0.1, 5.0]])

    found = volume(goals, np.array([10.0, 0.0, 5.0]), np.array([30.0, 1.0, 6.0]))

    assert found == pytest.approx(0.66, rel=5e-3)


def test_volume__of_a_score_that_never_changes_takes_its_own_unit() -> None:
    goals = np.array([[0.5, 7.0]])

    found = volume(goals, np.array([0.0, 7.0]), np.array([1.0, 7.0]))

    assert found == pytest.approx(0.6 * 1.1, rel=5e-3)
