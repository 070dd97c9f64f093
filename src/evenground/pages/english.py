"""The pages in English, by the Dutch that templates and runs are written in.

Read from ``templates/english.txt``, one line each: what the pages say themselves, and every name
that a run takes from our catalogues. A text may have gaps (``…``) for numbers and other names.
Interventions have their English in the catalogue, which a case may bring itself. Names of places
and files, and remarks on the data, stay Dutch and are marked so.
"""

import re
from collections.abc import Mapping
from importlib.resources import files

from evenground.pages.book import Book

GAP = "…"
_GAPS = re.compile(re.escape(GAP))
_WORDLESS = re.compile(r"[^A-Za-z]*")


def read_english() -> dict[str, str]:
    """Return the English of every Dutch text."""
    text = (files("evenground.pages") / "templates" / "english.txt").read_text(encoding="utf-8")
    pairs = (line.partition("|") for line in text.splitlines())
    return {dutch: english for dutch, _, english in pairs}


ENGLISH = read_english()
"""English by Dutch."""
PATTERNS = [
    (re.compile("(.+)".join(re.escape(part) for part in dutch.split(GAP))), english)
    for dutch, english in ENGLISH.items()
    if GAP in dutch
]
"""English, with gaps, by what a Dutch text with gaps looks like; the first that fits counts."""


def english_of(text: str, own: Mapping[str, str] | None = None) -> str | None:
    """Return a Dutch text in English; None where it, or what fills its gaps, has none.

    Parameters
    ----------
    own
        English of the names of one run; see :func:`own_names`.

    Examples
    --------
    >>> english_of("SES-kloof"), english_of("5 tot 10"), english_of("gemeente of bewoner")
    ('Socio-economic gap', '5 to 10', 'municipality or resident')
    >>> english_of("kosten van tegels", {"tegels": "tiles"}), english_of("kosten van tegels")
    ('cost of tiles', None)
    """
    own = own or {}
    found = own.get(text) or ENGLISH.get(text)
    if found is not None:
        return found
    if _WORDLESS.fullmatch(text):
        return text
    for pattern, english in PATTERNS:
        if match := pattern.fullmatch(text):
            parts = [english_of(part, own) for part in match.groups()]
            known = [part for part in parts if part is not None]
            if len(known) == len(parts):
                return _fill(english, known)
    return None


def _fill(text: str, parts: list[str]) -> str:
    """Return a text with its gaps filled, in order."""
    rest = iter(parts)
    return _GAPS.sub(lambda _: next(rest), text)


def own_names(book: Book) -> dict[str, str]:
    """Return the English names of the interventions of a run, and of their units."""
    names = {kind["name"]: kind.get("name_en", "") for kind in book["kinds"]}
    units = {kind["unit"]: kind.get("unit_en", "") for kind in book["kinds"]}
    found = {dutch: english for dutch, english in {**units, **names}.items() if english}
    return {dutch: english for dutch, english in found.items() if dutch not in ENGLISH}
