"""What plans cost: euros to build, and euros per year.

Takes plans and the cost of a step of each option. Knows nothing of benefits.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import sum_amounts

Float = NDArray[np.float64]


def total(plans: NDArray[np.int16], eur_per_step: Float, eur_per_start: Float) -> Float:
    r"""Return the euros of each plan (candidate,).

    Option by option and not by ``@``, whose order of adding depends on the batch and on threads.

    Parameters
    ----------
    plans : (candidate, option)
        Steps of each option.
    eur_per_step, eur_per_start : (option,)
        Euros of one step, and of starting at all.

    Notes
    -----
    .. math:: C = \sum_j \big(c_j \, x_j + f_j [x_j > 0]\big)
    """
    out = np.empty(len(plans))
    per_step, per_start = (np.asarray(part, np.float64) for part in (eur_per_step, eur_per_start))
    sum_amounts(np.ascontiguousarray(plans), per_step, per_start, out)
    return out
