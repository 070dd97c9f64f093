"""Where an inequality comes from: exposure, age, or baseline vulnerability.

Takes the factors of the burden model and any measure of inequality. Each
factor is switched off in every order (Shapley), so that the parts sum to the
whole and no order is preferred.

References
----------
Shorrocks, A. F. (2013). Decomposition procedures for distributional analysis: a unified
framework based on the Shapley value. J. Economic Inequality 11, 99-126.
"""

from collections.abc import Callable
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Measure = Callable[[Float, Float], float]

FACTORS = ("exposure", "age", "vulnerability")


def attribute(
    mean_phi: Float,
    age_coefficient: Float,
    age_residents: Float,
    ses_ratio: Float,
    measure: Measure,
) -> dict[str, float]:
    """Return what each factor adds to a measure of the burden per 1000 residents, and the total.

    Parameters
    ----------
    mean_phi : (channel, neighbourhood)
        Response today. Off: the same for all, at the residents' mean.
    age_coefficient : (channel, age)
        DALY per year per resident per unit of response.
    age_residents : (age, neighbourhood)
        Off: every neighbourhood has the age mix of all.
    ses_ratio : (channel, neighbourhood) or (neighbourhood,)
        Off: one.
    measure
        From burden (neighbourhood,) and residents to a figure that is zero under equality.
    """
    people = age_residents.sum(axis=0)
    kept = people > 0.0
    weight = people[kept]
    age = age_residents[:, kept] / weight
    phi = mean_phi[:, kept]
    ratio = np.broadcast_to(ses_ratio, mean_phi.shape)[:, kept]
    share = weight / weight.sum()

    def value(active: frozenset[str]) -> float:
        response = phi if "exposure" in active else np.repeat((phi @ share)[:, None], share.size, 1)
        mix = age if "age" in active else np.repeat((age @ share)[:, None], share.size, 1)
        rate = ratio if "vulnerability" in active else np.ones_like(ratio)
        return measure(
            1000.0 * np.einsum("ca,an,cn->n", age_coefficient, mix, rate * response), weight
        )

    parts = dict.fromkeys(FACTORS, 0.0)
    orders = list(permutations(FACTORS))
    for order in orders:
        active: frozenset[str] = frozenset()
        before = value(active)
        for name in order:
            active |= {name}
            after = value(active)
            parts[name] += (after - before) / len(orders)
            before = after
    return {**parts, "total": sum(parts.values())}
