"""Walking for green: deaths that it saves, against figures worked out by hand."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.config import BehaviourSettings, ExposureSettings, HealthSettings, parse_settings
from evenground.errors import ConfigError
from evenground.evaluation import Evaluation
from evenground.names import AGE_BANDS, BURDEN_LAYERS, GREEN, LAYERS
from evenground.objectives.health import (
    HealthModel,
    activity_reduction,
    build_health_model,
    check_ranges,
    compose,
    counted_channels,
    counted_layers,
    list_channels,
    minutes_at_cap,
    read_functions,
    responses,
    select_functions,
)

Float = NDArray[np.float64]

MEAN_NDVI = 0.32
"""At an NDVI of 0.1 + 0.55 x share the mean share of green is 0.4, and with 0.11 more it is 0.6."""
RANGES = dict.fromkeys(LAYERS, (0.0, 100.0)) | {GREEN: (0.0, 1.0)}


def behaviour(per_share: float = 840.0, today: float = 168.0, **other: object) -> BehaviourSettings:
    """Make a fifth of the ground more green worth 168 minutes, the unit of the function."""
    given = {"walk_minutes_per_green_share": per_share, "walk_minutes_today": today}
    return BehaviourSettings.model_validate({**given, "source": "by hand", **other})


def settings(assumed: BehaviourSettings | None = None, **other: object) -> HealthSettings:
    return HealthSettings.model_validate(
        {"green_target_gain_ndvi": 0.11, "behaviour": assumed, **other}
    )


def response(share: Float, assumed: BehaviourSettings) -> Float:
    """Response to a share of green."""
    curves = responses(MEAN_NDVI, ExposureSettings(), settings(assumed), 1.0)
    return np.asarray(curves["walk_mort"](share))


def people(age: str = "65_plus") -> Any:  # noqa: ANN401 - part of a StudyArea
    """Return one neighbourhood of 1000 people of one age."""
    return SimpleNamespace(
        neighbourhoods=pd.DataFrame({"ses_rank": [np.nan]}),
        groups=pd.DataFrame({"age": list(AGE_BANDS)}),
        group_residents=np.array([[1000.0 if band == age else 0.0] for band in AGE_BANDS]),
    )


def model(health: HealthSettings, study: Any) -> HealthModel:  # noqa: ANN401 - part of a StudyArea
    exposure = ExposureSettings()
    return build_health_model(
        study, RANGES, MEAN_NDVI, exposure=exposure, health=health, access_target=1.0
    )


def test_walking__saves_deaths_as_worked_out_by_hand() -> None:
    # minutes 0, 0, 168 and 336, so that deaths are 1, 1, 0.89 and 0.7921 of those without walking;
    # over the 0.89 of today: 0.2079 / 0.89, the same, 0.0979 / 0.89 = 0.11, and nothing
    found = response(np.array([0.1, 0.2, 0.4, 0.6]), behaviour())

    np.testing.assert_allclose(found, [0.2079 / 0.89, 0.2079 / 0.89, 0.11, 0.0], atol=1e-12)


def test_walking__saves_no_more_beyond_the_target_or_the_cap() -> None:
    # 504 minutes today: 0.89^3 = 0.704969 of the deaths, and no plan goes below 0.7, which is
    # reached after 168 x ln 0.7 / ln 0.89 = 514.2 minutes, at a share of 0.4 + 10.2 / 840 = 0.4121
    found = response(np.array([0.4, 0.412, 0.413, 0.6]), behaviour(today=504.0))
    beyond = response(np.array([0.6, 0.8, 1.0]), behaviour())

    assert minutes_at_cap(read_functions()["pa_walk"]) == pytest.approx(514.2, abs=0.05)
    assert found[0] == pytest.approx(0.004969 / 0.704969)
    assert found[1] > 0.0
    np.testing.assert_array_equal(found[2:], [0.0, 0.0])
    np.testing.assert_allclose(beyond, 0.0, atol=1e-15)


@pytest.mark.parametrize(
    ("age", "deaths"),
    [
        # deaths per 1000 people, of which the share that falls at 20 to 74 counts
        ("0_15", 0.0),
        ("15_25", 0.28 * 0.59),
        ("25_45", 0.72),
        ("45_65", 3.72),
        ("65_plus", 40.3 * 0.20),
    ],
)
def test_walking__counts_deaths_of_20_to_74_years(age: str, deaths: float) -> None:
    study = people(age)
    made = model(settings(behaviour()), study)
    k = made.dose.channels.index("walk_mort")
    phi = np.zeros((1, len(made.dose.channels), 1))
    phi[0, k, 0] = made.dose.respond(k, np.array(0.4))

    table = compose(made, Evaluation(phi, np.zeros(0), np.zeros(0)), study)

    found = table[table["channel"] == "walk_mort"].sum(numeric_only=True)
    assert found["deaths"] == pytest.approx(0.11 * deaths, rel=1e-5)
    assert found["yll"] == pytest.approx(11.0 * 0.11 * deaths, rel=1e-5)
    assert found["counted"] == 0


@given(
    share=st.floats(0.0, 1.0),
    more=st.floats(0.0, 1.0),
    per_share=st.floats(0.1, 5000.0),
    today=st.floats(0.0, 10_000.0),
)
def test_walking__falls_with_green_and_never_saves_more_than_the_cap(
    share: float, more: float, per_share: float, today: float
) -> None:
    assumed = behaviour(per_share, today)
    erf = read_functions()["pa_walk"]

    less_green, more_green = response(np.array([share, share + more]), assumed)

    assert less_green >= more_green >= 0.0
    # of those who would die without walking, no more than the cap is saved
    now = float(activity_reduction(np.array(today), erf))
    assert less_green * (1.0 - now) <= erf.cap + 1e-12


@given(share=st.floats(0.4, 0.6), per_share=st.floats(1.0, 500.0), today=st.floats(0.0, 300.0))
def test_walking__changes_by_the_potential_impact_fraction(
    share: float, per_share: float, today: float
) -> None:
    # evidence: cases avoided are a share 1 - RR(plan) / RR(today) of those of today
    now, then = response(np.array([0.4, share]), behaviour(per_share, today))

    fraction = 1.0 - 0.89 ** (per_share * (share - 0.4) / 168.0)
    assert now - then == pytest.approx(fraction, abs=1e-12)


def test_walking__is_met_by_the_tables_of_the_kernels() -> None:
    for assumed in (behaviour(), behaviour(today=504.0), behaviour(30.0, 90.0)):
        dose = model(settings(assumed), people()).dose
        share = np.linspace(0.0, 1.0, 4001)

        found = dose.respond(dose.channels.index("walk_mort"), share)

        expected = response(share, assumed)
        np.testing.assert_allclose(found, expected, atol=1.1e-7 * expected.max())


def test_walking__of_those_who_walk_the_most_already_saves_nothing() -> None:
    dose = model(settings(behaviour(per_share=1.0, today=600.0)), people()).dose

    found = dose.respond(dose.channels.index("walk_mort"), np.linspace(0.0, 1.0, 11))

    np.testing.assert_array_equal(found, 0.0)


def test_walking__is_off_without_an_assumption() -> None:
    health = HealthSettings()

    assert "walk_mort" not in list_channels(health)
    assert "walk_mort" not in select_functions(health)
    assert {list_channels(health)[name] for name in counted_channels(health)} == set(BURDEN_LAYERS)
    assert counted_layers(health) == BURDEN_LAYERS


def test_walking__beside_the_sum_leaves_every_other_table_as_it_was() -> None:
    study = people("45_65")

    plain, beside = model(settings(), study).dose, model(settings(behaviour()), study).dose

    kept = [k for k, name in enumerate(beside.channels) if name != "walk_mort"]
    assert tuple(beside.channels[k] for k in kept) == plain.channels
    np.testing.assert_array_equal(beside.coefficient[kept], plain.coefficient)
    assert beside.counted == plain.counted
    assert np.all(np.diff(beside.layer) >= 0)


def test_walking__is_counted_without_the_rest_of_green() -> None:
    health = settings(behaviour(counted=True))

    assert "walk_mort" in counted_channels(health)
    assert "green_mort" not in counted_channels(health)
    assert counted_layers(health) == BURDEN_LAYERS
    dose = model(health, people()).dose
    assert [name for name, is_in in zip(dose.channels, dose.in_sum, strict=True) if not is_in] == [
        "green_mort",
        "access_shortfall",
    ]


def raw(health: dict[str, object]) -> dict[str, Any]:
    origin = {"year": 2024, "source": "test", "licence": "CC0"}
    return {
        "case": {"id": "toy", "title": "Toy"},
        "grid": {"cell_m": 10},
        "neighbourhoods": {"file": "buurten.gpkg", **origin},
        "layers": {"no2": {"file": "no2.tif", "unit": "ug m-3", "quality": "measured", **origin}},
        "search": {"seed": 1, "budget_eur": 1000.0},
        "health": health,
    }


WALKING = {"walk_minutes_per_green_share": 30.0, "walk_minutes_today": 90.0, "source": "a guess"}


@pytest.mark.parametrize(
    ("health", "place", "finding"),
    [
        (
            {"behaviour": {**WALKING, "counted": True}, "green_pathway": "added"},
            "health",
            "would count walking twice",
        ),
        (
            {"behaviour": {k: v for k, v in WALKING.items() if k != "source"}},
            "health.behaviour.source",
            "this key is missing",
        ),
        (
            {"behaviour": {**WALKING, "source": ""}},
            "health.behaviour.source",
            "at least 1 character",
        ),
        (
            {"behaviour": {**WALKING, "walk_minutes_per_green_share": 0.0}},
            "health.behaviour.walk_minutes_per_green_share",
            "greater than 0",
        ),
        (
            {"behaviour": {**WALKING, "walk_minutes_today": 20_000.0}},
            "health.behaviour.walk_minutes_today",
            "less than or equal to 10080",
        ),
        (
            {"behaviour": {**WALKING, "cycle_minutes_today": 20.0}},
            "health.behaviour.cycle_minutes_today",
            "not known",
        ),
    ],
)
def test_behaviour__is_refused_where_it_cannot_be(
    health: dict[str, object], place: str, finding: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings(raw(health), "case.toml")

    (fault,) = caught.value.faults
    assert fault.place == f"case.toml, {place}"
    assert finding in fault.finding


def test_behaviour__beside_the_sum_goes_with_green_that_is_added() -> None:
    settings_of = parse_settings(raw({"behaviour": WALKING, "green_pathway": "added"}), "case.toml")

    found = counted_channels(settings_of.health)

    assert "green_mort" in found
    assert "walk_mort" not in found


def test_behaviour__is_refused_where_its_function_is_off() -> None:
    with pytest.raises(ConfigError) as caught:
        select_functions(settings(behaviour(), functions={"walk_mort": "none"}))

    (fault,) = caught.value.faults
    assert fault.place == "health.functions.walk_mort"
    assert "nothing reads [health.behaviour]" in fault.finding


def test_check_ranges__counts_whom_the_assumption_on_walking_does_not_fit() -> None:
    # mean share 0.4, at which all walk 336 minutes; 0 gives 0, and 0.7 gives 588, above 514
    exposure = np.zeros((len(LAYERS), 4))
    exposure[LAYERS.index(GREEN)] = [0.0, 0.4, 0.4, 0.7]
    residents = np.array([30.0, 20.0, 10.0, 40.0])

    at_336, at_168 = (
        {
            fit.channel: fit
            for fit in check_ranges(
                exposure, residents, ExposureSettings(), settings(behaviour(today=today))
            )
        }["walk_mort"]
        for today in (336.0, 168.0)
    )

    # with 168 minutes at 0.4, those without green would walk 168 minutes less than nothing
    assert (at_336.below, at_336.above) == (0.0, 40.0)
    assert (at_168.below, at_168.above) == (30.0, 0.0)
    assert (at_168.unit, at_168.high) == ("min/week", pytest.approx(514.2, abs=0.05))
