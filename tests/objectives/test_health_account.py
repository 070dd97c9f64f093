"""What a burden consists of, against a city worked out by hand."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.config import ExposureSettings, HealthSettings
from evenground.evaluation import Evaluation
from evenground.names import ACCESS, AGE_BANDS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.objectives.health import (
    HealthModel,
    build_health_model,
    calibrate,
    check_ranges,
    compose,
    heat_fraction,
    island_fraction,
)

EXPOSURE = {HEAT: 1.5, NOISE: 60.0, NO2: 30.0, PM25: 15.0, GREEN: 0.2, ACCESS: 0.5}
RANGES = dict.fromkeys(LAYERS, (0.0, 100.0))


def old_people(rank: float = np.nan) -> Any:  # noqa: ANN401 - part of a StudyArea
    """Return one neighbourhood of 1000 people, all 65 or older."""
    return SimpleNamespace(
        neighbourhoods=pd.DataFrame({"ses_rank": [rank]}),
        groups=pd.DataFrame({"age": list(AGE_BANDS)}),
        group_residents=np.array([[0.0]] * (len(AGE_BANDS) - 1) + [[1000.0]]),
    )


def model(study: Any, settings: HealthSettings) -> HealthModel:  # noqa: ANN401 - part of a StudyArea
    exposure = ExposureSettings()
    return build_health_model(
        study, RANGES, 0.35, exposure=exposure, health=settings, access_target=1.0
    )


def account(settings: HealthSettings, exposure: dict[str, float] = EXPOSURE) -> pd.DataFrame:
    """Account for the burden of the old people at an exposure, summed over ages."""
    study = old_people()
    made = model(study, settings)
    at = [np.array(exposure[LAYERS[k]]) for k in made.dose.layer]
    phi = np.array([[[float(made.dose.respond(k, e))] for k, e in enumerate(at)]])
    table = compose(made, Evaluation(phi, np.zeros(0), np.zeros(0)), study)
    return table.groupby("channel").sum(numeric_only=True)


def test_compose__gives_deaths_years_and_persons() -> None:
    found = account(HealthSettings())

    # 1000 x 0.0403 deaths, of which 1 - 1 / 1.08 at 10 above the counterfactual, 11 years each
    deaths = 40.3 * (1.0 - 1.0 / 1.08)
    assert found.loc["pm25_mort", "deaths"] == pytest.approx(deaths, rel=1e-5)
    assert found.loc["pm25_mort", "yll"] == pytest.approx(11.0 * deaths, rel=1e-5)
    # 20 above the counterfactual, of which 33 % is in PM2.5 already
    no2 = 40.3 * (1.0 - 1.02**-2.0) * 0.67
    assert found.loc["no2_mort", "deaths"] == pytest.approx(no2, rel=1e-5)
    # 15.075 - 7.953 % of 1000 adults, at a weight of 0.011
    assert found.loc["noise_ha", "affected"] == pytest.approx(71.22, rel=1e-5)
    assert found.loc["noise_ha", "yld"] == pytest.approx(0.78342, rel=1e-5)
    cases = 13.2533 * (1.0 - 1.032**-1.5)
    assert found.loc["noise_cvd", "cases"] == pytest.approx(cases, rel=1e-5)
    assert found.loc["noise_cvd", "yld"] == pytest.approx(0.581 * cases, rel=1e-5)
    assert found["daly"].to_numpy() == pytest.approx((found["yll"] + found["yld"]).to_numpy())


def test_compose__adds_green_only_where_its_pathway_is_chosen() -> None:
    beside, added = account(HealthSettings()), account(HealthSettings(green_pathway="added"))

    assert beside.loc["green_mort", "counted"] == 0
    assert added.loc["green_mort", "counted"] > 0
    assert added.loc["green_mort", "daly"] == pytest.approx(0.5 * beside.loc["green_mort", "daly"])


def test_compose__counts_cases_of_the_extra_responses() -> None:
    settings = HealthSettings(function_set="low")

    found = account(settings)

    # RR 1.08 per 10 dB from 53 dB; 4.216967 new cases per 1000 adults, 0.234 years each
    cases = 4.216967 * (1.0 - 1.08**-0.7)
    assert found.loc["noise_ihd", "cases"] == pytest.approx(cases, rel=1e-5)
    assert found.loc["noise_ihd", "yld"] == pytest.approx(0.234 * cases, rel=1e-5)
    assert found.loc["noise_mort", "daly"] == 0.0


@given(no2=st.floats(0.0, 60.0), pm25=st.floats(0.0, 40.0), overlap=st.floats(0.0, 1.0))
def test_compose__never_gives_more_for_air_than_the_sum_of_both(
    no2: float, pm25: float, overlap: float
) -> None:
    at = {**EXPOSURE, NO2: no2, PM25: pm25}

    air = account(HealthSettings(no2_pm25_overlap=overlap), at).loc[["no2_mort", "pm25_mort"]]
    both = account(HealthSettings(no2_pm25_overlap=0.0), at).loc[["no2_mort", "pm25_mort"]]

    assert air["daly"].sum() <= both["daly"].sum() + 1e-9
    assert air["daly"].sum() >= both["daly"].max() * (1.0 - overlap) - 1e-9


def test_effect_lowest__of_one_is_the_plain_run() -> None:
    study = old_people(rank=0.1)
    ones = HealthSettings(effect_lowest={"pm25_mort": 1.0, "green_mort": 1.0})

    plain, same = model(study, HealthSettings()), model(study, ones)

    np.testing.assert_array_equal(plain.dose.coefficient, same.dose.coefficient)


def test_effect_lowest__raises_the_burden_of_the_lowest_fifth() -> None:
    study = old_people(rank=0.1)

    plain = model(study, HealthSettings()).dose
    more = model(study, HealthSettings(effect_lowest={"pm25_mort": 1.2})).dose

    k = plain.channels.index("pm25_mort")
    np.testing.assert_allclose(more.coefficient[k], 1.2 * plain.coefficient[k])


def test_check_ranges__counts_residents_outside_each_function() -> None:
    # PM2.5: nothing is counted below 5, which is no extrapolation; 40 lies above 35
    exposure = np.zeros((len(LAYERS), 3))
    exposure[LAYERS.index(PM25)] = [3.0, 12.0, 40.0]
    # Lnight is 8.5 lower: 71.5, 50 and 40
    exposure[LAYERS.index(NOISE)] = [80.0, 58.5, 48.5]

    found = check_ranges(
        exposure, np.array([10.0, 20.0, 40.0]), ExposureSettings(), HealthSettings()
    )

    fits = {fit.channel: (fit.below, fit.above) for fit in found}
    assert fits["pm25_mort"] == (0.0, 40.0)
    assert fits["noise_hsd"] == (0.0, 10.0)
    assert fits["noise_mort"] == (0.0, 10.0)


def test_check_ranges__counts_below_where_the_function_starts_lower() -> None:
    # HRAPIE-1 counts from 0 but was studied from 10
    exposure = np.zeros((len(LAYERS), 2))
    exposure[LAYERS.index(PM25)] = [8.0, 12.0]
    settings = HealthSettings(function_set="hrapie1")

    found = check_ranges(exposure, np.array([10.0, 20.0]), ExposureSettings(), settings)

    assert {fit.channel: fit.below for fit in found}["pm25_mort"] == 10.0


def test_calibrate__compares_with_the_published_fraction() -> None:
    assert calibrate("uhi_iungman", 0.0433) == pytest.approx(1.0)
    assert calibrate("heat_af_nl", 0.0011) == pytest.approx(0.2)
    with pytest.raises(ValueError, match="no calibration target"):
        calibrate("pm25_mort_who", 0.1)


def test_island_fraction__lies_between_the_bounds_of_the_evidence() -> None:
    huynen = HealthSettings(functions={"heat_mort": "heat_mort_nl"})

    # 1 - 1.015^-1.5 = 0.0221, half of what Iungman found; at 19 against 17.5 degC:
    # 0.0272 x 1.5 / 1.068 = 0.0382
    assert island_fraction(HealthSettings()) == pytest.approx(1.0 - 1.015**-1.5)
    assert calibrate("uhi_iungman", island_fraction(HealthSettings())) == pytest.approx(
        0.51, abs=0.005
    )
    assert island_fraction(huynen) == pytest.approx(0.0408 / 1.068)
    assert island_fraction(HealthSettings(functions={"heat_mort": "none"})) == 0.0


def test_heat_fraction__is_the_share_of_a_year() -> None:
    study, settings = old_people(), HealthSettings()
    made = model(study, settings)
    phi = np.zeros((1, len(made.dose.channels), 1))
    phi[0, 0, 0] = 0.02

    found = heat_fraction(
        compose(made, Evaluation(phi, np.zeros(0), np.zeros(0)), study), made, study
    )

    # 24 % of the deaths fall in summer
    assert found == pytest.approx(0.24 * 0.02)
