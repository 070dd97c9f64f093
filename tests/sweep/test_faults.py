"""A disk that refuses at each write in turn, and a clock that goes back, during a sweep."""

import errno
import json
import os
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evenground import disk
from evenground.errors import DataError, Fault, StorageError
from evenground.pipeline import Places, build_places, placed
from evenground.sweep import Plan, Store, build_plan, look, shared, task, write_summary
from evenground.sweep.task import carry_out, write_order

from .conftest import write_sweep

DESIGN = 'kind = "seeds"\nseeds = [1, 2]'
REFUSALS = [
    pytest.param((errno.ENOSPC, False), id="full"),
    pytest.param((errno.EROFS, False), id="read-only"),
    pytest.param((errno.ENOSPC, True), id="full after all was written"),
]
Refusal = tuple[int, bool]
ATTEMPT = disk.attempt


class Refusing:
    """Counts attempts to write; refuses one of them, before or after it is done."""

    def __init__(self, refused: int, number: int, *, late: bool) -> None:
        self.refused, self.number, self.late, self.count = refused, number, late, 0

    def __call__(self, path: Path, action: Callable[[], Any]) -> Any:  # noqa: ANN401 - as an action
        """Do as the disk does, or refuse."""
        self.count += 1
        return ATTEMPT(path, action if self.count != self.refused else lambda: self._refuse(action))

    def _refuse(self, action: Callable[[], Any]) -> None:
        if self.late:
            action()
        raise OSError(self.number, "refused")


def refused_in_turn(
    monkeypatch: pytest.MonkeyPatch, refusal: Refusal, action: Callable[[], object]
) -> Iterator[StorageError | None]:
    """Do something again and again, one more write refused each time, until none was.

    Gives the error of each time; none where something was written all the same.
    """
    number, late = refusal
    for k in range(1, 100):
        broken, caught = Refusing(k, number, late=late), None
        monkeypatch.setattr(disk, "attempt", broken)
        try:
            action()
        except StorageError as error:
            caught = error
        finally:
            monkeypatch.setattr(disk, "attempt", ATTEMPT)
        if broken.count < k:
            return
        yield caught
    msg = "it never ends"
    raise AssertionError(msg)


def is_told(error: StorageError | None) -> bool:
    """Say whether one fault is told, with its place, finding and cure."""
    assert error is not None
    (fault,) = error.faults
    return bool(fault.place and fault.finding and fault.cure)


@pytest.fixture
def plan(hamlet: Path, tmp_path: Path) -> Plan:
    return build_plan(write_sweep(tmp_path, hamlet, DESIGN), hamlet, hamlet.parent)


