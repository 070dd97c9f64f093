r"""Spacing: two sites that have the same intervention lie apart.

.. math:: x_j \, x_k = 0 \quad \text{for every pair nearer than the spacing}
"""

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import Breach, Rules

Plan = NDArray[np.int16]

NAME_NL = "onderlinge afstand"
NAME_EN = "spacing"


def check(plan: Plan, rules: Rules) -> tuple[Breach, ...]:
    """Return the pairs of a plan (option,) that stand too near to each other."""
    out = []
    for j in np.flatnonzero(plan).tolist():
        near = rules.near[rules.near_start[j] : rules.near_start[j + 1]]
        out += [
            Breach("spacing", f"options {j} and {k}", 2.0, 1.0)
            for k in near[plan[near] > 0].tolist()
            if k > j
        ]
    return tuple(out)


def repair(plan: Plan, rules: Rules) -> Plan:
    """Return the plan without options that stand too near to a better one."""
    out = plan.copy()
    for j in rules.worst_first.tolist():
        near = rules.near[rules.near_start[j] : rules.near_start[j + 1]]
        if out[j] > 0 and rules.lock[j] == 0 and (out[near] > 0).any():
            out[j] = 0
    return out
