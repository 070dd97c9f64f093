"""Plans that somebody drew: rows by hand onto options, faults by row, and the command."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from evenground.cli import app
from evenground.constraints import middles
from evenground.errors import DataError
from evenground.pipeline import Drawn, Model, judge_plan, read_plan

pytestmark = pytest.mark.jit


def row_of(model: Model, option: int, steps: float) -> dict[str, object]:
    """Return a row that builds some steps of an option."""
    options = model.options
    x, y = middles(options, model.study)
    return {
        "maatregel": str(options.interventions.index[options.intervention[option]]),
        "hoeveelheid": steps * float(options.step[option]),
        "x_m": float(x[option]),
        "y_m": float(y[option]),
    }


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_read_plan__finds_options_by_place_and_name(small_model: Model, tmp_path: Path) -> None:
    options = small_model.options
    last = options.most.size - 1
    rows = [row_of(small_model, 0, 1), row_of(small_model, last, 1)]
    rows[0]["x_m"] += 3.0  # type: ignore[operator] - another point of the same square
    rows[1]["maatregel"] = str(options.interventions["name_nl"].iloc[options.intervention[last]])
    rows[1]["hoeveelheid"] = 1.2 * float(options.step[last])

    drawn = read_plan(write(tmp_path / "plan.json", rows), options, small_model.study)

    assert np.flatnonzero(drawn.plan).tolist() == [0, last]
    assert (drawn.plan[0], drawn.plan[last]) == (1, 1)
    assert (drawn.n_rows, drawn.n_rounded) == (2, 1)


def test_read_plan__takes_a_list_with_commas_and_points(small_model: Model, tmp_path: Path) -> None:
    row = row_of(small_model, 0, 1)
    for sign in ";,":
        path = tmp_path / f"plan{ord(sign)}.csv"
        cells = [str(value) for value in row.values()]
        if sign == ";":
            cells = [cell.replace(".", ",") for cell in cells]
        path.write_text(sign.join(row) + "\n" + sign.join(cells) + "\n", encoding="utf-8")
        assert read_plan(path, small_model.options, small_model.study).plan[0] == 1


def test_read_plan__names_every_row_that_is_wrong(small_model: Model, tmp_path: Path) -> None:
    good = row_of(small_model, 0, 1)
    rows = [
        good,
        good | {"maatregel": "luchtkasteel"},
        good | {"x_m": 0.0, "y_m": 0.0},
        good | {"hoeveelheid": 1e9},
        good | {"hoeveelheid": -1},
        good | {"hoeveelheid": "NaN"},
        good | {"optie": "99999999"},
    ]

    with pytest.raises(DataError) as found:
        read_plan(write(tmp_path / "plan.json", rows), small_model.options, small_model.study)

    text = str(found.value).splitlines()
    assert [line.split(":")[0] for line in text] == [f"plan.json, row {k}" for k in range(2, 8)]
    assert "expected one of" in text[0]
    assert "cannot be built there" in text[1]
    assert "there is room for" in text[2]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"werken": 1}', "a;b\n1;2\n", "\x00"])
def test_read_plan__refuses_what_is_no_list(small_model: Model, tmp_path: Path, text: str) -> None:
    for name in ("plan.json", "plan.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match="hoeveelheid"):
            read_plan(tmp_path / name, small_model.options, small_model.study)


def test_judge__tells_scores_losers_and_rules_in_dutch(small_model: Model) -> None:
    problem = small_model.problem
    all_of_it = problem.options.most.copy()

    judged = judge_plan(small_model, "run", Drawn(all_of_it, 3, 1))
    nothing = judge_plan(small_model, "run", Drawn(problem.empty, 0, 0))

    lines = "\n".join(judged.lines())
    assert "het hele budget: €" in lines
    assert "Ziektelast: nu " in lines
    assert "1 hoeveelheden zijn op hele stappen afgerond" in lines
    assert nothing.broken == ()
    assert "Regels: aan alle voldaan." in nothing.lines()
    assert all(score["change_percent"] in {None, 0.0} for score in nothing.told["scores"])


def test_command__refuses_a_folder_that_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("x")
    found = CliRunner().invoke(app, ["assess", str(tmp_path), str(tmp_path / "plan.csv")])
    assert found.exit_code != 0
