#!/usr/bin/env python
"""Pictures of every page of a run at two widths, to look at; see `make screenshots`.

Takes a folder with runs and writes PNG files into a folder that git ignores: the pages of the
newest run as they are served, what opens on them, and those that differ on a disk. Pages that
compute a changed plan need the data of the run in EVENGROUND_DATA, but for the embedded town.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, sync_playwright

from evenground.pages.book import Book
from evenground.web.app import build_app
from evenground.web.serve import open_shelf

WIDTHS = (390, 1280)
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")
LOADING = 300_000


@contextmanager
def served(runs: Path) -> Iterator[str]:
    """Serve runs on a free port, and give the address."""
    data = os.environ.get("EVENGROUND_DATA")
    app = build_app(open_shelf(runs), data=Path(data) if data else None)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def addresses(run: str, book: Book) -> dict[str, str]:
    """Return the address of every page of a run, by a short name."""
    names = list(book.proposal)
    own, second = f"/run/{run}", names[min(1, len(names) - 1)]
    place = next(row["code"] for row in book["neighbourhoods"] if row["shown"])
    site = book.proposal[second]["works"]["site"][0]
    return {
        "overzicht": "/",
        "afwegingen": own,
        "afwegingen-alle": f"{own}?alle=1&max_capital=8",
        "voorstel": f"{own}/voorstel/{second}",
        "waarom": f"{own}/voorstel/{second}/waarom?plek={site}",
        "buurten": f"{own}/buurten",
        "buurt": f"{own}/buurt/{place}",
        "vergelijk": f"{own}/vergelijk?a={names[0]}&b={second}&c={names[-1]}",
        "doelen": f"{own}/doelen?gezondheid_burden=-6&financien_capital=8",
        "kies": f"{own}/kies",
        "verantwoording": f"{own}/verantwoording",
        "toegankelijkheid": "/toegankelijkheid",
        "fout": "/run/bestaat-niet",
        "afwegingen-en": f"{own}?lang=en",
        "voorstel-en": f"{own}/voorstel/{second}?lang=en",
        "kies-en": f"{own}/kies?lang=en",
    }


def ask_why(page: Page) -> None:
    """Ask why something is built somewhere."""
    page.wait_for_selector("html[data-map]")
    page.select_option("#kaartplek", "0")


def open_all(page: Page) -> None:
    """Open all that folds."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


def load_model(page: Page) -> None:
    """Start the model and wait for it, where it is not there yet."""
    if page.locator("#start").count():
        page.click("#start")
    page.wait_for_selector("#reken", timeout=LOADING)


def compute(page: Page) -> None:
    """Change an amount and let it be computed."""
    load_model(page)
    page.locator("#hoeveel input[type=text]").first.fill("0")
    page.click("#reken")
    page.wait_for_selector("#uitkomst", timeout=LOADING)


def choose(page: Page) -> None:
    """Make a file of a choice."""
    for field, text in (("naam", "A. de Vries"), ("rol", "planoloog"), ("toelichting", "Past.")):
        page.fill(f"#{field}", text)
    page.click("#maak")


def opened(run: str, book: Book, site: Path) -> dict[str, tuple[str, Callable[[Page], None]]]:
    """Return what opens on pages: an address, and what to do there."""
    own = f"/run/{run}"
    return {
        "waarom-kaart": (f"{own}/voorstel/{next(iter(book.proposal))}", ask_why),
        "verantwoording-open": (f"{own}/verantwoording", open_all),
        "wat-als": (f"{own}/wat-als", load_model),
        "wat-als-uitkomst": (f"{own}/wat-als", compute),
        "schijf-kies": ((site / "kies.html").as_uri(), choose),
        "schijf-wat-als": ((site / "wat-als.html").as_uri(), open_all),
        "schijf-afwegingen": ((site / "index.html").as_uri(), open_all),
    }


def picture(page: Page, path: Path, address: str, act: Callable[[Page], None] | None) -> None:
    """Take a picture of a whole page once its charts and maps are drawn."""
    page.goto(address)
    if act:
        act(page)
    page.wait_for_timeout(1500)
    page.screenshot(path=path, full_page=True)


def main(runs: Path, out: Path) -> None:
    """Take all pictures."""
    out.mkdir(parents=True, exist_ok=True)
    shelf = open_shelf(runs)
    run = shelf.summaries()[0][0]["id"]
    book, folder = shelf.book(run), shelf.folder(run)
    if book is None or folder is None:
        sys.exit(f"{run} cannot be read.")
    pages: dict[str, tuple[str, Callable[[Page], None] | None]] = {
        name: (address, None) for name, address in addresses(run, book).items()
    }
    pages |= opened(run, book, folder / "site")
    with served(runs) as base, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 900})
            for name, (address, act) in pages.items():
                whole = base + address if address.startswith("/") else address
                picture(page, out / f"{name}-{width}.png", whole, act)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
