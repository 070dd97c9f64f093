"""Money divided by a rule instead of a search: plans to compare with.

Takes shares of the whole budget, each with the options that it pays for in order. What a share
cannot use is divided over the others by the same rule. Knows nothing of why.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import SLACK, spend_of
from evenground.constraints.spend import raise_options
from evenground.optimise.parts import Part
from evenground.optimise.problem import Problem

Float = NDArray[np.float64]
Plans = NDArray[np.int16]


def divide(problem: Problem, parts: Sequence[Part], budget_eur: float) -> Plans:
    """Return the plan (option,) in which each part spends its share of a budget.

    A part that has built all it can hands what is left of its share to the parts that have
    not, by their weights. In the end each part holds less than its next step costs: those who
    hold most take one step more while the whole budget allows it.

    Everything that plans must respect holds, as far as repair sees to it; what is locked in
    counts towards the share of its part.
    """
    rules = problem.rules.with_budget(budget_eur)
    money = _Money(problem, rules.rows[-1].eur, parts)
    # who holds more than a share before anything is spent takes it off the others
    while (over := money.overspent()).size and money.hand_over(over):
        pass
    while (full := money.spend()).size and money.hand_over(full):
        pass
    money.round_off()
    return np.asarray(problem.with_budget(budget_eur).repair(money.plan[None, :].copy())[0])


class _Money:
    """Keeps what each part may spend and has spent."""

    def __init__(self, problem: Problem, budget_eur: float, parts: Sequence[Part]) -> None:
        self.rules = problem.rules
        self.budget = budget_eur
        self.parts = parts
        self.plan = problem.start.copy()
        self.weight = np.array([part.weight for part in parts], np.float64)
        self.claim = budget_eur * self.weight / max(float(self.weight.sum()), 1e-300)
        self.is_open = np.ones(len(parts), bool)
        euros = spend_of(self.plan, self.rules)
        self.spent = np.array([float(euros[part.options].sum()) for part in parts])
        self.total = float(euros.sum())
        price = np.maximum(1, self.rules.least) * self.rules.capital_eur + self.rules.fixed_eur
        starts = [price[part.options] for part in parts]
        # capital of a step is the least that raises what has been started
        steps = [self.rules.capital_eur[part.options] for part in parts]
        self.cheapest = np.array([float(one.min(initial=np.inf)) for one in steps])
        self.dearest = np.array([float(one.max(initial=0.0)) for one in starts])
        # where a share must be spent on, the others wait for the room that this gives
        value = [float(self.rules.per_step[part.options].sum()) for part in parts]
        self.order = np.argsort(-np.array(value), kind="stable").tolist()

    def overspent(self) -> NDArray[np.int64]:
        """Return the open parts that have spent more than their claim."""
        return np.flatnonzero(self.is_open & (self.spent > self.claim * (1.0 + SLACK)))

    def spend(self) -> NDArray[np.int64]:
        """Let every open part spend its claim; return those that can build nothing more."""
        for k in self.order:
            held = float(self.claim[k] - self.spent[k])
            if self.is_open[k] and held >= self.cheapest[k] * (1.0 - SLACK):
                self._raise(k, self.parts[k].options, self.total + held)
        return np.array([k for k in self.order if self.is_open[k] and self._full(k)], np.int64)

    def hand_over(self, parts: NDArray[np.int64]) -> bool:
        """Close parts and divide what they leave over the open ones; say whether there is any."""
        left = float((self.claim - self.spent)[parts].sum())
        self.claim[parts] = self.spent[parts]
        self.is_open[parts] = False
        weight = np.where(self.is_open, self.weight, 0.0)
        if weight.sum() <= 0.0:
            return False
        self.claim += left * weight / weight.sum()
        return True

    def round_off(self) -> None:
        """Let the open parts that hold most take a step more, while the budget allows it."""
        held = np.where(self.is_open, self.claim - self.spent, -np.inf)
        for k in np.argsort(-held, kind="stable").tolist():
            if not self.is_open[k]:
                break
            for j, eur in self._steps(self.parts[k].options):
                if self._raise(k, np.array([j], np.int32), self.total + eur):
                    break

    def _steps(self, options: NDArray[np.int32]) -> list[tuple[int, float]]:
        """Return the options that have room and that the budget still pays, with the euros."""
        rules, now = self.rules, self.plan[options].astype(np.int64)
        step = np.maximum(1, rules.least[options] - now)
        eur = step * rules.capital_eur[options] + np.where(now == 0, rules.fixed_eur[options], 0.0)
        left = self.budget * (1.0 + SLACK) - self.total
        fits = (now + step <= rules.most[options]) & (eur <= left)
        return list(zip(options[fits].tolist(), eur[fits].tolist(), strict=True))

    def _raise(self, k: int, options: NDArray[np.int32], eur: float) -> bool:
        """Raise options until a plan costs so much, within the budget; say if anything was."""
        if eur <= self.total or self.total >= self.budget or options.size == 0:
            return False
        then = self.plan.copy()
        raise_options(then, options, self.rules.with_budget(min(eur, self.budget)))
        if not (then[options] != self.plan[options]).any():
            return False
        paid = self._eur_of(then, options) - self._eur_of(self.plan, options)
        self.plan = then
        self.spent[k] += paid
        self.total += paid
        return True

    def _eur_of(self, plan: Plans, options: NDArray[np.int32]) -> float:
        """Return the euros of some options of a plan."""
        amount, rules = plan[options], self.rules
        return float(
            (amount * rules.capital_eur[options] + rules.fixed_eur[options] * (amount > 0)).sum()
        )

    def _full(self, k: int) -> bool:
        """Say whether a part that spent what it could holds money that it will never need.

        Less than its cheapest step is kept for the rounding; what would pay for any step, and
        was not spent, has no use.
        """
        options, held = self.parts[k].options, float(self.claim[k] - self.spent[k])
        if options.size == 0:
            return True
        if held < self.cheapest[k] * (1.0 - SLACK):
            return False
        if held > self.dearest[k] * (1.0 + SLACK):
            return True
        then = self.plan.copy()
        raise_options(then, options, self.rules.with_budget(np.inf))
        return not (then[options] != self.plan[options]).any()
