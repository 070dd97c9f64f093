"""What one more euro of a budget is worth at a plan, and what pooling budgets would gain.

Takes a problem and a plan. The worth of a euro is that of the next project that a budget could
pay for, evaluated in full; first-order gains say which projects to look at. That is what a
small raise buys, since a plan is not always the best for its money.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenground.constraints import Rules, build_linear, maximise
from evenground.optimise.problem import SCORES, Problem

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Plan = NDArray[np.int16]

WORTH_OF = ("burden", "inequality", "stacking", "access")
"""Scores of which the worth of a euro is told."""


LOOKED_AT = 4
"""Projects that are evaluated for each budget and score, best first by their first-order gain."""


@dataclass(frozen=True)
class Worth:
    """The next project that a budget could pay for."""

    option: int
    """-1 where nothing more fits."""
    steps: int
    euros: float
    per_euro: float
    """By how much the score falls per euro of it; zero where nothing more fits."""


def next_projects(plan: Plan, rules: Rules) -> tuple[NDArray[np.int64], Float]:
    """Return the steps of the next project of each option, and its euros (option,).

    One step more of what is there, or the least of what is not; zero steps where it does not
    fit besides what the plan (option,) holds. Budgets are left out of account.
    """
    steps = np.where(plan > 0, 1, rules.least).astype(np.int64)
    fits = plan + steps <= rules.most
    takes = rules.coupling >= 0
    used = np.bincount(
        rules.coupling[takes], plan[takes] * rules.use[takes], minlength=rules.capacity.size
    )
    left = np.append(rules.capacity - used, np.inf)
    fits &= steps * rules.use <= left[rules.coupling] * (1.0 + 1e-9) + 1e-9
    first = np.repeat(np.arange(plan.size), np.diff(rules.near_start))
    crowded = np.bincount(first, plan[rules.near] > 0, minlength=plan.size) > 0
    fits &= (plan > 0) | ~crowded
    begun = rules.per_start * (plan == 0)
    balance = float((plan * rules.per_step + rules.per_start * (plan > 0)).sum())
    fits &= balance + steps * rules.per_step + begun >= -1e-9 * max(1.0, abs(balance))
    euros = steps * rules.capital_eur + rules.fixed_eur * (plan == 0)
    return np.where(fits, steps, 0), np.where(fits, euros, 0.0)


def worth_of_budgets(
    problem: Problem, plan: Plan, payable: Mapping[str, Bool]
) -> dict[str, dict[str, Worth]]:
    """Return what one more euro of each budget takes off each score at a plan (option,).

    Parameters
    ----------
    payable
        Options that each budget pays for (option,), by its name.

    Returns
    -------
    By budget and score of ``WORTH_OF``.
    """
    steps, euros = next_projects(plan, problem.rules)
    before = problem.scores(plan[None, :])[0][0]
    out: dict[str, dict[str, Worth]] = {name: {} for name in payable}
    for score in WORTH_OF:
        gain = problem.gains(plan, {score: 1.0}) * steps
        per_euro = np.divide(gain, euros, out=np.zeros_like(gain), where=euros > 0.0)
        for name, counted in payable.items():
            value = np.where(counted & (steps > 0), per_euro, -np.inf)
            near = np.argsort(-value, kind="stable")[:LOOKED_AT]
            near = near[value[near] > 0.0]
            fall = before[SCORES.index(score)] - _with(problem, plan, near, steps, score)
            true = fall / euros[near]
            best = int(np.argmax(true)) if near.size else -1
            if best < 0 or true[best] <= 0.0:
                out[name][score] = Worth(-1, 0, 0.0, 0.0)
                continue
            option = int(near[best])
            found = Worth(option, int(steps[option]), float(euros[option]), float(true[best]))
            out[name][score] = found
    return out


def _with(
    problem: Problem, plan: Plan, options: NDArray[np.int64], steps: NDArray[np.int64], score: str
) -> Float:
    """Return the score of a plan with each of some projects more (project,)."""
    plans = np.repeat(plan[None, :], options.size, axis=0)
    plans[np.arange(options.size), options] += steps[options].astype(np.int16)
    if not options.size:
        return np.zeros(0)
    return np.asarray(problem.scores(plans)[0][:, SCORES.index(score)])


def gain_of_pooling(problem: Problem) -> tuple[float, float]:
    """Return the most burden that linear gains of today could take off: apart, and pooled.

    Of the relaxed linear programme, so that neither is below what a plan reaches by those
    gains, and pooling is never the worse. In DALY per year.
    """
    rules = problem.rules
    gain = problem.gains(problem.empty, {"burden": 1.0})
    last = len(rules.rows) - 1
    goals = [k for k, row in enumerate(rules.rows) if row.at_least_eur > 0.0]
    kept = [*goals, last]
    line = np.zeros_like(rules.line)
    for at, k in enumerate(kept):
        line |= np.where(rules.counts(k), 1 << at, 0)
    pooled = replace(rules, rows=tuple(rules.rows[k] for k in kept), line=line)
    # what no line pays for stays unpaid
    if rules.rows[0].eur == 0.0 and len(rules.rows) > 1:
        most = np.where(rules.counts(0), 0, pooled.most).astype(np.int16)
        pooled = replace(pooled, most=most)
    apart = maximise(build_linear(rules), gain).value
    return apart, maximise(build_linear(pooled), gain).value
