"""Runs that were ended before their end: where they are kept, and how one is gone on with.

While a run goes on, a hidden folder beside it, ``.RUN.unfinished``, holds what was asked and the
checkpoints of its search. It goes when the run is whole. Whoever works in it holds its lock,
which the system frees on any death.
"""

import fcntl
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenground import disk
from evenground.config import RunSettings, parse_settings
from evenground.errors import DataError, Fault, few
from evenground.optimise import Checkpoints, holds_any
from evenground.outputs.folder import name_run
from evenground.runs import hashed
from evenground.unfinished import keep_for_later, unfinished

logger = logging.getLogger(__name__)
SUFFIX = ".unfinished"
ASKED = "asked.json"
CHECKPOINTS = "checkpoints"
FORMAT = 1
MAY_CHANGE = ("time_limit_s", "checkpoint_s")
"""Settings of the search with which another run may go on."""


@dataclass(frozen=True)
class Asked:
    """What a run is asked: by its settings, of which files, from where."""

    settings: RunSettings
    data: Path | None
    """Folder of the files; absent = Voorbeeldstad, made anew."""
    seeds_from: Path | None = None

    @property
    def key(self) -> str:
        """What runs that may go on with each other have in common."""
        told = self.told()
        told["settings"]["search"] = {
            name: value
            for name, value in told["settings"]["search"].items()
            if name not in MAY_CHANGE
        }
        return hashed(told)

    def told(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        settings = self.settings.model_dump(mode="json", exclude_none=True, exclude={"nightly"})
        places = {"data": self.data, "seeds_from": self.seeds_from}
        whole = {
            name: None if path is None else str(path.resolve()) for name, path in places.items()
        }
        return {"settings": settings, **whole}


@dataclass(frozen=True)
class Going:
    """A run that is going on, and its folder."""

    folder: Path
    resumed: int
    """How often it was gone on with."""

    @property
    def target(self) -> Path:
        """The run directory that it will be."""
        return self.folder.with_name(self.folder.name.removeprefix(".").removesuffix(SUFFIX))

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is something to go on from."""
        return holds_any(self.folder / CHECKPOINTS)

    def checkpoints(self, identity: dict[str, str], every_s: float) -> Checkpoints:
        """Return the checkpoints of its search."""
        return Checkpoints(self.folder / CHECKPOINTS, identity, every_s, self.is_kept)

    def is_kept(self) -> None:
        """Leave the folder if the program is ended, and say how to go on."""
        keep_for_later(self.folder, f"Go on with: evenground run --resume {self.target}")


def locate(path: Path) -> Path:
    """Return the folder of the unfinished run that a user means.

    Parameters
    ----------
    path
        The run as it will be called, its hidden folder, or a folder with one unfinished run.

    Raises
    ------
    DataError
        If there is none, or more than one.
    """
    if (path / ASKED).is_file():
        return path
    named = path.with_name(f".{path.name}{SUFFIX}") if path.name else path
    if (named / ASKED).is_file():
        return named
    inside = [folder for folder in _all_in(path) if holds_any(folder / CHECKPOINTS)]
    if len(inside) == 1:
        return inside[0]
    finding, cure = "no unfinished run is there.", "Name one, or start anew without --resume."
    if path.is_dir() and (path / "manifest.json").is_file():
        finding = "this run is finished."
    if inside:
        names = few(Going(folder, 0).target.name for folder in inside)
        finding, cure = f"{len(inside)} unfinished runs are there: {names}.", "Name one of them."
    raise DataError([Fault(str(path), finding, cure)])


def read_asked(folder: Path) -> tuple[Asked, int]:
    """Return what an unfinished run was asked, and how often it was gone on with.

    Raises
    ------
    DataError
        If that cannot be read.
    """
    try:
        told = json.loads((folder / ASKED).read_text(encoding="utf-8"))
        settings = parse_settings(told["settings"], str(folder / ASKED))
        data, seeds = (told[name] and Path(told[name]) for name in ("data", "seeds_from"))
        return Asked(settings, data, seeds), int(told["resumed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        cure = "Take the folder away and start anew."
        raise DataError([Fault(str(folder), f"cannot be read: {error}.", cure)]) from None


@contextmanager
def begun(out: Path, asked: Asked) -> Iterator[Going]:
    """Begin a run; its folder goes when the run is whole, or when it ends with nothing to keep."""
    disk.make_folder(out)
    target = name_run(out, asked.settings)
    folder = target.with_name(f".{target.name}{SUFFIX}")
    disk.make_folder(folder, new=True)
    with _locked(folder) as is_mine:
        if not is_mine:
            raise _taken(folder)
        _note(folder, asked, 0)
        with _held(Going(folder, 0)) as going:
            yield going


@contextmanager
def taken_up(folder: Path) -> Iterator[Going]:
    """Go on with a run in its folder.

    Raises
    ------
    DataError
        If another process is going on with it.
    """
    with _locked(folder) as is_mine:
        if not is_mine:
            raise _taken(folder)
        asked, resumed = read_asked(folder)
        _note(folder, asked, resumed + 1)
        with _held(Going(folder, resumed + 1)) as going:
            going.is_kept()
            yield going


def tidy(out: Path, *, without: str | None = None) -> None:
    """Take away what is left of runs that nobody can go on with.

    Parameters
    ----------
    without
        Key of runs that are given up as well.
    """

    def is_useless(folder: Path) -> bool:
        going = Going(folder, 0)
        if not going.has_checkpoint or going.target.exists():
            return True
        return without is not None and _key(folder) == without

    for folder in _all_in(out):
        with _locked(folder) as is_mine:
            if is_mine and is_useless(folder):
                shutil.rmtree(folder, ignore_errors=True)


def find(out: Path, asked: Asked) -> Path | None:
    """Return the newest unfinished run that was asked the same and that nobody goes on with."""
    for folder in reversed(_all_in(out)):
        if _key(folder) != asked.key or not holds_any(folder / CHECKPOINTS):
            continue
        with _locked(folder) as is_mine:
            if is_mine:
                return folder
    return None


@contextmanager
def _held(going: Going) -> Iterator[Going]:
    """Take the folder away at the end, unless the run is not whole and can be gone on with."""
    with unfinished(going.folder):
        try:
            yield going
        finally:
            if going.target.exists() or not going.has_checkpoint:
                shutil.rmtree(going.folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Lock a folder, and say whether that worked."""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        yield _lock(lock)
    finally:
        os.close(lock)


def _lock(lock: int) -> bool:
    """Take a lock unless somebody has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _taken(folder: Path) -> DataError:
    """Return the error of a run that goes on elsewhere."""
    finding, cure = "another process goes on with this run.", "Wait for it, or end it first."
    return DataError([Fault(str(folder), finding, cure)])


def _note(folder: Path, asked: Asked, resumed: int) -> None:
    """Write down what is asked."""
    told = {"format": FORMAT, "key": asked.key, **asked.told(), "resumed": resumed}
    disk.replace_text(folder / ASKED, json.dumps(told, indent=2, ensure_ascii=False))


def _key(folder: Path) -> str:
    """Return the key of an unfinished run; empty where it cannot be read."""
    try:
        told = json.loads((folder / ASKED).read_text(encoding="utf-8"))
        return str(told["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _all_in(out: Path) -> list[Path]:
    """Return the folders of all unfinished runs, in the order of their names."""
    return sorted(out.glob(f".*{SUFFIX}"))
