"""NSGA-II by ask and tell, in our own loop, with an archive that forgets nothing good.

pymoo ranks and selects; making, repairing, evaluating, archiving and stopping
are ours. The same settings and seed give the same archive on any number of
threads, unless a time limit cuts the search short.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import moocore
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.infill import InfillCriterion
from pymoo.core.population import Population
from pymoo.core.problem import Problem as PymooProblem
from pymoo.operators.selection.rnd import RandomSelection

from evenground.optimise.archive import Archive
from evenground.optimise.operators import cross, favour_of, mutate
from evenground.optimise.problem import SCORES, Problem
from evenground.optimise.start import make_seeds

Float = NDArray[np.float64]
Plans = NDArray[np.int16]
logger = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
"""Called with the plans evaluated and the plans to evaluate."""


DIRECTIONS = 4096
"""Directions of the approximated hypervolume: good to 0.1 % in 20 ms for thousands of plans."""


HARMFUL = 1e12
"""Goals of a plan that breaks a constraint, growing with it: worse than any that breaks none."""


@dataclass(frozen=True)
class Found:
    """What a search found."""

    archive: Archive
    history: pd.DataFrame
    """Plans evaluated, seconds, archive size and hypervolume after every generation."""
    evaluated: int
    is_cut_short: bool
    """True if the time limit ended the search."""


class _Mating(InfillCriterion):  # type: ignore[misc] # pymoo is untyped
    """Makes children with our own operators on whole arrays."""

    def __init__(self, problem: Problem, favour: Float, rng: np.random.Generator) -> None:
        super().__init__()
        self._ours = problem
        self._favour = favour
        self._rng = rng

    def do(self, problem: object, pop: Population, n_offsprings: int, **_: object) -> Population:  # noqa: ARG002 - pymoo's face
        plans = np.stack(pop.get("X")).astype(np.int16)
        pair = self._rng.integers(0, len(plans), (n_offsprings, 2))
        children = cross(self._ours, plans[pair[:, 0]], plans[pair[:, 1]], self._rng)
        children = mutate(self._ours, children, self._favour, self._rng)
        return Population.new("X", self._ours.repair(children))


def search(problem: Problem, progress: Progress | None = None) -> Found:
    """Look for the front of a problem."""
    began = time.monotonic()
    settings = problem.search
    rng = np.random.default_rng([settings.seed, 1])
    archive = Archive.empty(problem.options.most.size, len(settings.objectives), len(SCORES))
    _, today = problem.scores(problem.empty[None, :])
    rows: list[tuple[int, float, int, float]] = []

    def take(plans: Plans, *, seed: bool) -> Float:
        scores, evaluation = problem.scores(plans)
        goals = problem.goal_values(plans, scores, evaluation)
        hashes = problem.hashes(plans)
        broken = problem.violation(plans, evaluation, today)
        safe = broken <= 0.0
        archive.add(plans[safe], goals[safe], scores[safe], hashes[safe], seed=seed)
        return np.where(safe[:, None], goals, HARMFUL * (1.0 + broken[:, None]))

    seeds = make_seeds(problem)
    take(seeds, seed=True)
    worst, best = archive.goals.max(axis=0), archive.goals.min(axis=0)
    evaluated = len(seeds)
    algorithm: NSGA2 | None = None
    is_cut_short = False
    while True:
        spent = time.monotonic() - began
        reached = volume(archive.goals, best, worst)
        rows.append((evaluated, spent, len(archive), reached))
        logger.info("%d plans, %d kept, hypervolume %.4f", evaluated, len(archive), reached)
        if progress is not None:
            progress(evaluated, settings.evaluations)
        if evaluated >= settings.evaluations or problem.options.most.size == 0:
            break
        if settings.time_limit_s is not None and spent >= settings.time_limit_s:
            is_cut_short = True
            break
        is_first = algorithm is None
        algorithm = algorithm or _algorithm(problem, seeds, rng)
        population = algorithm.ask()
        plans = np.stack(population.get("X")).astype(np.int16)
        population.set("F", take(plans, seed=False))
        algorithm.tell(infills=population)
        # the first generation holds seeds, which have been counted
        evaluated += max(0, len(plans) - len(seeds)) if is_first else len(plans)
    columns = ["evaluated", "seconds", "archive", "hypervolume"]
    return Found(archive, pd.DataFrame(rows, columns=columns), evaluated, is_cut_short)


def _algorithm(problem: Problem, seeds: Plans, rng: np.random.Generator) -> NSGA2:
    """Set pymoo's NSGA-II up with our seeds and operators."""
    n = problem.options.most.size
    ours = PymooProblem(n_var=n, n_obj=len(problem.search.objectives), xl=0, xu=problem.rules.most)
    size = problem.search.population
    start = seeds[np.arange(size) % len(seeds)].copy()
    gains = problem.gains(problem.empty, {"burden": 1.0})
    favour = favour_of(gains, problem.rules.price_eur)
    if size > len(seeds):
        start[len(seeds) :] = problem.repair(mutate(problem, start[len(seeds) :], favour, rng))
    algorithm = NSGA2(
        pop_size=size,
        sampling=Population.new("X", start),
        mating=_Mating(problem, favour, rng),
        selection=RandomSelection(),
        eliminate_duplicates=False,
    )
    algorithm.setup(ours, termination=("n_gen", 10**9), seed=problem.search.seed % 2**32)
    return algorithm


def volume(goals: Float, best: Float, worst: Float) -> float:
    """Return the hypervolume between the best and the worst score of the seeds, scaled to them.

    Approximated from a fixed set of directions: exact volumes of thousands of points in
    six dimensions take longer than the search itself.
    """
    spread = np.where(worst > best, worst - best, 1.0)
    scaled = np.ascontiguousarray((goals - best) / spread)
    reference = np.full(goals.shape[1], 1.1)
    return float(moocore.hv_approx(scaled, ref=reference, method="DZ2019-HW", nsamples=DIRECTIONS))
