"""Plans that need no search, to compare proposals with, and the price of fairness.

Takes the problem and the study area. Two rules divide the same money: the same for every
resident, or (an assumption) as the ground that is maintained lies. Both keep to everything
that a plan must respect, as far as repair sees to it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.constraints import neighbourhood_of
from evenground.optimise import SCORES, Part, Problem, divide
from evenground.results.assess import assess, harms_nobody, list_works
from evenground.results.records import Assessment, Proposal
from evenground.results.select import lowers_all
from evenground.study import StudyArea

Float = NDArray[np.float64]
Index = NDArray[np.int32]

NO_CANDIDATE = -1
"""Candidate of a plan that no search found."""


@dataclass(frozen=True)
class Baseline:
    """A rule that divides the money."""

    id: str
    name: str
    reason: str
    """What it does, in Dutch."""
    parts: Callable[[Problem, StudyArea], list[Part]]


def per_head(problem: Problem, study: StudyArea) -> list[Part]:
    """Return a part for each neighbourhood by its residents: the largest health gain per euro.

    Residents of neighbourhoods that are not assessed do not count: nothing is known of what
    they gain.
    """
    gain = problem.gains(problem.empty, {"burden": 1.0})
    best_first = np.ascontiguousarray(problem.rules.ranked(gain).worst_first[::-1])
    useful = best_first[gain[best_first] > 0.0]
    where = neighbourhood_of(problem.options, study)[useful]
    people = problem.frame.residents
    return [
        Part(float(people[n]), useful[where == n]) for n in np.flatnonzero(people > 0.0).tolist()
    ]


def by_ground(problem: Problem, study: StudyArea) -> list[Part]:
    """Return a part for each intervention in each neighbourhood, by the ground that lies there.

    A neighbourhood weighs by its share of the public paving and its share of the streets, each
    for half (assumption); its money is spread evenly over the interventions that fit there,
    the sites with most room first. Who lives there and what it brings does not count.
    """
    options, rules = problem.options, problem.rules
    weight = ground_share(study)
    where = neighbourhood_of(options, study)
    room = rules.most * rules.capital_eur
    largest = np.lexsort((np.arange(room.size), -room)).astype(np.int32)
    fits = largest[(rules.most[largest] > 0) & (where[largest] >= 0)]
    parts = []
    for n in np.flatnonzero(weight > 0.0).tolist():
        here = fits[where[fits] == n]
        kinds = np.unique(options.intervention[here])
        if kinds.size == 0:
            parts.append(Part(float(weight[n]), here))
        for kind in kinds.tolist():
            chosen = here[options.intervention[here] == kind]
            parts.append(Part(float(weight[n]) / kinds.size, chosen))
    return parts


def ground_share(study: StudyArea) -> Float:
    """Return the share of each neighbourhood in the ground that is maintained (neighbourhood,).

    Half by public paving and half by metres of street; where a case knows one of them only, by
    that one.
    """
    zone, n = study.zone.to_numpy(), len(study.neighbourhoods)
    inside = zone >= 0
    paving = np.bincount(zone[inside], np.nan_to_num(study.ground.paved_public)[inside], n)
    streets = study.streets
    col = np.floor((streets.x - study.grid.left) / study.grid.cell_m).astype(np.int64)
    row = np.floor((study.grid.top - streets.y) / study.grid.cell_m).astype(np.int64)
    n_y, n_x = study.grid.shape
    on = (row >= 0) & (row < n_y) & (col >= 0) & (col < n_x)
    at = zone[row[on], col[on]]
    metres = np.bincount(at[at >= 0], streets.length_m[on][at >= 0], n)
    known = [part / part.sum() for part in (paving, metres) if part.sum() > 0.0]
    if not known:
        return np.zeros(n)
    return np.asarray(np.mean(known, axis=0))


BASELINES = (
    Baseline(
        "gelijk_per_inwoner",
        "Gelijk per inwoner",
        "Elke buurt krijgt per inwoner evenveel geld, en bouwt daarvan wat per euro de meeste "
        "ziektelast scheelt.",
        per_head,
    ),
    Baseline(
        "huidige_praktijk",
        "Huidige praktijk (aanname)",
        "Het geld volgt de grond die de gemeente onderhoudt (bestrating en straten), gelijk "
        "verdeeld over de maatregelen die er passen. Wie er woont telt niet mee.",
        by_ground,
    ),
)
"""Rules to compare with, in the order of the report."""


def build_baselines(problem: Problem, study: StudyArea, today: Assessment) -> tuple[Proposal, ...]:
    """Return the plan of every rule for the whole budget, assessed like a proposal."""
    out = []
    for rule in BASELINES:
        plan = divide(problem, rule.parts(problem, study), problem.search.budget_eur)
        assessment = assess(problem, study, plan)
        scores = np.array([[assessment.scores[name] for name in SCORES]])
        is_safe = harms_nobody(problem, plan[None, :])[0]
        out.append(
            Proposal(
                id=rule.id,
                name=rule.name,
                reason=rule.reason,
                also=(),
                helps_all=bool(lowers_all(scores, today, problem)[0] and is_safe),
                candidate=NO_CANDIDATE,
                plan=plan,
                assessment=assessment,
                works=list_works(problem.options, study, plan),
            )
        )
    return tuple(out)


ALIKE = 0.02
"""Share of the money by which two plans may differ and still be called equally dear."""


def price_fairness(
    problem: Problem,
    study: StudyArea,
    today: Assessment,
    proposals: tuple[Proposal, ...],
    baselines: tuple[Proposal, ...],
) -> pd.DataFrame:
    """Return what each plan gives up in health, and what gap it closes in return.

    One row a plan: euros, DALY per year won, DALY per year given up against the healthiest
    proposal (above zero is given up), and by how much the gap between neighbourhoods and the
    SES gap become smaller, in DALY per 1000 residents per year, in all and beyond the healthiest.
    The last columns are the DALY per year that each rule wins for as many euros as the plan.
    """
    plans = [*proposals, *baselines]
    if not plans:
        return pd.DataFrame()
    now = today.scores["burden"]
    won = [now - plan.assessment.scores["burden"] for plan in plans]
    best = int(np.argmax(won[: len(proposals)] or won))
    table = pd.DataFrame(
        {
            "plan": [plan.id for plan in plans],
            "name": [plan.name for plan in plans],
            "kind": ["proposal"] * len(proposals) + ["baseline"] * len(baselines),
            "capital_eur": [plan.assessment.scores["capital"] for plan in plans],
            "won_daly": won,
            "given_up_daly": won[best] - np.array(won),
        }
    )
    for gap in ("gap", "ses_gap"):
        closed = today.measures[gap] - np.array([p.assessment.measures[gap] for p in plans])
        table[f"{gap}_closed"] = closed
        table[f"{gap}_closed_beyond"] = closed - closed[best]
    for rule in BASELINES:
        table[f"won_daly_{rule.id}"] = _for_as_much(problem, study, rule, table["capital_eur"])
    return table


def _for_as_much(
    problem: Problem, study: StudyArea, rule: Baseline, capital_eur: pd.Series
) -> Float:
    """Return the DALY per year that a rule wins for each amount of euros (plan,)."""
    parts = rule.parts(problem, study)
    made: list[tuple[float, NDArray[np.int16]]] = []
    chosen = []
    for eur in capital_eur.to_numpy(float).tolist():
        alike = [k for k, (other, _) in enumerate(made) if abs(other - eur) <= ALIKE * eur]
        if not alike:
            made.append((eur, divide(problem, parts, eur)))
        chosen.append(alike[0] if alike else len(made) - 1)
    scores, _ = problem.scores(np.stack([problem.empty, *(plan for _, plan in made)]))
    burden = scores[:, SCORES.index("burden")]
    return np.asarray((burden[0] - burden[1:])[chosen])
