"""What the report says of the case as a whole, as plain values for the template."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.dutch import AGE_NL
from evenground.names import BURDEN_LAYERS, GREEN, NAME, RESIDENTS
from evenground.objectives.health import counted_channels, counted_layers
from evenground.outputs.report.baselines import compare, tell_fairness
from evenground.outputs.report.bound import tell_bound
from evenground.outputs.report.budgets import tell_lines
from evenground.outputs.report.classes import level_classes
from evenground.outputs.report.distribution import describe_distribution
from evenground.outputs.report.factors import factor_maps, factor_rows
from evenground.outputs.report.figures import map_of, trade_off
from evenground.outputs.report.measures import measure_rows, shared_ground
from evenground.outputs.report.origins import tell_brought
from evenground.outputs.report.people import (
    burdens_by_income,
    burdens_now,
    per_1000,
    per_person,
    residents,
    shown,
    usual_exposure,
)
from evenground.outputs.report.phases import tell_phases
from evenground.outputs.report.proposals import UNIT, build_scale, describe, worked_out
from evenground.outputs.report.stacking import stacking_chapter
from evenground.outputs.report.traffic import tell_displaced
from evenground.outputs.report.uncertainty import tell
from evenground.results import LayerInfo, Run, name_burdens
from evenground.results.certainty import CHANNEL_NL, unit_of_setting

Float = NDArray[np.float64]


def contents(run: Run) -> dict[str, Any]:
    """Return everything that the page shows, as plain values."""
    people = residents(run)
    scale, note = build_scale(run), quality_note(run.layers)
    now = shown(run, per_1000(run, run.today))
    return {
        "case": run.settings.case,
        "budget": run.settings.search.budget_eur,
        "residents": float(people.sum()),
        "n_neighbourhood": int((people > 0.0).sum()),
        "today": run.today,
        "by_layer": _by_layer(run),
        "consists": _consists(run),
        "consists_age": _consists_by_age(run),
        "fifths": burdens_now(run),
        "incomes": burdens_by_income(run),
        "split": _split(run),
        "map_now": map_of(
            run.study, now, title="Ziektelast nu", unit=UNIT, classes=scale.level, note=note
        ),
        "map_stacking": _stacking_map(run, note),
        "layer_maps": [_layer_map(run, k, info) for k, info in enumerate(run.layers)],
        "distribution": describe_distribution(run),
        "factors": factor_rows(run),
        "supplied_maps": factor_maps(run),
        "plots": _plots(run),
        "unsure": tell(run),
        "budgets": tell_lines(run),
        "moved": tell_displaced(run),
        "bound": tell_bound(run),
        "stack": stacking_chapter(run, note),
        "worked_out": getattr(worked_out(run.proposals), "id", ""),
        "proposals": [describe(run, proposal, scale, note) for proposal in run.proposals],
        "baselines": [compare(run, baseline) for baseline in run.baselines],
        "fairness": tell_fairness(run),
        "years": tell_phases(run),
        "layers": run.layers,
        "left_out": _left_out(run),
        "remarks": (*run.settings.case.remarks, *run.remarks),
        "findings": run.findings,
        "validation": run.validation.to_dict("records"),
        "certainty": run.certainty,
        "assumptions": [
            (name, value, unit_of_setting(key)) for key, (name, value) in run.assumptions.items()
        ],
        "files": run.files,
        "catalogue": measure_rows(run),
        "shared_ground": shared_ground(run.catalogue),
        "discount_percent": 100.0 * run.settings.interventions.discount_rate,
        "evaluated": int(run.history["evaluated"].iloc[-1]),
        "origins": tell_brought(run),
        "n_front": run.front.sizes["candidate"],
        "green_added": run.settings.health.green_pathway == "added",
        "walking": run.settings.health.behaviour,
        "burdens": name_burdens(run.settings.health),
        "overlap": run.settings.health.no2_pm25_overlap,
    }


def quality_note(layers: tuple[LayerInfo, ...]) -> str:
    """Say below a map how the layers that it adds up were made."""
    short = {"heat": "warmte", "noise": "geluid", "no2": "NO₂", "pm25": "fijnstof"}
    by_quality: dict[str, list[str]] = {}
    for info in layers:
        if info.name in short:
            by_quality.setdefault(info.quality, []).append(short[info.name])
    if len(by_quality) == 1:
        return f"Alle lagen: {next(iter(by_quality))}"
    said = "; ".join(f"{', '.join(names)}: {quality}" for quality, names in by_quality.items())
    return said[:1].upper() + said[1:]


def _stacking_map(run: Run, note: str) -> str:
    """Draw the stacking per resident today, the mean of all residents being 100."""
    per = per_person(run, run.today.stacking)
    mean = float(run.today.stacking.sum()) / max(float(residents(run).sum()), 1e-300)
    index = shown(run, 100.0 * per / mean if mean > 0.0 else per)
    unit = "per inwoner; het gemiddelde van de stad is 100"
    return map_of(run.study, index, title="Stapeling van lasten nu", unit=unit,
                  classes=level_classes(index), note=note)  # fmt: skip


def _layer_map(run: Run, k: int, info: LayerInfo) -> tuple[str, str]:
    """Draw one layer today, with its text for who cannot see it."""
    factor = 100.0 if info.name == GREEN else 1.0
    values = shown(run, factor * run.today.exposure[k])
    label = info.quality if not info.year else f"{info.quality}, {info.year}"
    unit = f"{'%' if info.name == GREEN else info.unit}, gemiddeld bij de woning"
    picture = map_of(run.study, values, title=info.title, unit=unit,
                     classes=level_classes(values), note=f"Kwaliteit: {label}")  # fmt: skip
    return picture, f"Kaart van {info.title} per buurt. Het gemiddelde staat in de tabel."


def _by_layer(run: Run) -> list[dict[str, Any]]:
    """Burden and mean exposure of every layer today; walking for green apart from green."""
    everybody, layers = residents(run) > 0.0, counted_layers(run.settings.health)
    rows, summed = [], counted_channels(run.settings.health)
    for k, info in enumerate(run.layers):
        burden = float(run.today.green_burden.sum()) if info.name == GREEN else np.nan
        if info.name in BURDEN_LAYERS:
            burden = float(run.today.burden[:, BURDEN_LAYERS.index(info.name)].sum())
        exposure = usual_exposure(run, k, run.today, everybody)
        counted = info.name in layers
        rows.append({"info": info, "exposure": exposure, "burden": burden, "counted": counted})
        if info.name == GREEN and run.today.walk_burden is not None:
            walking = replace(info, title=f"{info.title}, via lopen")
            burden, counted = float(run.today.walk_burden.sum()), "walk_mort" in summed
            row = {"info": walking, "exposure": exposure, "burden": burden, "counted": counted}
            rows.append(row)
    return rows


def _consists(run: Run) -> list[dict[str, Any]]:
    """List what the burden today consists of, by effect; what is not counted comes last."""
    figures = ["deaths", "cases", "affected", "yll", "yld", "daly"]
    table = run.composition.groupby(["channel", "counted"], sort=False)[figures].sum()
    rows = [
        {"name": CHANNEL_NL[channel], "counted": counted, **_figures(table.loc[(channel, counted)])}
        for channel, counted in table.index.tolist()
    ]
    return sorted(rows, key=lambda row: not row["counted"])


def _consists_by_age(run: Run) -> list[dict[str, Any]]:
    """List what the counted burden today consists of, by age."""
    counted = run.composition[run.composition["counted"]]
    table = counted.groupby("age", sort=False)[["deaths", "yll", "yld", "daly"]].sum()
    return [{"name": AGE_NL[str(age)], **_figures(row)} for age, row in table.iterrows()]


def _figures(row: pd.Series) -> dict[str, float]:
    """Return a row as plain numbers."""
    return {str(key): float(value) for key, value in row.items()}


def _split(run: Run) -> list[dict[str, Any]]:
    """List the sources of inequality, in figures and in shares."""
    rows = []
    for name, row in run.sources_of_inequality.iterrows():
        parts = {str(key): float(value) for key, value in row.items()}
        total = parts["total"]
        share = {key: 100.0 * value / total if total else np.nan for key, value in parts.items()}
        rows.append({"name": str(name), "parts": parts, "share": share})
    return rows


def _plots(run: Run) -> list[tuple[str, str]]:
    """Draw the plans: what money buys, and what one goal costs the other."""
    front, now = run.front, run.today.scores
    people = max(float(residents(run).sum()), 1e-300)
    cost = front["capital"].to_numpy() / 1e6
    avoided = now["burden"] - front["burden"].to_numpy()
    gap = front["inequality"].to_numpy() - 1000.0 * front["burden"].to_numpy() / people
    today = run.today.measures["gap"]
    closed = 100.0 * (1.0 - gap / today) if today > 0.0 else np.zeros(gap.size)
    at = [proposal.candidate for proposal in run.proposals]
    names = [proposal.name for proposal in run.proposals]
    saved = "gezonde levensjaren gewonnen (DALY per jaar)"
    said = "Alle gevonden plannen als punten; de voorstellen staan in de tabel hieronder."
    sides = (
        (cost, avoided, ("Wat levert geld op?", "aanleg (miljoen euro)", saved)),
        (
            avoided,
            closed,
            ("Gezonder of gelijker?", saved, "verschil tussen buurten kleiner (%)"),
        ),
    )
    return [
        (
            trade_off(x, y, [(n, x[k], y[k]) for n, k in zip(names, at, strict=True)], labels=text),
            f"Grafiek: {text[1]} tegen {text[2]}. {said}",
        )
        for x, y, text in sides
    ]


def _left_out(run: Run) -> dict[str, Any]:
    """Neighbourhoods that are not assessed, and how many people live there."""
    table = run.study.neighbourhoods
    out = table.loc[~table["is_assessed"], [NAME, RESIDENTS, "why_not"]]
    out = out.sort_values(RESIDENTS, ascending=False, kind="stable")
    everybody = float(table[RESIDENTS].sum())
    people = float(out[RESIDENTS].sum())
    return {
        "rows": out.to_dict("records"),
        "residents": people,
        "share": 100.0 * people / everybody if everybody > 0.0 else np.nan,
        "n_lived_in": int((out[RESIDENTS] > 0.0).sum()),
        "n_unknown": int(out[RESIDENTS].isna().sum()),
    }
