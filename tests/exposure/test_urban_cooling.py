"""The equations of InVEST Urban Cooling on two cells, and what holds at the edge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.exposure.urban_cooling import (
    air_temperature,
    cooling_capacity,
    evapotranspiration_index,
    green_area_m2,
    heat_mitigation,
    night_cooling_capacity,
    park_capacity,
)

CAPACITY = np.array([[0.8, 0.2]])
IS_GREEN = np.array([[True, False]])


def test_cooling_capacity__weighs_shade_albedo_and_evapotranspiration() -> None:
    # .9 x 4 / 6 = .6; .6 x .5 + .2 x .25 + .2 x .6 = .3 + .05 + .12
    evaporation = evapotranspiration_index(0.9, 4.0, 6.0)

    assert evaporation == pytest.approx(0.6)
    assert cooling_capacity(0.5, 0.25, evaporation) == pytest.approx(0.47)
    assert night_cooling_capacity(0.3) == pytest.approx(0.7)


def test_park_capacity__equals_two_cells_by_hand() -> None:
    # weights 1 and e^-1 = .3678794: .8 / 1.3678794 = .5848469, .8 x .3678794 / 1.3678794
    found = park_capacity(CAPACITY, IS_GREEN, 300.0, cooling_m=300.0)

    np.testing.assert_allclose(found, [[0.5848469, 0.2151531]], atol=1e-7)


def test_green_area__counts_the_cells_in_reach() -> None:
    is_green = np.array([[True, False, False, False]])

    found = green_area_m2(is_green, 300.0, reach_m=600.0)

    np.testing.assert_allclose(found, [[90_000.0, 90_000.0, 90_000.0, 0.0]])


def test_heat_mitigation__lends_from_parks_of_two_hectares_and_more() -> None:
    park = np.array([[0.5848469, 0.2151531]])

    large = heat_mitigation(CAPACITY, park, np.full((1, 2), 20_000.0))
    small = heat_mitigation(CAPACITY, park, np.full((1, 2), 19_999.0))

    # the first cell keeps its own .8, which is more than a park lends it
    np.testing.assert_allclose(large, [[0.8, 0.2151531]])
    np.testing.assert_allclose(small, CAPACITY)


def test_air_temperature__equals_two_cells_by_hand() -> None:
    found = air_temperature(
        np.array([[0.8, 0.2151531]]), 300.0, rural_degc=20.0, heat_island_degc=3.0, mixing_m=300.0
    )

    # 20 + .2 x 3 = 20.6 and 20 + .7848469 x 3 = 22.3545407; weights 1 and e^-.5 = .6065307:
    # (20.6 + .6065307 x 22.3545407) / 1.6065307 and (22.3545407 + .6065307 x 20.6) / 1.6065307
    np.testing.assert_allclose(found, [[21.2624086, 21.6921321]], atol=1e-6)


@given(level=st.floats(0.0, 1.0), n_y=st.integers(1, 6), n_x=st.integers(1, 6))
def test_windows__keep_a_level_that_is_the_same_everywhere_at_the_edge_too(
    level: float, n_y: int, n_x: int
) -> None:
    capacity = np.full((n_y, n_x), level)

    park = park_capacity(capacity, np.ones((n_y, n_x), bool), 100.0)
    air = air_temperature(capacity, 100.0, rural_degc=20.0, heat_island_degc=3.0)

    np.testing.assert_allclose(park, level, atol=1e-9)
    np.testing.assert_allclose(air, 20.0 + 3.0 * (1.0 - level), atol=1e-9)
