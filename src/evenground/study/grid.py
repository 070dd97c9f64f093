"""The grid of all computing, as a value, and how rasters are laid on it.

Knows nothing of neighbourhoods or people. A raster is laid on the grid only
by whole cells: repeated where it is coarser, aggregated where it is finer.
Nothing is interpolated, so a coarse raster stays visibly coarse.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from affine import Affine
from numpy.typing import NDArray

from evenground.errors import DataError, Fault
from evenground.names import X, Y


@dataclass(frozen=True)
class Grid:
    """Square cells in EPSG:28992, with edges on multiples of the cell size."""

    cell_m: int
    left: int
    top: int
    shape: tuple[int, int]

    CRS = "EPSG:28992"

    def __str__(self) -> str:
        n_y, n_x = self.shape
        return f"{n_y} x {n_x} cells of {self.cell_m} m from ({self.left}, {self.top})"

    @property
    def transform(self) -> Affine:
        """From column and row to the corner of a cell, in metres."""
        return Affine(self.cell_m, 0.0, self.left, 0.0, -self.cell_m, self.top)

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Left, bottom, right and top, in metres."""
        n_y, n_x = self.shape
        return (
            self.left,
            self.top - n_y * self.cell_m,
            self.left + n_x * self.cell_m,
            self.top,
        )

    @property
    def x(self) -> NDArray[np.float64]:
        """Centres of the columns, west to east, in metres."""
        return np.asarray(
            self.left + (np.arange(self.shape[1], dtype=np.float64) + 0.5) * self.cell_m, np.float64
        )

    @property
    def y(self) -> NDArray[np.float64]:
        """Centres of the rows, north to south, in metres."""
        return np.asarray(
            self.top - (np.arange(self.shape[0], dtype=np.float64) + 0.5) * self.cell_m, np.float64
        )

    def array(self, values: NDArray[np.generic], name: str, units: str) -> xr.DataArray:
        """Label values (y, x) with this grid's coordinates, a name and a unit."""
        coords = {Y: self.y, X: self.x}
        return xr.DataArray(values, coords, (Y, X), name, {"units": units})


def build_grid(bounds: tuple[float, float, float, float], cell_m: int, site_m: int) -> Grid:
    """Make the smallest grid of whole sites that covers bounds (left, bottom, right, top)."""
    left, bottom, right, top = bounds
    west, south = (int(np.floor(edge / site_m)) * site_m for edge in (left, bottom))
    east, north = (int(np.ceil(edge / site_m)) * site_m for edge in (right, top))
    return Grid(cell_m, west, north, ((north - south) // cell_m, (east - west) // cell_m))


def align(raster: xr.DataArray, grid: Grid, how: str) -> NDArray[np.float32]:
    """Lay a raster on the grid by whole cells; outside the raster is missing.

    Parameters
    ----------
    raster : (y, x)
        With ``attrs`` cell_m, left and top, as the sources stage gives it.
    how
        What finer cells become: their ``mean``, their ``energy`` mean (decibels)
        or their ``sum`` (counts).

    Raises
    ------
    DataError
        If the cell sizes are no multiples of one another, or the edges do not fall together.
    """
    cell_m = float(raster.attrs["cell_m"])
    left, top = float(raster.attrs["left"]), float(raster.attrs["top"])
    small, large = min(cell_m, grid.cell_m), max(cell_m, grid.cell_m)
    if large % small or (left - grid.left) % small or (grid.top - top) % small:
        fault = Fault(
            str(raster.name),
            f"its cells of {cell_m:g} m from ({left:g}, {top:g}) do not fall on {grid}.",
            "Warp it to this grid before use; evenground does not resample.",
        )
        raise DataError([fault])
    values = np.asarray(raster.values, np.float32)
    if cell_m > grid.cell_m:
        factor = round(cell_m / grid.cell_m)
        values = values.repeat(factor, 0).repeat(factor, 1)
        return _place(values, (left, top), grid.cell_m, grid)
    fine = Grid(
        int(cell_m),
        grid.left,
        grid.top,
        (grid.shape[0] * grid.cell_m // int(cell_m), grid.shape[1] * grid.cell_m // int(cell_m)),
    )
    placed = _place(values, (left, top), cell_m, fine)
    return placed if cell_m == grid.cell_m else _aggregate(placed, round(large / small), how)


def _place(
    values: NDArray[np.float32], corner: tuple[float, float], cell_m: float, grid: Grid
) -> NDArray[np.float32]:
    """Copy values into an empty grid of the same cell size, cropping what falls outside."""
    out = np.full(grid.shape, np.nan, np.float32)
    row = round((grid.top - corner[1]) / cell_m)
    col = round((corner[0] - grid.left) / cell_m)
    source = [slice(max(0, -at), None) for at in (row, col)]
    cut = values[source[0], source[1]]
    row, col = max(0, row), max(0, col)
    height, width = max(0, out.shape[0] - row), max(0, out.shape[1] - col)
    cut = cut[:height, :width]
    out[row : row + cut.shape[0], col : col + cut.shape[1]] = cut
    return out


def _aggregate(values: NDArray[np.float32], factor: int, how: str) -> NDArray[np.float32]:
    """Bring blocks of factor x factor cells to one; a block needs half of its cells."""
    n_y, n_x = values.shape
    blocks = values.reshape(n_y // factor, factor, n_x // factor, factor).astype(np.float64)
    if how == "energy":
        blocks = 10.0 ** (blocks / 10.0)
    known = np.isfinite(blocks)
    count = known.sum(axis=(1, 3))
    total = np.where(known, blocks, 0.0).sum(axis=(1, 3))
    if how != "sum":
        total = total / np.maximum(count, 1)
    if how == "energy":
        with np.errstate(divide="ignore"):
            total = 10.0 * np.log10(total)
    return np.where(2 * count >= factor**2, total, np.nan).astype(np.float32)
