"""The list of runs: by the directories alone, fast, and whatever becomes of its index."""

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evenground.cli_runs import runs_app
from evenground.errors import DataError
from evenground.runs import INDEX, choose, compare_runs, list_runs, tell_command

from .made import HERE, call, make_runs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_runs(tmp_path, 12)
    return tmp_path


def names(folder: Path, **asked: str) -> list[str]:
    return [record.name for record in list_runs(folder, **asked)]


def test_list__gives_every_run_newest_first_with_what_it_tells(folder: Path) -> None:
    found = list_runs(folder)

    assert len(found) == 12
    assert [record.started for record in found] == sorted(
        (record.started for record in found), reverse=True
    )
    assert found[-1].name == "stad-20260101T020000-0"
    assert (found[-1].case, found[-1].state, found[-1].seed) == ("stad", "done", 0)
    assert (found[-1].plans, found[-1].proposals, found[-1].seconds) == (100, 1, 3.5)


def test_list__is_filtered_by_case_state_and_days(folder: Path) -> None:
    assert len(names(folder, case="stad")) == 6
    assert len(names(folder, state="cut short")) == 4
    assert names(folder, since="2026-01-11") == [
        "dorp-20260112T020000-11",
        "stad-20260111T020000-10",
    ]
    assert names(folder, until="2026-01-01") == ["stad-20260101T020000-0"]
    assert len(names(folder, since="2026", until="2026-01")) == 12


def test_list__sees_runs_that_come_go_and_change(folder: Path) -> None:
    assert len(list_runs(folder)) == 12
    make_runs(folder, 13)
    (folder / "stad-20260101T020000-0" / "manifest.json").unlink()
    changed = folder / "dorp-20260102T020000-1" / "manifest.json"
    changed.write_text(changed.read_text("utf-8").replace('"done"', '"cut short"'), "utf-8")

    found = {record.name: record for record in list_runs(folder)}

    assert len(found) == 12
    assert "stad-20260101T020000-0" not in found
    assert found["dorp-20260102T020000-1"].state == "cut short"


@pytest.mark.parametrize("spoil", ["missing", "empty", "noise", "cut", "version", "table"])
def test_list__makes_a_spoilt_index_anew(folder: Path, spoil: str) -> None:
    wanted = list_runs(folder)
    path = folder / INDEX
    whole = path.read_bytes()
    if spoil in {"version", "table"}:
        change = "PRAGMA user_version = 99" if spoil == "version" else "DROP TABLE run"
        with sqlite3.connect(path) as index:
            index.execute(change)
        index.close()
    else:
        path.write_bytes({"noise": b"\xff" * 8192, "cut": whole[:5000]}.get(spoil, b""))
    if spoil == "missing":
        path.unlink()

    assert list_runs(folder) == wanted
    assert list_runs(folder) == wanted
    with sqlite3.connect(path) as index:
        assert index.execute("SELECT count(*) FROM run").fetchone() == (12,)
    index.close()


def test_list__calls_a_run_damaged_whose_manifest_cannot_be_read(folder: Path) -> None:
    (folder / "stad-20260101T020000-0" / "manifest.json").write_text("{", "utf-8")
    (folder / "dorp-20260102T020000-1" / "manifest.json").write_text("[1]", "utf-8")
    third = folder / "stad-20260103T020000-2" / "manifest.json"
    third.write_text('{"seconds": {"model": "soon"}}', "utf-8")

    found = {record.name: record for record in list_runs(folder, state="damaged")}

    assert set(found) == {
        "stad-20260101T020000-0",
        "dorp-20260102T020000-1",
        "stad-20260103T020000-2",
    }
    assert found["stad-20260101T020000-0"].started == "2026-01-01T02:00:00+00:00"


def test_list__reads_runs_of_the_first_format(tmp_path: Path) -> None:
    run = tmp_path / "oud-dorp-20250101T010203-7"
    run.mkdir()
    (run / "manifest.json").write_text('{"format": 1, "seed": 7, "seconds": {"a": 2.0}}')

    (found,) = list_runs(tmp_path)

    assert (found.case, found.seed, found.seconds, found.plans) == ("oud-dorp", 7, 2.0, -1)
    assert found.started == "2025-01-01T01:02:03+00:00"


def test_list__needs_no_index_where_nothing_may_be_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def read_only(where: object, **more: object) -> sqlite3.Connection:
        if "uri" not in more:
            raise sqlite3.OperationalError
        return connect(where, **more)

    monkeypatch.setattr(sqlite3, "connect", read_only)

    assert len(list_runs(folder)) == 12
    assert not (folder / INDEX).exists()


