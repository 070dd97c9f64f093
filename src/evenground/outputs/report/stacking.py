"""The chapter on stacking: several burdens, or several policies, on the same people."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import StackingSettings
from evenground.dutch import AGE_NL, INCOME_NL
from evenground.names import CODE, LIVEABILITY_COLUMNS, NAME
from evenground.objectives.cumulative import (
    GES_EXPOSURE,
    GES_INSUFFICIENT,
    GES_NL,
    GES_SUPPLIED,
    ges_classes,
)
from evenground.outputs.report.classes import Classes, level_classes, score_classes
from evenground.outputs.report.figures import map_of
from evenground.outputs.report.people import fifths, mean_of, residents, shown
from evenground.results import FACTOR_NL, Run
from evenground.results.assess import SECTORS
from evenground.results.numbers import FEWEST, compact

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Form:
    """One way of stacking, as a row of the table."""

    measure: str
    name: str
    unit: str
    said: str
    """What it says, in one sentence or two."""
    decimals: int = 3
    factor: float = 1.0
    """From the unit of the measure to that of the table."""


FORMS = (
    Form(
        "norms_exceeded",
        "Normen per inwoner",
        "aantal",
        "Telt de normen die bij de woning worden overschreden. Goed uit te leggen, maar net boven "
        "de norm telt even zwaar als ver erboven.",
        2,
    ),
    Form(
        "at_least_3",
        "Inwoners boven 3 normen of meer",
        "%",
        "Wie op drie of meer punten tegelijk te veel heeft.",
        1,
        100.0,
    ),
    Form(
        "soft_exceedance",
        "Overschrijding naar grootte",
        "0 tot 1",
        "0 is op of onder elke norm, 1 is slecht op alle punten. Waar slecht begint, is een "
        "aanname.",
    ),
    Form(
        "fraction_additive",
        "Sterfte door de omgeving, opgeteld",
        "%",
        "De delen van de sterfte bij elkaar opgeteld. Wie door twee oorzaken sterft, telt dubbel.",
        2,
        100.0,
    ),
    Form(
        "fraction_joint",
        "Sterfte door de omgeving, samen",
        "%",
        "Zonder dubbeltelling, als de oorzaken los van elkaar staan. Nooit meer dan de som.",
        2,
        100.0,
    ),
    Form(
        "relative_risk",
        "Risico\u2019s vermenigvuldigd",
        "keer",
        "Hoeveel keer zo groot de kans om te sterven is. Zegt hetzelfde als de vorige regel.",
    ),
    Form(
        "superadditive_0",
        "Ziektelast zonder wisselwerking (gamma 0)",
        "DALY per 1000",
        "De gewone som van de lasten.",
        2,
    ),
    Form(
        "superadditive_0.1",
        "Met een kleine wisselwerking (gamma 0,1)",
        "DALY per 1000",
        "Lasten versterken elkaar een beetje. Niemand heeft dat gemeten.",
        2,
    ),
    Form(
        "superadditive_0.25",
        "Met een grote wisselwerking (gamma 0,25)",
        "DALY per 1000",
        "Lasten versterken elkaar flink. Niemand heeft dat gemeten.",
        2,
    ),
    Form(
        "burden_by_vulnerability",
        "Druk maal kwetsbaarheid",
        "0 tot 1",
        "Hoog waar veel druk en kwetsbare mensen samenkomen (zoals bij CalEnviroScreen).",
    ),
    Form(
        "in_three_tails",
        "Inwoners in drie staarten",
        "%",
        "Wie op drie punten bij het slechtste vijfde deel van nu hoort. De grens blijft gelijk.",
        1,
        100.0,
    ),
    Form(
        "power_mean_2",
        "Machtsgemiddelde, macht 2",
        "0 tot 1",
        "Een schone plek op het ene punt maakt een vuile op het andere niet goed.",
    ),
    Form("power_mean_3", "Machtsgemiddelde, macht 3", "0 tot 1", "Hetzelfde, strenger."),
    Form("power_mean_4", "Machtsgemiddelde, macht 4", "0 tot 1", "Hetzelfde, nog strenger."),
    Form(
        "stacking",
        "Stapeling waarnaar is gezocht",
        "nu = 100",
        "De maat die het zoeken verlaagt: pieken en kwetsbare mensen tellen zwaarder.",
        1,
    ),
    Form(
        "stacking_plain",
        "Dezelfde lasten, gewoon opgeteld",
        "nu = 100",
        "Macht 1 en lambda 0: ter vergelijking, zonder dat oordeel.",
        1,
    ),
    Form(
        "mgr_like",
        "MGR-achtig percentage",
        "%",
        "Deel van alle ziektelast dat van warmte, geluid en lucht komt. De regels van het RIVM "
        "zijn niet openbaar; dit lijkt erop.",
        2,
    ),
)
"""Every form, in the order of the table."""
LIVEABILITY_NL = dict(
    zip(
        LIVEABILITY_COLUMNS,
        (
            "totaal",
            "fysieke omgeving",
            "voorzieningen",
            "sociale samenhang",
            "overlast en onveiligheid",
            "woningvoorraad",
        ),
        strict=True,
    )
)
POLICY_NL = (("burden", 3), ("stacking", 3), ("at_least_3", 0))
"""Scores of which is told how policies stack, and their decimals."""


def stacking_chapter(run: Run, note: str) -> dict[str, Any]:
    """Return everything that the chapter shows, as plain values."""
    found = run.stacking
    return {
        "norms": list(_norms(run, "layers")),
        "norms_supplied": list(_norms(run, "with_supplied")),
        "by_group": [
            *_by_group(found.people, "income", INCOME_NL),
            *_by_group(found.people, "age", AGE_NL),
        ],
        "forms": list(_forms(run)),
        "map_mgr": _mgr_map(run, note),
        "ges_maps": [_ges_map(run, factor) for factor in _factors(run)],
        "ges": _ges_table(run),
        "ges_factors": [FACTOR_NL[factor] for factor in _factors(run)],
        "priority": _priority(run),
        "has_liveability": found.has_liveability,
        "map_liveability": _liveability_map(run),
        "liveability": _liveability_table(run),
        "liveability_names": list(LIVEABILITY_NL.values()),
        "policies": _policies(run),
        "power": run.settings.objectives.stacking_power,
        "weight": run.settings.objectives.stacking_vulnerability,
        "priority_share": run.settings.stacking.priority_share,
        "with_supplied": run.settings.stacking.supplied,
    }


def _plans(run: Run) -> list[str]:
    """Names of today and of each proposal, as the tables have them."""
    return ["today", *(proposal.id for proposal in run.proposals)]


def _norms(run: Run, counted: str) -> Iterator[dict[str, Any]]:
    """Give residents by norms exceeded: a row for each number, today and of each proposal."""
    table = run.stacking.people
    table = table[table["counted"] == counted]
    if table.empty:
        return
    by_plan = table.groupby(["plan", "norms"], dropna=False)["persons"].sum()
    most = int(table["norms"].max())
    for k in range(most + 1):
        yield {"name": f"{k} van {most}", "persons": [by_plan[p, float(k)] for p in _plans(run)]}
    unknown = table[table["norms"].isna()].groupby("plan")["persons"].sum()
    if unknown.sum() > 0.0:
        yield {
            "name": "onbekend, omdat een factor daar ontbreekt",
            "persons": [unknown[plan] for plan in _plans(run)],
        }


def _by_group(people: pd.DataFrame, column: str, names: dict[str, str]) -> list[dict[str, Any]]:
    """List shares of a group of residents by norms exceeded today."""
    table = people[(people["plan"] == "today") & (people["counted"] == "layers")]
    rows = []
    for label, name in names.items():
        own = table[table[column] == label].dropna(subset="norms").groupby("norms")["persons"].sum()
        total = float(own.sum())
        if total >= FEWEST:
            share = (100.0 * own / total).tolist()
            rows.append({"name": name, "residents": total, "share": share})
    return rows


def _forms(run: Run) -> Iterator[dict[str, Any]]:
    """Give every form with its sentence: today and each proposal."""
    value = run.stacking.measures.set_index(["measure", "plan"])["value"]
    for form in FORMS:
        values = [form.factor * float(value[form.measure, plan]) for plan in _plans(run)]
        yield {"form": form, "figures": values}


def _mgr_map(run: Run, note: str) -> str:
    """Draw the MGR-like percentage today."""
    values = shown(run, run.stacking.neighbourhoods["mgr_like"].to_numpy(float))
    return map_of(run.study, values, title="MGR-achtig percentage nu",
                  unit="% van alle ziektelast van de inwoners", classes=level_classes(values),
                  note=note)  # fmt: skip


def _factors(run: Run) -> list[str]:
    """Factors that have GES classes in this run."""
    return [str(name) for name in run.stacking.ges["factor"].unique()]


def ges_legend(factor: str, settings: StackingSettings) -> Classes:
    """Return the classes of a factor as a legend: the nine scores with their bounds in words."""
    exposure = {**GES_EXPOSURE, **GES_SUPPLIED}[factor]
    table = ges_classes(exposure, settings).set_index("score")
    labels = []
    for score, word in enumerate(GES_NL):
        label = f"{score} {word}"
        if score in table.index:
            low, high = float(table["low"][score]), float(table["high"][score])
            unit = "dB" if exposure == "Lden" else "µg/m³"
            label += f": {_range(low, high)} {unit}"
        labels.append(label)
    return score_classes(labels)


def _range(low: float, high: float) -> str:
    """Return the bounds of a class in words; one of them may be open."""
    if np.isnan(low):
        return f"minder dan {compact(high)}"
    return (
        f"{compact(low)} of meer"
        if not np.isfinite(high)
        else f"{compact(low)} tot {compact(high)}"
    )


def _ges_map(run: Run, factor: str) -> tuple[str, str]:
    """Draw the GES score of one factor today, with its text for who cannot see it."""
    table = run.stacking.ges
    own = table[(table["plan"] == "today") & (table["factor"] == factor)]
    values = shown(run, own["score"].to_numpy(float))
    name = FACTOR_NL[factor]
    picture = map_of(run.study, values, title=f"GES-score voor {name} nu",
                     unit="klasse van de gemiddelde blootstelling bij de woning",
                     classes=ges_legend(factor, run.settings.stacking), note="")  # fmt: skip
    text = f"Kaart van de GES-score voor {name} per buurt. De aantallen staan in de tabel."
    return picture, text


def _ges_table(run: Run) -> list[dict[str, Any]]:
    """List residents by GES score of each factor today; scores nobody has are left out."""
    table = run.stacking.ges_people
    now = table[table["plan"] == "today"].set_index(["score", "factor"])["persons"]
    rows = []
    for score, word in enumerate(GES_NL):
        persons = [float(now[score, factor]) for factor in _factors(run)]
        if sum(persons) > 0.0:
            is_bad = score >= GES_INSUFFICIENT
            rows.append({"name": f"{score} {word}", "persons": persons, "is_bad": is_bad})
    return rows


def _priority(run: Run) -> dict[str, Any]:
    """List neighbourhoods where low SES meets low liveability, and who lives there."""
    people = residents(run)
    chosen = run.stacking.neighbourhoods["is_priority"].to_numpy(bool) & (people >= FEWEST)
    names = run.study.neighbourhoods[NAME].to_numpy(str)
    codes = run.study.neighbourhoods[CODE].to_numpy(str)
    order = np.flatnonzero(chosen)[np.argsort(-people[chosen], kind="stable")].tolist()
    total = float(people.sum())
    living = float(people[chosen].sum())
    return {
        "rows": [{"name": names[k], "code": codes[k], "residents": people[k]} for k in order],
        "residents": living,
        "share": 100.0 * living / total if total > 0.0 else np.nan,
    }


def _liveability_map(run: Run) -> str:
    """Draw the score of the Leefbaarometer; nothing where the case brought none."""
    if not run.stacking.has_liveability:
        return ""
    values = shown(run, run.stacking.neighbourhoods[LIVEABILITY_COLUMNS[0]].to_numpy(float))
    classes = level_classes(values)
    darker_is_worse = replace(classes, colours=classes.colours[::-1])
    return map_of(run.study, values, title="Leefbaarometer nu", unit="score; hoger is beter",
                  classes=darker_is_worse, note="Alleen getoond, nooit een doel")  # fmt: skip


def _liveability_table(run: Run) -> list[dict[str, Any]]:
    """List the mean score of each dimension by fifth of the residents by income."""
    if not run.stacking.has_liveability:
        return []
    table, people = run.stacking.neighbourhoods, residents(run)
    rows = []
    for name, inside, _ in fifths(run):
        scores = [
            mean_of(table[column].to_numpy(float)[inside], people[inside])
            for column in LIVEABILITY_COLUMNS
        ]
        if np.isfinite(scores).any():
            rows.append({"name": name, "scores": scores})
    return rows


def _policies(run: Run) -> list[dict[str, Any]]:
    """List how the policies of each proposal stack: alone, together, and what that differs."""
    table = run.stacking.policies
    rows = []
    for proposal in run.proposals:
        own = table[table["plan"] == proposal.id]
        parts = [str(part) for part in own["part"].unique() if part not in ("together", "stacking")]
        figures = []
        for score, decimals in POLICY_NL:
            effect = own[own["score"] == score].set_index("part")["effect"]
            alone, together = float(effect[parts].sum()), float(effect["together"])
            figures.append((alone, together, float(effect["stacking"]), decimals))
        sectors = ", ".join(SECTORS.get(part, part) for part in parts)
        rows.append({"id": proposal.id, "name": proposal.name, "sectors": sectors,
                     "n_sector": len(parts), "figures": figures})  # fmt: skip
    return rows
