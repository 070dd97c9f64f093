"""One turn at a time in a folder of runs, by a lock that the system frees on any death."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evenground import disk

LOCK = ".nightly.lock"
"""File that is locked; it stays, and means nothing by being there. Not for network disks."""


@contextmanager
def turn_of(folder: Path) -> Iterator[bool]:
    """Take the turn of a folder for as long as the block lasts; False where another has it.

    Raises
    ------
    StorageError
        If the folder cannot be made or written in.
    """
    disk.make_folder(folder)
    path = folder / LOCK
    lock = disk.attempt(path, lambda: os.open(path, os.O_RDWR | os.O_CREAT, 0o666))
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)
