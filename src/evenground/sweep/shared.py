"""The places of a case, once on a machine for all workers and all runs that rest on them.

The first worker that needs them builds them under a lock, and writes them to a folder of this
machine; all others map the same files. Runs that differ only in what they ask of plans share
one set of places.
"""

import fcntl
import getpass
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from evenground import disk
from evenground.config import RunSettings
from evenground.errors import DataError, Fault, few
from evenground.pipeline import Places, build_places, placed
from evenground.sweep.mapped import TREE, read_mapped, write_mapped

VARIABLE = "EVENGROUND_CACHE"
"""Folder for places, instead of one in the temporary folder of the machine."""
KEPT_S = 7 * 24 * 3600.0
"""Places that nobody has used for so long are taken away by whoever comes next."""
MOST_HELD = 2
"""Most places that one process keeps open."""

_held: dict[str, tuple[int, Places]] = {}


def shared_places(key: str, settings: RunSettings, data: Path, files: Mapping[str, str]) -> Places:
    """Return the places of a run, built by whoever was the first on this machine.

    Parameters
    ----------
    key
        What the places go by.
    files
        SHA-256 that every input must have, by name.

    Raises
    ------
    DataError
        If a file is wrong, or is no longer what it was when the sweep began.
    StorageError
        If the disk of this machine refuses.
    """
    if key in _held:
        return _held[key][1]
    folder = cache_folder()
    path = folder / f"{key}.lock"
    lock = disk.attempt(path, lambda: os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    place = folder / key
    try:
        # shared from here on, as long as this process lives: who cleans up sees it is in use
        fcntl.flock(lock, fcntl.LOCK_SH)
        if not (place / TREE).is_file():
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (place / TREE).is_file():
                sweep_unused(folder)
                _build(place, settings, data, files)
            fcntl.flock(lock, fcntl.LOCK_SH)
        os.utime(path)
        found: Places = read_mapped(place)
    except BaseException:
        os.close(lock)
        raise
    while len(_held) >= MOST_HELD:
        os.close(_held.pop(next(iter(_held)))[0])
    _held[key] = (lock, found)
    return found


def cache_folder() -> Path:
    """Return the folder of this machine for places; nobody else can write in it."""
    named = os.environ.get(VARIABLE)
    folder = Path(named or Path(tempfile.gettempdir()) / f"evenground-{getpass.getuser()}")
    disk.attempt(folder, lambda: folder.mkdir(mode=0o700, parents=True, exist_ok=True))
    if folder.stat().st_uid != os.getuid():
        cure = f"Set {VARIABLE} to a folder of your own."
        raise DataError([Fault(str(folder), "belongs to somebody else.", cure)])
    return folder


def _build(place: Path, settings: RunSettings, data: Path, files: Mapping[str, str]) -> None:
    """Build places and write them, whole or not at all."""
    made = build_places(placed(settings), data)
    changed = [one.path for one in made.sources.files if files.get(one.path) != one.sha256]
    if changed:
        finding = f"no longer what they were when the sweep began: {few(changed)}."
        cure = "Resume the sweep: runs are then made with the files as they are now."
        raise DataError([Fault(str(data), finding, cure)])
    with _temporary(place) as folder:
        disk.write(folder, lambda empty: write_mapped(made, empty))


@contextmanager
def _temporary(place: Path) -> Iterator[Path]:
    """Give a folder that gets its name when all is written."""
    folder = place.with_name(f".{place.name}.partial")
    # the lock is ours: what lies here was left by one who died
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    disk.make_folder(folder)
    try:
        yield folder
        disk.rename(folder, place)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def sweep_unused(folder: Path, kept_s: float = KEPT_S) -> None:
    """Take away places that nobody has used for long and nobody holds."""
    for path in folder.glob("*.lock"):
        try:
            if time.time() - path.stat().st_mtime < kept_s:
                continue
            lock = os.open(path, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(lock)
