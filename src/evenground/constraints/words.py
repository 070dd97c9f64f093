"""What cannot be met together, told in Dutch and in English.

Takes a conflict; gives lines for a person. Knows nothing of how it was found.
"""

import math

from evenground.constraints.conflict import Conflict, Relaxation
from evenground.constraints.rules import Rules

NAMES = {
    "lock": ("de werken die vastliggen", "the works that are locked in"),
    "closed": ("de plekken waar niets mag", "the places where nothing is built"),
    "room": (
        "de ruimte voor de werken die vastliggen",
        "the room for works that are locked in",
    ),
    "ground": ("de ruimte op de grond", "the room on the ground"),
    "least": ("de kleinste omvang van een project", "the smallest size of a project"),
    "spacing": ("de onderlinge afstand", "the spacing"),
    "priority": ("het deel voor buurten met voorrang", "the share for priority neighbourhoods"),
    "no_harm": ("niemand slechter af", "nobody worse off"),
}
"""Dutch and English name of each constraint."""

MEND = {
    "budget": ("verhoog met {amount}", "raise it by {amount}"),
    "spend": ("verlaag met {amount}", "lower it by {amount}"),
    "lock": ("laat er voor {amount} los", "release {amount} of them"),
    "closed": ("sta er voor {amount} toe", "allow {amount} there"),
    "room": ("maak ruimte voor {amount} stappen meer", "make room for {amount} more steps"),
    "ground": ("maak {amount} m² of meter ruimte", "make {amount} m² or metres of room"),
    "least": ("sta {amount} stappen minder toe", "allow {amount} steps less"),
    "spacing": ("laat {amount} paren dichter bij elkaar", "let {amount} pairs stand nearer"),
    "priority": ("vraag hoogstens {amount}", "ask for at most {amount}"),
    "no_harm": ("sta {amount} DALY per jaar toe", "allow {amount} DALY per year"),
}
"""What to do, by kind of constraint, in Dutch and English."""
EUROS = ("budget", "spend", "lock", "closed")


def tell_conflict(conflict: Conflict, rules: Rules) -> str:
    """Return what cannot be met together and what would mend it: Dutch, then English."""
    return "\n".join((*_lines(conflict, rules, 0), *_lines(conflict, rules, 1)))


def _lines(conflict: Conflict, rules: Rules, language: int) -> list[str]:
    """Return the lines in one language."""
    opening = (
        "Geen enkel plan voldoet. Dit kan niet samen: ",
        "No plan respects all that is asked. These cannot be met together: ",
    )[language]
    names = [name_constraint(name, rules, language) for name in conflict.names]
    lines = [opening + "; ".join(names) + "."]
    helps = [one for one in conflict.relaxations if math.isfinite(one.amount)]
    for k, one in enumerate(helps):
        first = ("Het kleinste dat helpt", "The least that helps")[language]
        word = first if k == 0 else ("Of", "Or")[language]
        name = name_constraint(one.name, rules, language)
        lines.append(f"{word}: {name} - {_mend(one, language)}.")
    if not helps:
        lines.append(
            (
                "Geen van deze eisen kan alleen zo worden verruimd dat er een plan is.",
                "None of these can be relaxed alone so that a plan exists.",
            )[language]
        )
    return lines


def name_constraint(name: str, rules: Rules, language: int = 0) -> str:
    """Return the name of a constraint, with its bound where it has one; 0 Dutch, 1 English."""
    kind, _, row = name.partition(":")
    if kind == "priority" and rules.asked is not None:
        words = (
            "{share:.3g} % voor buurten met voorrang",
            "{share:.3g} % for priority neighbourhoods",
        )[language]
        return words.format(share=100.0 * rules.asked.share)
    if kind not in {"budget", "spend"}:
        return NAMES[kind][language]
    entry = next(one for one in rules.rows if one.name == row)
    if kind == "spend":
        words = ("minstens {eur} besteden aan {row}", "spending at least {eur} on {row}")[language]
        return words.format(eur=_euro(entry.at_least_eur), row=row.removesuffix(" (minimum)"))
    if row == "budget":
        words = ("het budget van {eur}", "the budget of {eur}")[language]
        return words.format(eur=_euro(entry.eur))
    words = ("het potje {row} van {eur}", "the budget line {row} of {eur}")[language]
    return words.format(eur=_euro(entry.eur), row=row)


def _mend(one: Relaxation, language: int) -> str:
    """Return what to change, and by how much."""
    kind = one.name.partition(":")[0]
    amount = _euro(one.amount) if kind in EUROS else f"{one.amount:.3g}"
    if kind == "priority":
        amount = f"{100.0 * one.amount:.1f} %"
        amount = amount.replace(".", ",") if language == 0 else amount
    return MEND[kind][language].format(amount=amount)


def _euro(value: float) -> str:
    """Return whole euros, rounded up so that the amount is enough."""
    return f"€ {math.ceil(value - 1e-6):,}".replace(",", ".")
