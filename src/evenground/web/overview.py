"""The overview: every run, newest first, and what changed since the one before of its case."""

from typing import Any

from evenground.pages.query import Query, count_of
from evenground.web.shelf import Shelf, changes_of

PER_SHEET = 50


def context(shelf: Shelf, query: Query) -> dict[str, Any]:
    """Return one sheet of runs."""
    runs, unread = shelf.summaries()
    sheets = max(1, -(-len(runs) // PER_SHEET))
    sheet = count_of(query, "blad", 1, sheets)
    earlier: dict[str, dict[str, Any]] = {}
    for run in reversed(runs):
        before = earlier.get(run["case"])
        run["changes"] = None if before is None else changes_of(run, before)
        earlier[run["case"]] = run
    names = {key: name for run in runs for key, name in run["names"].items()}
    return {
        "runs": runs[(sheet - 1) * PER_SHEET : sheet * PER_SHEET],
        "newest": runs[0] if runs else None,
        "columns": list(names.items()),
        "sheet": sheet,
        "sheets": sheets,
        "unread": unread,
    }
