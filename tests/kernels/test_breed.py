"""The loops that make children, against plain Python."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.kernels import cross_blocks, cross_options, cross_windows, mutate_plans

from .test_plans import some_plans

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(max_examples=100, deadline=None)
SIZES = st.integers(0, 12)
KEY = 2**64


def family(rng: np.random.Generator, count: int, n: int) -> tuple[np.ndarray, ...]:
    """Return plans in slots, the slots of children, and those of mothers and fathers."""
    plans = some_plans(rng, 3 * count, n)
    rows = np.arange(2 * count, 3 * count)
    return plans, rows, rng.integers(0, 2 * count, (count, 2))


def squares(
    rng: np.random.Generator, n: int, n_y: int, n_x: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the square of every option, and options by square."""
    square = rng.integers(0, n_y * n_x, n)
    order = np.argsort(square, kind="stable").astype(np.int32)
    return square, np.searchsorted(square[order], np.arange(n_y * n_x + 1)), order


def bits(key: int, number: int) -> int:
    """Return 64 random bits by SplitMix64, in whole numbers without end."""
    value = (key + (number + 1) * 0x9E3779B97F4A7C15) % KEY
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % KEY
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB % KEY
    return value ^ (value >> 31)


def test_bits__are_those_of_the_published_generator() -> None:
    # the first three numbers of SplitMix64 with seed 1234567, as published with its C code
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [bits(1234567, k) for k in range(3)] == expected


@MANY
@given(seed=SEEDS, count=st.integers(1, 6), n=SIZES)
def test_cross_windows__equals_plain_numpy(seed: int, count: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    plans, rows, pair = family(rng, count, n)
    n_y, n_x = rng.integers(1, 6, 2).tolist()
    square, start, option = squares(rng, n, n_y, n_x)
    corner = rng.integers(-2, 6, (count, 2))
    window = np.hstack([corner, corner + rng.integers(-1, 5, (count, 2))]).astype(np.int32)
    before = plans.copy()

    cross_windows(plans, rows, pair, start, option, n_y, n_x, window)

    np.testing.assert_array_equal(plans[: 2 * count], before[: 2 * count])
    y, x = square // n_x, square % n_x
    for c, (top, left, bottom, right) in enumerate(window):
        inside = (top <= y) & (y <= bottom) & (left <= x) & (x <= right)
        expected = np.where(inside, before[pair[c, 1]], before[pair[c, 0]])
        np.testing.assert_array_equal(plans[rows[c]], expected)


@MANY
@given(seed=SEEDS, count=st.integers(1, 6), n=SIZES)
def test_cross_blocks__equals_plain_numpy(seed: int, count: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    plans, rows, pair = family(rng, count, n)
    n_y, n_x = rng.integers(1, 9, 2).tolist()
    square, start, option = squares(rng, n, n_y, n_x)
    side = rng.integers(1, 6, count, dtype=np.int32)
    shift = rng.integers(0, side[:, None], (count, 2), dtype=np.int32)
    key = rng.integers(0, KEY, count, dtype=np.uint64)
    before = plans.copy()

    cross_blocks(plans, rows, pair, start, option, n_y, n_x, side, shift, key)

    np.testing.assert_array_equal(plans[: 2 * count], before[: 2 * count])
    for c in range(count):
        across = ceil((n_x + shift[c, 1]) / side[c])
        for j in range(n):
            y, x = divmod(int(square[j]), n_x)
            block = (y + shift[c, 0]) // side[c] * across + (x + shift[c, 1]) // side[c]
            parent = pair[c, bits(int(key[c]), int(block)) % 2]
            assert plans[rows[c], j] == before[parent, j]


@MANY
@given(seed=SEEDS, count=st.integers(1, 3), n=st.integers(0, 200))
def test_cross_options__equals_plain_numpy(seed: int, count: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    plans, rows, pair = family(rng, count, n)
    key = rng.integers(0, KEY, count, dtype=np.uint64)
    before = plans.copy()

    cross_options(plans, rows, pair, key)

    np.testing.assert_array_equal(plans[: 2 * count], before[: 2 * count])
    for c in range(count):
        for j in range(n):
            parent = pair[c, bits(int(key[c]), j // 64) >> j % 64 & 1]
            assert plans[rows[c], j] == before[parent, j]


@MANY
@given(seed=SEEDS, count=st.integers(1, 6), n=st.integers(1, 12))
def test_mutate_plans__equals_plain_numpy(seed: int, count: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    most = rng.integers(0, 9, n, dtype=np.int16)
    plans = np.minimum(np.abs(some_plans(rng, count, n)), most)
    raised = rng.integers(0, n, (count, 5), dtype=np.int32)
    raise_count, drop_count = rng.integers(0, 6, (2, count), dtype=np.int32)
    raise_share, drop_share = rng.random((2, count, 5))
    least = rng.integers(1, 4, n, dtype=np.int16)

    # the plans stand in slots, with one that is not theirs before each
    slots = np.repeat(plans, 2, axis=0)
    slots[::2] = -7
    rows = 2 * np.arange(count) + 1
    mutate_plans(slots, rows, most, least, raise_count, raised, raise_share, drop_count, drop_share)

    assert (slots[::2] == -7).all()
    found = slots[1::2]
    for c in range(count):
        expected = plans[c].tolist()
        for k in range(raise_count[c]):
            j = raised[c, k]
            expected[j] = min(most[j], max(least[j], ceil(raise_share[c, k] * most[j])))
        active = [j for j in range(n) if expected[j] > 0]
        for k in range(min(drop_count[c], len(active))):
            expected[active[int(drop_share[c, k] * len(active))]] = 0
        assert found[c].tolist() == expected
