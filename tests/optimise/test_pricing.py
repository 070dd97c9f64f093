"""Plans by a price of money."""

from dataclasses import replace

import numpy as np
import pytest

from evenground.constraints import build_linear, maximise
from evenground.optimise import Problem
from evenground.optimise.pricing import Pricer
from evenground.optimise.seeds import fill
from evenground.pipeline import Model

from .case import fits

pytestmark = pytest.mark.jit


def pricer_of(problem: Problem) -> Pricer:
    return Pricer(problem, np.ones(problem.empty.size, bool))


@pytest.mark.parametrize("share", [0.1, 0.4, 0.9])
def test_price__is_near_the_best_whole_plan_of_gains_and_above_filling(
    small_model: Model, share: float
) -> None:
    whole = small_model.problem.search.budget_eur
    problem = small_model.problem.with_budget(share * whole)
    gain = problem.gains(problem.empty, {"burden": 1.0})

    plan = pricer_of(problem).at_gains(problem, gain, share * whole)

    best = maximise(build_linear(problem.rules), gain, whole=True).bound
    filled = problem.repair(fill(problem, problem.start, gain, share * whole)[None, :])[0]
    reached = gain @ fill(problem, plan, gain, share * whole)
    assert fits(problem, plan[None, :]).all()
    assert reached <= best * (1 + 1e-9)
    assert reached >= gain @ filled
    assert reached > 0.97 * best


def test_price__shares_a_ground_by_hand(small_model: Model) -> None:
    # 65 m for two options of 15 m and 20 m a step: 2 of the first and 1 of the second leave 15 m,
    # so do no steps of the second beside 3 of the first; 3 and 1 fill it to the last metre
    problem = small_model.problem
    rules = problem.rules
    grounds, count = np.unique(rules.coupling[rules.coupling >= 0], return_counts=True)
    ground = grounds[count == 2][0]
    first, second = np.flatnonzero(rules.coupling == ground)
    most, use, capacity = rules.most.copy(), rules.use.copy(), rules.capacity.copy()
    most[[first, second]], use[[first, second]], capacity[ground] = (4, 3), (15.0, 20.0), 65.0
    changed = replace(rules, most=most, room=most.astype(float), use=use, capacity=capacity)
    problem = replace(problem, rules=changed)
    gain = np.zeros(problem.empty.size)
    gain[[first, second]] = 10.0, 11.0

    plan = pricer_of(problem).at_gains(problem, gain, 1e9)

    # 4 steps of the first are worth 40, 3 of the second 33, 3 and 1 together 41
    assert (plan[first], plan[second]) == (3, 1)
    assert plan.sum() == 4


def test_price__spends_the_money_to_the_cheapest_step(small_model: Model) -> None:
    whole = small_model.problem.search.budget_eur
    gain = small_model.problem.gains(small_model.problem.empty, {"burden": 1.0})
    capital = small_model.problem.options.capital_eur
    for share in (0.05, 0.31, 0.77):
        problem = small_model.problem.with_budget(share * whole)

        plan = pricer_of(problem).at_gains(problem, gain, share * whole)

        left = share * whole - plan @ capital
        assert -1e-6 <= left < capital[gain > 0.0].max()


def test_price__of_no_gain_builds_nothing(small_model: Model) -> None:
    problem = small_model.problem
    budget_eur = problem.search.budget_eur

    for gain in (np.zeros(problem.empty.size), -np.ones(problem.empty.size)):
        assert not pricer_of(problem).at_gains(problem, gain, budget_eur).any()


def test_price__builds_nothing_that_is_not_allowed(small_model: Model) -> None:
    problem = small_model.problem
    allowed = np.arange(problem.empty.size) % 2 == 0
    gain = problem.gains(problem.empty, {"burden": 1.0})

    plan = Pricer(problem, allowed).at_gains(problem, gain, problem.search.budget_eur)

    assert plan[allowed].any()
    assert not plan[~allowed].any()
