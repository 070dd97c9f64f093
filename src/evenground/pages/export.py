"""The pages of a run as files that open from a disk, without any server.

The same templates as the served pages. What needs somebody to answer, such as choosing or trying
out, says so.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from urllib.parse import urlencode

from evenground.pages.book import Book, Plain
from evenground.pages.data import names_of, script_of
from evenground.pages.press import LANGUAGES, Asked, Language, render, show
from evenground.pages.views.account import is_embedded

ASSETS = ("theme.css", "page.css", "page.js", "ol.js", "ol.css", "echarts.js", "icon.svg")
"""Files of the pages that are our own or that others made."""
FIRST = "index"
READ_BY_SCRIPTS = ("afwegingen", "voorstel", "kies", "vergelijk")
"""Pages of which a script reads what stands behind the question mark."""
ALL = {"alle": "1"}
"""Asks for all proposals side by side: on a disk a script shows those that are chosen."""
ANY = "X0X"
"""Stands for the number of any neighbourhood in an address."""


@dataclass(frozen=True)
class StaticSite:
    """Where pages lie on a disk, seen from a page in one language."""

    book: Book
    lang: Language

    is_live = False

    def link(self, page: str, lang: Language, name: str, query: Mapping[str, object]) -> str:
        """Return the address of a page beside this one."""
        up = "" if lang == self.lang else "en/" if lang == "en" else "../"
        told = {} if page == "vergelijk" and query == ALL else query
        asked = f"?{urlencode(told)}" if told and page in READ_BY_SCRIPTS else ""
        return up + file_name(self.book, page, name) + asked

    def asset(self, name: str, lang: Language) -> str:
        """Return the address of a script or style."""
        return f"{'' if lang == 'nl' else '../'}assets/{name}"

    def file(self, name: str, lang: Language) -> str:
        """Return the address of a file of the run."""
        return f"{'../' if lang == 'nl' else '../../'}{name}"


def file_name(book: Book, page: str, name: str) -> str:
    """Return the file of a page; neighbourhoods go by number, since their codes are data."""
    if page == "buurt":
        return f"buurt-{name if name == ANY else book.place[name]}.html"
    if name:
        return f"{page}-{name}.html"
    return f"{FIRST if page == 'afwegingen' else page}.html"


def pages_of(book: Book) -> Iterator[Asked]:
    """Give every page of a run, in Dutch and without a question."""
    for page in ("afwegingen", "buurten", "doelen", "kies", "verantwoording"):
        yield Asked(page)
    yield Asked("vergelijk", query=ALL)
    for name in book.proposal:
        yield Asked("voorstel", name)
        yield Asked("waarom", name)
    for code in book.place:
        yield Asked("buurt", code)


def write_site(book: Book, folder: Path) -> None:
    """Write all pages of a run in both languages, with all that they load."""
    assets = folder / "assets"
    assets.mkdir(parents=True)
    (folder / "en").mkdir()
    with as_file(files("evenground.pages") / "static") as static:
        for name in ASSETS:
            shutil.copyfile(static / name, assets / name)
        for path in sorted(static.glob("[LN]*-*")):
            shutil.copyfile(path, assets / path.name)
    for name in names_of(book):
        (assets / name).write_text(script_of(book, name) or "", encoding="utf-8")
    for lang in LANGUAGES:
        place, site = folder if lang == "nl" else folder / "en", StaticSite(book, lang)
        for page in pages_of(book):
            text = show(Asked(page.page, page.name, page.query, lang), book, site)
            _write(place / file_name(book, page.page, page.name), text)
        text = render(Asked("toegankelijkheid", lang=lang), site, book=book)
        _write(place / "toegankelijkheid.html", text)
        text = render(Asked("wat-als", lang=lang), site, book=book, **_serving(book))
        _write(place / "wat-als.html", text)


def _serving(book: Book) -> Plain:
    """Return the command that serves a run, for the page that cannot compute by itself."""
    is_own = is_embedded(book)
    return {"command": f"evenground serve{'' if is_own else ' RUNS --data MAP'}", "is_own": is_own}


def _write(path: Path, text: str) -> None:
    """Write one page."""
    path.write_text(text, encoding="utf-8")
