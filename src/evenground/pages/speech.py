"""How a page says the words of a run, which are Dutch, in its own language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from evenground.pages.english import english_of

IN_DUTCH = Markup(' lang="nl"')
"""Attribute of an element whose words are in Dutch on an English page."""


@dataclass(frozen=True)
class Speech:
    """The words of one run on pages in one language."""

    is_english: bool
    own: Mapping[str, str]
    """English of the names of this run alone."""

    def plain(self, text: str) -> str:
        """Return words in the language of the page, or else in Dutch."""
        return (self.is_english and english_of(text, self.own)) or text

    def is_foreign(self, text: str) -> bool:
        """Say whether words have to be marked as Dutch."""
        return self.is_english and english_of(text, self.own) is None

    def marked(self, text: str) -> Markup:
        """Return words, marked as Dutch where they have no English."""
        if self.is_foreign(text):
            return Markup('<span lang="nl">{}</span>').format(text)
        return escape(self.plain(text))

    def all_marked(self, texts: Iterable[str], between: str) -> Markup:
        """Return words one after another, each as :meth:`marked`."""
        return escape(between).join(self.marked(text) for text in texts)

    def attribute(self, text: str) -> Markup:
        """Return what marks an element that holds these words and can hold no other element."""
        return IN_DUTCH if self.is_foreign(text) else Markup()
