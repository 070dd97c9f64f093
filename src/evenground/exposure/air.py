"""Yearly mean NO2 and PM2.5 at homes, and the part of it that comes from streets.

Takes the maps of the case. The part of streets is what lies above the
background: a background map, or else the local 5th percentile (assumption).

Also the functions by which streets add to an official background. They need
emission factors that a case must bring; the baseline does not use them.

References
----------
Dutch standard method 1 (SRM1) for streets; its coefficients are recalled and must be
checked against the regulation before use.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import percentile_filter
from scipy.signal import oaconvolve

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


Float = NDArray[np.float64]

FLAT_M = 20.0
"""Distance up to which the inverse root stays as it is: the road itself, mixed by its traffic."""


def road_decay(distance_m: Float, settings: ExposureSettings) -> Float:
    r"""Return what a road adds to the air by distance, on an open scale (any shape).

    Notes
    -----
    ``exponential`` and ``inverse_root`` (assumptions); nothing beyond ``air_reach_m``:

    .. math:: K(d) = e^{-d/\lambda}, \qquad K(d) = (\max(d, 20) / 20)^{-1/2}
    """
    distance = np.asarray(distance_m, np.float64)
    if settings.air_kernel == "exponential":
        weight = np.exp(-distance / settings.air_decay_m)
    else:
        weight = (np.maximum(distance, FLAT_M) / FLAT_M) ** -0.5
    return np.where(distance <= settings.air_reach_m * (1.0 + 1e-9), weight, 0.0)


def road_increment(emission: Float, cell_m: float, settings: ExposureSettings) -> Float:
    r"""Return what all roads add to the air of each cell (y, x), linear in their emission.

    Parameters
    ----------
    emission : (y, x)
        What the roads in each cell would add at no distance, in ug m-3.

    Notes
    -----
    Nothing comes back from the edge: what blows out of the grid is gone.

    .. math:: \Delta C_i = \sum_r E_r K(d_{ir}), \qquad C_i = C^{bg}_i + \Delta C_i
    """
    reach = int(np.floor(settings.air_reach_m / cell_m + 1e-9))
    offset = np.arange(-reach, reach + 1) * float(cell_m)
    kernel = road_decay(np.hypot(offset[:, None], offset[None, :]), settings)
    # the convolution leaves rounding of either sign where nothing comes
    return np.asarray(np.maximum(oaconvolve(emission, kernel, mode="same"), 0.0))


@dataclass(frozen=True)
class StreetType:
    """Shape of a street in SRM1 (recalled, weak): how it thins out, and to which distance."""

    a: float
    b: float
    c: float
    farthest_m: float


STREET_TYPES = {
    "canyon": StreetType(3.25e-4, -2.05e-2, 0.39, 30.0),
    "narrow_canyon": StreetType(4.88e-4, -3.08e-2, 0.59, 30.0),
    "one_side": StreetType(5.00e-4, -3.16e-2, 0.57, 30.0),
    "open": StreetType(3.10e-4, -1.82e-2, 0.33, 60.0),
}
"""Buildings on both sides, close on both sides, on one side, and none."""
TREE_FACTORS = {"none": 1.0, "half": 1.25, "closed": 1.5}
"""How crowns above a street keep its air in (recalled)."""


def srm1_nox(
    emission_ug_m_s: Float | float,
    distance_m: Float | float,
    street: StreetType,
    *,
    tree_factor: float = 1.0,
    region_factor: float = 1.0,
) -> Float:
    r"""Return what a street adds to the yearly mean of NOx, in ug m-3; NaN where not valid.

    Parameters
    ----------
    emission_ug_m_s, distance_m : any shape
        Emission of the street, and distance to its axis, 3.5 to 30 m (60 m where it is open).

    Notes
    -----
    .. math:: C^{NOx} = 0.62\, E\, \theta(S)\, F_b\, F_{regio}, \quad \theta(S) = aS^2 + bS + c
    """
    s = np.asarray(distance_m, np.float64)
    theta = street.a * s**2 + street.b * s + street.c
    added = 0.62 * np.asarray(emission_ug_m_s) * theta * tree_factor * region_factor
    return np.where((s >= 3.5) & (s <= street.farthest_m), added, np.nan)


def no2_from_nox(nox_ugm3: Float | float, ozone_ugm3: Float | float, direct_share: float) -> Float:
    r"""Return what a street adds to NO2, in ug m-3: ozone turns part of the rest of NOx into it.

    Parameters
    ----------
    nox_ugm3, ozone_ugm3 : any shape
        What the street adds to NOx, and ozone in the background.
    direct_share
        f: part of NOx that leaves the exhaust as NO2, 0-1.

    Notes
    -----
    With :math:`\beta = 0.6` and :math:`K = 100` (recalled):

    .. math:: C^{NO_2} = f C^{NOx} + \frac{\beta\, C^{O_3} (1 - f) C^{NOx}}{(1 - f) C^{NOx} + K}
    """
    nox = np.asarray(nox_ugm3, np.float64)
    rest = (1.0 - direct_share) * nox
    return np.asarray(direct_share * nox + 0.6 * np.asarray(ozone_ugm3) * rest / (rest + 100.0))
