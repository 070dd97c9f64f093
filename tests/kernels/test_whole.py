"""Changes in whole numbers, against plain NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from evenground.kernels import most_moved
from evenground.kernels.whole import add_rows, change_rows, fetch, list_rows, list_used

from .case import random_case

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=25, deadline=None)


@njit
def to_whole(values: np.ndarray, out: np.ndarray) -> None:
    fetch(values, 0, values.size, 16)
    out[:] = 0
    add_rows(values, np.zeros(1, np.int64), np.ones(1, np.float32), 1, out, values.size)


def plain_rows(weight: np.ndarray, row: np.ndarray, amount: np.ndarray, n: int) -> np.ndarray:
    """Return the sum of rows, each number rounded in itself (receptor,)."""
    rows = weight[row[:, None] + np.arange(n)] * amount[:, None]
    return np.rint(rows).astype(np.int64).sum(axis=0)


def test_add_rows__rounds_halves_to_even() -> None:
    values = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997, -0.0, 7e8, -7e8, 0.3], np.float32)
    out = np.full(values.size, 99, np.int32)

    to_whole(values, out)

    assert out.tolist() == [0, 2, 2, 0, -2, 0, 0, 700_000_000, -700_000_000, 0]


@FEW
@given(seed=SEEDS, count=st.integers(0, 40), n=st.integers(1, 300))
def test_add_rows__is_the_same_in_any_order_and_by_changes(seed: int, count: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.normal(0.0, 1.0, 4200).astype(np.float32)
    row = rng.integers(0, 3900, count)
    before, after = rng.normal(0.0, 1e6, (2, count)).astype(np.float32)
    start = rng.integers(-(10**6), 10**6, n).astype(np.int32)
    moved, other, order = start.copy(), start.copy(), rng.permutation(count)

    add_rows(weight, row, before, count, moved, n)
    add_rows(weight, row[order], before[order], count, other, n)

    np.testing.assert_array_equal(moved, start + plain_rows(weight, row, before, n))
    np.testing.assert_array_equal(other, moved)

    change_rows(weight, 0, count, row, before, after, moved, n)

    np.testing.assert_array_equal(moved, start + plain_rows(weight, row, after, n))

    change_rows(weight, 0, count, row, after, before, moved, n)

    np.testing.assert_array_equal(moved, other)


@FEW
@given(seed=SEEDS, n_column=st.integers(0, 8))
def test_most_moved__equals_plain_numpy(seed: int, n_column: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng, n_column=n_column)
    most = rng.uniform(0.0, 3.0, n_column).astype(np.float32)
    out = np.full((3, case.block_start.size - 1), np.nan)

    most_moved(
        most,
        case.block_start,
        case.pair_start,
        case.pair_column,
        case.weight_start,
        case.weight,
        out,
    )

    moved = np.abs(case.dense) @ most.astype(float)
    expected = np.maximum.reduceat(moved, case.block_start[:-1], axis=1)
    np.testing.assert_allclose(out, expected, rtol=1e-6)


def test_list_rows__lists_for_each_lane_what_it_uses() -> None:
    amounts = np.array([[0.0, 2.0], [0.0, 0.0], [3.0, 0.0]], np.float32)
    at_work, column = np.array([0b10, 0, 0b01], np.uint8), np.array([2, 1, 0, 2], np.int32)
    start = np.array([40, 50, 60, 70])
    used, lanes = np.zeros(5, np.int32), np.zeros(5, np.uint8)
    row, factor = np.zeros(5, np.int64), np.zeros(5, np.float32)

    n_used = list_used(0, 4, column, at_work, used, lanes)
    found = []
    for lane in (0, 1):
        arrays = used, lanes, n_used, column, start, amounts, lane, np.float32(4.0), row, factor
        count = list_rows(*arrays)
        found.append((row[:count].tolist(), factor[:count].tolist()))

    assert used[:n_used].tolist() == [0, 2, 3]
    assert found == [([40, 70], [12.0, 12.0]), ([60], [8.0])]
