"""What each part of the search is worth: hypervolume with it, and with it taken away.

At the same number of plans, seeds counted; on two invented towns and two seeds, or on four and
five with ``EVENGROUND_BENCH=full``. A part that does not pay shows as a ratio below one. Run it
by ``make bench``.
"""

from collections.abc import Mapping
from pathlib import Path

import moocore
import numpy as np
from bars import Bars
from cities import IS_FULL, SMALL, problem_of

from evenground.optimise import Problem, search

TOWNS, SEEDS, EVALUATIONS = (4, 5, 8000) if IS_FULL else (2, 2, 3000)
WITHOUT: Mapping[str, Mapping[str, object]] = {
    "nothing": {},
    "seeds": {"seeds": "none"},
    "mutation by gains": {"blind_share": 1.0},
    "crossover by window (by option instead)": {"crossover": "uniform"},
    "the archive feeding the population": {"survival": "crowding"},
    "small moves": {"local_share": 0.0},
    "evolution": {"local_share": 1.0},
}
DIRECTIONS = 20_000


def test_bench_ablation(tmp_path: Path, bars: Bars) -> None:
    volumes = {name: [] for name in WITHOUT}
    for town in range(TOWNS):
        problem = problem_of(SMALL, town, tmp_path / str(town))
        for name, found in compared(problem).items():
            volumes[name] += found
    whole = np.array(volumes.pop("nothing"))
    for name, found in volumes.items():
        ratio = whole / np.array(found)
        bars.add(
            f"hypervolume with all parts against without {name}, {TOWNS} towns, {SEEDS} seeds, "
            f"{EVALUATIONS} plans",
            f"{whole.mean():.4f}",
            f"{np.mean(found):.4f}",
            float(np.exp(np.log(ratio).mean())),
            ">= 1",
        )
        bars.say(f"without {name}: ratios {np.round(np.sort(ratio), 3).tolist()}")
    assert (whole > 0.0).all()


def compared(problem: Problem) -> dict[str, list[float]]:
    """Return the hypervolume without each part, seed by seed, all on one scale."""
    fronts = {
        (name, seed): goals_of(problem, changes, seed)
        for name, changes in WITHOUT.items()
        for seed in range(1, SEEDS + 1)
    }
    best = np.min([goals.min(axis=0) for goals in fronts.values()], axis=0)
    worst = np.max([goals.max(axis=0) for goals in fronts.values()], axis=0)
    size = np.where(worst > best, worst - best, 1.0)
    return {
        name: [volume((fronts[name, seed] - best) / size) for seed in range(1, SEEDS + 1)]
        for name in WITHOUT
    }


def goals_of(problem: Problem, changes: Mapping[str, object], seed: int) -> np.ndarray:
    """Return the goals of what a search without a part keeps."""
    update = {"evaluations": EVALUATIONS, "seed": seed, **changes}
    return search(problem.with_search(problem.search.model_copy(update=update))).archive.goals


def volume(scaled: np.ndarray) -> float:
    """Return the hypervolume below the worst of each goal."""
    corner = np.full(scaled.shape[1], 1.0)
    found = np.ascontiguousarray(scaled)
    return float(moocore.hv_approx(found, ref=corner, method="DZ2019-HW", nsamples=DIRECTIONS))
