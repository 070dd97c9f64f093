"""How much of a neighbourhood a raster must cover, and what happens where it does not."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr
from shapely import Point, box

from evenground.config import RunSettings
from evenground.names import CODE, RESIDENTS
from evenground.sources.coverage import judge_coverage, presence_faults, required_layers
from evenground.sources.rasters import read_raster
from evenground.sources.themes import THEMES

from .made import BOTTOM, LEFT, SIDE, lines, squares, write_case, write_tif


@pytest.fixture
def settings(tmp_path: Path) -> RunSettings:
    return write_case(tmp_path)


def people(*residents: float) -> gpd.GeoDataFrame:
    frame = squares(len(residents), aantal_inwoners=list(residents))
    return frame.rename(columns={"buurtcode": CODE, "aantal_inwoners": RESIDENTS})


def noise(folder: Path, settings: RunSettings, **change: object) -> dict[str, xr.DataArray]:
    write_tif(folder / "noise.tif", 55.0, **change)
    raster, _ = read_raster(folder / "noise.tif", THEMES["noise"], settings.layers["noise"], 10)
    return {"noise": raster}


def allowing(settings: RunSettings) -> RunSettings:
    layer = settings.layers["noise"].model_copy(update={"allow_gaps": "haven."})
    return settings.model_copy(update={"layers": settings.layers | {"noise": layer}})


def holed(rasters: dict[str, xr.DataArray], cells: int) -> dict[str, xr.DataArray]:
    values = rasters["noise"].to_numpy().copy()
    values[0, :cells] = np.nan
    return {"noise": rasters["noise"].copy(data=values)}


@pytest.mark.parametrize(("cells", "is_fault"), [(0, False), (1, False), (2, True), (10, True)])
def test_judge_coverage__asks_for_99_percent_of_each(
    tmp_path: Path, settings: RunSettings, cells: int, *, is_fault: bool
) -> None:
    rasters = holed(noise(tmp_path, settings), cells)

    faults, remarks = judge_coverage(people(10, 20, 30), rasters, settings)

    assert (bool(faults), remarks) == (is_fault, [])
    if is_fault:
        assert lines(faults).startswith("noise.tif (noise), BU00010000: has no value in part")
        assert f"{100 - cells:.1f} % of one, expected 99 %" in lines(faults)
        assert "allow_gaps of [layers.noise]" in lines(faults)


def test_judge_coverage__says_who_lives_in_an_allowed_gap(
    tmp_path: Path, settings: RunSettings
) -> None:
    rasters = holed(noise(tmp_path, settings), 12)

    faults, remarks = judge_coverage(people(10, 20, 30), rasters, allowing(settings))

    assert faults == []
    assert "(een deel van) 2 buurten met 30 inwoners (50,0 %): haven." in remarks[0]


@pytest.mark.parametrize("residents", [0.0, np.nan])
def test_judge_coverage__lets_gaps_be_where_nobody_lives(
    tmp_path: Path, settings: RunSettings, residents: float
) -> None:
    rasters = holed(noise(tmp_path, settings), 10)

    assert judge_coverage(people(residents, 20, 30), rasters, settings) == ([], [])


def test_judge_coverage__refuses_another_city_whatever_is_allowed(
    tmp_path: Path, settings: RunSettings
) -> None:
    transform = rasterio.Affine(10, 0, LEFT + 10_000, 0, -10, BOTTOM + SIDE)
    rasters = noise(tmp_path, settings, transform=transform)

    faults, _ = judge_coverage(people(10, 20, 30), rasters, allowing(settings))

    assert "covers no neighbourhood at all. Check that it is of this city" in lines(faults)


def test_judge_coverage__judges_a_neighbourhood_smaller_than_a_cell(
    tmp_path: Path, settings: RunSettings
) -> None:
    frame = people(10, 20, 30)
    frame.loc[0, "geometry"] = box(LEFT + 1, BOTTOM + 96, LEFT + 3, BOTTOM + 98)

    faults, _ = judge_coverage(frame, holed(noise(tmp_path, settings), 1), settings)

    assert "BU00010000" in lines(faults)


def test_judge_coverage__refuses_a_country_before_laying_a_grid(
    tmp_path: Path, settings: RunSettings
) -> None:
    frame = people(10, 20)
    frame.loc[1, "geometry"] = box(290_000, 600_000, 290_100, 600_100)
    small = settings.model_copy(update={"grid": settings.grid.model_copy(update={"cell_m": 1})})

    faults, _ = judge_coverage(frame, noise(tmp_path, settings), small)

    assert "cells of 1 m" in lines(faults)
    assert "Set municipalities in [neighbourhoods]" in lines(faults)


def test_required_layers__are_one_of_each_kind_and_heat_where_it_is_there() -> None:
    raster = xr.DataArray(0.0)

    chosen = required_layers(dict.fromkeys(("noise", "no2", "pm25", "ndvi", "green"), raster))
    with_heat = required_layers(dict.fromkeys(("noise", "ndvi", "heat", "park"), raster))

    assert chosen == {"noise", "no2", "pm25", "green"}
    assert with_heat == {"noise", "ndvi", "heat"}


def test_presence_faults__refuse_streets_of_another_city() -> None:
    here = gpd.GeoDataFrame(geometry=[Point(LEFT + 5, BOTTOM + 5), Point(0, 400_000)], crs=28992)

    assert presence_faults(people(1, 2), here, "a.gpkg") == []
    told = lines(presence_faults(people(1, 2), here.iloc[1:], "a.gpkg"))

    assert told == "a.gpkg: touches no neighbourhood at all. Check that it is of this city."
