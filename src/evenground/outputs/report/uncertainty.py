"""What the report says of how sure the outcomes are: margins, firm choices, and what matters."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.outputs.report.figures import frequency_map, interval_chart
from evenground.outputs.report.proposals import worked_out
from evenground.results import TODAY, Run, Uncertainty

Float = NDArray[np.float64]
Table = Mapping[tuple[str, str, str], pd.Series]
"""Intervals by plan, outcome and kind."""

MOST_NUMBERS = 8
"""Most uncertain numbers in one table."""
LEAST_SHARE = 0.01
"""A number that brings a smaller share of the variance is not named."""
FIRM = 0.95
"""Share of the draws from which a neighbourhood is called one of the heaviest for sure."""

PLACES_NL = {
    "squares": "plekken van {side} bij {side} meter",
    "streets": "straatdelen",
    "polygons": "aangeleverde vlakken",
    "neighbourhoods": "buurten",
}
"""What sites are called, by their kind."""

ROWS = (
    ("burden", "Ziektelast (DALY per jaar)", 0, 1.0),
    ("gap", "Verschil tussen buurten (DALY per 1000 inwoners)", 3, 1.0),
    ("ses_gap", "SES-kloof (DALY per 1000 inwoners)", 3, 1.0),
    ("stacking", "Stapeling (nu = 100)", 1, 0.0),
    ("capital", "Aanleg (miljoen euro)", 1, 1e-6),
)
"""Outcome, name, decimals, and by how much it is multiplied; zero: by today's, to a hundred."""


BEST_NL = {
    "burden": "De laagste ziektelast van alle voorstellen, in",
    "gap": "Het kleinste verschil tussen buurten, in",
    "ses_gap": "De kleinste SES-kloof, in",
    "stacking": "De minste stapeling, in",
    "access": "Het kleinste tekort aan speelplekken, in",
}
"""What a proposal can be the best at, as a row of the table."""


def tell(run: Run) -> dict[str, Any] | None:
    """Return everything that the page says of uncertainty, as plain values."""
    told = run.uncertainty
    if told is None:
        return None
    table = {
        (str(row["plan"]), str(row["outcome"]), str(row["kind"])): row
        for _, row in told.intervals.iterrows()
    }
    names = {proposal.id: proposal.name for proposal in run.proposals}
    robust = (100.0 * told.robust.set_index("plan").astype(float)).to_dict("index")
    return {
        "n_draw": told.n_draw,
        "n_number": len(told.numbers),
        "today": _row(table[TODAY, "burden", "level"], 1.0),
        "proposals": [
            {
                "id": key,
                "name": name,
                "stays": robust[key]["stays"],
                "best": {at: robust[key][f"best_{at}"] for at in BEST_NL},
                "rows": _rows(table, key),
            }
            for key, name in names.items()
        ],
        "best_at": BEST_NL,
        "charts": _charts(table, names),
        "sites": _sites(run, told),
        "heaviest": _heaviest(told),
        "matters": _matters(run, told),
    }


def _row(entry: pd.Series, factor: float) -> dict[str, float]:
    """Return one interval as plain numbers."""
    ends = {key: factor * float(entry[key]) for key in ("central", "low", "median", "high")}
    return ends | {"share_lower": 100.0 * float(entry["share_lower"])}


def _rows(table: Table, plan: str) -> list[dict[str, Any]]:
    """List the change of every outcome of a proposal with its margin."""
    rows = []
    for outcome, name, decimals, factor in ROWS:
        today = float(table[TODAY, outcome, "level"]["central"])
        scale = factor or 100.0 / max(today, 1e-300)
        row = _row(table[plan, outcome, "change"], scale)
        rows.append({"name": name, "decimals": decimals, "outcome": outcome, **row})
    return rows


def _charts(table: Table, names: dict[str, str]) -> list[tuple[str, str]]:
    """Draw the margins of the proposals beside each other, for health and for equality."""
    if not names:
        return []
    charts = []
    for outcome, title, unit in (
        ("burden", "Hoe zeker is de gezondheidswinst?", "DALY per jaar gewonnen"),
        ("gap", "Hoe zeker worden de verschillen kleiner?", "verschil kleiner (DALY per 1000)"),
    ):
        rows = [table[key, outcome, "change"] for key in names]
        ends = -np.array([[row["high"], row["median"], row["low"], row["central"]] for row in rows])
        picture = interval_chart(list(names.values()), ends, title=title, unit=unit)
        charts.append((picture, f"Grafiek: {unit} per voorstel, met marge; zie de tabel."))
    return charts


def _sites(run: Run, told: Uncertainty) -> dict[str, Any]:
    """Count and draw the sites by how often they are chosen."""
    count = told.sites["frequency"].value_counts()
    picture = frequency_map(run.study, told.sites) if len(told.sites) else ""
    return {
        **{key: int(count.get(key, 0)) for key in ("always", "sometimes", "never")},
        "map": picture,
        "places": PLACES_NL[run.study.sites.kind].format(side=run.study.site_m),
    }


def _heaviest(told: Uncertainty) -> dict[str, int]:
    """Count the neighbourhoods that are among the heaviest-burdened for sure, and perhaps."""
    share = told.neighbourhoods["heaviest"].to_numpy(float)
    return {
        "surely": int((share >= FIRM).sum()),
        "perhaps": int(((share > 1.0 - FIRM) & (share < FIRM)).sum()),
        "never": int((share <= 1.0 - FIRM).sum()),
    }


def _matters(run: Run, told: Uncertainty) -> list[dict[str, Any]]:
    """List the numbers that matter most: for the burden today, and for one proposal."""
    proposal = worked_out(run.proposals)
    asked = [
        (TODAY, "burden", "de ziektelast nu"),
        (TODAY, "gap", "het verschil tussen buurten nu"),
    ]
    if proposal is not None:
        name = f"voorstel “{proposal.name}”"
        asked.append((proposal.id, "burden", f"de gezondheidswinst van {name}"))
        asked.append((proposal.id, "gap", f"het kleinere verschil door {name}"))
    out = []
    for plan, outcome, name in asked:
        chosen = told.sensitivity["plan"].eq(plan) & told.sensitivity["outcome"].eq(outcome)
        rows = told.sensitivity[chosen].sort_values("total", ascending=False, kind="stable")
        rows = rows[rows["total"] >= LEAST_SHARE].head(MOST_NUMBERS)
        if len(rows):
            out.append(
                {
                    "name": name,
                    "unexplained": 100.0 * float(rows["unexplained"].iloc[0]),
                    "rows": [
                        (str(n), 100.0 * float(a), 100.0 * float(b))
                        for n, a, b in rows[["name", "first", "total"]].to_numpy().tolist()
                    ],
                }
            )
    return out
