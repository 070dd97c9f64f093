"""How our search is held against those of others on some cities; see the two benchmarks of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from bars import Bars
from cities import problem_of
from peers import PEERS, hypervolumes, ours

from evenground.miniature import MiniatureSize
from evenground.optimise import Problem

GOALS = (
    ("burden", "inequality", "cost"),
    ("burden", "inequality", "stacking", "cost"),
)
NO_LIMIT = 10**9


@dataclass(frozen=True)
class Contest:
    """How much is compared."""

    size: str
    """Of the cities, as it is told."""
    city: MiniatureSize
    asked: str
    """How many times the hypervolume of the best peer is asked at the same time."""
    cities: int
    seeds: int
    seconds: float
    """Where the time is the same."""
    evaluations: int
    """Where the number of plans is the same, 0 = not compared; on the first two cities only, for
    jMetalPy and Platypus take minutes for what takes us seconds."""

    def hold(self, goals: tuple[str, ...], equal: str, folder: Path, bars: Bars) -> list[float]:
        """Let all search the cities, and return our hypervolume in that of the best peer."""
        if not (self.cities and (equal == "time" or self.evaluations)):
            pytest.skip("not compared at this size")
        limit = (self.seconds, NO_LIMIT) if equal == "time" else (1e9, self.evaluations)
        cities = self.cities if equal == "time" else min(2, self.cities)
        ratios, sides = [], []
        for city in range(cities):
            made = problem_of(self.city, city, folder / str(city))
            problem = made.with_search(made.search.model_copy(update={"objectives": goals}))
            volumes = compared(problem, limit, self.seeds)
            best = max(volume for name, volume in volumes.items() if name != "evenground")
            sides.append((volumes["evenground"], best))
            ratios.append(volumes["evenground"] / best if best > 0.0 else np.inf)
            told = ", ".join(f"{name} {volume:.4f}" for name, volume in volumes.items())
            bars.say(
                f"{self.size} city {city}, {problem.empty.size} options, {len(goals)} goals, "
                f"equal {equal}: {told}; ratio {ratios[-1]:.3g}"
            )
        least = int(np.argmin(ratios))
        amount = f"{self.seconds:.0f} s" if equal == "time" else f"{self.evaluations} plans"
        bars.add(
            f"hypervolume against the best peer, {self.size} cities, {len(goals)} goals, {amount}, "
            f"median of {self.seeds} seeds, least of {cities} cities",
            f"{sides[least][0]:.4f}",
            f"{sides[least][1]:.4f}",
            ratios[least],
            self.asked if equal == "time" else ">= 1",
        )
        return ratios


def chosen(contests: Mapping[str, Contest]) -> Contest:
    """Return the contest of the size that ``EVENGROUND_BENCH`` asks for."""
    return contests[os.environ.get("EVENGROUND_BENCH", "quick")]


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
