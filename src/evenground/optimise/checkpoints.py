"""Checkpoints of a search on a disk: whole or not there, checked when they are read.

Each is a file of arrays and a file of JSON that says what is in it and of which search it is;
the second is written last, and without it the first does not count. The last two are kept,
so that one that a failing disk spoils leaves the one before. Nothing is pickled.
"""

import contextlib
import hashlib
import json
import logging
import time
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from evenground import disk
from evenground.errors import DataError, Fault, StoppedError, StorageError, shorten
from evenground.optimise.search import Search
from evenground.optimise.snapshot import Snapshot
from evenground.runs import hashed
from evenground.unfinished import is_asked_to_stop, ways_on

logger = logging.getLogger(__name__)
FORMAT = 2
KEPT = 2
"""Checkpoints that are kept."""
SPARING = 100.0
"""Time between two checkpoints, in times that one takes, so that all take 1 % at most."""
SPOILT = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile)
"""What a file raises that was cut off or changed."""


class Checkpoints:
    """The checkpoints of one search in a folder of their own.

    Parameters
    ----------
    identity
        What the search is known by; see ``identity.identify``.
    every_s
        Seconds between two checkpoints.
    on_written
        Called after every checkpoint.
    """

    def __init__(
        self,
        folder: Path,
        identity: Mapping[str, str],
        every_s: float,
        on_written: Callable[[], None] | None = None,
    ) -> None:
        self._folder, self._identity = folder, dict(identity)
        self._every_s, self._on_written = every_s, on_written
        self._last, self._took, self._is_refused = time.monotonic(), 0.0, False

    def newest(self) -> Snapshot | None:
        """Return the newest checkpoint that is whole; None where there is none.

        Raises
        ------
        DataError
            If it is of another search, with what differs.
        """
        for path in self._listed():
            try:
                inside, snapshot = read(path)
            except SPOILT as error:
                reason = shorten(error)
                logger.warning("%s cannot be read (%s); the one before counts.", path.name, reason)
                path.unlink(missing_ok=True)  # or it would be kept in place of one that is whole
                continue
            self._check(inside["identity"])
            return snapshot
        return None

    def keep(self, going: Search) -> None:
        """Write a checkpoint if it is time for one, at the end, or if the program is asked to stop.

        Raises
        ------
        StoppedError
            If the program is asked to stop; what was found is then on the disk.
        """
        spent, is_asked = time.monotonic() - self._last, is_asked_to_stop()
        # whoever wants one after every step gets it, whatever it takes
        wait = 0.0 if self._every_s == 0.0 else max(self._every_s, SPARING * self._took)
        if is_asked or going.is_over or spent >= wait:
            self.write(going.snapshot())
        if is_asked:
            raise StoppedError(" ".join(["Stopped before the end.", *ways_on()]))

    def write(self, snapshot: Snapshot) -> None:
        """Write a checkpoint, and take those away that are older than the one before.

        A disk that refuses stops no search: it is told once, and the next one is tried again.
        """
        began = time.monotonic()
        try:
            disk.attempt(self._folder, lambda: self._write(snapshot))
            self._is_refused = False
            if self._on_written is not None:
                self._on_written()
        except StorageError as error:
            if not self._is_refused:
                logger.warning("No checkpoint: %s", error)
            self._is_refused = True
        self._last = time.monotonic()
        self._took = self._last - began

    def _write(self, snapshot: Snapshot) -> None:
        """Write both files, the one that makes it count last."""
        self._folder.mkdir(parents=True, exist_ok=True)
        before = self._listed()
        number = int(before[0].stem) + 1 if before else 1
        content = BytesIO()
        np.savez(content, allow_pickle=False, **snapshot.arrays)
        inside = {
            "identity": self._identity,
            "arrays_sha256": hashlib.sha256(content.getbuffer()).hexdigest(),
            "told": dict(snapshot.told),
        }
        told = {"format": FORMAT, "sha256": hashed(inside), "content": inside}
        path = self._folder / f"{number:08d}.json"
        disk.replace_whole(path.with_suffix(".npz"), content.getvalue())
        disk.replace_whole(path, json.dumps(told, allow_nan=False).encode())
        for old in before[KEPT - 1 :]:
            old.unlink(missing_ok=True)
        self._sweep({path, *before[: KEPT - 1]})

    def _sweep(self, kept: set[Path]) -> None:
        """Take away what no checkpoint that counts needs: old arrays, and halves of the dead."""
        needed = kept | {path.with_suffix(".npz") for path in kept}
        for path in self._folder.iterdir():
            if path not in needed:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _listed(self) -> list[Path]:
        """Return the files that make checkpoints count, newest first."""
        return sorted(self._folder.glob("[0-9]*.json"), reverse=True)

    def _check(self, found: Mapping[str, str]) -> None:
        """Raise if a checkpoint is of another search."""
        other = [name for name, value in self._identity.items() if found.get(name) != value]
        if other:
            finding = f"is of a search with other {', '.join(other)}."
            cure = "Bring these back as they were, or start anew with --fresh."
            raise DataError([Fault(str(self._folder), finding, cure)])


def holds_any(folder: Path) -> bool:
    """Say whether a folder holds a checkpoint."""
    return any(folder.glob("[0-9]*.json"))


def read(path: Path) -> tuple[dict[str, Any], Snapshot]:
    """Return what a checkpoint says of itself, and the search that it holds.

    Raises
    ------
    ValueError
        If either file is not what was written.
    """
    told = json.loads(path.read_text(encoding="ascii"))
    if told["format"] != FORMAT or hashed(told["content"]) != told["sha256"]:
        msg = "its values are not what was written"
        raise ValueError(msg)
    inside, content = told["content"], path.with_suffix(".npz").read_bytes()
    if hashlib.sha256(content).hexdigest() != inside["arrays_sha256"]:
        msg = "its arrays are not what was written"
        raise ValueError(msg)
    with np.load(BytesIO(content), allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    return inside, Snapshot(arrays, inside["told"])