@pytest.fixture(scope="module")
def places(hamlet: Path, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Build the hamlet once."""
    folder = tmp_path_factory.mktemp("plan")
    made = build_plan(write_sweep(folder, hamlet, DESIGN), hamlet, hamlet.parent)
    settings = task.parse_settings(made.trials[0].settings, "")
    return build_places(placed(settings), hamlet.parent)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_task__that_is_refused_at_any_write_leaves_whole_results_only(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    def find(store: Store, key: str, *_others: object) -> str:
        store.put(key, {"x": np.arange(3)}, {"title": "Gehucht"})
        return task.DONE

    # what is found, and on which city, does not matter to the disk
    monkeypatch.setattr(task, "shared_places", lambda *_all: None)
    monkeypatch.setattr(task, "_search", find)
    store = Store(tmp_path / "out")
    first, second = (write_order(trial, plan, store.folder) for trial in plan.trials)
    carry_out(first)
    before = store.path(plan.keys[0]).read_bytes()
    count = 0

    for error in refused_in_turn(monkeypatch, refusal, lambda: carry_out(second)):
        count += 1
        assert is_told(error)
        assert store.path(plan.keys[0]).read_bytes() == before
        if store.has(plan.keys[1]):
            # only what comes after the result was refused; it is whole, and not made again
            assert store.take(plan.keys[1])[0]["x"].tolist() == [0, 1, 2]
            store.path(plan.keys[1]).unlink()
        assert {path.name for path in (store.folder / "results").iterdir()} == {
            f"{plan.keys[0]}.npz"
        }

    assert count >= 6
    assert look(store, plan).states == {"done": 2}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_places__that_are_refused_at_any_write_are_built_by_the_next(
    plan: Plan, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    monkeypatch.setattr(shared, "_held", {})
    monkeypatch.setattr(shared, "build_places", lambda *_all: places)
    monkeypatch.setenv("EVENGROUND_CACHE", str(tmp_path / "cache"))
    trial = plan.trials[0]
    settings = task.parse_settings(trial.settings, "")
    count = 0

    def ask() -> Places:
        return shared.shared_places(trial.places_key, settings, plan.data, trial.files)

    for error in refused_in_turn(monkeypatch, refusal, ask):
        count += 1
        assert is_told(error)
        assert shared._held == {}  # noqa: SLF001 - what this process would go on with
        assert refusal[1] or not list((tmp_path / "cache").glob(".*.partial"))

    assert count >= 2 if refusal[1] else count == 5
    assert not list((tmp_path / "cache").glob(".*.partial"))
    assert ask().study.site_m == places.study.site_m
    for lock, _ in shared._held.values():  # noqa: SLF001 - as above
        os.close(lock)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_summary__that_is_refused_at_any_write_leaves_the_last(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    store = Store(tmp_path / "out")
    folder = write_summary(store, plan)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    store.note("start", plan.keys[0], row=1)
    count = 0

    for error in refused_in_turn(monkeypatch, refusal, lambda: write_summary(store, plan)):
        count += 1
        assert is_told(error)
        now = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert set(now) == set(before)
        if b"begun" in now["runs.csv"]:
            continue  # the new one was in its place, and only then the disk was said to fail
        assert now == before
        assert refusal[1] or not list(store.folder.glob("summary-new"))

    assert count >= 12
    assert b"begun" in (folder / "runs.csv").read_bytes()
    assert {path.name for path in store.folder.iterdir()} == {"summary", "log"}


@pytest.mark.parametrize("refusal", REFUSALS[:2])
def test_plan__that_is_refused_leaves_the_last(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    store = Store(tmp_path / "out")
    store.write_plan(plan)
    other = build_plan(
        write_sweep(tmp_path, Path(plan.data) / "case.toml", 'kind = "seeds"\nseeds = [3]'),
        Path(plan.data) / "case.toml",
        plan.data,
    )

    errors = []
    for error in refused_in_turn(monkeypatch, refusal, lambda: store.write_plan(other)):
        errors.append(error)
        assert is_told(error)
        assert store.read_plan() == plan

    assert len(errors) == 2
    assert store.read_plan() == other


def test_clock__that_goes_back_turns_no_state(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(range(100))

    class Back(datetime):
        """A clock that goes an hour back at every look."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:  # noqa: ANN401 - as datetime has it
            """Return an hour less than before."""
            return datetime(2026, 10, 25, tzinfo=tz or UTC) - timedelta(hours=next(moments))

    monkeypatch.setattr("evenground.sweep.store.datetime", Back)
    store = Store(tmp_path / "out")
    one, two = plan.keys
    store.note("start", one)
    store.note("fault", one, said="oops")
    store.note("start", two)
    store.put(two, {}, {"fault": "geen plan"})
    store.note("end", two, came="no_plan", seconds={"places": 1.0, "run": 2.0})

    events = [note["event"] for note in store.notes()]
    found = look(store, plan)

    assert events == ["start", "fault", "start", "end"]
    assert found.states == {"fault": 1, "no_plan": 1}
    assert found.seconds == {"places": 1.0, "run": 2.0}


def test_error__of_a_worker_says_the_same_to_whoever_asked() -> None:
    error = DataError([Fault("a.tif", "is odd.", "Mend it."), Fault("b.tif", "too.", "Mend it.")])

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made in this line

    assert str(again) == str(error) == "a.tif: is odd. Mend it.\nb.tif: too. Mend it."
    assert again.faults == error.faults
    assert json.dumps(str(again))
