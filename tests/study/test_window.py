"""The mean over a round window: by hand at the edge of the map, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from evenground.study import Grid
from evenground.study.window import known_in_window, window_mean

GRID = Grid(cell_m=100, left=0, top=300, shape=(3, 4))
SHARES = hnp.arrays(np.float64, (3, 4), elements=st.floats(0.0, 1.0))


def plain(values: NDArray[np.float64], radius_m: float) -> NDArray[np.float64]:
    """Mean by its definition, cell by cell."""
    row, col = np.indices(values.shape)
    out = np.full(values.shape, np.nan)
    for y, x in np.ndindex(values.shape):
        near = (row - y) ** 2 + (col - x) ** 2 <= (radius_m / GRID.cell_m) ** 2
        known = values[near & np.isfinite(values)]
        out[y, x] = known.mean() if known.size else np.nan
    return out


def test_window_mean__counts_only_cells_on_the_map() -> None:
    # one green cell in the corner, radius one cell: a cross of five
    values = np.zeros((3, 4))
    values[0, 0] = 1.0

    found = window_mean(values, GRID, 100.0)

    # the corner sees itself and two others, its neighbours on the edge four cells
    expected = np.zeros((3, 4))
    expected[0, 0], expected[0, 1], expected[1, 0] = 1 / 3, 1 / 4, 1 / 4
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_window_mean__leaves_out_what_is_missing() -> None:
    values = np.full((3, 4), np.nan)
    values[0, 0], values[0, 1] = 0.2, 0.6

    found = window_mean(values, GRID, 100.0)

    # (0, 0) and (0, 1) see both, (1, 0), (1, 1) and (0, 2) one; the rest sees nothing
    assert found[0, 0] == pytest.approx(0.4)
    assert found[1, 0] == pytest.approx(0.2)
    assert found[0, 2] == pytest.approx(0.6)
    assert np.isnan(found).sum() == 7


def test_window_mean__of_less_than_a_cell_is_the_cell_itself() -> None:
    values = np.arange(12.0).reshape(3, 4)

    np.testing.assert_allclose(window_mean(values, GRID, 50.0), values, atol=1e-6)


@given(SHARES, st.sampled_from([100.0, 142.0, 250.0, 300.0, 1000.0]), st.integers(0, 11))
def test_window_mean__equals_its_definition(
    values: NDArray[np.float64], radius_m: float, missing: int
) -> None:
    values[np.unravel_index(missing, values.shape)] = np.nan

    found = window_mean(values, GRID, radius_m)

    np.testing.assert_allclose(found, plain(values, radius_m), atol=1e-6)


def test_known_in_window__counts_known_cells_on_the_map() -> None:
    values = np.zeros((3, 4))
    values[0, 1] = np.nan

    found = known_in_window(values, GRID, 100.0)

    # a cross of five, cut off at the edge, less the unknown cell and what it touches
    np.testing.assert_array_equal(found, [[2, 3, 3, 3], [4, 4, 5, 4], [3, 4, 4, 3]])


@given(SHARES, st.integers(0, 11), st.floats(0.0, 1.0))
def test_window_mean__gains_what_is_added_over_what_is_known(
    values: NDArray[np.float64], place: int, added: float
) -> None:
    after = values.copy()
    after.flat[place] += added

    gain = window_mean(after, GRID, 142.0) - window_mean(values, GRID, 142.0)

    # this is what a plan counts on: the same share for every cell that sees the place
    row, col = np.indices(values.shape)
    y, x = np.unravel_index(place, values.shape)
    near = (row - y) ** 2 + (col - x) ** 2 <= 2
    expected = near * added / known_in_window(values, GRID, 142.0)
    np.testing.assert_allclose(gain, expected, atol=1e-6)


@given(SHARES, st.floats(0.0, 1.0))
def test_window_mean__is_linear(values: NDArray[np.float64], factor: float) -> None:
    whole = window_mean(values, GRID, 250.0)

    np.testing.assert_allclose(window_mean(factor * values, GRID, 250.0), factor * whole, atol=1e-6)


@given(
    st.floats(0.0, 1.0),
    st.sampled_from([50.0, 100.0, 142.0, 300.0, 500.0, 5000.0]),
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
)
def test_window_mean__of_a_level_map_is_level_up_to_the_edge(
    level: float, radius_m: float, shape: tuple[int, int]
) -> None:
    grid = Grid(cell_m=100, left=0, top=100 * shape[0], shape=shape)

    found = window_mean(np.full(shape, level), grid, radius_m)

    np.testing.assert_allclose(found, level, atol=1e-6)


@given(SHARES, st.sampled_from([100.0, 142.0, 250.0, 1000.0]), st.integers(0, 11))
def test_window_mean__hands_out_all_that_is_there_at_the_edge_too(
    values: NDArray[np.float64], radius_m: float, missing: int
) -> None:
    values[np.unravel_index(missing, values.shape)] = np.nan

    mean = window_mean(values, GRID, radius_m)
    known = known_in_window(values, GRID, radius_m)

    # what each window holds, summed, is what each cell holds times the windows that see it
    row, col = np.indices(values.shape)
    seen = np.array(
        [
            ((row - y) ** 2 + (col - x) ** 2 <= (radius_m / GRID.cell_m) ** 2).sum()
            for y, x in np.ndindex(values.shape)
        ]
    ).reshape(values.shape)
    held = np.where(known > 0, np.nan_to_num(mean) * known, 0.0).sum()
    np.testing.assert_allclose(held, np.nansum(values * seen), rtol=1e-5, atol=1e-4)
