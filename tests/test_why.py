"""Why here: gains as finite differences, the best free place, and how often a place is chosen."""

import numpy as np
import pytest
import xarray as xr

from evenground.optimise import SCORES, fill, next_projects
from evenground.pipeline import Model
from evenground.results import WHY_OF, explain_places, often_chosen

pytestmark = pytest.mark.jit


@pytest.fixture(scope="module")
def plan(small_model: Model) -> np.ndarray:
    problem = small_model.problem
    gain = problem.gains(problem.empty, {"burden": 1.0})
    return fill(problem, problem.empty, gain, 400_000.0)


def test_often_chosen__counts_the_plans_that_hold_an_option() -> None:
    # three plans: {0, 2}, {2}, {2, 3}
    front = xr.Dataset(
        {"burden": ("candidate", [1.0, 2.0, 3.0]), "option": ("active", [0, 2, 2, 2, 3])}
    )

    np.testing.assert_allclose(often_chosen(front, 5), [1 / 3, 0.0, 1.0, 1 / 3, 0.0])


def test_explain_places__has_a_row_for_each_option_of_the_plan(
    small_model: Model, plan: np.ndarray
) -> None:
    often = np.linspace(0.0, 1.0, plan.size)

    table = explain_places(small_model.problem, small_model.study, plan, often)

    active = np.flatnonzero(plan)
    assert active.size > 3
    np.testing.assert_array_equal(table["option"], active)
    np.testing.assert_array_equal(table["chosen"], often[active])
    np.testing.assert_array_equal(table["site"], small_model.options.site[active])


@pytest.mark.parametrize("name", WHY_OF)
def test_explain_places__gains_are_those_of_one_step_more(
    small_model: Model, plan: np.ndarray, name: str
) -> None:
    problem = small_model.problem
    most = problem.options.most
    plan = np.where(most > 1, np.minimum(plan, most - 1), plan)  # room for a step more
    table = explain_places(problem, small_model.study, plan, np.zeros(plan.size))
    dear = int(np.argmax(table[f"gain_{name}"].abs().to_numpy()))
    option = int(table["option"].iloc[dear])
    near = np.repeat(plan[None, :], 2, axis=0)
    near[0, option] += plan[option] < most[option]
    near[1, option] -= 1
    steps = int(near[0, option] - near[1, option])

    scores = problem.scores(near)[0][:, SCORES.index(name)]

    each = (scores[1] - scores[0]) / steps / problem.rules.capital_eur[option] * 1e6
    assert table[f"gain_{name}"].iloc[dear] == pytest.approx(each, rel=0.05, abs=1e-9)


def test_explain_places__the_rival_is_the_best_free_place_of_the_same_kind(
    small_model: Model, plan: np.ndarray
) -> None:
    problem, options = small_model.problem, small_model.options
    steps, euros = next_projects(plan, problem.rules)
    table = explain_places(problem, small_model.study, plan, np.zeros(plan.size))
    gains = {name: problem.gains(plan, {name: 1.0}) for name in WHY_OF}
    led = table[table["rival_site"] >= 0]

    assert len(led) > 3
    for row in led.itertuples():
        gain = gains[row.best]
        same = options.intervention == options.intervention[row.option]
        free = np.flatnonzero(same & (plan == 0) & (steps > 0))
        value = 1e6 * gain[free] * steps[free] / euros[free]
        assert row.rival_gain == pytest.approx(value.max())
        assert options.site[free[np.argmax(value)]] == row.rival_site
        here = getattr(row, f"gain_{row.best}")
        assert row.lead == pytest.approx(here / row.rival_gain)


def test_explain_places__says_so_where_nothing_else_is_free(
    small_model: Model, plan: np.ndarray
) -> None:
    problem = small_model.problem
    kind = problem.options.intervention[np.flatnonzero(plan)[0]]
    whole = np.where(problem.options.intervention == kind, problem.rules.most, 0).astype(np.int16)

    table = explain_places(problem, small_model.study, whole, np.zeros(plan.size))

    assert len(table) > 0
    assert (table["rival_site"] == -1).all()
    assert table["lead"].isna().all()
    assert (table["rival_name"] == "").all()
