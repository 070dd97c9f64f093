"""A base map from one named service: asked by browsers only where it is named, and no other."""

import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from struct import pack

import pytest
from hostile import HOSTILE
from starlette.testclient import TestClient

from evenground.errors import ConfigError
from evenground.pages.book import read_book
from evenground.web.app import build_app
from evenground.web.ground import BaseMap, read_base_map
from evenground.web.guard import POLICY
from evenground.web.shelf import Shelf

from .conftest import RUN
from .test_browser import Watched, browser, serving, watched

__all__ = ["browser", "watched"]
HOME = "http://127.0.0.1"
TILES = "https://tegels.example.nl/brt/EPSG:28992/{zz}/{x}/{y}.png"
CREDIT = "Gemeente & Kadaster <b>"


def png() -> bytes:
    """Return a red picture of one tile."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xc0\x20\x20" * 256) * 256
    head = pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def tiles() -> Iterator[tuple[str, list[str]]]:
    """Stand in for a tile service: its origin, and the paths that are asked."""
    asked: list[str] = []

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer any tile."""
            asked.append(self.path)
            assert self.headers.get("referer") is None
            self.send_response(200)
            self.send_header("content-type", "image/png")
            self.end_headers()
            self.wfile.write(png())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_policy__is_wider_by_the_named_origin_only(runs: Path) -> None:
    base_map = read_base_map(TILES, CREDIT)
    with TestClient(build_app(Shelf(runs), base_map=base_map), base_url=HOME) as client:
        page = client.get(f"/run/{RUN}")
        script = client.get("/static/ondergrond.js").text
        said = client.get("/toegankelijkheid").text

    policy = page.headers["content-security-policy"]
    assert policy.split("; ") == [
        part.replace("img-src 'self'", "img-src 'self' https://tegels.example.nl")
        for part in POLICY.split("; ")
    ]
    assert "ondergrond.js" in page.text
    assert "{zz}/{x}/{y}" in script
    assert "<" not in script
    assert "https://tegels.example.nl" in said
    assert "Gemeente &amp; Kadaster &lt;b&gt;" in said


def test_without_a_base_map__nothing_is_wider(runs: Path) -> None:
    with TestClient(build_app(Shelf(runs)), base_url=HOME) as client:
        assert client.get("/").headers["content-security-policy"] == POLICY
        assert client.get("/static/ondergrond.js").text == "window.EVENGROUND_BASE=null;\n"
        assert "niets aan andere websites en bewaren" in client.get("/toegankelijkheid").text


@pytest.mark.parametrize(
    ("address", "credit", "said"),
    [
        ("https://a.nl/{z}/{x}.png", "A", r"expected one\. Write \{z\}"),
        ("https://a.nl/{z}/{zz}/{x}/{y}.png", "A", r"expected one\. Write \{z\}"),
        ("http://a.nl/{z}/{x}/{y}.png", "A", "https address"),
        ("https://a.nl/{z}/{x}/{y}.png; script-src *", "A", "plain letters"),
        ("https://name:word@a.nl/{z}/{x}/{y}.png", "A", "without name and password"),
        ("https://{x}.a.nl/{z}/{x}/{y}.png", "A", r"expected one\. Write \{z\}"),
        ("https://{z}.a.nl/{x}/{y}.png", "A", "plain letters"),
        ("https:///{z}/{x}/{y}.png", "A", "https address"),
        ("https://a.nl:x/{z}/{x}/{y}.png", "A", "https address"),
        ("data:{z}{x}{y}", "A", "https address"),
        (TILES, None, "as its licence asks"),
        (TILES, " ", "as its licence asks"),
        (None, "A", r"Write \{z\}"),
        *((text, "A", r"Write \{z\}") for text in HOSTILE[:2]),
    ],
)
def test_read_base_map__refuses_what_is_no_service(
    address: str | None, credit: str | None, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        read_base_map(address, credit)


def test_read_base_map__is_off_unless_named() -> None:
    assert read_base_map(None, None) is None
    assert read_base_map(TILES, f" {CREDIT} ") == BaseMap(TILES, CREDIT)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_map__shows_tiles_below_its_layers_and_asks_nobody_else(
    watched: Watched, runs: Path, tiles: tuple[str, list[str]]
) -> None:
    origin, asked = tiles
    page, book = watched.page, read_book(runs / RUN)
    base_map = read_base_map(f"{origin}/rd/{{z}}/{{x}}/{{y}}.png", CREDIT)
    with serving(build_app(Shelf(runs), base_map=base_map)) as home:
        page.goto(f"{home}/run/{RUN}")
        page.wait_for_selector("html[data-ready][data-map]")
        page.wait_for_selector("#olkaart[data-extent]")
        page.locator("#olkaart").scroll_into_view_if_needed()
        page.wait_for_timeout(1000)
        credit = page.inner_text(".credit")
        page.mouse.click(*middle(page))
        page.wait_for_selector("#kaartkaart dl")
        with_tiles = len(asked)
        page.uncheck("#ondergrond")
        hidden = page.locator(".credit").is_hidden()
        page.goto(f"{home}/toegankelijkheid")

    assert watched.faults == []
    assert with_tiles > 0
    assert credit == f"Ondergrond: {CREDIT}"
    assert hidden
    # the tile at level 9 in which the middle of the town lies, by hand: 3440.64 / 2**9 * 256 m
    left, bottom, right, top = book["bounds"]
    levels = {int(path.split("/")[2]) for path in asked}
    for level in levels:
        side = 3440.64 / 2**level * 256
        x = int(((left + right) / 2 + 285401.92) // side)
        y = int((903401.92 - (bottom + top) / 2) // side)
        assert f"/rd/{level}/{x}/{y}.png" in asked
    away = {url for url in watched.requests if not url.startswith((home, "data:"))}
    assert away
    assert all(url.startswith(f"{origin}/rd/") for url in away)


def middle(page: object) -> tuple[float, float]:
    """Return the middle of the map on the screen."""
    box = page.locator("#olkaart").bounding_box()  # type: ignore[attr-defined]
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
