"""Cooling by shade, albedo, evapotranspiration and parks, as InVEST Urban Cooling has it.

For comparison with studies abroad: functions on grids, not a layer that becomes
burden. Windows are renormalised at the edge of the grid, as in InVEST, so that a
city that is alike everywhere is so at its edge too.

References
----------
Natural Capital Project. InVEST user guide, urban cooling; edges as in its code, which also
normalises the exponential kernel to one, unlike the printed formula.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

Float = NDArray[np.float64]

WEIGHTS = (0.6, 0.2, 0.2)
"""Of shade, albedo and evapotranspiration in the cooling capacity."""
LEAST_PARK_M2 = 20_000.0
"""Green within reach below which it is no park: 2 ha."""
COOLING_M = 450.0
"""Distance over which a park cools, as the guide recommends."""
MIXING_M = 500.0
"""Radius over which air mixes (500-600 m)."""
KERNEL_REACH = 5.0
"""Length of the exponential kernel, in cooling distances."""


def evapotranspiration_index(
    crop: Float | float, reference_mm: Float | float, highest_mm: float
) -> Float:
    r"""Return how much of the highest evapotranspiration of the area a cell has, 0-1.

    Parameters
    ----------
    crop, reference_mm : any shape
        Crop coefficient, and reference evapotranspiration.

    Notes
    -----
    .. math:: ETI = K_c\, ET_0 / ET_{max}
    """
    return np.asarray(np.asarray(crop) * np.asarray(reference_mm) / highest_mm)


def cooling_capacity(
    shade: Float | float, albedo: Float | float, evapotranspiration: Float | float
) -> Float:
    r"""Return the cooling capacity by day, 0-1.

    Parameters
    ----------
    shade, albedo, evapotranspiration : any shape
        Share below trees, reflected share of the sunlight, and the index above; all 0-1.

    Notes
    -----
    .. math:: CC = 0.6\, shade + 0.2\, albedo + 0.2\, ETI
    """
    parts = (shade, albedo, evapotranspiration)
    total = sum(w * np.asarray(part) for w, part in zip(WEIGHTS, parts, strict=True))
    return np.asarray(total)


def night_cooling_capacity(building_intensity: Float | float) -> Float:
    r"""Return the cooling capacity by night, 0-1.

    Parameters
    ----------
    building_intensity : any shape
        Floor area over ground area, scaled to 0-1.

    Notes
    -----
    .. math:: CC = 1 - \text{building intensity}
    """
    return np.asarray(1.0 - np.asarray(building_intensity))


def green_area_m2(is_green: NDArray[np.bool_], cell_m: float, reach_m: float = COOLING_M) -> Float:
    r"""Return the green within reach of each cell (y, x), in m2; nothing lies beyond the edge.

    Notes
    -----
    .. math:: GA_i = a \sum_{j: d_{ij} \le d_{cool}} g_j
    """
    near = (_distance(cell_m, reach_m) <= reach_m * (1.0 + 1e-9)).astype(np.float64)
    count = np.rint(oaconvolve(is_green.astype(np.float64), near, mode="same"))
    return np.asarray(count * cell_m**2)


def park_capacity(
    capacity: Float, is_green: NDArray[np.bool_], cell_m: float, cooling_m: float = COOLING_M
) -> Float:
    r"""Return the cooling capacity that parks lend to each cell (y, x), 0-1.

    Notes
    -----
    With weights that sum to one over the cells of the grid:

    .. math:: CC^{park}_i = \frac{\sum_j g_j CC_j e^{-d_{ij}/d_{cool}}}{\sum_j e^{-d_{ij}/d_{cool}}}
    """
    distance = _distance(cell_m, KERNEL_REACH * cooling_m)
    kernel = np.where(distance <= KERNEL_REACH * cooling_m, np.exp(-distance / cooling_m), 0.0)
    return _smooth(np.where(is_green, capacity, 0.0), kernel)


def heat_mitigation(capacity: Float, park: Float, green_m2: Float) -> Float:
    r"""Return the heat mitigation index of each cell, 0-1.

    Parameters
    ----------
    capacity, park, green_m2 : any shape, all alike
        Cooling capacity of the cell itself and of parks, and green within reach.

    Notes
    -----
    .. math:: HM_i = \begin{cases} CC_i & CC_i \ge CC^{park}_i \text{ or } GA_i < 2\,\mathrm{ha} \\
        CC^{park}_i & \text{else} \end{cases}
    """
    return np.where((capacity >= park) | (green_m2 < LEAST_PARK_M2), capacity, park)


def air_temperature(
    mitigation: Float,
    cell_m: float,
    *,
    rural_degc: float,
    heat_island_degc: float,
    mixing_m: float = MIXING_M,
) -> Float:
    r"""Return the air temperature of each cell (y, x) after mixing, in degC.

    Parameters
    ----------
    mitigation : (y, x)
        Heat mitigation index, 0-1.
    rural_degc, heat_island_degc
        Temperature outside the city, and the highest heat island within it.

    Notes
    -----
    Then a Gaussian window with ``mixing_m`` as its standard deviation, out to three of them:

    .. math:: T_i = T_{ref} + (1 - HM_i)\, UHI_{max}
    """
    unmixed = rural_degc + (1.0 - mitigation) * heat_island_degc
    kernel = np.exp(-0.5 * (_distance(cell_m, 3.0 * mixing_m) / mixing_m) ** 2)
    return _smooth(unmixed, kernel)


def _distance(cell_m: float, reach_m: float) -> Float:
    """Distance of the cells around one (dy, dx), in metres."""
    reach = int(np.floor(reach_m / cell_m + 1e-9))
    offset = np.arange(-reach, reach + 1) * cell_m
    return np.asarray(np.hypot(offset[:, None], offset[None, :]))


def _smooth(values: Float, kernel: Float) -> Float:
    """Weighted mean around each cell (y, x), of the cells that lie inside the grid."""
    total = oaconvolve(values, kernel, mode="same")
    return np.asarray(total / oaconvolve(np.ones(values.shape), kernel, mode="same"))
