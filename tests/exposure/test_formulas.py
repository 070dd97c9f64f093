"""Formulas of heat and noise against their vectors, and the laws of decibels."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.exposure.heat import diagnostic_heat_island
from evenground.exposure.noise import (
    changed_level,
    day_evening_night,
    energetic_sum,
    night_level,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "model_test_vectors.json").read_text("utf-8")
)
HEAT = VECTORS["urban_heat_island_theeuwes"]
LEVELS = st.lists(st.floats(20.0, 90.0), min_size=1, max_size=6)


def heat_island(sky_view: float, green: float) -> float:
    """Heat island in the weather of the vector."""
    given_ = HEAT["inputs"]
    found = diagnostic_heat_island(
        np.array(sky_view),
        np.array(green),
        radiation_w_m2=given_["S_Wm2"],
        daily_range_degc=given_["DTR"],
        wind_m_s=given_["U"],
    )
    return float(found)


def test_diagnostic_heat_island__equals_its_vector() -> None:
    found = heat_island(HEAT["inputs"]["SVF"], HEAT["inputs"]["fveg"])

    assert found == pytest.approx(HEAT["UHImax"], abs=1e-9)
    # 2 - 0.6 - 0.2 = 1.2 times the factor of the weather; 1 - 0 - 0 is the factor itself
    assert heat_island(1.0, 0.0) == pytest.approx(HEAT["factor"], abs=1e-9)


def test_diagnostic_heat_island__falls_in_a_straight_line_with_green() -> None:
    none, half, whole = (heat_island(0.6, green) for green in (0.0, 0.5, 1.0))

    assert none - half == pytest.approx(half - whole, abs=1e-12)
    assert none > half


@pytest.mark.parametrize("case", VECTORS["energetic_sum_db"], ids=lambda case: str(case["levels"]))
def test_energetic_sum__equals_its_vector(case: dict[str, Any]) -> None:
    # the first vector is rounded to four decimals
    assert energetic_sum(np.array(case["levels"])) == pytest.approx(case["sum"], abs=5e-5)


def test_day_evening_night__equals_its_vector() -> None:
    given_ = VECTORS["lden"]["inputs"]

    found = day_evening_night(given_["Lday"], given_["Levening"], given_["Lnight"])

    assert found == pytest.approx(VECTORS["lden"]["Lden"], abs=5e-7)


@given(LEVELS)
def test_energetic_sum__lies_between_the_loudest_and_that_many_of_it(levels: list[float]) -> None:
    found = energetic_sum(np.array(levels))

    assert max(levels) - 1e-9 <= found <= max(levels) + 10.0 * np.log10(len(levels)) + 1e-9


@given(LEVELS, st.randoms(use_true_random=False))
def test_energetic_sum__does_not_depend_on_order(levels: list[float], random: Any) -> None:  # noqa: ANN401 - hypothesis has no public type for it
    mixed = random.sample(levels, len(levels))

    assert energetic_sum(np.array(mixed)) == pytest.approx(energetic_sum(np.array(levels)))


@given(LEVELS, LEVELS)
def test_energetic_sum__adds_energy_however_the_sources_are_grouped(
    some: list[float], others: list[float]
) -> None:
    apart = np.array([energetic_sum(np.array(some)), energetic_sum(np.array(others))])

    found = energetic_sum(np.array([*some, *others]))

    assert found == pytest.approx(energetic_sum(apart), abs=1e-9)
    energy = 10.0 ** (np.array([*some, *others]) / 10.0)
    assert 10.0 ** (found / 10.0) == pytest.approx(energy.sum())


@given(st.floats(20.0, 80.0))
def test_day_evening_night__of_one_level_all_day_adds_a_fixed_penalty(level_db: float) -> None:
    found = day_evening_night(level_db, level_db, level_db)

    # (12 + 4 x 10^0.5 + 8 x 10) / 24 = (12 + 12.6491106 + 80) / 24 = 4.36037961: 6.3952430 dB
    assert found - level_db == pytest.approx(6.3952430, abs=1e-7)


def test_night_level__equals_the_relation_by_hand() -> None:
    # 12 x 10^.7 + 4 x 10^.9 + 80 = 60.1424681 + 31.7731294 + 80 = 171.9155975; / 24 = 7.1631499,
    # which is 8.5510401 dB
    assert night_level(60.0, 7.0, 4.0) == pytest.approx(51.4489599, abs=1e-6)


@given(st.floats(40.0, 80.0), st.floats(0.0, 15.0), st.floats(0.0, 15.0))
def test_night_level__turns_day_evening_night_around(
    night_db: float, day: float, evening: float
) -> None:
    whole = day_evening_night(night_db + day, night_db + evening, night_db)

    assert night_level(whole, day, evening) == pytest.approx(night_db)


def test_changed_level__halves_half_of_the_energy() -> None:
    # 1 + .5 x (.5 - 1) = .75, which is -1.2493874 dB; the other half stays as it is
    found = changed_level(np.array([60.0]), np.array([[0.5]]), 10.0 * np.log10([0.5]))

    assert found == pytest.approx([58.7506126], abs=1e-6)


@given(st.floats(0.0, 0.5), st.floats(0.0, 0.5), st.floats(-10.0, 5.0))
def test_changed_level__adds_energy_so_that_a_split_road_sounds_the_same(
    one: float, two: float, change_db: float
) -> None:
    split = changed_level(np.array(60.0), np.array([one, two]), np.array([change_db, change_db]))
    whole = changed_level(np.array(60.0), np.array([one + two]), np.array([change_db]))

    assert float(split) == pytest.approx(float(whole))
    # never beyond what it would be if every source changed alike
    assert min(60.0, 60.0 + change_db) - 1e-9 <= float(whole) <= max(60.0, 60.0 + change_db) + 1e-9
