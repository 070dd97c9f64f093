r"""The plan that gains most within a budget if gains were the same at every plan: a price of money.

Takes the gains of options. A price :math:`\lambda` of a euro splits that problem: an option is
built where it gains more than :math:`\lambda` times its cost, and two options that want the same
ground share it in the one way that does best, whole steps tried out. The price is lowered until
the money is spent (Everett 1963). Filling by gain per euro alone never shares a ground: it builds
the first that fits, and there is no going back.

References
----------
Everett, H. (1963). Generalized Lagrange multiplier method for solving problems of optimum
allocation of resources. Oper. Res. 11, 399-417.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import SLACK
from evenground.constraints.spend import raise_options
from evenground.objectives import cost
from evenground.optimise.problem import Problem

Float = NDArray[np.float64]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Bool = NDArray[np.bool_]
Plans = NDArray[np.int16]

TRIES = 8
"""Prices that are tried for a budget, at most: what is left then is filled by gain per euro."""
NARROWING = (0.1, 0.9)
"""Parts of a range of prices between which the next price is tried."""
OVERSHOOT = 1.05
"""Part by which more is tried while no price is known to be too low."""


@dataclass(frozen=True)
class _Pairs:
    """Ways in which two options share a ground, pair by pair."""

    start: Long
    """First way of each pair (pair + 1,)."""
    option: Long
    """Both options of each way (2, way)."""
    amount: Plans
    """Of both (2, way)."""


class Pricer:
    """Finds plans by a price of money.

    Parameters
    ----------
    allowed
        Which options may be built (option,).
    """

    def __init__(self, problem: Problem, allowed: Bool) -> None:
        self._problem, self._allowed = problem, allowed
        self._pairs = _pairs(problem, allowed)
        self._start = problem.start
        self._free = problem.rules.with_budget(np.inf)

    def at_gains(self, within: Problem, gain: Float, budget_eur: float) -> Plans:
        """Return the plan (option,) that gains most within a budget if gains stay as they are.

        Parameters
        ----------
        within
            The problem, with this budget.
        gain
            Of a step of each option (option,).
        """
        rules = within.rules
        ratio = gain / np.maximum(rules.price_eur, 1e-9)
        usable = np.flatnonzero(self._allowed & (gain > 0.0))
        best_first = usable[np.argsort(-ratio[usable], kind="stable")].astype(np.int32)
        plan = self._priced(best_first, gain, ratio, budget_eur)
        within.repair(plan[None, :])
        raise_options(plan, best_first, rules)
        return np.asarray(within.repair(plan[None, :])[0])

    def _priced(self, best_first: Index, gain: Float, ratio: Float, budget_eur: float) -> Plans:
        """Return the plan of the lowest price of those tried that a budget pays for (option,).

        A price stands between two options by gain per euro. Their number is sought by false
        position, from as many as would spend the budget if no two wanted the same ground.
        """
        rules, best = self._problem.rules, self._start
        room_eur = np.cumsum((rules.most * rules.capital_eur)[best_first])
        low, high, few_eur, many_eur = 0, best_first.size, 0.0, np.inf
        count = int(np.searchsorted(room_eur, budget_eur))
        for _ in range(TRIES if best_first.size else 0):
            count = min(max(count, low + 1), high)
            plan = self._dearer(best_first, count, gain, ratio)
            eur = self._cost(plan)
            if eur <= budget_eur:
                best, low, few_eur = plan, count, eur
            else:
                high, many_eur = count, eur
            if high - low <= 1:
                break
            if many_eur < np.inf:
                part = np.clip((budget_eur - few_eur) / (many_eur - few_eur), *NARROWING)
                count = min(low + int(part * (high - low)), high - 1)
            else:
                count = int(low * min(2.0, OVERSHOOT * budget_eur / max(few_eur, 1e-9)))
        return best.copy()

    def _dearer(self, best_first: Index, count: int, gain: Float, ratio: Float) -> Plans:
        """Return the plan at the price that so many options are worth (option,)."""
        least = ratio[best_first[count - 1]]
        # next to nothing where all that gains is built; what gains nothing is not
        price = float(least if count < best_first.size else 1e-9 * least)
        plan = self._shared(gain - price * self._problem.rules.capital_eur)
        raise_options(plan, best_first[:count], self._free)
        return plan

    def _cost(self, plan: Plans) -> float:
        """Return what a plan (option,) costs to build, in euros."""
        rules = self._problem.rules
        return float(cost.total(plan[None, :], rules.capital_eur, rules.fixed_eur)[0])

    def _shared(self, net: Float) -> Plans:
        """Return a plan (option,) of nothing but the best way of each pair.

        Parameters
        ----------
        net
            Gain of a step beyond its cost (option,).
        """
        plan, pairs = self._start.copy(), self._pairs
        if pairs.start.size == 1:
            return plan
        value = (net[pairs.option] * pairs.amount).sum(axis=0)
        most = np.repeat(np.maximum.reduceat(value, pairs.start[:-1]), np.diff(pairs.start))
        # the first of the best ways of each pair
        chosen = np.flatnonzero(value >= most)
        pair = np.searchsorted(pairs.start, chosen, side="right")
        chosen = chosen[np.diff(pair, prepend=0) > 0]
        plan[pairs.option[:, chosen]] = pairs.amount[:, chosen]
        return plan


def _pairs(problem: Problem, allowed: Bool) -> _Pairs:
    """List the ways in which two options fill a ground that only they want.

    Options that are locked in, large at least, or dear to start are left to filling.
    """
    rules = problem.rules
    plain = (rules.coupling >= 0) & (rules.most > 0) & allowed
    grounds, count = np.unique(rules.coupling[plain], return_counts=True)
    odd = (rules.lock > 0) | (rules.least > 1) | (rules.fixed_eur > 0.0)
    odd |= np.diff(rules.near_start) > 0
    grounds = np.setdiff1d(grounds[count == 2], rules.coupling[odd])
    members = np.flatnonzero(plain & np.isin(rules.coupling, grounds))
    members = members[np.argsort(rules.coupling[members], kind="stable")]
    start, option, amount = [0], [np.zeros((2, 0), np.int64)], [np.zeros((2, 0))]
    for pair in range(0, members.size, 2):
        both = members[pair : pair + 2]
        ways = _ways(rules.most[both], rules.use[both], rules.capacity[rules.coupling[both[0]]])
        option.append(np.repeat(both[:, None], ways.shape[1], axis=1))
        amount.append(ways)
        start.append(start[-1] + ways.shape[1])
    return _Pairs(
        np.array(start, np.int64),
        np.concatenate(option, axis=1),
        np.concatenate(amount, axis=1).astype(np.int16),
    )


def _ways(most: Plans, use: Float, capacity: float) -> Float:
    """Return the ways in which two options fit: any of the first, and none or all of the second.

    Parameters
    ----------
    most, use : (option,)
        Largest amount, and ground that a step takes.

    Returns
    -------
    (option, way).
    """
    held = capacity * (1.0 + SLACK)
    first = np.arange(int(most[0]) + 1.0)
    first = first[first * use[0] <= held]
    second = np.minimum(most[1], np.floor((held - first * use[0]) / use[1]))
    return np.stack([np.tile(first, 2), np.concatenate([second, np.zeros(second.size)])])
