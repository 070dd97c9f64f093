"""One finished run of the small town, made once for all tests that read run directories."""

from pathlib import Path

import pytest

from evenground.config import RunSettings, UncertaintySettings
from evenground.pipeline import run


@pytest.fixture(scope="session")
def short_settings(small_settings: RunSettings) -> RunSettings:
    """Return settings with a short search and no ensemble."""
    return small_settings.model_copy(update={"uncertainty": UncertaintySettings(draws=0)})


@pytest.fixture(scope="session")
def small_run(
    short_settings: RunSettings, small_case: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return run(short_settings, small_case.parent, tmp_path_factory.mktemp("finished"))[0]
