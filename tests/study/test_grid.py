"""The grid as a value, and rasters laid on it by whole cells."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from evenground.errors import DataError
from evenground.study import Grid, align
from evenground.study.grid import build_grid

GRID = Grid(cell_m=10, left=1000, top=2040, shape=(4, 6))


def raster(
    values: object, cell_m: float, left: float = 1000.0, top: float = 2040.0
) -> xr.DataArray:
    """Make a raster as the sources give it."""
    attrs = {"cell_m": cell_m, "left": left, "top": top}
    return xr.DataArray(np.array(values, np.float32), dims=("y", "x"), name="noise", attrs=attrs)


def test_grid__is_a_value_that_prints_in_one_line() -> None:
    again = Grid(cell_m=10, left=1000, top=2040, shape=(4, 6))

    assert again == GRID
    assert hash(again) == hash(GRID)
    assert str(GRID) == "4 x 6 cells of 10 m from (1000, 2040)"


def test_grid__has_its_centres_half_a_cell_inside_its_bounds() -> None:
    assert GRID.bounds == (1000, 2000, 1060, 2040)
    assert GRID.x.tolist() == [1005.0, 1015.0, 1025.0, 1035.0, 1045.0, 1055.0]
    assert GRID.y.tolist() == [2035.0, 2025.0, 2015.0, 2005.0]
    assert GRID.transform * (0, 0) == (1000.0, 2040.0)
    assert GRID.transform * (6, 4) == (1060.0, 2000.0)


def test_grid__labels_an_array_with_its_centres() -> None:
    array = GRID.array(np.zeros(GRID.shape), "heat", "degC")

    assert array.dims == ("y", "x")
    assert array.attrs == {"units": "degC"}
    assert array["y"].values.tolist() == GRID.y.tolist()


def test_build_grid__covers_the_bounds_with_whole_sites() -> None:
    grid = build_grid((1033.0, 2050.0, 1101.0, 2149.5), cell_m=25, site_m=50)

    # 1033 down to 1000, 1101 up to 1150; 2050 is an edge itself, 2149.5 up to 2150
    assert grid == Grid(25, 1000, 2150, (4, 6))


@given(
    left=st.floats(0.0, 1e5), bottom=st.floats(0.0, 1e5), width=st.floats(1.0, 2e3),
    height=st.floats(1.0, 2e3),
)  # fmt: skip
def test_build_grid__is_the_smallest_that_covers(
    left: float, bottom: float, width: float, height: float
) -> None:
    grid = build_grid((left, bottom, left + width, bottom + height), cell_m=10, site_m=100)

    west, south, east, north = grid.bounds
    assert west <= left < west + 100
    assert south <= bottom < south + 100
    assert east - 100 < left + width <= east
    assert north - 100 < bottom + height <= north
    assert all(edge % 100 == 0 for edge in grid.bounds)


def test_align__of_the_same_grid_changes_nothing() -> None:
    values = np.arange(24.0).reshape(4, 6)

    np.testing.assert_array_equal(align(raster(values, 10), GRID, "mean"), values)


def test_align__repeats_coarse_cells_and_never_interpolates() -> None:
    found = align(raster([[1, 2, 3], [4, 5, 6]], 20), GRID, "mean")

    np.testing.assert_array_equal(found[0], [1, 1, 2, 2, 3, 3])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[3], [4, 4, 5, 5, 6, 6])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("mean", 55.0),
        ("sum", 220.0),
        # (3 x 10^5 + 10^7) / 4 = 2 575 000: 64.1077723 dB, far above the mean of the figures
        ("energy", 64.1077723),
    ],
)
def test_align__brings_fine_cells_together(how: str, expected: float) -> None:
    fine = np.tile([[50.0, 50.0], [50.0, 70.0]], (4, 6))

    found = align(raster(fine, 5), GRID, how)

    np.testing.assert_allclose(found, expected, rtol=1e-7)


@given(hnp.arrays(np.float32, (8, 12), elements=st.floats(30.0, 90.0, width=32)))
def test_align__of_energy_lies_between_the_mean_and_the_loudest(
    levels: NDArray[np.float32],
) -> None:
    energy = align(raster(levels, 5), GRID, "energy")
    mean = align(raster(levels, 5), GRID, "mean")
    loudest = levels.reshape(4, 2, 6, 2).max(axis=(1, 3))

    assert (energy >= mean - 1e-4).all()
    assert (energy <= loudest + 1e-4).all()


@given(hnp.arrays(np.float32, (8, 12), elements=st.floats(0.0, 100.0, width=32)))
def test_align__of_a_sum_conserves_the_total(counts: NDArray[np.float32]) -> None:
    found = align(raster(counts, 5), GRID, "sum")

    assert found.sum(dtype=float) == pytest.approx(counts.sum(dtype=float), rel=1e-5)


def test_align__needs_half_of_the_fine_cells() -> None:
    fine = np.full((8, 12), 4.0)
    fine[0:2, 0] = np.nan  # half of the first cell
    fine[0:2, 2:4] = np.nan  # three quarters of the second
    fine[0, 3] = 4.0

    found = align(raster(fine, 5), GRID, "mean")

    assert found[0, 0] == 4.0
    assert np.isnan(found[0, 1])
    assert np.isfinite(found).sum() == 23


def test_align__leaves_missing_what_lies_outside_the_raster() -> None:
    # 2 x 2 cells of 10 m from (1040, 2060): rows -2 and -1 fall off, nothing is left
    above = align(raster([[1, 2], [3, 4]], 10, 1040.0, 2060.0), GRID, "mean")
    # from (990, 2050): its lower right cell is the upper left of the grid
    corner = align(raster([[1, 2], [3, 4]], 10, 990.0, 2050.0), GRID, "mean")

    assert np.isnan(above).all()
    assert corner[0, 0] == 4.0
    assert np.isnan(corner).sum() == 23


@pytest.mark.parametrize(
    ("cell_m", "left", "top"),
    [(15.0, 1000.0, 2040.0), (10.0, 1005.0, 2040.0), (5.0, 1000.0, 2042.0)],
)
def test_align__refuses_cells_that_do_not_fall_on_the_grid(
    cell_m: float, left: float, top: float
) -> None:
    with pytest.raises(DataError, match="Warp it to this grid before use"):
        align(raster(np.zeros((4, 4)), cell_m, left, top), GRID, "mean")
