"""Two or three proposals side by side in a real Chromium: on a disk what a server shows.

By mouse and by keyboard alone; the address keeps what was chosen.
"""

from pathlib import Path

import pytest

from evenground.pages.book import Book, read_book

from .conftest import RUN
from .test_browser import Watched, base, browser, playwright, watched
from .test_flow import HANDS, Hand, Keys

__all__ = ["base", "browser", "watched"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
SEEN = """() => {
  const all = (from, what) => [...from.querySelectorAll(what)];
  const seen = (from, what) => all(from, what).filter(part => part.checkVisibility());
  const drawn = part => [part.getAttribute("href"), part.getAttribute("fill")];
  return {
    share: seen(document, "#gedeeld").map(one => one.innerText),
    rows: seen(document, "main table tr").map(row => seen(row, "th, td").map(c => c.innerText)),
    bars: seen(document, "td svg rect").map(bar => [bar.getAttribute("width"), ...drawn(bar)]),
    maps: seen(document, "figure").map(figure => ({
      title: figure.querySelector("figcaption").innerText,
      shapes: all(figure, "svg.map > *").map(drawn),
      works: all(figure, "svg.map path").map(path => path.getAttribute("d")),
      figures: all(figure, "title").map(title => title.textContent),
      legend: all(figure, ".legend li").map(line => [line.innerText,
        ...drawn(line.querySelector("rect")), all(line, "path").length]),
    })),
  };
}"""
"""All that a reader sees of a comparison."""


def choices_of(book: Book) -> list[tuple[str, str, str, str]]:
    """Return choices to compare: first, second and third proposal, and theme of the maps."""
    ids = list(book.proposal)
    return [
        (ids[0], ids[1], "", "burden"),
        (ids[-1], ids[0], "", "burden"),
        (ids[-1], ids[1], ids[-2], "noise"),
    ]


def ask(hand: Hand, chosen: tuple[str, str, str, str]) -> None:
    """Choose proposals and a theme from the lists of the page."""
    for field, value in zip(("#a", "#b", "#c", "#thema"), chosen, strict=True):
        if hand.page.input_value(field) != value:
            hand.choose(field, value)


def test_comparison__needs_proposals_that_differ(run: Path) -> None:
    assert len(read_book(run).proposal) >= 4


@pytest.mark.parametrize("hand_name", HANDS)
@pytest.mark.parametrize("folder", ["", "en"])
def test_comparison__on_a_disk_shows_what_a_server_shows(
    watched: Watched, base: str, run: Path, hand_name: str, folder: str
) -> None:
    page, book = watched.page, read_book(run)
    told = {}
    for chosen in choices_of(book):
        query = dict(zip(("a", "b", "c", "thema"), chosen, strict=True))
        page.goto(f"{base}/run/{RUN}/vergelijk?" + "&".join(f"{k}={v}" for k, v in query.items())
                  + ("&lang=en" if folder else ""))  # fmt: skip
        told[chosen] = page.evaluate(SEEN)
    watched.check(base)
    watched.requests.clear()

    page.goto((run / "site" / folder / "vergelijk.html").as_uri())
    hand = HANDS[hand_name](page)
    for chosen in choices_of(book):
        ask(hand, chosen)
        shown = " ".join([*(name for name in chosen[:3] if name), chosen[3]])
        page.wait_for_selector(f'html[data-shown="{shown}"]')
        assert page.evaluate(SEEN) == told[chosen], chosen
        for name in filter(None, chosen[:3]):
            assert f"={name}" in page.url
    watched.check((run / "site").as_uri())

    first = told[choices_of(book)[0]]
    assert len(first["rows"]) > 15
    assert len(first["maps"]) == 4
    assert len({str(found) for found in told.values()}) == len(told)


def test_comparison__stands_in_the_address_in_both_languages(watched: Watched, run: Path) -> None:
    page, ids = watched.page, list(read_book(run).proposal)
    address = (run / "site" / "vergelijk.html").as_uri()
    page.goto(f"{address}?a={ids[2]}&b={ids[0]}&c={ids[1]}&thema=noise")
    page.wait_for_selector(f'html[data-shown="{ids[2]} {ids[0]} {ids[1]} noise"]')
    page.click("header.page a[hreflang=en]")
    page.wait_for_selector(f'html[lang=en][data-shown="{ids[2]} {ids[0]} {ids[1]} noise"]')
    # what is not known is not chosen, and nothing is compared with itself unasked
    page.goto(f"{address}?a={ids[1]}&b=zweefplan&thema=zweef")
    page.wait_for_selector(f'html[data-shown="{ids[1]} {ids[0]} burden"]')
    # a proposal leads to its comparison
    page.goto((run / "site" / f"voorstel-{ids[3]}.html").as_uri())
    page.click("main a[href*=vergelijk]")
    page.wait_for_selector(f'html[data-shown="{ids[3]} {ids[0]} burden"]')
    watched.check((run / "site").as_uri())


def test_comparison__without_scripts_has_every_proposal(
    browser: "playwright.Browser", run: Path
) -> None:
    watched = Watched(browser, java_script_enabled=False)
    page, book = watched.page, read_book(run)
    page.goto((run / "site" / "vergelijk.html").as_uri())
    heads = page.locator("main table").first.locator("thead th")
    assert heads.all_inner_texts() == [p["name"] for p in book["proposals"]]
    assert page.locator("figure").locator("visible=true").count() == 2 * len(book["proposals"])
    assert page.locator("noscript .note").is_visible()
    assert not page.locator("#vergelijking").is_visible()
    watched.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_comparison__keeps_its_room_and_its_focus(
    browser: "playwright.Browser", run: Path, width: int
) -> None:
    watched = Watched(browser, viewport={"width": width, "height": 900})
    page, ids = watched.page, list(read_book(run).proposal)
    page.goto((run / "site" / "vergelijk.html").as_uri())
    hand = Keys(page)
    hand.choose("#c", ids[3])
    page.wait_for_selector(f'html[data-shown="{ids[0]} {ids[1]} {ids[3]} burden"]')

    assert page.evaluate("document.activeElement.id") == "c"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    watched.check((run / "site").as_uri())
    watched.context.close()
