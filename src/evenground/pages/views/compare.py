"""Two or three proposals side by side, on the same scales; of pages on a disk all of them."""

from itertools import chain, combinations

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query, choice_of, is_ticked

MOST = 3
"""Proposals that are compared at once."""


def context(book: Book, query: Query) -> Plain:
    """Return the proposals that a, b and c name, at first two; all of them where ``alle`` is 1."""
    ids = list(book.proposal)
    first = choice_of(query, "a", ids, next(iter(ids), ""))
    second = choice_of(query, "b", ids, next((name for name in ids if name != first), first))
    wanted = [first, second, choice_of(query, "c", ids, "")]
    shown = ids if is_ticked(query, "alle") else list(dict.fromkeys(wanted))
    chosen = [book.proposal[name] for name in shown if name]
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
        "shares": _shares(chosen),
        "most": _most(list(book.proposal.values())),
    }


def _shares(chosen: list[Plain]) -> dict[str, float | None]:
    """Return the share of places that any two or three have in common, by their ids in order."""
    some = chain.from_iterable(combinations(chosen, n) for n in range(2, MOST + 1))
    return {" ".join(sorted(p["id"] for p in few)): _shared(list(few)) for few in some}


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
