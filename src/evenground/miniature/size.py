"""How large an invented town is, and the cells on which it is drawn.

Knows nothing of what is drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.fft import irfft2, rfft2
from scipy.signal import oaconvolve

Float = NDArray[np.float64]
Index = NDArray[np.int64]
Aggregate = Literal["mean", "energy", "sum"]

LEFT_M, BOTTOM_M = 100_000, 450_000
"""South-west corner of every town: a round place in EPSG:28992."""
COARSEST_M = 10
"""Coarsest cell on which a town is drawn; coarser rasters are aggregated from finer ones,
since a row of houses and the street before it would fall into one cell."""


@dataclass(frozen=True)
class MiniatureSize:
    """How large a town is."""

    width_m: int
    height_m: int
    cell_m: int
    neighbourhoods: int
    residents: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the rasters; whole cells that cover the town."""
        return -(-self.height_m // self.cell_m), -(-self.width_m // self.cell_m)

    @property
    def top(self) -> int:
        """Northern edge of the rasters, in metres."""
        return BOTTOM_M + self.shape[0] * self.cell_m

    @property
    def canvas(self) -> "Canvas":
        """Cells on which the town is drawn."""
        parts = next(k for k in range(1, self.cell_m + 1) if self._is_drawable(k))
        rows, columns = self.shape
        return Canvas(self.cell_m // parts, (rows * parts, columns * parts), parts)

    def _is_drawable(self, parts: int) -> bool:
        return self.cell_m % parts == 0 and self.cell_m // parts <= COARSEST_M


VOORBEELDSTAD = MiniatureSize(6000, 5000, 10, 80, 90_000)
"""The town that comes with evenground."""


@dataclass(frozen=True)
class Canvas:
    """Square cells over the whole map, town and open country."""

    cell_m: int
    shape: tuple[int, int]
    parts: int
    """Cells along one side of a cell of the written rasters."""

    @property
    def box(self) -> shapely.Polygon:
        """Outline of the map."""
        rows, columns = self.shape
        right, top = LEFT_M + columns * self.cell_m, BOTTOM_M + rows * self.cell_m
        return shapely.box(LEFT_M, BOTTOM_M, right, top)

    def burn(
        self, shapes: Sequence[shapely.Geometry], values: Sequence[int] | None = None
    ) -> NDArray[np.int32]:
        """Return shapes on the cells (y, x): one, or their own value; zero elsewhere."""
        if not len(shapes):
            return np.zeros(self.shape, np.int32)
        pairs = zip(shapes, [1] * len(shapes) if values is None else values, strict=True)
        top = BOTTOM_M + self.shape[0] * self.cell_m
        transform = Affine(self.cell_m, 0.0, LEFT_M, 0.0, -self.cell_m, top)
        return np.asarray(rasterize(pairs, self.shape, transform=transform, dtype="int32"))

    def add(self, x: Float, y: Float, amount: Float) -> Float:
        """Return the sum of amounts at points (y, x); points outside the map are left out."""
        row = self.shape[0] - 1 - np.floor((y - BOTTOM_M) / self.cell_m).astype(np.int64)
        column = np.floor((x - LEFT_M) / self.cell_m).astype(np.int64)
        inside = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        flat = row[inside] * self.shape[1] + column[inside]
        total = np.bincount(flat, amount[inside], self.shape[0] * self.shape[1])
        return np.asarray(total.reshape(self.shape), np.float64)

    def spread(self, values: Float, reach_m: float, decay: Callable[[Float], Float]) -> Float:
        """Return what cells do to the cells around them (y, x); nothing comes from off the map."""
        return np.asarray(oaconvolve(values, self._disc(reach_m, decay), mode="same"))

    def window_mean(self, values: Float, radius_m: float, beyond: float) -> Float:
        """Return the mean within a radius (y, x), where every cell off the map has one value."""
        disc = self._disc(radius_m, np.ones_like)
        above = oaconvolve(values - beyond, disc / disc.sum(), mode="same")
        return np.asarray(beyond + above)

    def _disc(self, reach_m: float, decay: Callable[[Float], Float]) -> Float:
        """Effect of a cell on the cells around it."""
        n = int(reach_m / self.cell_m)
        offset = np.arange(-n, n + 1) * float(self.cell_m)
        distance = np.hypot(offset[:, None], offset[None, :])
        return np.where(distance <= reach_m, decay(distance), 0.0)

    def chance(self, reach_m: float, rng: np.random.Generator) -> Float:
        """Return a smooth random field (y, x) with mean zero and spread one."""
        # By Fourier transform: a wide Gaussian filter would be the slowest step of all.
        rows, columns = self.shape
        # On a small map a wider swing would be no swing at all.
        reach_m = min(reach_m, 0.2 * self.cell_m * min(rows, columns))
        down = np.fft.fftfreq(rows, self.cell_m)[:, None]
        along = np.fft.rfftfreq(columns, self.cell_m)[None, :]
        damp = np.exp(-2.0 * (np.pi * reach_m) ** 2 * (down**2 + along**2))
        damp[0, 0] = 0.0
        field = irfft2(rfft2(rng.normal(size=self.shape)) * damp, self.shape)
        return np.asarray(field / max(float(field.std()), 1e-12))

    def written(self, values: Float, how: Aggregate) -> Float:
        """Return values on the cells of the written rasters (y, x)."""
        rows, columns = (n // self.parts for n in self.shape)
        blocks = values.reshape(rows, self.parts, columns, self.parts)
        if how == "sum":
            return np.asarray(blocks.sum(axis=(1, 3)))
        if how == "mean" or self.parts == 1:
            return np.asarray(blocks.mean(axis=(1, 3)))
        return np.asarray(10.0 * np.log10((10.0 ** (blocks / 10.0)).mean(axis=(1, 3))))
