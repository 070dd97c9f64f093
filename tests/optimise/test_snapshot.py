"""A search that is cut off after any step goes on to the same plans."""

import json

import numpy as np
import pytest

from evenground.optimise import Archive, Found, Search, Snapshot, search
from evenground.optimise.archive import SEED
from evenground.optimise.snapshot import dense, pack, sparse, unpack
from evenground.optimise.survival import SURVIVALS
from evenground.pipeline import Model

from .case import with_search

pytestmark = pytest.mark.jit
TOLD = ["evaluated", "archive", "hypervolume", "by"]


def through_text(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot as a disk gives it back."""
    arrays = {name: array.copy() for name, array in snapshot.arrays.items()}
    return Snapshot(arrays, json.loads(json.dumps(snapshot.told)))


def assert_same(one: Found, other: Found) -> None:
    plans = [found.archive.dense(range(len(found.archive))) for found in (one, other)]
    np.testing.assert_array_equal(*plans)
    np.testing.assert_array_equal(one.archive.scores, other.archive.scores)
    np.testing.assert_array_equal(one.archive.is_seed, other.archive.is_seed)
    np.testing.assert_array_equal(one.archive.origin, other.archive.origin)
    np.testing.assert_array_equal(one.history[TOLD], other.history[TOLD])
    assert one.evaluated == other.evaluated


@pytest.mark.parametrize("survival", SURVIVALS)
@pytest.mark.parametrize(("every", "share"), [(1, None), (7, None), (1, 0.5), (7, 0.5)])
def test_search__goes_on_to_the_same_plans_after_any_step(
    small_model: Model, every: int, share: float | None, survival: str
) -> None:
    changes = {"survival": survival, "archive_limit": 30}
    problem = with_search(small_model.problem, evaluations=400, local_share=share, **changes)
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
    assert phases >= {("seed", False)} | ({("mend", True)} if every == 1 else set())
    assert any(has_begun for _, has_begun in phases)


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
    archive.add(plans, goals, goals[:, :1], np.array([7, 2**64 - 1], np.uint64), origin=SEED)

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
