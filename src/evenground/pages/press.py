"""Pages as text: the one way in which a page becomes HTML, served or written to disk.

Takes a book, a question and where things lie; gives text. Names from data are text everywhere:
templates escape whatever they are given.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal, Protocol

import jinja2
from markupsafe import Markup

from evenground.dutch import (
    change,
    compact,
    euro,
    fine,
    million,
    number,
    percent,
    significant,
    unit_of,
)
from evenground.pages.book import Book, Plain
from evenground.pages.english import ENGLISH, own_names
from evenground.pages.naming import names_shown
from evenground.pages.query import Query
from evenground.pages.speech import Speech
from evenground.pages.views import (
    account,
    choose,
    compare,
    goals,
    neighbourhood,
    neighbourhoods,
    proposal,
    tradeoffs,
    why,
)

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")
UNKNOWN = "onbekend"


class Site(Protocol):
    """Where pages, assets and files lie: on a server or on a disk."""

    @property
    def is_live(self) -> bool:
        """Whether somebody answers: forms can be sent, and plans be computed."""

    def link(self, page: str, lang: Language, name: str, query: Mapping[str, object]) -> str:
        """Return the address of a page."""

    def asset(self, name: str, lang: Language) -> str:
        """Return the address of a script, a style or the data of a run."""

    def file(self, name: str, lang: Language) -> str:
        """Return the address of a file of the run."""


Context = Callable[..., Plain]

PAGES: dict[str, Context] = {
    "afwegingen": tradeoffs.context,
    "voorstel": proposal.context,
    "waarom": why.context,
    "buurten": neighbourhoods.context,
    "buurt": neighbourhood.context,
    "vergelijk": compare.context,
    "doelen": goals.context,
    "kies": choose.context,
    "verantwoording": account.context,
}
"""Pages of a run by the name of their template, and what each shows."""
NAMED = ("voorstel", "waarom", "buurt")
"""Pages that are of one proposal or neighbourhood."""


@dataclass(frozen=True)
class Asked:
    """One page, as somebody asks for it."""

    page: str
    name: str = ""
    """Proposal or neighbourhood, for pages that are of one."""
    query: Query = field(default_factory=dict)
    lang: Language = "nl"


def show(asked: Asked, book: Book, site: Site, **more: object) -> str:
    """Return a page of a run as HTML.

    Parameters
    ----------
    more
        What only a server knows, such as choices that were made.
    """
    arguments = (asked.name,) if asked.page in NAMED else ()
    context = PAGES[asked.page](book, asked.query, *arguments)
    return render(asked, site, book=book, **context, **more)


def render(asked: Asked, site: Site, *, book: Book | None = None, **context: object) -> str:
    """Return a template filled in."""

    def link(page: str, name: str = "", **query: object) -> str:
        return site.link(page, asked.lang, name, query)

    def translate(text: str) -> str:
        return text if asked.lang == "nl" else ENGLISH[text]

    is_english = asked.lang == "en"
    own = own_names(book) if is_english and book is not None else {}
    speech = Speech(is_english, own)
    return (
        environment(asked.lang)
        .get_template(f"{asked.page}.html.j2")
        .render(
            book=book,
            asked=asked,
            lang=asked.lang,
            live=site.is_live,
            link=link,
            other=_other(asked, site),
            asset=lambda name: site.asset(name, asked.lang),
            file=lambda name: site.file(name, asked.lang),
            _=translate,
            nl=speech.marked,
            nl_all=speech.all_marked,
            plain=speech.plain,
            tongue=speech.attribute,
            names=lambda: names_shown(book, own) if is_english and book is not None else {},
            **context,
        )
    )


def _other(asked: Asked, site: Site) -> tuple[Language, str]:
    """Return the other language and the address of this page in it."""
    lang: Language = "en" if asked.lang == "nl" else "nl"
    query = {key: value for key, value in asked.query.items() if key != "lang"}
    return lang, site.link(asked.page, lang, asked.name, query)


@cache
def environment(lang: Language) -> jinja2.Environment:
    """Return the templates with all that they may use, which say *unknown* in a language."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("evenground.pages", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    plain: dict[str, Callable[..., str]] = {
        "getal": number,
        "kort": compact,
        "cijfers": significant,
        "verschil": change,
        "euro": euro,
        "miljoen": million if lang == "nl" else _million_in_english,
    }
    plain |= {"fijn": fine, "invoer": in_field}
    unknown = UNKNOWN if lang == "nl" else ENGLISH[UNKNOWN]
    plain |= {"procent": percent}
    found.filters |= {name: _or_unknown(made, unknown) for name, made in plain.items()}
    found.filters["json"] = as_json
    found.filters["moment"] = moment
    found.globals["eenheid"] = unit_of
    return found


def in_field(value: float) -> str:
    """Return a number as it stands in a field to fill in: without points between thousands.

    Examples
    --------
    >>> in_field(2000.0), in_field(1.5)
    ('2000', '1,5')
    """
    return compact(value).replace(".", "")


def _million_in_english(value: float) -> str:
    """Return euros in millions, with numbers as the rest of the page has them."""
    return million(value).replace("miljoen", ENGLISH["miljoen"])


def moment(text: str) -> str:
    """Return a moment as people write it; what is none stays as it is.

    Examples
    --------
    >>> moment("2026-11-26T04:44:39+00:00"), moment("gisteren")
    ('26-11-2026 04:44', 'gisteren')
    """
    try:
        return datetime.fromisoformat(text).strftime("%d-%m-%Y %H:%M")
    except ValueError:
        return text


def _or_unknown(made: Callable[..., str], unknown: str) -> Callable[..., str]:
    """Return a filter that says so where a number is unknown."""

    def filtered(*values: float | None) -> str:
        return unknown if None in values else made(*values)

    return filtered


def as_json(value: Any) -> Markup:  # noqa: ANN401 - plain values
    """Return plain values as JSON that can stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - every sign that could end the element is written as a number
