r"""How far the plans that were found are at most from the best there is.

Takes a problem, what its burden is made of, and an archive; gives what no plan within a budget
goes below, for a number of budgets, and the gap. Rests on linear functions below the scores of
every plan (:mod:`.minorant`) and on HiGHS.

A score is below none of its cuts, which are linear in the plan ``x``:

* ``burden`` and ``access`` are weighted sums of burdens of receptors; ``ses_gradient`` is one
  with weights of both signs, and zero where it would be negative.
* ``inequality``, the Kolm-Pollak measure ``K`` of the burdens ``B`` of neighbourhoods, is convex
  and rises with each of them, so that
  ``K(B(x)) >= K(b) + grad K(b) (B(x) - b)`` for whatever ``b``, and the weights ``grad K(b)`` are
  not below zero, so that ``B(x)`` may be replaced by what lies below it.

So the least ``t`` over all plans within the constraints, with one variable for the burden of each
neighbourhood that is above its cuts and ``t`` above those of the score, is a lower bound, of whole
steps as of parts of them. Cuts are added at the solution until they change little (Kelley 1960);
a cut made for one budget or score holds for all. The least value of a linear programme is convex
in its bounds, so that the price of a euro at one budget is a line below it at every other: a budget
that got no time of its own is still bounded by the lines of the others. The gap is told as a
share of what could at most be won: ``(found - bound) / (today - bound)``.

The bound holds for every plan that keeps to the ground, amounts, locked works, budgets, spacing
and least sizes. That nobody may be worse off, and a share of the gain for some, only take plans
away; they are left out.

References
----------
Kelley, J. E. (1960). The cutting-plane method for solving convex programs. J. SIAM 8, 703-712.
Huangfu, Q. and Hall, J. A. J. (2018). Parallelizing the dual revised simplex method. Math.
Program. Comput. 10, 119-142.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import csr_array, diags_array, hstack, vstack

from evenground.constraints import Rules, build_linear
from evenground.evaluation import Frame
from evenground.objectives import OBJECTIVES, burden_derivative
from evenground.objectives.inequality import inequality_score
from evenground.optimise.archive import Archive
from evenground.optimise.minorant import City, Minorants
from evenground.optimise.problem import SCORES, Problem

Float = NDArray[np.float64]
Plans = NDArray[np.int16]

BUDGETS = 10
"""Budgets for which a bound is sought, at even distances up to the whole."""
ORDER = (9, 0, 3, 1, 6, 2, 4, 5, 7, 8)
"""Order in which budgets get their time: the ends first, so that their lines bound the rest."""
TINY = 1e-9
"""Share of the score of today below which a gap is told as a share of what can be won alone."""
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
ROUNDING = 1e-7
"""Share of a score by which the single precision of the evaluation may take it too low."""

WHOLE_BUDGET = "budget:budget"
"""Name of the row of the whole budget."""

EXACT, CUT_SHORT, NO_TIME, NO_BOUND = "opgelost", "afgekapt", "geen tijd", "geen grens"
"""Solved to the limit of its cuts; a limit of nodes or time came first; no time; no bound known."""
COLUMNS = (
    "objective",
    "budget_eur",
    "today",
    "lower_bound",
    "best_found",
    "gap",
    "gap_of_score",
    "status",
    "mip_gap",
    "cuts",
    "how",
)


@dataclass(frozen=True)
class Bound:
    """What no plan goes below, and how near the best plan found is."""

    table: pd.DataFrame
    """One row for each objective and budget: objective, budget_eur, today, lower_bound,
    best_found, gap (share of what could be won at most), gap_of_score (share of the bound),
    status, mip_gap (of the tree; empty = not asked), cuts and how (Dutch)."""
    concave_share: float
    """Share of the residents whose noise burden is concave, and met exactly by whole plans."""


@dataclass
class _Pool:
    """Linear functions of the plan below the sums of neighbourhoods, as rows; see ``Minorants``."""

    lines: Minorants
    zone: list[NDArray[np.int64]] = field(default_factory=list)
    constant: list[Float] = field(default_factory=list)
    slope: list[csr_array] = field(default_factory=list)

    def add(self, plan: Float, above: Float | None = None) -> Float:
        """Add what is tightest at a plan (option,); return the sums there (neighbourhood,).

        Parameters
        ----------
        above
            Only neighbourhoods in which it is above these sums (neighbourhood,).
        """
        constant, slope = self.lines.cut(plan)
        value = constant + slope @ plan
        chosen = np.arange(value.size) if above is None else np.flatnonzero(value > above)
        self.zone.append(chosen)
        self.constant.append(constant[chosen])
        self.slope.append(csr_array(slope[chosen]))
        return np.asarray(value)

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(sum(part.size for part in self.zone))


@dataclass
class _Score:
    """A score as a convex function of the sums of neighbourhoods, by planes below it."""

    name: str
    pool: _Pool
    plane: Callable[[Float], tuple[float, Float]]
    """From sums to the score and its slope (neighbourhood,), nowhere below zero."""
    is_linear: bool
    value: list[float] = field(default_factory=list)
    slope: list[Float] = field(default_factory=list)

    def add(self, sums: Float) -> float:
        """Add the plane at sums (neighbourhood,); return the score there."""
        score, slope = self.plane(sums)
        if not (self.is_linear and self.value):
            self.value.append(score - float(slope @ sums))
            self.slope.append(slope)
        return score


def bound(problem: Problem, city: City, archive: Archive, time_s: float) -> Bound:
    """Return the bound of every objective but cost, at ten budgets up to the whole.

    Parameters
    ----------
    time_s
        Most seconds of all together; objectives share it evenly.
    """
    names = [name for name in problem.search.objectives if name != "cost"]
    makers = _Makers(problem, city)
    if problem.empty.size:
        # compiles, which is once and costs no time of the bound
        makers.pool()
    ends = time.monotonic() + time_s
    rows: list[dict[str, object]] = []
    for at, name in enumerate(names):
        score = makers.make(name) if problem.empty.size else None
        if score is None:
            rows += [_untold(name, budget) for budget in budgets(problem)]
            continue
        share = (ends - time.monotonic()) / (len(names) - at)
        rows += _rows(problem, score, archive, time.monotonic() + share)
    return Bound(pd.DataFrame(rows, columns=list(COLUMNS)), makers.concave_share)


def budgets(problem: Problem) -> Float:
    """Return the budgets for which a bound is sought, the smallest first (budget,)."""
    whole = problem.rules.rows[-1].eur
    return np.asarray(whole * np.arange(1, BUDGETS + 1) / BUDGETS)


class _Makers:
    """Makes scores of which a bound is known; the lines below burdens are made once."""

    def __init__(self, problem: Problem, city: City) -> None:
        self._problem, self._city = problem, city
        self._burden: _Pool | None = None

    @property
    def concave_share(self) -> float:
        """Share of the noise burden of today that is met by chains."""
        return np.nan if self._burden is None else self._burden.lines.concave_share

    def pool(self) -> _Pool:
        """Return the lines below burdens in DALY per year."""
        if self._burden is None:
            self._burden = self._pool(self._city.rate)
        return self._burden

    def make(self, name: str) -> _Score | None:
        """Return a score by its planes; None where no bound is known."""
        problem, city = self._problem, self._city
        frame = problem.frame
        if name == "burden":
            return _Score(name, self.pool(), _total, is_linear=True)
        if name == "inequality":
            return _Score(
                name, self.pool(), lambda sums: _kolm_pollak(frame, sums), is_linear=False
            )
        if name == "ses_gradient":
            today = city.burden(city.rate, city.baseline)
            per_resident = 1000.0 * today / np.maximum(frame.residents, 1e-300)
            weight = burden_derivative(name, per_resident, frame)
            return _Score(name, self._pool(city.rate * weight), _total, is_linear=True)
        if name == "access":
            return _Score(name, self._pool(self._access()), _total, is_linear=True)
        return None

    def _access(self) -> Float:
        """Return what the shortfall of a resident adds to the mean (channel, neighbourhood)."""
        frame, city = self._problem.frame, self._city
        people = city.group_residents.sum(axis=0)
        rate = np.zeros(city.rate.shape)
        part = np.divide(frame.residents, people, out=np.zeros_like(people), where=people > 0.0)
        rate[frame.access_channel] = part / max(float(frame.residents.sum()), 1e-300)
        return rate

    def _pool(self, rate: Float) -> _Pool:
        """Return lines below sums of responses, with those at the empty plan."""
        pool = _Pool(Minorants(self._city, self._problem.rules, rate))
        pool.add(self._problem.empty.astype(float))
        return pool


def _total(sums: Float) -> tuple[float, Float]:
    """Return the sum over neighbourhoods and its slope."""
    return float(sums.sum()), np.ones(sums.size)


def _kolm_pollak(frame: Frame, sums: Float) -> tuple[float, Float]:
    """Return the Kolm-Pollak measure of burdens (neighbourhood,) and its slope."""
    kept = frame.is_assessed & (frame.residents > 0.0)
    per_resident = np.where(kept, 1000.0 * sums / np.maximum(frame.residents, 1e-300), 0.0)
    value = inequality_score(per_resident[None, kept], frame.residents[kept], frame.kappa)
    return float(value[0]), burden_derivative("inequality", per_resident, frame)


def _rows(
    problem: Problem, score: _Score, archive: Archive, ends: float
) -> list[dict[str, object]]:
    """Return one row for each budget, the smallest first."""
    column = SCORES.index(score.name)
    today = float(problem.scores(problem.empty[None, :])[0][0, column])
    rows = []
    levels = budgets(problem)
    found_at, solved_at = {}, {}
    for turn, at in enumerate(ORDER):
        budget = levels[at]
        best = best_within(archive, column, budget)
        if best is not None and time.monotonic() < ends:
            score.add(score.pool.add(archive.dense([best])[0].astype(float)))
        # the cuts and lines of the first serve all others
        share = time.monotonic() + (ends - time.monotonic()) / min(BUDGETS - turn, 3)
        solved_at[at] = solve_budget(
            problem.rules.with_budget(budget), problem, score, today, share
        )
        found_at[at] = best
    lines = [line for solved in solved_at.values() for line in solved.lines]
    larger = -np.inf
    for at, budget in reversed(list(enumerate(levels))):
        best, solved = found_at[at], _raised(solved_at[at], lines, float(budget), larger)
        larger = np.fmax(larger, solved.value)
        least = solved.value - ROUNDING * abs(solved.value)
        if score.name == "ses_gradient":
            least = max(least, 0.0)
        # nobody needs to build, so the empty plan is never beaten by its own bound
        found = np.nan if best is None else float(archive.scores[best, column])
        won = today - least
        rows.append(
            {
                "objective": score.name,
                "budget_eur": float(budget),
                "today": today,
                "lower_bound": least,
                "best_found": found,
                "gap": (found - least) / won if won > 0.0 else np.nan,
                "gap_of_score": (found - least) / abs(least) if least > TINY * today else np.nan,
                "status": solved.status,
                "mip_gap": solved.mip_gap,
                "cuts": score.pool.size + len(score.value),
                "how": solved.how,
            }
        )
    return rows[::-1]


def _raised(solved: "_Solved", lines: list["_Line"], budget: float, larger: float) -> "_Solved":
    """Return what was solved, raised to what other budgets prove where that is higher.

    Parameters
    ----------
    larger
        What no plan within a larger budget goes below.
    """
    highest = max([line.at(budget) for line in lines], default=-np.inf)
    highest = max(highest, larger)
    if highest == -np.inf or solved.value >= highest:
        return solved
    how = solved.how if solved.value > -np.inf else LINE
    return replace(solved, value=highest, status=CUT_SHORT, how=how)


def _untold(name: str, budget: float) -> dict[str, object]:
    """Return the row of a score for which no bound is known."""
    row: dict[str, object] = dict.fromkeys(COLUMNS, np.nan)
    how = "voor deze maat is geen bewijsbare grens gemaakt"
    if name not in OBJECTIVES:
        how = "een verhouding of een telling heeft hier geen bewijsbare grens"
    return row | {
        "objective": name,
        "budget_eur": float(budget),
        "status": NO_BOUND,
        "cuts": 0,
        "how": how,
    }


def best_within(archive: Archive, column: int, budget_eur: float) -> int | None:
    """Return the candidate with the least of a score that costs no more than a budget."""
    capital = archive.scores[:, SCORES.index("capital")]
    fits = np.flatnonzero(capital <= budget_eur * (1.0 + 1e-9))
    if fits.size == 0:
        return None
    return int(fits[np.argmin(archive.scores[fits, column])])


@dataclass(frozen=True)
class _Line:
    """A line below the least score at every budget."""

    budget_eur: float
    value: float
    per_eur: float
    """Change of the least score by one euro more, never above zero."""

    def at(self, budget_eur: float) -> float:
        """Return the line at a budget."""
        return self.value + self.per_eur * (budget_eur - self.budget_eur)


@dataclass(frozen=True)
class _Solved:
    """What HiGHS made of one budget."""

    value: float
    """No plan goes below it; not a number where there was no time."""
    status: str
    mip_gap: float
    how: str
    lines: tuple[_Line, ...] = ()


LINE = "raaklijn van een ander budget"
PARTS = "lineair programma met raakvlakken, delen van stappen"
WHOLE = "lineair programma met raakvlakken, hele stappen"


def solve_budget(
    rules: Rules, problem: Problem, score: _Score, today: float, ends: float
) -> _Solved:
    """Add cuts for one budget until they change little, then with whole steps."""
    programme = _Programme(rules, drop_priority=problem.favoured is not None)
    asked = [False] if problem.empty.size > WHOLE_UP_TO else [False, True]
    solved = _Solved(np.nan, NO_TIME, np.nan, PARTS)
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
                lines = (*lines, _Line(rules.rows[-1].eur, found.value, found.per_eur))
            above = _add_cuts(score, found)
            is_near = above <= ENOUGH * max(today - value, 0.0)
            status = EXACT if is_near and found.is_solved else CUT_SHORT
            how = WHOLE if whole else PARTS
            solved = _Solved(float(value), status, found.mip_gap, how, lines)
            if is_near:
                break
    return solved


def _add_cuts(score: _Score, found: "_Found") -> float:
    """Add what is tightest at a solution; return by how much the score is above the solution."""
    margin = 1e-3 * ENOUGH * found.unit
    sums = score.pool.add(found.x, found.sums + margin)
    score.add(found.sums)
    return score.add(np.maximum(sums, found.sums)) - found.score


@dataclass(frozen=True)
class _Found:
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


class _Programme:
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

    def solve(self, score: _Score, time_s: float, *, whole: bool) -> _Found:
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
        rows = [
            [self._matrix, csr_array((self._matrix.shape[0], every + 1))],
            [slope / unit, csr_array((zone.size, m - n)), pick, csr_array((zone.size, 1))],
            [
                csr_array((len(planes), m)),
                csr_array(planes * unit / of_score),
                csr_array(-np.ones((len(planes), 1))),
            ],
        ]
        matrix = vstack([hstack(row, format="csr") for row in rows], format="csr")
        of_planes = (first - np.array(score.value) - planes @ start) / of_score
        high = np.concatenate([self._high, (start[zone] - constant) / unit, of_planes])
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
            return _Found(
                nothing, nothing, np.nan, -np.inf, is_solved=False, mip_gap=np.nan, unit=unit
            )
        bound_at = found.mip_dual_bound if whole else found.fun
        value = -np.inf if bound_at is None else first + of_score * float(bound_at)
        return _Found(
            x=np.clip(found.x[:n], 0.0, self._upper[:n]),
            sums=start + unit * found.x[m : m + every],
            score=first + of_score * float(found.fun or 0.0),
            value=value,
            is_solved=found.status == 0,
            mip_gap=float(found.mip_gap) if whole and found.mip_gap is not None else np.nan,
            unit=unit,
            per_eur=per_eur,
        )
