"""Files of an invented town, as CBS, Kadaster and a municipality would publish them.

Knows how others write data, and nothing of how the town was drawn. Every file
says that it is fictional.
"""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from rasterio.transform import from_origin

from evenground.miniature.names import neighbourhood_names, wind
from evenground.miniature.size import LEFT_M, Float, MiniatureSize
from evenground.miniature.town import Town

UNKNOWN, NOT_YET = -99997, -99995
"""How CBS writes: secret or unknown, and not published yet."""
LABEL = "Voorbeeldstad (fictief): verzonnen door evenground, geen bestaande plaats"
WATER_CODE = "BU99999998"
PER_DISTRICT = 99
"""Most neighbourhoods that the code of a district leaves room for."""


def write_layer(path: Path, frame: gpd.GeoDataFrame, *, is_indexed: bool = True) -> None:
    """Write a layer with the name of its file."""
    options = {"DESCRIPTION": LABEL, "SPATIAL_INDEX": "YES" if is_indexed else "NO"}
    pyogrio.write_dataframe(frame, path, layer=path.stem, **options)


def write_raster(path: Path, values: Float, size: MiniatureSize) -> None:
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
        "predictor": 3,
    }
    with rasterio.open(path, "w", **profile) as target:
        target.update_tags(TIFFTAG_IMAGEDESCRIPTION=LABEL)
        target.write(values.astype(np.float32), 1)


def write_neighbourhoods(path: Path, town: Town, people: pd.DataFrame) -> None:
    """Write polygons with the columns and sentinels of CBS, and the canal as water."""
    codes, names = _codes(town), _names(town)
    residents = people["residents"].to_numpy(float)
    middle = shapely.union_all(town.neighbourhoods)
    canal = shapely.MultiPolygon(
        [p for p in shapely.get_parts(town.canal.intersection(middle.convex_hull)) if p.area > 1.0]
    )
    shapes = [*(shapely.MultiPolygon([p]) for p in town.neighbourhoods), canal]
    hectares = np.round(shapely.area(shapes) / 1e4).astype(int)
    density = np.where(
        residents > 0, residents / np.maximum(shapely.area(shapes[:-1]) / 1e6, 1e-6), UNKNOWN
    )
    value = np.where((residents < 50.0) | (people["value"] <= 0.0), UNKNOWN, people["value"])
    table: dict[str, object] = {
        "buurtcode": [*codes, WATER_CODE],
        "buurtnaam": [*names, "Kanaal en grachten"],
        "wijkcode": [f"WK{code[2:8]}" for code in [*codes, WATER_CODE]],
        "gemeentecode": "GM9999",
        "gemeentenaam": "Voorbeeldstad",
        "water": ["NEE"] * len(people) + ["JA"],
        "aantal_inwoners": [*residents.astype(int), UNKNOWN],
        "bevolkingsdichtheid_inwoners_per_km2": [*np.round(density).astype(int), UNKNOWN],
        "oppervlakte_totaal_in_ha": hectares,
        "percentage_huishoudens_met_laagste_inkomen": NOT_YET,
        "gemiddelde_woningwaarde": [*value, UNKNOWN],
    }
    bands = ("0_tot_15_jaar", "15_tot_25_jaar", "25_tot_45_jaar", "45_tot_65_jaar")
    for k, band in enumerate((*bands, "65_jaar_en_ouder")):
        share = np.where(residents > 0.0, people[f"age_{k}"], UNKNOWN)
        table[f"percentage_personen_{band}"] = [*share, UNKNOWN]
    write_layer(path, gpd.GeoDataFrame(table, geometry=shapes, crs=28992))


def write_incomes(path: Path, town: Town, people: pd.DataFrame) -> None:
    """Write incomes and SES as StatLine does: byte-order mark, padding, decimal commas."""
    head = (
        "Wijken en buurten",
        "Regiocode (gemeente, wijk, buurt) (code)",
        "percentage_huishoudens_met_laagste_inkomen",
        "SES-WOA/Totaalscore/Gemiddelde score (Getal)",
    )
    residents = people["residents"].to_numpy(float)
    income, ses = people["low_income"].to_numpy(float), people["ses"].to_numpy(float)
    mean = [float(np.average(figure, weights=residents)) for figure in (income, ses)]
    rows = [("Voorbeeldstad", "GM9999    ", _comma(mean[0], 1), _comma(mean[1], 3))]
    table = zip(_codes(town), _names(town), residents >= 100.0, income, ses, strict=True)
    for code, name, is_known, low, score in table:
        figures = (_comma(low, 1), _comma(score, 3)) if is_known else (".", ".")
        rows.append((name, code.ljust(10), *figures))
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerows([head, *rows])


def write_liveability(path: Path, town: Town, people: pd.DataFrame, scores: pd.DataFrame) -> None:
    """Write scores under the column names of the open data of the Leefbaarometer."""
    is_known = people["residents"].to_numpy(float) >= 100.0
    table = scores.round(4)
    table[~is_known] = np.nan
    table.insert(0, "bu_code", _codes(town))
    table.insert(1, "bu_naam", _names(town))
    table.to_csv(path, index=False, encoding="utf-8")


def _codes(town: Town) -> list[str]:
    """Codes of neighbourhoods: municipality, district, and a number within the district."""
    district, number, sector = -1, PER_DISTRICT, -1
    codes = []
    for own in town.sectors:
        if own != sector or number == PER_DISTRICT:
            district, number, sector = district + 1, 0, own
        codes.append(f"BU9999{district:02d}{number:02d}")
        number += 1
    return codes


def _names(town: Town) -> list[str]:
    """Names of neighbourhoods that suit their kind and direction."""
    market = town.plane.xy(0.0, 0.0)[0]
    middles = [outline.centroid for outline in town.neighbourhoods]
    winds = [wind(point.x - market[0], point.y - market[1]) for point in middles]
    kinds = [town.kind(k).names for k in range(len(middles))]
    return neighbourhood_names(kinds, winds)


def _comma(value: float, decimals: int) -> str:
    """Return a number with a decimal comma."""
    return f"{value:.{decimals}f}".replace(".", ",")
