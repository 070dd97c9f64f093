"""From places to columns: where the sources of each lie, and how they are felt around them.

A column acts evenly from a site, from its middle, or from the cells of its
streets. Knows nothing of options or of what a step of them costs.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from evenground.config import ExposureSettings
from evenground.exposure import Baseline, access
from evenground.interventions.blocks import Columns
from evenground.interventions.sites import site_shape
from evenground.interventions.traffic import street_column
from evenground.study import StudyArea

Float = NDArray[np.float64]
Long = NDArray[np.int64]

NEAREST_SOURCE_M = 7.5
"""A street is never nearer than this to a facade."""


def line_decay(distance_m: Float, absorption_db_m: float) -> Float:
    r"""Return the noise energy of a piece of street by distance, on an open scale.

    Notes
    -----
    .. math:: K(d) = 10^{-a d / 10} / \max(d, 7.5)
    """
    absorbed = 10.0 ** (-0.1 * absorption_db_m * distance_m)
    return np.asarray(absorbed / np.maximum(distance_m, NEAREST_SOURCE_M))


def even_columns(
    study: StudyArea, places: Long, cell: Float, anchor: int, reach_cells: float
) -> Columns:
    """Columns that act evenly from every cell of a site."""
    side = study.site_m // study.grid.cell_m
    whole = oaconvolve(cell, np.ones((side, side)), mode="full") / side**2
    around = np.where(whole > 1e-9 * whole.max(), whole, 0.0)
    return site_columns(study, places, around, anchor, reach_cells)


def access_columns(
    study: StudyArea, places: Long, settings: ExposureSettings, reach_m: float
) -> Columns:
    """Columns that act from the middle of a site, which may lie between cells."""
    cell_m, side = study.grid.cell_m, study.site_m // study.grid.cell_m
    reach = reach_m / cell_m
    anchor = int(np.ceil(reach))
    offset = np.arange(-anchor, anchor + side) - (side - 1) / 2.0
    distance = np.hypot(offset[:, None], offset[None, :]) * cell_m
    around = access.decay(distance, reach_m, settings.access_kernel)
    return site_columns(study, places, around, anchor, reach + 0.5)


def site_columns(
    study: StudyArea, places: Long, around: Float, anchor: int, reach_cells: float
) -> Columns:
    """Columns of one source each, the first cell of the site, with the stencil of a whole site."""
    side = study.site_m // study.grid.cell_m
    row, col = np.divmod(places, site_shape(study)[1])
    return Columns(
        place=places,
        n_class=1,
        source_start=np.arange(places.size + 1, dtype=np.int64),
        row=(row * side).astype(np.int32),
        col=(col * side).astype(np.int32),
        strength=np.ones(places.size, np.float32),
        stencil=around.astype(np.float32),
        anchor=anchor,
        reach_cells=reach_cells,
    )


def street_columns(
    study: StudyArea, places: Long, strength: Float, effect: tuple[Float, int, float]
) -> Columns:
    """Columns that act from the cells of their streets."""
    n_y, n_x = site_shape(study)
    place = street_column(study, study.streets)
    cell = street_cell(study)
    keep = np.flatnonzero(np.isin(place, places))
    n_cell = study.grid.shape[0] * study.grid.shape[1]
    key, index = np.unique(place[keep] * n_cell + cell[keep], return_inverse=True)
    summed = np.bincount(index, strength[keep], key.size)
    row, col = np.divmod(key % n_cell, study.grid.shape[1])
    start = np.searchsorted(key, np.append(places, 2 * n_y * n_x) * n_cell)
    return Columns(
        place=places,
        n_class=2,
        source_start=start.astype(np.int64),
        row=row.astype(np.int32),
        col=col.astype(np.int32),
        strength=summed.astype(np.float32),
        stencil=effect[0].astype(np.float32),
        anchor=effect[1],
        reach_cells=effect[2],
    )


def street_cell(study: StudyArea) -> Long:
    """Cell in which the middle of each piece of street lies; held at the edge of the grid."""
    grid = study.grid
    row = np.floor((grid.top - study.streets.y) / grid.cell_m).astype(np.int64)
    col = np.floor((study.streets.x - grid.left) / grid.cell_m).astype(np.int64)
    row = np.clip(row, 0, grid.shape[0] - 1)
    return row * grid.shape[1] + np.clip(col, 0, grid.shape[1] - 1)


def street_total(study: StudyArea, strength: Float, cell: Float) -> Float:
    """Return what all streets together give at the receptors (receptor,)."""
    inside = street_column(study, study.streets) >= 0
    n_cell = study.grid.shape[0] * study.grid.shape[1]
    given = np.bincount(street_cell(study)[inside], strength[inside], n_cell)
    felt = oaconvolve(given.reshape(study.grid.shape), cell, mode="same")
    return np.asarray(felt[study.receptors.row, study.receptors.col], np.float64)


def street_part(baseline: Baseline, layer: str, study: StudyArea) -> Float:
    """Return what streets add to the air at the receptors (receptor,)."""
    part = baseline.street_part[layer]
    return np.asarray(part[study.receptors.row, study.receptors.col], np.float64)
