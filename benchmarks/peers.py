"""The searches of pymoo, jMetalPy and Platypus on a problem of ours, and one scale for all.

Every peer gets what our search gets: the compiled evaluation in batches, repair to the budget,
and a start of sparse plans. Whatever it ever evaluated counts, as if it kept an archive. What
is left to compare is the search itself.
"""

import logging
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import moocore
import numpy as np
from jmetal.algorithm.multiobjective.nsgaii import NSGAII
from jmetal.core.problem import IntegerProblem
from jmetal.core.solution import IntegerSolution
from jmetal.operator.crossover import IntegerSBXCrossover
from jmetal.operator.mutation import IntegerPolynomialMutation
from jmetal.util.evaluator import Evaluator as JmetalEvaluator
from jmetal.util.termination_criterion import StoppingByEvaluations
from numpy.typing import NDArray
from platypus import EpsNSGAII, Integer, Problem, Solution
from platypus.evaluator import Evaluator as PlatypusEvaluator
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.problem import Problem as PymooProblem
from pymoo.core.repair import Repair
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.repair.rounding import RoundingRepair
from pymoo.optimize import minimize

from evenground.optimise import Problem as OurProblem
from evenground.optimise import search

Float = NDArray[np.float64]
Plans = NDArray[np.int16]

logging.getLogger("jmetal").setLevel(logging.WARNING)

POPULATION = 200
START_SHARE = 0.05
"""Largest share of the options that is active in a plan of the start; the first has none."""
LONGEST = 86_400.0
"""Seconds of a search that is not bound by time."""
NEVER = 10**9
"""More evaluations than any search makes."""


class Over(Exception):  # noqa: N818 - no error: the time or the plans of a search are used up
    """Ends a search from within its evaluation."""


@dataclass
class Judge:
    """Evaluates plans for a peer, and keeps what it found until its time is over."""

    problem: OurProblem
    seconds: float
    evaluations: int
    seed: int
    began: float = field(default_factory=time.monotonic)
    found: list[Float] = field(default_factory=list)
    count: int = 0

    def start(self) -> Plans:
        """Return sparse plans that respect the budget."""
        rng = np.random.default_rng(self.seed)
        most = self.problem.options.most
        share = np.linspace(0.0, START_SHARE, POPULATION)[:, None]
        active = rng.random((POPULATION, most.size)) < share
        amount = np.ceil(rng.random((POPULATION, most.size)) * most)
        return self.problem.repair(np.where(active, amount, 0).astype(np.int16))

    def __call__(self, plans: Plans) -> tuple[Plans, Float]:
        """Return the repaired plans and their goals."""
        used_up = self.count >= self.evaluations
        if used_up or (self.count and time.monotonic() - self.began >= self.seconds):
            raise Over
        plans = self.problem.repair(np.ascontiguousarray(plans, np.int16))
        scores, evaluation = self.problem.scores(plans)
        goals = self.problem.goal_values(plans, scores, evaluation)
        self.found.append(goals)
        self.count += len(plans)
        return plans, goals

    def run(self, peer: Callable[[], object]) -> Float:
        """Let a peer search until it is over, and return all goals that it found.

        Its time is up wherever it is: making children of 48 000 options takes some minutes.
        """
        is_going = True

        def stop(*_: object) -> None:
            if is_going:
                raise Over

        before = signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, min(self.seconds, LONGEST))
        try:
            with suppress(Over):
                try:
                    peer()
                finally:
                    # within, so that an alarm which comes too late is no error
                    is_going = False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)
        n_goal = len(self.problem.search.objectives)
        return np.concatenate([np.zeros((0, n_goal)), *self.found])


def ours(problem: OurProblem, seconds: float, evaluations: int, seed: int) -> Float:
    """Return the goals of our own front."""
    settings = problem.search.model_copy(
        update={"time_limit_s": seconds, "evaluations": evaluations, "seed": seed}
    )
    return search(problem.with_search(settings)).archive.goals


def pymoo(problem: OurProblem, seconds: float, evaluations: int, seed: int) -> Float:
    """NSGA-II of pymoo with its operators for whole numbers."""
    judge = Judge(problem, seconds, evaluations, seed)

    class Face(PymooProblem):  # type: ignore[misc] # pymoo is untyped
        def __init__(self) -> None:
            most = problem.options.most
            super().__init__(n_var=most.size, n_obj=len(problem.search.objectives),
                             xl=0, xu=most, vtype=int)  # fmt: skip

        def _evaluate(self, x: object, out: dict[str, object], *_: object, **__: object) -> None:
            out["F"] = judge(np.asarray(x))[1]

    class ToBudget(Repair):  # type: ignore[misc]
        def _do(self, _: object, x: Plans, **__: object) -> Plans:
            return problem.repair(np.ascontiguousarray(np.rint(x), np.int16)).astype(int)

    algorithm = NSGA2(
        pop_size=POPULATION,
        sampling=judge.start().astype(int),
        crossover=SBX(prob=0.9, eta=15, vtype=float, repair=RoundingRepair()),
        mutation=PM(eta=20, vtype=float, repair=RoundingRepair()),
        repair=ToBudget(),
    )
    return judge.run(lambda: minimize(Face(), algorithm, ("n_gen", NEVER), seed=seed))


