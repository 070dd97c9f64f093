"""The pages in a real, headless Chromium: served and from a disk, by mouse and by keyboard.

Skipped where there is no Chromium at the usual place.
"""

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
import uvicorn
from starlette.types import ASGIApp

from evenground.dutch import number
from evenground.pages.book import read_book
from evenground.pages.form import NAME
from evenground.pages.places import plain
from evenground.web.app import build_app
from evenground.web.shelf import Shelf

from .conftest import NASTY, RUN

CHROMIUM = Path("/usr/bin/chromium")
playwright = pytest.importorskip("playwright.sync_api")
if not CHROMIUM.exists():
    pytest.skip("no Chromium at /usr/bin/chromium", allow_module_level=True)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
N_PLANS = (500, 25_000)
BRUSH = """async () => {
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const took = [];
  for (const k of [1, 2, 3, 4, 5]) {
    const field = document.getElementById("max_burden"), start = performance.now();
    field.value = "-0," + k;
    field.dispatchEvent(new Event("change", {bubbles: true}));
    const inside = performance.now() - start;
    await frame();
    took.push([performance.now() - start, inside]);
  }
  return took;
}"""
"""Sets five limits; how long until each is seen, and how long the script itself took (ms)."""
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def base(runs: Path, small_case: Path) -> Iterator[str]:
    """Serve the runs."""
    with serving(build_app(Shelf(runs), data=small_case.parent)) as address:
        yield address


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port, and give its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as player:
        found = player.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield found
        found.close()


class Watched:
    """A page of which every request, error and dialog is kept."""

    def __init__(self, browser: "playwright.Browser", **options: object) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog {dialog.message}"))
        self.page.on("console", self._hear)

    def _hear(self, message: "playwright.ConsoleMessage") -> None:
        # Chromium advises on speed when a map is asked what lies below the mouse
        is_advice = message.text.startswith("Canvas2D: Multiple readback")
        if message.type in ("error", "warning") and not is_advice:
            self.faults.append(message.text)

    def check(self, origin: str) -> None:
        """Say that nothing went wrong, and that nothing was asked elsewhere."""
        assert self.faults == []
        away = [url for url in self.requests if not url.startswith((origin, "data:"))]
        assert away == []


@pytest.fixture
def watched(browser: "playwright.Browser") -> Iterator[Watched]:
    found = Watched(browser, viewport={"width": 1280, "height": 900})
    yield found
    found.context.close()


def all_pages(runs: Path, run: str = RUN) -> list[str]:
    book = read_book(runs / run)
    name = next(iter(book.proposal))
    code = next(b["code"] for b in book["neighbourhoods"] if b["shown"])
    own = f"/run/{run}"
    site = book.proposal[name]["works"]["site"][0]
    return [
        "/",
        own,
        f"{own}?alle=1",
        f"{own}/voorstel/{name}",
        f"{own}/voorstel/{name}/waarom?plek={site}",
        f"{own}/buurten",
        f"{own}/buurt/{quote(code, safe='')}",
        f"{own}/vergelijk",
        f"{own}/doelen?gezondheid_burden=-1",
        f"{own}/kies",
        f"{own}/verantwoording",
        f"{own}/wat-als",
        "/toegankelijkheid",
        f"{own}?lang=en",
    ]


def test_hostile_names__raise_nothing_in_a_browser(watched: Watched, base: str, runs: Path) -> None:
    for address in all_pages(runs, NASTY):
        watched.page.goto(base + address)
        watched.page.wait_for_load_state("networkidle")
        assert watched.page.locator("img").count() == 0
    watched.check(base)


def test_limits_and_choice__stand_in_the_address(watched: Watched, base: str, runs: Path) -> None:
    page, book = watched.page, read_book(runs / RUN)
    cheap = min(book["proposals"], key=lambda p: p["values"]["capital"])
    limit = str(round(cheap["values"]["capital"] + 0.01, 2)).replace(".", ",")
    page.goto(f"{base}/run/{RUN}")
    page.wait_for_selector("html[data-ready][data-map]")
    page.fill("#max_capital", limit)
    page.click(f"[data-kies='{cheap['id']}']")
    page.wait_for_selector(f"html[data-map='{cheap['id']}']")
    assert f"kies={cheap['id']}" in page.url
    page.goto(page.url)
    page.wait_for_selector(f"html[data-map='{cheap['id']}']")
    assert page.input_value("#max_capital") == limit
    assert page.inner_text("#kaartnaam") == cheap["name"]
    watched.check(base)


