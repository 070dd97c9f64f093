"""Accountability: what a run rests on, how sure it is, and how to do it again."""

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query


def context(book: Book, query: Query) -> Plain:  # noqa: ARG001 - every page has the same face
    """Return the curve of the search as points, and the command that makes the run again."""
    account = book["account"]
    case = book["case"]
    is_own = case["id"] == "voorbeeldstad" and case["fictional"]
    command = (
        f"evenground run --seed {account['seed']}"
        if is_own
        else f"evenground run settings.toml --data MAP --seed {account['seed']}"
    )
    return {"account": account, "command": command, "is_own": is_own}
