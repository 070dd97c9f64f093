"""Why here: each place of a proposal, its gain per euro, and what would take its place."""

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query, is_ticked, number_of

AT_FIRST = 50
"""Places that are listed at first, dearest first."""
OF_NL = {
    "burden": ("Ziektelast", "DALY per jaar"),
    "inequality": ("Gelijk verdeelde last", "DALY per 1000 inwoners"),
    "ses_gradient": ("SES-kloof", "DALY per 1000 inwoners"),
    "stacking": ("Stapeling", "% van nu"),
    "access": ("Tekort aan speelplekken", "procentpunt"),
}
"""Name and unit of each goal of which the gain is told."""


def context(book: Book, query: Query, name: str) -> Plain:
    """Return what the page shows; ``plek`` and ``maatregel`` in the address choose a place."""
    proposal = book.proposal[name]
    works = proposal["works"]
    wanted = number_of(query, "plek")
    kind = query.get("maatregel", "")
    at = next(
        (
            k
            for k, site in enumerate(works["site"])
            if site == wanted and kind in ("", book["kinds"][works["kind"][k]]["key"])
        ),
        None,
    )
    n = len(works["site"])
    listed = range(n if is_ticked(query, "alle") else min(n, AT_FIRST))
    return {
        "p": proposal,
        "goals": [OF_NL[key] for key in book["why_of"]],
        "rows": [row_of(book, works, k) for k in listed],
        "n_rows": n,
        "card": None if at is None else row_of(book, works, at),
    }


def factors(book: Book) -> list[float]:
    """Return what the gain of each goal is multiplied by to be in its unit on the page."""
    now = book["today"].get("stacking") or 1.0
    scale = {"stacking": 100.0 / now, "access": 100.0}
    return [scale.get(key, 1.0) for key in book["why_of"]]


def row_of(book: Book, works: Plain, k: int) -> Plain:
    """Return all that is said of one place."""
    kind, place = book["kinds"][works["kind"][k]], works["place"][k]
    places, best = book["neighbourhoods"], works["best"][k]
    rival = works["rival"][k]
    factor = factors(book)
    return {
        "site": works["site"][k],
        "label": book.site_label(works["site"][k]),
        "kind": kind,
        "amount": works["amount"][k],
        "capital": works["capital"][k],
        "yearly": works["yearly"][k],
        "place": places[place] if place >= 0 else None,
        "chosen": works["chosen"][k],
        "gains": [
            None if gain[k] is None else factor[j] * gain[k] + 0.0
            for j, gain in enumerate(works["gain"])
        ],
        "best": OF_NL[book["why_of"][best]] if best >= 0 else None,
        "lead": works["lead"][k],
        "is_alone": works["is_alone"][k],
        "rival": places[rival] if rival >= 0 else None,
        "has_rival": works["rival_site"][k] >= 0,
        "rival_label": book.site_label(works["rival_site"][k]),
        "rival_gain": None
        if works["rival_gain"][k] is None or best < 0
        else factor[best] * works["rival_gain"][k],
    }
