"""The runs of a folder, by an index in SQLite that may be thrown away at any time.

The directories are the truth: at every look each manifest is compared with what the index
knows of it by time and size, and read again where they differ. An index that is missing,
spoilt or of another version is made anew; in a folder where nothing may be written, the list
is made without.
"""

import logging
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import astuple, fields
from pathlib import Path

from evenground.errors import DataError, Fault
from evenground.runs.names import MANIFEST
from evenground.runs.record import Record, read_record

logger = logging.getLogger(__name__)

INDEX = ".runs.sqlite"
VERSION = 1
"""Of the table; an index of another version is made anew."""
PATIENCE_S = 5.0
"""How long to wait while another process writes the index."""
COLUMNS = [f'"{field.name}"' for field in fields(Record)]
MAKE = f"CREATE TABLE run (name TEXT PRIMARY KEY, stamp TEXT, {', '.join(COLUMNS[1:])})"
PUT = f"REPLACE INTO run VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"  # noqa: S608 - question marks only
Known = Mapping[str, tuple[str, Record]]
"""Stamp and record of each run by its name."""


def list_runs(
    folder: Path,
    *,
    case: str | None = None,
    state: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> list[Record]:
    """Return the runs of a folder, newest first.

    Parameters
    ----------
    since, until
        First and last day, or moment, in UTC, as ISO 8601 writes them.

    Raises
    ------
    DataError
        If there is no such folder.
    """
    there = _stamps(folder)
    known = _load(folder / INDEX)
    old = known or {}
    fresh = {
        name: (stamp, read_record(folder / name))
        for name, stamp in there.items()
        if name not in old or old[name][0] != stamp
    }
    gone = [name for name in old if name not in there]
    if fresh or gone or known is None:
        _store(folder / INDEX, fresh, gone, anew=known is None)
    records = (fresh[name][1] if name in fresh else old[name][1] for name in there)
    kept = (
        record
        for record in records
        if (case is None or record.case == case)
        and (state is None or record.state == state)
        and (since is None or record.started[: len(since)] >= since)
        and (until is None or record.started[: len(until)] <= until)
    )
    return sorted(kept, key=lambda record: (record.started, record.name), reverse=True)


def _stamps(folder: Path) -> dict[str, str]:
    """Return the name of each run of a folder, with time and size of its manifest."""
    out = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                with suppress(OSError):
                    found = os.stat(f"{entry.path}/{MANIFEST}")  # noqa: PTH116 - ten thousand of them
                    out[entry.name] = f"{found.st_mtime_ns}:{found.st_size}"
    except OSError as error:
        cure = "Name the folder in which runs are written."
        raise DataError([Fault(str(folder), f"cannot be listed: {error}.", cure)]) from None
    return out


def _load(path: Path) -> Known | None:
    """Return what an index knows; None where it is missing, spoilt or of another version."""
    if not path.is_file():
        return None
    try:
        place = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(place, timeout=PATIENCE_S, uri=True)) as index:
            if index.execute("PRAGMA user_version").fetchone() != (VERSION,):
                return None
            wanted = ", ".join(["stamp", *COLUMNS])
            rows = index.execute(f"SELECT {wanted} FROM run").fetchall()  # noqa: S608 - our own names
            return {row[1]: (row[0], Record(*row[1:])) for row in rows}
    except sqlite3.OperationalError as error:
        logger.info("%s is not used: %s", path.name, error)
        return {} if "locked" in str(error) else None
    except (sqlite3.DatabaseError, OSError) as error:
        logger.info("%s is made anew: %s", path.name, error)
        return None


def _store(path: Path, fresh: Known, gone: Iterable[str], *, anew: bool) -> None:
    """Write what is new into the index, or all of it; a list needs no index, so none may fail."""
    rows = [(name, stamp, *astuple(record)[1:]) for name, (stamp, record) in fresh.items()]
    try:
        if anew:
            _make(path, rows)
            return
        with closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as index:
            index.execute("BEGIN IMMEDIATE")
            index.executemany(PUT, rows)
            index.executemany("DELETE FROM run WHERE name = ?", [(name,) for name in gone])
            index.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        logger.info("%s is not written: %s", path.name, error)


def _make(path: Path, rows: Iterable[tuple[object, ...]]) -> None:
    """Write an index anew beside the old one, and take its place at once."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with closing(sqlite3.connect(beside, isolation_level=None)) as index:
            index.execute("BEGIN")
            index.execute(MAKE)
            index.executemany(PUT, rows)
            index.execute(f"PRAGMA user_version = {VERSION}")
            index.execute("COMMIT")
        # what another process left half done belongs to the old one
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
