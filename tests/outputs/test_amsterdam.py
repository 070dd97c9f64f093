"""The real city: what its report must hold, wherever the data folder is there."""

from itertools import combinations
from pathlib import Path

import pytest

from evenground.optimise import search
from evenground.outputs.report import write_report
from evenground.pipeline import Model, build_run
from evenground.results import unlike
from evenground.results.select import UNLIKE_SPACE

pytestmark = [pytest.mark.data, pytest.mark.slow]


def test_report__of_amsterdam_shows_a_plan_that_is_better_all_round(
    tmp_path: Path, amsterdam_model: Model
) -> None:
    # by plans and not by time: a machine that is slow for a moment must find the same
    less = {"evaluations": 600, "time_limit_s": None}
    short = amsterdam_model.settings.search.model_copy(update=less)
    model = amsterdam_model.with_search(short)

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
