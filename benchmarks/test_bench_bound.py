"""Our front against exact ones, where an exact method can go: kernels that are linear up to a cap.

The town, its options, rules and kernels are those of a run; only the exposure-response functions
are straight lines that end at a cap, and noise, whose decibels no line follows, does not count.
The burden against the cost is then a mixed-integer programme, which HiGHS solves at ten budgets;
its plans are scored by our kernels. Of 10 000 options it solves none in minutes, and its linear
programme, that no plan goes below, takes its place. Without caps the SES gap is linear too, and
a grid of linear programmes (epsilon-constraint) bounds all three goals.
``EVENGROUND_BENCH=full`` for the sizes that are kept.
"""

import os
import time
from dataclasses import replace
from pathlib import Path

import moocore
import numpy as np
import pytest
from bars import Bars
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from evenground.config import read_settings
from evenground.constraints import build_linear
from evenground.evaluation import DoseResponse
from evenground.interventions import Response
from evenground.miniature import MiniatureSize, write_miniature
from evenground.optimise import SCORES, City, Problem, build_problem, search
from evenground.pipeline import Model, build_evaluator, build_model

Float = NDArray[np.float64]

SIZES = {
    "2 000": MiniatureSize(3_100, 2_700, 10, 30, 26_000),
    "10 000": MiniatureSize(6_900, 6_300, 10, 90, 120_000),
    "48 000": MiniatureSize(14_600, 14_400, 10, 160, 520_000),
}
FULL = os.environ.get("EVENGROUND_BENCH", "quick") == "full"
LEVELS = 10
GRID = 15
SECONDS = 60.0
"""Of our search."""
NODES, TREE_S = 500, 60.0
"""Limits of the tree of HiGHS at one budget."""
LINEAR_S = 240.0
"""Limit of a linear programme."""
WHOLE = ("2 000",)
"""Sizes of which the tree is solved."""


def capped_model(folder: Path, size: str, *, caps: bool) -> tuple[Problem, City]:
    """Return the problem of a town whose responses are straight, with caps that bind or none."""
    case = write_miniature(folder, seed=101, size=SIZES[size])
    model = build_model(read_settings(case), case.parent)
    made = City(
        model.response, model.study.receptors, model.health.dose, model.study.group_residents
    )
    dose = straight(model, made, caps=caps)
    health = replace(model.health, dose=dose)
    evaluator, frame = build_evaluator(
        model.settings, model.study, model.options, model.response, health
    )
    old = model.problem
    problem = build_problem(model.options, evaluator, frame, old.search, old.rules)
    return problem, replace(made, dose=dose)


def straight(model: Model, city: City, *, caps: bool) -> DoseResponse:
    """Return responses that rise in a straight line from a cap; those of noise do not count."""
    dose = model.health.dose
    lowest, highest = city.reach(model.problem.rules)
    low, width = dose.low.copy(), dose.width.copy()
    start, curve = np.arange(dose.low.size + 1), np.zeros((dose.low.size, 5))
    for k, layer in enumerate(dose.layer.tolist()):
        end = city.baseline[layer]
        # half of the people could go below the cap
        low[k] = np.median(0.5 * (lowest[layer] + end)) if caps else lowest[layer].min() - 1.0
        width[k] = highest[layer].max() + 1.0 - low[k]
        curve[k, 1] = width[k] / dose.width[k]
    counted = tuple(name for name in dose.counted if not name.startswith("noise"))
    return replace(
        dose, low=low, width=width, curve=curve, curve_start=start, counted=counted
    )  # fmt: skip


def spread_of(response: Response, layer: int) -> csr_array:
    """Return what a change of each column does to each receptor (receptor, column)."""
    weights, blocks = response.weights, response.blocks.start
    rows, columns, values = [], [], []
    for block in range(blocks.size - 1):
        at = np.arange(blocks[block], blocks[block + 1])
        for pair in range(*weights.pair_start[layer, block : block + 2]):
            first = weights.start[pair]
            rows.append(at)
            columns.append(np.full(at.size, weights.column[pair]))
            values.append(weights.values[first : first + at.size].astype(float))
    shape = (response.baseline.shape[1], response.n_column)
    if not rows:
        return csr_array(shape)
    place = (np.concatenate(rows), np.concatenate(columns))
    return coo_array((np.concatenate(values), place), shape=shape).tocsr()


