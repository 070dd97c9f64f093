"""What the page of a sweep shows: which settings matter and which places hold, in Dutch.

Takes the tables of a sweep; gives plain values for the template.
"""

from typing import Any

import numpy as np
import pandas as pd

from evenground.outputs.report.sweep_figures import by_setting, reached, sites_map
from evenground.results import OUTCOMES, Swept
from evenground.results.numbers import number
from evenground.results.sweeps import brief

STATE_NL = {
    "done": "klaar",
    "no_plan": "geen enkel plan kan voldoen aan wat gevraagd is",
    "fault": "mislukt",
    "begun": "begonnen",
    "waiting": "wacht",
}
FIRM = 0.9
"""Share of the runs from which a place holds (own choice)."""
MOST_SITES = 25
MOST_CHARTS = 6
FEWEST_TO_PLOT = 2


def tell(told: Swept) -> dict[str, Any]:
    """Return everything that the page says, as plain values."""
    runs = told.runs
    count = runs["state"].value_counts()
    sites = told.sites
    sobol = told.effects["method"] == "sobol"
    return {
        "title": told.title,
        "fictional": told.fictional,
        "settings": list(told.settings),
        "n_run": len(runs),
        "n_left": int(sum(count.get(state, 0) for state in ("fault", "begun", "waiting"))),
        "states": [(STATE_NL[s], int(count[s])) for s in STATE_NL if s in count],
        "spread": _spread(runs),
        "charts": _charts(told),
        "n_alike": int(runs["alike"].nunique()) if "alike" in runs else 0,
        "effects": _effects(told.effects),
        "is_sobol": bool(sobol.any()),
        "levels": _levels(told.levels),
        "attainment": reached(told.attainment) if len(told.attainment) > 1 else None,
        "n_front": len(told.front),
        "n_source": int(told.front["row"].nunique()),
        "sites": _sites(sites),
        "map": sites_map(sites) if len(sites) else None,
        "n_site": len(sites),
        "n_firm": int((sites["share"] >= FIRM).sum()),
        "n_balanced": round(float((sites["runs"] / sites["share"]).max())) if len(sites) else 0,
    }


def _spread(runs: pd.DataFrame) -> list[dict[str, Any]]:
    """Return lowest, middle and highest of every outcome that is there."""
    rows = []
    for outcome, name in OUTCOMES.items():
        values = runs[outcome].dropna().to_numpy(float)
        if values.size:
            ends = {"low": values.min(), "median": np.median(values), "high": values.max()}
            told = {key: brief(float(value)) for key, value in ends.items()}
            rows.append({"name": name, "runs": values.size} | told)
    return rows


def _charts(told: Swept) -> list[tuple[str, str]]:
    """Draw hypervolume, and the gap to the bound where there is one, by setting."""
    shown = [name for name in ("common_hypervolume", "bound_gap") if told.runs[name].notna().any()]
    charts = []
    for outcome in shown:
        for setting in told.settings[:MOST_CHARTS]:
            known = told.runs[[setting, outcome]].dropna()
            if len(known) < FEWEST_TO_PLOT:
                continue
            name = OUTCOMES[outcome]
            picture = by_setting(known[setting], known[outcome].to_numpy(float), setting, name)
            said = f"Grafiek: {name} van elke run naar {setting}. De getallen staan in runs.csv."
            charts.append((picture, said))
    return charts


def _effects(effects: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the share of each setting, by outcome, the largest first."""
    parts = []
    for outcome, rows in effects.groupby("outcome", sort=False):
        ordered = rows.sort_values("first", ascending=False, kind="stable")
        is_sobol = bool((rows["method"] == "sobol").any())
        missed = rows["unexplained"].dropna()
        parts.append(
            {
                "name": OUTCOMES[str(outcome)],
                "is_sobol": is_sobol,
                "unexplained": 100.0 * float(missed.max()) if len(missed) else 0.0,
                "rows": [
                    {
                        "setting": row["setting"],
                        "first": 100.0 * float(row["first"]),
                        "total": 100.0 * float(row["total"]),
                    }
                    for _, row in ordered.iterrows()
                ],
            }
        )
    return parts


def _levels(levels: pd.DataFrame) -> list[dict[str, Any]]:
    """Return every level of every setting, by outcome."""
    told = levels.assign(
        **{name: levels[name].map(brief) for name in ("mean", "lowest", "highest")}
    )
    return [
        {"name": OUTCOMES[str(outcome)], "rows": rows.to_dict("records")}
        for outcome, rows in told.groupby("outcome", sort=False)
    ]


def _sites(sites: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the places that are chosen most."""
    return [
        {
            "place": f"{number(row['x_m'])} / {number(row['y_m'])}",
            "intervention": str(row["intervention"]),
            "share": 100.0 * float(row["share"]),
            "eur": float(row["capital_eur"]),
        }
        for _, row in sites.head(MOST_SITES).iterrows()
    ]
