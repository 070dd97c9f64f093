"""Checkpoints: whole, of this very search, and one to fall back to."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evenground import disk
from evenground.errors import DataError, StoppedError, StorageError
from evenground.optimise import Checkpoints, Search, Snapshot, identify, search
from evenground.optimise.checkpoints import read
from evenground.pipeline import Model
from evenground.unfinished import ask_to_stop, keep_for_later, listening, unfinished

from .case import with_search

IDENTITY = {"settings": "a", "city": "b"}


def snapshot(number: int) -> Snapshot:
    arrays = {"plans": np.arange(number, dtype=np.int16), "goals": np.array([0.1, np.inf])}
    return Snapshot(arrays, {"evaluated": number, "generator": {"state": 2**127 + number}})


def written(folder: Path, *numbers: int) -> Checkpoints:
    points = Checkpoints(folder, IDENTITY, 30.0)
    for number in numbers:
        points.write(snapshot(number))
    return points


def number_of(found: Snapshot | None) -> int:
    assert found is not None
    return int(found.told["evaluated"])


def test_checkpoint__comes_back_to_the_last_bit(tmp_path: Path) -> None:
    found = written(tmp_path, 7).newest()

    assert found is not None
    assert found.told == {"evaluated": 7, "generator": {"state": 2**127 + 7}}
    for name, array in snapshot(7).arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array)
        assert found.arrays[name].dtype == array.dtype


def test_checkpoints__keep_the_last_two_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".00000001.npz.host.12.new").write_bytes(b"half, of one who died")

    written(tmp_path, 1, 2, 3)

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["00000002.json", "00000002.npz", "00000003.json", "00000003.npz"]
    assert number_of(Checkpoints(tmp_path, IDENTITY, 30.0).newest()) == 3


@pytest.mark.parametrize("part", ["json", "npz"])
@pytest.mark.parametrize("how", ["cut", "flipped", "gone"])
def test_checkpoint__that_is_spoilt_leaves_the_one_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, part: str, how: str
) -> None:
    points = written(tmp_path, 1, 2)
    path = tmp_path / f"00000002.{part}"
    content = path.read_bytes()
    if how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "flipped":
        middle = len(content) // 2
        changed = bytes([content[middle] ^ 1])
        path.write_bytes(content[:middle] + changed + content[middle + 1 :])
    else:
        path.unlink()

    with caplog.at_level(logging.WARNING, "evenground"):
        assert number_of(points.newest()) == 1

    # without its JSON it never counted
    assert len(caplog.records) == (0 if (part, how) == ("json", "gone") else 1)
    # and the next one does not push out the one that is whole
    points.write(snapshot(3))
    kept = [read(path)[1].told["evaluated"] for path in sorted(tmp_path.glob("*.json"))]
    assert kept == [1, 3]


def test_checkpoints__are_none_where_all_are_spoilt(tmp_path: Path) -> None:
    points = written(tmp_path, 1)
    (tmp_path / "00000001.npz").write_bytes(b"")

    assert points.newest() is None


def test_checkpoint__of_another_search_is_refused_with_what_differs(tmp_path: Path) -> None:
    written(tmp_path, 1)

    with pytest.raises(DataError, match=r"other city\. .*--fresh"):
        Checkpoints(tmp_path, {**IDENTITY, "city": "elsewhere"}, 30.0).newest()


def test_checkpoints__of_a_full_disk_stop_no_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    points = written(tmp_path, 1)

    def refuse(path: Path, _content: bytes) -> None:
        raise OSError(28, "refused", str(path))

    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING, "evenground"):
        broken.setattr(disk, "replace_whole", refuse)
        points.write(snapshot(2))
        points.write(snapshot(3))

    assert sum("disk is full" in record.getMessage() for record in caplog.records) == 1
    assert number_of(points.newest()) == 1
    with pytest.raises(StorageError):
        disk.attempt(tmp_path, lambda: refuse(tmp_path, b""))


@pytest.mark.jit
def test_identity__is_that_of_the_city_the_settings_and_the_start(small_model: Model) -> None:
    problem = small_model.problem
    first = identify(problem)
    search(with_search(problem, evaluations=0))

    # what a search caches beside the arrays is no part of it
    assert identify(problem) == first
    assert identify(with_search(problem, time_limit_s=5.0, checkpoint_s=1.0)) == first

    def other(changed: dict[str, str]) -> list[str]:
        return [name for name, value in first.items() if changed[name] != value]

    price = replace(problem.rules, capital_eur=np.nextafter(problem.rules.capital_eur, np.inf))
    assert other(identify(with_search(problem, seed=problem.search.seed + 1))) == ["settings"]
    assert other(identify(replace(problem, rules=price))) == ["city"]
    assert other(identify(problem, problem.empty[None, :])) == ["earlier plans"]


@pytest.mark.jit
def test_search__asked_to_stop_keeps_what_it_found_and_goes_on_to_the_same(
    small_model: Model, tmp_path: Path
) -> None:
    problem = with_search(small_model.problem, evaluations=200)
    identity, steps = identify(problem), []
    points = Checkpoints(
        tmp_path / "points", identity, 1e9, lambda: keep_for_later(tmp_path, "So.")
    )

    def keep(going: Search) -> None:
        steps.append(going.is_over)
        if len(steps) == 3:
            assert ask_to_stop()
            assert not ask_to_stop()
        points.keep(going)

    stopped = pytest.raises(StoppedError, match=r"Stopped before the end\. So\.")
    with unfinished(tmp_path), listening(), stopped:
        search(problem, keep=keep)
    assert len(steps) == 3

    start = points.newest()
    again = search(problem, start=start, keep=points.keep)
    whole = search(problem)
    np.testing.assert_array_equal(again.archive.scores, whole.archive.scores)
    last = points.newest()
    assert last is not None
    assert last.told["phase"] == "over"


def test_checkpoint__takes_no_pickle(tmp_path: Path) -> None:
    points = written(tmp_path, 1)

    with pytest.raises(ValueError, match="allow_pickle=False"):
        points.write(Snapshot({"plans": np.array([None])}, {"evaluated": 2}))

    assert number_of(points.newest()) == 1
    told = json.loads((tmp_path / "00000001.json").read_text(encoding="utf-8"))
    assert set(told) == {"format", "sha256", "content"}
