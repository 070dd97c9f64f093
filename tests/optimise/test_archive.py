"""The archive against a plain filter of all that was put in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.optimise import Archive
from evenground.optimise.archive import EVOLUTION, LOCAL, SEED

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
        archive.add(
            plans[part], goals[part], goals[part], hashes[part], origin=SEED if k == 0 else LOCAL
        )
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
    assert archive.origin.tolist() == [SEED, LOCAL]
    assert archive.keys.tolist() == [1, 11]


def test_archive__keeps_different_plans_with_equal_scores() -> None:
    plans = np.array([[1, 0], [0, 1], [1, 0]], np.int16)

    archive = filled(plans, np.ones((3, 2)), [0, 3])

    assert archive.dense([0, 1]).tolist() == [[1, 0], [0, 1]]
    assert len(archive) == 2


def test_archive__without_candidates_is_empty() -> None:
    archive = Archive.empty(3, 2, 4)

    assert len(archive) == 0
    assert archive.dense([]).shape == (0, 3)


def test_archive__with_a_limit_keeps_seeds_and_what_opens_most() -> None:
    # on the line a + b = 1, evenly: without its ends and gaps nothing is lost but room
    share = np.linspace(0.0, 1.0, 101)
    goals = np.column_stack([share, 1.0 - share])
    plans = np.arange(101, dtype=np.int16)[:, None] + 1
    archive = Archive.empty(1, 2, 2, limit=20)
    keys = np.arange(101, dtype=np.uint64)

    archive.add(plans[:1] + 200, goals[:1] + 5.0, goals[:1], keys[:1] + 500, origin=SEED)
    archive.add(plans, goals, goals, keys, origin=EVOLUTION)

    assert len(archive) == 21
    assert archive.is_seed.tolist() == [True] + 20 * [False]
    np.testing.assert_array_equal(archive.dense(range(1, 21))[:, 0], archive.keys[1:] + 1)
    # what was dropped does not come back
    archive.add(plans, goals, goals, keys, origin=EVOLUTION)
    assert len(archive) == 21


def test_archive__with_a_limit_thins_only_when_a_tenth_beyond_it() -> None:
    archive = Archive.empty(1, 2, 2, limit=20)
    for k in range(23):
        goals = np.array([[k / 22.0, 1.0 - k / 22.0]])
        plan = np.full((1, 1), k, np.int16)
        archive.add(plan, goals, goals, np.array([k], np.uint64), origin=EVOLUTION)

        assert len(archive) == (k + 1 if k < 22 else 20)
