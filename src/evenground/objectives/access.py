"""How far residents fall short of places to play and meet.

Takes the responses of an evaluation. An indicator: it has no burden of disease.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.evaluation import Evaluation

Float = NDArray[np.float64]


def shortfall(evaluation: Evaluation, channel: int, residents: Float) -> Float:
    r"""Return the residents' mean shortfall (candidate,): 0 = enough, 1 = nothing in reach.

    Parameters
    ----------
    residents : (neighbourhood,)
        Persons.

    Notes
    -----
    .. math:: s = \sum_n N_n \bar\phi_n \Big/ \sum_n N_n
    """
    total = (evaluation.mean_phi[:, channel] * residents).sum(axis=-1)
    return np.asarray(total / max(float(residents.sum()), 1e-300))
