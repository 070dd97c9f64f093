"""A small invented town and the real city, each made once for all tests that need a case."""

import os
from pathlib import Path

import pytest

from evenground.config import GroupSettings, RunSettings, UncertaintySettings, read_settings
from evenground.miniature import MiniatureSize, write_miniature
from evenground.pipeline import Model, build_model

SMALL = MiniatureSize(1500, 1200, 10, 8, 6000)


@pytest.fixture(scope="session")
def small_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_miniature(tmp_path_factory.mktemp("town"), seed=7, size=SMALL)


@pytest.fixture(scope="session")
def small_settings(small_case: Path) -> RunSettings:
    settings = read_settings(small_case)
    search = settings.search.model_copy(
        update={"evaluations": 400, "population": 40, "bound_time_s": 2.0}
    )
    few = UncertaintySettings(draws=16)
    return settings.model_copy(update={"search": search, "uncertainty": few})


@pytest.fixture(scope="session")
def small_model(small_case: Path, small_settings: RunSettings) -> Model:
    return build_model(small_settings, small_case.parent)


@pytest.fixture(scope="session")
def amsterdam_model() -> Model:
    """Build the real city once; a test that takes it is marked ``data``."""
    data = os.environ.get("EVENGROUND_DATA", "")
    if not data:
        pytest.skip("EVENGROUND_DATA names no folder with Amsterdam")
    settings = read_settings(Path(__file__).parents[1] / "configs" / "amsterdam.toml")
    low = GroupSettings(name="lage SES", ses_rank_at_most=0.2)
    followed = settings.objectives.model_copy(update={"gap_group": low.name})
    few = {
        "uncertainty": UncertaintySettings(draws=16),
        "groups": (low,),
        "objectives": followed,
    }
    return build_model(settings.model_copy(update=few), Path(data))
