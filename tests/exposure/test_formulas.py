"""Formulas of heat and noise against their vectors, and the laws of decibels."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.exposure.heat import diagnostic_heat_island
from evenground.exposure.noise import day_evening_night, energetic_sum

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


@given(st.floats(20.0, 80.0))
def test_day_evening_night__of_one_level_all_day_adds_a_fixed_penalty(level_db: float) -> None:
    found = day_evening_night(level_db, level_db, level_db)

    # (12 + 4 x 10^0.5 + 8 x 10) / 24 = (12 + 12.6491106 + 80) / 24 = 4.36037961: 6.3952430 dB
    assert found - level_db == pytest.approx(6.3952430, abs=1e-7)
