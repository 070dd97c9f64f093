"""Choices that people make: lines that are added to a file of the run and never changed."""

import fcntl
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evenground.pages.book import Book

FILE = "chosen.jsonl"
MOST = {"naam": 100, "rol": 100, "toelichting": 4000}
"""Most letters of each field."""
MOST_BYTES = 8 * 1024 * 1024
"""Size of the file above which nothing more is added."""
MISSING = "Vul naam, rol en toelichting in."
TOO_LONG = "Een van de velden is te lang."
UNKNOWN = "Dit voorstel bestaat niet."
FULL = "Er passen geen keuzes meer bij deze run."


def faults_of(book: Book, given: Mapping[str, str]) -> list[str]:
    """Return in Dutch what is wrong with a choice."""
    if given.get("voorstel") not in book.proposal:
        return [UNKNOWN]
    texts = {key: given.get(key, "").strip() for key in MOST}
    if not all(texts.values()):
        return [MISSING]
    return [TOO_LONG] if any(len(texts[key]) > most for key, most in MOST.items()) else []


def add_choice(folder: Path, book: Book, given: Mapping[str, str]) -> list[str]:
    """Add a choice to the file of a run; return in Dutch why not, where that is so."""
    if faults := faults_of(book, given):
        return faults
    proposal = book.proposal[given["voorstel"]]
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "proposal": proposal["id"],
        "proposal_name": proposal["name"],
        "name": given["naam"].strip(),
        "role": given["rol"].strip(),
        "note": given["toelichting"].strip(),
    }
    text = json.dumps(line, ensure_ascii=False) + "\n"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    handle = os.open(folder / FILE, flags, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_size > MOST_BYTES:
            return [FULL]
        os.write(handle, text.encode("utf-8", "replace"))
        os.fsync(handle)
    finally:
        os.close(handle)
    return []


def read_choices(folder: Path) -> list[dict[str, Any]]:
    """Return the choices of a run, newest first; a line that cannot be read is left out."""
    path = folder / FILE
    if not path.is_file():
        return []
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            choice = json.loads(line)
            found.append({key: str(choice[key]) for key in KEYS})
        except (ValueError, KeyError, TypeError):
            continue
    return found[::-1]


KEYS = ("date", "proposal", "proposal_name", "name", "role", "note")
"""What a line says."""
