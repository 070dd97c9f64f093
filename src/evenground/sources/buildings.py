"""Buildings of a case: their outlines and how many storeys they have.

Knows nothing of who lives in them.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from evenground.config import BuildingSettings
from evenground.errors import DataError, Fault, few
from evenground.sources.columns import nearest
from evenground.sources.vectors import (
    POLYGONS,
    read_shapes,
)

STOREYS = "storeys"
HIGHEST = 200.0
"""Most storeys that make sense."""


def read_buildings(path: Path, settings: BuildingSettings) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return polygons with ``storeys``, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    frame, labels, faults, remarks = read_shapes(path, settings, POLYGONS, "polygons")
    place = f"{settings.file}, column {settings.storeys_column}"
    if settings.storeys_column not in frame:
        near = nearest(settings.storeys_column, frame.columns.drop("geometry"))
        cure = f"Set storeys_column in [buildings]; the nearest are {near}."
        raise DataError([*faults, Fault(place, "is not there.", cure)])
    raw = frame[settings.storeys_column]
    storeys = pd.to_numeric(raw, errors="coerce").astype(float)
    bad = ~((storeys > 0.0) & (storeys <= HIGHEST)).to_numpy(bool)
    if bad.any():
        shown = few(f"{row}: {value}" for row, value in zip(labels[bad], raw[bad], strict=True))
        finding = f"is missing or impossible ({shown}), expected above 0, at most {HIGHEST:g}."
        faults.append(Fault(place, finding, "Fill in the storeys of every building."))
    if faults:
        raise DataError(faults)
    return frame[["geometry"]].assign(**{STOREYS: np.asarray(storeys)}), remarks
