"""A planner's whole way in a real Chromium: served and from a disk, by mouse and by keyboard alone.

Open a run, set limits, open a proposal, ask why something is built somewhere, change an amount,
choose, and take the package along. The hands differ; the way is the same.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from evenground.dutch import number
from evenground.pages.book import Book, read_book
from evenground.web.choices import read_choices

from .conftest import RUN
from .test_browser import Watched, base, browser, playwright, watched

__all__ = ["base", "browser", "watched"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
MOST_TABS = 60
"""Presses of Tab that any step may take, from the top of its page."""
FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const is_drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const is_seen = box.width > 0 && box.bottom > 0 && box.top < window.innerHeight;
  return at === document.body || (is_drawn && is_seen);
}"""
LOADING = 180_000


class Hand:
    """What a person does on a page; told apart by what the person has at hand."""

    def __init__(self, page: "playwright.Page") -> None:
        self.page = page

    def press(self, target: str) -> None:
        """Follow a link, or push a button."""
        raise NotImplementedError

    def write(self, target: str, text: str) -> None:
        """Put a text in a field, in place of what stands there."""
        raise NotImplementedError

    def slide(self, target: str) -> None:
        """Move a slider well below its end."""
        raise NotImplementedError

    def choose(self, target: str, value: str) -> None:
        """Choose from a list."""
        raise NotImplementedError

    def ask_why(self, book: Book, works: dict[str, Any]) -> None:
        """Ask why the first of some works stands where it does."""
        raise NotImplementedError


class Mouse(Hand):
    """Points and clicks; types only where text is asked."""

    def press(self, target: str) -> None:
        """Click."""
        self.page.click(target)

    def write(self, target: str, text: str) -> None:
        """Click three times, which takes all, and type."""
        self.page.click(target, click_count=3)
        self.page.keyboard.type(text)

    def slide(self, target: str) -> None:
        """Drag the handle from the end to two thirds."""
        self.page.locator(target).scroll_into_view_if_needed()
        box = self.page.locator(target).bounding_box()
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] - 8, y)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 0.66 * box["width"], y, steps=5)
        self.page.mouse.up()

    def choose(self, target: str, value: str) -> None:
        """Choose; the list itself is drawn by the system, outside the page."""
        self.page.select_option(target, value)

    def ask_why(self, book: Book, works: dict[str, Any]) -> None:
        """Click where it is built."""
        self.page.locator("#olkaart").scroll_into_view_if_needed()
        box = self.page.locator("#olkaart").bounding_box()
        left, bottom, right, top = map(
            float, self.page.get_attribute("#olkaart", "data-extent").split(",")
        )
        side = book["site_m"] / 2
        x = (works["x"][0] + side - left) / (right - left) * box["width"]
        y = (top - works["y"][0] - side) / (top - bottom) * box["height"]
        self.page.mouse.click(box["x"] + x, box["y"] + y)


class Keys(Hand):
    """Has a keyboard only. Wherever Tab leads, what has the focus is marked and in sight."""

    def go(self, target: str) -> None:
        """Press Tab until an element has the focus."""
        for _ in range(MOST_TABS):
            if self.page.evaluate("s => document.activeElement.matches(s)", target):
                return
            self.page.keyboard.press("Tab")
            # scrolling to it takes a moment
            self.page.wait_for_function(FOCUS, timeout=2_000)
        pytest.fail(f"{target} takes more than {MOST_TABS} presses of Tab")

    def press(self, target: str) -> None:
        """Go there and press Enter."""
        self.go(target)
        self.page.keyboard.press("Enter")

    def write(self, target: str, text: str) -> None:
        """Go there, take all, and type."""
        self.go(target)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def slide(self, target: str) -> None:
        """Go there and press an arrow."""
        self.go(target)
        for _ in range(60):
            self.page.keyboard.press("ArrowLeft")

    def choose(self, target: str, value: str) -> None:
        """Go there and press arrows until it is chosen."""
        self.go(target)
        self.page.keyboard.press("Home")
        for _ in range(500):
            if self.page.input_value(target) == value:
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"{value} is not in {target}")

    def ask_why(self, book: Book, works: dict[str, Any]) -> None:  # noqa: ARG002 - the list knows
        """Leap to the map, and choose from the list beside it."""
        self.press(".skip[href='#kaart']")
        self.choose("#kaartplek", "0")


HANDS: dict[str, type[Hand]] = {"mouse": Mouse, "keys": Keys}


