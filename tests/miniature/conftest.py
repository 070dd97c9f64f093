"""Voorbeeldstad at full size, written once."""

from pathlib import Path

import pytest

from evenground.miniature import write_miniature


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_miniature(tmp_path_factory.mktemp("voorbeeldstad"), seed=20261).parent
