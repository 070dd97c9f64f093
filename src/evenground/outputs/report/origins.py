"""What the report says of the search: which part was easy, and what found the rest."""

from typing import Any

from evenground.results import Run, tell_origins

NAMES = {
    "seed": "Beginplannen",
    "earlier": "Plannen van een eerdere run",
    "evolution": "Evolutie",
    "local": "Kleine stappen",
}
"""Name of each part of a search."""
HOW = {
    "seed": "steeds kiezen wat per euro het meeste oplevert",
    "earlier": "overgenomen en opnieuw doorgerekend",
    "evolution": "plannen mengen en veranderen, en met de beste verder gaan",
    "local": "één plan stap voor stap beter maken",
}
"""How it works, for who does not know."""


def tell_brought(run: Run) -> list[dict[str, Any]]:
    """Return what each part of the search brought, as plain values."""
    return [
        {
            "origin": part.origin,
            "name": NAMES[part.origin],
            "how": HOW[part.origin],
            "percent": 100.0 * part.share,
            "kept": part.kept,
        }
        for part in tell_origins(run.history, run.front)
    ]