class Served:
    """Pages of a server."""

    def __init__(self, base: str, run: Path) -> None:
        self.start, self.origin, self.folder = base, base, run

    def open_run(self, hand: Hand) -> None:
        """Open the run from the overview."""
        hand.press(f"td a[href='/run/{RUN}'], th a[href='/run/{RUN}']")

    def change(self, hand: Hand, proposal: dict[str, Any]) -> None:
        """Change an amount and see what it does."""
        page = hand.page
        hand.press("a[href*='/wat-als?']")
        page.wait_for_selector("#start, #reken")
        if page.locator("#start").count():
            hand.press("#start")
            page.wait_for_selector("#reken", timeout=LOADING)
        field = "#hoeveel input[type=text]"
        first = page.get_attribute(field, "id")
        before = page.input_value(f"#{first}")
        page.wait_for_selector("#direct[data-told]")
        hand.write(f"#{first}", "0" if before != "0" else "100000")
        page.wait_for_selector('#direct[data-told]:not([data-told="1"])')
        change = page.locator("#direct tr[data-score='capital'] td").last.inner_text()
        assert any(digit in change for digit in "123456789")
        hand.press("#reken")
        page.wait_for_selector("#uitkomst", timeout=LOADING)
        assert "voorstel " + proposal["name"] + ": 1" in page.inner_text("main")
        assert proposal["name"] in page.inner_text("main")

    def keep(self, hand: Hand) -> None:
        """Keep the choice."""
        hand.press("#keuze button")
        hand.page.wait_for_selector("text=De keuze is bewaard")


class OnDisk:
    """The same pages as files."""

    def __init__(self, run: Path) -> None:
        self.folder, self.origin = run, run.as_uri()
        self.start = (run / "site" / "index.html").as_uri()

    def open_run(self, hand: Hand) -> None:
        """Stay: the first page is the run."""

    def change(self, hand: Hand, proposal: dict[str, Any]) -> None:  # noqa: ARG002 - as the served
        """Read why it cannot be done here, and how it can."""
        hand.press("main a[href*='wat-als']")
        hand.page.wait_for_selector("text=daar kan niet worden gerekend")
        assert "evenground serve" in hand.page.inner_text("main pre")

    def keep(self, hand: Hand) -> None:
        """Make a file of the choice, which a run takes as its own."""
        with hand.page.expect_download() as made:
            hand.press("#maak")
        assert made.value.suggested_filename == "chosen.jsonl"
        made.value.save_as(self.folder / "chosen.jsonl")
        assert "A. de Vries" in hand.page.inner_text("#gemaakt")
        hand.page.emulate_media(media="print")
        assert hand.page.locator("#keuze, .note, .proposals").locator("visible=true").count() == 0
        assert hand.page.locator("#gemaakt dl").is_visible()
        hand.page.emulate_media(media="screen")


@pytest.fixture
def place(request: pytest.FixtureRequest, run: Path, base: str) -> Iterator["Served | OnDisk"]:
    """Give the pages as they are looked at; what was chosen is taken away afterwards."""
    yield Served(base, run) if request.param == "served" else OnDisk(run)
    (run / "chosen.jsonl").unlink(missing_ok=True)


@pytest.mark.parametrize("hand_name", HANDS)
@pytest.mark.parametrize("place", ["served", "disk"], indirect=True)
def test_whole_way__leads_from_a_run_to_a_package(
    watched: Watched, place: "Served | OnDisk", run: Path, hand_name: str, tmp_path: Path
) -> None:
    page, book = watched.page, read_book(run)
    hand = HANDS[hand_name](page)
    proposal = min(book["proposals"], key=lambda p: p["values"]["capital"])

    page.goto(place.start)
    place.open_run(hand)
    page.wait_for_selector("html[data-ready][data-map]")
    set_limits(hand, book, proposal["values"]["capital"])
    hand.press(f"#rijen tr[data-id='{proposal['id']}'] th a")
    page.wait_for_selector(f"html[data-map='{proposal['id']}']")
    page.wait_for_selector("#olkaart[data-extent]")
    ask(hand, book, proposal)
    place.change(hand, proposal)
    given = {
        "naam": "A. de Vries",
        "rol": "planoloog",
        "toelichting": "Past bij het beleid: é & <b>.",
    }
    choose(hand, place, proposal, given)
    archive = take_along(hand)

    kept = read_choices(place.folder)
    assert [kept[0][key] for key in ("proposal", "proposal_name")] == [
        proposal["id"],
        proposal["name"],
    ]
    assert [kept[0][key] for key in ("name", "role", "note")] == list(given.values())
    check_package(archive, proposal, book, tmp_path)
    watched.check(place.origin)


