"""Small charts as plain numbers for a template to draw: curves, bars and margins. Loads nothing."""

from typing import Any

Plain = dict[str, Any]

SIDE, EDGE = 300.0, 40.0
"""Side of the square of a curve, and the room for words left of it, in units of the drawing."""
WIDE, TALL = 260.0, 30.0
"""Length of the longest bar, and the height of a row."""

OUTCOMES_NL = {
    "burden": "Ziektelast",
    "gap": "Verschil tussen buurten",
    "ses_gap": "SES-kloof",
    "stacking": "Stapeling",
    "access": "Tekort aan speelplekken",
    "capital": "Aanleg",
    "cost": "Kosten per jaar",
}
"""Outcomes of which margins are drawn, in Dutch."""


def curves(lines: list[tuple[str, Any]]) -> list[Plain]:
    """Return cumulative curves as points of a drawing; those that are unknown are left out."""
    return [
        {
            "name": name,
            "points": " ".join(
                f"{EDGE + SIDE * x:.1f},{SIDE - SIDE * y:.1f}" for x, y in zip(*line, strict=True)
            ),
        }
        for name, line in lines
        if line is not None
    ]


def bars(rows: list[tuple[str, float]]) -> list[Plain]:
    """Return bars from zero to the left (less) or right (more)."""
    most = max((abs(value) for _, value in rows), default=0.0) or 1.0
    return [
        {
            "name": name,
            "value": value,
            "length": WIDE / 2 * abs(value) / most,
            "start": WIDE / 2 - (WIDE / 2 * abs(value) / most if value < 0.0 else 0.0),
            "y": TALL * k,
        }
        for k, (name, value) in enumerate(rows)
    ]


def margins(rows: list[Plain], today: Plain) -> list[Plain]:
    """Return the change of each outcome with its margin, in per cent of today where it can be."""
    out = []
    for row in rows:
        name, base = row["outcome"], today.get(row["outcome"])
        if name in ("capital", "cost") or name not in OUTCOMES_NL:
            continue
        factor = 100.0 / base if base else 1.0
        ends = {key: factor * row[key] for key in ("central", "low", "median", "high")}
        out.append(
            {"name": OUTCOMES_NL[name], "unit": "%" if base else "", "better": row["share_lower"]}
            | ends
        )
    return out
