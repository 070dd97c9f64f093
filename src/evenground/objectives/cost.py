"""What plans cost: euros to build, and euros per year.

Takes plans and the cost of a step of each option. Knows nothing of benefits.
"""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


def total(plans: NDArray[np.int16], eur_per_step: Float) -> Float:
    """Return the euros of each plan (candidate,).

    Plan by plan and not by ``@``, whose order of adding depends on the batch and on threads.
    """
    return np.array([float((plan * eur_per_step).sum()) for plan in plans], np.float64)
