"""The ground: rasters where there are any, and stand-ins that say what they are."""

import numpy as np
import pytest
import xarray as xr

from evenground.config import ExposureSettings
from evenground.study import Grid
from evenground.study.ground import as_dataset, build_ground

GRID = Grid(cell_m=10, left=0, top=20, shape=(2, 2))


def rasters(**values: list[list[float]]) -> dict[str, xr.DataArray]:
    """Make rasters of the cells of the grid, or of one cell of 20 m."""
    return {
        name: xr.DataArray(
            np.array(rows, np.float32),
            dims=("y", "x"),
            name=name,
            attrs={"cell_m": 20.0 / len(rows), "left": 0.0, "top": 20.0},
        )
        for name, rows in values.items()
    }


def test_ground__is_what_the_rasters_say() -> None:
    given = {
        "green": [[0.5, 0.1], [0.2, 0.0]],
        "water": [[0.0, 0.1], [0.0, 1.0]],
        "paved_public": [[0.3, 0.2], [0.1, 0.0]],
        "paved_private": [[0.1, 0.0], [0.3, 0.0]],
        "weight": [[7.0, 0.0], [1.0, 0.0]],
    }

    found = build_ground(rasters(**given), GRID, ExposureSettings())

    assert found.assumed == ()
    np.testing.assert_allclose(found.green, given["green"])
    np.testing.assert_allclose(found.homes, given["weight"])
    np.testing.assert_allclose(found.paved_private, given["paved_private"])


def test_ground__stands_in_for_what_is_missing_and_says_so() -> None:
    found = build_ground(
        rasters(green=[[0.5, 0.0], [1.0, np.nan]], water=[[0.3, 0.0], [0.0, 0.0]]),
        GRID,
        ExposureSettings(),
    )

    # bare ground is 1 - green - water = .2, 1, 0 and unknown; 35 % and 20 % of it are paved
    assert found.assumed == ("paved_public", "paved_private", "weight")
    np.testing.assert_allclose(found.paved_public, [[0.07, 0.35], [0.0, np.nan]], atol=1e-7)
    np.testing.assert_allclose(found.paved_private, [[0.04, 0.20], [0.0, np.nan]], atol=1e-7)
    # nobody is placed where nothing is known
    np.testing.assert_allclose(found.homes, [[0.2, 1.0], [0.0, 0.0]], atol=1e-7)
    assert np.isnan(found.green[1, 1])


def test_ground__reads_green_and_water_from_ndvi() -> None:
    # green share = (NDVI - 0.10) / 0.55, between 0 and 1; water at or below 0
    found = build_ground(rasters(ndvi=[[0.375, 0.05], [0.9, -0.2]]), GRID, ExposureSettings())

    np.testing.assert_allclose(found.green, [[0.5, 0.0], [1.0, 0.0]], atol=1e-6)
    np.testing.assert_allclose(found.water, [[0.0, 0.0], [0.0, 1.0]])


def test_ground__sharpens_coarse_ndvi_by_parks_and_keeps_its_mean() -> None:
    # NDVI of the whole square 0.375: half of it green. A park fills one of four cells, so the
    # other three hold 1 of 3 parts: (0.5 - 0.25) / 0.75
    found = build_ground(
        rasters(ndvi=[[0.375]], park=[[1.0, 0.0], [0.0, 0.0]]), GRID, ExposureSettings()
    )

    np.testing.assert_allclose(found.green, [[1.0, 1 / 3], [1 / 3, 1 / 3]], atol=1e-6)
    assert found.green.mean() == pytest.approx(0.5)


def test_dataset__labels_every_part_with_a_unit() -> None:
    ground = build_ground(rasters(green=[[0.5, 0.1], [0.2, 0.0]]), GRID, ExposureSettings())

    found = as_dataset(ground, GRID)

    assert set(found) == {"green", "water", "paved_public", "paved_private", "homes"}
    assert all(found[name].dims == ("y", "x") for name in found)
    assert all(found[name].attrs["units"] == "1" for name in found)
