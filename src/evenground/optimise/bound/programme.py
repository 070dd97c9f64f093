"""The linear programme of one budget, its cuts, and what HiGHS makes of it.

Takes the rules and a score by its planes; gives what no plan within the budget goes below, in
parts of steps and in whole ones, with the status of the solver.
"""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import csr_array, diags_array, hstack, vstack

from evenground.constraints import Rules, build_linear
from evenground.optimise.bound.cuts import Score
from evenground.optimise.problem import Problem

Float = NDArray[np.float64]

ROUNDS = 12
"""Most cuts that are added for one budget."""
ENOUGH = 2e-4
"""Share of what can be won by which a cut must raise the bound to go on."""
WHOLE_ROUNDS = 3
"""Most of them with whole steps."""
NODES = 200
"""Most nodes of the tree with whole steps."""
WHOLE_UP_TO = 20_000
"""Most options for which whole steps are asked of HiGHS; beyond, the bound is of parts of steps."""
WHOLE_BUDGET = "budget:budget"
"""Name of the row of the whole budget."""
EXACT, CUT_SHORT, NO_TIME, NO_BOUND = "opgelost", "afgekapt", "geen tijd", "geen grens"
"""Solved to the limit of its cuts; a limit of nodes or time came first; no time; no bound known."""
PARTS = "lineair programma met raakvlakken, delen van stappen"
WHOLE = "lineair programma met raakvlakken, hele stappen"


@dataclass(frozen=True)
class Line:
    """A line below the least score at every budget."""

    budget_eur: float
    value: float
    per_eur: float
    """Change of the least score by one euro more, never above zero."""

    def at(self, budget_eur: float) -> float:
        """Return the line at a budget."""
        return self.value + self.per_eur * (budget_eur - self.budget_eur)


@dataclass(frozen=True)
class Solved:
    """What HiGHS made of one budget."""

    value: float
    """No plan goes below it; not a number where there was no time."""
    status: str
    mip_gap: float
    how: str
    lines: tuple[Line, ...] = ()


def solve_budget(rules: Rules, problem: Problem, score: Score, today: float, ends: float) -> Solved:
    """Add cuts for one budget until they change little, then with whole steps."""
    programme = Programme(rules, drop_priority=problem.favoured is not None)
    asked = [False] if problem.empty.size > WHOLE_UP_TO else [False, True]
    solved = Solved(np.nan, NO_TIME, np.nan, PARTS)
    for whole in asked:
        for _ in range(ROUNDS if not whole else WHOLE_ROUNDS):
            left = ends - time.monotonic()
            if left <= 0.0:
                return replace(solved, status=CUT_SHORT if solved.value > -np.inf else NO_TIME)
            found = programme.solve(score, left, whole=whole)
            if found.x is None or found.value == -np.inf or not (whole or found.is_solved):
                return replace(solved, status=CUT_SHORT if solved.value > -np.inf else NO_TIME)
            value = np.fmax(solved.value, found.value)
            lines = solved.lines
            if not whole:
                lines = (*lines, Line(rules.rows[-1].eur, found.value, found.per_eur))
            above = _add_cuts(score, found)
            is_near = above <= ENOUGH * max(today - value, 0.0)
            status = EXACT if is_near and found.is_solved else CUT_SHORT
            how = WHOLE if whole else PARTS
            solved = Solved(float(value), status, found.mip_gap, how, lines)
            if is_near:
                break
    return solved


def _add_cuts(score: Score, found: "Solution") -> float:
    """Add what is tightest at a solution; return by how much the score is above the solution."""
    margin = 1e-3 * ENOUGH * found.unit
    sums = score.pool.add(found.x, found.sums + margin)
    score.add(found.sums)
    return score.add(np.maximum(sums, found.sums)) - found.score


@dataclass(frozen=True)
class Solution:
    """A solution of the programme, in the unit of the score."""

    x: Float
    """Steps, not always whole (option,)."""
    sums: Float
    """Of neighbourhoods (neighbourhood,)."""
    score: float
    value: float
    """What no solution goes below."""
    is_solved: bool
    mip_gap: float
    unit: float
    """Largest change of a sum by one option."""
    per_eur: float = 0.0
    """Change of the value by one euro more in the whole budget; zero for whole steps."""


