"""Two or three proposals side by side, on the same scales."""

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query, choice_of


def context(book: Book, query: Query) -> Plain:
    """Return the proposals that a, b and c name; at first the first two."""
    ids = list(book.proposal)
    first = dict(zip("ab", ids, strict=False))
    wanted = [choice_of(query, key, ids, first.get(key, "")) for key in "abc"]
    chosen = [book.proposal[name] for name in dict.fromkeys(wanted) if name]
    theme = choice_of(query, "thema", book.theme, "burden")
    return {
        "wanted": dict(zip("abc", wanted, strict=True)),
        "chosen": chosen,
        "theme": book.theme[theme],
        "maps": [(p, book.difference_map(theme, p["after"][theme])) for p in chosen],
        "works": [(p, book.works_map(p["works"])) for p in chosen],
        "kinds": [
            (kind, [_amount(p, kind["key"]) for p in chosen])
            for kind in book["kinds"]
            if any(_amount(p, kind["key"]) for p in chosen)
        ],
        "shared": _shared(chosen),
        "most": _most(chosen),
    }


def _amount(proposal: Plain, kind: str) -> float:
    """Return how much of an intervention a proposal holds."""
    return next((row["amount"] for row in proposal["kinds"] if row["key"] == kind), 0.0)


def _shared(chosen: list[Plain]) -> float | None:
    """Return the share of the places of the first that all others build at as well (0-1)."""
    if len(chosen) < 2:
        return None
    sets = [set(zip(p["works"]["site"], p["works"]["kind"], strict=True)) for p in chosen]
    common = set.intersection(*sets)
    whole = set.union(*sets)
    return len(common) / len(whole) if whole else None


def _most(chosen: list[Plain]) -> float:
    """Return the largest change of any income class, so that all bars have one scale."""
    moved = [abs(row["change"]) for p in chosen for row in p["by_fifth"]]
    return max(moved, default=0.0) or 1.0
