"""The runs below one folder: which there are, and what their pages say. Only reads."""

import json
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from evenground.errors import DataError
from evenground.pages.book import Book, read_book
from evenground.pages.form import NAME, SUMMARY

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,150}")
"""Names of runs; no dots, so that none is hidden, unfinished or above."""
KEPT = 4
"""Runs of which the contents stay in memory."""


@dataclass
class Shelf:
    """Runs in a folder, or one run by itself."""

    root: Path
    only: str | None = None
    _books: "OrderedDict[str, tuple[int, Book]]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def folder(self, run: str) -> Path | None:
        """Return the folder of a run; None where there is none of that name inside the root."""
        if not ID.fullmatch(run) or (self.only is not None and run != self.only):
            return None
        place = self.root / run
        inside = place.resolve().parent == self.root.resolve()
        return place if inside and (place / NAME).is_file() else None

    def book(self, run: str) -> Book | None:
        """Return what the pages of a run say, read anew when the file has changed."""
        place = self.folder(run)
        if place is None:
            return None
        stamp = (place / NAME).stat().st_mtime_ns
        with self._lock:
            held = self._books.get(run)
            if held is None or held[0] != stamp:
                held = (stamp, read_book(place))
                self._books[run] = held
            self._books.move_to_end(run)
            while len(self._books) > KEPT:
                self._books.popitem(last=False)
        return held[1]

    def summaries(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Return a few figures of every run, newest first, and folders that cannot be read."""
        found, unread = [], []
        for path in self.root.iterdir() if self.root.is_dir() else ():
            if self.folder(path.name) is None:
                continue
            try:
                found.append(_summary(path))
            except (OSError, ValueError, KeyError, TypeError, DataError):
                unread.append(path.name)
        found.sort(key=lambda run: (run["made"], run["id"]), reverse=True)
        return found, sorted(unread)


def _summary(path: Path) -> dict[str, Any]:
    """Return the figures of one run; only its small file is read."""
    summary = json.loads((path / SUMMARY).read_text(encoding="utf-8"))
    kept = {key: summary[key] for key in KEYS}
    stamp = re.search(r"-(\d{8}T\d{6})-", f"{path.name}-")
    made = (
        datetime.strptime(stamp.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        if stamp
        else datetime.fromtimestamp((path / SUMMARY).stat().st_mtime, UTC)
    )
    return kept | {"id": path.name, "made": made, "date": made.strftime("%d-%m-%Y %H:%M")}


KEYS = ("case", "title", "budget", "n_proposal", "n_front", "best", "names", "inputs", "settings")
"""What a summary says."""


def changes_of(run: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """Say in Dutch what differs between a run and the one before of the same case."""
    out = []
    if run["inputs"] != before["inputs"]:
        out.append("andere gegevens")
    if run["settings"] != before["settings"]:
        out.append("andere instellingen")
    for key, value in run["best"].items():
        if key in before["best"] and abs(value - before["best"][key]) >= 0.05:
            moved = value - before["best"][key]
            word = "beter" if moved < 0.0 else "slechter"
            out.append(f"{run['names'][key]} {abs(moved):.1f} punt {word}".replace(".", ","))
    if run["n_front"] != before["n_front"]:
        out.append(
            f"{run['n_front'] - before['n_front']:+d} plannen".replace("-", "\N{MINUS SIGN}")
        )
    return out
