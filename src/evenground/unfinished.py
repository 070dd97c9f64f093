"""Folders that are being written, so that whoever ends the program can take them away.

A signal may come while compiled code calls back into Python, where raising would bring the
interpreter down; so it is answered on the spot, from this list.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_open: set[Path] = set()


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Take a folder away if the program is ended inside."""
    _open.add(folder)
    try:
        yield folder
    finally:
        _open.discard(folder)


def sweep_unfinished() -> None:
    """Take every folder that is being written away."""
    for folder in tuple(_open):
        shutil.rmtree(folder, ignore_errors=True)
