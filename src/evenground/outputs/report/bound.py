"""What the report says of the bound: how far the plans found are at most from the best there is."""

from typing import Any

import numpy as np

from evenground.optimise.bound import EXACT, NO_BOUND
from evenground.results import Run

NAMES = {
    "burden": ("Ziektelast", "DALY per jaar", 1),
    "inequality": ("Gelijk verdeelde last", "DALY per 1000 inwoners per jaar", 3),
    "ses_gradient": ("SES-kloof", "DALY per 1000 inwoners per jaar", 3),
    "access": ("Tekort aan speelplekken", "% van wat genoeg is", 1),
    "stacking": ("Stapeling", "", 0),
}
"""Name of a goal, its unit and decimals."""


def tell_bound(run: Run) -> dict[str, Any] | None:
    """Return everything that the page says of the bound, as plain values."""
    if run.bound is None:
        return None
    goals, without = [], []
    for name, rows in run.bound.table.groupby("objective", sort=False):
        title, unit, decimals = NAMES.get(str(name), (str(name), "", 3))
        factor = 100.0 if name == "access" else 1.0
        known = rows[rows["lower_bound"].notna()]
        if known.empty:
            why = "geen grens bekend" if (rows["status"] == NO_BOUND).all() else "geen tijd genoeg"
            without.append(f"{title} ({why})")
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
    return {
        "goals": goals,
        "without": without,
        "concave": 100.0 * share if np.isfinite(share) else None,
    }
