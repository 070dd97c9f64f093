"""Our search against those of pymoo, jMetalPy and Platypus, on invented cities.

At the same wall-clock time, and at the same number of plans, all with our evaluation. How many
cities and seeds, and how long, is set by ``EVENGROUND_BENCH``: ``quick`` (the default of a
trial), or ``full`` for the table that is kept.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jmetal", reason="the peers are not installed; run make bench")
pytest.importorskip("platypus", reason="the peers are not installed; run make bench")

from peers import PEERS, hypervolumes, ours

from evenground.config import read_settings
from evenground.miniature import MiniatureSize, write_miniature
from evenground.optimise import Problem
from evenground.pipeline import build_model

SMALL = MiniatureSize(3_100, 2_700, 10, 30, 26_000)
"""About 2 000 options."""
LARGE = MiniatureSize(14_600, 14_400, 10, 160, 520_000)
"""About 48 000 options."""
THREE = ("burden", "inequality", "cost")
FOUR = ("burden", "inequality", "stacking", "cost")


@dataclass(frozen=True)
class Plan:
    """How much is compared."""

    cities: int
    seeds: int
    seconds: float
    """Where the time is the same."""
    evaluations: int
    """Where the number of plans is the same; on the first two cities only, for jMetalPy and
    Platypus take minutes for what takes us seconds."""


PLANS = {
    "quick": {"small": Plan(1, 1, 3.0, 1000), "large": Plan(0, 0, 0.0, 0)},
    "full": {"small": Plan(8, 5, 10.0, 4000), "large": Plan(1, 5, 60.0, 2000)},
}
CHOSEN = PLANS[os.environ.get("EVENGROUND_BENCH", "quick")]
SIZES = {"small": SMALL, "large": LARGE}
NO_LIMIT = 10**9


def problem_of(size: str, city: int, folder: Path) -> Problem:
    case = write_miniature(folder, seed=100 + city, size=SIZES[size])
    return build_model(read_settings(case), case.parent).problem


@pytest.mark.parametrize("size", [size for size in SIZES if CHOSEN[size].cities])
@pytest.mark.parametrize("goals", [THREE, FOUR], ids=["3 goals", "4 goals"])
@pytest.mark.parametrize("equal", ["time", "plans"])
def test_bench_search(
    size: str, goals: tuple[str, ...], equal: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    plan = CHOSEN[size]
    limit = (plan.seconds, NO_LIMIT) if equal == "time" else (1e9, plan.evaluations)
    ratios = []
    for city in range(plan.cities if equal == "time" else min(2, plan.cities)):
        made = problem_of(size, city, tmp_path / str(city))
        problem = made.with_search(made.search.model_copy(update={"objectives": goals}))
        problem.evaluator.evaluate(problem.empty[None, :])  # compile outside the clock
        searches = {"evenground": ours, **PEERS}
        for warm in searches.values():
            warm(problem, 0.5, 10 * 200, 0)
        fronts = {
            name: [one(problem, *limit, seed) for seed in range(plan.seeds)]
            for name, one in searches.items()
        }
        volumes = {name: float(np.median(v)) for name, v in hypervolumes(problem, fronts).items()}
        best = max(volume for name, volume in volumes.items() if name != "evenground")
        ratios.append(volumes["evenground"] / best if best > 0.0 else np.inf)
        with capsys.disabled():
            told = ", ".join(f"{name} {volume:.4f}" for name, volume in volumes.items())
            print(f"\n{size} city {city}, {problem.empty.size} options, {len(goals)} goals, "
                  f"equal {equal}: {told}; ratio {ratios[-1]:.3f}")  # fmt: skip
    with capsys.disabled():
        print(f"\n{size}, {len(goals)} goals, equal {equal}: ratio median "
              f"{np.median(ratios):.3f}, least {min(ratios):.3f} over {len(ratios)}")  # fmt: skip
    assert min(ratios) > 0.0
