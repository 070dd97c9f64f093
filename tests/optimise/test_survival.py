"""Who lives on, for every way to choose."""

import numpy as np
import pytest

from evenground.optimise.problem import HARMFUL
from evenground.optimise.survival import SURVIVALS, Crowd, Survivors
from evenground.optimise.survival.crowding import best, crowding
from evenground.optimise.survival.reference import reference_directions

pytestmark = pytest.mark.jit


def chosen(kind: str, goals: np.ndarray, count: int, kept: int = 0, seed: int = 1) -> Survivors:
    """Return who lives on, of a crowd and of some plans that the archive keeps."""
    rng = np.random.default_rng(seed)
    crowd = Crowd(goals, rng.random((kept, goals.shape[1])))
    return SURVIVALS[kind](crowd, count, rng)


@pytest.mark.parametrize("kind", SURVIVALS)
@pytest.mark.parametrize("n_goal", [2, 4, 6])
@pytest.mark.parametrize("kept", [0, 1, 300])
def test_survival__chooses_as_many_as_asked_and_none_twice(
    kind: str, n_goal: int, kept: int
) -> None:
    goals = np.random.default_rng(2).random((80, n_goal))

    found = chosen(kind, goals, 40, kept)

    assert len(set(found.stay.tolist())) + len(set(found.back.tolist())) == 40
    assert len(found.back) <= min(2, kept)


@pytest.mark.parametrize("kind", SURVIVALS)
def test_survival__prefers_who_respects_what_is_asked(kind: str) -> None:
    goals = np.random.default_rng(3).random((60, 3))
    goals[::2] = HARMFUL * (1.0 + goals[::2])

    assert set((chosen(kind, goals, 20).stay % 2).tolist()) == {1}
    # those that respect it do not fill the population: the least harmful of the others do
    found = set(chosen(kind, goals, 40).stay.tolist())
    harmful = np.argsort(goals[::2, 0])
    assert found >= set(range(1, 60, 2))
    assert len(found) == 40
    assert 2 * int(harmful[0]) in found


@pytest.mark.parametrize("kind", SURVIVALS)
def test_survival__of_a_small_crowd_is_the_crowd(kind: str) -> None:
    goals = np.random.default_rng(4).random((7, 3))

    assert sorted(chosen(kind, goals, 20).stay.tolist()) == list(range(7))


@pytest.mark.parametrize("kind", SURVIVALS)
def test_survival__takes_none_that_is_beaten_while_there_are_others(kind: str) -> None:
    good = np.random.default_rng(5).dirichlet(np.ones(3), 30)
    goals = np.concatenate([good + 1.0, good])

    assert (chosen(kind, goals, 20).stay >= 30).all()


def test_archive__calls_back_who_opens_most_and_a_twentieth_at_most() -> None:
    goals = 1.0 + np.random.default_rng(6).random((400, 3))

    # all that the archive keeps lies before the whole crowd
    found = chosen("archive", goals, 200, kept=1000)

    assert len(found.back) == 10
    kept = np.random.default_rng(1).random((1000, 3))
    open_ = np.prod(2.0 - kept, axis=1)
    assert np.median(open_[found.back]) > np.quantile(open_, 0.9)


def test_archive__lets_the_ends_of_the_front_live_on() -> None:
    # plans on a line, most of them in its middle; the two far ends open most
    share = np.concatenate([[0.0, 1.0], np.linspace(0.45, 0.55, 98)])
    goals = np.column_stack([share, 1.0 - share])

    found = chosen("archive", goals, 10).stay.tolist()

    assert {0, 1} <= set(found)
    # then the sides of the middle that look towards the gaps
    assert {2, 99} <= set(found)


def test_reference_directions__are_as_many_as_fit() -> None:
    # of 3 goals in 12 parts there are 14 over 2 = 91, in 13 parts 105
    assert len(reference_directions(3, 100)) == 91
    np.testing.assert_allclose(reference_directions(6, 200).sum(axis=1), 1.0)
    # of 6 goals in 1 part there are 6
    assert len(reference_directions(6, 3)) == 1


def test_crowding__by_hand() -> None:
    # On a line: ends without end; within, neighbours apart as a share of the range, per objective.
    goals = np.array([[0.0, 4.0], [1.0, 3.0], [3.0, 1.0], [4.0, 0.0]])

    assert crowding(goals).tolist() == [np.inf, 1.5, 1.5, np.inf]


def test_crowding__takes_whole_ranks_then_those_with_room() -> None:
    first = [[0.0, 10.0], [1.0, 9.0], [2.0, 7.0], [9.0, 1.0], [10.0, 0.0]]
    beaten = [[11.0, 11.0]]
    goals = np.array(beaten + first)

    # most room: both ends, then 9,1 (0.8 + 0.7), then 2,7 (0.8 + 0.8 = 1.6 is more)
    assert best(goals, 4).tolist() == [1, 5, 3, 4]
    assert best(goals, 6).tolist() == [1, 5, 3, 4, 2, 0]
    assert best(goals, 9).size == 6
