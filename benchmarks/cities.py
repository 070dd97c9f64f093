"""Invented cities that several benchmarks of the search share."""

import os
from pathlib import Path

from evenground.config import read_settings
from evenground.miniature import MiniatureSize, write_miniature
from evenground.optimise import Problem
from evenground.pipeline import build_model

SMALL = MiniatureSize(3_100, 2_700, 10, 30, 26_000)
"""About 2 000 options."""
LARGE = MiniatureSize(14_600, 14_400, 10, 160, 520_000)
"""About 48 000 options."""
IS_FULL = os.environ.get("EVENGROUND_BENCH", "quick") == "full"


def problem_of(size: MiniatureSize, city: int, folder: Path) -> Problem:
    """Return the problem of a city, which differs by its number."""
    case = write_miniature(folder, seed=100 + city, size=size)
    return build_model(read_settings(case), case.parent).problem
