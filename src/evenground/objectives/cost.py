"""What plans cost: euros to build, and euros per year.

Takes plans and the cost of a step of each option. Knows nothing of benefits.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import sum_amounts

Float = NDArray[np.float64]


def total(plans: NDArray[np.int16], eur_per_step: Float, eur_per_start: Float) -> Float:
    """Return the euros of each plan (candidate,), from those of a step and of starting (option,).

    Option by option and not by ``@``, whose order of adding depends on the batch and on threads.
    """
    out = np.empty(len(plans))
    per_step, per_start = (np.asarray(part, np.float64) for part in (eur_per_step, eur_per_start))
    sum_amounts(np.ascontiguousarray(plans), per_step, per_start, out)
    return out
