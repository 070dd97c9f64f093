#!/usr/bin/env python
"""Pictures of every page of a run at two widths, to look at; see `make screenshots`.

Takes a folder with runs and writes PNG files into a folder that git ignores.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, sync_playwright

from evenground.web.app import build_app
from evenground.web.serve import open_shelf

WIDTHS = (390, 1280)
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")


@contextmanager
def served(runs: Path) -> Iterator[str]:
    """Serve runs on a free port, and give the address."""
    config = uvicorn.Config(build_app(open_shelf(runs)), port=0, log_level="warning")
    server = uvicorn.Server(config)
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


def addresses(runs: Path) -> dict[str, str]:
    """Return the address of every page of the newest run, by a short name."""
    shelf = open_shelf(runs)
    run = shelf.summaries()[0][0]["id"]
    book = shelf.book(run)
    if book is None:
        sys.exit(f"{run} cannot be read.")
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
        "wat-als": f"{own}/wat-als",
        "toegankelijkheid": "/toegankelijkheid",
        "afwegingen-en": f"{own}?lang=en",
    }


def picture(page: Page, address: str, path: Path) -> None:
    """Take a picture of a whole page once its charts and maps are drawn."""
    page.goto(address)
    page.wait_for_timeout(1500)
    page.screenshot(path=path, full_page=True)


def main(runs: Path, out: Path) -> None:
    """Take all pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with served(runs) as base, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 900})
            for name, address in addresses(runs).items():
                picture(page, base + address, out / f"{name}-{width}.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
