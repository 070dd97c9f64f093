"""Measures of distribution as the report shows them: tables, curves, groups, and who loses.

Nothing is clamped; what is unknown says so, and few persons are never shown.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from evenground.dutch import AGE_NL, INCOME_NL
from evenground.names import CODE, NAME
from evenground.outputs.report.figures import curves
from evenground.outputs.report.people import residents
from evenground.results import MEASURE_NL, MeasureName, Run
from evenground.results.numbers import FEWEST, change, number

TODAY = "today"
"""Name of the plan that changes nothing, in the tables of a run."""
TOLD = 10
"""Most rows of who is worse off that are shown of a proposal."""
OVER_NL = {
    "neighbourhood": "Tussen buurten",
    "group": "Tussen groepen van leeftijd en inkomen in de hele stad",
    "pair": "Tussen alle groepen in alle buurten",
}
PAIRED = (
    ("Spreiding (Kolm-Pollak-index)", "kolm_pollak", "gap_share"),
    ("Naar SES (concentratie-index)", "generalised_concentration", "concentration"),
    ("Hoogste min laagste SES (hellingsindex)", "slope_index", "slope_over_mean"),
)
"""Absolute measures and the relative ones that belong to them, with a title for the pair."""
CURVES_NL = {
    "lorenz": "Lorenzcurve: van wie het minste tot wie het meeste draagt",
    "concentration": "concentratiecurve: van de laagste tot de hoogste SES",
}
SPLIT_NL = {"theil_t": "Theil T", "kolm_pollak": "Kolm-Pollak-index"}
BY_NL = {"age": "leeftijd", "income": "inkomen"}
TOO_FEW = "te weinig personen"


def describe_distribution(run: Run) -> dict[str, Any]:
    """Return everything that the section on distribution shows, as text."""
    picture, alt = _curves(run)
    return {
        "columns": ["Nu", *(f"{k}. {p.name}" for k, p in enumerate(run.proposals, start=1))],
        "paired": _paired(run),
        "tables": [_table(run, over, title) for over, title in OVER_NL.items()],
        "splits": _splits(run),
        "picture": picture,
        "alt": alt,
        "groups": _groups(run),
        "worse": _worse_off(run),
        "exposures": _exposures(run),
        "meanings": [
            (text.name, text.kind, text.meaning)
            for name, text in MEASURE_NL.items()
            if name != "group_gap" or run.settings.groups
        ],
    }


def figure(value: float) -> str:
    """Return a measure in some four digits; ``onbekend`` where missing, ``oneindig`` beyond all."""
    if math.isinf(value):
        return "oneindig" if value > 0.0 else "min oneindig"
    size = abs(value)
    if size < 1.0:
        return number(value, 4)
    decimals = 3 if size < 10.0 else 2 if size < 100.0 else 1
    return number(value, decimals)


def _plans(run: Run) -> list[str]:
    """Return the names of today and of the proposals in the tables of a run."""
    return [TODAY, *(proposal.id for proposal in run.proposals)]


def _wide(table: pd.DataFrame, plans: list[str]) -> dict[str, list[float]]:
    """Return the values of each measure, one a plan; NaN where a plan has none."""
    rows = zip(table["measure"], table["plan"], table["value"], strict=True)
    found = {(str(measure), str(plan)): float(value) for measure, plan, value in rows}
    names = dict.fromkeys(measure for measure, _ in found)
    return {name: [found.get((name, plan), math.nan) for plan in plans] for name in names}


def _paired(run: Run) -> list[dict[str, Any]]:
    """Return absolute measures over neighbourhoods with the relative one beside each."""
    table = run.distribution.measures
    values = _wide(table[table["over"] == "neighbourhood"], _plans(run))
    pairs = zip(values["kolm_pollak"], values["mean"], strict=True)
    values["gap_share"] = [gap / level if level > 0.0 else math.nan for gap, level in pairs]
    return [
        {
            "name": title,
            "cells": [
                (figure(one), _percent(other))
                for one, other in zip(values[absolute], values[relative], strict=True)
            ],
        }
        for title, absolute, relative in PAIRED
    ]


def _percent(share: float) -> str:
    """Return a share as a percentage, ``onbekend`` where it is missing."""
    return f"{number(100.0 * share, 2)} %" if math.isfinite(share) else "onbekend"


def _table(run: Run, over: str, title: str) -> dict[str, Any]:
    """Return every measure of one comparison."""
    table = run.distribution.measures
    values = _wide(table[table["over"] == over], _plans(run))
    return {"title": title, "rows": _rows(values, unit=None)}


def _rows(values: dict[str, list[float]], unit: str | None) -> list[dict[str, Any]]:
    """Return a row a measure, in the order of their names; of an exposure in its unit."""
    return [
        {
            "name": text.name,
            "kind": text.kind,
            "unit": _unit(text, unit),
            "values": [figure(value) for value in values[name]],
        }
        for name, text in MEASURE_NL.items()
        if name in values
    ]


def _unit(text: MeasureName, unit: str | None) -> str:
    """Return the unit of a measure: its own, or that of the exposure where it is absolute."""
    if unit is None:
        return text.unit
    return unit if text.kind == "absoluut" else ""


def _splits(run: Run) -> list[dict[str, Any]]:
    """Return the part of an inequality within groups and that between them, for each plan."""
    table = run.distribution.splits
    rows = []
    for measure, name in SPLIT_NL.items():
        for by, what in BY_NL.items():
            own = table[(table["measure"] == measure) & (table["by"] == by)]
            cells = []
            for within, between in zip(own["within"], own["between"], strict=True):
                total = within + between
                share = 100.0 * between / total if total else math.nan
                cells.append((figure(total), figure(within), figure(between), number(share, 1)))
            rows.append({"name": name, "by": what, "cells": cells})
    return rows


def _curves(run: Run) -> tuple[str, str]:
    """Draw both curves of today, with their text for who cannot see them."""
    found = run.distribution.curves
    lines = {
        CURVES_NL[str(name)]: (part["people"].to_numpy(), part["load"].to_numpy())
        for name, part in found.groupby("curve", sort=False)
    }
    labels = (
        "Wie draagt welk deel van de ziektelast?",
        "deel van de inwoners (%)",
        "deel van de ziektelast (%)",
    )
    alt = "Grafiek van de Lorenzcurve en de concentratiecurve van nu. De maten staan in de tabel."
    return curves(lines, labels=labels), alt


def _groups(run: Run) -> list[dict[str, Any]]:
    """Return each followed group against all others: today in full, and the gap of each plan."""
    table, rows = run.distribution.groups, []
    for group in run.settings.groups:
        own = table[table["name"] == group.name]
        now = {str(key): value for key, value in own.iloc[0].items()}
        is_told = math.isfinite(now["gap"])
        rows.append(
            {
                "name": group.name,
                "persons": number(now["persons"]) if is_told else TOO_FEW,
                "level": figure(now["level"]) if is_told else TOO_FEW,
                "others": figure(now["level_others"]) if is_told else TOO_FEW,
                "gaps": [
                    (change(gap, 3), number(ratio, 3)) if math.isfinite(gap) else (TOO_FEW, "")
                    for gap, ratio in zip(own["gap"], own["ratio"], strict=True)
                ],
            }
        )
    return rows


def _worse_off(run: Run) -> list[dict[str, Any]]:
    """Return who is worse off under each proposal: the largest losses, and how many there are."""
    people = dict(zip(run.study.neighbourhoods[CODE], residents(run), strict=True))
    names = dict(zip(run.study.neighbourhoods[CODE], run.study.neighbourhoods[NAME], strict=True))
    table, out = run.distribution.worse_off, []
    for k, proposal in enumerate(run.proposals, start=1):
        own = table[table["plan"] == proposal.id]
        rows = [
            _loss(row, names, is_told=people[row[CODE]] >= FEWEST)
            for _, row in own.head(TOLD).iterrows()
        ]
        out.append(
            {
                "name": f"{k}. {proposal.name}",
                "rows": rows,
                "n": len(own),
                "n_place": own[CODE].nunique(),
            }
        )
    return out


def _loss(row: pd.Series, names: dict[str, str], *, is_told: bool) -> dict[str, str]:
    """Return one loss as text; few persons are not told apart, nor named."""
    has_group = bool(row["age"])
    few = f"buurt met minder dan {FEWEST} inwoners"
    return {
        "place": names[row[CODE]] if is_told else few,
        "age": AGE_NL[row["age"]] if has_group else TOO_FEW,
        "income": INCOME_NL[row["income"]] if has_group else TOO_FEW,
        "persons": number(row["persons"]) if has_group else "",
        "loss": change(row["loss"], 4) if is_told else TOO_FEW,
    }


def _exposures(run: Run) -> list[dict[str, Any]]:
    """Return the measures of every exposure: of layers for each plan, of supplied factors today."""
    known = {info.name: (info.title, info.unit) for info in run.layers}
    known |= {part.name: (part.title, part.settings.unit) for part in run.supplied}
    out = []
    for layer, part in run.distribution.exposure.groupby("layer", sort=False):
        title, unit = known[str(layer)]
        if str(part["unit"].iloc[0]).startswith("energy of "):
            level = str(part["unit"].iloc[0]).removeprefix("energy of ").removesuffix(" dB")
            unit = f"keer de energie van {level} dB"
        plans = [plan for plan in _plans(run) if (part["plan"] == plan).any()]
        is_good = bool(part["worse"].iloc[0] == "lower")
        rows = _rows(_wide(part, plans), unit)
        out.append({"title": title, "is_good": is_good, "rows": rows, "n_plan": len(plans)})
    return out


def goal_rows(
    run: Run, now: Mapping[str, float], after: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return the measures that the search lowered, today and after; on their unfair side only."""
    return [
        {
            "name": f"Doel: {text.name}",
            "unit": text.unit or "geen",
            "decimals": 4,
            "now": now[name],
            "after": after[name],
        }
        for name, text in MEASURE_NL.items()
        if name in run.settings.search.objectives
    ]
