"""What a search has before it, in the hand-made city and in the small town."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from hand_city import case, write_city

from evenground.config import read_settings
from evenground.optimise import look_ahead
from evenground.optimise import search as search_problem
from evenground.pipeline import Model, build_model
from evenground.pipeline.running import duration, foresee

pytestmark = pytest.mark.jit


def test_outlook__counts_what_each_rule_leaves(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    made = case()
    made["constraints"] = {
        "exclude_codes": ["BU99990001"],
        "budgets": [{"name": "Groen", "eur": 10_000.0, "pays_for": ["green"]}],
    }
    path.write_text(tomli_w.dumps(made), encoding="utf-8")
    model = build_model(read_settings(path), tmp_path)
    options, rules = model.options, model.problem.rules

    found = look_ahead(model.problem)

    green = options.interventions["sector"].to_numpy(str)[options.intervention] == "green"
    assert found.fits == options.most.size
    closed = np.isin(options.site, [2, 3, 6, 7])
    assert found.is_open == int((~closed).sum())
    # no line pays for streets or play, and a pocket park of 200 m2 costs 24 000 euros
    cheap = rules.capital_eur <= 10_000.0
    assert found.affordable == int((~closed & green & cheap).sum())
    # 10 000 euros are 166 m2 at 60 euros: three whole steps of 50 m2, and four trees
    assert found.buys["tile_removal"] == 150.0
    assert found.buys["street_tree"] == 4.0
    assert found.buys["play"] == 0.0


def test_outlook__time_grows_with_the_plans_to_evaluate(small_model: Model) -> None:
    problem = small_model.problem
    more = problem.search.model_copy(update={"evaluations": 1000 * problem.search.evaluations})

    few, many = look_ahead(problem), look_ahead(replace(problem, search=more))

    assert 0.0 < few.seconds < many.seconds
    assert 0.0 < few.gigabytes < many.gigabytes


def test_outlook__takes_no_longer_than_the_time_limit(small_model: Model) -> None:
    search = small_model.problem.search
    more = search.model_copy(
        update={"evaluations": 100_000_000, "time_limit_s": 60.0, "bound_time_s": 10.0}
    )

    assert look_ahead(replace(small_model.problem, search=more)).seconds == 50.0


def test_outlook__leaves_the_problem_and_its_search_as_they_are(small_model: Model) -> None:
    short = small_model.problem.search.model_copy(update={"evaluations": 120})
    problem = replace(small_model.problem, search=short)
    before = search_problem(problem)

    look_ahead(problem)

    after = search_problem(problem)
    np.testing.assert_array_equal(before.archive.scores, after.archive.scores)


def test_foresee__says_it_in_dutch(small_model: Model) -> None:
    text = "\n".join(foresee(small_model))

    assert "mogelijkheden passen op de grond" in text
    assert "tegelwippen" in text
    assert "GB geheugen" in text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 seconden"), (100.0, "2 minuten"), (9000.0, "2,5 uur")]
)
def test_duration__is_said_as_one_would(seconds: float, text: str) -> None:
    assert duration(seconds) == text
