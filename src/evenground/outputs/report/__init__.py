"""One self-contained page in Dutch that a planner can take to a meeting.

Takes a run, or a sweep; writes HTML with its pictures inside. No network, no scripts.
"""

from pathlib import Path
from typing import Any

import jinja2

from evenground.outputs.report.page import contents
from evenground.outputs.report.sweep import tell
from evenground.results import Run, Swept
from evenground.results.numbers import (
    change,
    compact,
    euro,
    million,
    number,
    percent,
    persons,
    significant,
)

__all__ = ["contents", "write_report", "write_sweep_report"]


def write_report(run: Run, path: Path) -> None:
    """Write the report of a run."""
    _write("report.html.j2", contents(run), path)


def write_sweep_report(told: Swept, path: Path) -> None:
    """Write the page of a sweep."""
    _write("sweep.html.j2", tell(told), path)


def _write(template: str, values: dict[str, Any], path: Path) -> None:
    """Fill a template with plain values; what is no text stays out."""
    loader = jinja2.PackageLoader("evenground.outputs.report", ".")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "getal": number,
        "kort": compact,
        "cijfers": significant,
        "verschil": change,
        "procent": percent,
        "euro": euro,
        "miljoen": million,
        "personen": persons,
    }
    text = environment.get_template(template).render(**values)
    path.write_text(text, encoding="utf-8")
