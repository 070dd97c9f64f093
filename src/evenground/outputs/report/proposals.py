"""What the report says of each proposal: scores before and after, works, euros, maps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground.names import NAME
from evenground.outputs.report.classes import Classes, difference_classes, level_classes
from evenground.outputs.report.distribution import goal_rows
from evenground.outputs.report.figures import map_of, works_map
from evenground.outputs.report.people import (
    gains,
    gains_by_income,
    per_1000,
    residents,
    shown,
    usual_exposure,
)
from evenground.results import TOLERANCE, Assessment, Proposal, Run
from evenground.results.numbers import FEWEST
from evenground.results.sweeps import BALANCED

Float = NDArray[np.float64]

UNIT = "DALY per 1000 inwoners per jaar"
NAMED = 8
"""Most neighbourhoods that are named in one sentence."""


@dataclass(frozen=True)
class Scale:
    """Classes of the maps, the same for every proposal so that they can be compared."""

    level: Classes
    difference: Classes


def build_scale(run: Run) -> Scale:
    """Make the classes from today and all proposals together."""
    now = shown(run, per_1000(run, run.today))
    after = [shown(run, per_1000(run, proposal.assessment)) for proposal in run.proposals]
    moved = np.concatenate([then - now for then in after] or [np.zeros(0)])
    return Scale(level_classes(np.concatenate([now, *after])), difference_classes(moved))


def rows_of(run: Run, assessment: Assessment) -> list[dict[str, Any]]:
    """Every measure of a plan, today and after; absolute beside relative."""
    now, then = run.today, assessment
    per_person = 100.0 / max(now.scores["stacking"], 1e-300)
    table = (
        ("Ziektelast", "DALY per jaar", 0, "burden", 1.0),
        ("Gelijk verdeelde last", "DALY per 1000 inwoners", 2, "inequality", 1.0),
        ("Verschil tussen buurten, absoluut", "DALY per 1000 inwoners", 3, "gap", 1.0),
        ("Verschil tussen buurten, relatief", "% van het gemiddelde", 2, "gap_share", 100.0),
        ("SES-kloof, absoluut", "DALY per 1000 inwoners", 3, "ses_gap", 1.0),
        ("SES-kloof, relatief", "% van het gemiddelde", 2, "ses_gap_share", 100.0),
        ("Stapeling", "nu = 100", 1, "stacking", per_person),
        ("Tekort aan speelplekken", "% van wat genoeg is", 1, "access", 100.0),
    )
    rows = [
        {
            "name": name,
            "unit": unit,
            "decimals": decimals,
            "now": factor * {**now.scores, **now.measures}[key],
            "after": factor * {**then.scores, **then.measures}[key],
        }
        for name, unit, decimals, key, factor in table
    ]
    return rows + _walking_rows(run, assessment) + goal_rows(run, now.scores, then.scores)


def _walking_rows(run: Run, assessment: Assessment) -> list[dict[str, Any]]:
    """Burden by too little walking, today and after, where the case assumes how people walk."""
    behaviour, now, then = run.settings.health.behaviour, run.today, assessment
    if behaviour is None or now.walk_burden is None or then.walk_burden is None:
        return []
    how = "zit in de ziektelast" if behaviour.counted else "staat ernaast"
    return [
        {
            "name": f"Te weinig lopen ({how})",
            "unit": "DALY per jaar",
            "decimals": 1,
            "now": float(now.walk_burden.sum()),
            "after": float(then.walk_burden.sum()),
        }
    ]


def worked_out(proposals: Sequence[Proposal]) -> Proposal | None:
    """Return the proposal that is told at length: in balance and good for all, or good for all.

    The first of all where none makes everything better and nobody worse off; None where there
    are no proposals.
    """
    best = [proposal for proposal in proposals if proposal.helps_all]
    balanced = [proposal for proposal in best if proposal.id == BALANCED]
    return next(iter(balanced or best or proposals), None)


def describe(run: Run, proposal: Proposal, scale: Scale, note: str) -> dict[str, Any]:
    """Everything about one proposal."""
    now, after = per_1000(run, run.today), per_1000(run, proposal.assessment)
    difference = after - now
    worse = np.flatnonzero(np.nan_to_num(difference) > TOLERANCE)
    is_shown = residents(run) >= FEWEST
    order = np.argsort(np.nan_to_num(difference), kind="stable").tolist()
    best = [k for k in order if difference[k] < -TOLERANCE and is_shown[k]][:NAMED]
    worst = worse[np.argsort(-difference[worse], kind="stable")].tolist()
    named = [k for k in worst if is_shown[k]][:NAMED]
    return {
        "name": proposal.name,
        "id": proposal.id,
        "reason": proposal.reason,
        "also": proposal.also,
        "helps_all": proposal.helps_all,
        "scores": proposal.assessment.scores,
        "rows": rows_of(run, proposal.assessment),
        "maps": _maps(run, proposal, scale, (now, after), note),
        "works": _works(proposal),
        "sectors": _payers(proposal, "sector"),
        "owners": _payers(proposal, "owner"),
        "classes": gains(run, proposal.assessment, difference),
        "groups": gains_by_income(run, proposal.assessment),
        "best": _named(run, best, difference),
        "worst": _named(run, named, difference),
        "n_worse": int(worse.size),
        "n_better": int((difference < -TOLERANCE).sum()),
        "exposure": _exposure(run, proposal.assessment),
    }


def _maps(
    run: Run, proposal: Proposal, scale: Scale, burden: tuple[Float, Float], note: str
) -> list[tuple[str, str]]:
    """Draw the maps of a proposal, each with its text for who cannot see it."""
    now, after = (shown(run, values) for values in burden)
    names = {str(key): str(name) for key, name in run.catalogue["name_nl"].items()}
    sides = (
        ("Ziektelast nu", now, scale.level, "de ziektelast nu"),
        ("Ziektelast na dit voorstel", after, scale.level, "de ziektelast na dit voorstel"),
        ("Verschil (min is beter)", after - now, scale.difference, "wat er verandert"),
    )
    said = "De hoeveelheden staan in de tabel hieronder."
    maps = [
        (
            works_map(run.study, proposal.works, names),
            f"Kaart van de plekken waar dit voorstel bouwt. {said}",
        )
    ]
    for title, values, classes, what in sides:
        picture = map_of(run.study, values, title=title, unit=UNIT, classes=classes, note=note)
        text = f"Kaart per buurt: {what}. De cijfers per inkomensgroep staan in de tabel hieronder."
        maps.append((picture, text))
    return maps


def _works(proposal: Proposal) -> list[dict[str, Any]]:
    """Sum what is built by intervention, dearest first."""
    keys = ["intervention_name", "unit"]
    sums = ["amount", "capital_eur", "yearly_eur"]
    table = proposal.works.groupby(keys, sort=False)[sums].sum()
    table = table.sort_values("capital_eur", ascending=False, kind="stable").reset_index()
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _payers(proposal: Proposal, by: str) -> list[tuple[str, float, float]]:
    """Euros by sector or owner: to build, and per year; dearest first."""
    table = proposal.works.groupby(by)[["capital_eur", "yearly_eur"]].sum()
    table = table.sort_values("capital_eur", ascending=False, kind="stable")
    return [
        (str(name), float(row["capital_eur"]), float(row["yearly_eur"]))
        for name, row in table.iterrows()
    ]


def _named(run: Run, index: list[int], difference: Float) -> list[tuple[str, float]]:
    """Name and change of some neighbourhoods."""
    names = run.study.neighbourhoods[NAME].to_numpy(str)
    return [(str(names[k]), float(difference[k])) for k in index]


def _exposure(run: Run, after: Assessment) -> list[dict[str, Any]]:
    """Mean exposure at home today and after, by layer."""
    everybody = residents(run) > 0.0
    return [
        {
            "info": info,
            "now": usual_exposure(run, k, run.today, everybody),
            "after": usual_exposure(run, k, after, everybody),
        }
        for k, info in enumerate(run.layers)
    ]
