r"""Seeds by a price of money: at ten budgets, the plan that gains most beyond what it costs.

Takes the gains of options at a plan; gives the plan that gains most within a budget if gains were
the same at every plan. A price :math:`\lambda` of a euro splits that problem: an option is built
where it gains more than :math:`\lambda` times its cost, and two options that want the same ground
share it in the one way that does best, whole steps tried out. The price is raised until the
money is enough (Everett 1963). Filling by gain per euro alone never shares a ground: it builds
the first that fits, and there is no going back.

References
----------
Everett, H. (1963). Generalized Lagrange multiplier method for solving problems of optimum
allocation of resources. Oper. Res. 11, 399-417.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import SLACK
from evenground.constraints.spend import raise_options
from evenground.objectives import UNLED
from evenground.optimise.problem import Problem
from evenground.optimise.seeds import fill, greedy_seeds, harmless_options, never

Float = NDArray[np.float64]
Long = NDArray[np.int64]
Bool = NDArray[np.bool_]
Plans = NDArray[np.int16]

LEVELS = 10
"""Budgets, at even distances up to the whole; those of the bound."""
HALVINGS = 18
"""Times that the range of prices is halved."""
WORTH_OF_A_SEED = 100
"""Plans that could be evaluated in the time that one seed takes, about."""


def priced_seeds(problem: Problem, is_late: Callable[[], bool] = never) -> Plans:
    """Return greedy paths and the plans by a price of money (candidate, option).

    Goals have ten budgets each: the burden, each other goal that has gains, and all of them
    together. No more are made than ``seed_share`` of the search has time for; which ones does
    not depend on the clock, unless time is up.

    Parameters
    ----------
    is_late
        Whether time is up; no more seeds are made then.
    """
    settings = problem.search
    greedy = greedy_seeds(problem, is_late)
    most = int(settings.seed_share * settings.evaluations / WORTH_OF_A_SEED)
    if not problem.empty.size or most < 1:
        return greedy
    allowed = np.ones(problem.empty.size, bool)
    if settings.no_harm:
        allowed = harmless_options(problem)
    pricer = Pricer(problem, allowed)
    plans = [greedy]
    goals = list(_weightings(problem))
    levels = max(1, min(LEVELS, most // max(len(goals), 1)))
    for weights in goals[:most]:
        budgets = settings.budget_eur * np.arange(1, levels + 1) / levels
        path = pricer.path(weights, budgets.tolist())
        plans += [plan[None, :] for plan in takewhile(lambda _: not is_late(), path)]
    return np.concatenate(plans)


def _weightings(problem: Problem) -> Iterator[dict[str, float]]:
    """Give the goals that seeds follow, in shares of today; the burden first."""
    plan = problem.empty[None, :]
    today, evaluation = problem.scores(plan)
    goals = np.abs(problem.goal_values(plan, today, evaluation)[0])
    size = dict(zip(problem.search.objectives, goals.tolist(), strict=True))
    led = [n for n in size if n != "cost" and n not in UNLED and size[n] > 0.0]
    for name in led:
        yield {name: 1.0 / size[name]}
    if len(led) > 1:
        yield {name: 1.0 / size[name] for name in led}


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

    def path(self, weights: dict[str, float], budgets_eur: Sequence[float]) -> Iterator[Plans]:
        """Give a plan (option,) for each budget, gains taken where the one before it ended.

        Parameters
        ----------
        weights
            What a unit of each goal weighs.
        budgets_eur
            The smallest first.
        """
        gain = self._gains(self._start, weights)
        for budget_eur in budgets_eur:
            within = self._problem.with_budget(budget_eur)
            plan = self.at_gains(within, gain, budget_eur)
            gain = self._gains(plan, weights)
            yield within.repair(fill(within, plan, gain, budget_eur)[None, :])[0]

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
        low, high = 0.0, float(max(ratio.max(initial=0.0), 0.0))
        best = self._start
        order = np.argsort(-ratio, kind="stable")
        order = order[self._allowed[order] & (gain[order] > 0.0)]
        best_first = np.ascontiguousarray(order, np.int32)
        free = rules.with_budget(np.inf)
        for _ in range(HALVINGS):
            price = 0.5 * (low + high)
            plan = self._shared(gain - price * rules.capital_eur)
            dearer = int(np.searchsorted(-ratio[order], -price))
            raise_options(plan, best_first[:dearer], free)
            if _cost(within, plan) <= budget_eur:
                best, high = plan, price
            else:
                low = price
        return np.asarray(within.repair(best[None, :].copy())[0])

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

    def _gains(self, plan: Plans, weights: dict[str, float]) -> Float:
        """Return what a step of each option takes off the weighted goals (option,)."""
        return np.asarray(np.where(self._allowed, self._problem.gains(plan, weights), 0.0))


def _cost(problem: Problem, plan: Plans) -> float:
    """Return what a plan (option,) costs to build, in euros."""
    rules = problem.rules
    return float(plan @ rules.capital_eur + (plan > 0) @ rules.fixed_eur)


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
