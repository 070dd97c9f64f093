r"""Least spend: money that is meant for something is spent on it.

.. math:: \sum_{j \in r} \big(c_j x_j + f_j [x_j > 0]\big) \ge A_r
"""

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import SLACK, Breach, Rules, spend_of
from evenground.kernels import fill_plan

Plan = NDArray[np.int16]

NAME_NL = "minimale besteding"
NAME_EN = "least spend"


def check(plan: Plan, rules: Rules) -> tuple[Breach, ...]:
    """Return the budgets of which a plan (option,) spends too little."""
    euros = spend_of(plan, rules)
    out = []
    for k, row in enumerate(rules.rows):
        cost = float(euros[rules.counts(k)].sum())
        if cost < row.at_least_eur * (1.0 - 10.0 * SLACK):
            out.append(Breach("spend", row.name, cost, row.at_least_eur))
    return tuple(out)


def repair(plan: Plan, rules: Rules) -> Plan:
    """Return the plan with the best options raised until enough is spent, or nothing fits."""
    out = plan.copy()
    best_first = np.ascontiguousarray(rules.worst_first[::-1])
    for line, eur in zip(*rules.goals, strict=True):
        raise_options(out, best_first, rules, int(line), float(eur))
    return out


def raise_options(
    plan: Plan,
    best_first: NDArray[np.int32],
    rules: Rules,
    goal_line: int = 0,
    goal_eur: float = np.inf,
) -> None:
    """Raise options in order, in place, while everything allows it; see ``kernels.fill_plan``."""
    fill_plan(plan, best_first, rules.most, rules.least, *rules.bounds, goal_line, goal_eur)
