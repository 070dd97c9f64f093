"""One self-contained page in Dutch that a planner can take to a meeting.

Takes a run; writes HTML with its pictures inside. No network, no scripts.
"""

from pathlib import Path

import jinja2

from evenground.outputs.report.page import contents
from evenground.results import Run
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

__all__ = ["contents", "write_report"]


def write_report(run: Run, path: Path) -> None:
    """Write the report of a run."""
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
    text = environment.get_template("report.html.j2").render(**contents(run))
    path.write_text(text, encoding="utf-8")
