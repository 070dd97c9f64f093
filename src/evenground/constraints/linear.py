"""All constraints as one linear programme, for HiGHS: what is possible, and what a euro is worth.

Takes the rules of a case and, for a best plan, the gain of a step of every option. Sums of
steps are exact here, gains are those of one plan. Integers only where starting a project
costs something, must be large enough, or shuts out another.

References
----------
Huangfu, Q. and Hall, J. A. J. (2018). Parallelizing the dual revised simplex method. Math.
Program. Comput. 10, 119-142.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import csr_array, hstack, vstack

from evenground.constraints.rules import Asked, Rules

Float = NDArray[np.float64]
Plan = NDArray[np.int16]

ALWAYS = ("start", "built")
"""Rows that tie starts to steps, and are no constraint of their own."""
NODES = 2000
"""Most nodes of the tree of a mixed-integer programme: a limit that gives the same answer twice."""


@dataclass(frozen=True)
class Part:
    """The rows of one constraint: low <= A z <= high over steps and starts, z = (x, y)."""

    name: str
    matrix: csr_array
    low: Float
    high: Float


@dataclass(frozen=True)
class Linear:
    """Every constraint of a case as rows over steps ``x`` and starts ``y`` (0 or 1)."""

    parts: Mapping[str, Part]
    upper: Float
    """Largest value of each variable (2 option,)."""
    whole: NDArray[np.bool_]
    """Variables that are whole numbers where it matters (2 option,)."""

    def stacked(self, names: Collection[str]) -> tuple[csr_array, Float, Float]:
        """Return the rows of some constraints, and those that tie starts to steps."""
        parts = [part for name, part in self.parts.items() if name in names or name in ALWAYS]
        return (
            vstack([part.matrix for part in parts], format="csr"),
            np.concatenate([part.low for part in parts]),
            np.concatenate([part.high for part in parts]),
        )


def build_linear(rules: Rules) -> Linear:
    """Write the rules as rows; each constraint, and each budget, by its own name."""
    n = rules.most.size
    starts = (rules.fixed_eur > 0.0) | (rules.least > 1) | (np.diff(rules.near_start) > 0)
    starts |= rules.per_start != 0.0
    parts: dict[str, Part] = {}

    def add(name: str, x: csr_array, y: csr_array, low: Float, high: Float) -> None:
        parts[name] = Part(name, hstack([x, y], format="csr"), low, high)

    none, one = _zero(n, n), _diagonal(np.ones(n))
    room = np.maximum(rules.room, rules.lock).astype(float)
    # x <= room y where starting matters
    at = np.flatnonzero(starts)
    add("start", _pick(one, at), _pick(_diagonal(-room), at), np.full(at.size, -np.inf),
        np.zeros(at.size))  # fmt: skip
    small = np.flatnonzero(rules.least > 1)
    # what starts is built, so that no start is counted for nothing
    built = np.flatnonzero(starts & (rules.least == 1))
    add("built", _pick(one, built), _pick(_diagonal(-np.ones(n)), built), np.zeros(built.size),
        np.full(built.size, np.inf))  # fmt: skip
    add("least", _pick(one, small), _pick(_diagonal(-rules.least.astype(float)), small),
        np.zeros(small.size), np.full(small.size, np.inf))  # fmt: skip
    locked = np.flatnonzero(rules.lock > 0)
    add("lock", _pick(one, locked), _pick(none, locked), rules.lock[locked].astype(float),
        np.full(locked.size, np.inf))  # fmt: skip
    closed = np.flatnonzero((rules.most == 0) & (rules.room > 0))
    add("closed", _pick(one, closed), _pick(none, closed), np.zeros(closed.size),
        np.zeros(closed.size))  # fmt: skip
    full = np.flatnonzero(rules.lock > rules.room)
    add("room", _pick(one, full), _pick(none, full), np.zeros(full.size),
        rules.room[full].astype(float))  # fmt: skip
    takes = np.flatnonzero(rules.coupling >= 0)
    grounds, row = np.unique(rules.coupling[takes], return_inverse=True)
    use = csr_array((rules.use[takes], (row, takes)), shape=(grounds.size, n))
    add("ground", use, _zero(grounds.size, n), np.full(grounds.size, -np.inf),
        rules.capacity[grounds])  # fmt: skip
    first = np.repeat(np.arange(n), np.diff(rules.near_start))
    keep = first < rules.near
    a, b = first[keep], rules.near[keep]
    k = np.arange(a.size)
    pairs = csr_array(
        (np.ones(2 * a.size), (np.concatenate([k, k]), np.concatenate([a, b]))), shape=(a.size, n)
    )
    add("spacing", _zero(a.size, n), pairs, np.full(a.size, -np.inf), np.ones(a.size))
    for number, entry in enumerate(rules.rows):
        counted = rules.counts(number)
        steps = csr_array((rules.capital_eur * counted)[None, :])
        begun = csr_array((rules.fixed_eur * counted)[None, :])
        if np.isfinite(entry.eur):
            add(f"budget:{entry.name}", steps, begun, np.array([-np.inf]), np.array([entry.eur]))
        if entry.at_least_eur > 0.0:
            add(f"spend:{entry.name}", steps, begun, np.array([entry.at_least_eur]),
                np.array([np.inf]))  # fmt: skip
    if rules.asked is not None:
        parts["priority"] = priority_part(rules.asked)
    whole = np.concatenate([np.ones(n, bool), starts])
    return Linear(parts, np.concatenate([room, np.ones(n)]), whole)


def priority_part(asked: Asked) -> Part:
    """Write the balance of the priority as a row."""
    steps, starts = asked.balance
    matrix = csr_array(np.concatenate([steps, starts])[None, :])
    return Part("priority", matrix, np.array([0.0]), np.array([np.inf]))


def _diagonal(values: Float) -> csr_array:
    """Return a square matrix with values on its diagonal."""
    at = np.arange(values.size)
    return csr_array((values, (at, at)), shape=(values.size, values.size))


def _zero(n_row: int, n_column: int) -> csr_array:
    """Return a matrix without entries."""
    return csr_array((n_row, n_column))


def _pick(matrix: csr_array, rows: NDArray[np.integer]) -> csr_array:
    """Return some rows of a matrix."""
    return csr_array(matrix[rows])


@dataclass(frozen=True)
class Best:
    """The best plan of a linear programme."""

    amount: Float
    """Steps, not always whole (option,)."""
    value: float
    """What it gains."""
    bound: float
    """What no plan exceeds."""
    worth: Mapping[str, float]
    """What one more unit of the bound of each single-row constraint would add; only of the
    relaxed programme."""


def maximise(linear: Linear, gain: Float, *, whole: bool = False) -> Best:
    """Return the steps that gain most within all constraints.

    Parameters
    ----------
    gain : (option,)
        Of a step of each option.
    whole
        True = whole steps and starts, by branch and bound; False = the relaxed programme,
        whose value no whole plan exceeds.

    Raises
    ------
    ValueError
        If no plan respects the constraints.
    """
    n = gain.size
    price = np.concatenate([-gain, np.zeros(n)])
    names = tuple(linear.parts)
    matrix, low, high = linear.stacked(names)
    if whole:
        found = solve_whole(price, linear.whole, linear.upper, LinearConstraint(matrix, low, high))
        if found.x is None:
            msg = f"HiGHS found no plan: {found.message}"
            raise ValueError(msg)
        return Best(found.x[:n], float(-found.fun), float(-found.mip_dual_bound), {})
    relaxed = _relaxed(price, matrix, low, high, linear.upper)
    if relaxed is None:
        msg = "HiGHS found no plan: the constraints cannot be met together."
        raise ValueError(msg)
    worth, at = {}, 0
    for name in names:
        size = linear.parts[name].low.size
        if size == 1:
            worth[name] = float(relaxed.dual[at])
        at += size
    return Best(relaxed.x[:n], -relaxed.value, -relaxed.value, worth)


@dataclass(frozen=True)
class _Relaxed:
    """A solution with parts of steps and starts."""

    x: Float
    value: float
    dual: Float
    """How much less the value would be for one more of the bound of each row."""


def _relaxed(
    price: Float, matrix: csr_array, low: Float, high: Float, upper: Float
) -> _Relaxed | None:
    """Solve with parts of steps and starts; nothing where that is impossible."""
    above, below = np.isfinite(high), np.isfinite(low)
    rows = vstack([matrix[above], -matrix[below]], format="csr")
    bound = np.concatenate([high[above], -low[below]])
    found = linprog(
        price,
        A_ub=rows,
        b_ub=bound,
        bounds=np.column_stack([np.zeros(upper.size), upper]).tolist(),
        method="highs",
    )
    if found.x is None:
        return None
    marginal = -np.asarray(found.ineqlin.marginals, np.float64)
    dual = np.zeros(high.size)
    dual[above] = marginal[: int(above.sum())]
    dual[below] -= marginal[int(above.sum()) :]
    return _Relaxed(np.asarray(found.x, np.float64), float(found.fun or 0.0), dual)


def solve_whole(
    price: Float, whole: NDArray[np.bool_], upper: Float, rows: LinearConstraint
) -> OptimizeResult:
    """Solve with whole steps and starts, within a number of nodes.

    Parameters
    ----------
    price, whole, upper : (variable,)
        What is kept low, which variables are whole numbers, and their largest value.
    """
    return milp(
        price,
        integrality=whole.astype(int),
        bounds=Bounds(0.0, upper),
        constraints=rows,
        options={"node_limit": NODES},
    )


def is_possible(linear: Linear, names: Collection[str], *, whole: bool) -> bool:
    """Say whether some plan respects the constraints of these names together.

    Parameters
    ----------
    whole
        False = with parts of steps, which is fast and often already impossible; True = with
        whole ones.
    """
    matrix, low, high = linear.stacked(names)
    price = np.zeros(linear.upper.size)
    if not whole:
        return _relaxed(price, matrix, low, high, linear.upper) is not None
    found = solve_whole(price, linear.whole, linear.upper, LinearConstraint(matrix, low, high))
    # a limit that is reached has proved nothing
    return bool(found.status != 2)
