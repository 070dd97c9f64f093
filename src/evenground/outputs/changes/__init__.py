"""One page in Dutch on what changed since last night, and the same as JSON.

Takes the changes; writes HTML that needs no network, in the look of the report.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import jinja2

from evenground import disk
from evenground.config import CaseSettings
from evenground.results.changes import Changes, Moved
from evenground.results.numbers import change, number, significant

JSON_NAME, PAGE_NAME = "whatchanged.json", "whatchanged.html"
UNKNOWN = "\N{EN DASH}"
SHOWN_PLACES = 15
"""Places of each kind on the page; all are in the JSON."""
SCORE_NL: Mapping[str, str] = {
    "burden": "ziektelast (DALY per jaar)",
    "inequality": "gelijk verdeelde last (DALY per 1000)",
    "ses_gradient": "SES-kloof (DALY per 1000)",
    "stacking": "stapeling",
    "access": "tekort aan speelplekken",
    "cost": "kosten per jaar (euro)",
    "capital": "aanleg (euro)",
}
"""Dutch names of scores with their units."""
CAUSES: Mapping[str, str] = {
    "data": "de data",
    "settings": "de instellingen",
    "program": "het programma",
    "together": "data en instellingen samen",
    "search": "het zoeken",
}
"""What may move a score."""


def write_changes(changes: Changes, case: CaseSettings, folder: Path) -> None:
    """Write the page and the JSON in a run directory."""
    text = json.dumps({"format": 1, **asdict(changes)}, indent=2, ensure_ascii=False)
    disk.write_text(folder / JSON_NAME, text)
    disk.write_text(folder / PAGE_NAME, render(changes, case))


def render(changes: Changes, case: CaseSettings) -> str:
    """Return the page."""
    loaders = [
        jinja2.PackageLoader("evenground.outputs.changes", "."),
        jinja2.PackageLoader("evenground.outputs.report", "."),
    ]
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("whatchanged.html.j2").render(
        case=case,
        changes=changes,
        lines=tell_changes(changes),
        causes=CAUSES,
        plans=[
            (plan, [row(part) for part in changes.moved if part.plan == plan])
            for plan in dict.fromkeys(part.plan for part in changes.moved)
        ],
        most=SHOWN_PLACES,
    )


def row(part: Moved) -> dict[str, object]:
    """Return the figures of one score as text; an unknown one is a dash."""
    steps = {name: getattr(part, name) for name in CAUSES}
    return {
        "name": SCORE_NL[part.score],
        "then": UNKNOWN if part.then is None else significant(part.then),
        "now": UNKNOWN if part.now is None else significant(part.now),
        "steps": {
            name: UNKNOWN if value is None else _step(value) for name, value in steps.items()
        },
    }


def _step(value: float) -> str:
    """Return how far a score moved; what did not move is a plain zero."""
    if value == 0.0:
        return "0"
    return change(value, 3 if abs(value) < 1.0 else 1 if abs(value) < 1000.0 else 0)


def tell_changes(changes: Changes) -> list[str]:
    """Return a few Dutch lines on what changed."""
    if not changes.last:
        return ["Dit is de eerste nacht van deze casus: er is niets om mee te vergelijken."]
    altered = [part for part in changes.inputs if part.change != "same"]
    named = ", ".join(part.path for part in altered[:3])
    more = f" en {len(altered) - 3} andere" if len(altered) > 3 else ""
    inputs = f"Invoer veranderd: {named}{more}." if altered else "Geen invoer is veranderd."
    n = len(changes.settings)
    settings = f"{n} instellingen zijn anders." if n > 1 else "1 instelling is anders."
    places = (
        f"Plekken in de voorstellen: {number(len(changes.entered))} nieuw, "
        f"{number(len(changes.left))} verdwenen, {number(changes.kept)} gebleven."
    )
    return [
        f"{inputs} {settings if n else 'De instellingen zijn gelijk.'}",
        places,
        *_today(changes),
    ]


def _today(changes: Changes) -> list[str]:
    """Say how the burden of today and of the healthiest proposal moved, and by what most."""
    out, causes = [], dict(CAUSES)
    altered = [part.path for part in changes.inputs if part.change != "same"]
    if len(altered) == 1:
        # of two files that changed it is not known which one moved a score; of one it is
        causes["data"] = f"{CAUSES['data']} ({altered[0]})"
    for part in changes.moved:
        if part.score != "burden" or part.then is None or part.now is None:
            continue
        steps = {name: getattr(part, name) or 0.0 for name in CAUSES}
        cause = max(steps, key=lambda name: abs(steps[name]))
        why = f", vooral door {causes[cause]}" if abs(part.now - part.then) > 1e-9 else ""
        title = "zonder plan" if part.plan == "today" else f"bij {part.plan.replace('_', ' ')}"
        moved = change(part.now - part.then, 1)
        out.append(f"Ziektelast {title}: {moved} DALY per jaar{why}.")
    return out[:2]
