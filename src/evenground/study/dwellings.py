"""Dwellings on the grid: how many homes each cell holds.

Takes points, or outlines whose dwellings spread evenly over their area.
"""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from evenground.errors import DataError, Fault
from evenground.sources.dwellings import DWELLINGS
from evenground.study.grid import Grid
from evenground.study.overlap import cells_of_shapes, sum_by_cell
from evenground.study.trees import cells_of_points

Float32 = NDArray[np.float32]


def lay_dwellings(dwellings: gpd.GeoDataFrame, grid: Grid) -> Float32:
    """Return the number of dwellings of each cell (y, x).

    Raises
    ------
    DataError
        If none lies on the grid.
    """
    shapes, number = dwellings.geometry.to_numpy(), dwellings[DWELLINGS].to_numpy(float)
    area = shapely.area(shapes)
    is_point = area == 0.0
    # several points of one feature share its dwellings
    points, of = shapely.get_parts(shapes[is_point], return_index=True)
    each = (number[is_point] / np.maximum(shapely.get_num_geometries(shapes[is_point]), 1))[of]
    cell, inside = cells_of_points(points, grid)
    homes = sum_by_cell(each[inside], cell, grid)
    outline = np.flatnonzero(~is_point)
    part = cells_of_shapes(shapes[outline], grid)
    of_cell = part.share * grid.cell_m**2 / area[outline][part.neighbourhood]
    homes += sum_by_cell(number[outline][part.neighbourhood] * of_cell, part.cell, grid)
    if homes.sum() <= 0.0:
        finding = "no dwelling lies within the grid of the neighbourhoods."
        raise DataError([Fault("dwellings", finding, "Check that it is of this city.")])
    return homes.astype(np.float32)
