"""PET and the wet bulb: the worked example of the evidence, and what must hold."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.exposure.pet import (
    BOWEN_GREEN,
    BOWEN_PAVED,
    LEAST_WIND_M_S,
    Weather,
    cell_mean,
    crown_area_m2,
    in_shade,
    in_sun,
    shaded_share,
    wet_bulb,
)

VECTOR: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "model_test_vectors.json").read_text("utf-8")
)["pet"]
GIVEN = VECTOR["inputs"]
HOT_DAY = Weather(
    temperature_degc=GIVEN["Ta"],
    humidity=GIVEN["RH"] / 100.0,
    wind_m_s=GIVEN["u12"],
    radiation_w_m2=GIVEN["Q"],
    diffuse_w_m2=GIVEN["Qdif"],
    sun_elevation_deg=GIVEN["sun_elevation_deg"],
)


def test_wet_bulb__equals_its_vector() -> None:
    found = wet_bulb(GIVEN["Ta"], GIVEN["RH"] / 100.0)

    assert found == pytest.approx(VECTOR["Tw_stull"], abs=5e-7)


@pytest.mark.parametrize(
    ("bowen_ratio", "key"),
    [(BOWEN_PAVED, "sunlit_paved_B3_SVF0.8"), (BOWEN_GREEN, "sunlit_green_B0.4_SVF0.8")],
)
def test_in_sun__equals_its_vector(bowen_ratio: float, key: str) -> None:
    found = in_sun(HOT_DAY, bowen_ratio, 0.8)

    assert found == pytest.approx(VECTOR[key], abs=5e-7)


def test_in_shade__equals_its_vector() -> None:
    found = in_shade(HOT_DAY, 0.3)

    assert found == pytest.approx(VECTOR["shade_SVF0.3"], abs=5e-7)


def test_in_sun__is_cooler_on_green_by_the_bowen_ratio_alone() -> None:
    paved, green = in_sun(HOT_DAY, np.array([BOWEN_PAVED, BOWEN_GREEN]), 0.8)

    # 0.546 x (3 - 0.4)
    assert paved - green == pytest.approx(1.4196, abs=1e-12)


def test_in_shade__of_closed_sky_is_the_heat_of_the_walls() -> None:
    still = replace(HOT_DAY, temperature_degc=0.0, wind_m_s=1.0, humidity=0.5)

    found = in_shade(still, 0.0)

    # ln 1 = 0. Walls: 5.67e-8 x 273.15^4 = 315.636979; x 0.0060 = 1.89382188.
    # Wet bulb at 0 degC and 50 %: arctan 50 - arctan(50 - 1.676331) = 1.55079899 - 1.55010549,
    # 0.00391838 x 50^1.5 = 1.38535653, times arctan(0.023101 x 50) = 0.85722169: 1.18755766;
    # 0.00069350 + 1.18755766 - 4.686035 = -3.49778384; x 0.060 = -0.20986703
    assert found == pytest.approx(-12.14 + 1.89382188 - 0.20986703, abs=1e-7)


@given(st.floats(0.0, LEAST_WIND_M_S))
def test_wind__has_a_floor(wind_m_s: float) -> None:
    calm, floor = (replace(HOT_DAY, wind_m_s=wind) for wind in (wind_m_s, LEAST_WIND_M_S))

    assert in_sun(calm, BOWEN_PAVED, 0.8) == in_sun(floor, BOWEN_PAVED, 0.8)
    assert in_shade(calm, 0.3) == in_shade(floor, 0.3)


@given(st.floats(15.0, 38.0), st.floats(0.05, 0.95))
def test_wet_bulb__is_below_the_air(temperature_degc: float, humidity: float) -> None:
    assert wet_bulb(temperature_degc, humidity) < temperature_degc


@given(st.floats(15.0, 38.0), st.floats(0.1, 0.9))
def test_shade__is_cooler_than_sun_on_a_hot_day(temperature_degc: float, sky_view: float) -> None:
    weather = replace(HOT_DAY, temperature_degc=temperature_degc)

    assert in_shade(weather, sky_view) < in_sun(weather, BOWEN_GREEN, sky_view)


def test_crown_area__grows_in_a_straight_line_for_twenty_years() -> None:
    np.testing.assert_allclose(crown_area_m2(np.array([0.0, 10.0, 20.0, 40.0])), [5, 15, 25, 25])


def test_shaded_share__saturates_as_crowns_overlap() -> None:
    # 1 - .75 = .25 and 1 - .75^2 = .4375: the second crown shades less ground than the first
    assert shaded_share(np.array([25.0]), 100.0) == pytest.approx(0.25)
    assert shaded_share(np.array([25.0, 25.0]), 100.0) == pytest.approx(0.4375)
    assert shaded_share(np.array([250.0]), 100.0) == 1.0


def test_cell_mean__lies_between_sun_and_shade_by_its_share() -> None:
    # .4 x 26.15 + .6 x 37.5 = 10.46 + 22.5
    assert cell_mean(37.5, 26.15, 0.4) == pytest.approx(32.96)
