"""What the report says of budget lines: what they are spent on, and what one more euro is worth."""

from typing import Any

from evenground.results import TODAY, WHOLE, Run

WORTH = (
    ("burden", "Ziektelast (DALY per jaar)", 1.0, 3),
    ("inequality", "Gelijk verdeelde last (DALY per miljoen inwoners)", 1000.0, 2),
    ("stacking", "Stapeling (nu = 100)", 0.0, 4),
    ("access", "Tekort aan speelplekken (% van wat genoeg is)", 100.0, 4),
)
"""Score, name, by how much it is multiplied (zero: by today's, to a hundred), and decimals."""


def tell_lines(run: Run) -> dict[str, Any] | None:
    """Return everything that the page says of budget lines, as plain values."""
    told = run.budgets
    if told is None:
        return None
    names = {TODAY: "nu"} | {proposal.id: proposal.name for proposal in run.proposals}
    today = run.today.scores
    plans = []
    for plan, rows in told.lines.groupby("plan", sort=False):
        lines = []
        for _, row in rows.iterrows():
            worth = [
                (
                    (factor or 100.0 / max(today[score], 1e-300))
                    * float(row[f"{score}_per_100000"]),
                    str(row[f"{score}_next"]),
                    decimals,
                )
                for score, _, factor, decimals in WORTH
            ]
            lines.append(
                {
                    "name": str(row["line"]),
                    "eur": float(row["eur"]),
                    "spent": float(row["spent"]),
                    "share": 100.0 * float(row["share"]),
                    "worth": worth,
                    "is_whole": row["line"] == WHOLE,
                }
            )
        plans.append({"id": str(plan), "name": names[str(plan)], "lines": lines})
    return {
        "plans": plans,
        "scores": [name for _, name, _, _ in WORTH],
        "pooling": run.settings.constraints.pooling,
        "pooling_daly": told.pooling_daly,
        "pooling_share": 100.0 * told.pooling_share,
    }
