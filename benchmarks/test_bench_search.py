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
from bars import Bars
from cities import LARGE, SMALL, problem_of

pytest.importorskip("jmetal", reason="the peers are not installed; run make bench")
pytest.importorskip("platypus", reason="the peers are not installed; run make bench")

from peers import PEERS, hypervolumes, ours

from evenground.optimise import Problem

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
    """Where the number of plans is the same, 0 = not compared; on the first two cities only, for
    jMetalPy and Platypus take minutes for what takes us seconds."""


PLANS = {
    "quick": {"small": Plan(1, 1, 3.0, 1000), "large": Plan(0, 0, 0.0, 0)},
    "half": {"small": Plan(8, 3, 5.0, 1000), "large": Plan(1, 1, 60.0, 0)},
    "full": {"small": Plan(8, 5, 10.0, 4000), "large": Plan(1, 5, 60.0, 2000)},
}
CHOSEN = PLANS[os.environ.get("EVENGROUND_BENCH", "quick")]
SIZES = {"small": SMALL, "large": LARGE}
ASKED = {"small": ">= 1.05", "large": ">= 3"}
"""How many times the hypervolume of the best peer is asked at the same time."""
NO_LIMIT = 10**9


@pytest.mark.parametrize("size", [size for size in SIZES if CHOSEN[size].cities])
@pytest.mark.parametrize("goals", [THREE, FOUR], ids=["3 goals", "4 goals"])
@pytest.mark.parametrize("equal", ["time", "plans"])
def test_bench_search(
    size: str, goals: tuple[str, ...], equal: str, tmp_path: Path, bars: Bars
) -> None:
    plan = CHOSEN[size]
    if equal == "plans" and not plan.evaluations:
        pytest.skip("not compared at equal plans at this size")
    limit = (plan.seconds, NO_LIMIT) if equal == "time" else (1e9, plan.evaluations)
    cities = plan.cities if equal == "time" else min(2, plan.cities)
    ratios, sides = [], []
    for city in range(cities):
        made = problem_of(SIZES[size], city, tmp_path / str(city))
        problem = made.with_search(made.search.model_copy(update={"objectives": goals}))
        volumes = compared(problem, limit, plan.seeds)
        best = max(volume for name, volume in volumes.items() if name != "evenground")
        sides.append((volumes["evenground"], best))
        ratios.append(volumes["evenground"] / best if best > 0.0 else np.inf)
        told = ", ".join(f"{name} {volume:.4f}" for name, volume in volumes.items())
        bars.say(
            f"{size} city {city}, {problem.empty.size} options, {len(goals)} goals, "
            f"equal {equal}: {told}; ratio {ratios[-1]:.3g}"
        )
    least = int(np.argmin(ratios))
    amount = f"{plan.seconds:.0f} s" if equal == "time" else f"{plan.evaluations} plans"
    bars.add(
        f"hypervolume against the best peer, {size} cities, {len(goals)} goals, {amount}, median "
        f"of {plan.seeds} seeds, least of {cities} cities",
        f"{sides[least][0]:.4f}",
        f"{sides[least][1]:.4f}",
        ratios[least],
        ASKED[size] if equal == "time" else ">= 1",
    )
    assert min(ratios) > 0.0


def compared(problem: Problem, limit: tuple[float, int], seeds: int) -> dict[str, float]:
    """Return the median hypervolume of every search over some seeds."""
    problem.evaluator.evaluate(problem.empty[None, :])  # compile outside the clock
    searches = {"evenground": ours, **PEERS}
    for warm in searches.values():
        warm(problem, 0.5, 10 * 200, 0)
    fronts = {
        name: [one(problem, *limit, seed) for seed in range(seeds)]
        for name, one in searches.items()
    }
    return {name: float(np.median(v)) for name, v in hypervolumes(problem, fronts).items()}
