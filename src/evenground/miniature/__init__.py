"""An invented Dutch town of any size, written as the files a municipality would bring.

For the default run, tests, benchmarks and the manual. Everything is fictional
and says so; the same loaders read it as anybody's case. The same seed gives
the same town.
"""

import tomllib
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import tomli_w

from evenground.geopackage import frozen_clock
from evenground.miniature.buildings import build_buildings, build_trees
from evenground.miniature.exposure import build_exposure
from evenground.miniature.land import build_land
from evenground.miniature.people import build_liveability, build_people
from evenground.miniature.places import build_play, build_schools
from evenground.miniature.size import VOORBEELDSTAD, Aggregate, Float, MiniatureSize
from evenground.miniature.streets import COUNTRY_ROAD, build_streets
from evenground.miniature.town import build_town
from evenground.miniature.writing import (
    write_incomes,
    write_layer,
    write_liveability,
    write_neighbourhoods,
    write_raster,
)

__all__ = ["VOORBEELDSTAD", "MiniatureSize", "write_miniature"]

HOW: dict[str, Aggregate] = {"weight": "sum", "noise": "energy"}
"""What cells of the drawing become where the rasters are coarser; their mean elsewhere."""
DECIMALS = {"weight": 0, "noise": 1}
"""Of the written rasters; two where nothing is said. More would be noise that fills the disk."""


def write_miniature(folder: Path, *, seed: int, size: MiniatureSize = VOORBEELDSTAD) -> Path:
    """Write a town as GeoPackage, CSV and GeoTIFF files, and return the path of its case file."""
    folder.mkdir(parents=True, exist_ok=True)
    # Each step has its own generator: a change in one leaves what the others draw as it was.
    chance = np.random.default_rng(seed).spawn(9)
    town = build_town(size, chance[0])
    streets = build_streets(town, chance[1])
    buildings = build_buildings(town, streets, chance[2])
    trees = build_trees(town, streets, buildings, chance[3])
    land = build_land(town, streets, buildings, trees, chance[4])
    exposure = build_exposure(town, streets, land, chance[5])
    people = build_people(town, land, exposure["noise"], chance[6])
    ground = {
        "weight": land.homes,
        "green": land.green,
        "water": land.water,
        "paved_public": land.paved_public,
        "paved_private": land.paved_private,
    }
    _write_rasters(folder, ground | exposure, size)
    with frozen_clock():
        write_neighbourhoods(folder / "buurten.gpkg", town, people)
        inner = ["neighbourhood"]
        # A municipality brings its own streets; those beyond its border are only heard.
        own = streets[streets["naam"] != COUNTRY_ROAD.name]
        write_layer(folder / "straten.gpkg", own.drop(columns=inner))
        write_layer(folder / "gebouwen.gpkg", buildings.drop(columns=inner), is_indexed=False)
        write_layer(folder / "bomen.gpkg", trees, is_indexed=False)
        write_layer(folder / "speelplekken.gpkg", build_play(town, people, chance[7]))
        write_layer(folder / "scholen.gpkg", build_schools(town, people, chance[7]))
        rails = gpd.GeoDataFrame({"naam": ["Spoorlijn"]}, geometry=[town.railway], crs=28992)
        write_layer(folder / "spoor.gpkg", rails)
        parks = [f"Park {k + 1}" for k in range(len(town.parks))]
        write_layer(
            folder / "parken.gpkg",
            gpd.GeoDataFrame({"naam": parks}, geometry=list(town.parks), crs=28992),
        )
    write_incomes(folder / "inkomen_2024.csv", town, people)
    scores = build_liveability(people, chance[8])
    write_liveability(folder / "leefbaarheid_2024.csv", town, people, scores)
    return _write_case(folder, size)


def _write_rasters(folder: Path, rasters: dict[str, Float], size: MiniatureSize) -> None:
    """Write every raster on the cells of the case, rounded."""
    for name, drawn in rasters.items():
        values = size.canvas.written(drawn, HOW.get(name, "mean"))
        write_raster(folder / f"{name}.tif", np.round(values, DECIMALS.get(name, 2)), size)


def _write_case(folder: Path, size: MiniatureSize) -> Path:
    """Write the case file: that of Voorbeeldstad, with this cell size and a budget to scale."""
    text = files("evenground").joinpath("data", "voorbeeldstad.toml").read_text(encoding="utf-8")
    case = tomllib.loads(text)
    case["grid"]["cell_m"] = size.cell_m
    case["search"]["budget_eur"] *= size.residents / VOORBEELDSTAD.residents
    path = folder / "case.toml"
    path.write_text(tomli_w.dumps(case), encoding="utf-8")
    return path
