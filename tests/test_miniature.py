"""The invented town: its files, its sentinels, its pattern, and that a seed gives one town."""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.stats import spearmanr

from evenground.config import read_settings
from evenground.miniature import VOORBEELDSTAD, MiniatureSize, write_miniature

TINY = MiniatureSize(400, 300, 10, 4, 600)
RASTERS = (
    "weight",
    "green",
    "water",
    "paved_public",
    "paved_private",
    "noise",
    "no2",
    "no2_background",
    "pm25",
    "pm25_background",
    "heat",
)
INCOME = "percentage_huishoudens_met_laagste_inkomen"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_miniature(tmp_path_factory.mktemp("town"), seed=20261).parent


def _neighbourhoods(folder: Path) -> gpd.GeoDataFrame:
    frame = gpd.read_file(folder / "buurten.gpkg", layer="buurten")
    return frame[frame["water"] == "NEE"].reset_index(drop=True)


def _raster(folder: Path, name: str) -> NDArray[np.float64]:
    with rasterio.open(folder / f"{name}.tif") as source:
        return np.asarray(source.read(1), dtype=np.float64)


def _incomes(folder: Path) -> dict[str, str]:
    with (folder / "inkomen_2024.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    return {row["Regiocode (gemeente, wijk, buurt) (code)"].strip(): row[INCOME] for row in rows}


def _zone(folder: Path) -> NDArray[np.int32]:
    with rasterio.open(folder / "heat.tif") as source:
        shapes = zip(_neighbourhoods(folder).geometry, range(1, 10_000), strict=False)
        return np.asarray(
            rasterize(shapes, source.shape, transform=source.transform, dtype="int32")
        )


def _rank_correlation_with_income(folder: Path, name: str) -> float:
    """Spearman of the share of low incomes and the mean of a raster over the neighbourhood."""
    frame, incomes = _neighbourhoods(folder), _incomes(folder)
    zone = _zone(folder).ravel()
    n = len(frame) + 1
    cells = np.maximum(np.bincount(zone, minlength=n), 1)
    mean = (np.bincount(zone, _raster(folder, name).ravel(), n) / cells)[1:]
    figures = [incomes[code] for code in frame["buurtcode"]]
    known = np.array([figure != "." for figure in figures])
    low = [float(figure.replace(",", ".")) for figure in figures if figure != "."]
    return float(spearmanr(low, mean[known]).statistic)


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


def test_write_miniature__rasters_declare_what_they_are_and_cover_the_town(town: Path) -> None:
    left, bottom, right, top = _neighbourhoods(town).total_bounds

    for name in RASTERS:
        with rasterio.open(town / f"{name}.tif") as source:
            assert source.crs.to_epsg() == 28992
            assert source.nodata == -9999.0
            assert source.dtypes == ("float32",)
            assert source.bounds.left <= left
            assert source.bounds.bottom <= bottom
            assert source.bounds.right >= right
            assert source.bounds.top >= top


def test_write_miniature__neighbourhoods_are_valid_named_once_and_do_not_overlap(
    town: Path,
) -> None:
    frame = _neighbourhoods(town)

    together = shapely.union_all(frame.geometry.to_numpy()).area

    assert len(frame) == VOORBEELDSTAD.neighbourhoods
    assert frame.crs.to_epsg() == 28992
    assert frame.is_valid.all()
    assert frame["buurtcode"].is_unique
    assert frame["buurtnaam"].is_unique
    assert frame.area.sum() == pytest.approx(together, abs=1.0)


def test_write_miniature__neighbourhood_table_carries_the_sentinels_of_cbs(town: Path) -> None:
    frame = gpd.read_file(town / "buurten.gpkg", layer="buurten")

    inhabited = frame[(frame["water"] == "NEE") & (frame["aantal_inwoners"] > 0)]
    empty = frame[frame["aantal_inwoners"] == 0]

    assert (frame[INCOME] == -99995).all()
    assert (frame["water"] == "JA").sum() == 1
    assert 2 <= len(empty) <= 3
    assert (empty["percentage_personen_65_jaar_en_ouder"] == -99997).all()
    assert (inhabited["aantal_inwoners"] % 5 == 0).all()
    assert inhabited["aantal_inwoners"].sum() == pytest.approx(VOORBEELDSTAD.residents, rel=0.02)


def test_write_miniature__income_table_is_written_as_statline_does(town: Path) -> None:
    raw = (town / "inkomen_2024.csv").read_bytes()
    codes = set(_neighbourhoods(town)["buurtcode"])

    incomes = _incomes(town)

    assert raw.startswith(b"\xef\xbb\xbf")
    assert b'"GM9999    "' in raw
    assert codes <= set(incomes)
    assert "." in incomes.values()
    assert "," in incomes["GM9999"]


@pytest.mark.parametrize(("name", "sign"), [("noise", 1), ("heat", 1), ("green", -1)])
def test_write_miniature__lower_incomes_meet_more_harm_but_not_always(
    town: Path, name: str, sign: int
) -> None:
    rank = _rank_correlation_with_income(town, name)

    assert 0.2 < sign * rank < 0.95


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [("noise", 43.0, 72.0), ("no2", 10.0, 26.0), ("pm25", 6.0, 10.5), ("heat", 0.0, 2.5)],
)
def test_write_miniature__homes_meet_plausible_exposure(
    town: Path, name: str, lowest: float, highest: float
) -> None:
    at_home = _raster(town, name)[_raster(town, "weight") > 0.0]

    assert at_home.min() >= lowest
    assert at_home.max() <= highest


@pytest.mark.parametrize("name", ["no2", "pm25"])
def test_write_miniature__streets_only_add_to_the_background(town: Path, name: str) -> None:
    total, background = _raster(town, name), _raster(town, f"{name}_background")

    assert (total >= background - 1e-4).all()


def test_write_miniature__ground_never_exceeds_the_cell(town: Path) -> None:
    kinds = ("green", "water", "paved_public", "paved_private")

    shares = np.array([_raster(town, name) for name in kinds])

    assert shares.min() >= 0.0
    assert shares.sum(axis=0).max() <= 1.0 + 1e-5


def test_write_miniature__people_live_in_about_a_fifth_of_the_town(town: Path) -> None:
    inside = _zone(town) > 0

    inhabited = (_raster(town, "weight")[inside] > 0.0).mean()

    assert 0.14 <= inhabited <= 0.22


def test_write_miniature__busier_streets_are_faster(town: Path) -> None:
    streets = gpd.read_file(town / "straten.gpkg", layer="straten")

    flow = streets.groupby("speed_kmh")["flow_veh_day"]

    assert set(streets["speed_kmh"]) <= {30.0, 50.0, 70.0}
    assert set(streets.geom_type) == {"LineString"}
    assert flow.max()[30.0] <= 1200.0
    assert flow.min()[50.0] >= 2000.0
    assert streets["flow_veh_day"].max() <= 22_000.0


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

    differs = [not np.array_equal(_raster(one, name), _raster(two, name)) for name in RASTERS]

    assert all(differs)


@pytest.mark.parametrize("seed", range(6))
def test_write_miniature__smallest_town_is_still_a_case(tmp_path: Path, seed: int) -> None:
    path = write_miniature(tmp_path, seed=seed, size=TINY)

    frame = _neighbourhoods(tmp_path)

    assert len(frame) == TINY.neighbourhoods
    assert frame["aantal_inwoners"].sum() > 0
    assert _raster(tmp_path, "noise").shape == (30, 40)
    # 600 of 90 000 residents: 1/150 of 12 million euros.
    assert read_settings(path).search.budget_eur == pytest.approx(80_000.0)
