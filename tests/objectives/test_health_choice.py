"""Which functions a run may use, and what each gives, against hand-computed figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.config import ExposureSettings, HealthSettings
from evenground.errors import ConfigError
from evenground.interventions import read_table
from evenground.objectives.health import (
    CHANNELS,
    ERFS,
    FUNCTIONS,
    REFERENCE,
    SETS,
    activity_reduction,
    attributable_fraction,
    effect_modifier,
    linear_fraction,
    list_channels,
    parse_range,
    read_functions,
    responses,
    risk_of_odds,
    select_functions,
)

WALKING = {"walk_minutes_per_green_share": 30.0, "walk_minutes_today": 90.0, "source": "a guess"}
GIVEN = {
    "ihd_death_share": 0.05,
    "asthma_incidence": 0.008,
    "yld_per_asthma": 0.3,
    "behaviour": WALKING,
}
GOOD = ("green_mort", "walk_mort")
"""Responses to something that does good, so that they fall as it rises."""
OFF = {"pm25_ihd": ("pm25_mort",), "noise_ihd": ("noise_mort", "noise_cvd")}
PAIRS = [(channel, name) for channel, names in FUNCTIONS.items() for name in names]


def settings(channel: str, name: str, **other: object) -> HealthSettings:
    """Choose one function, with what it may not be added to switched off."""
    off = dict.fromkeys(OFF.get(channel, ()), "none")
    return HealthSettings.model_validate({**GIVEN, **other, "functions": {channel: name, **off}})


def test_read_functions__holds_every_row_and_knows_what_it_is_for() -> None:
    found = read_functions()

    assert list(found) == list(read_table("exposure_response.csv").index)
    used = [name for names in FUNCTIONS.values() for name in names]
    assert sorted([*used, *REFERENCE]) == sorted(found)


def test_read_functions__gives_the_numbers_of_the_unusual_forms() -> None:
    found = read_functions()

    assert (found["heat_af_nl"].form, found["heat_af_nl"].rr) == ("fixed AF", 0.0055)
    assert (found["green_canopy"].form, found["green_canopy"].rr) == ("odds ratio", 0.69)
    heat = found["heat_mort_nl"]
    assert (heat.rr, heat.per, heat.counterfactual) == (1.0272, 1.0, 16.5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5-35 (steeper below 12 in Europe)", (5.0, 35.0, np.nan)),
        ("0.1-0.7", (0.1, 0.7, np.nan)),
        (">20", (20.0, np.inf, np.nan)),
        ("cap: 45% reduction", (np.nan, np.nan, 0.45)),
        ("global cohorts", (np.nan, np.nan, np.nan)),
        ("", (np.nan, np.nan, np.nan)),
    ],
)
def test_parse_range__reads_every_way_of_writing(
    text: str, expected: tuple[float, float, float]
) -> None:
    np.testing.assert_array_equal(parse_range(text), expected)


@pytest.mark.parametrize(("channel", "name"), PAIRS)
def test_select_functions__takes_every_function_on_its_own_response(
    channel: str, name: str
) -> None:
    found = settings(channel, name)

    assert select_functions(found)[channel] == name
    at = np.linspace(0.0, 80.0, 5)
    assert np.all(np.isfinite(responses(0.35, ExposureSettings(), found, 1.0)[channel](at)))


@pytest.mark.parametrize(
    ("functions", "finding"),
    [
        ({"pm25_mort": "pm25"}, "is no function"),
        ({"pm25": "pm25_mort_who"}, "no such response"),
        ({"pm25_mort": "no2_mort_who"}, "another exposure or outcome"),
        ({"noise_ha": "noise_ha_rail"}, "rail noise is no layer"),
        ({"pm25_ihd": "pm25_ihd_mort"}, "may not be added to pm25_mort_who"),
        ({"noise_ihd": "noise_ihd_who"}, "may not be added to noise_mort_etc"),
        ({"no2_asthma": "no2_asthma_child"}, "no2_asthma rests on it"),
        ({"walk_mort": "pa_walk"}, "no such assumption is given"),
        ({"walk_mort": "pa_cycle"}, "no layer is what people cycle more for"),
    ],
)
def test_select_functions__refuses_what_does_not_fit(
    functions: dict[str, str], finding: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        select_functions(HealthSettings(functions=functions))

    assert any(finding in fault.finding for fault in caught.value.faults)


def test_select_functions__refuses_a_multiplier_of_nothing() -> None:
    with pytest.raises(ConfigError) as caught:
        select_functions(HealthSettings(effect_lowest={"pm25": 1.2}))

    assert caught.value.faults[0].place == "health.effect_lowest.pm25"


@pytest.mark.parametrize("name", SETS)
def test_function_set__is_whole_and_follows_the_use_column(name: str) -> None:
    uses = {
        "default": ("default",),
        "low": ("sensitivity (low)", "sensitivity (conservative)"),
        "high": ("sensitivity (high)", "upper sensitivity"),
        "hrapie1": ("sensitivity (low)", "historic"),
        "hrapie2": ("sensitivity; becomes default", "sensitivity (high)"),
        "europe": ("sensitivity",),
        "dutch_cohort": ("Dutch cross-check",),
    }[name]

    found = select_functions(HealthSettings.model_validate({"function_set": name}))

    table = read_functions()
    for channel, erf in found.items():
        if erf is not None and erf != ERFS.get(channel):
            assert table[erf].use.startswith(uses)
    if name == "default":
        assert found == ERFS


def test_functions__win_over_the_set() -> None:
    found = select_functions(
        HealthSettings(function_set="high", functions={"pm25_mort": "pm25_mort_who"})
    )

    assert (found["pm25_mort"], found["no2_mort"]) == ("pm25_mort_who", "no2_mort_hrapie2")


def test_responses__count_nothing_where_a_response_is_switched_off() -> None:
    found = HealthSettings(functions={"heat_mort": "none"})

    phi = responses(0.35, ExposureSettings(), found, 1.0)["heat_mort"](np.array([0.0, 3.0]))

    np.testing.assert_array_equal(phi, [0.0, 0.0])
    assert list(list_channels(found)) == list(CHANNELS)


def test_linear_fraction__equals_its_hand_computed_value() -> None:
    # 2.5 degC above 16.5: risk 1 + 2.5 x 0.0272 = 1.068
    found = linear_fraction(np.array([15.0, 16.5, 19.0]), 1.0272, 1.0, 16.5)

    np.testing.assert_allclose(found, [0.0, 0.0, 1.0 - 1.0 / 1.068])


def test_heat_mort_nl__starts_from_the_summer_outside_the_city() -> None:
    found = settings("heat_mort", "heat_mort_nl", rural_summer_degc=17.5)

    phi = responses(0.35, ExposureSettings(), found, 1.0)["heat_mort"](np.array([1.5]))

    assert phi[0] == pytest.approx(1.0 - 1.0 / 1.068)


def test_risk_of_odds__equals_its_hand_computed_value() -> None:
    # 2 / (1 - 0.25 + 0.25 x 2) = 1.6; rare cases leave the odds ratio as it is
    assert risk_of_odds(2.0, 0.25) == pytest.approx(1.6)
    assert risk_of_odds(0.69, 0.0) == pytest.approx(0.69)


@pytest.mark.parametrize(("name", "cap"), [("pa_walk", 0.30), ("pa_cycle", 0.45)])
def test_activity_reduction__follows_its_curve_up_to_the_cap(name: str, cap: float) -> None:
    erf = read_functions()[name]

    found = activity_reduction(np.array([-10.0, 0.0, erf.per, 1e6]), erf)

    np.testing.assert_allclose(found, [0.0, 0.0, 1.0 - erf.rr, cap])


def test_beyond_range__holds_the_curve_where_asked() -> None:
    at = np.array([30.0, 35.0, 50.0])
    held = HealthSettings(beyond_range="hold")

    goes_on = responses(0.35, ExposureSettings(), HealthSettings(), 1.0)["pm25_mort"](at)
    stays = responses(0.35, ExposureSettings(), held, 1.0)["pm25_mort"](at)

    np.testing.assert_allclose(goes_on, attributable_fraction(at, 1.08, 10.0, 5.0))
    np.testing.assert_allclose(stays, [goes_on[0], goes_on[1], goes_on[1]])


@pytest.mark.parametrize(("channel", "name"), [p for p in PAIRS if p[0] not in GOOD])
@given(low=st.floats(0.0, 100.0), more=st.floats(0.0, 30.0))
def test_responses__never_fall_with_exposure(
    channel: str, name: str, low: float, more: float
) -> None:
    phi = responses(0.35, ExposureSettings(), settings(channel, name), 1.0)[channel]

    found = phi(np.array([low, low + more]))

    assert found[1] >= found[0] >= 0.0


def test_effect_modifier__is_straight_from_the_lowest_to_the_middle() -> None:
    rank = np.array([0.05, 0.1, 0.3, 0.5, 0.9, np.nan])

    found = effect_modifier(rank, HealthSettings(effect_lowest={"pm25_mort": 1.2}))

    k = list(CHANNELS).index("pm25_mort")
    np.testing.assert_allclose(found[k], [1.2, 1.2, 1.1, 1.0, 1.0, 1.0])
    np.testing.assert_array_equal(np.delete(found, k, axis=0), 1.0)
