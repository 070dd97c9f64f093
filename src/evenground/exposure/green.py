"""Green around the home: the mean green share in a round window.

Takes the ground of the study area. Knows nothing of what green does to health.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.config import ExposureSettings
from evenground.sources import Sources
from evenground.study import StudyArea
from evenground.study.window import window_mean


def model(study: StudyArea, sources: Sources, settings: ExposureSettings) -> NDArray[np.float32]:  # noqa: ARG001 - every layer has the same face
    r"""Return the green share around each cell (y, x), 0-1.

    Notes
    -----
    .. math:: G_i = \sum_j W_R(i, j) \, g_j

    with :math:`W_R` even over the known cells of a disk of radius R.
    """
    return window_mean(study.ground.green, study.grid, settings.green_window_m)
