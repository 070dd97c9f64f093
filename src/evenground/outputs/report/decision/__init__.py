"""The decision document: what a council reads, in Dutch and in English, as HTML and as PDF/UA.

One template and one file of words a language; ``story`` tells the run, ``paper`` prints it.
"""

from pathlib import Path

import jinja2

from evenground import disk
from evenground.outputs.report.decision.paper import write_pdf
from evenground.outputs.report.decision.story import tell
from evenground.outputs.report.decision.words import LANGUAGES, Language, read_words
from evenground.results import Run

__all__ = ["LANGUAGES", "NAMES", "render", "write_decision", "write_pdf"]

NAMES: dict[Language, str] = {"nl": "beslisstuk", "en": "decision"}
"""Name of the document, without its ending, by language."""


def write_decision(run: Run, folder: Path) -> None:
    """Write the document of a run in every language, as HTML and, where it can be, as PDF."""
    for lang in LANGUAGES:
        page = render(run, lang)
        disk.write_text(folder / f"{NAMES[lang]}.html", page)
        write_pdf(page, folder / f"{NAMES[lang]}.pdf")


def render(run: Run, lang: Language) -> str:
    """Return the document of a run as HTML; names from data are text everywhere."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("evenground.outputs.report.decision", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("decision.html.j2").render(**tell(run, read_words(lang)))
