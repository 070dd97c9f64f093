"""What if: changes as text, and a real worker that computes a plan anew as the model does."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from evenground.errors import DataError
from evenground.optimise import next_projects
from evenground.pages.book import read_book
from evenground.pipeline import Model, assess_file, check_files
from evenground.results import assess
from evenground.web.app import build_app
from evenground.web.bench import Desk
from evenground.web.moving import Room
from evenground.web.shelf import Shelf
from evenground.web.whatif import HEAD, read_changes, read_options, write_changes
from evenground.web.worker import Bench, load

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

    assert "anders is dan in het voorstel" in untouched
    assert "<b>0</b>" in untouched
    assert f'value="{option}:0"' in done.text
    assert "<b>1</b>" in done.text
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


@pytest.fixture(scope="module")
def bench(run: Path, small_model: Model) -> Bench:
    return load(run, small_model)


def test_bench__scores_by_what_differs_to_the_same_bits(bench: Bench) -> None:
    problem, rng = bench.model.problem, np.random.default_rng(4)
    for name in list(bench.plans)[:2] * 2:
        plan = bench.plans[name].copy()
        chosen = rng.choice(plan.size, 7, replace=False)
        plan[chosen] = np.where(plan[chosen] > 0, 0, problem.options.most[chosen])

        found = bench.evaluate(name, plan)

        whole = problem.evaluator.evaluate(plan[None, :])
        np.testing.assert_array_equal(found.burden, whole.burden)
        np.testing.assert_array_equal(found.stacking, whole.stacking)
        np.testing.assert_array_equal(found.mean_phi, whole.mean_phi)


def test_room__says_the_same_as_all_next_projects(bench: Bench) -> None:
    rules = bench.model.problem.rules
    room = Room(next(iter(bench.plans.values())).copy(), rules)
    for _ in range(5):
        steps, euros = next_projects(room.plan, rules)
        each = np.array([room.next_project(option) for option in range(room.plan.size)])
        np.testing.assert_array_equal(each[:, 0], steps)
        np.testing.assert_allclose(each[:, 1], euros)
        first = int(np.flatnonzero(steps)[0])
        room.build(first, int(steps[first]))


def test_within__tells_what_fits_and_the_nearest_plan(bench: Bench) -> None:
    name, plan = next(iter(bench.plans.items()))
    question = {"ask": "budgets", "proposal": name, "changes": {}}
    whole = bench.budgets()[-1]["name"]
    spent = {
        line["name"]: line["spent"]
        for line in bench.answer(question | {"limits": {}})["budgets"]["lines"]
    }

    same = bench.answer(question | {"limits": {whole: spent[whole]}})["budgets"]
    less = bench.answer(question | {"limits": {whole: 0.6 * spent[whole]}})["budgets"]
    none = bench.answer(question | {"limits": {whole: -0.0}})["budgets"]

    assert same["nearest"]["away"] == pytest.approx(0.0, abs=1e-6)
    assert same["nearest"]["changes"] == {}
    assert [line["fits"] for line in same["lines"]] == [True] * len(same["lines"])
    assert less["lines"][-1]["over"] == pytest.approx(0.4 * spent[whole])
    assert less["lines"][-1]["nearest"] <= 0.6 * spent[whole]
    assert 0 < less["n_within"] < less["n_front"]
    away = []
    rules = bench.model.problem.rules
    here = plan * rules.capital_eur + rules.fixed_eur * (plan > 0)
    for k in range(len(bench.front)):
        other = bench.front.plan(k, plan.size)
        there = other * rules.capital_eur + rules.fixed_eur * (other > 0)
        if there.sum() <= 0.6 * spent[whole]:
            away.append(np.abs(there - here).sum())
    assert len(away) == less["n_within"]
    assert less["nearest"]["away"] == pytest.approx(min(away))
    assert none["n_within"] in {0, 1}


def test_within__refuses_what_is_no_budget(bench: Bench) -> None:
    name = next(iter(bench.plans))
    for limits in ({"onzin": 1.0}, {"alles samen": -1.0}, {"alles samen": "veel"}):
        with pytest.raises(DataError, match="potje"):
            bench.answer({"ask": "budgets", "proposal": name, "changes": {}, "limits": limits})


def test_saved_plan__is_assessed_to_the_same_scores(
    run: Path, small_case: Path, bench: Bench, tmp_path: Path
) -> None:
    name = next(iter(bench.plans))
    option = int(np.flatnonzero(bench.plans[name])[0])
    changed = bench.changed(name, {str(option): 0})
    rows = [HEAD, *bench.works(changed)]
    text = "\n".join(";".join(str(cell).replace(".", ",") for cell in row) for row in rows)
    saved, listed = tmp_path / "plan.csv", tmp_path / "plan.json"
    saved.write_text(text, encoding="utf-8-sig")
    works = [dict(zip(HEAD, row, strict=True)) for row in rows[1:]]
    listed.write_text(json.dumps({"werken": works}), encoding="utf-8")

    outcome = bench.outcome(name, changed)

    for path in (saved, listed):
        judged = assess_file(run, path, small_case.parent)
        np.testing.assert_array_equal(judged.plan, changed)
        assert judged.scores == pytest.approx(outcome["scores"])
        assert judged.told["better"] == outcome["better"]
        assert list(judged.broken) == outcome["broken"]


def test_direct__follows_what_is_typed(runs: Path, run: Path, small_case: Path) -> None:
    book = read_book(run)
    name = next(iter(book.proposal))
    with TestClient(build_app(Shelf(runs), data=small_case.parent), base_url=HOME) as client:
        address = f"/run/{RUN}/wat-als/direct"
        assert "fault" in client.post(address, data={"voorstel": name}, headers=OWN).json()
        assert client.post(address, data={"voorstel": name}).status_code == 403
        client.post(f"/run/{RUN}/wat-als", data={"voorstel": name, "actie": "start"}, headers=OWN)
        for _ in range(1800):
            if "wordt geladen" not in client.get(f"/run/{RUN}/wat-als").text:
                break
            time.sleep(0.1)
        same = client.post(address, data={"voorstel": name}, headers=OWN).json()
        other = client.post(address, data={"voorstel": name, "n_0": "1e9"}, headers=OWN).json()
        less = client.post(address, data={"voorstel": name, "n_0": "0"}, headers=OWN).json()
        budget = client.post(
            f"/run/{RUN}/wat-als",
            data={"voorstel": name, "actie": "budget", "grens_0": "0"},
            headers=OWN,
        ).text

    assert same["changed"] == 0
    assert all(texts[1] in {"0", "0,000", "0,0000"} for texts in same["rows"].values())
    assert set(same["rows"]) == {s["key"] for s in book["scores"]} | {"better", "worse"}
    assert other["changed"] == 0  # no number is left as it was
    assert less["changed"] in {0, 1}
    assert "Wat past binnen dit budget" in budget
