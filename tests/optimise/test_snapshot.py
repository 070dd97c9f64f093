"""A search that is cut off after any step goes on to the same plans."""

import json

import numpy as np
import pytest

from evenground.optimise import Archive, Found, Search, Snapshot, search
from evenground.optimise.snapshot import dense, pack, sparse, unpack
from evenground.optimise.survival import crowding, survive
from evenground.pipeline import Model

from .case import with_search

pytestmark = pytest.mark.jit
TOLD = ["evaluated", "archive", "hypervolume"]


def through_text(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot as a disk gives it back."""
    arrays = {name: array.copy() for name, array in snapshot.arrays.items()}
    return Snapshot(arrays, json.loads(json.dumps(snapshot.told)))


def assert_same(one: Found, other: Found) -> None:
    plans = [found.archive.dense(range(len(found.archive))) for found in (one, other)]
    np.testing.assert_array_equal(*plans)
    np.testing.assert_array_equal(one.archive.scores, other.archive.scores)
    np.testing.assert_array_equal(one.archive.is_seed, other.archive.is_seed)
    np.testing.assert_array_equal(one.history[TOLD], other.history[TOLD])
    assert one.evaluated == other.evaluated


@pytest.mark.parametrize("every", [1, 7])
def test_search__goes_on_to_the_same_plans_after_any_step(small_model: Model, every: int) -> None:
    problem = with_search(small_model.problem, evaluations=400, local_share=0.5)
    whole = search(problem)

    going, steps, phases = Search(problem), 0, set()
    while not going.is_over:
        if steps % every == 0:
            kept = through_text(going.snapshot())
            phases.add((kept.told["phase"], kept.told["has_begun"]))
            going = Search(problem, start=kept)
        going.step()
        steps += 1

    assert_same(going.found(), whole)
    assert steps >= 10
    assert phases >= {("evolve", False), ("mend", True)}


def test_search__offers_itself_between_all_steps(small_model: Model) -> None:
    problem = with_search(small_model.problem, evaluations=200)
    kept: list[Snapshot] = []

    whole = search(problem, keep=lambda going: kept.append(going.snapshot()))

    assert len(kept) >= 5
    assert kept[-1].told["phase"] == "over"
    assert_same(search(problem, start=kept[len(kept) // 2]), whole)
    assert_same(search(problem, start=kept[-1]), whole)


def test_archive__comes_back_from_its_arrays() -> None:
    archive = Archive.empty(5, 2, 1)
    plans = np.array([[0, 2, 0, 0, 1], [0, 0, 0, 0, 0]], np.int16)
    goals = np.array([[1.0, 2.0], [2.0, 1.0]])
    archive.add(plans, goals, goals[:, :1], np.array([7, 2**64 - 1], np.uint64), seed=True)

    back = Archive.of(archive.snapshot(), 5)

    np.testing.assert_array_equal(back.dense([0, 1]), plans)
    assert back.hashes == {7, 2**64 - 1}
    assert back.is_seed.all()


def test_pack__holds_plans_of_any_length() -> None:
    plans = np.array([[0, 0, 0], [1, 0, 2], [0, 0, 0], [0, 3, 0]], np.int16)

    packed = pack("some", [sparse(plan) for plan in plans])

    assert packed["some_start"].tolist() == [0, 0, 2, 2, 3]
    np.testing.assert_array_equal(dense(unpack("some", packed), 3), plans)
    assert unpack("none", pack("none", [])) == []


def test_crowding__by_hand() -> None:
    # On a line: ends without end; within, neighbours apart as a share of the range, per objective.
    goals = np.array([[0.0, 4.0], [1.0, 3.0], [3.0, 1.0], [4.0, 0.0]])

    assert crowding(goals).tolist() == [np.inf, 1.5, 1.5, np.inf]


def test_survive__takes_whole_ranks_then_those_with_room() -> None:
    first = [[0.0, 10.0], [1.0, 9.0], [2.0, 7.0], [9.0, 1.0], [10.0, 0.0]]
    beaten = [[11.0, 11.0]]
    goals = np.array(beaten + first)

    # most room: both ends, then 9,1 (0.8 + 0.7), then 2,7 (0.8 + 0.8 = 1.6 is more)
    assert survive(goals, 4).tolist() == [1, 5, 3, 4]
    assert survive(goals, 6).tolist() == [1, 5, 3, 4, 2, 0]
    assert survive(goals, 9).size == 6
