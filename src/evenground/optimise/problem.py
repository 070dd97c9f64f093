"""The search problem: plans in, scores out, and how a plan is kept feasible.

Joins options, evaluator and objectives. Knows nothing of how plans are found.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground.config import SearchSettings
from evenground.evaluation import Evaluation, Evaluator, Frame
from evenground.interventions import Options
from evenground.kernels import hash_plans, repair_plans
from evenground.objectives import OBJECTIVES, burden_derivative

Float = NDArray[np.float64]
Plans = NDArray[np.int16]

SCORES = (*OBJECTIVES, "capital")
"""Every score that is kept of a plan; the last is what the budget limits."""


@dataclass(frozen=True)
class Problem:
    """A case ready to be searched."""

    options: Options
    evaluator: Evaluator
    frame: Frame
    search: SearchSettings
    worst_first: NDArray[np.int32]
    """Options from the smallest to the largest gain per euro at the empty plan (option,)."""
    salt: NDArray[np.uint64]

    @property
    def goals(self) -> list[int]:
        """Columns of the scores that the search lowers."""
        return [SCORES.index(name) for name in self.search.objectives]

    @property
    def empty(self) -> Plans:
        """The plan that leaves all as it is (option,)."""
        return np.zeros(self.options.most.size, np.int16)

    def scores(self, plans: Plans) -> tuple[Float, Evaluation]:
        """Return all scores (candidate, score) and what they rest on."""
        evaluation = self.evaluator.evaluate(plans)
        columns = [score(evaluation, plans, self.frame) for score in OBJECTIVES.values()]
        capital = plans.astype(np.float64) @ self.options.capital_eur
        return np.column_stack([*columns, capital]), evaluation

    def repair(self, plans: Plans) -> Plans:
        """Bring plans within amounts, ground and budget, in place; deterministic."""
        repair_plans(
            plans,
            self.options.most,
            self.options.coupling,
            self.options.use,
            self.options.capacity,
            self.options.capital_eur,
            self.search.budget_eur,
            self.worst_first,
        )
        return plans

    def hashes(self, plans: Plans) -> NDArray[np.uint64]:
        """Return a 64-bit hash of each plan (candidate,)."""
        out = np.empty(len(plans), np.uint64)
        hash_plans(np.ascontiguousarray(plans), self.salt, out)
        return out

    def gains(self, plan: Plans, name: str) -> Float:
        """Return what a step of each option takes off a score, to first order (option,)."""
        zero = np.zeros(self.frame.residents.size)
        if name == "stacking":
            return self.evaluator.gains(plan, zero, np.ones(zero.size))
        if name == "access":
            return self.evaluator.access_gains(plan, self.frame.access_channel)
        evaluation = self.evaluator.evaluate(plan[None, :])
        people = np.where(self.frame.is_assessed, self.frame.residents, 0.0)
        burden = evaluation.burden[0].sum(axis=(0, 1))
        per_resident = np.divide(1000.0 * burden, people, out=zero.copy(), where=people > 0.0)
        return self.evaluator.gains(plan, burden_derivative(name, per_resident, self.frame), zero)


def build_problem(
    options: Options, evaluator: Evaluator, frame: Frame, search: SearchSettings
) -> Problem:
    """Make the problem; the order of repair is the burden gain per euro of today."""
    rng = np.random.default_rng(search.seed)
    salt = rng.integers(1, 2**63, options.most.size, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    blank = Problem(options, evaluator, frame, search, np.zeros(0, np.int32), salt)
    gain = blank.gains(blank.empty, "burden") / np.maximum(options.capital_eur, 1e-9)
    order = np.argsort(gain, kind="stable").astype(np.int32)
    return Problem(options, evaluator, frame, search, order, salt)
