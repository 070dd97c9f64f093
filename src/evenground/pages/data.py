"""The data that scripts read, as scripts that only set a value: they open from a disk as well."""

import base64
import math

from evenground.dutch import SINGULAR
from evenground.pages.book import Book, Plain
from evenground.pages.form import DIGITS as KEPT
from evenground.pages.press import as_json
from evenground.pages.views.tradeoffs import range_of
from evenground.pages.views.why import OF_NL, factors

DIGITS = 3
"""Digits that a map tells of a gain or a share, and one to round by."""
WHOLE = ("amount", "capital")
"""Columns that are told to the euro and the metre."""
UNTOLD = ("yearly", "rival_gain")
"""Columns of works that only tables show."""
MAP, FRONT, PLANS = "kaart.js", "front.js", "front-alle.js"
PROPOSAL, AFTER = "voorstel", "buurten"
"""A proposal with all its works; and what it makes of neighbourhoods alone, which is far less."""
HELD = {PROPOSAL: "EVENGROUND_PLANS", AFTER: "EVENGROUND_AFTER"}
MISSING = (1 << 24) - 1
"""Stands for a figure that is unknown."""
NO_POWER = 32
EXACT = 22
"""Largest power of ten that a double holds exactly: dividing by it rounds once, as reading does."""
ZERO: int = 10**KEPT
"""What stands for no digits and for the power 0, so that nothing packed is negative."""


def names_of(book: Book) -> list[str]:
    """Return the names of all scripts with data of a run."""
    own = [f"{kind}-{name}.js" for name in book.proposal for kind in (PROPOSAL, AFTER)]
    return [MAP, FRONT, PLANS, *own]


def script_of(book: Book, name: str) -> str | None:
    """Return a script with data of a run, by its name; None where there is none of that name."""
    if name == MAP:
        return f"window.EVENGROUND={as_json(_map(book))};\n"
    if name == FRONT:
        return f"window.EVENGROUND_FRONT={as_json(_front(book))};\n"
    if name == PLANS:
        packed = {key: pack(column) for key, column in book["front"].items()}
        return f"window.EVENGROUND_WHOLE={as_json(packed)};\n"
    kind, _, rest = name.partition("-")
    proposal = book.proposal.get(rest.removesuffix(".js"))
    if proposal is None or kind not in HELD or name != f"{kind}-{proposal['id']}.js":
        return None
    shown = proposal["after"]
    if kind == PROPOSAL:
        shown = {"after": shown, "works": _works(proposal["works"])}
    held, key = f"window.{HELD[kind]}", as_json(proposal["id"])
    return f"{held}={held}||{{}};{held}[{key}]={as_json(shown)};\n"


def _works(works: Plain) -> Plain:
    """Return what a map tells of each work, in no more digits than it shows."""
    kept = {key: column for key, column in works.items() if key not in UNTOLD}
    # whether there is another place, and whether it gains anything, as single digits
    kept["rival_site"] = [-1 if site < 0 else 0 for site in works["rival_site"]]
    kept["is_alone"] = [int(is_alone) for is_alone in works["is_alone"]]
    kept["gain"] = [[_short(value) for value in gains] for gains in works["gain"]]
    for key in ("amount", "capital", "lead", "chosen"):
        kept[key] = [_short(value, 7 if key in WHOLE else DIGITS) for value in works[key]]
    return kept


def _short(value: float | None, digits: int = DIGITS) -> float | int | None:
    """Return a number in a few digits, and a whole one without a point."""
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() else short


def _map(book: Book) -> dict[str, object]:
    """Return what every map of a run needs."""
    kept = ("bounds", "site_m", "sites", "outlines", "themes", "scales", "now")
    goals = [
        {"name": OF_NL[key][0], "unit": OF_NL[key][1], "factor": factor}
        for key, factor in zip(book["why_of"], factors(book), strict=True)
    ]
    places = [
        {"code": row["code"], "name": row["name"], "shown": row["shown"]}
        for row in book["neighbourhoods"]
    ]
    kinds = [kind | {"one": SINGULAR.get(kind["unit"], kind["unit"])} for kind in book["kinds"]]
    return {key: book[key] for key in kept} | {
        "kinds": kinds,
        "neighbourhoods": places,
        "goals": goals,
    }


def _front(book: Book) -> dict[str, object]:
    """Return how many plans the front has, how far they reach, and the proposals among them.

    Weighs the same whatever the size of the front; the plans themselves are :data:`PLANS`.
    """
    kept = ("id", "name", "reason", "number", "colour", "mark", "values", "candidate")
    own = {key: [p["values"][key] for p in book.proposal.values()] for key in book["front"]}
    return {
        "scores": book["scores"],
        "count": len(next(iter(book["front"].values()))),
        "ranges": {key: range_of([*column, *own[key]]) for key, column in book["front"].items()},
        "proposals": [{key: p[key] for key in kept} for p in book.proposal.values()],
    }


def pack(column: list[float | None]) -> str:
    """Return figures as text, four letters each: the digits that are kept and their power of ten.

    What a page reads from it is the same number to the last bit, as long as the column has no
    more digits than are kept.

    Examples
    --------
    >>> pack([0.0]), pack([-1.25]), pack([None, 1.0])
    ('Yagc', 'VXMc', '////a2wc')
    """
    return base64.b64encode(b"".join(_code(value).to_bytes(3) for value in column)).decode()


def _code(value: float | None) -> int:
    """Return a figure as a whole number below 2 ** 24."""
    if value is None or not math.isfinite(value):
        return MISSING
    digits, _, text = f"{value:.{KEPT - 1}e}".partition("e")
    power, whole = int(text) - (KEPT - 1), int(digits.replace(".", ""))
    # what is too small to be told is nothing
    return (ZERO + whole) * 64 + NO_POWER + power if power >= -EXACT else ZERO * 64 + NO_POWER
