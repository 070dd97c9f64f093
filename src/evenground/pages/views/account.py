"""Accountability: what a run rests on, how sure it is, and how to do it again."""

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query


def context(book: Book, query: Query) -> Plain:  # noqa: ARG001 - every page has the same face
    """Return the curve of the search as points, and the command that makes the run again."""
    account = book["account"]
    is_own = is_embedded(book)
    searched = dict(account["settings"]).get("search.evaluations", "")
    count = f" --evaluations {searched}" if searched else ""
    command = (
        f"evenground run --seed {account['seed']}{count}"
        if is_own
        else f"evenground run settings.toml --data MAP --seed {account['seed']}"
    )
    return {"account": account, "command": command, "is_own": is_own}


def is_embedded(book: Book) -> bool:
    """Say whether a run is of the town that comes along, which needs no files."""
    case = book["case"]
    return case["id"] == "voorbeeldstad" and bool(case["fictional"])
