"""The plans of a front within other budgets, and the nearest of them to a plan.

Takes a front as sparse plans and what each option costs; gives euros and a candidate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from evenground.config import BudgetLine
from evenground.constraints import Rules
from evenground.names import OPTION
from evenground.optimise import Problem
from evenground.results.assess import SECTORS
from evenground.results.budgets import WHOLE, paid_by

Float = NDArray[np.float64]
Long = NDArray[np.int64]
Plan = NDArray[np.int16]

SLACK = 1e-9
"""Part by which rounding may take a sum over its limit."""


@dataclass(frozen=True)
class SparsePlans:
    """Plans by what they build only."""

    start: Long
    """First entry of each plan, and the end (candidate + 1,)."""
    option: Long
    """(entry,)."""
    steps: Long
    """(entry,)."""

    def __len__(self) -> int:
        return self.start.size - 1

    @property
    def candidate(self) -> Long:
        """Plan of each entry (entry,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def plan(self, candidate: int, n_option: int) -> Plan:
        """Return one plan in full (option,)."""
        at = slice(int(self.start[candidate]), int(self.start[candidate + 1]))
        plan = np.zeros(n_option, np.int16)
        plan[self.option[at]] = self.steps[at]
        return plan

    def euros(self, rules: Rules) -> Float:
        """Return what each entry costs (entry,)."""
        return np.asarray(
            self.steps * rules.capital_eur[self.option] + rules.fixed_eur[self.option]
        )


def sparse_of(front: xr.Dataset) -> SparsePlans:
    """Return the plans of a front."""
    start = np.append(0, np.cumsum(front["active_count"].to_numpy())).astype(np.int64)
    option, steps = (front[name].to_numpy().astype(np.int64) for name in (OPTION, "amount"))
    return SparsePlans(start, option, steps)


def budget_masks(problem: Problem, lines: Sequence[BudgetLine]) -> dict[str, NDArray[np.bool_]]:
    """Return the options that each line pays for (option,), or else each sector; and the whole.

    Names are those of the case, or Dutch ones of sectors.
    """
    if lines:
        return paid_by(problem, lines)
    sector = problem.options.interventions["sector"].to_numpy(str)
    of = sector[problem.options.intervention]
    names = [name for name in dict.fromkeys(sector.tolist()) if (of == name).any()]
    found = {SECTORS.get(name, name): of == name for name in names}
    return found | {WHOLE: np.ones(of.size, bool)}


def spent_on(plans: SparsePlans, rules: Rules, masks: Sequence[NDArray[np.bool_]]) -> Float:
    """Return the euros that each plan spends on each set of options (candidate, set)."""
    euros, of = plans.euros(rules), plans.candidate
    columns = [np.bincount(of, euros * mask[plans.option], len(plans)) for mask in masks]
    return np.column_stack(columns)


def distance_eur(plans: SparsePlans, rules: Rules, plan: Plan) -> Float:
    """Return the euros of works that differ between each plan and one plan (candidate,).

    Works that either builds more of count; an amount that both build counts for nothing.
    """
    here = plan * rules.capital_eur + rules.fixed_eur * (plan > 0)
    euros, there = plans.euros(rules), here[plans.option]
    part = np.abs(euros - there) - there
    return np.asarray(np.bincount(plans.candidate, part, len(plans)) + here.sum())


def nearest_within(spent: Float, away: Float, limits: Sequence[float]) -> tuple[int, int]:
    """Return the nearest plan that spends no more than the limits, and how many do.

    Parameters
    ----------
    spent : (candidate, budget)
        Euros, of :func:`spent_on`.
    away : (candidate,)
        How far each plan is, of :func:`distance_eur`.
    limits
        Euros of each budget.

    Returns
    -------
    The candidate, -1 where none keeps the limits; and the number of plans that keep them.
    """
    bound = np.asarray(limits, np.float64) * (1.0 + SLACK)
    keeps = np.flatnonzero((spent <= bound).all(axis=1))
    if keeps.size == 0:
        return -1, 0
    return int(keeps[np.argmin(away[keeps])]), int(keeps.size)
