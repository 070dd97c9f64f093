"""Tables with shapes as plain tables and well-known binary, and back.

For whoever keeps them where no GIS format serves; the shapes keep every digit.
"""

from itertools import pairwise
from typing import Any, TypeGuard

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def is_frame(value: object) -> "TypeGuard[gpd.GeoDataFrame]":
    """Say whether a value is a table with shapes."""
    return isinstance(value, gpd.GeoDataFrame)


def frame_to_wkb(frame: "gpd.GeoDataFrame") -> tuple[pd.DataFrame, tuple[Bytes, Any], str]:
    """Return the table without its shapes; their binary, one after another, with ends; the CRS."""
    binary = [b"" if shape is None else shapely.to_wkb(shape) for shape in frame.geometry]
    ends = np.cumsum([0, *map(len, binary)], dtype=np.int64)
    joined = np.frombuffer(b"".join(binary), np.uint8)
    crs = "" if frame.crs is None else frame.crs.to_wkt()
    place = [str(name) for name in frame.columns].index(str(frame.geometry.name))
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    plain.attrs = {}
    return plain, (joined, (ends, place, str(frame.geometry.name))), crs


def frame_from_wkb(plain: pd.DataFrame, shapes: tuple[Bytes, Any], crs: str) -> "gpd.GeoDataFrame":
    """Return the table with shapes that was taken apart by :func:`frame_to_wkb`."""
    joined, (ends, place, name) = shapes
    whole = joined.tobytes()
    binary = [whole[a:b] or None for a, b in pairwise(ends)]
    geometry = gpd.GeoSeries(shapely.from_wkb(binary), index=plain.index, crs=crs or None)
    table = plain.copy()
    table.insert(place, name, geometry)
    return gpd.GeoDataFrame(table, geometry=name)
