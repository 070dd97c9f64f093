"""The search problem: plans in, scores out, and how a plan is kept feasible.

Joins options, evaluator and objectives. Knows nothing of how plans are found.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground.config import SearchSettings
from evenground.evaluation import Evaluation, Evaluator, Frame
from evenground.interventions import Options
from evenground.kernels import hash_plans, repair_plans
from evenground.objectives import (
    BOUNDED,
    DISTRIBUTION,
    OBJECTIVES,
    annoyed_derivative,
    burden_derivative,
    cost,
    gap_derivative,
)
from evenground.objectives.health import burden_per_1000

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
        """Columns of the scores that the search lowers, measures of distribution left out."""
        return [SCORES.index(name) for name in self.search.objectives if name in SCORES]

    @property
    def empty(self) -> Plans:
        """The plan that leaves all as it is (option,)."""
        return np.zeros(self.options.most.size, np.int16)

    def scores(self, plans: Plans) -> tuple[Float, Evaluation]:
        """Return all scores (candidate, score) and what they rest on."""
        evaluation = self.evaluator.evaluate(plans)
        columns = [score(evaluation, plans, self.frame) for score in OBJECTIVES.values()]
        capital = cost.total(plans, self.options.capital_eur)
        return np.column_stack([*columns, capital]), evaluation

    def goal_values(self, plans: Plans, scores: Float, evaluation: Evaluation) -> Float:
        """Return what the search lowers (candidate, objective), from scores and evaluation."""
        columns = [
            DISTRIBUTION[name](evaluation, plans, self.frame)
            if name in DISTRIBUTION
            else scores[:, SCORES.index(name)]
            for name in self.search.objectives
        ]
        return np.ascontiguousarray(np.column_stack(columns))

    def harm(self, evaluation: Evaluation, today: Evaluation) -> Float:
        """Return how much worse off the group is that loses most anywhere (candidate,).

        In DALY per 1000 residents of its neighbourhood per year, over all layers of the
        burden; below zero where everybody gains.
        """
        people = np.maximum(self.frame.residents, 1.0)
        change = evaluation.burden.sum(axis=2) - today.burden.sum(axis=2)
        return np.asarray((1000.0 * change / people).max(axis=(1, 2)))

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

    def gains(self, plan: Plans, weighting: Mapping[str, float]) -> Float:
        """Return what a step of each option takes off a weighted sum of scores (option,).

        To first order at the plan (option,). Cost is not among the scores that are weighed.
        """
        n = self.frame.residents.size
        price, of_phi = np.zeros(n), np.zeros((self.evaluator.n_channel, n))
        of_group: Float | None = None
        evaluation = self.evaluator.evaluate(plan[None, :])
        per_resident = burden_per_1000(evaluation, self.frame.residents)[0]
        for name, weight in weighting.items():
            if name == "access":
                of_phi[self.frame.access_channel] += weight / self.frame.residents.sum()
            elif name in BOUNDED:
                slope = annoyed_derivative(name, evaluation, self.frame)
                of_phi[self.frame.annoyed_channel] += weight * slope
            elif name == "group_gap":
                of_group = weight * gap_derivative(evaluation, self.frame)
            elif name != "stacking":
                price += weight * burden_derivative(name, per_resident, self.frame)
        whole = price if of_group is None else price + of_group
        return self.evaluator.gains(plan, whole, weighting.get("stacking", 0.0), of_phi)


def build_problem(
    options: Options, evaluator: Evaluator, frame: Frame, search: SearchSettings
) -> Problem:
    """Make the problem; the order of repair is the burden gain per euro of today."""
    rng = np.random.default_rng(search.seed)
    salt = rng.integers(1, 2**63, options.most.size, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    blank = Problem(options, evaluator, frame, search, np.zeros(0, np.int32), salt)
    gain = blank.gains(blank.empty, {"burden": 1.0}) / np.maximum(options.capital_eur, 1e-9)
    order = np.argsort(gain, kind="stable").astype(np.int32)
    return Problem(options, evaluator, frame, search, order, salt)
