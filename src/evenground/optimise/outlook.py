"""What a search has before it: how many options are left, what money buys, and how long it takes.

Takes a problem; takes a few steps of a search to see how fast it goes. Finds nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evenground.optimise.books import Books
from evenground.optimise.evolution import Evolution
from evenground.optimise.herd import MOST_BYTES
from evenground.optimise.local import Mending
from evenground.optimise.pace import time_of_search
from evenground.optimise.problem import Problem
from evenground.optimise.seeds import fill, weightings

Float = NDArray[np.float64]

T = TypeVar("T")
TRIED = 64
"""Plans of a generation that is bred to see how fast it goes."""
MENDED = 0.5
"""Share of the plans that small moves take, about, where it goes by what they bring: measured from
0.17 in a city of 49 000 options to 0.75 in towns of 2 000."""
BYTES_PER_KEPT = 4096
"""Memory of a plan that an archive keeps, about: its active options, scores and goals."""


@dataclass(frozen=True)
class Outlook:
    """What is known before a search."""

    fits: int
    """Options that fit on the ground."""
    is_open: int
    """Those outside closed places, and with room for the smallest project."""
    affordable: int
    """Those of which the smallest project is affordable."""
    buys: dict[str, float]
    """Intervention = how much of it the money buys if all goes to it alone, in its unit."""
    seconds: float
    """Of the whole search, about, on this machine as it is now."""
    gigabytes: float
    """Memory of the arrays and of all plans kept, about."""


def look_ahead(problem: Problem) -> Outlook:
    """Return what a search has before it."""
    rules = problem.rules
    is_open = rules.most >= np.maximum(rules.least, 1)
    euros = rules.least * rules.capital_eur + rules.fixed_eur
    affordable = is_open.copy()
    for k, row in enumerate(rules.rows):
        affordable &= ~rules.counts(k) | (euros <= row.eur * (1.0 + 1e-9))
    weights = problem.evaluator.nbytes
    kept = problem.search.evaluations * BYTES_PER_KEPT
    slots = 2 * problem.search.population
    plans = slots * rules.most.nbytes * 2
    sums = slots * problem.evaluator.kept_nbytes
    plans += sums if sums <= MOST_BYTES else 0
    return Outlook(
        fits=int((rules.room > 0).sum()),
        is_open=int(is_open.sum()),
        affordable=int(affordable.sum()),
        buys=_buys(problem),
        seconds=_seconds(problem),
        gigabytes=(weights + kept + plans) / 1e9,
    )


def _buys(problem: Problem) -> dict[str, float]:
    """Return how much of each intervention alone the money buys, the cheapest places first."""
    options, rules = problem.options, problem.rules
    out = {}
    for row, name in enumerate(options.interventions.index):
        chosen = options.intervention == row
        cheap = np.where(chosen, 1.0 / np.maximum(rules.price_eur, 1e-9), 0.0)
        plan = fill(problem, problem.empty, cheap * rules.price_eur, problem.search.budget_eur)
        out[str(name)] = float((plan * options.step)[chosen].sum())
    return out


def _seconds(problem: Problem) -> float:
    """Return how long the search takes, from a few steps of each kind as it takes them itself."""
    search = problem.search
    if not problem.rules.most.size or search.evaluations == 0:
        return 0.0
    few = problem.with_search(search.model_copy(update={"population": TRIED, "time_limit_s": None}))
    rng = np.random.default_rng([search.seed, 2])
    books = Books(few, None)
    gain, per_seed = _timed(lambda: problem.gains(problem.empty, {"burden": 1.0}), 2)
    least = problem.start
    plans = [fill(problem, least, gain, search.budget_eur * part) for part in (0.25, 0.5, 1.0)]
    seeds = problem.repair(np.stack([least, *plans]))
    goals = books.take_seeds(seeds)
    evolution = Evolution(few, books.archive, books.take, rng)
    evolution.begin(seeds, goals)
    _, per_generation = _timed(evolution.step, 3)
    n_seeds = len(weightings(search.objectives)) * search.budget_levels
    n_turns = max(0, search.evaluations - n_seeds)
    n_mended = int((MENDED if search.local_share is None else search.local_share) * n_turns)
    n_bred = n_turns - n_mended
    seconds = n_seeds * per_seed + n_bred * per_generation / TRIED
    if n_mended:
        mending = Mending(few, books, rng)
        tried, per_moves = _timed(lambda: mending.step(search.evaluations), 3)
        seconds += n_mended * per_moves / max(tried, 1)
    limit = time_of_search(search)
    return seconds if limit is None else min(seconds, limit)


def _timed(step: Callable[[], T], times: int) -> tuple[T, float]:
    """Take a step a few times, and return what the last gave and how long the quickest took.

    The first may compile, and others may be disturbed.
    """
    took = []
    for _ in range(times):
        began = time.perf_counter()
        out = step()
        took.append(time.perf_counter() - began)
    return out, min(took)
