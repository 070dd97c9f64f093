"""What is being done when the program is ended: folders to take away, a search to bring to rest.

A signal may come while compiled code calls back into Python, where raising would bring the
interpreter down; so it is answered on the spot, from what is noted here.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_open: set[Path] = set()
_kept: dict[Path, str] = {}


@dataclass
class _Asked:
    """Whether what goes on looks if it is asked to stop, and whether it is."""

    is_heard: bool = False
    to_stop: bool = False


_asked = _Asked()


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Take a folder away if the program is ended inside, unless it is kept for later by then."""
    _open.add(folder)
    try:
        yield folder
    finally:
        _open.discard(folder)
        _kept.pop(folder, None)


def keep_for_later(folder: Path, way_on: str) -> None:
    """Leave an unfinished folder where it is from now on, and say how to go on with it."""
    _open.discard(folder)
    _kept[folder] = way_on


def ways_on() -> list[str]:
    """Return how to go on with each folder that is kept for later."""
    return list(_kept.values())


def sweep_unfinished() -> None:
    """Take every folder that is being written away."""
    for folder in tuple(_open):
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def listening() -> Iterator[None]:
    """Say that what is done inside looks between its steps whether it is asked to stop."""
    _asked.is_heard, _asked.to_stop = True, False
    try:
        yield
    finally:
        _asked.is_heard = False


def ask_to_stop() -> bool:
    """Ask what goes on to stop after its step; false where nobody listens, or was asked before."""
    is_new = _asked.is_heard and not _asked.to_stop
    _asked.to_stop = True
    return is_new


def is_asked_to_stop() -> bool:
    """Say whether what goes on should stop now."""
    return _asked.is_heard and _asked.to_stop
