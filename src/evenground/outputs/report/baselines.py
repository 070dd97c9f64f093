"""What the report says of plans to compare with, and of the price of fairness."""

from typing import Any

import numpy as np

from evenground.outputs.report.people import per_1000
from evenground.outputs.report.proposals import rows_of
from evenground.results import TOLERANCE, Proposal, Run


def compare(run: Run, plan: Proposal) -> dict[str, Any]:
    """Return what stands of a plan in the table of proposals."""
    moved = np.nan_to_num(per_1000(run, plan.assessment) - per_1000(run, run.today))
    return {
        "name": plan.name,
        "reason": plan.reason,
        "helps_all": plan.helps_all,
        "scores": plan.assessment.scores,
        "rows": rows_of(run, plan.assessment),
        "n_worse": int((moved > TOLERANCE).sum()),
        "n_better": int((moved < -TOLERANCE).sum()),
    }


def tell_fairness(run: Run) -> dict[str, Any] | None:
    """Return the price of fairness as plain values; None where there is no proposal."""
    table = run.fairness
    if not run.proposals or table.empty:
        return None
    rows = [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
    found = [row for row in rows if row["kind"] == "proposal"]
    healthiest = min(found, key=lambda row: float(row["given_up_daly"]))
    fairer = [
        row
        for row in found
        if row["given_up_daly"] > 0.0 and max(_beyond(row, "gap"), _beyond(row, "ses_gap")) > 0.0
    ]
    return {
        "rows": rows,
        "healthiest": healthiest,
        "fairer": fairer,
        "no_harm": run.settings.search.no_harm,
        "gap_now": run.today.measures["gap"],
        "ses_gap_now": run.today.measures["ses_gap"],
        "baselines": [(baseline.id, baseline.name) for baseline in run.baselines],
    }


def _beyond(row: dict[str, Any], gap: str) -> float:
    """Return by how much a gap closes beyond the healthiest; nothing where it is unknown."""
    return float(np.nan_to_num(row[f"{gap}_closed_beyond"], nan=0.0))
