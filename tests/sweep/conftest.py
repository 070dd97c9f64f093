"""A hamlet of three neighbourhoods, for sweeps of many tiny runs."""

from pathlib import Path

import pytest

from evenground.miniature import MiniatureSize, write_miniature

HAMLET = MiniatureSize(400, 400, 50, 3, 600)


@pytest.fixture(scope="session")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_miniature(tmp_path_factory.mktemp("hamlet"), seed=7, size=HAMLET)


def write_sweep(folder: Path, case: Path, design: str, more: str = "") -> Path:
    """Write a sweep file for a case, and return its path."""
    path = folder / "sweep.toml"
    path.write_text(f'case = "{case}"\n[design]\n{design}\n{more}', encoding="utf-8")
    return path
