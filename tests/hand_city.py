"""A city of 3 x 4 cells, small enough to be worked out with a calculator.

Written as the files that a municipality would bring. Cells and sites are both
100 m; people live in five cells, and every exposure falls on a round number.

    neighbourhoods    residents             A: lowest SES, half 45-65, half 65 or older
    A A B B           150   0   0 400       B: middle SES, all 45-65
    A A B B             0   0 200   0       C: highest SES, half 0-15, half 45-65
    A A C C             0  50 200   0

A main street runs west to east through the middle of the second row, a local
street north to south through the cell in the lower left; a place to play lies
in the middle of that cell.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import tomli_w
from rasterio.transform import from_origin
from shapely.geometry import LineString, Point, box

LEFT, TOP, CELL = 120_000, 480_300, 100
SHAPE = (3, 4)

Layers = dict[str, tuple[str, list[list[float]]]]

LAYERS: Layers = {
    "weight": ("1", [[3, 0, 0, 2], [0, 0, 1, 0], [0, 1, 1, 0]]),
    "heat": ("degC", [[2, 1, 1, 1], [1, 1, 0, 1], [1, 1, 1, 1]]),
    "noise": ("dB", [[65, 50, 50, 55], [50, 50, 45, 50], [50, 55, 45, 50]]),
    "no2": ("ug m-3", [[30, 20, 20, 20], [20, 20, 10, 20], [20, 20, 20, 20]]),
    "no2_background": ("ug m-3", [[10, 10, 10, 10], [10, 10, 10, 10], [10, 10, 10, 10]]),
    "pm25": ("ug m-3", [[25, 15, 15, 15], [15, 15, 5, 15], [15, 15, 5, 15]]),
    "pm25_background": ("ug m-3", [[5, 5, 5, 5], [5, 5, 5, 5], [5, 5, 5, 5]]),
    "green": ("1", [[0.5, 0.5, 0.5, 0.5], [0.2, 0.2, 0.2, 0.2], [0.2, 0.2, 0.2, 0.2]]),
    "water": ("1", [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0.1]]),
    "paved_public": ("1", [[0.3, 0.3, 0.3, 0.3], [0.8, 0.8, 0.8, 0.8], [0.8, 0.012, 0.8, 0.7025]]),
    "paved_private": ("1", [[0.2, 0.2, 0.2, 0.2], [0, 0, 0, 0], [0, 0, 0, 0]]),
}
"""Unit and values of each GeoTIFF, north to south and west to east."""

NEIGHBOURHOODS = {
    "buurtcode": ["BU99990000", "BU99990001", "BU99990002"],
    "buurtnaam": ["A", "B", "C"],
    "aantal_inwoners": [200, 600, 200],
    "percentage_personen_0_tot_15_jaar": [0, 0, 50],
    "percentage_personen_15_tot_25_jaar": [0, 0, 0],
    "percentage_personen_25_tot_45_jaar": [0, 0, 0],
    "percentage_personen_45_tot_65_jaar": [50, 100, 50],
    "percentage_personen_65_jaar_en_ouder": [50, 0, 0],
    "percentage_huishoudens_met_laagste_inkomen": [60.0, 40.0, 20.0],
    "SES_WOA_totaalscore": [-0.5, 0.0, 0.5],
}
OUTLINES = (
    box(LEFT, TOP - 300, LEFT + 200, TOP),
    box(LEFT + 200, TOP - 200, LEFT + 400, TOP),
    box(LEFT + 200, TOP - 300, LEFT + 400, TOP - 200),
)
STREETS = {
    "speed_kmh": [50.0, 30.0],
    "flow_veh_day": [8000.0, 1000.0],
    "surface": ["dab", "dab"],
}
LINES = (
    LineString([(LEFT, TOP - 150), (LEFT + 400, TOP - 150)]),
    LineString([(LEFT + 50, TOP - 300), (LEFT + 50, TOP - 200)]),
)
PLACE = Point(LEFT + 50, TOP - 250)


def write_city(folder: Path, layers: Layers = LAYERS) -> Path:
    """Write the files of the city, or of one with other maps, and return its case file."""
    rd = "EPSG:28992"
    buurten = gpd.GeoDataFrame(NEIGHBOURHOODS, geometry=list(OUTLINES), crs=rd)
    streets = gpd.GeoDataFrame(STREETS, geometry=list(LINES), crs=rd)
    places = gpd.GeoDataFrame({"soort": ["speelplek"]}, geometry=[PLACE], crs=rd)
    pyogrio.write_dataframe(buurten, folder / "buurten.gpkg", layer="buurten")
    pyogrio.write_dataframe(streets, folder / "straten.gpkg", layer="straten")
    pyogrio.write_dataframe(places, folder / "speelplekken.gpkg", layer="speelplekken")
    for name, (_, values) in layers.items():
        write_raster(folder / f"{name}.tif", np.array(values, np.float32))
    path = folder / "case.toml"
    path.write_text(tomli_w.dumps(case(layers)), encoding="utf-8")
    return path


def write_raster(path: Path, values: np.ndarray) -> None:
    """Write a GeoTIFF on the cells of the city."""
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:28992",
        "transform": from_origin(LEFT, TOP, CELL, CELL),
        "nodata": -9999.0,
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(values, 1)


def case(layers: Layers = LAYERS) -> dict[str, object]:
    """Return the settings of the city; all others are the defaults."""
    origin = {"year": 2024, "source": "by hand", "licence": "CC0"}
    fictional = {**origin, "quality": "fictional"}
    return {
        "case": {"id": "hand", "title": "Twaalf vakken", "fictional": True},
        "grid": {"cell_m": CELL, "site_m": CELL},
        "neighbourhoods": {"file": "buurten.gpkg", **origin},
        "layers": {
            name: {"file": f"{name}.tif", "unit": unit, **fictional}
            | ({"allow_gaps": "on purpose"} if np.isnan(values).any() else {})
            for name, (unit, values) in layers.items()
        },
        "streets": {"file": "straten.gpkg", "kind": "lines", **fictional},
        "facilities": {"file": "speelplekken.gpkg", **fictional},
        # one place within reach of 1000 people is a quarter of what they need
        "objectives": {"access_target_per_1000": 4.0},
        "search": {"seed": 1, "budget_eur": 1_000_000.0},
    }
