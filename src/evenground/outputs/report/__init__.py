"""One self-contained page in Dutch that a planner can take to a meeting.

Takes a run; writes HTML with its pictures inside. No network, no scripts.
"""

from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from numpy.typing import NDArray

from evenground.names import BURDEN_LAYERS, NAME, RESIDENTS
from evenground.outputs.report.figures import classes, even_classes, map_of, trade_off
from evenground.outputs.report.numbers import change, euro, number, percent
from evenground.results import Assessment, Proposal, Run

Float = NDArray[np.float64]

QUALITY = {
    "measured": "gemeten",
    "coarse": "grof",
    "modelled": "gemodelleerd",
    "fictional": "fictief",
}
SECTORS = {
    "green": "groen",
    "mobility": "mobiliteit",
    "social": "sociaal",
    "housing": "wonen",
    "water": "water",
}
FIFTHS = {
    1: "laagste inkomens",
    2: "op een na laagste",
    3: "midden",
    4: "op een na hoogste",
    5: "hoogste inkomens",
    0: "inkomen onbekend",
}
CLASSES = {"low": "laag inkomen", "other": "overig inkomen", "unknown": "inkomen onbekend"}
UNIT = "DALY per 1000 inwoners"
TOLERANCE = 1e-9
"""Change of burden per 1000 residents below which a neighbourhood counts as unchanged."""


def write_report(run: Run, path: Path) -> None:
    """Write the report of a run."""
    loader = jinja2.PackageLoader("evenground.outputs.report", ".")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"getal": number, "verschil": change, "euro": euro}
    text = environment.get_template("report.html.j2").render(**contents(run))
    path.write_text(text, encoding="utf-8")


def contents(run: Run) -> dict[str, Any]:
    """Return everything that the page shows, as plain values."""
    people = _people(run)
    now = _per_1000(run.today, people)
    return {
        "case": run.settings.case,
        "budget": run.settings.search.budget_eur,
        "residents": float(people.sum()),
        "n_neighbourhood": int((people > 0.0).sum()),
        "today": run.today.scores,
        "level": 1000.0 * run.today.scores["burden"] / float(people.sum()),
        "by_layer": _by_layer(run, people),
        "fifths": _fifths(run, people),
        "split": _split(run),
        "map_now": map_of(
            run.study, now, title="Ziektelast nu", unit="DALY per 1000 inwoners per jaar",
            edges=classes(now), name="batlow",
        ),
        "plot": _plot(run),
        "proposals": [_proposal(run, proposal, people, now) for proposal in run.proposals],
        "layers": [
            {"info": info, "quality": QUALITY[info.quality]} for info in run.layers
        ],
        "left_out": run.study.neighbourhoods.loc[
            ~run.study.neighbourhoods["is_assessed"], [NAME, RESIDENTS, "why_not"]
        ].to_dict("records"),
        "remarks": (*run.settings.case.remarks, *run.remarks),
        "findings": run.findings,
        "files": run.files,
        "catalogue": run.catalogue.reset_index().to_dict("records"),
        "evaluated": int(run.history["evaluated"].iloc[-1]),
        "overlap": run.settings.health.no2_pm25_overlap,
    }  # fmt: skip


def _people(run: Run) -> Float:
    """Residents of the neighbourhoods that are assessed, zero elsewhere."""
    return np.asarray(run.study.group_residents.sum(axis=0))


def _per_1000(assessment: Assessment, people: Float) -> Float:
    """DALY per 1000 residents per year (neighbourhood,), NaN without residents."""
    total = assessment.burden.sum(axis=(0, 1))
    out = np.full(people.size, np.nan)
    return np.asarray(np.divide(1000.0 * total, people, out=out, where=people > 0.0))


def _by_layer(run: Run, people: Float) -> list[dict[str, Any]]:
    """Burden and mean exposure of every layer today."""
    rows = []
    for k, info in enumerate(run.layers):
        counted = info.name in BURDEN_LAYERS
        if counted:
            burden = float(run.today.burden[:, BURDEN_LAYERS.index(info.name)].sum())
        else:
            burden = float(run.today.green_burden.sum()) if info.name == "green" else np.nan
        rows.append(
            {
                "info": info,
                "quality": QUALITY[info.quality],
                "exposure": _mean(run.today.exposure[k], people),
                "burden": burden,
                "counted": counted,
            }
        )
    return rows


def _mean(values: Float, people: Float) -> float:
    """Mean over the residents for whom a value is known."""
    known = np.isfinite(values) & (people > 0.0)
    return float(np.average(values[known], weights=people[known])) if known.any() else np.nan


def _fifths(run: Run, people: Float) -> list[dict[str, Any]]:
    """Who carries the burdens today, by fifth of the residents by income."""
    fifth = run.study.neighbourhoods["income_fifth"].to_numpy(int)
    rows = []
    for label, name in FIFTHS.items():
        inside = (fifth == label) & (people > 0.0)
        total = float(people[inside].sum())
        if total == 0.0:
            continue
        stacked = float(run.today.exceeded[3:][:, inside].sum())
        rows.append(
            {
                "name": name,
                "residents": total,
                "burden": 1000.0 * float(run.today.burden[:, :, inside].sum()) / total,
                "stacking": float(run.today.stacking[inside].sum()) / total,
                "exceeded": 100.0 * stacked / total,
                "exposure": [_mean(row[inside], people[inside]) for row in run.today.exposure],
            }
        )
    return rows


