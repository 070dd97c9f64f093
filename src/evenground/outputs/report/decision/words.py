"""What the decision document says in a language: its sentences, and how it writes numbers.

One file of words a language, with the same keys; no sentence stands in code or template.
"""

import math
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from evenground.dutch import change, euro, million, number, percent

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")
SWAP = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Words:
    """The words and numbers of one language."""

    lang: Language
    texts: dict[str, dict[str, str]]
    """Text by part of the document and key."""

    def __call__(self, place: str, **values: str) -> str:
        """Return a sentence, such as ``question.ask``, with its values filled in."""
        part, _, key = place.partition(".")
        return self.texts[part][key].format(**values)

    def pair(self, place: str) -> tuple[str, str]:
        """Return a text of two halves: a name and its unit, or a term and what it means."""
        name, _, rest = self(place).partition("|")
        return name, rest

    def or_else(self, place: str, text: str) -> str:
        """Return the words of a place; what a case named itself stays as it was named."""
        part, _, key = place.partition(".")
        return self.texts[part].get(key, text)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number, or the word for unknown."""
        return self._said(number(value, decimals)) if math.isfinite(value) else self("doc.unknown")

    def change(self, value: float, decimals: int = 1) -> str:
        """Return a difference with its sign."""
        return self._said(change(value, decimals)) if math.isfinite(value) else self("doc.unknown")

    def percent(self, after: float, before: float) -> str:
        """Return a relative difference, or the word for unknown where there was nothing."""
        is_known = math.isfinite(after) and math.isfinite(before) and before != 0.0
        return self._said(percent(after, before)) if is_known else self("doc.unknown")

    def euro(self, value: float) -> str:
        """Return euros without cents."""
        return self._said(euro(value))

    def million(self, value: float) -> str:
        """Return euros in millions, for sentences."""
        text = self._said(million(value))
        return text if self.lang == "nl" else text.replace("miljoen", "million")

    def _said(self, text: str) -> str:
        """Return a Dutch number with the points and commas of this language."""
        return text if self.lang == "nl" else text.translate(SWAP)


def read_words(lang: Language) -> Words:
    """Return the words of a language."""
    text = (files(__package__) / f"words_{lang}.toml").read_text(encoding="utf-8")
    return Words(lang, tomllib.loads(text))
