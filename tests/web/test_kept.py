"""Kept answers: the same bytes as made ones, both forms, tags, and never what may change."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from evenground.pages.form import NAME
from evenground.web.app import build_app
from evenground.web.kept import Kept
from evenground.web.shelf import Shelf

from .conftest import RUN
from .test_app import GIVEN, HOME, OWN

pytestmark = pytest.mark.jit


@pytest.fixture(scope="module")
def client(runs: Path) -> Iterator[TestClient]:
    with TestClient(build_app(Shelf(runs)), base_url=HOME, follow_redirects=False) as found:
        yield found


def test_kept__is_the_same_packed_or_not(client: TestClient) -> None:
    address = f"/run/{RUN}?max_burden=-1"
    first = client.get(address, headers={"accept-encoding": "identity"})
    again = client.get(address, headers={"accept-encoding": "gzip"})
    none = client.get(address, headers={"accept-encoding": "gzip;q=0"})

    assert "content-encoding" not in first.headers
    assert "content-encoding" not in none.headers
    assert again.headers["content-encoding"] == "gzip"
    assert int(again.headers["content-length"]) < 0.4 * int(first.headers["content-length"])
    assert first.text == again.text == none.text
    assert first.headers["content-security-policy"] == again.headers["content-security-policy"]


def test_tag__saves_sending_what_is_there(client: TestClient) -> None:
    address = f"/run/{RUN}/buurten"
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first.headers["etag"]})
    other = client.get(address, headers={"if-none-match": '"other"'})

    assert again.status_code == 304
    assert again.content == b""
    assert other.status_code == 200


def test_run_that_is_written_anew__is_rendered_anew(client: TestClient, run: Path) -> None:
    address, path = f"/run/{RUN}/verantwoording", run / NAME
    before, text = client.get(address).text, path.read_text("utf-8")
    stamp = path.stat().st_mtime_ns
    path.write_text(text.replace("Voorbeeldstad", "Anderestad"), encoding="utf-8")
    os.utime(path, ns=(stamp + 10**9, stamp + 10**9))

    after = client.get(address).text

    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(stamp, stamp))
    assert "Anderestad" in after
    assert client.get(address).text == before


def test_choice__shows_at_once(client: TestClient, run: Path, book: object) -> None:
    address = f"/run/{RUN}/kies"
    client.get(address)
    name = next(iter(book.proposal))  # type: ignore[attr-defined]
    client.post(address, data=GIVEN | {"voorstel": name}, headers=OWN)

    assert GIVEN["naam"] in client.get(address).text
    (run / "chosen.jsonl").unlink()


def test_wrong_pages__are_not_kept(client: TestClient) -> None:
    for _ in range(2):
        answer = client.get(f"/run/{RUN}/buurt/onzin")
        assert answer.status_code == 404
        assert "etag" not in answer.headers


def test_room__holds_no_more_than_it_may(run: Path) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        head = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": os.urandom(1000)})

    kept, got = Kept(app, run.parent, most_bytes=7000), []

    async def ask(k: int) -> None:
        async def send(message: dict[str, object]) -> None:
            if "body" in message:
                got.append(message["body"])

        scope = {"type": "http", "method": "GET", "path": f"/run/{RUN}/buurt/{k}"}
        await kept(scope | {"query_string": b"", "headers": []}, None, send)  # type: ignore[arg-type]

    for k in (0, 1, 2, 0, 3, 4, 0, 1):
        asyncio.run(ask(k))

    assert got[0] == got[3] == got[6]  # asked often, so kept
    assert got[1] != got[7]  # dropped for others
