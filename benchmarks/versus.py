"""How our search is held against those of others on some cities; see the two benchmarks of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from bars import Bars
from cities import problem_of
from peers import PEERS, Judge, hypervolumes, ours

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

    def hold(self, equal: str, folder: Path, bars: Bars) -> list[float]:
        """Let all search the cities, and return our hypervolume in that of the best peer."""
        if not (self.cities and (equal == "time" or self.evaluations)):
            pytest.skip("not compared at this size")
        limit = (self.seconds, NO_LIMIT) if equal == "time" else (1e9, self.evaluations)
        cities = self.cities if equal == "time" else min(2, self.cities)
        sides: dict[tuple[str, ...], list[tuple[float, float]]] = {goals: [] for goals in GOALS}
        for city in range(cities):
            made = problem_of(self.city, city, folder / str(city))
            for goals, found in sides.items():
                problem = made.with_search(made.search.model_copy(update={"objectives": goals}))
                volumes = compared(problem, limit, self.seeds)
                best = max(volume for name, volume in volumes.items() if name != "evenground")
                found.append((volumes["evenground"], best))
                told = ", ".join(f"{name} {volume:.4f}" for name, volume in volumes.items())
                bars.say(
                    f"{self.size} city {city}, {problem.empty.size} options, {len(goals)} goals, "
                    f"equal {equal}, {self.amount(equal)}: {told}; ratio {_ratio(*found[-1]):.3g}"
                )
        ratios = {goals: [_ratio(*each) for each in found] for goals, found in sides.items()}
        for goals, found in ratios.items():
            least = int(np.argmin(found))
            bars.add(
                f"hypervolume against the best peer, {self.size} cities, {len(goals)} goals, "
                f"{self.amount(equal)}, median of {self.seeds} seeds, least of {cities} cities",
                *(f"{side:.4f}" for side in sides[goals][least]),
                found[least],
                self.asked if equal == "time" else ">= 1",
            )
        return [each for found in ratios.values() for each in found]

    def amount(self, equal: str) -> str:
        """Say what is the same for all."""
        return f"{self.seconds:.0f} s" if equal == "time" else f"{self.evaluations} plans"


def _ratio(ours: float, other: float) -> float:
    """Return how many times the other side ours is."""
    return ours / other if other > 0.0 else np.inf


def chosen(contests: Mapping[str, tuple[Contest, ...]]) -> tuple[Contest, ...]:
    """Return the contests of the size that ``EVENGROUND_BENCH`` asks for."""
    return contests[os.environ.get("EVENGROUND_BENCH", "quick")]


def compared(problem: Problem, limit: tuple[float, int], seeds: int) -> dict[str, float]:
    """Return the median hypervolume of every search over some seeds."""
    judge = Judge(problem, NO_LIMIT, NO_LIMIT, 0)
    judge(judge.start())  # compile outside the clock
    searches = {"evenground": ours, **PEERS}
    for warm in searches.values():
        warm(problem, 0.5, 10 * 200, 0)
    fronts = {
        name: [one(problem, *limit, seed) for seed in range(seeds)]
        for name, one in searches.items()
    }
    return {name: float(np.median(v)) for name, v in hypervolumes(problem, fronts).items()}
