#!/usr/bin/env python
"""Write the table of docs/validatie.md anew, from a case on real files.

EVENGROUND_DATA=data/amsterdam .venv/bin/python docs/validation.py
"""

import os
from pathlib import Path

import pandas as pd

from evenground.config import read_settings
from evenground.pipeline import build_model, check_totals
from evenground.results.numbers import compact, significant

PAGE = Path(__file__).with_name("validatie.md")
CASE = Path(__file__).parents[1] / "configs" / "amsterdam.toml"
START, END = "<!-- tabel: docs/validation.py -->", "<!-- einde tabel -->"
HEAD = ("wat", "eenheid", "model", "gepubliceerd", "verhouding", "verwacht", "waarom", "bron")


def main() -> None:
    """Compute the case and put its table between the marks of the page."""
    model = build_model(read_settings(CASE), Path(os.environ["EVENGROUND_DATA"]))
    before, _, after = read_parts(PAGE.read_text(encoding="utf-8"))
    text = f"{before}{START}\n\n{render(check_totals(model))}\n\n{END}{after}"
    PAGE.write_text(text, encoding="utf-8")


def read_parts(text: str) -> tuple[str, str, str]:
    """Return what stands before, between and after the marks of a page."""
    before, _, rest = text.partition(START)
    between, _, after = rest.partition(END)
    return before, between.strip(), after


def render(totals: pd.DataFrame) -> str:
    """Return the comparison as a table in Markdown."""
    rows = [HEAD, tuple("---" for _ in HEAD)]
    for row in totals.to_dict("records"):
        where = ", ".join(text for text in (row["scope"], row["year"]) if text)
        band = f"{compact(row['ratio_low'])} tot {compact(row['ratio_high'])}"
        figures = (significant(row[key]) for key in ("modelled", "published", "ratio"))
        source = f"{row['source']} ({where}); {row['status']}"
        rows.append((row["figure"], row["unit"], *figures, band, row["why"], source))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


if __name__ == "__main__":
    main()
