"""The search problem: plans in, scores out, and how a plan is kept feasible.

Joins options, evaluator and objectives. Knows nothing of how plans are found.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evenground.config import PrioritySettings, SearchSettings
from evenground.constraints import (
    Asked,
    Part,
    Rules,
    check_plan,
    find_conflict,
    neighbourhood_of,
    priority_places,
    tell_conflict,
)
from evenground.errors import SearchError
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
from evenground.optimise.parts import Part as MoneyPart
from evenground.study import StudyArea

Float = NDArray[np.float64]
Plans = NDArray[np.int16]

HARMFUL = 1e12
"""Goals of a plan that breaks a constraint, growing with it: worse than any that breaks none."""
ROUNDING = 1e-6
"""Part of a sum by which it may miss its bound."""
MARGIN = 0.02
"""Part by which the linear share of the gain is asked for more than the share itself."""

SCORES = (*OBJECTIVES, "capital")
"""Every score that is kept of a plan; the last is what the budget limits."""


@dataclass(frozen=True)
class Favoured:
    """Neighbourhoods that must get at least a share of the gain."""

    places: NDArray[np.bool_]
    """(neighbourhood,)."""
    share: float


@dataclass(frozen=True)
class Problem:
    """A case ready to be searched."""

    options: Options
    evaluator: Evaluator
    frame: Frame
    search: SearchSettings
    rules: Rules
    """What every plan must respect; options ranked by their gain per euro at the empty plan."""
    salt: NDArray[np.uint64]
    favoured: Favoured | None = None
    """Neighbourhoods that must get at least a share of the gain."""
    by_rule: tuple[tuple[MoneyPart, ...], ...] = ()
    """Parts of the money by each rule that needs no search; their plans are seeds."""

    @property
    def goals(self) -> list[int]:
        """Columns of the scores that the search lowers, measures of distribution left out."""
        return [SCORES.index(name) for name in self.search.objectives if name in SCORES]

    @property
    def empty(self) -> Plans:
        """The plan that leaves all as it is (option,)."""
        return np.zeros(self.options.most.size, np.int16)

    @property
    def start(self) -> Plans:
        """The plan that builds as little as it may (option,)."""
        return np.asarray(self.repair(self.rules.lock[None, :].copy())[0])

    def scores(self, plans: Plans) -> tuple[Float, Evaluation]:
        """Return all scores (candidate, score) and what they rest on."""
        evaluation = self.evaluator.evaluate(plans)
        return self.scores_of(plans, evaluation), evaluation

    def scores_of(self, plans: Plans, evaluation: Evaluation) -> Float:
        """Return all scores (candidate, score) of plans that have been evaluated."""
        columns = [score(evaluation, plans, self.frame) for score in OBJECTIVES.values()]
        capital = cost.total(plans, self.rules.capital_eur, self.rules.fixed_eur)
        return np.column_stack([*columns, capital])

    def goals_of(self, plans: Plans) -> Float:
        """Return what the search lowers of some plans, evaluated for it (candidate, goal)."""
        scores, evaluation = self.scores(plans)
        return self.goal_values(plans, scores, evaluation)

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

    def violation(self, plans: Plans, evaluation: Evaluation, today: Evaluation) -> Float:
        """Return by how much repaired plans break what repair alone cannot mend (candidate,).

        Zero where all is respected: nobody is worse off, those with priority get their share
        of the gain, and what has to be spent is spent.
        """
        out = np.zeros(len(plans))
        if self.search.no_harm:
            harm = self.harm(evaluation, today)
            out += np.where(harm > self.search.no_harm_tolerance, harm, 0.0)
        if self.favoured is not None:
            gain = (today.burden - evaluation.burden).sum(axis=(1, 2))
            whole = gain.sum(axis=1)
            short = self.favoured.share * whole - gain[:, self.favoured.places].sum(axis=1)
            size = np.maximum(np.abs(gain).sum(axis=1), 1e-300)
            out += np.where(short > ROUNDING * size, short / size, 0.0)
        for line, least in zip(*self.rules.goals, strict=True):
            counted = (self.rules.line & line) > 0
            rules = self.rules
            spent = cost.total(plans, rules.capital_eur * counted, rules.fixed_eur * counted)
            out += np.where(spent < least * (1.0 - ROUNDING), 1.0 - spent / least, 0.0)
        return out

    def repair(self, plans: Plans, rows: NDArray[np.int64] | None = None) -> Plans:
        """Bring plans within all that they must respect, in place; deterministic.

        Parameters
        ----------
        plans : (slot, option)
        rows : (candidate,)
            Slots of the plans to repair; absent = all.
        """
        rules = self.rules
        line, least_eur = rules.goals
        repair_plans(
            plans,
            np.arange(len(plans)) if rows is None else rows,
            rules.most,
            rules.least,
            rules.lock,
            rules.worst_first,
            *rules.bounds,
            line,
            least_eur,
        )
        return plans

    def with_search(self, search: SearchSettings) -> "Problem":
        """Return the same problem with another search and its budget."""
        return replace(self, search=search, rules=self.rules.with_budget(search.budget_eur))

    def with_budget(self, budget_eur: float) -> "Problem":
        """Return the same problem with another whole budget."""
        return self.with_search(self.search.model_copy(update={"budget_eur": budget_eur}))

    def hashes(self, plans: Plans) -> NDArray[np.uint64]:
        """Return a 64-bit hash of each plan (candidate,)."""
        out = np.empty(len(plans), np.uint64)
        hash_plans(np.ascontiguousarray(plans), self.salt, out)
        return out

    def gains(self, plan: Plans, weighting: Mapping[str, float]) -> Float:
        """Return what a step of each option takes off a weighted sum of scores (option,).

        To first order at the plan (option,). Cost is not among the scores that are weighed.
        """
        return np.asarray(self.gains_of(plan, [weighting])[0])

    def gains_of(self, plan: Plans, weightings: Sequence[Mapping[str, float]]) -> Float:
        """Return the gains of several weighted sums at one plan (weighting, option).

        Takes little longer than one, since all that depends on the plan is computed once.
        """
        names = {name for weighting in weightings for name in weighting}
        shares = self._shares(names)
        point = self.evaluator.point(plan, np.stack(list(shares.values())))
        prices = [self._price(point.evaluation, each, tuple(shares)) for each in weightings]
        return self.evaluator.gains(point, np.stack(prices))

    def _shares(self, names: AbstractSet[str]) -> dict[str, Float]:
        """Return what scores are made of, by its name (channel, neighbourhood)."""
        evaluator, frame = self.evaluator, self.frame
        out = {"burden": evaluator.worth()}
        if "group_gap" in names:
            out["group_gap"] = evaluator.worth(frame.gap_weight)
        for name, channel in (("access", frame.access_channel), ("annoyed", frame.annoyed_channel)):
            if name in names or (name == "annoyed" and not names.isdisjoint(BOUNDED)):
                out[name] = np.zeros(out["burden"].shape)
                out[name][channel] = 1.0
        return out

    def _price(
        self, evaluation: Evaluation, weighting: Mapping[str, float], shares: Sequence[str]
    ) -> Float:
        """Return the derivative of a weighted sum by its shares, the stacking last.

        At the first plan of the evaluation (share + 1, neighbourhood).
        """
        frame = self.frame
        row = {name: k for k, name in enumerate((*shares, "stacking"))}
        out = np.zeros((len(row), frame.residents.size))
        per_resident = burden_per_1000(evaluation, frame.residents)[0]
        for name, weight in weighting.items():
            if name == "stacking":
                out[-1] += weight
            elif name == "access":
                out[row[name]] += weight / frame.residents.sum()
            elif name == "group_gap":
                out[row[name]] += weight * gap_derivative(evaluation, frame)
            elif name in BOUNDED:
                out[row["annoyed"]] += weight * annoyed_derivative(name, evaluation, frame)
            else:
                out[row["burden"]] += weight * burden_derivative(name, per_resident, frame)
        return out

    def gains_in(self, places: NDArray[np.bool_]) -> Float:
        """Return the burden that a step of each option saves in some neighbourhoods (option,).

        To first order today, in DALY per year.

        Parameters
        ----------
        places : (neighbourhood,)
        """
        return np.asarray(self.gains_by([places])[0])

    def gains_by(self, places: Sequence[NDArray[np.bool_]]) -> Float:
        """Return the same as ``gains_in`` for several sets of neighbourhoods (set, option)."""
        point = self.evaluator.point(self.empty, self.evaluator.worth()[None])
        price = np.stack([[place, np.zeros(place.size)] for place in places]).astype(float)
        return self.evaluator.gains(point, price)


def build_problem(
    options: Options, evaluator: Evaluator, frame: Frame, search: SearchSettings, rules: Rules
) -> Problem:
    """Make the problem; options are ranked by the burden they save per euro today."""
    rng = np.random.default_rng(search.seed)
    salt = rng.integers(1, 2**63, options.most.size, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    blank = Problem(options, evaluator, frame, search, rules, salt)
    gain = blank.gains(blank.empty, {"burden": 1.0})
    return replace(blank, rules=rules.ranked(gain))


def prefer(problem: Problem, study: StudyArea, settings: PrioritySettings) -> Problem:
    """Return the problem in which some neighbourhoods get at least a share; see ``priority``."""
    rules, places = problem.rules, priority_places(study, settings)
    share = settings.at_least
    if settings.of == "spend":
        where = neighbourhood_of(problem.options, study)
        inside = places[np.maximum(where, 0)] & (where >= 0)
        steps, starts = rules.capital_eur, rules.fixed_eur
        asked = Asked(share, steps * inside, starts * inside, steps, starts)
        return replace(problem, rules=replace(rules, asked=asked))
    whole = problem.gains(problem.empty, {"burden": 1.0})
    there = problem.gains_in(places)
    none = np.zeros(whole.size)
    asked = Asked(share, there, none, whole, none, MARGIN)
    favoured = Favoured(places, share)
    return replace(problem, rules=replace(rules, asked=asked), favoured=favoured)


def check_possible(problem: Problem) -> None:
    """Raise if no plan respects all that is asked, and say what cannot be met together.

    That nobody may be worse off is judged by first-order gains, of the neighbourhoods in
    which the works that are locked in harm somebody.

    Raises
    ------
    SearchError
        With the smallest set of constraints that cannot be met, in Dutch and English, and
        the least change of each that makes a plan possible.
    """
    if _is_met(problem):
        return
    more = [_harmless(problem)] if problem.search.no_harm and problem.rules.lock.any() else []
    conflict = find_conflict(problem.rules, [part for part in more if part is not None])
    if conflict is not None:
        raise SearchError(tell_conflict(conflict, problem.rules))


def _is_met(problem: Problem) -> bool:
    """Say whether the plan that builds as little as it may respects all that is asked."""
    least = problem.start
    if check_plan(least, problem.rules):
        return False
    _, today = problem.scores(problem.empty[None, :])
    _, then = problem.scores(least[None, :])
    return bool(problem.violation(least[None, :], then, today)[0] == 0.0)


def _harmless(problem: Problem) -> Part | None:
    """Return a row for each neighbourhood that locked-in works harm; None where they harm none."""
    _, today = problem.scores(problem.empty[None, :])
    _, then = problem.scores(problem.start[None, :])
    harm = (then.burden - today.burden)[0].sum(axis=1).max(axis=0)
    harmed = np.flatnonzero(harm > problem.search.no_harm_tolerance)
    if harmed.size == 0:
        return None
    places = np.arange(harm.size) == harmed[:, None]
    steps = problem.gains_by(list(places))
    matrix = csr_array(np.hstack([steps, np.zeros_like(steps)]))
    return Part("no_harm", matrix, np.zeros(harmed.size), np.full(harmed.size, np.inf))
