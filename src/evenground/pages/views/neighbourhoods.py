"""All neighbourhoods of a run as a list, heaviest burden first."""

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query


def context(book: Book, query: Query) -> Plain:  # noqa: ARG001 - every page has the same face
    """Return a row for each neighbourhood; those without figures come last, by name."""
    rows = [
        place | {"burden": book["now"]["burden"][k], "stacking": book["now"]["stacking"][k]}
        for k, place in enumerate(book["neighbourhoods"])
    ]
    rows.sort(key=lambda r: (not r["shown"], r.get("rank", {}).get("burden", 0), r["name"]))
    return {"rows": rows, "map": book.level_map("burden", book["now"]["burden"])}
