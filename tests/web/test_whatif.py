"""What if: changes as text, and a real worker that computes a plan anew as the model does."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from evenground.pages.book import read_book
from evenground.pipeline import Model
from evenground.results import assess
from evenground.web.app import build_app
from evenground.web.bench import Desk
from evenground.web.shelf import Shelf
from evenground.web.whatif import HEAD, read_changes, read_options, write_changes
from evenground.web.worker import check_files

from .conftest import RUN

HOME = "http://127.0.0.1"
OWN = {"origin": HOME}
pytestmark = pytest.mark.jit


def test_changes__survive_being_written() -> None:
    assert read_changes("3:4,10:0") == {3: 4, 10: 0}
    assert read_changes(write_changes({10: 0, 3: 4})) == {3: 4, 10: 0}
    assert read_changes("x,3:-1,4:99999999,:,5") == {}


@pytest.fixture(scope="module")
def desk(run: Path, small_case: Path) -> Iterator[Desk]:
    """Start a worker and wait until it is ready."""
    found = Desk(small_case.parent)
    found.start(run)
    for _ in range(1800):
        if found.state(run)[0] != "loading":
            break
        time.sleep(0.1)
    assert found.state(run) == ("ready", "")
    yield found
    found.close()


def test_worker__computes_what_the_run_told(desk: Desk, run: Path) -> None:
    book = read_book(run)
    name = next(iter(book.proposal))
    question = {"ask": "outcome", "proposal": name, "changes": {}}

    same = desk.ask(run, question)["outcome"]

    proposal = book.proposal[name]
    assert same["values"] == pytest.approx(proposal["values"])
    assert same["after"]["burden"] == proposal["after"]["burden"]


def test_worker__adds_and_takes_away(desk: Desk, run: Path, small_model: Model) -> None:
    book = read_book(run)
    name, proposal = next(iter(book.proposal.items()))
    works = proposal["works"]
    options = read_options(run)
    site, kind = works["site"][0], book["kinds"][works["kind"][0]]["key"]
    option = next(
        k
        for k, row in enumerate(options)
        if int(row["site"]) == site and row["intervention"] == kind
    )

    gone = desk.ask(run, {"ask": "outcome", "proposal": name, "changes": {str(option): 0}})

    steps = round(works["amount"][0] / float(options[option]["step"]))
    spent = steps * float(options[option]["capital_eur"]) + float(options[option]["fixed_eur"])
    assert gone["changes"] == {str(option): 0}
    assert gone["outcome"]["capital"] == pytest.approx(proposal["scores"]["capital"] - spent)
    plan = np.zeros(small_model.options.most.size, np.int16)
    listed = desk.ask(run, {"ask": "works", "proposal": name, "changes": {str(option): 0}})["works"]
    assert len(listed) == len(works["site"]) - 1
    for row_kind, amount, _, x, y, *_ in listed:
        at = next(
            k
            for k, row in enumerate(options)
            if row["intervention"] == row_kind and (float(row["x_m"]), float(row["y_m"])) == (x, y)
        )
        plan[at] = round(amount / float(options[at]["step"]))
    scores = assess(small_model.problem, small_model.study, plan).scores
    assert gone["outcome"]["scores"] == pytest.approx(dict(scores))


def test_worker__moves_money_and_spends_no_more(desk: Desk, run: Path) -> None:
    book = read_book(run)
    name, proposal = next(iter(book.proposal.items()))
    source = proposal["kinds"][0]["key"]
    target = next(k["key"] for k in book["kinds"] if k["key"] != source)
    move = {"euros": 50_000.0, "source": source, "target": target}

    moved = desk.ask(run, {"ask": "outcome", "proposal": name, "changes": {}, "move": move})

    kinds = {read_options(run)[int(k)]["intervention"] for k in moved["changes"]}
    assert source in kinds <= {source, target}
    assert moved["outcome"]["capital"] <= proposal["scores"]["capital"] + 1e-6


def test_worker__refuses_in_words(desk: Desk, run: Path) -> None:
    name = next(iter(read_book(run).proposal))
    for question in (
        {"ask": "outcome", "proposal": "onzin", "changes": {}},
        {"ask": "outcome", "proposal": name, "changes": {"0": 30_000}},
        {"ask": "outcome", "proposal": name, "changes": {"99999999": 1}},
        {"ask": "outcome", "proposal": name, "changes": {"x": 1}},
        {"ask": "outcome"},
    ):
        assert set(desk.ask(run, question)) == {"fault"}
    assert "outcome" in desk.ask(run, {"ask": "outcome", "proposal": name, "changes": {}})


def test_page__computes_and_saves(run: Path, runs: Path, small_case: Path) -> None:
    book = read_book(run)
    name, proposal = next(iter(book.proposal.items()))
    app = build_app(Shelf(runs), data=small_case.parent)
    with TestClient(app, base_url=HOME, follow_redirects=True) as client:
        address = f"/run/{RUN}/wat-als"
        form = {"voorstel": name, "wijzig": ""}
        assert "Start het rekenmodel" in client.get(address).text
        client.post(address, data=form | {"actie": "start"}, headers=OWN)
        for _ in range(1800):
            text = client.get(address).text
            if "wordt geladen" not in text:
                break
            time.sleep(0.1)
        works = proposal["works"]
        kind = book["kinds"][works["kind"][0]]["key"]
        code = book["neighbourhoods"][works["place"][0]]["code"]
        where = {"buurt": code, "maatregel": kind}
        shown = client.get(address, params=form | where).text
        option = next(
            k
            for k, row in enumerate(read_options(run))
            if int(row["site"]) == works["site"][0] and row["intervention"] == kind
        )
        assert f'name="n_{option}"' in shown
        fields = dict(re.findall(r'name="(n_\d+)" value="([^"]*)"', shown))
        untouched = client.post(
            address, data=form | where | fields | {"actie": "reken"}, headers=OWN
        ).text
        done = client.post(
            address, data=form | where | {f"n_{option}": "0", "actie": "reken"}, headers=OWN
        )
        saved = client.post(
            address, data=form | {"wijzig": f"{option}:0", "actie": "bewaar"}, headers=OWN
        )

    assert "0 plekken zijn anders" in untouched
    assert f'value="{option}:0"' in done.text
    assert "1 plekken zijn anders" in done.text
    lines = saved.content.decode("utf-8-sig").splitlines()
    assert saved.headers["content-disposition"] == 'attachment; filename="plan.csv"'
    assert tuple(lines[0].split(";")) == HEAD
    assert len(lines) == len(works["site"])


def test_check_files__refuses_other_data(run: Path, small_case: Path, tmp_path: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    check_files(run, small_case.parent)

    with pytest.raises(Exception, match="Name its folder with --data"):
        check_files(run, tmp_path)
    manifest["inputs"][0]["sha256"] = "0" * 64
    other = tmp_path / "other"
    other.mkdir()
    (other / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(Exception, match="is not the file that this run was made with"):
        check_files(other, small_case.parent)


def test_worker__without_data_says_what_is_needed(run: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.start(run)
    for _ in range(600):
        if desk.state(run)[0] != "loading":
            break
        time.sleep(0.1)
    state, fault = desk.state(run)
    desk.close()

    assert state == "off"
    assert "--data" in fault
