"""The verifier on good runs, on runs that cannot be read, and as a command."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evenground as eg
from evenground.errors import FaultyInputError
from evenground.verify import check_run, verify_run
from evenground.verify.money import unpaid

from .conftest import RUNS
from .edits import (
    constrain,
    edit_dutch,
    edit_map,
    load,
    only_plan,
    place_of,
    read_options,
    spent,
    write,
)

HERE = {key: value for key, value in os.environ.items() if key != "EVENGROUND_DATA"}


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    code = "from evenground.cli import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, env=HERE
    )


@pytest.fixture
def spoilt(runs: dict[str, Path], tmp_path: Path) -> Path:
    """Copy a good run, to be spoilt."""
    run = tmp_path / "run"
    shutil.copytree(runs["rich"], run)
    return run


@pytest.mark.jit
@pytest.mark.parametrize("name", RUNS)
def test_verify__passes_every_plan_of_a_good_run(runs: dict[str, Path], name: str) -> None:
    verdict = check_run(runs[name])

    assert verdict.breaches == ()
    assert verdict.plans > 50
    assert verdict.proposals >= 4


@pytest.mark.jit
def test_verify__judges_a_plain_front_by_all_that_the_rich_case_asks(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    # what a search did not know of, its plans break
    run = tmp_path / "run"
    shutil.copytree(runs["plain"], run)
    shutil.copy(runs["rich"] / "settings.toml", run)
    shutil.copytree(runs["rich"] / "constraints", run / "constraints", dirs_exist_ok=True)

    found = {breach.constraint for breach in verify_run(run)}

    assert found >= {
        "least",
        "closed",
        "lock",
        "spacing",
        "budget",
        "line",
        "spend",
        "priority",
        "capital",
        "cost",
    }


@pytest.mark.jit
def test_run__writes_what_a_verifier_needs_byte_by_byte_the_same(
    runs: dict[str, Path],
) -> None:
    options = read_options(runs["plain"])

    assert options["most"].min() > 0
    for name in ("options.csv.gz", "ground.csv.gz"):
        raw = (runs["plain"] / name).read_bytes()
        # no time of the day in the head of a gzip file
        assert raw[4:8] == bytes(4)
        other = (runs["pooled"] / name).read_bytes()
        assert raw == other


@pytest.mark.jit
def test_pooling__lets_lines_pay_for_each_other(spoilt: Path) -> None:
    table = read_options(spoilt)
    tree = int(table[(table["intervention"] == "street_tree") & (table["most"] >= 2)].index[0])
    constrain(spoilt, lock=None, exclude=None, priority=None, exclude_codes=None)
    only_plan(spoilt, [(tree, 2)])
    euros = spent(spoilt, [(tree, 2)])[0]
    lines = [
        {"name": "groen", "eur": 0.5 * euros, "pays_for": ["green"]},
        {"name": "straten", "eur": 0.6 * euros, "pays_for": ["mobility"]},
    ]

    constrain(spoilt, budgets=lines, pooling=True)
    together = verify_run(spoilt)
    constrain(spoilt, pooling=False)
    apart = verify_run(spoilt)

    assert together == ()
    assert [(b.constraint, b.place) for b in apart] == [("line", "groen")]
    assert apart[0].found == pytest.approx(euros)
    assert apart[0].bound == pytest.approx(0.5 * euros)


SETS = [frozenset(s) for k in range(4) for s in itertools.combinations(range(3), k)]


@settings(max_examples=300)
@given(
    asked=st.dictionaries(st.sampled_from(SETS), st.integers(0, 40), min_size=1),
    eur=st.lists(st.integers(0, 40), min_size=3, max_size=3),
)
def test_unpaid__is_none_exactly_where_every_set_of_lines_can_pay(
    asked: dict[frozenset[int], int], eur: list[int]
) -> None:
    # the largest flow equals the smallest cut: all sets of lines, one by one
    short = [
        chosen
        for chosen in SETS
        if sum(need for one, need in asked.items() if one <= chosen) > sum(eur[k] for k in chosen)
    ]

    cut = unpaid({one: float(need) for one, need in asked.items()}, [float(e) for e in eur])

    assert (cut is None) == (not short)
    assert cut is None or cut in short


FILES = (
    "settings.toml",
    "front.nc",
    "options.csv.gz",
    "ground.csv.gz",
    "proposals.csv",
    "constraints/neighbourhoods.csv",
    "constraints/locked.csv",
    "constraints/closed.gpkg",
    "distribution/worse_off.csv",
    "proposals/gezondst/maatregelen.csv",
    "proposals/gezondst/gezondst.gpkg",
    "proposals/gezondst/buurten.csv",
)


@pytest.mark.jit
@pytest.mark.parametrize("file", FILES)
def test_verify__names_a_file_that_is_missing(spoilt: Path, file: str) -> None:
    (spoilt / file).unlink()

    with pytest.raises(FaultyInputError, match="no such file") as error:
        verify_run(spoilt)

    assert file in str(error.value)


@pytest.mark.jit
@pytest.mark.parametrize("file", FILES)
def test_verify__names_a_file_that_is_cut_off(spoilt: Path, file: str) -> None:
    raw = (spoilt / file).read_bytes()
    text = file.endswith((".csv", ".toml"))
    (spoilt / file).write_bytes(raw[: 9 if text else len(raw) // 3])

    with pytest.raises(FaultyInputError) as error:
        verify_run(spoilt)

    assert file in str(error.value)


@pytest.mark.jit
def test_verify__names_every_file_at_once(spoilt: Path) -> None:
    for file in ("front.nc", "ground.csv.gz"):
        (spoilt / file).unlink()

    with pytest.raises(FaultyInputError, match="or run the case again") as error:
        verify_run(spoilt)

    assert [fault.place for fault in error.value.faults] == ["front.nc", "ground.csv.gz"]


@pytest.mark.jit
def test_verify__refuses_numbers_that_are_none(spoilt: Path) -> None:
    table = pd.read_csv(spoilt / "options.csv.gz", dtype=str, keep_default_na=False)
    table.loc[3, "most"] = "veel"
    table.to_csv(spoilt / "options.csv.gz", index=False)

    with pytest.raises(FaultyInputError, match="column most holds veel, no number"):
        verify_run(spoilt)


@pytest.mark.jit
def test_verify__refuses_half_a_plan(spoilt: Path) -> None:
    picked = pd.read_csv(spoilt / "proposals.csv").astype({"candidate": float})
    picked.loc[0, "candidate"] += 0.5
    picked.to_csv(spoilt / "proposals.csv", index=False)

    with pytest.raises(FaultyInputError, match=r"proposals\.csv: candidate holds .*, no whole"):
        verify_run(spoilt)


@pytest.mark.jit
def test_verify__refuses_tables_without_their_columns(spoilt: Path) -> None:
    works = place_of(spoilt, "maatregelen.csv")
    edit_dutch(works, lambda table: table.drop(columns="hoeveelheid"))
    edit_map(spoilt, lambda frame: frame.drop(columns="maatregel"))
    edit_dutch(place_of(spoilt, "buurten.csv"), lambda table: table.drop(columns="inkomen"))
    front, _ = load(spoilt)
    write(spoilt, front.drop_vars("capital"))

    with pytest.raises(FaultyInputError) as error:
        verify_run(spoilt)

    told = str(error.value)
    assert "has no column hoeveelheid" in told
    assert "layer maatregelen has no column maatregel" in told
    assert "has no column inkomen" in told
    assert "front.nc: has no capital" in told


@pytest.mark.jit
def test_verify__refuses_works_without_a_site(spoilt: Path) -> None:
    def strip(table: pd.DataFrame) -> None:
        table.loc[0, "id"] = "ergens"

    edit_dutch(place_of(spoilt, "maatregelen.csv"), strip)

    with pytest.raises(FaultyInputError, match="id holds ergens, expected a site"):
        verify_run(spoilt)


@pytest.mark.jit
def test_verify__refuses_priority_of_a_neighbourhood_that_is_not_there(spoilt: Path) -> None:
    constrain(spoilt, priority={"at_least": 0.1, "codes": ["BU00000000"]})

    with pytest.raises(FaultyInputError, match="has no BU00000000, which the settings name"):
        verify_run(spoilt)


@pytest.mark.jit
def test_verify__refuses_empty_cells_and_gaps_in_the_numbering(spoilt: Path) -> None:
    ground = pd.read_csv(spoilt / "ground.csv.gz")
    ground.loc[0, "capacity"] = np.nan
    ground.to_csv(spoilt / "ground.csv.gz", index=False)
    options = pd.read_csv(spoilt / "options.csv.gz", keep_default_na=False)
    options.drop(index=5).to_csv(spoilt / "options.csv.gz", index=False)

    with pytest.raises(FaultyInputError) as error:
        verify_run(spoilt)

    assert "column capacity has empty cells" in str(error.value)
    assert "are not numbered from 0 one by one" in str(error.value)


@pytest.mark.jit
def test_verify__refuses_a_front_whose_counts_do_not_add_up(spoilt: Path) -> None:
    front, _ = load(spoilt)
    front["active_count"][0] += 1
    write(spoilt, front)

    with pytest.raises(FaultyInputError, match=r"front\.nc: counts [0-9]+ active options"):
        verify_run(spoilt)


@pytest.mark.jit
def test_verify__refuses_what_the_files_say_differently(spoilt: Path) -> None:
    (spoilt / "proposals" / "zelfbedacht").mkdir()
    picked = pd.read_csv(spoilt / "proposals.csv")
    picked.loc[0, "candidate"] = 100_000
    picked.to_csv(spoilt / "proposals.csv", index=False)
    ground = pd.read_csv(spoilt / "ground.csv.gz")
    ground.iloc[:2].to_csv(spoilt / "ground.csv.gz", index=False)

    with pytest.raises(FaultyInputError) as error:
        verify_run(spoilt)

    told = str(error.value)
    assert "does not list zelfbedacht" in told
    assert "should be one of the" in told
    assert "has 2 grounds, options name number" in told


@pytest.mark.jit
def test_command__ends_with_0_2_or_3(spoilt: Path, tmp_path: Path) -> None:
    good = call("verify", spoilt)
    absent = call("verify", tmp_path / "absent")
    only_plan(spoilt, [(0, 10_000)])
    bad = call("verify", spoilt)
    (spoilt / "front.nc").write_bytes(b"")
    cut = call("verify", spoilt)

    assert (good.returncode, absent.returncode, bad.returncode, cut.returncode) == (0, 2, 3, 2)
    assert "alle voldoen / all hold." in good.stdout
    assert "no such folder. Give the folder of a finished run" in absent.stderr
    assert "plan 0: hoeveelheid per plek / amount per site" in bad.stdout
    assert "1 voldoen niet / break something." in bad.stderr
    assert "front.nc: cannot be read" in cut.stderr
    assert "Traceback" not in good.stderr + absent.stderr + bad.stderr + cut.stderr


@pytest.mark.jit
def test_python__has_the_verifier_in_its_face(runs: dict[str, Path]) -> None:
    assert eg.verify_run(str(runs["plain"])) == ()
    assert eg.Breach.__name__ == "Breach"
