"""What a run says of its exposure-response functions."""

from dataclasses import replace
from pathlib import Path

from evenground.config import HealthSettings, RunSettings
from evenground.names import BURDEN_LAYERS
from evenground.objectives.health import Fit
from evenground.pipeline import build_model
from evenground.results import assess, find_functions, list_assumptions, list_certainty


def test_find_functions__is_silent_where_all_fits() -> None:
    fit = Fit("pm25_mort", "pm25_mort_who", 5.0, 35.0, "ug/m3", 0.0, 0.0)

    assert find_functions((fit,), HealthSettings()) == []


def test_find_functions__names_the_residents_outside_a_range() -> None:
    fit = Fit("heat_mort", "heat_uhi_jja", 0.0, 3.0, "degC", 0.0, 1200.0)

    said = find_functions((fit,), HealthSettings())[0]
    held = find_functions((fit,), HealthSettings(beyond_range="hold"))[0]

    assert "sterfte door warmte" in said
    assert "1.200 daarboven" in said
    assert "loopt daar gewoon door" in said
    assert "blijft daar gelijk" in held
    below = find_functions((replace(fit, below=7.0),), HealthSettings(beyond_range="hold"))[0]
    assert "loopt daar gewoon door" in below


def test_find_functions__says_that_a_range_is_not_known() -> None:
    nan = float("nan")
    fit = Fit("pm25_mort", "pm25_mort_hrapie2", nan, nan, "ug/m3", 0.0, 0.0)

    assert "niet bekend" in find_functions((fit,), HealthSettings())[0]


def test_find_functions__says_loudly_that_green_is_added_and_what_is_other() -> None:
    settings = HealthSettings(
        green_pathway="added", function_set="dutch_cohort", effect_lowest={"pm25_mort": 1.2}
    )

    said = find_functions((), settings)

    assert said[0].startswith("LET OP: het effect van groen op sterfte is voor 50 %")
    assert "sterfte door stikstofdioxide: no2_mort_nl" in said[1]
    assert "PM10" in said[2]
    assert "1,20 keer" in said[3]


def test_added_green__raises_the_burden_by_its_share(
    small_case: Path, small_settings: RunSettings
) -> None:
    health = HealthSettings(green_pathway="added", function_set="high")
    settings = small_settings.model_copy(update={"health": health})

    made = build_model(settings, small_case.parent)
    today = assess(made.problem, made.study, made.problem.empty)

    assert today.burden.shape[1] == len(BURDEN_LAYERS) + 1
    assert today.scores["burden"] == today.burden.sum()
    assert abs(today.burden[:, -1].sum() - today.green_burden.sum()) < 1e-9
    assert "health.green_added_share" in list_assumptions(settings)
    assert "health.rural_summer_degc" in list_assumptions(settings)
    assert "health.rural_summer_degc" not in list_assumptions(small_settings)
    assert list_certainty(settings, made.options.interventions)
