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

from evenground.evaluation import Evaluation
from evenground.optimise.archive import Archive
from evenground.optimise.herd import Herd
from evenground.optimise.local import improve
from evenground.optimise.operators import favour_of, mutate
from evenground.optimise.problem import SCORES, Problem
from evenground.optimise.start import make_seeds

Float = NDArray[np.float64]
Long = NDArray[np.int64]
Plans = NDArray[np.int16]
logger = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
"""Called with the plans evaluated and the plans to evaluate."""


DIRECTIONS = 4096
"""Directions of the approximated hypervolume: good to 0.1 % in 20 ms for thousands of plans."""


HARMFUL = 1e12
"""Goals of a plan that breaks a constraint, growing with it: worse than any that breaks none."""


EARLIER = 256
"""Earlier plans that are evaluated together, so that memory stays small."""


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
    """Makes children with our own operators; an individual is the slot of its plan."""

    def __init__(self, herd: Herd, favour: Float, rng: np.random.Generator) -> None:
        super().__init__()
        self._herd, self._favour, self._rng = herd, favour, rng

    def do(self, problem: object, pop: Population, n_offsprings: int, **_: object) -> Population:  # noqa: ARG002 - pymoo's face
        slots = self._herd.breed(_slots(pop), n_offsprings, self._favour, self._rng)
        return Population.new("X", slots[:, None])


def _slots(pop: Population) -> Long:
    """Return the slots of a population (candidate,)."""
    return np.asarray(pop.get("X")[:, 0], np.int64)


class _Books:
    """What a search has found and spent so far."""

    def __init__(self, problem: Problem, seeds: Plans, progress: Progress | None) -> None:
        settings = problem.search
        self._problem, self._progress, self._began = problem, progress, time.monotonic()
        self.archive = Archive.empty(
            problem.options.most.size, len(settings.objectives), len(SCORES)
        )
        _, self._today = problem.scores(problem.empty[None, :])
        self._rows: list[tuple[int, float, int, float]] = []
        self.evaluated = len(seeds)
        self.take(seeds, problem.evaluator.evaluate(seeds), seed=True)
        self._worst, self._best = self.archive.goals.max(axis=0), self.archive.goals.min(axis=0)

    @property
    def history(self) -> pd.DataFrame:
        """What was told, line by line."""
        return pd.DataFrame(self._rows, columns=["evaluated", "seconds", "archive", "hypervolume"])

    def started(self, began: float) -> "_Books":
        """Count the time from an earlier moment on."""
        self._began = began
        return self

    def take(self, plans: Plans, evaluation: Evaluation, *, seed: bool = False) -> Float:
        """Offer plans to the archive, and return what the search lowers (candidate, objective)."""
        problem = self._problem
        scores = problem.scores_of(plans, evaluation)
        goals = problem.goal_values(plans, scores, evaluation)
        hashes = problem.hashes(plans)
        broken = problem.violation(plans, evaluation, self._today)
        safe = broken <= 0.0
        self.archive.add(plans[safe], goals[safe], scores[safe], hashes[safe], seed=seed)
        return np.where(safe[:, None], goals, HARMFUL * (1.0 + broken[:, None]))

    def take_earlier(self, plans: Plans) -> Plans:
        """Offer plans of an earlier search, repaired, and return these (candidate, option)."""
        plans = self._problem.repair(np.array(plans, np.int16))
        for first in range(0, len(plans), EARLIER):
            chunk = plans[first : first + EARLIER]
            self.take(chunk, self._problem.evaluator.evaluate(chunk))
        self.evaluated += len(plans)
        return plans

    def tell(self) -> bool:
        """Write down how far the search is, tell it, and return whether time is up."""
        archive, spent = self.archive, time.monotonic() - self._began
        reached = volume(archive.goals, self._best, self._worst)
        self._rows.append((self.evaluated, spent, len(archive), reached))
        logger.info("%d plans, %d kept, hypervolume %.4f", self.evaluated, len(archive), reached)
        if self._progress is not None:
            self._progress(self.evaluated, self._problem.search.evaluations)
        return self._is_over(spent)

    def is_late(self) -> bool:
        """Say whether time is up."""
        return self._is_over(time.monotonic() - self._began)

    def _is_over(self, spent: float) -> bool:
        limit = self._problem.search.time_limit_s
        return limit is not None and spent >= limit


def search(problem: Problem, progress: Progress | None = None, seeds: Plans | None = None) -> Found:
    """Look for the front of a problem.

    Parameters
    ----------
    seeds : (candidate, option)
        Plans of an earlier search to start from besides the greedy ones; they are repaired,
        and stay only while nothing beats them.
    """
    began, settings = time.monotonic(), problem.search
    rng = np.random.default_rng([settings.seed, 1])
    earlier, seeds = seeds, make_seeds(problem)
    books = _Books(problem, seeds, progress).started(began)
    if earlier is not None and len(earlier):
        seeds = np.concatenate([seeds, books.take_earlier(earlier)])
    herd = Herd(problem, settings.population)
    mending = int(settings.local_share * settings.evaluations)
    has_options = problem.options.most.size > 0
    algorithm: NSGA2 | None = None
    while True:
        is_cut_short = books.tell()
        is_done = books.evaluated >= settings.evaluations - mending or not has_options
        if is_done or is_cut_short:
            is_cut_short = is_cut_short and not is_done
            break
        is_first = algorithm is None
        algorithm = algorithm or _algorithm(problem, herd, seeds, rng)
        population = algorithm.ask()
        slots = _slots(population)
        population.set("F", books.take(herd.plans(slots), herd.evaluate(slots)))
        algorithm.tell(infills=population)
        # the first generation holds seeds, which have been counted
        books.evaluated += max(0, len(slots) - len(seeds)) if is_first else len(slots)
    left = settings.evaluations - books.evaluated
    if mending > 0 and left > 0 and has_options and not is_cut_short:
        done = improve(problem, books.archive, books.take, rng, left, is_late=books.is_late)
        books.evaluated += done
        is_cut_short = books.tell()
    return Found(books.archive, books.history, books.evaluated, is_cut_short)


def _algorithm(problem: Problem, herd: Herd, seeds: Plans, rng: np.random.Generator) -> NSGA2:
    """Set pymoo's NSGA-II up with our seeds and operators; its one variable is a slot."""
    size = problem.search.population
    ours = PymooProblem(n_var=1, n_obj=len(problem.search.objectives), xl=0, xu=2 * size)
    start = seeds[np.arange(size) % len(seeds)].copy()
    gains = problem.gains(problem.empty, {"burden": 1.0})
    favour = favour_of(gains, problem.rules.price_eur)
    if size > len(seeds):
        start[len(seeds) :] = problem.repair(mutate(problem, start[len(seeds) :], favour, rng))
    algorithm = NSGA2(
        pop_size=size,
        sampling=Population.new("X", herd.found(start)[:, None]),
        mating=_Mating(herd, favour, rng),
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