class Programme:
    """The programme of one budget: all constraints, sums above their cuts, and the score."""

    def __init__(self, rules: Rules, *, drop_priority: bool) -> None:
        linear = build_linear(rules)
        names = [name for name in linear.parts if not (drop_priority and name == "priority")]
        self._matrix, self._low, self._high = linear.stacked(names)
        before = 0
        for name, part in linear.parts.items():
            if name == WHOLE_BUDGET:
                self._budget_row = before
            before += part.low.size * (name in names)
        self._whole, self._upper = linear.whole, linear.upper
        self._n = rules.most.size

    def solve(self, score: Score, time_s: float, *, whole: bool) -> Solution:
        """Return the least score that is above all planes.

        Sums are told apart from the first cut, and in the largest change of one option, so that
        no tolerance of HiGHS is large against what is won.
        """
        pool, n, m = score.pool, self._n, self._upper.size
        slope = vstack(pool.slope, format="csr")
        zone, constant = np.concatenate(pool.zone), np.concatenate(pool.constant)
        start = pool.constant[0]
        every = start.size
        change = np.abs(slope @ diags_array(self._upper[:n])).tocsr()
        unit = max(float(change.max()) if change.nnz else 0.0, 1e-300)
        planes = np.stack(score.slope)
        of_score = unit * max(float(planes.max()), 1e-300)
        first = score.value[0] + float(score.slope[0] @ start)
        pick = csr_array((-np.ones(zone.size), (np.arange(zone.size), zone)), (zone.size, every))
        shared = pool.shared
        rows = [
            [self._matrix, csr_array((self._matrix.shape[0], every + 1))],
            [shared, csr_array((shared.shape[0], m - n + every + 1))],
            [slope / unit, csr_array((zone.size, m - n)), pick, csr_array((zone.size, 1))],
            [
                csr_array((len(planes), m)),
                csr_array(planes * unit / of_score),
                csr_array(-np.ones((len(planes), 1))),
            ],
        ]
        matrix = vstack([hstack(row, format="csr") for row in rows], format="csr")
        of_planes = (first - np.array(score.value) - planes @ start) / of_score
        high = np.concatenate(
            [self._high, np.ones(shared.shape[0]), (start[zone] - constant) / unit, of_planes]
        )
        low = np.concatenate([self._low, np.full(high.size - self._low.size, -np.inf)])
        free = np.full(every + 1, np.inf)
        price = np.append(np.zeros(m + every), 1.0)
        least, most = np.concatenate([np.zeros(m), -free]), np.concatenate([self._upper, free])
        found: OptimizeResult
        per_eur = 0.0
        if whole:
            found = milp(
                price,
                integrality=np.concatenate([self._whole, np.zeros(every + 1)]).astype(int),
                bounds=Bounds(least, most),
                constraints=LinearConstraint(matrix, low, high),
                options={"time_limit": time_s, "node_limit": NODES},
            )
        else:
            above, below = np.isfinite(high), np.isfinite(low)
            found = linprog(
                price,
                A_ub=vstack([matrix[above], -matrix[below]], format="csr"),
                b_ub=np.concatenate([high[above], -low[below]]),
                bounds=np.column_stack([least, most]).tolist(),
                method="highs",
                options={"time_limit": time_s},
            )
            if found.status == 0:
                row = int(above[: self._budget_row].sum())
                per_eur = of_score * min(float(found.ineqlin.marginals[row]), 0.0)
        if found.x is None:
            nothing = np.zeros(0)
            return Solution(
                nothing, nothing, np.nan, -np.inf, is_solved=False, mip_gap=np.nan, unit=unit
            )
        bound_at = found.mip_dual_bound if whole else found.fun
        value = -np.inf if bound_at is None else first + of_score * float(bound_at)
        return Solution(
            x=np.clip(found.x[:n], 0.0, self._upper[:n]),
            sums=start + unit * found.x[m : m + every],
            score=first + of_score * float(found.fun or 0.0),
            value=value,
            is_solved=found.status == 0,
            mip_gap=float(found.mip_gap) if whole and found.mip_gap is not None else np.nan,
            unit=unit,
            per_eur=per_eur,
        )
