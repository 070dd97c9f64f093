"""What a reader asks for in the address of a page: numbers, choices and ticks, or nothing."""

import re
from collections.abc import Container, Mapping

Query = Mapping[str, str]

LONGEST = 40
"""Most letters of a number."""
_NUMBER = re.compile(r"[-+\u2212]?\d+([.,]\d+)?")
_IN_THOUSANDS = re.compile(r"[-+\u2212]?\d{1,3}(\.\d{3})+(,\d+)?")
"""As the Dutch write: 2.000 is two thousand."""


def number_of(query: Query, key: str) -> float | None:
    """Return a number, with a comma or a point; None where there is none.

    Examples
    --------
    >>> [number_of({"a": text}, "a") for text in ("2.000", "1.250.000,5", "1,5", "1.5", "x")]
    [2000.0, 1250000.5, 1.5, 1.5, None]
    """
    text = query.get(key, "").strip()
    if _IN_THOUSANDS.fullmatch(text):
        text = text.replace(".", "")
    if len(text) > LONGEST or not _NUMBER.fullmatch(text):
        return None
    return float(text.replace("\u2212", "-").replace(",", "."))


def choice_of(query: Query, key: str, known: Container[str], otherwise: str) -> str:
    """Return one of the known choices."""
    text = query.get(key, "")
    return text if text in known else otherwise


def is_ticked(query: Query, key: str) -> bool:
    """Say whether a box is ticked."""
    return query.get(key) == "1"


def count_of(query: Query, key: str, otherwise: int, most: int) -> int:
    """Return a whole number from 1 to the most."""
    number = number_of(query, key)
    return otherwise if number is None else int(min(max(number, 1.0), float(most)))
