"""Roofs and facades of the study area: ground on which green may grow above the street.

Takes the outlines of a case. A building counts where its middle lies.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from evenground.sources.buildings import STOREY_M

Float = NDArray[np.float64]

STREET_SIDE = 0.25
"""Part of the walls of a building that stands along a street: one of four sides (assumption)."""


@dataclass(frozen=True)
class Buildings:
    """Buildings by their middle, all arrays (building,)."""

    x: Float
    y: Float
    roof_m2: Float
    """Area of the outline."""
    facade_m2: Float
    """Facade along a street."""


def no_buildings() -> Buildings:
    """Make the product for a case without a map of buildings."""
    none = np.zeros(0)
    return Buildings(none, none, none, none)


def build_buildings(outlines: gpd.GeoDataFrame | None) -> Buildings:
    """Measure roofs and facades of outlines with ``storeys``."""
    if outlines is None:
        return no_buildings()
    shapes = outlines.geometry.to_numpy()
    middle = shapely.centroid(shapes)
    height = STOREY_M * outlines["storeys"].to_numpy(float)
    return Buildings(
        x=shapely.get_x(middle),
        y=shapely.get_y(middle),
        roof_m2=shapely.area(shapes),
        facade_m2=STREET_SIDE * shapely.length(shapes) * height,
    )
