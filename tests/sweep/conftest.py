"""A hamlet of three neighbourhoods, for sweeps of many tiny runs."""

from pathlib import Path

import pytest

from evenground.miniature import MiniatureSize, write_miniature

HAMLET = MiniatureSize(400, 400, 50, 3, 600)


@pytest.fixture(scope="session")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_miniature(tmp_path_factory.mktemp("hamlet"), seed=7, size=HAMLET)


@pytest.fixture(scope="session")
def quick_start(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the surroundings of processes that are many and short.

    Every worker that starts would compile for a minute; plain loops do a hamlet in a second.
    What one process has made of the sources, the next one reads.
    """
    made = tmp_path_factory.mktemp("bytecode")
    plain = {"NUMBA_DISABLE_JIT": "1", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return plain | {"PYTHONWARNINGS": "ignore", "PYTHONPYCACHEPREFIX": str(made)}


def write_sweep(folder: Path, case: Path, design: str, more: str = "") -> Path:
    """Write a sweep file for a case, and return its path."""
    path = folder / "sweep.toml"
    path.write_text(f'case = "{case}"\n[design]\n{design}\n{more}', encoding="utf-8")
    return path
