"""Places in an invented town to which people go: to play, and to school.

Takes the town and its people; few places to play where incomes are low.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from evenground.miniature.size import Float
from evenground.miniature.town import Town

CHILDREN_PER_SCHOOL = 420.0
PATRONS = ("De Regenboog", "De Vlieger", "De Ark", "Het Kompas", "De Springplank", "De Wissel",
           "De Horizon", "De Klimop", "De Zonnebloem", "Het Palet", "De Brug", "De Molen",
           "De Sleutel", "Het Anker", "De Wegwijzer", "De Toermalijn")  # fmt: skip


def build_play(town: Town, people: pd.DataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Lay places to play, as points with soort."""
    per_1000 = np.clip(1.6 - 0.02 * people["low_income"].to_numpy(float), 0.2, 2.0)
    count = rng.poisson(per_1000 * people["residents"].to_numpy(float) / 1000.0)
    spots = _spots(town, count, rng)
    if len(spots) == 0:
        spots = shapely.get_coordinates(town.neighbourhoods[0].point_on_surface())
    kinds = ["speelplek"] * len(spots)
    return gpd.GeoDataFrame({"soort": kinds}, geometry=shapely.points(spots), crs=28992)


def build_schools(town: Town, people: pd.DataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Lay primary schools, as points with naam, soort and leerlingen."""
    children = people["residents"].to_numpy(float) * people["age_0"].to_numpy(float) / 100.0
    # Two thirds of those below 15 are of primary school age. Parts are carried over to the next
    # neighbourhood, so that the town as a whole has the schools it needs.
    schools = np.floor(np.cumsum(children * 8.0 / 15.0) / CHILDREN_PER_SCHOOL + 0.5)
    count = np.diff(schools, prepend=0.0).astype(int)
    if count.sum() == 0:
        count[int(np.argmax(children))] = 1
    spots = _spots(town, count, rng)
    names = [
        PATRONS[k % len(PATRONS)] + (f" {k // len(PATRONS) + 1}" if k >= len(PATRONS) else "")
        for k in range(len(spots))
    ]
    pupils = rng.integers(18, 60, len(spots)) * 10
    table = {"naam": names, "soort": "basisschool", "leerlingen": pupils}
    return gpd.GeoDataFrame(table, geometry=shapely.points(spots), crs=28992)


def _spots(town: Town, count: Float, rng: np.random.Generator) -> Float:
    """Random points in each neighbourhood, (place, 2), as many as wanted."""
    spots = [np.zeros((0, 2))]
    for outline, wanted in zip(town.neighbourhoods, count.tolist(), strict=True):
        if wanted == 0:
            continue
        left, bottom, right, top = outline.bounds
        tries = rng.uniform((left, bottom), (right, top), (40 * wanted, 2))
        spots.append(tries[shapely.contains_xy(outline, tries)][:wanted])
    return np.vstack(spots)