def set_limits(hand: Hand, book: Book, capital: float) -> None:
    """Filter by slider and by number; the table, its count and the address follow."""
    page = hand.page
    slider = ".sliding:has(#max_burden) input[type=range]"
    hand.slide(slider)
    typed = page.input_value("#max_burden")
    assert typed
    check_rows(page, book, lambda p: p["values"]["burden"] <= float(typed.replace(",", ".")))
    hand.write("#max_burden", "0")
    limit = round(capital + 0.01, 2)
    hand.write("#max_capital", str(limit).replace(".", ","))
    check_rows(page, book, lambda p: p["values"]["capital"] <= limit)
    assert "max_capital=" in page.url


def check_rows(page: "playwright.Page", book: Book, fits: Callable[[dict[str, Any]], bool]) -> None:
    """Hold the table to the proposals that fit."""
    expected = {p["id"] for p in book["proposals"] if fits(p)}
    rows = page.locator("#rijen tr[data-id]").all()
    assert {row.get_attribute("data-id") for row in rows} == expected
    assert page.inner_text("#stand").startswith(f"{len(expected)} van {len(book['proposals'])} ")


def ask(hand: Hand, book: Book, proposal: dict[str, Any]) -> None:
    """Ask why something is built somewhere, on the map and in the table; the figures agree."""
    page, works = hand.page, proposal["works"]
    hand.ask_why(book, works)
    card = page.locator("#kaartkaart:has-text('Waarom hier?')")
    card.wait_for()
    assert book["kinds"][works["kind"][0]]["name"] in card.inner_text()
    assert f"€ {number(works['capital'][0])}" in card.inner_text()
    hand.press("#kaartkaart a")
    page.wait_for_url("**/waarom*")
    hand.press("tbody th a")
    page.locator("#plek, #kaartkaart:has-text('Waarom hier?')").wait_for()
    assert number(works["capital"][0]) in page.inner_text("#plek, #kaartkaart")
    page.goto(page.url)  # what was asked stands in the address
    page.locator("#plek, #kaartkaart:has-text('Waarom hier?')").wait_for()
    if page.locator("#plek").count():
        hand.press(".crumbs a[href*='voorstel']")
        page.wait_for_url("**/voorstel/*")


def choose(
    hand: Hand, place: "Served | OnDisk", proposal: dict[str, Any], given: dict[str, str]
) -> None:
    """Choose a proposal, and say who and why."""
    hand.press("nav.main a[href*='kies']")
    hand.page.wait_for_selector("#keuze")
    hand.choose("#voorstel", proposal["id"])
    for field, text in given.items():
        hand.write(f"#{field}", text)
    place.keep(hand)


def take_along(hand: Hand) -> zipfile.ZipFile:
    """Take the package of the choice."""
    with hand.page.expect_download() as taken:
        hand.press("#pakket")
    return zipfile.ZipFile(io.BytesIO(Path(taken.value.path()).read_bytes()))


def check_package(
    archive: zipfile.ZipFile, proposal: dict[str, Any], book: Book, folder: Path
) -> None:
    """Hold a package to its own list, and its map to what the pages said."""
    lines = archive.read("SHA256SUMS").decode().splitlines()
    sums = dict(reversed(line.split("  ")) for line in lines)
    assert set(sums) == set(archive.namelist()) - {"SHA256SUMS"}
    assert all(hashlib.sha256(archive.read(name)).hexdigest() == sums[name] for name in sums)
    if "chosen.jsonl" in sums:
        assert (
            json.loads(archive.read("chosen.jsonl").splitlines()[-1])["proposal"] == proposal["id"]
        )
    name = f"{proposal['id']}.gpkg"
    archive.extract(name, folder)
    works = gpd.read_file(folder / name, layer="maatregelen")
    assert works.crs.to_epsg() == 28992
    assert len(works) == len(proposal["works"]["site"])
    assert works["aanleg_euro"].sum() == pytest.approx(proposal["scores"]["capital"], rel=1e-4)
    places = gpd.read_file(folder / name, layer="buurten")
    assert set(places["buurtcode"]) == {place["code"] for place in book["neighbourhoods"]}
