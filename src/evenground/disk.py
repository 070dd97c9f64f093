"""The few ways in which evenground writes: whole files, one line more, folders that are renamed.

All that a run, a night or a mark leaves behind goes through :func:`attempt`. What a disk
refuses becomes a fault with its cure, and what stood there before stays.
"""

import errno
import hashlib
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from evenground.errors import EvengroundError, Fault, StorageError

T = TypeVar("T")

FULL = ("the disk is full.", "Free some space there, or write somewhere else.")
LOCKED = ("nothing may be written there.", "Give the right to write there, or choose elsewhere.")
REFUSALS = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: ("the quota is used up.", FULL[1]),
    errno.EFBIG: ("a file may not grow so large there.", FULL[1]),
    errno.EROFS: ("the disk may only be read.", LOCKED[1]),
    errno.EACCES: LOCKED,
    errno.EPERM: LOCKED,
    errno.EIO: ("the disk fails.", "Check the disk, or write somewhere else."),
}
"""What a system says when it refuses to write, and what can be done about it."""
LEAST_FREE = 1_000_000
"""Bytes below which a library that fails without a reason is taken to have met a full disk."""


def attempt(path: Path, action: Callable[[], T]) -> T:
    """Do what writes to a path, and return what it returns.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    try:
        return action()
    except EvengroundError:
        raise
    except (OSError, RuntimeError) as error:
        if (fault := _refusal(path, error)) is None:
            raise
        raise StorageError([fault]) from error


def write(path: Path, how: Callable[[Path], object]) -> None:
    """Write a file, or a folder of files, in a way of its own."""
    attempt(path, lambda: how(path))


def write_text(path: Path, text: str) -> None:
    """Write a text that is new, into a folder that is not yet in use."""
    attempt(path, lambda: path.write_text(text, encoding="utf-8"))


def replace_text(path: Path, text: str) -> None:
    """Replace a text as a whole: who reads sees the old or the new, also after a power cut."""
    attempt(path, lambda: replace_whole(path, text.encode()))


def append_line(path: Path, line: str) -> None:
    """Add a line to a file, in one write, so that two writers never mix."""
    attempt(path, lambda: _append(path, f"{line}\n".encode()))


def make_folder(path: Path, *, new: bool = False) -> None:
    """Make a folder and what is above it; one that is ``new`` may not be there."""
    attempt(path, lambda: path.mkdir(parents=True, exist_ok=not new))


def rename(path: Path, target: Path) -> None:
    """Give a file or folder its name at once, for good."""
    attempt(target, lambda: _rename(path, target))


def settle(folder: Path) -> None:
    """See to it that every file of a folder has reached the disk."""
    attempt(folder, lambda: _settle(folder))


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it."""
    attempt(folder, lambda: shutil.rmtree(folder))


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def replace_whole(path: Path, content: bytes) -> None:
    """Write beside a file and take its place: it is there whole or not at all, whatever dies when.

    Refusals of the disk are raised as they are.
    """
    # host and process: on a disk that machines share, process numbers alone may be the same
    beside = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}.new")
    try:
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _append(path: Path, line: bytes) -> None:
    """Write bytes at the end of a file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename(path: Path, target: Path) -> None:
    """Rename, and wait until the disk knows."""
    path.rename(target)
    _sync_folder(target.parent)


def _settle(folder: Path) -> None:
    """Flush all files of a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Flush the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refusal(path: Path, error: Exception) -> Fault | None:
    """Return why a disk refused; None where the error is of another kind."""
    number = error.errno if isinstance(error, OSError) else None
    if number in REFUSALS:
        return Fault(str(path), *REFUSALS[number])
    if number is not None:
        return None
    # GDAL and HDF5 do not always say why
    nearest = next((place for place in (path, *path.absolute().parents) if place.exists()), path)
    if not os.access(nearest, os.W_OK):
        return Fault(str(path), *LOCKED)
    if shutil.disk_usage(nearest).free < LEAST_FREE:
        return Fault(str(path), *FULL)
    return None