class Exact:
    """The mixed-integer programme of the capped burden: steps, starts, and what is above a cap."""

    def __init__(self, problem: Problem, city: City) -> None:
        self.problem = problem
        dose, people = city.dose, city.receptors.residents
        self.n = problem.empty.size
        self.fixed, lines, price = 0.0, [], []
        for k in np.flatnonzero(city.rate.any(axis=1)).tolist():
            layer = int(dose.layer[k])
            worth = city.rate[k, city.receptors.neighbourhood] * people * dose.curve[k, 1]
            effect = spread_of(city.response, layer) @ city.of_column
            above = (city.baseline[layer] - dose.low[k]) / dose.width[k]
            moved = np.flatnonzero((np.diff(effect.indptr) > 0) & (worth > 0.0))
            still = np.setdiff1d(np.arange(people.size), moved)
            self.fixed += float((worth * np.clip(above, 0.0, 1.0))[still].sum())
            # worth u, u >= worth (above + effect x), u >= 0
            scale = worth[moved] / dose.width[k]
            lines.append((effect[moved] * scale[:, None], -(worth * above)[moved]))
            price.append(moved.size)
        count = sum(price)
        effects = vstack([effect for effect, _ in lines], format="csr")
        self.rows = hstack([effects, csr_array((count, self.n)), _minus_one(count)], format="csr")
        self.high = np.concatenate([high for _, high in lines])
        self.count = count

    def solve(self, budget_eur: float, *, whole: bool) -> tuple[NDArray[np.int16], float, str]:
        """Return the best plan (option,) within a budget, what none goes below, and the status.

        Parameters
        ----------
        whole
            Whether to ask for whole steps; else the plan is empty.
        """
        linear = build_linear(self.problem.rules.with_budget(budget_eur))
        matrix, low, high = linear.stacked(tuple(linear.parts))
        none = csr_array((matrix.shape[0], self.count))
        every = vstack([hstack([matrix, none]), self.rows], format="csr")
        found = milp(
            np.concatenate([np.zeros(2 * self.n), np.ones(self.count)]),
            integrality=whole * np.concatenate([linear.whole, np.zeros(self.count)]).astype(int),
            bounds=Bounds(0.0, np.concatenate([linear.upper, np.full(self.count, np.inf)])),
            constraints=LinearConstraint(
                every,
                np.concatenate([low, np.full(self.count, -np.inf)]),
                np.concatenate([high, self.high]),
            ),
            options={"node_limit": NODES, "time_limit": TREE_S, "mip_rel_gap": 1e-5}
            if whole
            else {"time_limit": LINEAR_S},
        )
        if not whole:
            value = found.fun if found.status == 0 else -np.inf
            empty = np.zeros(self.n, np.int16)
            return empty, self.fixed + float(value), found.message.split("\n")[0]
        plan = np.zeros(self.n) if found.x is None else np.round(found.x[: self.n])
        bound = -np.inf if found.mip_dual_bound is None else found.mip_dual_bound
        return plan.astype(np.int16), self.fixed + float(bound), found.message.split("\n")[0]


def _minus_one(count: int) -> csr_array:
    """Return minus the identity."""
    return csr_array((np.full(count, -1.0), (np.arange(count), np.arange(count))))


def ours(problem: Problem, goals: tuple[str, ...]) -> tuple[Problem, Float, Float, float]:
    """Search; return the problem, goals and scores of what was found, and the seconds."""
    chosen = {"objectives": goals, "time_limit_s": SECONDS}
    problem = problem.with_search(problem.search.model_copy(update=chosen))
    search(problem.with_search(problem.search.model_copy(update={"evaluations": 400})))
    began = time.monotonic()
    archive = search(problem).archive
    return problem, archive.goals, archive.scores, time.monotonic() - began


@pytest.mark.parametrize("size", ["2 000", "10 000"] if FULL else ["2 000"])
def test_bench_capped_kernels(size: str, tmp_path: Path, bars: Bars) -> None:
    problem, city = capped_model(tmp_path, size, caps=True)
    problem, _, scores, seconds = ours(problem, ("burden", "cost"))
    exact, column = Exact(problem, city), SCORES.index("burden")
    budgets = problem.search.budget_eur * np.arange(1, LEVELS + 1) / LEVELS
    today = float(problem.scores(problem.empty[None, :])[0][0, column])
    mine, theirs, gaps = [], [], []
    for budget in budgets.tolist():
        plan, bound, status = exact.solve(budget, whole=size in WHOLE)
        other = bound
        if size in WHOLE:
            repaired = problem.with_budget(budget).repair(plan[None, :])
            other = float(problem.scores(repaired)[0][0, column])
        found = float(scores[scores[:, -1] <= budget * (1.0 + 1e-9), column].min())
        mine.append([found, budget])
        theirs.append([other, budget])
        gaps.append((found - bound) / bound)
        apart = (found - bound) / (today - bound)
        bars.say(
            f"{size} options, {budget:.3g} euros: ours {found:.4f}, HiGHS {other:.4f}, "
            f"bound {bound:.4f} ({status}); ours lies {100 * gaps[-1]:.3f} % above the bound, "
            f"{100 * apart:.2f} % of what can be won"
        )
        assert found >= bound * (1.0 - 1e-5)
    reference = [today, budgets[-1] * 1.1]
    volumes = [moocore.hypervolume(np.array(front), ref=reference) for front in (mine, theirs)]
    ratio = volumes[0] / volumes[1]
    what = f"hypervolume of burden and cost, capped kernels, {problem.empty.size} options"
    other = f"{volumes[1]:.5g}" + (" of the linear programme" if size not in WHOLE else "")
    bars.add(what, f"{volumes[0]:.5g} in {seconds:.0f} s", other, ratio, ">= 0.995")
    what = f"farthest plan from its bound, capped kernels, {problem.empty.size} options"
    bars.add(what, f"{100 * max(gaps):.3f} %", "bound of HiGHS", max(gaps), "<= 0.005")


