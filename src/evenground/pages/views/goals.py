"""Goals of several roles: what each wants at least, which proposals all accept, and the nearest."""

from evenground.pages.book import Book, Plain
from evenground.pages.query import Query, is_ticked, number_of

ROLES = {
    "gezondheid": ("Gezondheid", ("burden", "stacking")),
    "mobiliteit": ("Mobiliteit", ("burden", "capital")),
    "wonen": ("Wonen", ("gap", "capital")),
    "groen": ("Groen", ("stacking", "access")),
    "sociaal": ("Sociaal", ("ses_gradient", "gap", "access")),
    "financien": ("Financiën", ("capital", "cost")),
    "bewoners": ("Bewoners", ("burden", "gap", "access")),
}
"""Roles by key: Dutch name, and the scores that the role sets a limit to at first."""


def context(book: Book, query: Query) -> Plain:
    """Return what each role asks, what it accepts, and the plan nearest to all."""
    shows_all = is_ticked(query, "alle")
    scores = {score["key"]: score for score in book["scores"]}
    asked = {
        role: {
            key: number
            for key in keys
            if key in scores and (number := number_of(query, f"{role}_{key}")) is not None
        }
        for role, (_, keys) in ROLES.items()
    }
    n = len(next(iter(book["front"].values())))
    spans = {key: _span(book["front"][key]) for key in scores}
    proposals: list[Plain] = [
        {
            "p": p,
            "accepts": {role: accepts(p["values"], limits) for role, limits in asked.items()},
            "short": shortfall(p["values"], asked, spans),
        }
        for p in book.proposal.values()
    ]
    is_asked = any(asked.values())
    strictest = {
        key: min(limits[key] for limits in asked.values() if key in limits)
        for key in scores
        if any(key in limits for limits in asked.values())
    }
    plans = [{key: column[k] for key, column in book["front"].items()} for k in range(n)]
    overlap = [p for p in proposals if all(p["accepts"].values())]
    fitting = sum(all(accepts(plan, limits) for limits in asked.values()) for plan in plans)
    nearest = min(proposals, key=lambda row: float(row["short"]), default=None)
    return {
        "roles": [
            {
                "key": role,
                "name": name,
                "fields": [
                    {"score": scores[key], "value": asked[role].get(key), "span": spans[key]}
                    for key in keys
                    if key in scores
                ],
                "active": bool(asked[role]),
            }
            for role, (name, keys) in ROLES.items()
        ],
        "asked_for": is_asked,
        "shows_all": shows_all,
        "proposals": proposals,
        "overlap": overlap,
        "n_front": n,
        "n_fitting": fitting,
        "within": {f"max_{key}": str(most).replace(".", ",") for key, most in strictest.items()},
        "nearest": nearest,
        "misses": [] if nearest is None else _misses(nearest["p"]["values"], asked, scores),
    }


def accepts(values: Plain, limits: dict[str, float]) -> bool:
    """Say whether a plan stays within all limits of a role."""
    return all(values[key] is not None and values[key] <= most for key, most in limits.items())


def shortfall(
    values: Plain, asked: dict[str, dict[str, float]], spans: dict[str, tuple[float, float]]
) -> float:
    """Return by how much a plan misses what is asked: the largest miss, as part of the front.

    Zero where everybody accepts it.
    """
    worst = 0.0
    for limits in asked.values():
        for key, most in limits.items():
            low, high = spans[key]
            value = values[key]
            if value is not None:
                worst = max(worst, (value - most) / max(high - low, 1e-12))
    return worst


def _misses(
    values: Plain, asked: dict[str, dict[str, float]], scores: dict[str, Plain]
) -> list[Plain]:
    """Return which limits a plan misses, and by how much."""
    return [
        {"role": ROLES[role][0], "score": scores[key], "most": most, "value": values[key]}
        for role, limits in asked.items()
        for key, most in limits.items()
        if values[key] is None or values[key] > most
    ]


def _span(values: list[float | None]) -> tuple[float, float]:
    """Return the least and the most of what is known."""
    known = [value for value in values if value is not None] or [0.0]
    return min(known), max(known)