def jmetal(problem: OurProblem, seconds: float, evaluations: int, seed: int) -> Float:
    """NSGA-II of jMetalPy with its operators for whole numbers."""
    judge = Judge(problem, seconds, evaluations, seed)
    most = problem.options.most.astype(int).tolist()
    start = iter(judge.start().astype(int).tolist())
    n_goal = len(problem.search.objectives)

    class Face(IntegerProblem):
        def __init__(self) -> None:
            super().__init__()
            self.lower_bound, self.upper_bound = [0] * len(most), most

        def number_of_objectives(self) -> int:
            return n_goal

        def number_of_constraints(self) -> int:
            return 0

        def name(self) -> str:
            return "evenground"

        def create_solution(self) -> IntegerSolution:
            made = IntegerSolution(self.lower_bound, self.upper_bound, n_goal, 0)
            made.variables = next(start)
            return made

        def evaluate(self, solution: IntegerSolution) -> IntegerSolution:
            return Batch().evaluate([solution], self)[0]

    class Batch(JmetalEvaluator):
        def evaluate(self, solution_list: list, problem: object) -> list:  # noqa: ARG002
            plans, goals = judge(np.array([one.variables for one in solution_list]))
            for one, plan, goal in zip(solution_list, plans.tolist(), goals.tolist(), strict=True):
                one.variables, one.objectives = plan, goal
            return solution_list

    random.seed(seed)
    algorithm = NSGAII(
        problem=Face(),
        population_size=POPULATION,
        offspring_population_size=POPULATION,
        mutation=IntegerPolynomialMutation(1.0 / len(most), 20.0),
        crossover=IntegerSBXCrossover(0.9, 15.0),
        termination_criterion=StoppingByEvaluations(NEVER),
        population_evaluator=Batch(),
    )
    return judge.run(algorithm.run)


def platypus(problem: OurProblem, seconds: float, evaluations: int, seed: int) -> Float:
    """Epsilon-NSGA-II of Platypus on its gray-coded whole numbers."""
    judge = Judge(problem, seconds, evaluations, seed)
    most = problem.options.most.astype(int).tolist()
    start, n_goal = judge.start(), len(problem.search.objectives)
    types = [Integer(0, largest) for largest in most]
    face = Problem(len(most), n_goal)
    face.types[:] = types

    class Batch(PlatypusEvaluator):
        def evaluate_all(self, jobs: list, **_: object) -> list:
            jobs = list(jobs)
            given = [
                [kind.decode(value) for kind, value in zip(types, job.solution.variables)]  # noqa: B905 - fixed arrays
                for job in jobs
            ]
            plans, goals = judge(np.array(given))
            for job, plan, goal in zip(jobs, plans.tolist(), goals.tolist(), strict=True):
                job.solution.variables[:] = [
                    kind.encode(value) for kind, value in zip(types, plan, strict=True)
                ]
                job.solution.objectives[:] = goal
                job.solution.evaluated = True
            return jobs

    class Start:
        def __init__(self) -> None:
            self.rows = iter(start.tolist())

        def generate(self, problem: Problem) -> Solution:
            made = Solution(problem)
            row = next(self.rows)
            made.variables[:] = [kind.encode(v) for kind, v in zip(types, row, strict=True)]
            return made

    random.seed(seed)
    today = problem.empty[None, :]
    scores, evaluation = problem.scores(today)
    sizes = np.maximum(np.abs(problem.goal_values(today, scores, evaluation)[0]), 1e-9)
    epsilons = (1e-4 * sizes).tolist()
    algorithm = EpsNSGAII(face, epsilons, POPULATION, generator=Start(), evaluator=Batch())
    return judge.run(lambda: algorithm.run(NEVER))


PEERS = {"pymoo NSGA-II": pymoo, "jMetalPy NSGA-II": jmetal, "Platypus eps-NSGA-II": platypus}


def hypervolumes(problem: OurProblem, fronts: dict[str, list[Float]]) -> dict[str, list[float]]:
    """Return the hypervolume of every front, on one scale.

    The reference point is what leaves all as it is and spends the whole budget all the same;
    the other end of the scale is the best of each goal that any of them found.
    """
    today = problem.empty[None, :]
    scores, evaluation = problem.scores(today)
    worst = problem.goal_values(today, scores, evaluation)[0]
    for k, name in enumerate(problem.search.objectives):
        if name == "cost":
            worst[k] = max(
                front[:, k].max(initial=0.0) for runs in fronts.values() for front in runs
            )
    found = np.concatenate([front for runs in fronts.values() for front in runs])
    best = found.min(axis=0)
    size = np.where(worst > best, worst - best, 1.0)

    def volume(front: Float) -> float:
        scaled = (front - best) / size
        inside = scaled[(scaled < 1.0).all(axis=1)]
        if not len(inside):
            return 0.0
        kept = moocore.filter_dominated(np.ascontiguousarray(inside))
        return float(moocore.hypervolume(kept, ref=np.ones(kept.shape[1])))

    return {name: [volume(front) for front in runs] for name, runs in fronts.items()}
