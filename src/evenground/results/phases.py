"""What is built when, and what it costs in health that earlier years stay.

Takes proposals and the settings of phasing; gives for every year what stands by then, and
the best that was found for the same money with nothing built before: the money of the years
so far, and no more than the proposal costs in all. A difference is what stands less the best
found: above zero is lost by nesting, below zero nothing better was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import PhasingSettings, RunSettings
from evenground.optimise import (
    SCORES,
    WEIGHTINGS,
    Archive,
    Problem,
    best_kept,
    in_shares,
    nest,
    plan_afresh,
)
from evenground.results.assess import harms_nobody, list_works
from evenground.results.numbers import million
from evenground.results.records import Phase, Proposal
from evenground.study import StudyArea

Float = NDArray[np.float64]
Plan = NDArray[np.int16]

AIMS: dict[str, dict[str, float]] = {
    "gezondst": {"burden": 1.0},
    "minst_gestapeld": {"stacking": 1.0},
    "kleinste_kloof": {"ses_gradient": 1.0},
    "eerlijkst": {"inequality": 1.0},
    "goedkoopst": {"burden": 1.0},
    "meeste_spelen": {"access": 1.0},
}
"""What each proposal was picked for, and so what its order follows; others follow everything."""
EVERYTHING = WEIGHTINGS[-1]


def phase_proposals(
    problem: Problem,
    study: StudyArea,
    archive: Archive,
    proposals: tuple[Proposal, ...],
    settings: PhasingSettings | None,
) -> tuple[Proposal, ...]:
    """Return the proposals with their years, and their works by year; as they are without."""
    if settings is None:
        return proposals
    budgets = cumulative(settings, problem.search.budget_eur)
    rivals: dict[tuple[str, float], _Rival] = {}
    out = []
    for proposal in proposals:
        weighting = in_shares(problem, AIMS.get(proposal.id, EVERYTHING))
        weighting = weighting or in_shares(problem, EVERYTHING)
        # a proposal that spends less is compared with plans that spend no more
        whole_eur = proposal.assessment.scores["capital"]
        keys = [(repr(weighting), min(eur, whole_eur)) for eur in budgets]
        for key in keys:
            if key not in rivals:
                rivals[key] = _rival(problem, archive, key[1], weighting)
        beside = (budgets, weighting, tuple(rivals[key] for key in keys))
        plans = nest(problem, proposal.plan, budgets, weighting)
        phases = _phases(problem, plans, settings, beside)
        works = _works_by_year(problem, study, proposal.plan, phases)
        out.append(replace(proposal, phases=phases, works=works))
    return tuple(out)


def cumulative(settings: PhasingSettings, most_eur: float) -> list[float]:
    """Return the euros of all years so far, no more than a plan may cost (year,)."""
    return [min(eur, most_eur) for eur in accumulate(settings.budget_eur)]


def tell_phasing(settings: RunSettings) -> list[str]:
    """Say in Dutch where the years together have other money than a plan may cost."""
    if settings.phasing is None:
        return []
    years, whole = sum(settings.phasing.budget_eur), settings.search.budget_eur
    if years < whole * (1.0 - 1e-9):
        return [
            (
                f"De jaren hebben samen {million(years)}, een voorstel mag {million(whole)} "
                "kosten. Wat daardoor niet in de jaren past, heeft geen jaar."
            )
        ]
    if years > whole * (1.0 + 1e-9):
        return [
            (
                f"De jaren hebben samen {million(years)}, maar een voorstel mag niet meer dan "
                f"{million(whole)} kosten. De rest blijft over."
            )
        ]
    return []


@dataclass(frozen=True)
class _Rival:
    """The best that was found for the money of the years so far, with nothing built before."""

    origin: str
    scores: Mapping[str, float]
    filled: Mapping[str, float]
    kept: Mapping[str, float] | None


def _rival(
    problem: Problem, archive: Archive, eur: float, weighting: Mapping[str, float]
) -> _Rival:
    """Return the better of the greedy plan and the best that the archive keeps."""
    plan = plan_afresh(problem, eur, weighting)
    scores, evaluation = problem.scores(plan[None, :])
    filled = dict(zip(SCORES, scores[0].tolist(), strict=True))
    found = best_kept(archive, eur, weighting)
    if found is None:
        return _Rival("greedy", filled, filled, None)
    kept = dict(zip(SCORES, archive.scores[found].tolist(), strict=True))
    _, today = problem.scores(problem.empty[None, :])
    # what has to be spent in all is not yet asked of a single year
    rows = tuple(replace(row, at_least_eur=0.0) for row in problem.rules.rows)
    asked = replace(problem, rules=replace(problem.rules, rows=rows))
    is_allowed = float(asked.violation(plan[None, :], evaluation, today)[0]) <= 0.0
    if is_allowed and _value(filled, weighting) <= _value(kept, weighting):
        return _Rival("greedy", filled, filled, kept)
    return _Rival("archive", kept, filled, kept)


def _value(scores: Mapping[str, float], weighting: Mapping[str, float]) -> float:
    """Return the weighted sum of some scores."""
    return sum(weight * scores[name] for name, weight in weighting.items())


def _phases(
    problem: Problem,
    plans: Plan,
    settings: PhasingSettings,
    beside: tuple[list[float], Mapping[str, float], tuple[_Rival, ...]],
) -> tuple[Phase, ...]:
    """Evaluate what stands in each year in full, beside the best found afresh.

    Parameters
    ----------
    beside
        Euros of all years so far, what the proposal follows, and the best afresh.
    """
    budgets, weighting, rivals = beside
    scores, _ = problem.scores(np.concatenate([problem.empty[None, :], plans]))
    table = [dict(zip(SCORES, row, strict=True)) for row in scores.tolist()]
    today, safe = table.pop(0), harms_nobody(problem, plans)
    pairs = zip(table, rivals, strict=True)
    aim = [_value(then, weighting) - _value(rival.scores, weighting) for then, rival in pairs]
    return tuple(
        Phase(
            year=year,
            budget_eur=budgets[k],
            plan=plans[k],
            scores=table[k],
            harms_nobody=bool(safe[k]),
            aim_price=aim[k] / max(_value(today, weighting), 1e-300),
            afresh=rivals[k].scores,
            origin=rivals[k].origin,
            filled=rivals[k].filled,
            kept=rivals[k].kept,
        )
        for k, year in enumerate(settings.years)
    )


def _works_by_year(
    problem: Problem, study: StudyArea, plan: Plan, phases: tuple[Phase, ...]
) -> pd.DataFrame:
    """List what is built in each year; what fits in none has no year."""
    stages = [*((phase.year, phase.plan) for phase in phases), (None, plan)]
    before, parts = problem.empty, []
    for year, then in stages:
        part = list_works(problem.options, study, then, before)
        part["year"] = pd.array([year] * len(part), dtype="Int64")
        if len(part):
            parts.append(part)
        before = then
    return pd.concat(parts, ignore_index=True)


def tabulate_phases(proposal: Proposal) -> pd.DataFrame:
    """Return one row a year under Dutch names; differences are what stands less the best afresh.

    Above zero is what building on earlier years loses in that year, in the unit of the score.
    """
    rows, spent = [], 0.0
    for phase in proposal.phases:
        capital = phase.scores["capital"]
        row: dict[str, object] = {
            "jaar": phase.year,
            "budget_tot_en_met_euro": phase.budget_eur,
            "aanleg_tot_en_met_euro": capital,
            "aanleg_dit_jaar_euro": capital - spent,
            "niemand_slechter": "ja" if phase.harms_nobody else "nee",
            "beste_opnieuw": ORIGIN_NL[phase.origin],
            "eigen_doel_prijs_nu_is_100": 100.0 * phase.aim_price,
        }
        kept = phase.kept or {}
        for name, dutch in SHOWN.items():
            row[dutch] = phase.scores[name]
            row[f"{dutch}_opnieuw_gevuld"] = phase.filled[name]
            row[f"{dutch}_beste_uit_zoeken"] = kept.get(name, np.nan)
            row[f"{dutch}_prijs"] = phase.price(name)
        rows.append(row)
        spent = capital
    return pd.DataFrame(rows)


ORIGIN_NL = {"greedy": "opnieuw gevuld", "archive": "uit het zoeken"}
"""Where the best plan of a year comes from."""
SHOWN = {
    "burden": "ziektelast_daly_per_jaar",
    "inequality": "gelijk_verdeelde_last_daly_per_1000",
    "stacking": "stapeling",
}
"""Scores that are compared by year, and their Dutch columns."""


def lost_by_nesting(proposal: Proposal, name: str = "burden") -> float:
    """Return what nesting loses over all years together; of the burden in DALY."""
    return sum(phase.price(name) for phase in proposal.phases)
