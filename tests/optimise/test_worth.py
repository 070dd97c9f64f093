"""What one more euro is worth: as a finite difference, and only where something fits."""

import numpy as np
import pytest

from evenground.config import BudgetLine, ConstraintSettings, PrioritySettings
from evenground.constraints import build_rules, check_plan, middles
from evenground.objectives.health import burden_per_1000
from evenground.optimise import (
    SCORES,
    WORTH_OF,
    Problem,
    build_problem,
    fill,
    gain_of_pooling,
    prefer,
    worth_of_budgets,
)
from evenground.optimise.worth import next_projects
from evenground.pipeline import Model
from evenground.results.budgets import paid_by, tell_budgets

pytestmark = pytest.mark.jit

LINES = (
    BudgetLine(name="Groen", eur=60_000.0, pays_for=("green",)),
    BudgetLine(name="Wegen", eur=60_000.0, pays_for=("mobility",)),
    BudgetLine(name="Spelen", eur=80_000.0, pays_for=("social",)),
)


def limited(model: Model, **changes: object) -> Problem:
    chosen = ConstraintSettings(budgets=LINES, **changes)  # type: ignore[arg-type]
    rules = build_rules(
        model.options,
        chosen,
        model.settings.search.budget_eur,
        middle=middles(model.options, model.study),
        is_closed=np.zeros(model.options.most.size, bool),
    )
    problem = model.problem
    return build_problem(model.options, problem.evaluator, problem.frame, problem.search, rules)


@pytest.fixture(scope="module")
def problem(small_model: Model) -> Problem:
    return limited(small_model)


@pytest.fixture(scope="module")
def plan(problem: Problem) -> np.ndarray:
    gain = problem.gains(problem.empty, {"burden": 1.0})
    return fill(problem, problem.empty, gain, 150_000.0)


@pytest.mark.parametrize("score", WORTH_OF)
def test_worth__agrees_with_a_finite_difference(
    problem: Problem, plan: np.ndarray, score: str
) -> None:
    found = worth_of_budgets(problem, plan, paid_by(problem, LINES))
    before = problem.scores(plan[None, :])[0][0, SCORES.index(score)]

    for line in found.values():
        worth = line[score]
        if worth.option < 0:
            continue
        more = plan.copy()
        more[worth.option] += worth.steps
        after = problem.scores(more[None, :])[0][0, SCORES.index(score)]
        assert (before - after) / worth.euros == pytest.approx(worth.per_euro, rel=1e-6)


@pytest.mark.parametrize("score", ["burden", "inequality", "stacking"])
def test_worth__agrees_with_the_first_order_gain(
    problem: Problem, plan: np.ndarray, score: str
) -> None:
    found = worth_of_budgets(problem, plan, paid_by(problem, LINES))
    gain = problem.gains(plan, {score: 1.0})

    told = [line[score] for line in found.values() if line[score].option >= 0]

    assert told
    for worth in told:
        linear = gain[worth.option] * worth.steps / worth.euros
        assert worth.per_euro == pytest.approx(linear, rel=0.05)


def test_worth__of_the_whole_is_the_best_of_the_lines(problem: Problem, plan: np.ndarray) -> None:
    found = worth_of_budgets(problem, plan, paid_by(problem, LINES))

    best = max(found[line.name]["burden"].per_euro for line in LINES)
    assert found["alles samen"]["burden"].per_euro == best > 0.0


def test_worth__next_project_keeps_to_the_rules_but_the_budget(
    problem: Problem, plan: np.ndarray
) -> None:
    steps, euros = next_projects(plan, problem.rules)

    for option in np.flatnonzero(steps)[:: max(1, np.count_nonzero(steps) // 50)].tolist():
        more = plan.copy()
        more[option] += steps[option]
        assert {breach.constraint for breach in check_plan(more, problem.rules)} <= {"budget"}
        assert euros[option] > 0.0


def test_worth__nothing_is_worth_nothing_where_all_is_built(small_model: Model) -> None:
    problem = limited(small_model)
    nothing = problem.rules.most * 0
    closed = Problem(
        problem.options,
        problem.evaluator,
        problem.frame,
        problem.search,
        problem.rules.__class__(**{**problem.rules.__dict__, "most": nothing}),
        problem.salt,
    )

    found = worth_of_budgets(closed, closed.empty, paid_by(closed, LINES))

    assert all(worth.option == -1 for line in found.values() for worth in line.values())


def test_pooling__gains_what_the_best_line_lacks(problem: Problem) -> None:
    apart, together = gain_of_pooling(problem)

    assert together > apart > 0.0


def test_tell__sums_the_spend_of_every_line(problem: Problem, plan: np.ndarray) -> None:
    told = tell_budgets(problem, LINES, {"today": problem.empty, "plan": plan}, pooling=False)

    rows = told.lines.set_index(["plan", "line"])
    whole = rows.loc[("plan", "alles samen"), "spent"]
    assert sum(rows.loc[("plan", line.name), "spent"] for line in LINES) == pytest.approx(whole)
    capital = problem.scores(plan[None, :])[0][0, SCORES.index("capital")]
    assert whole == pytest.approx(capital)
    assert told.pooling_daly > 0.0
    assert (rows["spent"] <= rows["eur"] * (1.0 + 1e-9)).all()


def test_pooled_lines__have_nothing_to_gain(small_model: Model) -> None:
    problem = limited(small_model, pooling=True)

    told = tell_budgets(problem, LINES, {"today": problem.empty}, pooling=True)

    assert np.isnan(told.pooling_daly)


def test_priority__gets_its_share_of_the_gain(small_model: Model) -> None:
    """The evaluation of what repair leaves, with a plan that ignores the priority beside it."""
    asked = PrioritySettings(at_least=0.6, of="gain", ses_rank_at_most=0.4)
    problem = prefer(limited(small_model), small_model.study, asked)
    assert problem.favoured is not None
    gain = problem.gains(problem.empty, {"burden": 1.0})
    plans = np.stack([fill(problem, problem.empty, gain, 150_000.0), problem.empty])

    _, then = problem.scores(plans)
    _, today = problem.scores(problem.empty[None, :])

    saved = burden_per_1000(today, problem.frame.residents) - burden_per_1000(
        then, problem.frame.residents
    )
    daly = (saved * problem.frame.residents / 1000.0)[0]
    assert daly[problem.favoured.places].sum() / daly.sum() >= 0.6
    assert problem.violation(plans, then, today).tolist() == [0.0, 0.0]
