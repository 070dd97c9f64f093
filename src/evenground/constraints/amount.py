r"""Amounts: no less than what is locked in, no more than what fits, and nothing too small.

.. math:: l_j \le x_j \le m_j, \qquad x_j = 0 \;\text{ or }\; x_j \ge s_j

with :math:`l` what is locked in, :math:`m` what fits (none where nothing may be built) and
:math:`s` the smallest amount worth starting.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import Breach, Rules

Plan = NDArray[np.int16]

NAME_NL = "hoeveelheid per plek"
NAME_EN = "amount per site"


def check(plan: Plan, rules: Rules) -> tuple[Breach, ...]:
    """Return the options of a plan (option,) whose amount is too large, too small or unlocked."""
    bound = np.where(plan > rules.most, rules.most, np.maximum(rules.lock, rules.least))
    is_small = (plan < rules.lock) | ((plan > rules.lock) & (plan < rules.least))
    wrong = np.flatnonzero((plan > rules.most) | is_small)
    return tuple(
        Breach("amount", f"option {j}", float(plan[j]), float(bound[j])) for j in wrong.tolist()
    )


def repair(plan: Plan, rules: Rules) -> Plan:
    """Return the plan with every amount inside its bounds; too small is not started."""
    held = np.minimum(np.maximum(plan, rules.lock), rules.most)
    return np.where(held < rules.least, rules.lock, held).astype(np.int16)
