"""Every page that there is, looked at by axe: served and on disk, narrow, zoomed and wide.

What is visited is held to what exists: a route, a template or a file that no visit names fails.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from evenground.pages.book import Book, read_book
from evenground.pages.export import file_name
from evenground.web.app import build_app
from evenground.web.guard import Guard
from evenground.web.kept import Kept
from evenground.web.shelf import Shelf

from .conftest import NASTY, RUN
from .test_browser import Watched, base, browser, fill_choice, playwright

__all__ = ["base", "browser"]
axe_of = pytest.importorskip("axe_playwright_python.sync_playwright").Axe
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
TEMPLATES = Path(__file__).parents[2] / "src" / "evenground" / "pages" / "templates"
ZOOMED = 640
WIDTHS = (390, ZOOMED, 1280)
"""A telephone; a screen of 1280 at 200 % zoom, which a page sees as half as wide; that screen."""
SERIOUS = ("serious", "critical")
PARTS = {"base", "macros", "scripts", "live_map"}
"""Templates that are parts of others."""
NO_PAGES = re.compile(r"/static/|/ogc|/api|/run/\{run\}/(data|bestand)/|.*/pakket$")
"""Addresses that give files or data."""
LOADING = 180_000


def served_pages(book: Book) -> dict[str, list[str]]:
    """Return addresses to visit by the template that answers."""
    name, own = next(iter(book.proposal)), f"/run/{RUN}"
    code = next(b["code"] for b in book["neighbourhoods"] if b["shown"])
    site = book.proposal[name]["works"]["site"][0]
    return {
        "overzicht": ["/", "/?lang=en"],
        "afwegingen": [own, f"{own}?alle=1", f"{own}?lang=en", f"{own}?max_burden=-99"],
        "voorstel": [f"{own}/voorstel/{name}", f"{own}/voorstel/{name}?lang=en"],
        "waarom": [f"{own}/voorstel/{name}/waarom?plek={site}"],
        "buurten": [f"{own}/buurten"],
        "buurt": [f"{own}/buurt/{quote(code, safe='')}"],
        "vergelijk": [f"{own}/vergelijk"],
        "doelen": [f"{own}/doelen", f"{own}/doelen?gezondheid_burden=-1&financien_capital=0,01"],
        "kies": [f"{own}/kies"],
        "verantwoording": [f"{own}/verantwoording"],
        "wat-als": [f"{own}/wat-als"],
        "toegankelijkheid": ["/toegankelijkheid"],
        "fout": ["/run/bestaat-niet", "/run/bestaat-niet?lang=en"],
    }


def pages_on_disk(book: Book) -> dict[str, str]:
    """Return the file to open by the kind of page."""
    name = next(iter(book.proposal))
    code = next(b["code"] for b in book["neighbourhoods"] if b["shown"])
    of = {"voorstel": name, "waarom": name, "buurt": code}
    kinds = set(served_pages(book)) - {"overzicht", "fout"}
    return {kind: file_name(book, kind, of.get(kind, "")) for kind in kinds}


def kind_of(path: Path) -> str:
    """Return the kind of a file: what stands before the name of a proposal or neighbourhood."""
    return re.sub(r"^(voorstel|waarom|buurt)-.*", r"\1", path.stem)


def faults_of(page: "playwright.Page", width: int) -> list[object]:
    """Return what axe finds serious, and whether the page must be scrolled sideways."""
    page.wait_for_load_state("networkidle")
    serious: list[object] = []
    if width != ZOOMED:
        # looked at from within: axe would fetch styles anew, which no page on a disk may
        found = axe_of().run(page, options={"preload": False}).response["violations"]
        serious += [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in SERIOUS]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return serious + ([f"is {wide} wide"] if wide > width else [])


@pytest.fixture(params=WIDTHS)
def seen(browser: "playwright.Browser", request: pytest.FixtureRequest) -> Iterator[Watched]:
    """Give a watched page of each width."""
    found = Watched(browser, viewport={"width": request.param, "height": 900})
    found.width = request.param
    yield found
    found.context.close()


def test_visits__name_every_template_route_and_file(runs: Path, run: Path) -> None:
    book = read_book(run)
    visited = served_pages(book)
    app = build_app(Shelf(runs))
    assert isinstance(app, Guard)
    assert isinstance(app.app, Kept)
    inner = app.app.app
    assert isinstance(inner, FastAPI)
    routes = [
        route for route in inner.routes if isinstance(route, APIRoute) and "GET" in route.methods
    ]
    paths = [address.partition("?")[0] for kind in visited.values() for address in kind]

    assert {path.name.partition(".")[0] for path in TEMPLATES.glob("*.j2")} - PARTS == set(visited)
    pages = [route for route in routes if not NO_PAGES.match(route.path)]
    assert len(pages) >= 7
    for route in pages:
        assert any(route.path_regex.fullmatch(path) for path in paths), route.path
    files = {kind_of(path) for path in (run / "site").glob("*.html")}
    assert files == {kind_of(Path(name)) for name in pages_on_disk(book).values()}
    assert files == {kind_of(path) for path in (run / "site" / "en").glob("*.html")}


def test_served_pages__are_accessible_and_fit(seen: Watched, base: str, run: Path) -> None:
    found = {}
    for addresses in served_pages(read_book(run)).values():
        for address in addresses:
            seen.page.goto(base + address)
            found[address] = faults_of(seen.page, seen.width)
    seen.faults = [fault for fault in seen.faults if "404" not in fault]
    seen.check(base)

    assert {address: faults for address, faults in found.items() if faults} == {}


@pytest.mark.parametrize("seen", WIDTHS[:1], indirect=True)
def test_long_words__break_and_do_not_widen_a_page(seen: Watched, base: str, runs: Path) -> None:
    own = f"/run/{NASTY}"
    name = next(iter(read_book(runs / NASTY).proposal))
    wide = {}
    for page in (
        "",
        "/buurten",
        "/verantwoording",
        f"/voorstel/{name}",
        f"/voorstel/{name}/waarom",
    ):
        seen.page.goto(f"{base}{own}{page}")
        wide[page] = seen.page.evaluate("document.documentElement.scrollWidth")

    assert {page: width for page, width in wide.items() if width > seen.width} == {}


def test_pages_on_disk__are_accessible_and_fit(seen: Watched, run: Path) -> None:
    names, found = pages_on_disk(read_book(run)), {}
    for name in (*names.values(), "en/index.html", f"en/{names['voorstel']}", "en/kies.html"):
        seen.page.goto((run / "site" / name).as_uri())
        found[name] = faults_of(seen.page, seen.width)
    seen.check((run / "site").as_uri())

    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("seen", WIDTHS[::2], indirect=True)
def test_what_opens__is_accessible_and_fits(seen: Watched, base: str, run: Path) -> None:
    page, own = seen.page, f"{base}/run/{RUN}"
    name = next(iter(read_book(run).proposal))
    found = {}

    def look(what: str) -> None:
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found[what] = faults_of(page, seen.width)

    for what, address in (("voorstel", f"{own}/voorstel/{name}"), ("afwegingen", own)):
        page.goto(address)
        page.wait_for_selector("html[data-map]")
        page.select_option("#kaartplek", "0")
        look(f"waarom op de kaart, {what}")
        page.select_option("#kaartbuurt", "1")
        look(f"buurt op de kaart, {what}")
    page.goto(f"{own}/verantwoording")
    look("verantwoording, open")
    page.goto(f"{own}/kies")
    page.evaluate("document.getElementById('keuze').noValidate = true")
    page.click("#keuze button")
    page.wait_for_selector(".bad")
    look("keuze die mist")
    fill_choice(page)
    page.click("#keuze button")
    page.wait_for_selector("text=De keuze is bewaard")
    look("keuze bewaard")
    (run / "chosen.jsonl").unlink()
    page.goto((run / "site" / "kies.html").as_uri())
    fill_choice(page)
    with page.expect_download():
        page.click("#maak")
    look("keuze als bestand")
    page.goto((run / "site" / "doelen.html").as_uri())
    page.fill("#gezondheid_burden", "-0,5")
    page.fill("#financien_capital", "0,01")
    page.click("#wie")
    page.wait_for_selector("p[role=status]")
    look("doelen op schijf")
    seen.faults = [fault for fault in seen.faults if "400" not in fault]
    assert seen.faults == []

    assert {what: faults for what, faults in found.items() if faults} == {}


@pytest.mark.parametrize("seen", WIDTHS[::2], indirect=True)
def test_what_if__is_accessible_and_fits(seen: Watched, base: str) -> None:
    page, found = seen.page, {}
    page.goto(f"{base}/run/{RUN}/wat-als")
    if page.locator("#start").count():
        page.click("#start")
        found["laadt"] = faults_of(page, seen.width)
    page.wait_for_selector("#reken", timeout=LOADING)
    page.wait_for_selector("#direct[data-told]")
    found["klaar"] = faults_of(page, seen.width)
    page.click("#reken")
    page.wait_for_selector("#uitkomst", timeout=LOADING)
    found["uitkomst"] = faults_of(page, seen.width)
    page.click("#pas")
    page.wait_for_selector("#past", timeout=LOADING)
    found["budget"] = faults_of(page, seen.width)
    seen.check(base)

    assert {what: faults for what, faults in found.items() if faults} == {}


def test_without_scripts__every_page_has_its_words(
    browser: "playwright.Browser", base: str, run: Path
) -> None:
    watched = Watched(browser, java_script_enabled=False)
    page, book = watched.page, read_book(run)
    served = [base + a for addresses in served_pages(book).values() for a in addresses]
    disk = [(run / "site" / name).as_uri() for name in pages_on_disk(book).values()]
    for address in (*served, *disk):
        page.goto(address)
        assert page.locator("h1").count() == 1, address
        assert len(page.inner_text("main")) > 60, address
        assert page.locator("#kaartvak, #grafieken").locator("visible=true").count() == 0, address
    watched.context.close()
