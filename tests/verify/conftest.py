"""Finished runs of the small town, made once: plain, with every constraint, and pooled."""

from pathlib import Path

import pytest

from evenground.config import RunSettings
from evenground.pipeline import Model

from .runs import make_run, pooled, rich, search_less

RUNS = ("plain", "rich", "pooled")


@pytest.fixture(scope="session")
def runs(
    small_case: Path,
    small_settings: RunSettings,
    small_model: Model,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("runs")
    chosen = {
        "plain": search_less(small_settings),
        "rich": rich(small_model, small_case.parent),
        "pooled": pooled(small_settings),
    }
    return {name: make_run(case, small_case.parent, out / name) for name, case in chosen.items()}
