"""A finished run of the small town on disk, and one in which every name is hostile."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hostile import HOSTILE

from evenground.optimise import search
from evenground.outputs.manifest import (
    Origin,
    Timing,
    build_manifest,
    write_manifest,
    write_settings,
)
from evenground.outputs.package import write_packages
from evenground.pages.book import Book, read_book
from evenground.pages.form import NAME
from evenground.pipeline import Model, build_run, write_run

BEGAN = datetime(2026, 11, 1, 2, tzinfo=UTC)
RUN = "smalltown-20261101T020000-7"
NASTY = "nasty-20261102T020000-7"


@pytest.fixture(scope="session")
def runs(small_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with both runs."""
    root = tmp_path_factory.mktemp("runs")
    result = build_run(small_model, search(small_model.problem))
    folder = root / RUN
    folder.mkdir()
    write_run(small_model, result, folder)
    write_settings(folder, small_model.settings)
    write_manifest(
        folder, build_manifest(RUN, result, Timing(BEGAN, BEGAN, {}), Origin(), is_cut_short=False)
    )
    write_packages(folder)
    nasty = root / NASTY
    shutil.copytree(folder, nasty)
    contents = json.loads((nasty / NAME).read_text("utf-8"))
    make_hostile(contents)
    (nasty / NAME).write_text(json.dumps(contents), encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def run(runs: Path) -> Path:
    return runs / RUN


@pytest.fixture(scope="session")
def book(run: Path) -> Book:
    return read_book(run)


def make_hostile(contents: dict[str, Any]) -> None:
    """Make every name that comes from data an attack, in place; codes as well."""
    contents["case"]["title"] = HOSTILE[0]
    for k, place in enumerate(contents["neighbourhoods"]):
        place["name"] = HOSTILE[k % len(HOSTILE)]
    contents["neighbourhoods"][0]["code"] = "../<b>'\""
    for proposal in contents["proposals"]:
        proposal |= {"name": HOSTILE[1], "reason": HOSTILE[3], "also": [HOSTILE[0]]}
    sites = contents["proposals"][0]["works"]["site"]
    contents["sites"]["names"] = {
        str(site): HOSTILE[k % len(HOSTILE)] for k, site in enumerate(sites)
    }
    for kind in contents["kinds"]:
        kind |= {"name": HOSTILE[3], "unit": HOSTILE[0]}
    for layer in contents["layers"]:
        layer |= {"source": HOSTILE[1], "method": HOSTILE[4]}
    account = contents["account"]
    account["remarks"] = [*HOSTILE, f"rasters/{'ndvi_' * 20}.tif heeft geen waarde."]
    account["files"] = [
        row | {"source": HOSTILE[1], "path": HOSTILE[0]} for row in account["files"]
    ]
