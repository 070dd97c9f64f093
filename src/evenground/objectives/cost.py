"""What plans cost: euros to build, and euros per year.

Takes plans and the cost of a step of each option. Knows nothing of benefits.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import sum_amounts

Float = NDArray[np.float64]


def total(plans: NDArray[np.int16], eur_per_step: Float) -> Float:
    r"""Return the euros of each plan (candidate,).

    Option by option and not by ``@``, whose order of adding depends on the batch and on threads.

    Parameters
    ----------
    plans : (candidate, option)
        Steps of each option.
    eur_per_step : (option,)
        Euros of one step.

    Notes
    -----
    .. math:: C = \sum_j c_j \, x_j
    """
    out = np.empty(len(plans))
    sum_amounts(np.ascontiguousarray(plans), np.asarray(eur_per_step, np.float64), out)
    return out
