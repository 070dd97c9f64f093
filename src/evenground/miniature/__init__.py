"""An invented Dutch town of any size, written as the files a municipality would bring.

For the default run, tests, benchmarks and the manual. Everything is fictional
and says so; the same loaders read it as anybody's case. The same seed gives
the same town.
"""

import csv
import tomllib
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
import tomli_w
from numpy.typing import NDArray
from rasterio.transform import from_origin

from evenground.miniature.land import build_exposure, build_ground, burn, deprivation
from evenground.miniature.town import LEFT_M, VOORBEELDSTAD, MiniatureSize, Town, build_town

__all__ = ["VOORBEELDSTAD", "MiniatureSize", "write_miniature"]

Float = NDArray[np.float64]

FIRST = ("Linden", "Kastanje", "Molen", "Haven", "Veld", "Water", "Dorps", "Kerk", "Nieuw", "Oude",
         "Zonne", "Berken", "Weide", "Stations", "Tuin", "Meer")  # fmt: skip
LAST = ("buurt", "kwartier", "hof", "wijk", "eiland", "park", "hoek", "plein")
UNKNOWN, NOT_YET = -99997, -99995
"""How CBS writes: secret or unknown, and not published yet."""


def write_miniature(folder: Path, *, seed: int, size: MiniatureSize = VOORBEELDSTAD) -> Path:
    """Write a town as GeoPackage, CSV and GeoTIFF files, and return the path of its case file."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    town = build_town(size, rng)
    poor = deprivation(town, size, rng)
    ground = build_ground(town, size, poor, rng)
    rasters = ground | build_exposure(town, size, ground, rng)
    people = _people(town, size, poor, ground["weight"], rng)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2024-01-01T00:00:00Z"})
    _write_neighbourhoods(folder / "buurten.gpkg", town, people)
    _write_incomes(folder / "inkomen_2024.csv", people)
    for name, values in rasters.items():
        _write_raster(folder / f"{name}.tif", values, size)
    pyogrio.write_dataframe(town.streets, folder / "straten.gpkg", layer="straten")
    _write_places(folder / "speelplekken.gpkg", town, people, rng)
    return _write_case(folder, size)


def _people(
    town: Town, size: MiniatureSize, poor: Float, homes: Float, rng: np.random.Generator
) -> pd.DataFrame:
    """Who lives in each neighbourhood: number, ages, income and SES."""
    n = len(town.neighbourhoods)
    zone = burn(list(town.neighbourhoods), size, list(range(1, n + 1))).ravel()
    floor = np.bincount(zone, homes.ravel(), n + 1)[1:]
    weight = np.maximum(homes.ravel(), 1e-9)
    summed = np.bincount(zone, poor.ravel() * weight, n + 1)[1:]
    need = summed / np.maximum(np.bincount(zone, weight, n + 1)[1:], 1e-9)
    need = (need - need.mean()) / max(float(need.std()), 1e-9) + rng.normal(0.0, 0.45, n)
    residents = np.round(size.residents * floor / floor.sum() / 5.0) * 5.0
    empty = np.argsort(residents)[: max(1, n // 30)]
    residents[empty] = 0.0
    old = np.clip(0.19 - 0.03 * need + rng.normal(0.0, 0.04, n), 0.06, 0.42)
    young = np.clip(0.16 + 0.02 * need + rng.normal(0.0, 0.02, n), 0.06, 0.26)
    rest = 1.0 - old - young
    ages = np.column_stack([young, 0.16 * rest, 0.43 * rest, 0.41 * rest, old])
    return pd.DataFrame(
        {
            "residents": residents,
            "low_income": np.clip(41.0 + 13.0 * need + rng.normal(0.0, 3.0, n), 8.0, 82.0),
            "ses": np.clip(-0.28 * need + rng.normal(0.0, 0.06, n), -1.2, 0.9),
            "value": np.round(np.clip(390.0 - 85.0 * need, 170.0, 900.0)),
            **{f"age_{k}": np.round(100.0 * ages[:, k]) for k in range(5)},
        }
    )


def _codes(count: int) -> tuple[list[str], list[str]]:
    """Codes and unique names of neighbourhoods."""
    codes = [f"BU9999{k // 10:02d}{k % 10:02d}" for k in range(count)]
    names = [
        f"{FIRST[k % len(FIRST)]}{LAST[(k // len(FIRST) + k) % len(LAST)]}" for k in range(count)
    ]
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return codes, unique


def _write_neighbourhoods(path: Path, town: Town, people: pd.DataFrame) -> None:
    """Write polygons with the columns and sentinels of CBS, and the canal as water."""
    codes, names = _codes(len(people))
    small = people["residents"].to_numpy() < 50.0
    table = {
        "buurtcode": [*codes, "BU99999998"],
        "buurtnaam": [*names, "Kanaal"],
        "wijkcode": [f"WK{code[2:8]}" for code in [*codes, "BU99999998"]],
        "gemeentecode": "GM9999",
        "gemeentenaam": "Voorbeeldstad",
        "water": ["NEE"] * len(people) + ["JA"],
        "aantal_inwoners": [*people["residents"].astype(int), UNKNOWN],
        "percentage_huishoudens_met_laagste_inkomen": NOT_YET,
        "gemiddelde_woningwaarde": [*np.where(small, UNKNOWN, people["value"]), UNKNOWN],
    }
    bands = ("0_tot_15_jaar", "15_tot_25_jaar", "25_tot_45_jaar", "45_tot_65_jaar")
    for k, band in enumerate((*bands, "65_jaar_en_ouder")):
        share = np.where(people["residents"] > 0.0, people[f"age_{k}"], UNKNOWN)
        table[f"percentage_personen_{band}"] = [*share, UNKNOWN]
    shapes = [*town.neighbourhoods, town.canal]
    whole = [shapely.MultiPolygon([p]) if p.geom_type == "Polygon" else p for p in shapes]
    pyogrio.write_dataframe(
        gpd.GeoDataFrame(table, geometry=whole, crs=28992), path, layer="buurten"
    )


def _write_incomes(path: Path, people: pd.DataFrame) -> None:
    """Write incomes and SES as StatLine does: byte-order mark, padding, decimal commas."""
    codes, names = _codes(len(people))

    head = (
        "Wijken en buurten",
        "Regiocode (gemeente, wijk, buurt) (code)",
        "percentage_huishoudens_met_laagste_inkomen",
        "SES-WOA/Totaalscore/Gemiddelde score (Getal)",
    )
    income, ses = people["low_income"].to_numpy(float), people["ses"].to_numpy(float)
    rows = [("Voorbeeldstad", "GM9999    ", _comma(income.mean(), 1), _comma(ses.mean(), 3))]
    published = people["residents"].to_numpy(float) >= 100.0
    for code, name, is_known, low, score in zip(codes, names, published, income, ses, strict=True):
        figures = (_comma(low, 1), _comma(score, 3)) if is_known else (".", ".")
        rows.append((name, code.ljust(10), *figures))
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerows([head, *rows])


def _comma(value: float, decimals: int) -> str:
    """Return a number with a decimal comma."""
    return f"{value:.{decimals}f}".replace(".", ",")


def _write_raster(path: Path, values: Float, size: MiniatureSize) -> None:
    """Write a raster as a municipality would: GeoTIFF in RD, nodata declared."""
    profile = {
        "driver": "GTiff",
        "height": size.shape[0],
        "width": size.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:28992",
        "transform": from_origin(LEFT_M, size.top, size.cell_m, size.cell_m),
        "nodata": -9999.0,
        "compress": "deflate",
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(values.astype(np.float32), 1)


def _write_places(path: Path, town: Town, people: pd.DataFrame, rng: np.random.Generator) -> None:
    """Write places to play: fewer where incomes are low."""
    points = []
    per_1000 = np.clip(1.6 - 0.02 * people["low_income"].to_numpy(float), 0.2, 2.0)
    mean = per_1000 * people["residents"].to_numpy(float) / 1000.0
    for shape, count in zip(town.neighbourhoods, rng.poisson(mean).tolist(), strict=True):
        left, bottom, right, top = shape.bounds
        spots = np.column_stack(
            [rng.uniform(left, right, 40 * count), rng.uniform(bottom, top, 40 * count)]
        )
        inside = spots[shapely.contains_xy(shape, spots)] if count else spots
        points += [shapely.Point(spot) for spot in inside[:count]]
    points = points or [town.outline.centroid]
    frame = gpd.GeoDataFrame({"soort": ["speelplek"] * len(points)}, geometry=points, crs=28992)
    pyogrio.write_dataframe(frame, path, layer="speelplekken")


def _write_case(folder: Path, size: MiniatureSize) -> Path:
    """Write the case file: that of Voorbeeldstad, with this cell size and a budget to scale."""
    text = files("evenground").joinpath("data", "voorbeeldstad.toml").read_text(encoding="utf-8")
    case = tomllib.loads(text)
    case["grid"]["cell_m"] = size.cell_m
    case["search"]["budget_eur"] *= size.residents / VOORBEELDSTAD.residents
    path = folder / "case.toml"
    path.write_text(tomli_w.dumps(case), encoding="utf-8")
    return path
