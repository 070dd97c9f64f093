"""What roads add to the air: by hand, in proportion, and nothing back from the edge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.config import AirKernel, ExposureSettings
from evenground.exposure.air import (
    STREET_TYPES,
    TREE_FACTORS,
    no2_from_nox,
    road_decay,
    road_increment,
    srm1_nox,
)

KERNELS: tuple[AirKernel, ...] = ("exponential", "inverse_root")


@pytest.mark.parametrize(
    ("kernel", "expected"),
    # e^-1 = .3678794 at 50 m; (80 / 20)^-.5 = .5 at 80 m, where e^-1.6 = .2018965
    [
        ("exponential", [1.0, 0.3678794, 0.2018965, 0.0]),
        ("inverse_root", [1.0, 0.6324555, 0.5, 0.0]),
    ],
)
def test_road_decay__equals_its_kernels_by_hand(kernel: AirKernel, expected: list[float]) -> None:
    found = road_decay(np.array([0.0, 50.0, 80.0, 151.0]), ExposureSettings(air_kernel=kernel))

    np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize("kernel", KERNELS)
def test_road_increment__keeps_its_mass_inside_and_loses_it_over_the_edge(
    kernel: AirKernel,
) -> None:
    settings = ExposureSettings(air_kernel=kernel, air_reach_m=100.0)
    middle, corner = np.zeros((2, 9, 9))
    middle[4, 4] = corner[0, 0] = 10.0
    offset = np.arange(-2, 3) * 50.0
    whole = road_decay(np.hypot(offset[:, None], offset[None, :]), settings)

    inside, cut = (road_increment(map_, 50.0, settings) for map_ in (middle, corner))

    assert inside.sum() == pytest.approx(10.0 * whole.sum())
    assert cut.sum() == pytest.approx(10.0 * whole[2:, 2:].sum())
    assert inside.min() >= 0.0


@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_road_increment__is_the_sum_of_its_roads(one: float, two: float) -> None:
    first, second = np.zeros((2, 4, 5))
    first[1, 1], second[2, 3] = one, two
    settings = ExposureSettings()

    together = road_increment(first + second, 25.0, settings)

    apart = road_increment(first, 25.0, settings) + road_increment(second, 25.0, settings)
    np.testing.assert_allclose(together, apart, atol=1e-9)


def test_srm1_nox__equals_a_canyon_by_hand() -> None:
    # .000325 x 100 - .0205 x 10 + .39 = .2175; .62 x 100 x .2175 = 13.485, closed crowns x 1.5
    canyon = STREET_TYPES["canyon"]

    plain = srm1_nox(100.0, 10.0, canyon)
    closed = srm1_nox(100.0, 10.0, canyon, tree_factor=TREE_FACTORS["closed"])

    assert plain == pytest.approx(13.485)
    assert closed == pytest.approx(20.2275)


@pytest.mark.parametrize("name", STREET_TYPES)
def test_srm1_nox__thins_out_and_is_unknown_where_it_does_not_hold(name: str) -> None:
    street = STREET_TYPES[name]
    inside = np.linspace(3.5, 29.0, 50)

    found = srm1_nox(1.0, inside, street)

    assert (np.diff(found) < 0.0).all()
    assert (found > 0.0).all()
    assert np.isnan(srm1_nox(1.0, np.array([3.0, 61.0]), street)).all()


def test_no2_from_nox__equals_one_street_by_hand() -> None:
    # 2 + .6 x 40 x 18 / 118 = 2 + 3.6610169
    assert no2_from_nox(20.0, 40.0, 0.1) == pytest.approx(5.6610169)


@given(st.floats(0.0, 200.0), st.floats(0.1, 100.0))
def test_no2_from_nox__rises_less_and_less_as_ozone_runs_out(nox: float, more: float) -> None:
    first, second, third = (float(no2_from_nox(nox + k * more, 40.0, 0.1)) for k in range(3))

    assert first < second < third
    assert third - second <= second - first + 1e-9
