"""The planners' pages: what a changed plan costs, and how many pages a second are served.

A run of Voorbeeldstad is made with a short search, and served by the command itself. The client
stands on the same cores as the server, and takes its part of them. Nothing is asserted about
time. Run it by ``make bench``.
"""

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from bars import Bars

from evenground.config import UncertaintySettings, read_settings
from evenground.miniature import VOORBEELDSTAD, write_miniature
from evenground.optimise import search
from evenground.outputs.manifest import (
    Origin,
    Timing,
    build_manifest,
    write_manifest,
    write_settings,
)
from evenground.pages.book import read_book
from evenground.pipeline import build_model, build_run, write_run
from evenground.web.bench import Desk
from evenground.web.whatif import read_options

RUN = "voorbeeldstad-20261101T020000-7"
ROUNDS = 60
CLIENTS, SECONDS = 2, 5.0
"""Processes that ask for pages, and how long."""


@dataclass(frozen=True)
class Town:
    """A run on disk, and the data it was made with."""

    runs: Path
    data: Path

    @property
    def run(self) -> Path:
        """Folder of the run."""
        return self.runs / RUN


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    case = write_miniature(tmp_path_factory.mktemp("town"), seed=20261, size=VOORBEELDSTAD)
    settings = read_settings(case)
    short = {"evaluations": 2000, "bound_time_s": 2.0}
    few = {
        "search": settings.search.model_copy(update=short),
        "uncertainty": UncertaintySettings(draws=16),
    }
    model = build_model(settings.model_copy(update=few), case.parent)
    result = build_run(model, search(model.problem))
    runs = tmp_path_factory.mktemp("runs")
    folder, began = runs / RUN, datetime(2026, 11, 1, 2, tzinfo=UTC)
    folder.mkdir()
    write_run(model, result, folder)
    write_settings(folder, model.settings)
    timing = Timing(began, began, {})
    write_manifest(folder, build_manifest(RUN, result, timing, Origin(), is_cut_short=False))
    return Town(runs, case.parent)


def told(seconds: list[float]) -> str:
    """Return the median and the slow end, in milliseconds."""
    middle, slow = np.percentile(1e3 * np.array(seconds), [50, 95])
    return f"{middle:.1f} ms, 95 % under {slow:.1f} ms"


def test_bench_changed_plan__by_delta_in_the_worker(town: Town, bars: Bars) -> None:
    book, options = read_book(town.run), read_options(town.run)
    name, proposal = next(iter(book.proposal.items()))
    desk = Desk(town.data)
    desk.start(town.run)
    while desk.state(town.run)[0] == "loading":
        time.sleep(0.1)
    rng, kinds = np.random.default_rng(3), [kind["key"] for kind in book["kinds"]]

    def ask(**more: object) -> float:
        start = time.perf_counter()
        answer = desk.ask(town.run, {"ask": "outcome", "proposal": name, "changes": {}} | more)
        assert "outcome" in answer, answer
        return time.perf_counter() - start

    def some(count: int) -> dict[str, int]:
        chosen = rng.choice(len(options), count, replace=False).tolist()
        return {str(k): int(rng.integers(0, int(options[k]["most"]) + 1)) for k in chosen}

    one = [ask(changes=some(1)) for _ in range(ROUNDS)]
    many = [ask(changes=some(50)) for _ in range(ROUNDS)]
    source = proposal["kinds"][0]["key"]
    target = next(key for key in kinds if key != source)
    move = {"euros": 500_000.0, "source": source, "target": target}
    moved = [ask(move=move) for _ in range(ROUNDS // 4)]
    whole = {desk.budgets(town.run)[-1]["name"]: 0.8 * book["budget"]}
    within = [ask(ask="budgets", limits=whole) for _ in range(ROUNDS // 4)]
    desk.close()

    for what, spent in (
        ("an amount at one place", one),
        ("amounts at 50 places", many),
        ("money from one intervention to another", moved),
        ("another budget and the nearest plan within it", within),
    ):
        slow = 1e3 * float(np.percentile(spent, 95))
        bars.add(f"What if, {what}: 95 % answered within", told(spent), "ms", slow, "<= 100")


@pytest.fixture(scope="module")
def port(town: Town) -> Iterator[int]:
    """Serve the run by the command, and give its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = int(free.getsockname()[1])
    command = [sys.executable, "-c", "from evenground.cli import main; main()", "serve"]
    options = ["--port", str(found), "--data", str(town.data)]
    process = subprocess.Popen([*command, str(town.runs), *options])  # noqa: S603 - our own command
    for _ in range(600):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", found)) == 0:
                break
        time.sleep(0.1)
    yield found
    process.terminate()
    process.wait()


def test_bench_direct__a_changed_amount_over_http(town: Town, port: int, bars: Bars) -> None:
    book = read_book(town.run)
    name = next(iter(book.proposal))
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    head = {
        "Origin": f"http://127.0.0.1:{port}",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    def post(address: str, **fields: str) -> bytes:
        link.request("POST", address, urlencode({"voorstel": name} | fields), head)
        return link.getresponse().read()

    post(f"/run/{RUN}/wat-als", actie="start")
    direct = f"/run/{RUN}/wat-als/direct"
    while "rows" not in json.loads(post(direct)):
        time.sleep(0.3)
    spent = []
    for k in range(ROUNDS):
        start = time.perf_counter()
        post(direct, **{f"n_{97 * k % 5000}": "100"})
        spent.append(time.perf_counter() - start)

    link.close()
    slow = 1e3 * float(np.percentile(spent, 95))
    bars.add("What if, typed to told: 95 % within", told(spent), "ms", slow, "<= 100")


def ask_often(port: int, addresses: list[str], seconds: float) -> list[float]:
    """Ask for pages one after another on one connection; return the seconds of each."""
    link = socket.create_connection(("127.0.0.1", port))
    asked = [
        f"GET {a} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        for a in addresses
    ]
    length = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
    spent, end, k = [], time.perf_counter() + seconds, 0
    while (start := time.perf_counter()) < end:
        link.sendall(asked[k % len(asked)])
        k, got = k + 1, b""
        while b"\r\n\r\n" not in got:
            got += link.recv(1 << 18)
        head, _, body = got.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        found = length.search(head)
        left = int(found[1]) - len(body) if found else 0
        while left > 0:
            left -= len(link.recv(1 << 18))
        spent.append(time.perf_counter() - start)
    link.close()
    return spent


def test_bench_load__pages_of_a_run(town: Town, port: int, bars: Bars) -> None:
    book = read_book(town.run)
    own = f"/run/{RUN}"
    pages = ("", "/buurten", "/vergelijk", "/verantwoording")
    addresses = [own + page for page in pages]
    addresses += [f"{own}/voorstel/{name}" for name in book.proposal]
    addresses += [f"{own}/buurt/{code}" for code in list(book.place)[:20]]
    ask_often(port, addresses, 2.0)
    with ProcessPoolExecutor(CLIENTS, mp_context=get_context("spawn")) as pool:
        asked = [pool.submit(ask_often, port, addresses, SECONDS) for _ in range(CLIENTS)]
        spent = [seconds for one in asked for seconds in one.result()]

    rate, slow = len(spent) / SECONDS, 1e3 * float(np.percentile(spent, 99))
    bars.add(f"Pages a second, {CLIENTS} clients", f"{rate:.0f}", "pages/s", rate, ">= 1000")
    bars.add("Pages of a run: 99 % within", told(spent), "ms", slow, "<= 50")
