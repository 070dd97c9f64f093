"""Files that are wrong: refused with the file, the finding and the cure, all at once."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely import Polygon

from evenground.config import RunSettings
from evenground.names import LOW_INCOME_SHARE, RESIDENTS
from evenground.sources import check_sources


@pytest.fixture
def town(small_case: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    shutil.copytree(small_case.parent, folder)
    return folder


def told(settings: RunSettings, folder: Path) -> str:
    verdict = check_sources(settings, folder)
    assert (verdict.sources is None) == bool(verdict.faults)
    return "\n".join(map(str, verdict.faults))


def rewrite(path: Path, change: dict[str, object], values: object = None) -> None:
    with rasterio.open(path) as source:
        profile, data = source.profile | change, source.read()
    with rasterio.open(path, "w", **profile) as target:
        target.write(data if values is None else values)


def test_town__has_no_fault(town: Path, small_settings: RunSettings) -> None:
    assert told(small_settings, town) == ""


def test_sentinels__become_missing_and_never_zero(town: Path, small_settings: RunSettings) -> None:
    sources = check_sources(small_settings, town).sources

    assert sources is not None
    raw = gpd.read_file(town / "buurten.gpkg")
    assert (raw["percentage_huishoudens_met_laagste_inkomen"] == -99995).all()
    low = sources.neighbourhoods[LOW_INCOME_SHARE]
    assert low.isna().any()
    assert (low.dropna() > 0.0).all()
    assert (sources.neighbourhoods[RESIDENTS] >= 0.0).all()


@pytest.mark.parametrize("share", [0.05, 0.4, 0.9])
def test_truncated_tif__is_refused(town: Path, small_settings: RunSettings, share: float) -> None:
    path = town / "no2.tif"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])

    assert "no2.tif (no2): is no readable GeoTIFF" in told(small_settings, town)


def test_vrt_named_tif__is_refused(town: Path, small_settings: RunSettings) -> None:
    (town / "no2.tif").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"/>')

    assert "Bring a whole GeoTIFF" in told(small_settings, town)


@pytest.mark.parametrize(("crs", "cure"), [(None, "has no CRS"), ("EPSG:32631", "EPSG:32631")])
def test_raster_crs__must_be_rd(
    town: Path, small_settings: RunSettings, crs: str | None, cure: str
) -> None:
    rewrite(town / "noise.tif", {"crs": crs})

    assert cure in told(small_settings, town)


@pytest.mark.parametrize(
    ("shift", "cure"), [((5.0, 10.0), "do not fit"), ((0.0, 7.0), "do not fit")]
)
def test_raster_grid__must_fit(
    town: Path, small_settings: RunSettings, shift: tuple[float, float], cure: str
) -> None:
    left, cell = shift
    transform = rasterio.Affine(cell, 0, 100_000 + left, 0, -cell, 451_200)

    rewrite(town / "pm25.tif", {"transform": transform})

    assert cure in told(small_settings, town)


def test_flipped_raster__is_refused(town: Path, small_settings: RunSettings) -> None:
    rewrite(town / "pm25.tif", {"transform": rasterio.Affine(10, 0, 100_000, 0, 10, 450_000)})

    assert "north-up" in told(small_settings, town)


def test_undeclared_nodata__is_refused(town: Path, small_settings: RunSettings) -> None:
    values = rasterio.open(town / "no2.tif").read()
    values[0, 40:50, 40:50] = -9999.0

    rewrite(town / "no2.tif", {"nodata": None}, values)

    assert "set nodata in [layers.no2]" in told(small_settings, town)


def test_gap_in_a_layer__names_the_neighbourhoods(town: Path, small_settings: RunSettings) -> None:
    values = rasterio.open(town / "noise.tif").read()
    values[0, :, :60] = -9999.0

    rewrite(town / "noise.tif", {}, values)

    assert "allow_gaps" in told(small_settings, town)
    assert "BU9999" in told(small_settings, town)


def change_table(town: Path, column: str, row: int, value: object) -> None:
    frame = gpd.read_file(town / "buurten.gpkg")
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    (town / "buurten.gpkg").unlink()
    frame.to_file(town / "buurten.gpkg", layer="buurten")


@pytest.mark.parametrize(
    ("code", "cure"), [("BU99990001", "more than one row"), ("9999000", "keep leading zeros")]
)
def test_codes__must_be_whole_and_single(
    town: Path, small_settings: RunSettings, code: str, cure: str
) -> None:
    change_table(town, "buurtcode", 0, code)

    assert cure in told(small_settings, town)


def test_bow_tie__is_refused(town: Path, small_settings: RunSettings) -> None:
    frame = gpd.read_file(town / "buurten.gpkg")
    left, bottom, right, top = frame.geometry[0].bounds
    bow = Polygon([(left, bottom), (right, top), (right, bottom), (left, top)])
    frame.loc[0, "geometry"] = bow
    (town / "buurten.gpkg").unlink()
    frame.to_file(town / "buurten.gpkg", layer="buurten")

    assert "invalid outline" in told(small_settings, town)


def test_no_residents__is_refused(town: Path, small_settings: RunSettings) -> None:
    frame = gpd.read_file(town / "buurten.gpkg").assign(aantal_inwoners=0)
    (town / "buurten.gpkg").unlink()
    frame.to_file(town / "buurten.gpkg", layer="buurten")

    assert "no residents at all" in told(small_settings, town)


def test_mixed_years__need_a_reason(town: Path, small_settings: RunSettings) -> None:
    chosen = small_settings.neighbourhoods
    older = (chosen.tables[0].model_copy(update={"year": 2019}),)
    mixed = small_settings.model_copy(
        update={"neighbourhoods": chosen.model_copy(update={"tables": older})}
    )

    assert "allow_mixed_years" in told(mixed, town)


@pytest.mark.parametrize("name", ["../secret.tif", "/etc/hostname", "/vsicurl/x.tif"])
def test_files_outside_the_folder__are_refused(
    town: Path, small_settings: RunSettings, name: str
) -> None:
    layer = small_settings.layers["no2"].model_copy(update={"file": name})
    layers = small_settings.layers | {"no2": layer}

    assert "outside the data folder" in told(
        small_settings.model_copy(update={"layers": layers}), town
    )


def test_faults_of_all_files__are_listed_together(town: Path, small_settings: RunSettings) -> None:
    for name in ("no2.tif", "pm25.tif", "inkomen_2024.csv"):
        (town / name).unlink()

    text = told(small_settings, town)

    assert all(name in text for name in ("no2.tif", "pm25.tif", "inkomen_2024.csv"))


def test_wild_speed__is_refused(town: Path, small_settings: RunSettings) -> None:
    frame = gpd.read_file(town / "straten.gpkg")
    frame.loc[3, "speed_kmh"] = np.nan
    frame.to_file(town / "straten.gpkg", layer="straten")

    assert "row 4" in told(small_settings, town)


def test_words_in_numbers__are_refused(town: Path, small_settings: RunSettings) -> None:
    path = town / "inkomen_2024.csv"
    table = pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig")
    table.iloc[2, 2] = "veel"
    table.to_csv(path, sep=";", index=False, encoding="utf-8-sig")

    assert "Leave unknown numbers empty" in told(small_settings, town)
