"""What the search does besides evaluating: against a generation, and against pymoo's operators.

Children of a population of 200, archived among ten thousand; in a city of 48 000 options with
``EVENGROUND_BENCH=full``, else of 2 000. Both sides are timed in turn within one run; nothing
is asserted about time. Run it by ``make bench``.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bars import Bars
from cities import IS_FULL, LARGE, SMALL, problem_of
from pymoo.core.duplicate import DefaultDuplicateElimination
from pymoo.core.population import Population
from pymoo.core.problem import Problem as PymooProblem
from pymoo.operators.crossover.ux import UniformCrossover
from pymoo.operators.mutation.pm import PM

from evenground.optimise import SCORES, Archive, Problem
from evenground.optimise.archive import EVOLUTION
from evenground.optimise.crossover import CROSSOVERS, squares_of
from evenground.optimise.herd import Herd
from evenground.optimise.mutation import favours, mutate
from evenground.optimise.reach import Reach
from evenground.optimise.survival import SURVIVALS, Crowd

SIZE, KEPT, GOALS = 200, 10_000, 6
SHARE = 0.075
ROUNDS = 5


def test_bench_machinery(tmp_path: Path, bars: Bars) -> None:
    problem = problem_of(LARGE if IS_FULL else SMALL, 0, tmp_path)
    work = Work(problem)
    spent = seconds(work.parts | {"pymoo": work.pymoo, "evaluation": work.evaluate})
    n = problem.empty.size

    told = ", ".join(f"{name} {1e3 * value:.1f}" for name, value in spent.items())
    bars.say(f"{n} options, {SIZE} children, {KEPT} kept, ms: {told}")
    made = sum(spent[name] for name in ("crossover", "mutation", "repair", "hash"))
    bars.add(
        f"crossover, mutation, repair and hash of {SIZE} children against pymoo's crossover, "
        f"mutation and duplicates, {n} options",
        f"{1e3 * made:.1f} ms",
        f"{1e3 * spent['pymoo']:.0f} ms",
        spent["pymoo"] / made,
        ">= 30" if IS_FULL else "",
    )
    machinery = sum(spent[name] for name in work.parts)
    bars.add(
        f"all besides evaluation, as a share of a generation, {n} options",
        f"{1e3 * machinery:.1f} ms",
        f"{1e3 * spent['evaluation']:.0f} ms of evaluation",
        machinery / (machinery + spent["evaluation"]),
        "<= 0.2" if IS_FULL else "",
    )
    assert len(work.archive) > KEPT


def seconds(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each, after one turn outside the clock."""
    spent = np.zeros((ROUNDS + 1, len(works)))
    for row in spent:
        for k, work in enumerate(works.values()):
            start = time.perf_counter()
            work()
            row[k] = time.perf_counter() - start
    return dict(zip(works, np.median(spent[1:], axis=0).tolist(), strict=True))


class Work:
    """The parts of a generation, one by one."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.rng = problem, np.random.default_rng(1)
        self.herd, self.favour = Herd(problem, SIZE), favours(problem)
        most = problem.rules.most
        active = self.rng.random((SIZE, most.size)) < SHARE
        amount = np.ceil(self.rng.random((SIZE, most.size)) * most)
        plans = problem.repair(np.where(active, amount, 0).astype(np.int16))
        self.living = self.herd.found(plans)
        self.herd.evaluate(self.living)
        self.children = self.herd.breed(self.living, SIZE, self.favour, self.rng)
        self.slots = np.concatenate([plans, plans])
        self.rows, self.squares = np.arange(SIZE, 2 * SIZE), squares_of(problem.options)
        self.archive = Archive.empty(most.size, GOALS, len(SCORES))
        goals, keys = self.rng.dirichlet(np.ones(GOALS), KEPT), np.arange(KEPT, dtype=np.uint64)
        scores, none = np.zeros((KEPT, len(SCORES))), np.zeros((KEPT, most.size), np.int16)
        self.archive.add(none, goals, scores, keys, origin=EVOLUTION)
        self.reach = Reach(np.zeros(GOALS), np.ones(GOALS))
        # pymoo's side: the same plans as it holds them
        self._face = PymooProblem(n_var=most.size, n_obj=GOALS, xl=0, xu=most)
        self._pop = Population.new("X", plans.astype(float))
        self.parts = {
            "crossover": self.cross,
            "mutation": lambda: mutate(problem, self.slots, self.rows, self.favour, self.rng),
            "repair": lambda: problem.repair(self.slots, self.rows),
            "hash": lambda: problem.hashes(self.slots[self.rows]),
            "archive": self.keep,
            "hypervolume": lambda: self.reach.add(self.goals()).volume,
            "survival": self.survive,
        }

    def goals(self) -> np.ndarray:
        """Return goals of children that nothing beats, and that beat a few."""
        return self.rng.dirichlet(np.ones(GOALS), SIZE) * (1.0 - 1e-4)

    def cross(self) -> None:
        """Cross random pairs, without what follows."""
        pair = self.rng.integers(0, SIZE, (SIZE, 2))
        cross = CROSSOVERS[self.problem.search.crossover]
        cross(self.squares, self.slots, self.rows, pair, self.rng)

    def keep(self) -> None:
        """Archive the children."""
        keys = self.rng.integers(0, 2**64, SIZE, dtype=np.uint64)
        scores = np.zeros((SIZE, len(SCORES)))
        plans = self.slots[self.rows]
        self.archive.add(plans, self.goals(), scores, keys, origin=EVOLUTION)

    def survive(self) -> None:
        """Choose who lives on."""
        crowd = Crowd(np.concatenate([self.goals(), self.goals()]), self.archive.goals)
        SURVIVALS[self.problem.search.survival](crowd, SIZE, self.rng)

    def evaluate(self) -> None:
        """Evaluate the children, which inherit from their parents."""
        self.herd.evaluate(self.children)

    def pymoo(self) -> None:
        """Cross, mutate and look for duplicates as pymoo does."""
        parents = self.rng.integers(0, SIZE, (SIZE // 2, 2))
        off = UniformCrossover().do(self._face, self._pop, parents, random_state=self.rng)
        off = PM(eta=20).do(self._face, off, random_state=self.rng)
        DefaultDuplicateElimination().do(off, self._pop)
