r"""Priority: some neighbourhoods get at least a share of the spend, or of the gain.

.. math:: \sum_j a_j x_j \;\ge\; s \sum_j b_j x_j

with :math:`b` what a step spends or gains, and :math:`a` the part of it that counts for the
priority. Kept as one balance, :math:`\sum_j (a_j - s \, b_j) x_j \ge 0`. Of spend it is
exact; gains are those of the first step today, and the search checks them by evaluation.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import SLACK, Breach, Rules
from evenground.constraints.steps import lowered

Plan = NDArray[np.int16]

NAME_NL = "deel voor buurten met voorrang"
NAME_EN = "share for priority neighbourhoods"


def check(plan: Plan, rules: Rules) -> tuple[Breach, ...]:
    """Return the shortfall of the balance of a plan (option,), if there is one."""
    part = plan * rules.per_step + rules.per_start * (plan > 0)
    balance = float(part.sum())
    if balance < -10.0 * SLACK * float(np.abs(part).sum()):
        return (Breach("priority", "balance", balance, 0.0),)
    return ()


def repair(plan: Plan, rules: Rules) -> Plan:
    """Return the plan with less of what does not count, the worst first, until the share holds."""
    out = plan.copy()
    part = out * rules.per_step + rules.per_start * (out > 0)
    balance, edge = float(part.sum()), -SLACK * float(np.abs(part).sum())
    for j in rules.worst_first.tolist():
        if balance >= edge:
            break
        step = float(rules.per_step[j])
        if out[j] == 0 or step >= 0.0:
            continue
        drop = min(int(out[j]), int(np.ceil(balance / step - SLACK)))
        left = lowered(out, j, drop, rules)
        balance -= (out[j] - left) * step
        balance -= float(rules.per_start[j]) if left == 0 else 0.0
        out[j] = left
    return out
