"""Thinning: what is kept and why, and that nothing goes unsaid or half."""

import errno
import json
from pathlib import Path

import pytest

from evenground import disk
from evenground.errors import DataError, StorageError
from evenground.nightly.lock import turn_of
from evenground.runs import Keep, choose, choose_kept, list_runs, thin

from .made import call, make_runs


def reasons(folder: Path, keep: Keep) -> dict[str, str]:
    return {choice.record.name: choice.reason for choice in choose_kept(folder, keep)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_runs(tmp_path, 80)
    return tmp_path


def test_keep__counts_newest_days_and_months_of_each_case(folder: Path) -> None:
    # 80 runs from 1 January to 21 March, by turns of two cases: of each case one every two days
    found = reasons(folder, Keep(2, daily=4, monthly=3))

    kept = {name: why for name, why in found.items() if why}
    # stad: 20, 18 March newest; 16, 14 March by day; 28 February and 31 January by month
    assert {name: why for name, why in kept.items() if name.startswith("stad")} == {
        "stad-20260320T020000-78": "newest",
        "stad-20260318T020000-76": "newest",
        "stad-20260316T020000-74": "day",
        "stad-20260314T020000-72": "day",
        "stad-20260228T020000-58": "month",
        "stad-20260131T020000-30": "month",
    }
    assert len(kept) == 12


def test_keep__spares_what_was_chosen_and_what_cannot_be_read(folder: Path) -> None:
    choose(folder / "stad-20260101T020000-0", "gezondst", by="planner", note="draagvlak")
    (folder / "dorp-20260102T020000-1" / "chosen.jsonl").write_text("{}\n")
    (folder / "stad-20260103T020000-2" / "manifest.json").write_text("{")

    found = reasons(folder, Keep(1))

    assert found["stad-20260101T020000-0"] == "chosen"
    assert found["dorp-20260102T020000-1"] == "chosen"
    assert found["stad-20260103T020000-2"] == "damaged"
    assert sum(map(bool, found.values())) == 5


def test_choose__refuses_a_proposal_that_is_not_there(folder: Path) -> None:
    with pytest.raises(DataError, match="Choose from gezondst"):
        choose(folder / "stad-20260101T020000-0", "mooist")


def test_command__says_what_it_removes_and_notes_it(folder: Path) -> None:
    before = {path.name for path in folder.iterdir()}
    dry = call("runs", "thin", folder, "--keep-newest", 1, "--dry-run")
    after_dry = {path.name for path in folder.iterdir()} - {".runs.sqlite"}
    done = call("runs", "thin", folder, "--keep-newest", 1)

    before -= {".runs.sqlite"}
    gone = before - {path.name for path in folder.iterdir()}
    assert after_dry == before
    assert len(gone) == 78
    assert {
        line.split()[2] for line in dry.stdout.splitlines() if line.startswith("would remove")
    } == gone
    assert {
        line.split()[1] for line in done.stdout.splitlines() if line.startswith("removes")
    } == gone
    noted = [json.loads(line) for line in (folder / "thinned.jsonl").read_text().splitlines()]
    assert {note["name"] for note in noted} == gone
    assert len(list_runs(folder)) == 2


def test_command__waits_for_no_night_and_removes_nothing_beside_one(folder: Path) -> None:
    with turn_of(folder):
        done = call("runs", "thin", folder, "--keep-newest", 1)
    absent = call("runs", "thin", folder / "absent", "--keep-newest", 1)

    assert done.returncode == 0
    assert "a night holds" in done.stdout
    assert len(list_runs(folder)) == 80
    assert absent.returncode == 2
    assert not (folder / "absent").exists()


@pytest.mark.parametrize("call_that_fails", range(9))
def test_thin__that_is_interrupted_leaves_whole_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call_that_fails: int
) -> None:
    attempt, count = disk.attempt, 0

    def fail(path: Path, action: object) -> object:
        nonlocal count
        count += 1
        if count == call_that_fails + 1:
            return attempt(path, refuse)
        return attempt(path, action)  # type: ignore[arg-type]

    def refuse() -> None:
        raise OSError(errno.EROFS, "read-only")

    choices = choose_kept(folder, Keep(1))
    monkeypatch.setattr(disk, "attempt", fail)
    with pytest.raises(StorageError, match="Give the right to write there"):
        thin(folder, choices, lambda _choice, _size: None)
    monkeypatch.setattr(disk, "attempt", attempt)

    for record in list_runs(folder):
        assert (folder / record.name / "settings.toml").is_file()
    thin(folder, choose_kept(folder, Keep(1)), lambda _choice, _size: None)
    assert len(list_runs(folder)) == 2
    assert list(folder.glob(".*.thinned")) == []
