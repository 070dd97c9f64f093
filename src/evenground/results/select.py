"""A handful of clearly different proposals out of the thousands of plans of an archive.

Each pick asks for the best on one thing. A plan that builds almost the same, or
scores almost the same, as one that was chosen before is not chosen again; the
earlier one is then told to be the best on both.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenground.optimise import SCORES, Archive, Problem
from evenground.results.assess import assess, harms_nobody, list_works
from evenground.results.records import Assessment, Proposal
from evenground.study import StudyArea

Float = NDArray[np.float64]
Plan = NDArray[np.int16]
Table = Mapping[str, Float]
"""Scores (candidate,) by name: 0 is the best found, 1 is today; capital as share of the budget."""

BENEFITS = ("burden", "gap", "ses_gradient", "stacking", "access")
"""What a proposal may improve. The gap is the inequality score less the mean burden."""
UNLIKE_SPACE = 0.3
"""Least share of the money that two proposals spend on something else or somewhere else."""
UNLIKE_SCORE = 0.05
"""Least difference on one of the scaled scores."""
SLACK = 0.1
"""How far, on the scale from best to today, a plan may be from the best of a pick."""
MATERIAL = 0.001
"""Least share by which a score must fall before a proposal is said to lower it."""
LOOKED_AT = 512
"""Most plans that are looked at for one pick, best first."""


@dataclass(frozen=True)
class Pick:
    """One reason to choose a plan."""

    id: str
    name: str
    best: str
    """Why, where the plan is the best of all; Dutch."""
    near: str
    """Why, where the best is too much like an earlier proposal and this one comes close."""
    value: Callable[[Table], Float]
    """What is lowest of the best plan (candidate,); infinite where a plan does not serve."""
    helps_all: bool = False
    """Look first among plans that lower burden, inequality and stacking and make nobody worse
    off: ``best`` is then the reason of such a plan, ``near`` of any other."""


def _balance(table: Table) -> Float:
    """Distance to the best on all benefits together."""
    part = np.stack([table[name] for name in BENEFITS])
    return np.asarray(np.sqrt((part**2).mean(axis=0)))


def _cheap(table: Table) -> Float:
    """Cost of the plans that reach half of the largest gain in health."""
    return np.where(table["burden"] <= 0.5, table["capital"], np.inf)


PICKS = (
    Pick(
        "gezondst",
        "Gezondst",
        "De laagste ziektelast van alle gevonden plannen.",
        "Bijna de laagste ziektelast.",
        lambda table: table["burden"],
    ),
    Pick(
        "in_balans",
        "In balans",
        "Van elk doel een flink deel, en geen enkele buurt of groep gaat erop achteruit.",
        "Van elk doel een deel.",
        _balance,
        helps_all=True,
    ),
    Pick(
        "minst_gestapeld",
        "Minst gestapeld",
        "De minste stapeling van lasten bij dezelfde mensen.",
        "Bijna de minste stapeling van lasten bij dezelfde mensen.",
        lambda table: table["stacking"],
    ),
    Pick(
        "kleinste_kloof",
        "Kleinste SES-kloof",
        "Het kleinste verschil in ziektelast tussen buurten met een lage en een hoge SES.",
        "Bijna het kleinste verschil in ziektelast tussen buurten met een lage en een hoge SES.",
        lambda table: table["ses_gradient"],
    ),
    Pick(
        "eerlijkst",
        "Eerlijkst verdeeld",
        "Het kleinste verschil in ziektelast tussen alle buurten, arm of rijk.",
        "Bijna het kleinste verschil in ziektelast tussen alle buurten, arm of rijk.",
        lambda table: table["gap"],
    ),
    Pick(
        "goedkoopst",
        "Goedkoopst",
        "Het goedkoopste plan dat minstens de helft van de grootste gezondheidswinst haalt.",
        "Een van de goedkoopste plannen met minstens de helft van de grootste gezondheidswinst.",
        _cheap,
    ),
    Pick(
        "meeste_spelen",
        "Meeste speelplekken",
        "Het kleinste tekort aan speelplekken.",
        "Bijna het kleinste tekort aan speelplekken.",
        lambda table: table["access"],
    ),
)
"""How proposals are chosen from the archive, in order."""


@dataclass
class _Choice:
    """A candidate that was chosen."""

    pick: Pick
    candidate: int
    plan: Plan
    is_best: bool
    also: list[str] = field(default_factory=list)


def select_proposals(
    problem: Problem, study: StudyArea, archive: Archive, today: Assessment, most: int
) -> tuple[Proposal, ...]:
    """Pick up to ``most`` clearly different plans from the archive, each for a stated reason."""
    table = scale_scores(archive.scores, today, problem)
    lowers = lowers_all(archive.scores, today, problem)
    chosen: list[_Choice] = []
    look = _Look(problem, archive, table, lowers, chosen)
    for pick in PICKS if len(archive) else ():
        if len(chosen) < most and (found := look.choose(pick)):
            chosen.append(found)
    is_safe = harms_nobody(problem, np.array([choice.plan for choice in chosen], np.int16))
    return tuple(
        Proposal(
            id=choice.pick.id,
            name=choice.pick.name,
            reason=choice.pick.best if choice.is_best else choice.pick.near,
            also=tuple(choice.also),
            helps_all=bool(lowers[choice.candidate] and safe),
            candidate=choice.candidate,
            plan=choice.plan,
            assessment=assess(problem, study, choice.plan),
            works=list_works(problem.options, study, choice.plan),
        )
        for choice, safe in zip(chosen, is_safe, strict=True)
    )


def scale_scores(scores: Float, today: Assessment, problem: Problem) -> dict[str, Float]:
    """Return each benefit from 0 (best found) to 1 (today), and capital as share of the budget."""
    column = {name: scores[:, k] for k, name in enumerate(SCORES)}
    column["gap"] = _gap(column, problem)
    now = {**today.scores, "gap": today.measures["gap"]}
    table = {}
    for name in BENEFITS:
        best = float(column[name].min()) if len(scores) else 0.0
        spread = now[name] - best
        table[name] = (column[name] - best) / spread if spread > 0.0 else np.ones(len(scores))
    table["capital"] = column["capital"] / max(problem.search.budget_eur, 1e-9)
    return table


def lowers_all(scores: Float, today: Assessment, problem: Problem) -> NDArray[np.bool_]:
    """Say which plans lower burden, both sides of inequality and stacking, within budget."""
    column = {name: scores[:, k] for k, name in enumerate(SCORES)}
    kept = 1.0 - MATERIAL
    lower = [
        column[name] <= kept * today.scores[name] for name in ("burden", "inequality", "stacking")
    ]
    lower.append(_gap(column, problem) <= kept * today.measures["gap"])
    lower.append(column["ses_gradient"] <= today.scores["ses_gradient"])
    lower.append(column["capital"] <= problem.search.budget_eur)
    return np.asarray(np.all(lower, axis=0))


def _gap(column: Table, problem: Problem) -> Float:
    """Return the inequality score less the mean burden of the residents (candidate,)."""
    people = max(float(problem.frame.residents.sum()), 1.0)
    return column["inequality"] - 1000.0 * column["burden"] / people


@dataclass(frozen=True)
class _Look:
    """Looks through an archive for plans that are unlike those chosen."""

    problem: Problem
    archive: Archive
    table: Table
    lowers: NDArray[np.bool_]
    """Plans that lower burden, inequality and stacking together (candidate,)."""
    chosen: list[_Choice]

    def choose(self, pick: Pick) -> _Choice | None:
        """Return the best plan of a pick that is clearly unlike those chosen, if there is one."""
        value = pick.value(self.table)
        value = np.where(value < 1.0, value, np.inf)
        if not np.isfinite(value).any():
            return None
        if pick.helps_all:
            for index, plan in self.through(np.where(self.lowers, value, np.inf)):
                if harms_nobody(self.problem, plan[None, :])[0]:
                    return _Choice(pick, index, plan, is_best=True)
        best = int(np.argmin(value))
        for index, plan in self.through(value):
            is_best = bool(value[index] == value[best]) and not pick.helps_all
            return _Choice(pick, index, plan, is_best=is_best)
        if twin := self.twin(best, self.archive.dense([best])[0]):
            twin.also.append(pick.name)
        return None

    def through(self, value: Float) -> Iterator[tuple[int, Plan]]:
        """Give plans that are near the lowest value and unlike those chosen, best first."""
        order = np.argsort(value, kind="stable")[:LOOKED_AT]
        limit = value[order[0]] + SLACK
        for index in order[np.isfinite(value[order]) & (value[order] <= limit)].tolist():
            plan = self.archive.dense([index])[0]
            if plan.any() and self.twin(index, plan) is None:
                yield index, plan

    def twin(self, index: int, plan: Plan) -> _Choice | None:
        """Return the chosen plan that is much like this one, in space or in scores."""
        for choice in self.chosen:
            apart = [abs(row[index] - row[choice.candidate]) for row in self.table.values()]
            if max(apart) < UNLIKE_SCORE:
                return choice
            if unlike(plan, choice.plan, self.problem.rules.capital_eur) < UNLIKE_SPACE:
                return choice
        return None


def unlike(first: Plan, second: Plan, capital_eur: Float) -> float:
    r"""Return the share of the money (0-1) that two plans (option,) spend differently.

    Notes
    -----
    .. math:: 1 - \sum_j \min(a_j, b_j) \Big/ \sum_j \max(a_j, b_j)

    over the euros of each option.
    """
    a, b = first * capital_eur, second * capital_eur
    most = float(np.maximum(a, b).sum())
    return 1.0 - float(np.minimum(a, b).sum()) / most if most > 0.0 else 0.0
