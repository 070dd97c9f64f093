r"""Ground: interventions on the same ground share what there is.

.. math:: \sum_{j \in g} u_j x_j \le G_g
"""

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import SLACK, Breach, Rules
from evenground.constraints.steps import lowered

Plan = NDArray[np.int16]

NAME_NL = "ruimte op de plek"
NAME_EN = "room on the site"


def check(plan: Plan, rules: Rules) -> tuple[Breach, ...]:
    """Return the grounds of which a plan (option,) takes more than there is."""
    takes = rules.coupling >= 0
    used = np.bincount(
        rules.coupling[takes], plan[takes] * rules.use[takes], minlength=rules.capacity.size
    )
    over = np.flatnonzero(used > rules.capacity * (1.0 + 10.0 * SLACK) + SLACK)
    return tuple(
        Breach("ground", f"ground {g}", float(used[g]), float(rules.capacity[g]))
        for g in over.tolist()
    )


def repair(plan: Plan, rules: Rules) -> Plan:
    """Return the plan lowered, the worst options first, until every ground holds it."""
    out = plan.copy()
    takes = rules.coupling >= 0
    used = np.bincount(
        rules.coupling[takes], out[takes] * rules.use[takes], minlength=rules.capacity.size
    )
    for j in rules.worst_first.tolist():
        g = int(rules.coupling[j])
        if out[j] == 0 or g < 0 or used[g] <= rules.capacity[g] * (1.0 + SLACK):
            continue
        drop = int(np.ceil((used[g] - rules.capacity[g]) / rules.use[j] - SLACK))
        left = lowered(out, j, drop, rules)
        used[g] -= (out[j] - left) * rules.use[j]
        out[j] = left
    return out
