"""Files of an invented town, read back plainly, and what residents meet in them."""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.stats import spearmanr

Float = NDArray[np.float64]

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
LAYERS = (
    "buurten",
    "straten",
    "gebouwen",
    "bomen",
    "parken",
    "scholen",
    "speelplekken",
    "spoor",
)
INCOME = "percentage_huishoudens_met_laagste_inkomen"


def neighbourhoods(folder: Path) -> gpd.GeoDataFrame:
    frame = gpd.read_file(folder / "buurten.gpkg", layer="buurten")
    return frame[frame["water"] == "NEE"].reset_index(drop=True)


def raster(folder: Path, name: str) -> Float:
    with rasterio.open(folder / f"{name}.tif") as source:
        return np.asarray(source.read(1), dtype=np.float64)


def incomes(folder: Path) -> dict[str, str]:
    with (folder / "inkomen_2024.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    return {row["Regiocode (gemeente, wijk, buurt) (code)"].strip(): row[INCOME] for row in rows}


def zone(folder: Path) -> NDArray[np.int64]:
    """Return the number of the neighbourhood of each cell (y, x), from one; zero outside."""
    with rasterio.open(folder / "heat.tif") as source:
        shapes = zip(neighbourhoods(folder).geometry, range(1, 10_000), strict=False)
        burnt = rasterize(shapes, source.shape, transform=source.transform, dtype="int32")
    return np.asarray(burnt, np.int64)


def residents(folder: Path) -> Float:
    """Return residents of each cell (y, x), spread over its neighbourhood by floor of homes."""
    where, homes = zone(folder), raster(folder, "weight")
    homes = np.where(where > 0, homes, 0.0)
    people = np.concatenate([[0.0], neighbourhoods(folder)["aantal_inwoners"].to_numpy(float)])
    floor = np.bincount(where.ravel(), homes.ravel(), people.size)
    each = np.divide(people, floor, out=np.zeros_like(people), where=floor > 0.0)
    return np.asarray(homes * each[where])


def share_of_residents(folder: Path, name: str, level: float) -> float:
    """Return the share of the residents who live where a raster is above a level."""
    people = residents(folder)
    return float(people[raster(folder, name) > level].sum() / people.sum())


def rank_with_income(folder: Path, name: str) -> float:
    """Return Spearman of low incomes with the mean of a raster, over neighbourhoods."""
    frame, figures = neighbourhoods(folder), incomes(folder)
    where, values = zone(folder).ravel(), raster(folder, name).ravel()
    cells = np.bincount(where, minlength=len(frame) + 1)[1:]
    mean = np.bincount(where, values, len(frame) + 1)[1:] / np.maximum(cells, 1)
    low = [figures[code].replace(",", ".") for code in frame["buurtcode"]]
    known = np.array([figure != "." for figure in low])
    return float(spearmanr([float(f) for f in low if f != "."], mean[known]).statistic)
