"""The files of the invented town: what they hold, their sentinels, and that they are whole."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely

from evenground.config import read_settings
from evenground.miniature import VOORBEELDSTAD

from .reading import INCOME, LAYERS, RASTERS, incomes, neighbourhoods, raster, zone


def test_write_miniature__settings_parse_and_name_files_that_exist(town: Path) -> None:
    settings = read_settings(town / "case.toml")

    named = [
        settings.neighbourhoods,
        *settings.neighbourhoods.tables,
        *settings.layers.values(),
        settings.streets,
        settings.facilities,
    ]

    assert all(part is not None and (town / part.file).is_file() for part in named)
    assert set(settings.layers) == set(RASTERS)
    assert settings.case.fictional
    assert settings.search.budget_eur == 12_000_000.0


def test_write_miniature__is_moderate_in_size(town: Path) -> None:
    assert sum(path.stat().st_size for path in town.iterdir()) < 10e6


@pytest.mark.parametrize("name", RASTERS)
def test_write_miniature__raster_declares_what_it_is_and_covers_the_town(
    town: Path, name: str
) -> None:
    left, bottom, right, top = neighbourhoods(town).total_bounds

    with rasterio.open(town / f"{name}.tif") as source:
        assert source.crs.to_epsg() == 28992
        assert source.nodata == -9999.0
        assert source.dtypes == ("float32",)
        assert "fictief" in source.tags()["TIFFTAG_IMAGEDESCRIPTION"]
        assert source.bounds.left <= left
        assert source.bounds.bottom <= bottom
        assert source.bounds.right >= right
        assert source.bounds.top >= top


@pytest.mark.parametrize("name", LAYERS)
def test_write_miniature__layer_is_valid_in_rd_and_says_that_it_is_fictional(
    town: Path, name: str
) -> None:
    frame = gpd.read_file(town / f"{name}.gpkg", layer=name)
    about = pyogrio.read_dataframe(
        town / f"{name}.gpkg", sql="SELECT description FROM gpkg_contents"
    )

    assert frame.crs.to_epsg() == 28992
    assert frame.is_valid.all()
    assert not frame.is_empty.any()
    assert "fictief" in about["description"].iloc[0]


def test_write_miniature__neighbourhoods_are_named_once_and_do_not_overlap(town: Path) -> None:
    frame = neighbourhoods(town)

    together = shapely.union_all(frame.geometry.to_numpy()).area

    assert len(frame) == VOORBEELDSTAD.neighbourhoods
    assert frame["buurtcode"].is_unique
    assert frame["buurtcode"].str.fullmatch(r"BU9999\d{4}").all()
    assert frame["buurtnaam"].is_unique
    assert frame.area.sum() == pytest.approx(together, abs=1.0)


def test_write_miniature__canal_lies_in_no_neighbourhood(town: Path) -> None:
    frame = gpd.read_file(town / "buurten.gpkg", layer="buurten")
    canal = frame[frame["water"] == "JA"].geometry.iloc[0]

    assert neighbourhoods(town).intersection(canal).area.sum() < 0.01


def test_write_miniature__neighbourhood_table_carries_the_sentinels_of_cbs(town: Path) -> None:
    frame = gpd.read_file(town / "buurten.gpkg", layer="buurten")

    inhabited = frame[(frame["water"] == "NEE") & (frame["aantal_inwoners"] > 0)]
    empty = frame[frame["aantal_inwoners"] == 0]

    assert (frame[INCOME] == -99995).all()
    assert (frame["water"] == "JA").sum() == 1
    # An industrial estate and a town park.
    assert 2 <= len(empty) <= 9
    assert (empty["percentage_personen_65_jaar_en_ouder"] == -99997).all()
    assert (empty["gemiddelde_woningwaarde"] == -99997).all()
    assert (inhabited["aantal_inwoners"] % 5 == 0).all()
    assert inhabited["aantal_inwoners"].sum() == VOORBEELDSTAD.residents


def test_write_miniature__income_table_is_written_as_statline_does(town: Path) -> None:
    raw = (town / "inkomen_2024.csv").read_bytes()

    figures = incomes(town)

    assert raw.startswith(b"\xef\xbb\xbf")
    assert b'"GM9999    "' in raw
    assert set(neighbourhoods(town)["buurtcode"]) <= set(figures)
    assert "." in figures.values()
    assert "," in figures["GM9999"]


def test_write_miniature__liveability_has_the_columns_of_the_open_data(town: Path) -> None:
    table = pd.read_csv(town / "leefbaarheid_2024.csv", dtype={"bu_code": str})

    assert list(table) == ["bu_code", "bu_naam", "lbm", "fys", "onv", "soc", "vrz", "won"]
    assert set(table["bu_code"]) == set(neighbourhoods(town)["buurtcode"])
    small = neighbourhoods(town).set_index("buurtcode")["aantal_inwoners"] < 100
    unknown = table.set_index("bu_code")["lbm"].isna()
    assert (unknown == small[unknown.index]).all()
    assert table["lbm"].dropna().between(3.0, 5.0).all()


def test_write_miniature__streets_have_lines_and_busier_ones_are_faster(town: Path) -> None:
    streets = gpd.read_file(town / "straten.gpkg", layer="straten")

    flow = streets.groupby("speed_kmh")["flow_veh_day"]

    assert set(streets["speed_kmh"]) == {30.0, 50.0, 70.0}
    assert set(streets.geom_type) == {"LineString"}
    assert flow.max()[30.0] <= 1200.0
    assert flow.min()[50.0] >= 2000.0
    assert streets["flow_veh_day"].max() <= 22_000.0


def test_write_miniature__streets_end_at_the_border_of_the_municipality(town: Path) -> None:
    streets = gpd.read_file(town / "straten.gpkg", layer="straten").total_bounds
    left, bottom, right, top = neighbourhoods(town).total_bounds

    assert (streets[:2] >= (left, bottom)).all()
    assert (streets[2:] <= (right, top)).all()


def test_write_miniature__buildings_stand_clear_of_each_other_and_of_water(town: Path) -> None:
    buildings = gpd.read_file(town / "gebouwen.gpkg").geometry.to_numpy()
    frame = gpd.read_file(town / "buurten.gpkg", layer="buurten")
    canal = frame[frame["water"] == "JA"].geometry.iloc[0]

    one, other = shapely.STRtree(buildings).query(buildings, predicate="overlaps")

    assert one.size == other.size == 0
    assert not shapely.intersects(buildings, canal).any()


def test_write_miniature__homes_are_where_buildings_are(town: Path) -> None:
    buildings = gpd.read_file(town / "gebouwen.gpkg")
    homes = buildings[buildings["gebruik"] == "woonfunctie"].geometry
    with rasterio.open(town / "weight.tif") as source:
        row, column = np.nonzero(source.read(1))
        x, y = source.transform @ (column + 0.5, row + 0.5)

    inside, _ = shapely.STRtree(homes.to_numpy()).query(shapely.points(x, y), predicate="within")

    assert len(np.unique(inside)) == row.size


def test_write_miniature__ground_never_exceeds_the_cell(town: Path) -> None:
    kinds = ("green", "water", "paved_public", "paved_private")

    shares = np.array([raster(town, name) for name in kinds])

    assert shares.min() >= 0.0
    assert shares.sum(axis=0).max() <= 1.0 + 1e-5


def test_write_miniature__people_live_in_a_tenth_of_the_town(town: Path) -> None:
    inside = zone(town) > 0

    inhabited = (raster(town, "weight")[inside] > 0.0).mean()

    assert 0.08 <= inhabited <= 0.20
