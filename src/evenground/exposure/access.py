"""Places to play and meet that people can reach, by two-step floating catchment.

Takes the facilities of the case. Distances, of any shape, are straight lines. Without a
file of facilities the number today is unknown and only change can be shown.

References
----------
Natural Capital Project. InVEST user guide, urban nature access.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evenground.config import AccessKernel, ExposureSettings
from evenground.sources import Sources
from evenground.study import StudyArea

Float = NDArray[np.float64]

ROUNDING = 1.0 + 1e-9
"""By which a distance may pass the reach and still lie within it."""


def dichotomous(ratio: Float) -> Float:
    r"""Return one: within reach every place counts alike.

    Parameters
    ----------
    ratio : any shape
        Distance as part of the reach, 0-1; the same for the other kernels.

    Notes
    -----
    .. math:: f(d) = 1
    """
    return np.ones_like(ratio)


def exponential(ratio: Float) -> Float:
    r"""Return the weight that falls to 1/e at the reach.

    Notes
    -----
    .. math:: f(d) = e^{-d/d_0}
    """
    return np.asarray(np.exp(-ratio))


def gaussian(ratio: Float) -> Float:
    r"""Return the weight that falls to nothing at the reach, slowly at first.

    Notes
    -----
    .. math:: f(d) = \frac{e^{-\frac12 (d/d_0)^2} - e^{-1/2}}{1 - e^{-1/2}}
    """
    edge = np.exp(-0.5)
    return np.asarray((np.exp(-0.5 * ratio**2) - edge) / (1.0 - edge))


def density(ratio: Float) -> Float:
    r"""Return the weight of a kernel density, three quarters at the door and nothing at the reach.

    Notes
    -----
    .. math:: f(d) = \tfrac34 \left(1 - (d/d_0)^2\right)
    """
    return np.asarray(0.75 * (1.0 - ratio**2))


KERNELS: Mapping[AccessKernel, Callable[[Float], Float]] = {
    "dichotomous": dichotomous,
    "exponential": exponential,
    "gaussian": gaussian,
    "density": density,
}
"""How the worth of a place falls with distance, by the name in the settings."""


def decay(distance_m: NDArray[np.floating], reach_m: float, kernel: AccessKernel) -> Float:
    """Return the weight of a place at a distance (any shape); nothing beyond the reach."""
    ratio = np.asarray(distance_m, np.float64) / reach_m
    weight = np.maximum(KERNELS[kernel](np.minimum(ratio, 1.0)), 0.0)
    return np.where(ratio <= ROUNDING, weight, 0.0)


def catchment(
    place: Float, supply: Float, home: Float, residents: Float, settings: ExposureSettings
) -> Float:
    r"""Return places per thousand residents within reach of each home (home,).

    Parameters
    ----------
    place, home : (place, 2) and (home, 2)
        Where they lie, in metres.
    supply, residents : (place,) and (home,)
        Places at each, and persons. A place without one person in reach serves nobody.

    Notes
    -----
    Every place is shared out whole, also at the edge of the city: the sum of
    :math:`P_i A_i` is that of :math:`S_j`.

    .. math:: R_j = \frac{S_j}{\sum_k P_k f(d_{kj})}, \qquad A_i = \sum_j R_j f(d_{ij})
    """
    near = cKDTree(home).query_ball_point(place, settings.access_reach_m * ROUNDING)
    reached = np.zeros(len(home))
    for j, index in enumerate(near):
        distance = np.hypot(*(home[index] - place[j]).T)
        weight = decay(distance, settings.access_reach_m, settings.access_kernel)
        demand = float(weight @ residents[index])
        if demand >= 1.0:
            reached[index] += 1000.0 * supply[j] / demand * weight
    return reached


def model(study: StudyArea, sources: Sources, settings: ExposureSettings) -> NDArray[np.float32]:
    """Return places per thousand residents within reach of each populated cell (y, x)."""
    out = np.full(study.grid.shape, np.nan, np.float32)
    people = study.receptors
    out[people.row, people.col] = 0.0
    if sources.facilities is None or len(sources.facilities) == 0:
        return out
    home = np.column_stack([study.grid.x[people.col], study.grid.y[people.row]])
    centre = sources.facilities.geometry.centroid
    place = np.column_stack([centre.x, centre.y])
    supply = sources.facilities["places"].to_numpy(float)
    out[people.row, people.col] = catchment(place, supply, home, people.residents, settings)
    return out
