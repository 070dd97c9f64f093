"""What is written whole, and what a disk that refuses comes to."""

import errno
import shutil
from pathlib import Path

import pytest

from evenground import disk
from evenground.errors import StorageError


def refuse(number: int) -> OSError:
    return OSError(number, "refused")


@pytest.mark.parametrize(
    ("number", "finding", "cure"),
    [
        (errno.ENOSPC, "the disk is full", "Free some space there"),
        (errno.EDQUOT, "the quota is used up", "Free some space there"),
        (errno.EROFS, "the disk may only be read", "choose elsewhere"),
        (errno.EACCES, "nothing may be written there", "choose elsewhere"),
        (errno.EIO, "the disk fails", "Check the disk"),
    ],
)
def test_attempt__names_place_finding_and_cure(
    tmp_path: Path, number: int, finding: str, cure: str
) -> None:
    def action() -> None:
        raise refuse(number)

    with pytest.raises(StorageError) as caught:
        disk.attempt(tmp_path / "front.nc", action)

    (fault,) = caught.value.faults
    assert fault.place == str(tmp_path / "front.nc")
    assert finding in fault.finding
    assert cure in fault.cure


@pytest.mark.parametrize("error", [FileNotFoundError(2, "absent"), KeyError("x"), RuntimeError()])
def test_attempt__lets_our_own_faults_through(tmp_path: Path, error: Exception) -> None:
    def action() -> None:
        raise error

    with pytest.raises(type(error)):
        disk.attempt(tmp_path, action)


def test_attempt__looks_at_the_disk_where_a_library_gives_no_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def action() -> None:
        msg = "write failed"
        raise RuntimeError(msg)

    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 10))  # type: ignore[attr-defined] # noqa: SLF001 - as the system gives it
    with pytest.raises(StorageError, match="the disk is full"):
        disk.attempt(tmp_path / "new" / "a.gpkg", action)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(StorageError, match="nothing may be written there"):
        disk.attempt(tmp_path / "new" / "a.gpkg", action)


def test_disk__that_is_really_full_is_called_so() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")

    with pytest.raises(StorageError, match="the disk is full"):
        disk.write_text(Path("/dev/full"), "x" * 100_000)


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_replace__leaves_the_old_where_the_new_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "nightly.json"
    disk.replace_text(path, "old")

    def fail(*_: object, **__: object) -> None:
        raise refuse(errno.ENOSPC)

    where = {"write": "pathlib.Path.open", "fsync": "os.fsync", "replace": "pathlib.Path.replace"}
    with monkeypatch.context() as patch:
        patch.setattr(where[step], fail)
        with pytest.raises(StorageError, match="Free some space"):
            disk.replace_text(path, "new")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    disk.replace_text(path, "new")
    assert path.read_text() == "new"


def test_append__adds_whole_lines(tmp_path: Path) -> None:
    for text in ("één", "twee"):
        disk.append_line(tmp_path / "log", text)

    assert (tmp_path / "log").read_text("utf-8") == "één\ntwee\n"
