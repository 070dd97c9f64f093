"""The real city: what its report must hold, wherever the data folder is there."""

import os
from itertools import combinations
from pathlib import Path

import pytest

from evenground.config import read_settings
from evenground.optimise import search
from evenground.outputs.report import write_report
from evenground.pipeline import build_model, build_run
from evenground.results import unlike
from evenground.results.select import UNLIKE_SPACE

ROOT = Path(__file__).parents[2]
DATA = os.environ.get("EVENGROUND_DATA", "")

pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA, reason="EVENGROUND_DATA names no folder with Amsterdam"),
]


def test_report__of_amsterdam_shows_a_plan_that_is_better_all_round(tmp_path: Path) -> None:
    settings = read_settings(ROOT / "configs" / "amsterdam.toml")
    short = settings.search.model_copy(update={"time_limit_s": 1.0})
    model = build_model(settings.model_copy(update={"search": short}), Path(DATA))

    run = build_run(model, search(model.problem))
    write_report(run, tmp_path / "report.html")

    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 5 <= len(run.proposals) <= 7
    assert any(proposal.helps_all for proposal in run.proposals)
    assert "Alles tegelijk beter kan" in text
    # in Amsterdam exposure hardly follows SES, and the report must say so
    assert "kleiner, niet groter" in text or "verklaart maar" in text
    for word in ("gemodelleerd", "grof", "zijn niet beoordeeld"):
        assert word in text
    # the city of the data brings no Leefbaarometer
    assert "De Leefbaarometer is niet aangeleverd" in text
    assert not run.stacking.neighbourhoods["is_priority"].any()
    for one, two in combinations(run.proposals, 2):
        assert unlike(one.plan, two.plan, model.options.capital_eur) >= UNLIKE_SPACE