def _split(run: Run) -> list[dict[str, Any]]:
    """List the sources of inequality, in figures and in shares."""
    rows = []
    for name, row in run.sources_of_inequality.iterrows():
        parts = {str(key): float(value) for key, value in row.items()}
        total = parts["total"]
        share = {key: 100.0 * value / total if total else np.nan for key, value in parts.items()}
        rows.append({"name": str(name), "parts": parts, "share": share})
    return rows


def _plot(run: Run) -> str:
    """Draw the front: burden avoided against cost."""
    front, now = run.front, run.today.scores["burden"]
    marks = [
        (
            proposal.name,
            proposal.assessment.scores["capital"] / 1e6,
            now - proposal.assessment.scores["burden"],
        )
        for proposal in run.proposals
    ]
    return trade_off(
        front["capital"].to_numpy() / 1e6,
        now - front["burden"].to_numpy(),
        front["is_seed"].to_numpy().astype(bool),
        marks,
    )


def _proposal(run: Run, proposal: Proposal, people: Float, now: Float) -> dict[str, Any]:
    """Everything about one proposal."""
    after = _per_1000(proposal.assessment, people)
    difference = after - now
    edges = classes(np.concatenate([now, after]))
    maps = [
        map_of(run.study, now, title="Nu", unit=UNIT, edges=edges, name="batlow"),
        map_of(run.study, after, title="Na", unit=UNIT, edges=edges, name="batlow"),
        map_of(
            run.study, difference, title="Verschil", unit=UNIT,
            edges=even_classes(difference), name="vik",
        ),
    ]  # fmt: skip
    names = run.study.neighbourhoods[NAME].to_numpy(str)
    order = np.argsort(np.nan_to_num(difference), kind="stable")
    worse = np.flatnonzero(difference > TOLERANCE)
    scores, today = proposal.assessment.scores, run.today.scores
    return {
        "name": proposal.name,
        "id": proposal.id,
        "reason": proposal.reason,
        "scores": scores,
        "relative": {key: percent(scores[key], today[key]) for key in scores},
        "maps": maps,
        "works": _works(proposal),
        "sectors": _sectors(proposal),
        "classes": _gains(run, proposal, people, difference),
        "groups": _groups(run, proposal),
        "best": [(names[k], difference[k], now[k]) for k in order[:8] if difference[k] < 0.0],
        "worse": [(names[k], difference[k], now[k]) for k in worse[np.argsort(-difference[worse])]],
        "n_better": int((difference < -TOLERANCE).sum()),
        "all_lower": all(scores[k] < today[k] for k in ("burden", "inequality", "stacking")),
        "exposure": [
            (info, QUALITY[info.quality], *(_mean(a.exposure[k], people) for a in
             (run.today, proposal.assessment)))
            for k, info in enumerate(run.layers)
        ],
    }  # fmt: skip


def _works(proposal: Proposal) -> list[dict[str, Any]]:
    """Sum what is built by intervention."""
    keys = ["intervention_name", "unit"]
    sums = ["amount", "capital_eur", "yearly_eur"]
    table = proposal.works.groupby(keys, sort=False)[sums].sum()
    table = table.sort_values("capital_eur", ascending=False).reset_index()
    return [
        {str(key): value for key, value in row.items()}
        for row in table.sort_values("capital_eur", ascending=False)
        .reset_index()
        .to_dict("records")
    ]


def _sectors(proposal: Proposal) -> list[tuple[str, float, float]]:
    """Euros by sector: to build, and per year."""
    table = proposal.works.groupby("sector")[["capital_eur", "yearly_eur"]].sum()
    return [
        (SECTORS.get(str(name), str(name)), float(row["capital_eur"]), float(row["yearly_eur"]))
        for name, row in table.iterrows()
    ]


def _gains(run: Run, proposal: Proposal, people: Float, difference: Float) -> list[dict[str, Any]]:
    """Who gains and who loses, by fifth of the residents by income."""
    fifth = run.study.neighbourhoods["income_fifth"].to_numpy(int)
    moved = proposal.assessment.burden.sum(axis=(0, 1)) - run.today.burden.sum(axis=(0, 1))
    rows = []
    for label, name in FIFTHS.items():
        inside = (fifth == label) & (people > 0.0)
        total = float(people[inside].sum())
        if total > 0.0:
            before = float(run.today.burden[:, :, inside].sum())
            rows.append(
                {
                    "name": name,
                    "residents": total,
                    "change": 1000.0 * float(moved[inside].sum()) / total,
                    "relative": percent(before + float(moved[inside].sum()), before),
                    "better": float(people[inside & (difference < -TOLERANCE)].sum()),
                    "worse": float(people[inside & (difference > TOLERANCE)].sum()),
                }
            )
    return rows


def _groups(run: Run, proposal: Proposal) -> list[dict[str, Any]]:
    """Change for residents by their own income class, within all neighbourhoods."""
    rows = []
    for label, name in CLASSES.items():
        inside = (run.study.groups["income"] == label).to_numpy()
        total = float(run.study.group_residents[inside].sum())
        if total > 0.0:
            before = float(run.today.burden[inside].sum())
            after = float(proposal.assessment.burden[inside].sum())
            rows.append(
                {
                    "name": name,
                    "residents": total,
                    "change": 1000.0 * (after - before) / total,
                    "relative": percent(after, before),
                }
            )
    return rows
