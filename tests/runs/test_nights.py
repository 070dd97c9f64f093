"""Nights in turn: what changed is said and explained, and a failed night leaves the last one."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from evenground.config import CaseSettings, RunSettings, parse_settings
from evenground.errors import FaultyInputError
from evenground.nightly.compare import tell_inputs, tell_move
from evenground.nightly.turn import take_turn
from evenground.outputs.changes import render, tell_changes
from evenground.pipeline import rescore
from evenground.results.changes import Changes, InputChange, Place
from evenground.runs import check_sums, list_runs
from evenground.sources import FileRecord
from evenground.verify import check_run

from .made import HERE

CASE = CaseSettings(id="dorp", title="<b>Dorp</b>")
SCORES = ("burden", "inequality", "ses_gradient", "stacking", "access", "cost", "capital")


def changed(settings: RunSettings, **groups: dict[str, object]) -> RunSettings:
    raw = settings.model_dump(exclude_none=True)
    merged = {name: {**raw[name], **part} for name, part in groups.items()}
    return parse_settings({**raw, **merged}, "case.toml")


class Nights:
    """A folder of nights, with data that may change between them."""

    def __init__(self, settings: RunSettings, data: Path, folder: Path) -> None:
        self.settings, self.data, self.folder = settings, data, folder
        self.lines: list[str] = []

    def turn(self, settings: RunSettings | None = None) -> dict[str, Any]:
        """Take one turn, and return how it went."""
        take_turn(settings or self.settings, self.data, self.folder, None, self.lines.append)
        return self.state()

    def state(self) -> dict[str, Any]:
        """Return how the last turn went."""
        told: dict[str, Any] = json.loads((self.folder / "nightly.json").read_text("utf-8"))
        return told

    def changes(self) -> dict[str, Any]:
        """Return what the last turn says has changed."""
        told: dict[str, Any] = json.loads(
            (self.folder / self.state()["whatchanged"]).read_text("utf-8")
        )
        return told


@pytest.fixture(scope="module")
def nights(
    short_settings: RunSettings, small_case: Path, tmp_path_factory: pytest.TempPathFactory
) -> Nights:
    """Return a folder after a first night."""
    root = tmp_path_factory.mktemp("nights")
    data = root / "data"
    shutil.copytree(small_case.parent, data, ignore=shutil.ignore_patterns("verify*"))
    made = Nights(short_settings, data, root / "runs")
    made.first = made.turn()  # type: ignore[attr-defined]
    made.first_changes = made.changes()  # type: ignore[attr-defined]
    return made


def moved(changes: dict[str, Any], plan: str, score: str) -> dict[str, Any]:
    (found,) = [part for part in changes["moved"] if (part["plan"], part["score"]) == (plan, score)]
    return found


def add_up(changes: dict[str, Any]) -> None:
    """Check that the causes of every move add up to it."""
    whole = [part for part in changes["moved"] if None not in (part["then"], part["now"])]
    assert len(whole) >= 2 * len(SCORES)
    for part in whole:
        steps = [
            part[name] or 0.0 for name in ("data", "settings", "program", "together", "search")
        ]
        assert part["then"] + sum(steps) == pytest.approx(part["now"], rel=1e-9, abs=1e-12)


@pytest.mark.jit
def test_first_night__has_nothing_to_compare_with(nights: Nights) -> None:
    first, changes = nights.first, nights.first_changes  # type: ignore[attr-defined]

    assert (first["exit_code"], first["is_new"]) == (0, True)
    assert (nights.folder / first["run"] / "report.html").is_file()
    assert changes["last"] == ""
    assert {part["change"] for part in changes["inputs"]} == {"new"}
    page = (nights.folder / first["run"] / "whatchanged.html").read_text("utf-8")
    assert "Dit is de eerste nacht van deze casus" in page


@pytest.mark.jit
def test_same_night_again__moves_no_number_by_data_or_settings(nights: Nights) -> None:
    second = nights.turn()
    changes = nights.changes()

    assert {part["change"] for part in changes["inputs"]} == {"same"}
    assert (changes["settings"], changes["program"]) == ([], [])
    for part in changes["moved"]:
        assert part["data"] in (0.0, None)
        assert part["settings"] in (0.0, None)
    add_up(changes)
    manifest = json.loads((nights.folder / second["run"] / "manifest.json").read_text("utf-8"))
    assert manifest["warm_start"]["run"] == changes["last"]
    assert manifest["warm_start"]["plans"] >= 4
    # started from last night's plans, the healthiest is never less healthy
    last = json.loads((nights.folder / changes["last"] / "manifest.json").read_text("utf-8"))
    best = [min(p["scores"]["burden"] for p in told["proposals"]) for told in (manifest, last)]
    assert best[0] <= best[1]
    assert check_sums(nights.folder / second["run"]).are_right
    assert check_run(nights.folder / second["run"]).breaches == ()


@pytest.mark.jit
def test_changed_input__is_named_and_moves_today_by_data_alone(nights: Nights) -> None:
    with rasterio.open(nights.data / "no2.tif", "r+") as target:
        target.write(np.asarray(target.read(1) + 1.0), 1)

    nights.turn()
    changes = nights.changes()

    (other,) = [part for part in changes["inputs"] if part["change"] != "same"]
    assert other["path"] == "no2.tif"
    assert other["words"].startswith("inhoud gewijzigd (")
    today = moved(changes, "today", "burden")
    assert today["data"] > 1e-3
    assert (today["settings"], today["search"]) == (0.0, 0.0)
    assert today["now"] == pytest.approx(today["then"] + today["data"], rel=1e-12)
    add_up(changes)
    page = (nights.folder / nights.state()["run"] / "whatchanged.html").read_text("utf-8")
    assert "no2.tif" in page
    assert any(line.startswith("- Invoer veranderd: no2.tif.") for line in nights.lines)
    # the earlier run rests on other files, and says so
    told = rescore(nights.folder / changes["last"], nights.data)
    assert [part.name for part in told.inputs] == ["no2.tif"]
    assert not told.is_same
    assert rescore(nights.folder / nights.state()["run"], nights.data).is_same


@pytest.mark.jit
def test_changed_setting__moves_scores_by_settings_alone(nights: Nights) -> None:
    other = changed(nights.settings, objectives={"stacking_vulnerability": 0.9})

    nights.turn(other)
    changes = nights.changes()

    assert [part["name"] for part in changes["settings"]] == ["objectives.stacking_vulnerability"]
    today = moved(changes, "today", "stacking")
    assert today["data"] == 0.0
    assert abs(today["settings"]) > 1e-6
    assert moved(changes, "today", "burden")["settings"] == 0.0
    add_up(changes)


@pytest.mark.jit
def test_failed_night__keeps_the_last_one_and_says_why(nights: Nights, tmp_path: Path) -> None:
    before, runs = nights.state(), list_runs(nights.folder)
    note = tmp_path / "told.json"
    program = f"import shutil, sys; shutil.copy(sys.argv[1], {str(note)!r})"
    command = changed(nights.settings, nightly={"command": [sys.executable, "-c", program]})
    hidden = nights.data / "no2.tif"
    hidden.rename(nights.data / "away.tif")

    with pytest.raises(FaultyInputError, match=r"no2.tif: no such file"):
        nights.turn(command)
    (nights.data / "away.tif").rename(hidden)

    state = nights.state()
    assert (state["exit_code"], state["is_new"]) == (2, False)
    assert state["run"] == before["run"]
    assert "no2.tif: no such file" in state["message"]
    assert list_runs(nights.folder) == runs
    assert json.loads(note.read_text("utf-8")) == state


def test_move__is_told_apart_by_hand() -> None:
    # 10 last night; 12 by tonight's data, 11 by tonight's settings too; 8 is what was found
    told = tell_move(("gezondst", "burden"), 10.0, 12.0, 11.0, 8.0, is_program=False)
    program = tell_move(("gezondst", "burden"), 10.0, 12.0, 12.0, 8.0, is_program=True)
    unknown = tell_move(("gezondst", "burden"), 10.0, None, 11.0, 8.0, is_program=False)
    fresh = tell_move(("gezondst", "burden"), None, None, None, 8.0, is_program=False)

    assert (told.data, told.settings, told.program, told.search) == (2.0, -1.0, 0.0, -3.0)
    assert (program.data, program.program, program.search) == (0.0, 2.0, -4.0)
    assert (unknown.data, unknown.settings, unknown.together) == (None, None, 1.0)
    assert (fresh.data, fresh.together, fresh.search, fresh.now) == (None, None, None, 8.0)


def test_inputs__are_told_apart_by_content() -> None:
    now = FileRecord("a.tif", "1" * 64, 5, 2024, "RIVM", "CC0", "no2")
    files = [now, replace(now, path="b.tif"), replace(now, path="c.tif", year=2025)]
    old = {"sha256": "1" * 64, "bytes": 5, "year": 2024, "source": "RIVM", "licence": "CC0"}
    then = [
        {**old, "path": "a.tif"},
        {**old, "path": "c.tif", "sha256": "2" * 64, "bytes": 7},
        {**old, "path": "d.tif"},
    ]

    found = {part.path: (part.change, part.words) for part in tell_inputs(then, files)}

    assert found == {
        "a.tif": ("same", "ongewijzigd"),
        "b.tif": ("new", "nieuw"),
        "c.tif": ("changed", "inhoud gewijzigd (7 bytes, nu 5); jaar was 2024, is nu 2025"),
        "d.tif": ("gone", "niet meer gebruikt"),
    }


def changes_of(**parts: object) -> Changes:
    nothing = Changes("nu", "toen", (), (), (), (), (), (), 3, 0, ())
    return replace(nothing, **parts)  # type: ignore[arg-type]


def test_page__tells_places_and_escapes_names() -> None:
    place = Place("boom", "<i>Buurt</i>", 1.0, 2.0, ("in_balans",))
    changes = changes_of(
        entered=(place,) * 20,
        moved=(
            tell_move(("today", "burden"), 10.0, 12.0, 12.0, 12.0, is_program=False),
            tell_move(("gezondst", "burden"), 8.0, 8.0, 8.0, 7.5, is_program=False),
        ),
    )

    page, lines = render(changes, CASE), tell_changes(changes)

    assert "<i>Buurt</i>" not in page
    assert "<b>Dorp</b>" not in page
    assert "Nieuw in de voorstellen (15 van 20)" in page
    assert "://" not in page
    assert lines[1] == "Plekken in de voorstellen: 20 nieuw, 0 verdwenen, 3 gebleven."
    assert lines[2] == "Ziektelast zonder plan: +2,0 DALY per jaar, vooral door de data."
    inputs = tuple(InputChange(name, "changed", "anders") for name in ("a.tif", "b.tif"))
    same = InputChange("c.tif", "same", "ongewijzigd")
    by_one = tell_changes(replace(changes, inputs=(inputs[0], same)))
    by_two = tell_changes(replace(changes, inputs=(*inputs, same)))
    assert by_one[2].endswith("vooral door de data (a.tif).")
    assert by_two[2].endswith("vooral door de data.")
    assert '<td class="n">0</td>' in page
    assert (
        lines[3]
        == "Ziektelast bij gezondst: \N{MINUS SIGN}0,5 DALY per jaar, vooral door het zoeken."
    )


@pytest.mark.slow
def test_command__keeps_its_time_and_ends_with_0(small_case: Path, tmp_path: Path) -> None:
    code = "from evenground.cli import main; main()"
    command = [
        sys.executable,
        "-c",
        code,
        "nightly",
        str(small_case),
        "--runs",
        str(tmp_path / "r"),
    ]

    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--time-limit", "20s"], capture_output=True, text=True, check=False, env=HERE
    )

    assert done.returncode == 0, done.stderr
    (record,) = list_runs(tmp_path / "r")
    assert record.state in {"done", "cut short"}
    manifest = json.loads((tmp_path / "r" / record.name / "manifest.json").read_text("utf-8"))
    assert manifest["seconds"]["search"] < 18.0
