"""The run directory: whole or not there, with a log and a manifest."""

import json
import logging
from pathlib import Path

import pytest

from evenground.outputs.folder import Clock, logged, whole_folder, write_log


def test_whole_folder__appears_when_all_is_written(tmp_path: Path) -> None:
    target = tmp_path / "run"

    with whole_folder(target) as folder:
        (folder / "front.nc").write_text("whole")
        assert not target.exists()

    assert (target / "front.nc").read_text() == "whole"
    assert list(tmp_path.iterdir()) == [target]


def test_whole_folder__takes_an_unfinished_one_away(tmp_path: Path) -> None:
    def fail() -> None:
        with whole_folder(tmp_path / "run") as folder:
            (folder / "front.nc").write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert list(tmp_path.iterdir()) == []


def test_log__holds_a_line_of_json_for_every_message(tmp_path: Path) -> None:
    with logged() as log:
        Clock().lap("model")
        logging.getLogger("evenground.somewhere").warning("%d fouten in café", 3)
    logging.getLogger("evenground.somewhere").warning("too late")

    write_log(tmp_path, log)

    lines = (tmp_path / "run.log").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    assert [line["level"] for line in told] == ["info", "warning"]
    assert told[0]["message"].startswith("model: ")
    assert told[1]["message"] == "3 fouten in café"
    assert all(line["time"].endswith("+00:00") for line in told)
