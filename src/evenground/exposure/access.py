"""Places to play and meet that people can reach, by two-step floating catchment.

Takes the facilities of the case. Distances are straight lines. Without a
file of facilities the number today is unknown and only change can be shown.

References
----------
Natural Capital Project. InVEST user guide, urban nature access.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evenground.config import ExposureSettings
from evenground.sources import Sources
from evenground.study import StudyArea


def gaussian_decay(distance_m: NDArray[np.floating], reach_m: float) -> NDArray[np.float64]:
    r"""Return the weight of a place at a distance: 1 at the door, 0 from the reach on.

    Notes
    -----
    .. math:: f(d) = \frac{e^{-\frac12 (d/d_0)^2} - e^{-1/2}}{1 - e^{-1/2}}, \quad d \le d_0
    """
    edge = np.exp(-0.5)
    inside = (np.exp(-0.5 * (np.asarray(distance_m) / reach_m) ** 2) - edge) / (1.0 - edge)
    return np.asarray(np.maximum(inside, 0.0))


def model(study: StudyArea, sources: Sources, settings: ExposureSettings) -> NDArray[np.float32]:
    r"""Return places per thousand residents within reach of each populated cell (y, x).

    Notes
    -----
    .. math:: R_j = \frac{S_j}{\sum_k P_k f(d_{kj})}, \qquad A_i = \sum_j R_j f(d_{ij})
    """
    out = np.full(study.grid.shape, np.nan, np.float32)
    people = study.receptors
    out[people.row, people.col] = 0.0
    if sources.facilities is None or len(sources.facilities) == 0:
        return out
    home = np.column_stack([study.grid.x[people.col], study.grid.y[people.row]])
    centre = sources.facilities.geometry.centroid
    place = np.column_stack([centre.x, centre.y])
    supply = sources.facilities["places"].to_numpy(float)
    near = cKDTree(home).query_ball_point(place, settings.access_reach_m)
    reached = np.zeros(len(home))
    for j, index in enumerate(near):
        decay = gaussian_decay(np.hypot(*(home[index] - place[j]).T), settings.access_reach_m)
        demand = float(decay @ people.residents[index])
        if demand >= 1.0:
            reached[index] += 1000.0 * supply[j] / demand * decay
    out[people.row, people.col] = reached
    return out
