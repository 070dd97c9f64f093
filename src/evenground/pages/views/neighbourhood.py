"""One neighbourhood in words and numbers: today, its place in the city, and each proposal."""

from typing import Any

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query

MOST_DECIMALS = 3
"""Most decimals of an exposure."""


def context(book: Book, query: Query, code: str) -> Plain:  # noqa: ARG001 - every page has the same face
    """Return all that is told of a neighbourhood; of one with few residents only its name."""
    k = book.place[code]
    place = book["neighbourhoods"][k]
    if not place["shown"]:
        return {"b": place, "n_shown": 0}
    people = place["residents"] or 1.0
    exceeded = place["exceeded"]
    return {
        "b": place,
        "n_shown": sum(b["shown"] for b in book["neighbourhoods"]),
        "burden": book["now"]["burden"][k],
        "stacking": book["now"]["stacking"][k],
        "parts": sorted(place["burden_by_layer"].items(), key=lambda part: -(part[1] or 0)),
        "exceeded": [
            (count, persons, None if persons is None else 100.0 * persons / people)
            for count, persons in enumerate(exceeded)
            if persons is None or persons > 0.0
        ],
        "layers": [_layer(book, info, k) for info in book["layers"]],
        "proposals": [_change(book, p, k) for p in book.proposal.values()],
    }


def _layer(book: Book, info: Plain, k: int) -> Plain:
    """Return a layer here, in the city, and against its norm."""
    values = book["now"][info["key"]]
    known = [value for value in values if value is not None]
    here, norm = values[k], info["norm"]
    return info | {
        "here": here,
        "city": _middle(known),
        "over": None if here is None or norm is None else here > norm,
        "decimals": _decimals(here, norm, book.theme[info["key"]]["decimals"] - 1),
    }


def _decimals(here: float | None, norm: float | None, usual: int) -> int:
    """Return decimals by which a figure reads neither as its norm nor as nothing if it is not.

    Examples
    --------
    >>> _decimals(1.0104, 1.0, 1), _decimals(2.1, 1.0, 1), _decimals(0.0616, None, 0)
    (2, 1, 1)
    """
    if here is None:
        return usual
    for decimals in range(usual, MOST_DECIMALS):
        told = round(here, decimals)
        reads_as_norm = norm is not None and here != norm and told == round(norm, decimals)
        if not (reads_as_norm or (told == 0.0 and here != 0.0)):
            return decimals
    return MOST_DECIMALS


def _middle(values: list[Any]) -> float | None:
    """Return the middle one of some values."""
    return sorted(values)[len(values) // 2] if values else None


def _change(book: Book, proposal: Plain, k: int) -> Plain:
    """Return what a proposal builds here and changes."""
    works = proposal["works"]
    built: dict[int, list[float]] = {}
    for place, kind, amount, euros in zip(
        works["place"], works["kind"], works["amount"], works["capital"], strict=True
    ):
        if place == k:
            sums = built.setdefault(kind, [0.0, 0.0])
            sums[0] += amount or 0.0
            sums[1] += euros or 0.0
    now, after = book["now"]["burden"][k], proposal["after"]["burden"][k]
    return {
        "p": proposal,
        "after": after,
        "change": None if now is None or after is None else after - now,
        "built": [(book["kinds"][kind], *sums) for kind, sums in built.items()],
        "capital": sum(euros for _, euros in built.values()),
    }
