"""The real files of Amsterdam and samples of other places: read as people download them."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest

from evenground.config import (
    FacilitySettings,
    RunSettings,
    StreetLineSettings,
    TreeSettings,
    read_settings,
)
from evenground.errors import DataError
from evenground.names import (
    AGE_SHARES,
    CODE,
    LOW_INCOME_SHARE,
    NEIGHBOURHOOD_COLUMNS,
    RESIDENTS,
    SES,
)
from evenground.sources import THEMES, Sources, check_sources
from evenground.sources.facilities import read_facilities
from evenground.sources.neighbourhoods import join_tables, read_outlines, read_table
from evenground.sources.rasters import read_raster
from evenground.sources.streets import read_streets
from evenground.sources.trees import read_trees
from evenground.sources.vectors import read_layer

from .made import ORIGIN, UNITS, layer, outlines, table

pytestmark = pytest.mark.data

FOLDER = os.environ.get("EVENGROUND_DATA", "")
CONFIG = Path(__file__).parents[2] / "configs" / "amsterdam.toml"
INCOME = "raw/Kerncijfers_wijken_en_buurten_2023_income.csv"
PEOPLE = "raw/Kerncijfers_wijken_en_buurten_2024_without_income_data.csv"
SCORES = "raw/SES_WOA_scores_per_wijk_en_buurt_25042023_160857.csv"


@pytest.fixture
def data() -> Path:
    if not FOLDER:
        pytest.skip("EVENGROUND_DATA names no folder with the real files of Amsterdam")
    return Path(FOLDER)


@pytest.fixture
def samples(data: Path) -> Path:
    folder = data.resolve().parent / "format_samples"
    if not folder.is_dir():
        pytest.skip("there is no folder format_samples beside that of EVENGROUND_DATA")
    return folder


def raw_case(*tables: dict[str, Any], **change: object) -> RunSettings:
    """Return a case on the files as downloaded, with income and people joined by code."""
    rasters = {"noise": "lden", "no2": "no2", "pm25": "pm25"}
    layers = {
        name: {"file": f"rasters/{stem}_pc4_100m.tif", "unit": UNITS[name], "quality": "coarse"}
        for name, stem in rasters.items()
    }
    layers["ndvi"] = {
        "file": "rasters/ndvi_modis_2014_may_sep_500m_rd.tif",
        "unit": "ndvi",
        "quality": "coarse",
    }
    chosen = {"file": "raw/AMS_neighborhoods.gpkg", **ORIGIN, "tables": list(tables)} | change
    return RunSettings.model_validate(
        {
            "case": {"id": "ams", "title": "Amsterdam", "allow_mixed_years": "test"},
            "grid": {"cell_m": 25},
            "neighbourhoods": chosen,
            "layers": {
                name: values | ORIGIN | {"allow_gaps": "test"} for name, values in layers.items()
            },
            "search": {"seed": 1, "budget_eur": 1000.0},
        }
    )


def test_amsterdam__passes_check(data: Path) -> None:
    verdict = check_sources(read_settings(CONFIG), data)

    assert verdict.faults == ()
    sources = verdict.sources
    assert isinstance(sources, Sources)
    table_ = sources.neighbourhoods
    assert len(table_) == 518
    assert table_[RESIDENTS].sum() == pytest.approx(931_300, abs=500)
    assert table_[CODE].str.startswith("BU0363NA").any()
    shares = table_[list(AGE_SHARES)].dropna()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert sum("heeft geen waarde" in remark for remark in verdict.remarks) == 4


def test_raw_tables__join_to_the_outlines_of_the_municipality(data: Path) -> None:
    settings = raw_case({"file": PEOPLE, **ORIGIN}, {"file": INCOME, **ORIGIN, "year": 2023})

    verdict = check_sources(settings, data)

    assert verdict.faults == ()
    assert verdict.sources is not None
    frame = verdict.sources.neighbourhoods
    assert list(frame.columns) == [*NEIGHBOURHOOD_COLUMNS, "geometry"]
    assert frame[RESIDENTS].sum() == pytest.approx(931_300, abs=500)
    assert 0.9 < frame.loc[frame[LOW_INCOME_SHARE].notna(), RESIDENTS].sum() / 931_300 <= 1.0
    assert frame[LOW_INCOME_SHARE].between(0.05, 1.0).sum() == frame[LOW_INCOME_SHARE].count()
    assert frame[LOW_INCOME_SHARE].isna().any()
    assert frame.set_index(CODE).loc["BU0363AA01", LOW_INCOME_SHARE] == pytest.approx(0.578)


def test_scores_by_old_codes__are_refused_by_their_match(data: Path) -> None:
    settings = raw_case({"file": PEOPLE, **ORIGIN}, {"file": SCORES, **ORIGIN, "year": 2019})

    (fault,) = check_sources(settings, data).faults

    assert fault.place == SCORES
    assert "matches 0.0 % of the residents" in fault.finding
    assert "not in it: BU0363A" in fault.finding
    assert "codes of the same year" in fault.cure


def test_scores_by_old_codes__are_read_by_their_long_headings(data: Path) -> None:
    figures, _ = read_table(data / SCORES, table(file=SCORES))

    assert figures.table[SES].between(-2.0, 2.0).sum() == figures.table[SES].count() > 300
    assert figures.table[SES].isna().any()


def test_nearness_table__has_its_own_codes(data: Path) -> None:
    figures, remarks = read_table(data / "raw/proximity_to_facilities_2024.csv", table())

    assert figures.table[CODE].str.fullmatch("BU0363[A-Z0-9]{4}").all()
    assert remarks == [] or "zonder code" in remarks[0]


def test_postcode_table__holds_no_neighbourhoods(data: Path) -> None:
    with pytest.raises(DataError, match="Set code_column"):
        read_table(data / "raw/pc4_envi_factors_amsterdam.csv", table())


def test_outlines_of_the_city_api__are_in_longitude_and_latitude(data: Path) -> None:
    name = "raw/data_amsterdam_api_buurten.geojson"

    (shapes, figures), remarks = read_outlines(data / name, outlines(file=name))

    assert len(figures.table) == 518
    assert shapes.total_bounds == pytest.approx([110_188, 476_750, 135_933, 493_894], abs=1000)
    assert any("omgezet van lengte- en breedtegraden" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("raw/parkplantsoengroen.gpkg", "Save it in EPSG:28992"),
        ("raw/amsterdam_green_2024_parks_only.json", "cannot be read"),
        ("raw/RIVM_gezondheid2020_18+_GM0363.xlsx", "Save its sheet as CSV"),
        ("amsterdam_parken.gpkg", "Set layer"),
    ],
)
def test_other_layers__are_refused_with_their_cure(data: Path, name: str, cure: str) -> None:
    with pytest.raises(DataError) as caught:
        read_layer(data / name, table(file=name))

    assert cure in str(caught.value)


def test_satellite_grid__is_refused_with_its_cure(data: Path) -> None:
    name = "rasters/ndvi_modis_2014_monthly_sinusoidal.tif"

    with pytest.raises(DataError, match="Warp it to EPSG:28992") as caught:
        read_raster(data / name, THEMES["ndvi"], layer(file=name, unit="ndvi"), 25)

    assert "expected EPSG:28992" in str(caught.value)


def test_raster_of_manchester__is_refused_by_its_crs(samples: Path) -> None:
    name = "greater_manchester_ndvi_10m.tif"

    with pytest.raises(DataError) as caught:
        read_raster(samples / name, THEMES["ndvi"], layer(file=name, unit="ndvi"), 10)

    assert f"{name} (ndvi): has CRS EPSG:27700, expected EPSG:28992" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_baarn__has_people_but_no_income_yet(samples: Path) -> None:
    settings = outlines(file="baarn_buurten.geojson")

    base, remarks = read_outlines(samples / settings.file, settings)
    frame, faults, _ = join_tables(base, [], settings)

    assert faults == []
    assert frame is not None
    assert len(frame) == 21
    assert 24_000 < frame[RESIDENTS].sum() < 26_000
    assert frame[LOW_INCOME_SHARE].isna().all()
    assert not (frame[list(AGE_SHARES)] == 0.0).all(axis=1).any()
    np.testing.assert_allclose(frame[list(AGE_SHARES)].dropna().sum(axis=1), 1.0)
    assert any("omgezet" in remark for remark in remarks)


def test_trees_of_an_arcgis_server__are_in_rd(samples: Path) -> None:
    name = "bomen_rozenburg_arcgis.geojson"

    frame, remarks = read_layer(samples / name, table(file=name))

    assert len(frame) == 2000
    assert remarks == []


def test_sports_grounds_of_an_open_data_portal__count_as_places(samples: Path) -> None:
    name = "breda_sportaccommodaties.geojson"
    settings = FacilitySettings(file=name, quality="measured", **ORIGIN)

    frame, remarks = read_facilities(samples / name, settings)

    assert (frame["places"] > 0.0).all()
    assert "omgezet" in remarks[0]


def test_streets__of_openstreetmap_are_stood_in_for_by_class(data: Path) -> None:
    file = "amsterdam_osm_straten_deel.gpkg"
    settings = StreetLineSettings(kind="lines", file=file, quality="coarse", **ORIGIN)

    read, remarks = read_streets(data / file, settings)

    # of 2630 lines 1539 are footways, cycleways, steps and the like
    assert len(read) == 1091
    assert read["speed_kmh"].between(15.0, 70.0).all()
    assert any("van 1.091 straten is het verkeer geschat" in remark for remark in remarks)


def test_trees__of_a_real_register_stand_with_their_crowns(samples: Path) -> None:
    file = "bomen_rozenburg_arcgis.geojson"
    settings = TreeSettings(file=file, quality="measured", **ORIGIN)

    read, remarks = read_trees(samples / file, settings)

    # 20 of 2000 are gone; of one there is no crown and a height below 6 m
    assert len(read) == 1980
    assert read["crown_m"].between(1.0, 25.0).all()
    assert len(remarks) == 2


def test_crowns__estimated_from_heights_have_the_area_of_those_that_are_known(
    samples: Path, tmp_path: Path
) -> None:
    file = "bomen_rozenburg_arcgis.geojson"
    known = read_trees(samples / file, TreeSettings(file=file, quality="measured", **ORIGIN))[0]
    frame = pyogrio.read_dataframe(samples / file).drop(columns="KROONOMVANG")
    pyogrio.write_dataframe(frame, tmp_path / "b.gpkg")

    settings = TreeSettings(file="b.gpkg", quality="measured", **ORIGIN)
    estimated = read_trees(tmp_path / "b.gpkg", settings)[0]

    ratio = float((estimated["crown_m"] ** 2).sum() / (known["crown_m"] ** 2).sum())
    assert ratio == pytest.approx(1.0, abs=0.03)
