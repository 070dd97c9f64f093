"""Places to play and meet, as points or as polygons such as parks.

Gives every feature its number of places. Knows nothing of who reaches them.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from evenground.config import FacilitySettings
from evenground.errors import DataError
from evenground.sources.vectors import (
    POINTS,
    POLYGONS,
    read_shapes,
)


def read_facilities(path: Path, settings: FacilitySettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return places, with ``places`` counted by point or by area, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    kinds = (*POINTS, *POLYGONS)
    frame, _, faults, remarks = read_shapes(path, settings, kinds, "points or polygons")
    if faults:
        raise DataError(faults)
    shapes = frame.geometry.to_numpy()
    is_point = np.isin(shapely.get_type_id(shapes), POINTS)
    by_area = shapely.area(shapes) / settings.m2_per_place
    places = np.where(is_point, shapely.get_num_geometries(shapes), by_area).astype(float)
    return frame[["geometry"]].assign(places=places), remarks
