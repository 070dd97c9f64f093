"""Derivatives of the measures of distribution, against finite differences."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.objectives import inequality as q

Float = NDArray[np.float64]

SCORE = np.array([1.0, 2.0, 3.0, 3.0, np.nan, 5.0])
BURDENS = st.lists(st.floats(1.0, 50.0), min_size=6, max_size=6).map(np.array)
SHARES = st.lists(st.floats(0.05, 0.6), min_size=6, max_size=6).map(np.array)
PEOPLE = st.lists(st.integers(1, 40), min_size=6, max_size=6).map(lambda n: np.array(n, float))
KAPPA, STEP = 0.05, 1e-5
LAW = settings(deadline=None, max_examples=40)
SMOOTH = ("mean", "ede", "kolm_pollak", "gini", "theil_t", "theil_l", "ge2", *q.RANKED)


def both_sides(y: Float, step: float) -> Float:
    """One step up of each row, and then one step down of each (2 x row, row)."""
    one = step * np.eye(y.size)
    return np.concatenate([y + one, y - one])


def difference(value: Float, step: float) -> Float:
    up, down = np.split(value, 2)
    return (up - down) / (2.0 * step)


@pytest.mark.parametrize("name", SMOOTH)
@LAW
@given(y=BURDENS, w=PEOPLE)
def test_measure_slope__equals_finite_differences(name: str, y: Float, w: Float) -> None:
    # Gini bends where two rows change places
    assume(np.diff(np.sort(y)).min() > 10.0 * STEP)
    moved = q.measure(name, both_sides(y, STEP), w, SCORE, KAPPA)

    slope = q.measure_slope(name, y, w, SCORE, KAPPA)

    expected = difference(moved, STEP)
    np.testing.assert_allclose(
        slope, expected, rtol=1e-4, atol=1e-7 * max(1.0, abs(expected).max())
    )


@pytest.mark.parametrize("name", ["erreygers", "wagstaff"])
@LAW
@given(y=SHARES, w=PEOPLE)
def test_bounded_slope__equals_finite_differences(name: str, y: Float, w: Float) -> None:
    moved = q.bounded(both_sides(y, STEP), w, SCORE)[name]

    slope = q.bounded_slope(name, y, w, SCORE)

    np.testing.assert_allclose(slope, difference(moved, STEP), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", q.NO_SLOPE)
def test_measure_slope__of_a_jump_is_zero(name: str) -> None:
    y, w = np.array([4.0, 2.0, 9.0, 1.0, 5.0, 6.0]), np.ones(6)

    np.testing.assert_array_equal(q.measure_slope(name, y, w, SCORE, KAPPA), 0.0)


@pytest.mark.parametrize("name", [*SMOOTH, *q.NO_SLOPE])
def test_measure_slope__is_finite_where_somebody_or_nobody_bears_anything(name: str) -> None:
    for y in (np.zeros(6), np.array([0.0, 0.0, 3.0, 1.0, 0.0, 2.0])):
        assert np.isfinite(q.measure_slope(name, y, np.ones(6), SCORE, KAPPA)).all()


@pytest.mark.parametrize("name", q.RANKED)
def test_measure_slope__along_an_unknown_or_equal_rank_is_zero_or_finite(name: str) -> None:
    y, w = np.array([4.0, 2.0, 9.0]), np.ones(3)

    np.testing.assert_array_equal(q.measure_slope(name, y, w, np.full(3, np.nan), KAPPA), 0.0)
    assert np.isfinite(q.measure_slope(name, y, w, np.ones(3), KAPPA)).all()


def test_measure__is_that_of_all_measures_to_the_last_bit() -> None:
    rng = np.random.default_rng(4)
    y, w = rng.gamma(2.0, 5.0, (9, 40)), rng.uniform(1.0, 99.0, 40)
    score = np.where(rng.random(40) < 0.2, np.nan, rng.normal(size=40))

    for name, value in q.measures(y, w, score, KAPPA).items():
        np.testing.assert_array_equal(q.measure(name, y, w, score, KAPPA), value, name)


def test_bounded__are_the_indices_of_the_concentration_index() -> None:
    y, w = np.array([0.3, 0.2, 0.1]), np.array([2.0, 1.0, 3.0])
    rank = np.array([1 / 6, 5 / 12, 3 / 4])

    found = q.bounded(y, w, np.array([1.0, 2.0, 3.0]))

    assert found["erreygers"] == pytest.approx(q.erreygers_index(y, w, rank, (0.0, 1.0)))
    assert found["wagstaff"] == pytest.approx(q.wagstaff_index(y, w, rank))
