"""What the report says of the interventions themselves: costs, what else they do, their ground."""

from typing import Any

import pandas as pd

from evenground.objectives.health import status_word
from evenground.results import Run
from evenground.results.certainty import STATUS_NL
from evenground.sources.catalogue_rules import GROUNDS, grounds_of

GROUND_NL = {
    "paving": "verharding",
    "main_street": "hoofdstraten",
    "local_street": "buurtstraten",
    "roof": "platte daken",
    "facade": "gevels",
    "zone": "vakken waarin een zone kan komen",
}
"""Dutch name of each kind of ground."""


def measure_rows(run: Run) -> list[dict[str, Any]]:
    """Return each intervention with its costs, how sure both sides are, and what else it does."""
    return [
        {
            "name": row["name_nl"],
            "unit": row["unit_nl"],
            "capital": float(row["capital_eur"]),
            "upkeep": float(row["yearly_eur"] - row["capital_eur"] * row["annuity"]),
            "lifetime": float(row["lifetime_y"]),
            "also": row["co_benefits_nl"] or row["co_benefits"],
            "cost": STATUS_NL[status_word(str(row["cost_status"]))],
            "effect": STATUS_NL[status_word(str(row["effect_status"]))],
            "source": row["source"],
        }
        for _, row in run.catalogue.iterrows()
    ]


def shared_ground(catalogue: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """Return each kind of ground that several interventions want, with their Dutch names."""
    rows = []
    for ground in GROUNDS:
        wanted = [
            str(row["name_nl"])
            for _, row in catalogue.iterrows()
            if ground in grounds_of(row["ground"])
        ]
        if len(wanted) > 1:
            rows.append((GROUND_NL[ground], wanted))
    return rows
