"""Choose a proposal and say why; what was chosen before stays to be read."""

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query, choice_of


def context(book: Book, query: Query) -> Plain:
    """Return the proposal that the address names, to begin with."""
    return {"wanted": choice_of(query, "voorstel", book.proposal, next(iter(book.proposal), ""))}
