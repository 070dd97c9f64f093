"""What the report says of plans to compare with, and of the price of fairness."""

from typing import Any

import numpy as np

from evenground.outputs.report.people import per_1000
from evenground.outputs.report.proposals import rows_of
from evenground.results import TOLERANCE, Proposal, Run
from evenground.results.numbers import number


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
    told = [row | {"closes": _closes(row)} for row in found if row["given_up_daly"] > 0.0]
    fairer = [row for row in told if row["closes"]]
    return {
        "rows": rows,
        "healthiest": healthiest,
        "fairer": fairer,
        "no_harm": run.settings.search.no_harm,
        "gap_now": run.today.measures["gap"],
        "ses_gap_now": run.today.measures["ses_gap"],
        "baselines": [(baseline.id, baseline.name) for baseline in run.baselines],
    }


GAPS = {"gap": "het verschil tussen buurten krimpt", "ses_gap": "de SES-kloof krimpt"}


def _closes(row: dict[str, Any]) -> list[str]:
    """Say which gaps a plan closes beyond the healthiest, and by how much."""
    beyond = {gap: float(row[f"{gap}_closed_beyond"]) for gap in GAPS}
    return [
        f"{GAPS[gap]} {number(value, 3)} DALY per 1000 inwoners"
        for gap, value in beyond.items()
        if value > 0.0
    ]
