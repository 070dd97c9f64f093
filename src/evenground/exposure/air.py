"""Yearly mean NO2 and PM2.5 at homes, and the part of it that comes from streets.

Takes the maps of the case. The part of streets is what lies above the
background: a background map, or else the local 5th percentile (assumption).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import percentile_filter

from evenground.config import ExposureSettings
from evenground.names import NO2, PM25
from evenground.sources import Sources
from evenground.study import Grid, StudyArea, align


def no2(study: StudyArea, sources: Sources, settings: ExposureSettings) -> NDArray[np.float32]:  # noqa: ARG001 - every layer has the same face
    """Return yearly mean NO2 of each cell (y, x), in ug m-3."""
    return align(sources.rasters[NO2], study.grid, "mean")


def pm25(study: StudyArea, sources: Sources, settings: ExposureSettings) -> NDArray[np.float32]:  # noqa: ARG001 - every layer has the same face
    """Return yearly mean PM2.5 of each cell (y, x), in ug m-3."""
    return align(sources.rasters[PM25], study.grid, "mean")


def street_part(
    name: str,
    total: NDArray[np.float32],
    study: StudyArea,
    sources: Sources,
    settings: ExposureSettings,
) -> NDArray[np.float32]:
    """Return what streets add to the background in each cell (y, x), in ug m-3.

    Zero where the total or the background is unknown: no plan may claim a gain there.
    """
    background = f"{name}_background"
    if background in sources.rasters:
        below = align(sources.rasters[background], study.grid, "mean")
    else:
        below = _local_low(total, study.grid, settings.background_window_m)
    return np.asarray(np.nan_to_num(np.maximum(total - below, 0.0)), np.float32)


LOW_CELL_M = 100
"""Cell on which the local 5th percentile is taken: air maps hold no finer pattern than that."""


def _local_low(total: NDArray[np.float32], grid: Grid, radius_m: float) -> NDArray[np.float32]:
    """5th percentile within a radius, on coarse cells."""
    step = max(1, LOW_CELL_M // grid.cell_m)
    coarse = total[step // 2 :: step, step // 2 :: step]
    filled = np.where(np.isfinite(coarse), coarse, np.nanmax(coarse))
    reach = int(radius_m / (step * grid.cell_m))
    offset = np.arange(-reach, reach + 1)
    disc = offset[:, None] ** 2 + offset[None, :] ** 2 <= reach**2
    low = percentile_filter(filled, 5, footprint=disc, mode="nearest")
    # repeated, not zoomed: zoom lets the corners fall together and shifts the cells between them
    fine = low.repeat(step, 0).repeat(step, 1)[: grid.shape[0], : grid.shape[1]]
    pad = [(0, size - have) for size, have in zip(grid.shape, fine.shape, strict=True)]
    return np.pad(fine, pad, mode="edge").astype(np.float32)
