"""The names that scripts write on a page, in English: those in the data of a run that they read."""

from collections.abc import Iterator, Mapping

from evenground.dutch import SINGULAR
from evenground.pages.book import Book
from evenground.pages.english import english_of
from evenground.pages.views.why import OF_NL


def names_shown(book: Book, own: Mapping[str, str]) -> dict[str, str]:
    """Return the English of every name in the data that scripts read; those with none are left out.

    Parameters
    ----------
    own
        English of the names of this run alone.
    """
    pairs = {text: english_of(text, own) for text in dict.fromkeys(_texts(book))}
    return {text: english for text, english in pairs.items() if english not in (None, text)}


def _texts(book: Book) -> Iterator[str]:
    """Give every Dutch name and label that stands in the data of scripts."""
    for row in (*book["themes"], *book["scores"], *book["kinds"]):
        yield from (row["name"], row["unit"])
    for kind in book["kinds"]:
        yield SINGULAR.get(kind["unit"], kind["unit"])
    for key in book["why_of"]:
        yield from OF_NL[key]
    for proposal in book["proposals"]:
        yield from (proposal["name"], proposal["reason"])
    for scale in book["scales"].values():
        for classes in scale.values():
            yield from classes["labels"]
