"""Two nights of the whole real city, the second with another map of NO2."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from evenground.config import RunSettings, UncertaintySettings, read_settings
from evenground.nightly.turn import take_turn
from evenground.runs import check_sums, list_runs

NO2 = "rasters/no2_pc4_100m.tif"
CONFIG = Path(__file__).parents[2] / "configs" / "amsterdam.toml"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Copy the files of the city, to be changed."""
    named = os.environ.get("EVENGROUND_DATA", "")
    if not named:
        pytest.skip("EVENGROUND_DATA names no folder with Amsterdam")
    made = Path(shutil.copytree(named, tmp_path / "data", copy_function=shutil.copyfile))
    for path in made.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return made


@pytest.fixture
def settings() -> RunSettings:
    """Return the case on coarser cells, with a short search and two proposals."""
    case = read_settings(CONFIG)
    short = {
        "evaluations": 600,
        "population": 60,
        "proposals": 2,
        "seeds": "greedy",
        "bound_time_s": 0.0,
    }
    return case.model_copy(
        update={
            "grid": case.grid.model_copy(update={"cell_m": 50, "site_m": 200}),
            "search": case.search.model_copy(update=short),
            "uncertainty": UncertaintySettings(draws=0),
        }
    )


def dirtier(path: Path) -> None:
    """Add a tenth to the NO2 of the north-western quarter of a map."""
    with rasterio.open(path, "r+") as target:
        values, mask = target.read(1), target.read_masks(1) > 0
        mask[values.shape[0] // 2 :, :] = False
        mask[:, values.shape[1] // 2 :] = False
        target.write(np.where(mask, values * 1.1, values).astype(values.dtype), 1)


@pytest.mark.data
@pytest.mark.jit
@pytest.mark.slow
def test_nights__of_the_city_name_the_map_that_moved_its_numbers(
    data: Path, settings: RunSettings, tmp_path: Path
) -> None:
    folder, lines = tmp_path / "runs", list[str]()
    told: list[dict[str, Any]] = []

    for night in range(2):
        if night == 1:
            dirtier(data / NO2)
        take_turn(settings, data, folder, None, lines.append)
        state = json.loads((folder / "nightly.json").read_text("utf-8"))
        assert (state["exit_code"], state["is_new"]) == (0, True)
        told.append(json.loads((folder / state["whatchanged"]).read_text("utf-8")))
        assert check_sums(folder / state["run"]).are_right

    second = told[1]
    (other,) = [part for part in second["inputs"] if part["change"] != "same"]
    assert other["path"] == NO2
    assert f"- Invoer veranderd: {NO2}. De instellingen zijn gelijk." in lines
    assert any(f"vooral door de data ({NO2})." in line for line in lines)
    page = (folder / second["run"] / "whatchanged.html").read_text("utf-8")
    assert NO2 in page
    today = {part["score"]: part for part in second["moved"] if part["plan"] == "today"}
    # more NO2 is more burden without any plan, by the map alone
    assert today["burden"]["data"] > 0.0
    for part in today.values():
        assert (part["settings"], part["search"]) == (0.0, 0.0)
    assert len(list_runs(folder)) == 2