def fill_choice(page: "playwright.Page") -> None:
    page.fill("#naam", "Jo")
    page.fill("#rol", "wethouder")
    page.fill("#toelichting", "Past bij het beleid.")


def tab_to(page: "playwright.Page", target: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(200):
        if page.evaluate("s => document.activeElement.matches(s)", target):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{target} is not reached by Tab")


def test_what_if__changes_an_amount_by_mouse(watched: Watched, base: str) -> None:
    page = watched.page
    page.goto(f"{base}/run/{RUN}/wat-als")
    page.click("#start")
    page.wait_for_selector("#reken", timeout=180_000)
    field = page.locator("#hoeveel input[type=text]").first
    field.fill("0" if field.input_value() != "0" else "100000")
    page.click("#reken")
    page.wait_for_selector("#uitkomst", timeout=120_000)
    with page.expect_download() as taken:
        page.click("#bewaar")
    assert taken.value.suggested_filename == "plan.csv"
    watched.check(base)


def test_what_if__changes_an_amount_by_keyboard_and_shows_it_while_typing(
    watched: Watched, base: str
) -> None:
    page = watched.page
    page.goto(f"{base}/run/{RUN}/wat-als")
    if page.locator("#start").count():
        tab_to(page, "#start")
        page.keyboard.press("Enter")
    page.wait_for_selector("#hoeveel input[type=text]", timeout=180_000)
    tab_to(page, "#hoeveel input[type=text]")
    before = page.locator("#hoeveel input[type=text]").first.input_value()
    page.keyboard.press("Control+A")
    page.keyboard.type("0" if before != "0" else "100000")
    # the first answer is of the plan as it was
    page.wait_for_selector('#direct[data-told]:not([data-told="1"])', timeout=20_000)
    change = page.locator("#direct tr[data-score='capital'] td").last.inner_text()
    assert any(digit in change for digit in "123456789")
    tab_to(page, "#reken")
    page.keyboard.press("Enter")
    page.wait_for_selector("#uitkomst", timeout=120_000)
    watched.check(base)


def test_without_scripts__every_page_says_the_same(
    browser: "playwright.Browser", base: str, runs: Path
) -> None:
    watched = Watched(browser, java_script_enabled=False)
    page, book = watched.page, read_book(runs / RUN)
    for address in all_pages(runs):
        page.goto(base + address)
        assert page.locator("h1").count() == 1
    page.goto(f"{base}/run/{RUN}")
    assert page.locator("#rijen tr").count() == len(book["proposals"])
    page.fill("#max_capital", "0")
    page.click("#toon")
    assert "max_capital=0" in page.url
    assert page.locator("text=Geen enkel plan blijft binnen deze grenzen").count() == 1
    page.goto(f"{base}/run/{RUN}/kies")
    fill_choice(page)
    page.click("text=Bewaar deze keuze")
    assert page.locator("text=De keuze is bewaard").count() == 1
    (runs / RUN / "chosen.jsonl").unlink()
    watched.context.close()


def test_static_pages__open_from_a_disk(watched: Watched, run: Path) -> None:
    page, site = watched.page, run / "site"
    page.goto(f"{(site / 'index.html').as_uri()}")
    page.wait_for_selector("html[data-ready][data-map]")
    assert page.locator("#parallel canvas:not(.below)").count() == 1
    assert page.locator("#olkaart canvas").count() >= 1
    page.fill("#max_capital", "0")
    page.dispatch_event("#max_capital", "change")
    assert page.locator("#rijen tr[data-id]").count() == 0
    page.goto(f"{(site / 'en' / 'index.html').as_uri()}?alle=1")
    page.wait_for_selector("html[data-ready][data-map]")
    assert page.is_checked("#alle")
    for path in sorted(site.glob("v*.html")):
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
    watched.check(site.as_uri())


def test_goals__are_weighed_on_a_disk_as_by_a_server(
    watched: Watched, base: str, run: Path
) -> None:
    page, book = watched.page, read_book(run)
    middle = {key: float(np.median(book["front"][key])) for key in ("burden", "capital")}
    fields = {
        "gezondheid_burden": f"{middle['burden']:.3f}".replace(".", ","),
        "financien_capital": f"{middle['capital']:.3f}".replace(".", ","),
    }
    told = []
    for address in (f"{base}/run/{RUN}/doelen", (run / "site" / "doelen.html").as_uri()):
        page.goto(address)
        for field, text in fields.items():
            page.fill(f"#{field}", text)
        page.click("#doelen button[type=submit]")
        page.wait_for_selector("p[role=status]")
        rows = page.locator("main table tbody tr").all_inner_texts()
        nearest = page.locator("h2").all_inner_texts()
        told.append((page.inner_text("p[role=status]"), rows, nearest))
    page.click("p[role=status] a")
    page.wait_for_selector("html[data-ready]")

    assert told[0] == told[1]
    assert len(told[0][1]) == len(book["proposals"])
    assert page.inner_text("#stand").split()[0] in told[0][0]
    assert watched.faults == []


def grown(runs: Path, folder: Path, n_plan: int) -> Path:
    """Make a folder with a run whose front has more plans: those of the small town and between."""
    shutil.copytree(runs / RUN, folder / RUN)
    contents = json.loads((folder / RUN / NAME).read_text("utf-8"))
    for key, column in contents["front"].items():
        values = np.array(column, float)
        at = np.linspace(0.0, values.size - 1.0, n_plan - values.size)
        between = plain(np.interp(at, np.arange(values.size), values))
        contents["front"][key] = [*column, *between]
    (folder / RUN / NAME).write_text(json.dumps(contents), encoding="utf-8")
    return folder


@pytest.mark.parametrize("n_plan", N_PLANS)
def test_brushing__takes_little_time(
    watched: Watched, runs: Path, tmp_path: Path, n_plan: int
) -> None:
    page = watched.page
    with serving(build_app(Shelf(grown(runs, tmp_path, n_plan)))) as home:
        page.goto(f"{home}/run/{RUN}")
        page.wait_for_selector("html[data-ready][data-map]")
        first = page.evaluate("performance.now()")
        assert not any("front-alle" in url for url in watched.requests)
        page.goto(f"{home}/run/{RUN}?alle=1")
        page.wait_for_selector("html[data-ready][data-map]")
        page.wait_for_timeout(500)
        took = page.evaluate(BRUSH)
        stand = page.inner_text("#stand")
        assert any("front-alle" in url for url in watched.requests)
    watched.check(home)

    assert len(took) == 5
    assert f" van {number(n_plan)} " in stand
    assert int(stand.split()[0].replace(".", "")) <= n_plan
    assert page.locator("#rijen tr").count() <= 100
    whole, inside = zip(*took, strict=True)
    print(  # noqa: T201 - told, not asserted
        f"limits on {n_plan} plans: seen after {min(whole):.0f} to {max(whole):.0f} ms, of which "
        f"{min(inside):.0f} to {max(inside):.0f} ms in the script; first map in {first:.0f} ms"
    )


PAINTED = """() => ["parallel", "strooi"].map(id => [...document.querySelectorAll(`#${id} .below`)]
  .map(canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
    .filter((value, k) => k % 4 === 3 && value > 0).length))"""
"""Points that are painted below each chart: of all plans, and of those that fit."""


def test_plans__that_fit_are_painted_over_all_plans(
    watched: Watched, runs: Path, tmp_path: Path
) -> None:
    page = watched.page
    folder = grown(runs, tmp_path, 300)
    capital = sorted(read_book(folder / RUN)["front"]["capital"])
    with serving(build_app(Shelf(folder))) as home:
        page.goto(f"{home}/run/{RUN}")
        page.wait_for_selector("html[data-ready][data-map]")
        assert page.evaluate(PAINTED) == [[0, 0], [0, 0]]
        page.check("#alle")
        page.locator("#stand:has-text('300')").wait_for()
        (lines, most), (dots, all_dots) = page.evaluate(PAINTED)
        page.fill("#max_capital", str(capital[30]).replace(".", ","))
        (lines_then, fitting), (dots_then, fitting_dots) = page.evaluate(PAINTED)
    watched.check(home)

    assert (lines_then, dots_then) == (lines, dots)
    assert 0 < fitting < most
    assert 0 < fitting_dots < all_dots
