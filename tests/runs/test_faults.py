"""A disk that refuses at each write in turn, and a clock that goes back, during run and night."""

import errno
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evenground import disk
from evenground.errors import StorageError
from evenground.nightly.state import Outcome, write_state
from evenground.optimise import Found, search
from evenground.outputs import folder as run_folder
from evenground.outputs.folder import logged
from evenground.pipeline import Model, Told, build_run, write_whole
from evenground.results import Run
from evenground.runs import check_sums, list_runs, read_manifest

Made = tuple[Model, Found, Run]


@pytest.fixture(scope="module")
def made(small_model: Model) -> Made:
    """Return a model, what a short search found, and what is said of it."""
    search_settings = small_model.settings.search.model_copy(update={"evaluations": 0})
    model = small_model.with_search(search_settings)
    found = search(model.problem)
    return model, found, build_run(model, found)


class Disk:
    """Counts attempts to write; refuses one of them, before or after half of it is done.

    What is costly and not refused becomes a small file: this tests what comes of a refusal,
    not what is written.
    """

    def __init__(self, refused: int, number: int, *, late: bool) -> None:
        self.refused, self.number, self.late = refused, number, late
        self.count, self.places = 0, list[str]()
        self._attempt, self._write = disk.attempt, disk.write

    def attempt(self, path: Path, action: Callable[[], Any]) -> object:
        """Do as the disk does, or refuse."""
        self.count += 1
        self.places.append(path.name)
        if self.count != self.refused:
            return self._attempt(path, action)

        def refuse() -> None:
            if self.late:
                action()
            raise OSError(self.number, "refused")

        return self._attempt(path, refuse)

    def write(self, path: Path, _how: Callable[[Path], object]) -> None:
        """Write a small file in place of a result."""

        def small(place: Path) -> None:
            if not place.is_dir():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(b"small")

        self._write(path, small)


def write_run(made: Made, target: Path) -> None:
    model, found, result = made
    with logged() as log:
        write_whole(model, found, result, target, Told(log))


def count_writes(made: Made, tmp_path: Path) -> int:
    with pytest.MonkeyPatch.context() as patch:
        counted = Disk(0, 0, late=False)
        patch.setattr(disk, "attempt", counted.attempt)
        patch.setattr(disk, "write", counted.write)
        write_run(made, tmp_path / "counted" / "run")
    assert {"front.nc", "report.html", "manifest.json", "checksums.sha256"} <= set(counted.places)
    return counted.count


REFUSALS = [
    pytest.param((errno.ENOSPC, False), id="full"),
    pytest.param((errno.EROFS, False), id="read-only"),
    pytest.param((errno.EACCES, False), id="forbidden"),
    pytest.param((errno.ENOSPC, True), id="full after all was written"),
]


@pytest.mark.jit
@pytest.mark.parametrize("refusal", REFUSALS)
def test_run__that_is_refused_at_any_write_leaves_no_run_and_spoils_none(
    made: Made, tmp_path: Path, refusal: tuple[int, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    (number, late), writes = refusal, count_writes(made, tmp_path)
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(disk, "write", Disk(0, 0, late=False).write)
        write_run(made, out / "stad-20260101T000000-1")
    before = check_sums(out / "stad-20260101T000000-1")
    assert writes > 15

    for k in range(1, writes + 1):
        with monkeypatch.context() as patch:
            broken = Disk(k, number, late=late)
            patch.setattr(disk, "attempt", broken.attempt)
            patch.setattr(disk, "write", broken.write)
            with pytest.raises(StorageError) as caught:
                write_run(made, out / "stad-20260102T000000-1")
        (fault,) = caught.value.faults
        assert fault.place
        assert fault.finding
        assert fault.cure
        seen = [path.name for path in out.iterdir() if not path.name.startswith(".")]
        whole = ["stad-20260101T000000-1"]
        if k == writes and late:
            # it was whole, and only then the disk was said to fail
            whole.append("stad-20260102T000000-1")
        assert sorted(seen) == whole
        assert late or list(out.glob(".*.partial")) == []
        assert check_sums(out / "stad-20260101T000000-1") == before
    assert before.are_right
    # what a refusal may have left hidden, the next run takes away
    with monkeypatch.context() as patch:
        patch.setattr(disk, "write", Disk(0, 0, late=False).write)
        write_run(made, out / "stad-20260103T000000-1")
    assert list(out.glob(".*.partial")) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_state__of_a_night_that_cannot_be_written_leaves_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = write_state(tmp_path, Outcome(0, "goed", "a", is_new=True))
    before = path.read_bytes()
    monkeypatch.setattr(disk, "attempt", Disk(1, number, late=False).attempt)

    with pytest.raises(StorageError):
        write_state(tmp_path, Outcome(5, "slecht", "a", is_new=False))

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.jit
def test_clock__that_goes_back_ends_no_run_before_it_began(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter(range(23, 0, -1))
    back = [datetime(2026, 10, 25, 23, tzinfo=UTC)]

    def earlier() -> datetime:
        back.append(datetime(2026, 10, 25, next(hours), tzinfo=UTC))
        return back[-1]

    monkeypatch.setattr(run_folder, "utc_now", earlier)
    monkeypatch.setattr(disk, "write", Disk(0, 0, late=False).write)
    model, found, result = made
    names = []
    for _ in range(3):
        with logged() as log:
            told = Told(log)
            told.clock.lap("model")
            target = run_folder.name_run(tmp_path, model.settings)
            names.append(target.name)
            write_whole(model, found, result, target, told)

    assert len(set(names)) == 3
    assert len(list_runs(tmp_path)) == 3
    for name in names:
        manifest = read_manifest(tmp_path / name)
        began, ended = (datetime.fromisoformat(manifest[key]) for key in ("started", "ended"))
        assert ended >= began
        assert all(seconds >= 0.0 for seconds in manifest["seconds"].values())
        assert check_sums(tmp_path / name).are_right
