r"""Budgets: the whole, and those of each sector or purpose.

.. math:: \sum_{j \in r} \big(c_j x_j + f_j [x_j > 0]\big) \le B_r

for every row :math:`r` of budget lines (see ``rules``), with :math:`f` the fixed cost of a
project that is started.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import SLACK, Breach, Rules, spend_of
from evenground.constraints.steps import lowered

Plan = NDArray[np.int16]

NAME_NL = "budget"
NAME_EN = "budget"


def check(plan: Plan, rules: Rules) -> tuple[Breach, ...]:
    """Return the budgets that a plan (option,) overspends."""
    euros = spend_of(plan, rules)
    out = []
    for k, row in enumerate(rules.rows):
        cost = float(euros[rules.counts(k)].sum())
        if cost > row.eur * (1.0 + 10.0 * SLACK):
            out.append(Breach("budget", row.name, cost, row.eur))
    return tuple(out)


def repair(plan: Plan, rules: Rules) -> Plan:
    """Return the plan lowered, the worst options first, until each budget pays for it."""
    out = plan.copy()
    for k, row in enumerate(rules.rows):
        counted = rules.counts(k)
        cost = float(spend_of(out, rules)[counted].sum())
        for j in rules.worst_first.tolist():
            if cost <= row.eur * (1.0 + SLACK):
                break
            price = float(rules.capital_eur[j])
            if out[j] == 0 or not counted[j] or price + rules.fixed_eur[j] == 0.0:
                continue
            drop = int(out[j])
            if price > 0.0:
                drop = min(drop, int(np.ceil((cost - row.eur) / price - SLACK)))
            left = lowered(out, j, drop, rules)
            cost -= (out[j] - left) * price
            cost -= float(rules.fixed_eur[j]) if left == 0 else 0.0
            out[j] = left
    return out
