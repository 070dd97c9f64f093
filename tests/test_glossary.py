"""The glossary: every name that planners or a case meet is in it, once, and explained."""

import re
from pathlib import Path
from typing import get_args

import pytest

from evenground.config import Measure, Objective, Quality
from evenground.interventions import read_table
from evenground.names import LAYERS
from evenground.objectives.health import SETS, STATUSES
from evenground.results import PICKS, QUALITIES
from evenground.results.certainty import CHANNEL_NL, STATUS_NL

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "begrippen.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| Nederlands |"))
]
CODE = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[1])}
DUTCH = {row[0]: row for row in ROWS}
NAMES = {
    "layers": LAYERS,
    "objectives": get_args(Objective),
    "measures": get_args(Measure),
    "channels": tuple(CHANNEL_NL),
    "sets": tuple(SETS),
    "statuses": STATUSES,
    "qualities": get_args(Quality),
    "interventions": tuple(map(str, read_table("interventions.csv").index)),
    "proposals": tuple(pick.id for pick in PICKS),
}


@pytest.mark.parametrize("kind", NAMES)
def test_glossary__holds_every_name(kind: str) -> None:
    assert [name for name in NAMES[kind] if name not in CODE] == []


def test_glossary__calls_channels_statuses_and_qualities_as_the_report_does() -> None:
    for names in (CHANNEL_NL, STATUS_NL, QUALITIES):
        for code, dutch in names.items():
            assert dutch in DUTCH, dutch
            assert f"`{code}`" in DUTCH[dutch][1]


def test_glossary__explains_every_term_once() -> None:
    assert all(len(row) == 3 and all(row) for row in ROWS)
    assert len(DUTCH) == len(ROWS)


def test_glossary__holds_the_terms_that_the_report_explains() -> None:
    folder = ROOT / "src" / "evenground" / "outputs" / "report"
    text = (folder / "account.html.j2").read_text(encoding="utf-8")
    terms = re.findall(r"<dt>([^<]+)</dt>", text)

    known = {part.strip().lower() for row in ROWS for part in re.split(r"[,()]", row[0])}
    missing = [term for term in terms if re.split(r" \(", term)[0].strip().lower() not in known]
    assert len(terms) > 5
    assert missing == []


def test_glossary__is_grouped_by_subject() -> None:
    subjects = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)

    assert len(subjects) == len(set(subjects)) >= 9
