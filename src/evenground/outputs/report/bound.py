"""What the report says of the bound: how far the plans found are at most from the best there is."""

from typing import Any

import numpy as np

from evenground.optimise.bound import EXACT, NO_BOUND
from evenground.results import Run
from evenground.results.numbers import number

NAMES = {
    "burden": ("Ziektelast", "DALY per jaar", 1),
    "inequality": ("Gelijk verdeelde last", "DALY per 1000 inwoners per jaar", 3),
    "ses_gradient": ("SES-kloof", "DALY per 1000 inwoners per jaar", 3),
    "access": ("Tekort aan speelplekken", "% van wat genoeg is", 1),
    "stacking": ("Stapeling", "", 0),
}
"""Name of a goal, its unit and decimals."""

NEAR = 1.0
"""Percent of what can be won at most within which a plan is called close to the bound."""


def tell_bound(run: Run) -> dict[str, Any] | None:
    """Return everything that the page says of the bound, as plain values."""
    if run.bound is None:
        return None
    goals: list[dict[str, Any]] = []
    reasons: dict[str, list[str]] = {}
    for name, rows in run.bound.table.groupby("objective", sort=False):
        title, unit, decimals = NAMES.get(str(name), (str(name), "", 3))
        factor = 100.0 if name == "access" else 1.0
        known = rows[rows["lower_bound"].notna()]
        if known.empty:
            why = "geen grens bekend" if (rows["status"] == NO_BOUND).all() else "geen tijd genoeg"
            reasons.setdefault(why, []).append(title)
            continue
        whole = known.iloc[-1]
        goals.append(
            {
                "title": title,
                "unit": unit,
                "decimals": decimals,
                "today": factor * float(whole["today"]),
                "bound": factor * float(whole["lower_bound"]),
                "found": factor * float(whole["best_found"]),
                "gap": 100.0 * float(whole["gap"]),
                "middle": 100.0 * float(known["gap"].median()),
                "solved": int((known["status"] == EXACT).sum()),
                "budgets": len(rows),
            }
        )
    share = run.bound.concave_share
    near = [str(g["title"]) for g in goals if float(str(g["gap"])) <= NEAR]
    far = [str(g["title"]) for g in goals if str(g["title"]) not in near]
    return {
        "goals": goals,
        "without": [f"{', '.join(titles)} ({why})" for why, titles in reasons.items()],
        "near": near,
        "layers": _by_layer(run),
        "far": far,
        "most_near": NEAR,
        "concave": 100.0 * share if np.isfinite(share) else None,
    }


def _by_layer(run: Run) -> list[str]:
    """Say of each layer how far the lines lie below its burden, in what the plan gains."""
    if run.bound is None or run.bound.layers.empty:
        return []
    table = run.bound.layers
    won = float((table["today"] - table["then"]).sum())
    if won <= 0.0:
        return []
    titles = {layer.name: layer.title for layer in run.layers}
    loose = 100.0 * (table["then"] - table["below"]).clip(lower=0.0) / won
    told = zip(table["layer"], loose, strict=True)
    return [
        f"{titles[str(name)]} {number(float(value), 2)}\N{NO-BREAK SPACE}%" for name, value in told
    ]