def test_list__does_not_wait_for_ever_on_a_locked_index(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = list_runs(folder)
    monkeypatch.setattr("evenground.runs.index.PATIENCE_S", 0.05)
    make_runs(folder, 13)
    with sqlite3.connect(folder / INDEX) as index:
        index.execute("BEGIN EXCLUSIVE")
        found = list_runs(folder)
    index.close()

    assert len(found) == len(wanted) + 1


def test_list__serves_many_at_once(folder: Path) -> None:
    failed: list[BaseException] = []
    counts: list[int] = []

    def look(k: int) -> None:
        try:
            make_runs(folder, 13 + k)
            counts.append(len(list_runs(folder)))
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=look, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert min(counts) >= 13
    assert len(list_runs(folder)) == 20


def test_list__refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Name the folder in which runs are written"):
        list_runs(tmp_path / "absent")


def test_command__lists_as_text_and_as_json(folder: Path) -> None:
    text = call("runs", "list", folder, "--case", "stad")
    data = call("runs", "list", folder, "--case", "stad", "--json")
    wrong = call("runs", "list", folder, "--since", "last week")

    assert len(text.stdout.splitlines()) == 7
    assert "2026-01-11 02:00:00" in text.stdout
    assert len(json.loads(data.stdout)) == 6
    assert wrong.returncode == 2
    assert "Write it as 2026-05-31, 2026-05 or 2026" in wrong.stderr


def test_compare__tells_what_differs_and_the_scores_side_by_side(folder: Path) -> None:
    first, second = folder / "stad-20260101T020000-0", folder / "dorp-20260102T020000-1"

    found = compare_runs(first, second)

    assert [(part.name, part.first, part.second) for part in found.settings] == [
        ("search.seed", 0, 1),
        ("extra", "-", True),
    ]
    assert [part.name for part in found.inputs] == ["b.tif", "c.tif"]
    assert found.inputs[1].first == "-"
    scores = {part.name: (part.first, part.second) for part in found.scores}
    assert scores["gezondst burden"] == (90.0, 89.0)
    assert scores["today burden"] == (100.0, 100.0)
    told = call("runs", "compare", first, second).stdout
    assert "search.seed: 0 | 1" in told
    assert "gezondst burden: 90 | 89" in told


def test_reproduce__prints_one_command(folder: Path) -> None:
    run = folder / "stad-20260101T020000-0"
    path = run / "manifest.json"
    told = json.loads(path.read_text("utf-8"))

    def command(**changes: object) -> str:
        path.write_text(json.dumps({**told, **changes}), "utf-8")
        return tell_command(run, Path("my data"))

    assert command() == f"evenground run {run}/settings.toml --data 'my data'"
    assert command(is_default=True, seed=5) == "evenground run --seed 5"
    assert command(state="cut short", evaluated=300, time_limit_s=5.0).endswith(
        "--evaluations 300 --time-limit 9999h"
    )
    assert command(warm_start={"run": "before"}).endswith(f"--seeds-from {folder}/before")
    path.write_text(json.dumps(told), "utf-8")
    shown = call("runs", "show", run, "--reproduce")
    assert shown.stdout == f"evenground run {run}/settings.toml --data DATA\n"
    assert shown.stderr.startswith("# evenground 0.1.0, commit abc")


def test_show__tells_what_a_run_was_made_of(folder: Path) -> None:
    run = folder / "stad-20260101T020000-0"
    choose(run, "gezondst")

    shown = call("runs", "show", run)
    absent = call("runs", "show", folder / "absent")

    assert "proposal       gezondst (plan 3): burden 90" in shown.stdout
    assert "chosen         yes" in shown.stdout
    assert "a.tif (2024, CC0)" in shown.stdout
    assert json.loads(call("runs", "show", run, "--json").stdout)["seed"] == 0
    assert absent.returncode == 2
    assert "Name the directory of a finished run" in absent.stderr


HEAVY = {
    "numba",
    "numpy",
    "pandas",
    "geopandas",
    "rasterio",
    "pymoo",
    "scipy",
    "xarray",
    "matplotlib",
    "distributed",
}


def loaded(*words: object) -> str:
    """Return what a command on runs prints, and at the end what it loaded of what takes long."""
    code = (
        "import atexit, sys\n"
        "from evenground.cli import main\n"
        f"heavy = {HEAVY | {'pydantic', 'rich'}}\n"
        "atexit.register(lambda: print('LOADED', sorted(heavy & set(sys.modules))))\n"
        "main()"
    )
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
        env=HERE,
    ).stdout


def test_list__loads_nothing_that_takes_longer_than_the_list(folder: Path) -> None:
    text, data = loaded("runs", "list", folder), loaded("runs", "list", folder, "--json")

    assert text.endswith("LOADED []\n")
    assert data.endswith("LOADED []\n")
    assert len(text.splitlines()) == 14
    assert len(json.loads(data.splitlines()[0])) == 12


def test_list__of_a_group_is_the_list_of_the_command(folder: Path) -> None:
    words = ["list", str(folder), "--case", "stad"]

    by_group = CliRunner().invoke(runs_app, words)

    assert by_group.stdout == call("runs", *words).stdout
    assert CliRunner().invoke(runs_app, ["list", "--colour"]).exit_code == 2


@pytest.mark.parametrize(
    "words", [["list"], ["show"], ["compare"], ["verify"], ["thin"], ["choose"]], ids=" ".join
)
def test_help__loads_nothing_heavy(words: list[str]) -> None:
    said = loaded("runs", *words, "--help").splitlines()[-1]

    assert said.startswith("LOADED [")
    assert not any(name in said for name in HEAVY)
