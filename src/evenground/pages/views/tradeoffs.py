"""Trade-offs of a run: proposals or the whole front, within limits that the reader sets."""

from typing import Any

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query, choice_of, count_of, is_ticked, number_of

PER_SHEET = 100
"""Plans of the front on one sheet of the table."""


def context(book: Book, query: Query) -> Plain:
    """Return what the page shows, by what was asked in the address."""
    scores = book["scores"]
    limits = {s["key"]: number_of(query, f"max_{s['key']}") for s in scores}
    keys = [s["key"] for s in scores]
    order = choice_of(query, "sorteer", keys, keys[0])
    shows_all = is_ticked(query, "alle")
    rows = _front(book) if shows_all else _proposals(book)
    fitting = [row for row in rows if fits(row["values"], limits)]
    fitting.sort(key=lambda row: (row["values"][order] is None, row["values"][order]))
    sheets = max(1, -(-len(fitting) // PER_SHEET))
    sheet = count_of(query, "blad", 1, sheets)
    chosen = choice_of(query, "kies", book.proposal, next(iter(book.proposal), ""))
    return {
        "limits": limits,
        "ranges": {key: range_of(book["front"][key]) for key in keys},
        "order": order,
        "shows_all": shows_all,
        "rows": fitting[(sheet - 1) * PER_SHEET : sheet * PER_SHEET],
        "n_rows": len(rows),
        "n_fitting": len(fitting),
        "n_front": len(book["front"][keys[0]]),
        "sheet": sheet,
        "sheets": sheets,
        "chosen": book.proposal.get(chosen),
    }


def fits(values: Plain, limits: dict[str, float | None]) -> bool:
    """Say whether a plan stays within every limit that is set."""
    return all(
        limit is None or (values[key] is not None and values[key] <= limit)
        for key, limit in limits.items()
    )


def _proposals(book: Book) -> list[Plain]:
    """Return a row for each proposal."""
    return [{"proposal": p, "values": p["values"]} for p in book.proposal.values()]


def _front(book: Book) -> list[Plain]:
    """Return a row for each plan of the front; some of them are proposals."""
    columns = book["front"]
    named = {p["candidate"]: p for p in book.proposal.values()}
    n = len(next(iter(columns.values())))
    return [
        {
            "proposal": named.get(k),
            "candidate": k,
            "values": {key: column[k] for key, column in columns.items()},
        }
        for k in range(n)
    ]


def range_of(values: list[Any]) -> tuple[float, float]:
    """Return the least and the most of what is known."""
    known = [value for value in values if value is not None] or [0.0]
    return min(known), max(known)
