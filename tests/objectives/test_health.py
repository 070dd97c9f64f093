"""From exposure to DALY: functions, rates and tables against hand-computed figures."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from evenground.config import ExposureSettings, HealthSettings
from evenground.errors import DataError
from evenground.interventions import read_table
from evenground.names import ACCESS, AGE_BANDS, BURDEN_LAYERS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.objectives import health
from evenground.objectives.health import (
    CHANNELS,
    ERFS,
    Curve,
    HealthModel,
    attributable_fraction,
    build_health_model,
    fit,
    percent_affected,
    read_functions,
    responses,
    weakest_status,
)

Float = NDArray[np.float64]

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "model_test_vectors.json").read_text("utf-8")
)
ANNOYED = (78.927, -3.1162, 0.0342)
DISTURBED = (19.4312, -0.9336, 0.0126)
RANGES = {
    HEAT: (0.0, 4.0),
    NOISE: (35.0, 80.0),
    NO2: (2.0, 50.0),
    PM25: (2.0, 25.0),
    GREEN: (0.0, 1.0),
    ACCESS: (0.0, 2.0),
}
NATIONAL_AGES = read_table("baseline_rates.csv")["population_share"].loc[list(AGE_BANDS)]


def people(residents: list[float], ses_rank: list[float]) -> Any:  # noqa: ANN401 - part of a StudyArea
    """Neighbourhoods with the age mix of the country, which is all that health looks at."""
    share = NATIONAL_AGES.to_numpy(float)
    return SimpleNamespace(
        neighbourhoods=pd.DataFrame({"ses_rank": ses_rank}),
        groups=pd.DataFrame({"age": list(AGE_BANDS), "income": ["unknown"] * len(AGE_BANDS)}),
        group_residents=share[:, None] / share.sum() * np.array(residents),
    )


def model(study: Any, mean_ndvi: float = 0.35) -> HealthModel:  # noqa: ANN401 - part of a StudyArea
    return build_health_model(
        study,
        RANGES,
        mean_ndvi,
        exposure=ExposureSettings(),
        health=HealthSettings(),
        access_target=1.0,
    )


def burden(found: HealthModel, study: Any, exposure: dict[str, float]) -> dict[str, float]:  # noqa: ANN401 - part of a StudyArea
    """DALY per year of every channel where all meet the same exposure."""
    dose, out = found.dose, {}
    for k, channel in enumerate(dose.channels):
        layer = int(dose.layer[k])
        phi = float(dose.respond(k, np.array(exposure[LAYERS[layer]])))
        out[channel] = float((dose.coefficient[k] * study.group_residents).sum() * phi)
    return out


@pytest.mark.parametrize(("level_db", "expected"), VECTORS["noise_highly_annoyed_pct"]["cases"])
def test_percent_affected__equals_the_annoyance_vector(level_db: float, expected: float) -> None:
    found = percent_affected(np.array(level_db), ANNOYED, 45.0)

    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("level_db", "expected"), VECTORS["noise_highly_sleep_disturbed_pct"]["cases"]
)
def test_percent_affected__equals_the_sleep_vector(level_db: float, expected: float) -> None:
    found = percent_affected(np.array(level_db), DISTURBED, 40.0)

    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("level_db", "rr"), VECTORS["noise_mortality_rr"]["cases"])
def test_attributable_fraction__equals_the_noise_vector(level_db: float, rr: float) -> None:
    found = attributable_fraction(np.array(level_db), 1.055, 10.0, 45.0)

    assert found == pytest.approx(1.0 - 1.0 / rr, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "channel"),
    [("pm25_attributable_fraction", "pm25_mort"), ("no2_attributable_fraction", "no2_mort")],
)
def test_responses__equal_the_air_vectors(name: str, channel: str) -> None:
    phi = responses(0.35, ExposureSettings(), HealthSettings(), 1.0)[channel]

    exposure, expected = np.array(VECTORS[name]["cases"]).T

    np.testing.assert_allclose(phi(exposure), expected, atol=1e-9)


def test_attributable_fraction__equals_a_public_package() -> None:
    vector = VECTORS["public_hia_package_check"]
    given = vector["inputs"]

    found = attributable_fraction(
        np.array(given["exposure"]), given["rr"], given["per"], given["cutoff"]
    )

    cases = found * given["baseline_cases"]
    assert found == pytest.approx(vector["paf"], abs=1e-8)
    assert 1.0 / (1.0 - found) == pytest.approx(vector["rr_at_exposure"], abs=1e-9)
    assert cases == pytest.approx(vector["cases"], abs=1e-3)
    assert round(cases) == vector["published_rounded"]


def test_responses__count_only_what_noise_adds_to_the_floor() -> None:
    phi = responses(0.35, ExposureSettings(), HealthSettings(), 1.0)

    annoyed = phi["noise_ha"](np.array([40.0, 45.0, 45.5, 60.0]))
    disturbed = phi["noise_hsd"](np.array([48.5, 58.5]))

    # 15.075 - 7.953 %; at 45.5 dB the curve dips below its floor, which is no benefit
    np.testing.assert_allclose(annoyed, [0.0, 0.0, 0.0, 0.07122], atol=1e-9)
    # Lnight 40 and 50: 4.2512 - 2.2472 %
    np.testing.assert_allclose(disturbed, [0.0, 0.02004], atol=1e-9)


def test_responses__see_too_little_green_only_below_the_target() -> None:
    # target 0.35 + 0.1 = 0.45 NDVI, which is a green share of 0.35 / 0.55
    phi = responses(0.35, ExposureSettings(), HealthSettings(), 1.0)["green_mort"]

    found = phi(np.array([0.25 / 0.55, 0.35 / 0.55, 0.9]))

    # 0.1 NDVI short: 1 - 0.96
    np.testing.assert_allclose(found, [0.04, 0.0, 0.0], atol=1e-12)


def test_responses__fall_short_of_places_in_proportion() -> None:
    phi = responses(0.35, ExposureSettings(), HealthSettings(), 0.8)["access_shortfall"]

    np.testing.assert_allclose(phi(np.array([0.0, 0.2, 0.8, 3.0])), [1.0, 0.75, 0.0, 0.0])


@pytest.mark.parametrize(("channel", "layer"), CHANNELS.items())
def test_responses__only_fall_when_exposure_gets_better(channel: str, layer: str) -> None:
    phi = responses(0.35, ExposureSettings(), HealthSettings(), 1.0)[channel]
    exposure = np.linspace(*RANGES[layer], 2001)

    step = np.diff(phi(exposure))

    # green and places do good, all else harm
    sign = -1.0 if layer in (GREEN, ACCESS) else 1.0
    assert (sign * step >= 0.0).all()
    assert (sign * step > 0.0).any()
    assert (phi(exposure) >= 0.0).all()
    assert (phi(exposure) <= 1.0).all()


def test_heat__equals_its_derivation() -> None:
    phi = responses(0.35, ExposureSettings(), HealthSettings(), 1.0)["heat_mort"]

    np.testing.assert_allclose(phi(np.array([0.0, 1.5])), [0.0, 1.0 - 1.015**-1.5], atol=1e-12)


def test_baseline_rates__reproduce_the_deaths_of_the_country() -> None:
    rates = read_table("baseline_rates.csv").loc[list(AGE_BANDS)]
    share, deaths = rates["population_share"], rates["deaths_per_person"]
    of_30 = share * rates["share_30_plus"]

    total = 17.9e6 * float((share * deaths).sum())
    old = float((share * deaths)["65_plus"] / (share * deaths).sum())
    rate_of_30 = float((of_30 * deaths).sum() / of_30.sum())

    assert share.sum() == pytest.approx(1.0, abs=1e-9)
    assert total == pytest.approx(170_000.0, rel=0.02)
    assert old == pytest.approx(0.87, abs=0.01)
    assert rate_of_30 == pytest.approx(0.0145, rel=0.03)


def test_baseline_rates__keep_the_incidence_of_all_adults() -> None:
    rates = read_table("baseline_rates.csv").loc[list(AGE_BANDS)]
    adults = rates["population_share"] * rates["share_adult"]

    found = [
        float((adults * rates[column]).sum() / adults.sum())
        for column in ("cvd_incidence", "dm2_incidence")
    ]

    assert found == pytest.approx([0.0132533, 0.0030856])


@pytest.mark.parametrize(
    "name", ["baseline_rates.csv", "exposure_response.csv", "norms.csv", "interventions.csv"]
)
def test_shipped_table__names_a_source_in_every_row(name: str) -> None:
    table = read_table(name)
    status = next(column for column in ("status", "cost_status") if column in table)

    words = table[status].str.split(r"[ ,(]", regex=True).str[0]

    assert table.index.is_unique
    assert table["source"].notna().all()
    assert set(words) <= {"confirmed", "derived", "recalled", "assumption"}


def test_read_functions__reports_every_broken_row(monkeypatch: pytest.MonkeyPatch) -> None:
    table = read_table("exposure_response.csv")
    table.loc["pm25_mort_who", "rr"] = np.nan
    table.loc["noise_ha_road", "source"] = np.nan
    table.loc["no2_mort_who", "status"] = "sure"
    monkeypatch.setattr(health.functions, "read_table", lambda _: table)
    unread = health.functions._shipped.__wrapped__  # noqa: SLF001 - the table has been read before
    monkeypatch.setattr(health.functions, "_shipped", unread)

    with pytest.raises(DataError) as caught:
        read_functions()

    cures = {fault.place.rpartition(" ")[2]: fault.cure for fault in caught.value.faults}
    assert set(cures) == {"pm25_mort_who", "noise_ha_road", "no2_mort_who"}
    assert cures["noise_ha_road"] == "Name where the number is from."


def test_read_functions__holds_every_default() -> None:
    assert set(ERFS.values()) <= set(read_functions())


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["confirmed", "derived"], "derived"),
        (["recalled, weak", "confirmed (central value)", "derived"], "recalled"),
        (["assumption", "recalled"], "assumption"),
    ],
)
def test_weakest_status__is_that_of_the_weakest_number(statuses: list[str], expected: str) -> None:
    assert weakest_status(statuses) == expected


def test_model__gives_the_burden_of_a_synthetic_netherlands() -> None:
    # evidence: PM2.5 9 causes 5 123 deaths of 169 000, at 11 years of life each
    study = people([17.9e6], [np.nan])
    exposure = {HEAT: 0.0, NOISE: 52.0, NO2: 14.0, PM25: 9.0, GREEN: 1.0, ACCESS: 9.0}

    found = burden(model(study), study, exposure)

    assert found["pm25_mort"] == pytest.approx(5_123.0 * 11.0, rel=0.02)
    air_and_noise = sum(found[c] for c, layer in CHANNELS.items() if layer in BURDEN_LAYERS)
    assert 0.015 < air_and_noise / 5.0e6 < 0.045


def test_model__counts_the_overlap_of_no2_once() -> None:
    study = people([1000.0], [np.nan])
    dose = model(study).dose

    no2, pm25 = (dose.coefficient[dose.channels.index(c)] for c in ("no2_mort", "pm25_mort"))

    np.testing.assert_allclose(no2, 0.67 * pm25)


def test_model__keeps_its_channels_in_the_order_of_the_layers() -> None:
    dose = model(people([10.0], [np.nan])).dose

    assert dose.channels == tuple(CHANNELS)
    assert np.all(np.diff(dose.layer) >= 0)


def test_curve__starts_at_its_threshold_and_is_flat_outside() -> None:
    dose = model(people([10.0], [np.nan])).dose

    for channel, threshold in (("pm25_mort", 5.0), ("noise_mort", 45.0), ("noise_hsd", 48.5)):
        k = dose.channels.index(channel)
        low, high = RANGES[LAYERS[int(dose.layer[k])]]
        assert dose.low[k] == pytest.approx(threshold)
        assert dose.low[k] + dose.width[k] == pytest.approx(high)
        at = np.array([low, threshold, threshold + 1.0, high, high + 5.0])
        found = dose.respond(k, at)
        np.testing.assert_allclose(found[:2], 0.0, atol=1e-12)
        assert found[2] > 0.0
        assert found[4] == found[3]


def test_curve__is_its_formula_to_a_ten_millionth() -> None:
    dose = model(people([10.0], [np.nan])).dose
    functions = responses(0.35, ExposureSettings(), HealthSettings(), 1.0)
    rng = np.random.default_rng(5)

    for k, channel in enumerate(dose.channels):
        exposure = rng.uniform(*RANGES[LAYERS[int(dose.layer[k])]], 5000)
        expected = functions[channel](exposure)
        np.testing.assert_allclose(dose.respond(k, exposure), expected, atol=1.1e-7)
        assert dose.curve_start[k + 1] - dose.curve_start[k] == 1


@pytest.mark.parametrize(("bend", "atol"), [(3.3, 2e-3), (2.5, 1e-7)])
def test_fit__takes_more_pieces_for_a_function_with_a_hidden_bend(bend: float, atol: float) -> None:
    hidden = Curve(lambda e: np.maximum(0.0, e - bend))

    low, width, pieces = fit(hidden, 0.0, 10.0)

    # 2.5 is a quarter of the range, where a piece ends; 3.3 always lies within a piece
    assert len(pieces) > 1
    at = np.linspace(0.0, 1.0, 20_001)[:-1] * len(pieces)
    piece = at.astype(int)
    found = ((at - piece)[:, None] ** np.arange(5) * pieces[piece]).sum(axis=1)
    truth = hidden(low + width * at / len(pieces))
    np.testing.assert_allclose(found, truth, atol=atol)


def test_fit__is_flat_where_no_exposure_reaches_the_threshold() -> None:
    late = Curve(lambda e: np.maximum(0.0, e - 20.0), low=20.0)

    assert fit(late, 0.0, 10.0)[2].tolist() == [[0.0] * 5]


def test_ses_ratio__is_steep_at_the_ends_and_one_where_unknown() -> None:
    # ranks 0.05, 0.3, 0.5, 0.7, 0.95 and unknown: before scaling 1.3, 1.15, 1, 0.875, 0.75, 1
    study = people([100.0, 200.0, 100.0, 300.0, 100.0, 200.0], [0.05, 0.3, 0.5, 0.7, 0.95, np.nan])
    shape = np.array([1.3, 1.15, 1.0, 0.875, 0.75, 1.0])
    mean = (130.0 + 230.0 + 100.0 + 262.5 + 75.0 + 200.0) / 1000.0

    dose = model(study).dose

    deaths = dose.coefficient[dose.channels.index("noise_mort"), -1]
    np.testing.assert_allclose(deaths / deaths[2], shape / shape[2])
    national = model(people([1000.0], [np.nan])).dose.coefficient[1, -1, 0]
    np.testing.assert_allclose(deaths, national * shape / mean)


def test_ses_ratio__does_not_scale_annoyance_and_sleep() -> None:
    found = model(people([100.0, 100.0], [0.05, 0.95]))

    for channel in ("noise_ha", "noise_hsd"):
        k = found.dose.channels.index(channel)
        np.testing.assert_array_equal(found.ses_ratio[k], [1.0, 1.0])
        np.testing.assert_array_equal(
            found.dose.coefficient[k, :, 0], found.dose.coefficient[k, :, 1]
        )


def test_ses_ratio__leaves_the_city_as_it_is() -> None:
    residents = [400.0, 100.0, 500.0]
    unequal, equal = people(residents, [0.2, 0.45, 0.75]), people(residents, [np.nan] * 3)
    exposure = {HEAT: 1.0, NOISE: 60.0, NO2: 25.0, PM25: 11.0, GREEN: 0.3, ACCESS: 0.5}

    found = burden(model(unequal), unequal, exposure)
    expected = burden(model(equal), equal, exposure)

    assert found == pytest.approx(expected)


def test_ses_ratio__keeps_the_deaths_of_a_city_whose_ages_differ() -> None:
    # ranks 0.1 and 0.9: 1.3 and 0.75. The old live at the low end: 30 and 10 expected deaths,
    # so 30 x 1.3 + 10 x 0.75 = 46.5 must become 40: both ratios times 40 / 46.5
    expected = np.tile([30.0, 10.0], (len(CHANNELS), 1))

    found = health.ses_ratio(np.array([0.1, 0.9]), expected, HealthSettings())

    deaths = found[list(CHANNELS).index("pm25_mort")]
    np.testing.assert_allclose(deaths, [1.3 * 40.0 / 46.5, 0.75 * 40.0 / 46.5])
    np.testing.assert_array_equal(found[list(CHANNELS).index("noise_ha")], [1.0, 1.0])


def test_ses_ratio__is_plain_where_nobody_is_expected_to_fall_ill() -> None:
    found = health.ses_ratio(np.array([0.1, 0.5]), np.zeros((len(CHANNELS), 2)), HealthSettings())

    np.testing.assert_array_equal(found[0], [1.3, 1.0])


def test_noise__gains_nearly_what_the_evidence_gains_for_a_quieter_street() -> None:
    # 60 to 57 dB: 0.39 DALY of annoyance and sleep per 1000 adults (evidence, new weights).
    # Deaths: 0.0106101 x (1.0836^-1 to 1.0663^-1) x 1000 = 0.1586 avoided; the impact fraction
    # of the evidence gives 0.169, the difference being the RR of 57 dB.
    phi = responses(0.35, ExposureSettings(), HealthSettings(), 1.0)
    levels = np.array([60.0, 57.0])

    ill = 11.0 * phi["noise_ha"](levels) + 10.0 * phi["noise_hsd"](levels)
    deaths = 10.6101 * phi["noise_mort"](levels)

    assert ill[0] - ill[1] == pytest.approx(0.39, abs=0.005)
    avoided = (deaths[0] - deaths[1]) * 1.055**1.2
    assert avoided == pytest.approx(0.169, abs=0.001)
