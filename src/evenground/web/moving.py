"""Money from one intervention to another: which works go, and which come in their place.

Takes the problem and a plan; gives another plan. Knows nothing of pages or processes.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.constraints import Rules
from evenground.optimise import Problem

Float = NDArray[np.float64]
Plan = NDArray[np.int16]
SLACK = 1e-9
"""Part by which rounding may take a sum over its bound."""


class Room:
    """A plan that grows work by work, and what still fits besides it; budgets left out.

    Says the same as ``optimise.next_projects``, of one option at a time.
    """

    def __init__(self, plan: Plan, rules: Rules) -> None:
        self.plan, self._rules = plan, rules
        takes = rules.coupling >= 0
        self._used = np.bincount(
            rules.coupling[takes],
            plan[takes] * rules.use[takes],
            minlength=rules.capacity.size,
        )
        begun = rules.per_start * (plan > 0)
        self._balance = float((plan * rules.per_step + begun).sum())

    def next_project(self, option: int) -> tuple[int, float]:
        """Return the steps of the next project of an option, and its euros; zero where none fits.

        One step more of what is there, or the least of what is not.
        """
        rules, there = self._rules, int(self.plan[option])
        is_new = there == 0
        steps = int(rules.least[option]) if is_new else 1
        if there + steps > rules.most[option]:
            return 0, 0.0
        ground = int(rules.coupling[option])
        left = rules.capacity[ground] - self._used[ground] if ground >= 0 else np.inf
        if steps * rules.use[option] > left * (1.0 + SLACK) + SLACK:
            return 0, 0.0
        near = rules.near[rules.near_start[option] : rules.near_start[option + 1]]
        if is_new and (self.plan[near] > 0).any():
            return 0, 0.0
        balance = self._balance + self._gained(option, steps)
        if balance < -SLACK * max(1.0, abs(self._balance)):
            return 0, 0.0
        euros = steps * rules.capital_eur[option] + rules.fixed_eur[option] * is_new
        return steps, float(euros)

    def build(self, option: int, steps: int) -> None:
        """Build steps of an option, in place."""
        self._balance += self._gained(option, steps)
        ground = int(self._rules.coupling[option])
        if ground >= 0:
            self._used[ground] += steps * self._rules.use[option]
        self.plan[option] += steps

    def _gained(self, option: int, steps: int) -> float:
        """Return what building adds to the balance of the priority."""
        begun = self._rules.per_start[option] * (self.plan[option] == 0)
        return float(steps * self._rules.per_step[option] + begun)


def move_money(problem: Problem, plan: Plan, euros: float, source: int, target: int) -> Plan:
    """Return a plan in which money goes from one intervention of the catalogue to another.

    What saves least burden per euro goes first, what saves most comes first, both to first
    order at the plan (option,) as it stands.
    """
    gain = problem.gains(plan, {"burden": 1.0})
    of, out = problem.options.intervention, plan.copy()
    freed = _sell(problem.rules, out, gain, np.flatnonzero(of == source), euros)
    _buy(problem.rules, out, gain, np.flatnonzero(of == target), freed)
    return out


def _sell(rules: Rules, plan: Plan, gain: Float, options: NDArray[np.intp], euros: float) -> float:
    """Take steps of some options away, in place, until the euros are there; return them."""
    each, freed = rules.capital_eur, 0.0
    per_euro = gain[options] / np.maximum(each[options], SLACK)
    for option in options[np.argsort(per_euro, kind="stable")].tolist():
        if freed >= euros:
            break
        if plan[option] > 0 and each[option] > 0.0:
            wanted = int(np.ceil((euros - freed) / each[option]))
            steps = min(int(plan[option]), wanted)
            plan[option] -= steps
            freed += steps * float(each[option])
    return freed


def _buy(rules: Rules, plan: Plan, gain: Float, options: NDArray[np.intp], euros: float) -> None:
    """Add steps of some options, in place, as far as the euros and the rules allow."""
    room = Room(plan, rules)
    first = np.array([room.next_project(option) for option in options.tolist()]).reshape(-1, 2)
    value = gain[options] * first[:, 0] / np.maximum(first[:, 1], SLACK)
    for k in np.argsort(-value, kind="stable").tolist():
        option = int(options[k])
        if value[k] <= 0.0:
            break
        while True:
            steps, cost = room.next_project(option)
            if steps == 0 or cost > euros:
                break
            room.build(option, steps)
            euros -= cost
