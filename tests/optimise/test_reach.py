"""Hypervolume by directions, against boxes by hand and against exact volumes."""

import moocore
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.optimise.reach import CORNER, Reach

pytestmark = pytest.mark.jit

FEW = settings(max_examples=60, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
Float = NDArray[np.float64]


def volume(goals: Float, best: Float, worst: Float) -> float:
    return Reach(best, worst).add(goals).volume


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


@FEW
@given(seed=SEEDS, count=st.integers(1, 30), n_goal=st.integers(2, 4))
def test_volume__is_near_the_exact_one(seed: int, count: int, n_goal: int) -> None:
    goals = np.random.default_rng(seed).random((count, n_goal))

    found = volume(goals, np.zeros(n_goal), np.ones(n_goal))

    exact = moocore.hypervolume(goals, ref=np.full(n_goal, CORNER))
    # directions are few where little is covered: to a part of the whole box
    assert found == pytest.approx(exact, rel=0.03, abs=0.01)


@FEW
@given(seed=SEEDS, cut=st.integers(0, 12))
def test_reach__is_the_same_bits_in_one_go_and_in_parts(seed: int, cut: int) -> None:
    goals = np.random.default_rng(seed).random((12, 4))
    whole = Reach(np.zeros(4), np.ones(4)).add(goals)

    parts = Reach(np.zeros(4), np.ones(4)).add(goals[:cut])
    parts = Reach.of(parts.arrays).add(goals[cut:])

    assert parts.volume == whole.volume


def test_shares__are_what_the_volume_loses_without_a_plan() -> None:
    goals = np.random.default_rng(1).dirichlet(np.ones(3), 12)
    goals = np.concatenate([goals, goals[:1] + 0.2])
    whole = Reach(np.zeros(3), np.ones(3)).add(goals)

    shares = whole.shares(13)

    # in one unit: what is lost without each, as parts of the largest loss
    lost = [
        whole.volume - volume(np.delete(goals, k, axis=0), np.zeros(3), np.ones(3))
        for k in range(13)
    ]
    np.testing.assert_allclose(shares / shares.max(), np.array(lost) / max(lost), atol=1e-9)
    assert shares[12] == 0.0
