"""Noise energy of streets by speed, surface and flow, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.interventions.emission import emission_db, street_energy
from evenground.study import Streets


def streets(surface: str, speed_kmh: float, flow: float, length_m: float = 100.0) -> Streets:
    one = np.ones(1)
    return Streets(one, one, length_m * one, speed_kmh * one, flow * one, np.array([surface]))


@pytest.mark.parametrize(
    ("speed_kmh", "expected"),
    [
        (45.0, -0.42),  # half-way -0.84 and 0
        (32.5, -1.365),  # a quarter of the way from -1.54 to -0.84
        (20.0, -1.54),  # outside the table: its nearest end
        (100.0, 0.85),
    ],
)
def test_emission__is_straight_between_speeds(speed_kmh: float, expected: float) -> None:
    found = emission_db(np.array(["dab"]), np.array([speed_kmh]))

    assert found[0] == pytest.approx(expected)


def test_energy__is_flow_times_length_at_the_reference() -> None:
    assert street_energy(streets("dab", 50.0, 8000.0))[0] == pytest.approx(800_000.0)


def test_energy__of_a_slow_street() -> None:
    # 10^-.154 = .70145530 x 1000 x 100
    assert street_energy(streets("dab", 30.0, 1000.0))[0] == pytest.approx(70_145.530, rel=1e-7)


def test_energy__after_a_measure_is_recomputed_and_not_added() -> None:
    # 50 to 30 km/h on thin layer A: -3.78 dB in all, not -2.63 - 1.54 = -4.17
    found = street_energy(streets("dab", 50.0, 1.0, 1.0), surface="thin_a", speed_kmh=30.0)

    assert 10.0 * np.log10(found[0]) == pytest.approx(-3.78)


@given(st.floats(1.0, 1e5), st.floats(1.0, 500.0), st.floats(0.1, 10.0))
def test_energy__is_in_proportion_to_traffic(flow: float, length_m: float, factor: float) -> None:
    one = street_energy(streets("sma_nl8", 50.0, flow, length_m))
    more = street_energy(streets("sma_nl8", 50.0, factor * flow, length_m))

    assert more[0] == pytest.approx(factor * one[0])
