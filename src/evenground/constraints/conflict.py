"""Which constraints cannot be met together, before any search, and what would mend it.

Takes the rules of a case. Finds the smallest set of constraints that no plan respects, and
for each of the set the least change of it alone that makes a plan possible.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array, hstack, vstack

from evenground.constraints.linear import (
    ALWAYS,
    Linear,
    Part,
    build_linear,
    is_possible,
    priority_part,
    solve_whole,
)
from evenground.constraints.rules import Asked, Rules

Float = NDArray[np.float64]

SMALLEST = 3
"""Sets of up to so many constraints are all tried; a larger one is made by leaving out."""


@dataclass(frozen=True)
class Relaxation:
    """The least change of one constraint that makes a plan possible."""

    name: str
    amount: float
    """How much its bounds have to give, in its own unit; of the share of the priority what is
    left of it. NaN where that alone does not help."""
    share: float
    """The same as a share of its bound; infinite where the bound is zero."""


@dataclass(frozen=True)
class Conflict:
    """Constraints that cannot be met together."""

    names: tuple[str, ...]
    relaxations: tuple[Relaxation, ...]
    """Least share first."""


def find_conflict(rules: Rules, more: Sequence[Part] = ()) -> Conflict | None:
    """Return the smallest set of constraints that no plan respects; None where plans exist.

    Parameters
    ----------
    more
        Rows of constraints that the rules do not hold, such as that nobody is worse off.
    """
    asks = bool((rules.lock > 0).any()) or rules.goals[1].size > 0
    if not asks:
        return None  # to build nothing respects all
    linear = build_linear(rules)
    linear = replace(linear, parts={**linear.parts, **{part.name: part for part in more}})
    names = [name for name, part in linear.parts.items() if part.low.size and name not in ALWAYS]
    whole = is_possible(linear, names, whole=False)
    if whole and is_possible(linear, names, whole=True):
        return None
    # where parts of steps are impossible already, they are enough to find out why
    found = _smallest(linear, names, whole=whole)
    gives = [_relax(linear, rules, found, name) for name in found]
    gives.sort(key=lambda one: (not np.isfinite(one.share), one.share))
    return Conflict(found, tuple(gives))


def _smallest(linear: Linear, names: list[str], *, whole: bool) -> tuple[str, ...]:
    """Return the smallest set that is impossible."""
    asking = [name for name in names if name == "lock" or name.startswith("spend:")]
    left = list(names)
    for name in names:
        fewer = [other for other in left if other != name]
        if not is_possible(linear, fewer, whole=whole):
            left = fewer
    for size in range(1, min(SMALLEST, len(left) - 1) + 1):
        for chosen in combinations(names, size):
            # what asks for nothing is met by building nothing
            if set(chosen) & set(asking) and not is_possible(linear, chosen, whole=whole):
                return chosen
    return tuple(left)


def _relax(linear: Linear, rules: Rules, names: Collection[str], name: str) -> Relaxation:
    """Return the least total by which the rows of one constraint must give."""
    if name == "priority" and rules.asked is not None:
        return _largest_share(linear, rules.asked, names)
    part = linear.parts[name]
    others = [other for other in names if other != name]
    matrix, low, high = linear.stacked(others)
    n_row, n = part.low.size, linear.upper.size
    unit = _euros(rules, name, n_row)
    give = csr_array((np.ones(n_row), (np.arange(n_row), np.arange(n_row))), shape=(n_row, n_row))
    rows = vstack(
        [
            hstack([matrix, csr_array((low.size, 2 * n_row))]),
            hstack([part.matrix, give, -give]),
        ],
        format="csr",
    )
    price = np.concatenate([np.zeros(n), np.tile(unit, 2)])
    found = solve_whole(
        price,
        np.concatenate([linear.whole, np.zeros(2 * n_row, bool)]),
        np.concatenate([linear.upper, np.full(2 * n_row, np.inf)]),
        LinearConstraint(rows, np.concatenate([low, part.low]), np.concatenate([high, part.high])),
    )
    if found.x is None:
        return Relaxation(name, np.nan, np.inf)
    amount = float(found.fun)
    bound = _bound(rules, name)
    return Relaxation(name, amount, amount / bound if bound > 0.0 else np.inf)


def _largest_share(linear: Linear, asked: Asked, names: Collection[str]) -> Relaxation:
    """Return the largest share for the priority that leaves a plan, to a part in a thousand."""

    def allows(share: float) -> bool:
        part = priority_part(replace(asked, share=share))
        eased = replace(linear, parts={**linear.parts, "priority": part})
        return is_possible(eased, names, whole=True)

    if not allows(0.0):
        return Relaxation("priority", np.nan, np.inf)
    # thousandths of the share, between one that leaves a plan and one that leaves none
    low, high = 0, int(np.ceil(1000.0 * asked.share))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if allows(middle / 1000.0) else (low, middle)
    return Relaxation("priority", low / 1000.0, 1.0 - low / 1000.0 / asked.share)


def _euros(rules: Rules, name: str, n_row: int) -> Float:
    """Return what a unit of each row counts for: euros where rows are steps, else one."""
    if name == "lock":
        return np.asarray(rules.capital_eur[rules.lock > 0])
    if name == "closed":
        return np.asarray(rules.capital_eur[(rules.most == 0) & (rules.room > 0)])
    return np.ones(n_row)


def _bound(rules: Rules, name: str) -> float:
    """Return the size of a bound, to which what has to give is compared."""
    kind, _, row = name.partition(":")
    by_name = {entry.name: entry for entry in rules.rows}
    if kind == "budget":
        return by_name[row].eur
    if kind == "spend":
        return by_name[row].at_least_eur
    if kind == "lock":
        return float((rules.lock * rules.capital_eur).sum())
    return 0.0
