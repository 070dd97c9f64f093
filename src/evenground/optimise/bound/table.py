r"""How far the plans that were found are at most from the best there is.

Takes a problem, what its burden is made of, and an archive; gives what no plan within a budget
goes below, for a number of budgets, and the gap. Rests on linear functions below the scores of
every plan (:mod:`.minorants`) and on HiGHS.

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
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.names import LAYERS
from evenground.objectives import OBJECTIVES
from evenground.optimise.archive import Archive
from evenground.optimise.bound.city import City
from evenground.optimise.bound.cuts import Makers, OutOfTimeError, Score
from evenground.optimise.bound.programme import (
    CUT_SHORT,
    NO_BOUND,
    NO_TIME,
    Line,
    Solved,
    solve_budget,
)
from evenground.optimise.problem import SCORES, Problem

Float = NDArray[np.float64]

BUDGETS = 10
"""Budgets for which a bound is sought, at even distances up to the whole."""
ORDER = (9, 0, 3, 1, 6, 2, 4, 5, 7, 8)
"""Order in which budgets get their time: the ends first, so that their lines bound the rest."""
TINY = 1e-9
"""Share of the score of today below which a gap is told as a share of what can be won alone."""
ROUNDING = 1e-7
"""Share of a score by which the single precision of the evaluation may take it too low."""
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
SHARED = ("burden", "inequality")
"""Scores that rest on the same lines, which are made first."""
LINE = "raaklijn van een ander budget"


@dataclass(frozen=True)
class Bound:
    """What no plan goes below, and how near the best plan found is."""

    table: pd.DataFrame
    """One row for each objective and budget: objective, budget_eur, today, lower_bound,
    best_found, gap (share of what could be won at most), gap_of_score (share of the bound),
    status, mip_gap (of the tree; empty = not asked), cuts and how (Dutch)."""
    concave_share: float
    """Share of the residents whose noise burden is concave, and met exactly by whole plans."""
    layers: pd.DataFrame
    """What the lines below burdens miss at the healthiest plan found, one row a layer: layer,
    today, then and below, in DALY per year; empty where the burden is no objective."""


def bound(
    problem: Problem, city: City, archive: Archive, time_s: float, *, is_strict: bool = False
) -> Bound:
    """Return the bound of every objective but cost, at ten budgets up to the whole.

    Parameters
    ----------
    time_s
        Most seconds of all together; objectives share it evenly.
    is_strict
        Whether making the first lines below the burden counts too; it compiles, once. An
        objective whose lines would take more than what is left is told to have had no time.
    """
    began = time.monotonic()
    names = [name for name in problem.search.objectives if name != "cost"]
    makers = Makers(problem, city, began + time_s if is_strict else np.inf)
    try:
        if problem.empty.size:
            makers.pool()
    except OutOfTimeError:
        rows = [_untimed(name, budget) for name in names for budget in budgets(problem)]
        return Bound(pd.DataFrame(rows, columns=list(COLUMNS)), np.nan, _no_layers())
    made_s = time.monotonic() - began
    # cuts are whole steps as well: the last of them, and what is told of layers, take that long
    ends = began + time_s - made_s if is_strict else time.monotonic() + time_s
    rows = []
    for at, name in enumerate(names):
        if is_strict and time.monotonic() + made_s * (name not in SHARED) >= ends:
            rows += [_untimed(name, budget) for budget in budgets(problem)]
            continue
        try:
            score = makers.make(name) if problem.empty.size else None
        except OutOfTimeError:
            rows += [_untimed(name, budget) for budget in budgets(problem)]
            continue
        if score is None:
            rows += [_untold(name, budget) for budget in budgets(problem)]
            continue
        left = ends - time.monotonic()
        share = left / (len(names) - at)
        if is_strict:
            # rather a few objectives with cuts than all with none
            share = min(left, max(share, 2.0 * made_s))
        rows += _rows(problem, score, archive, time.monotonic() + share)
    layers = _no_layers()
    # the lines of a layer take less than to make them did
    has_time = not is_strict or time.monotonic() + made_s <= began + time_s
    if "burden" in names and problem.empty.size and len(archive) and has_time:
        best = int(np.argmin(archive.scores[:, SCORES.index("burden")]))
        found = makers.by_layer(archive.dense([best])[0].astype(float))
        told = [(LAYERS[layer], *values) for layer, values in found.items()]
        layers = pd.DataFrame(told, columns=layers.columns)
    return Bound(pd.DataFrame(rows, columns=list(COLUMNS)), makers.concave_share, layers)


def _no_layers() -> pd.DataFrame:
    """Return that nothing is known of layers."""
    return pd.DataFrame(columns=["layer", "today", "then", "below"])


def budgets(problem: Problem) -> Float:
    """Return the budgets for which a bound is sought, the smallest first (budget,)."""
    whole = problem.rules.rows[-1].eur
    return np.asarray(whole * np.arange(1, BUDGETS + 1) / BUDGETS)


def _rows(problem: Problem, score: Score, archive: Archive, ends: float) -> list[dict[str, object]]:
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


def _raised(solved: "Solved", lines: list["Line"], budget: float, larger: float) -> "Solved":
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


def _untimed(name: str, budget: float) -> dict[str, object]:
    """Return the row of a score for which there was no time."""
    return _untold(name, budget) | {"status": NO_TIME, "how": "geen tijd"}


def best_within(archive: Archive, column: int, budget_eur: float) -> int | None:
    """Return the candidate with the least of a score that costs no more than a budget."""
    capital = archive.scores[:, SCORES.index("capital")]
    fits = np.flatnonzero(capital <= budget_eur * (1.0 + 1e-9))
    if fits.size == 0:
        return None
    return int(fits[np.argmin(archive.scores[fits, column])])
