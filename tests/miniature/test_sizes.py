"""An invented town of any size and seed is a whole case, and a seed gives one town."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from evenground.config import read_settings
from evenground.miniature import MiniatureSize, write_miniature
from evenground.sources import read_sources

from .reading import RASTERS, neighbourhoods, raster

TINY = MiniatureSize(400, 300, 10, 4, 600)
SIZES = {
    "tiny": MiniatureSize(600, 500, 10, 3, 500),
    "one neighbourhood": MiniatureSize(300, 200, 10, 1, 50),
    "no room for rows": MiniatureSize(200, 200, 100, 2, 5),
    "fine cells": MiniatureSize(1000, 800, 5, 7, 3001),
    "coarse cells": MiniatureSize(2050, 1510, 25, 17, 9000),
    "narrow": MiniatureSize(4000, 900, 20, 24, 9002),
    "large": MiniatureSize(3000, 2500, 50, 24, 20_003),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SIZES)
def test_write_miniature__any_size_is_a_case_without_faults(
    tmp_path: Path, name: str, seed: int
) -> None:
    size = SIZES[name]

    path = write_miniature(tmp_path, seed=seed, size=size)

    read_sources(read_settings(path), tmp_path)  # raises with every fault
    frame = neighbourhoods(tmp_path)
    together = shapely.union_all(frame.geometry.to_numpy()).area
    assert len(frame) == size.neighbourhoods
    assert frame.is_valid.all()
    assert frame.area.sum() == pytest.approx(together, abs=1.0)
    assert abs(frame["aantal_inwoners"].sum() - size.residents) <= 2.5
    assert raster(tmp_path, "noise").shape == size.shape


@pytest.mark.parametrize("seed", range(12))
def test_write_miniature__any_seed_is_a_case_without_faults(tmp_path: Path, seed: int) -> None:
    path = write_miniature(tmp_path, seed=seed, size=TINY)

    read_sources(read_settings(path), tmp_path)
    # 600 of 90 000 residents: 1/150 of 12 million euros.
    assert read_settings(path).search.budget_eur == pytest.approx(80_000.0)


def test_write_miniature__coarse_rasters_keep_the_homes_of_the_drawing(tmp_path: Path) -> None:
    fine = write_miniature(tmp_path / "fine", seed=3, size=MiniatureSize(1000, 800, 5, 7, 3000))
    coarse = write_miniature(
        tmp_path / "coarse", seed=3, size=MiniatureSize(1000, 800, 25, 7, 3000)
    )

    floor = [raster(path.parent, "weight").sum() for path in (fine, coarse)]

    assert floor[0] == pytest.approx(floor[1], rel=1e-3)


def test_write_miniature__same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one = write_miniature(tmp_path / "one", seed=5, size=TINY).parent
    two = write_miniature(tmp_path / "two", seed=5, size=TINY).parent

    names = sorted(path.name for path in one.iterdir())

    assert names == sorted(path.name for path in two.iterdir())
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_write_miniature__another_seed_gives_another_town(tmp_path: Path) -> None:
    one = write_miniature(tmp_path / "one", seed=5, size=TINY).parent
    two = write_miniature(tmp_path / "two", seed=6, size=TINY).parent

    differs = [not np.array_equal(raster(one, name), raster(two, name)) for name in RASTERS]

    assert all(differs)


def test_write_miniature__leaves_the_date_of_other_files_alone(tmp_path: Path) -> None:
    write_miniature(tmp_path / "town", seed=5, size=TINY)

    path = tmp_path / "other.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1e5, 4e5)], crs=28992).to_file(path)

    changed = gpd.read_file(path, sql="SELECT last_change FROM gpkg_contents")["last_change"]
    assert not str(changed.iloc[0]).startswith("2024-01-01")