@pytest.mark.parametrize("size", list(SIZES) if FULL else ["2 000"])
def test_bench_three_goals(size: str, tmp_path: Path, bars: Bars) -> None:
    problem, _ = capped_model(tmp_path, size, caps=False)
    problem, _, scores, seconds = ours(problem, ("burden", "ses_gradient", "cost"))
    columns = [SCORES.index("burden"), SCORES.index("ses_gradient"), len(SCORES) - 1]
    today = problem.scores(problem.empty[None, :])[0][0, columns]
    began = time.monotonic()
    grid = epsilon_grid(problem, today)
    spent = time.monotonic() - began
    scale = np.maximum(today - np.concatenate([grid, scores[:, columns]]).min(axis=0), 1e-12)
    scale[2] = problem.search.budget_eur
    reference = np.array([0.0, 0.0, 1.1])
    offset = np.array([today[0], today[1], 0.0])
    volumes = [
        moocore.hypervolume((front - offset) / scale, ref=reference)
        for front in (at_levels(scores[:, columns], problem.search.budget_eur), grid)
    ]
    ratio = volumes[0] / volumes[1]
    what = f"hypervolume of burden, SES gap and cost, {problem.empty.size} options"
    other = f"{volumes[1]:.5g}, {len(grid)} programmes in {spent:.0f} s"
    bars.add(what, f"{volumes[0]:.5g} in {seconds:.0f} s", other, ratio, ">= 0.98")
    as_is = moocore.hypervolume((scores[:, columns] - offset) / scale, ref=reference)
    bars.say(
        f"{problem.empty.size} options, three goals: {as_is / volumes[1]:.3f} with our costs as "
        "they are, which favours us; the bar counts each at the next budget of the grid"
    )
    assert ratio > 0.0


def at_levels(scores: Float, budget_eur: float) -> Float:
    """Raise the cost of plans to the next of the budgets of the grid, as the grid has no others.

    Against us: a plan that costs a little more than one of these counts as the next one.
    """
    out = scores.copy()
    levels = budget_eur * np.arange(0, GRID + 1) / GRID
    at = np.searchsorted(levels * (1.0 + 1e-9), out[:, 2])
    out[:, 2] = levels[np.minimum(at, GRID)]
    return out


def epsilon_grid(problem: Problem, today: Float) -> Float:
    """Return burden, SES gap and cost at a grid of budgets and of SES gaps, in parts of steps."""
    gain, fair = (problem.gains(problem.empty, {name: 1.0}) for name in ("burden", "ses_gradient"))
    points = []
    for level in range(1, GRID + 1):
        budget = problem.search.budget_eur * level / GRID
        linear = build_linear(problem.rules.with_budget(budget))
        matrix, low, high = linear.stacked(tuple(linear.parts))
        above, below = np.isfinite(high), np.isfinite(low)
        rows = vstack([matrix[above], -matrix[below]], format="csr")
        side = np.concatenate([high[above], -low[below]])
        bounds = np.stack([np.zeros(linear.upper.size), linear.upper], axis=1)
        zero = np.zeros(gain.size)
        ends = []
        for goal in (gain, fair):
            price = -np.concatenate([goal, zero])
            ends.append(linprog(price, A_ub=rows, b_ub=side, bounds=bounds).x[: gain.size])
        fair_row = csr_array(-np.concatenate([fair, zero])[None, :] / np.abs(fair).max())
        for least in np.linspace(fair @ ends[0], fair @ ends[1], GRID).tolist():
            found = linprog(
                -np.concatenate([gain, zero]),
                A_ub=vstack([rows, fair_row], format="csr"),
                b_ub=np.append(side, -least * (1.0 - 1e-9) / np.abs(fair).max()),
                bounds=bounds,
            )
            x = ends[1] if found.x is None else found.x[: gain.size]
            points.append([today[0] - gain @ x, today[1] - fair @ x, budget])
    return np.array(points)
