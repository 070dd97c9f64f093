"""Seeds by a price of money."""

from dataclasses import replace

import numpy as np
import pytest

from evenground.constraints import build_linear, maximise
from evenground.optimise import SCORES, Problem
from evenground.optimise.pricing import LEVELS, WORTH_OF_A_SEED, Pricer, priced_seeds
from evenground.optimise.seeds import fill, greedy_seeds
from evenground.pipeline import Model

from .case import fits, with_search

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


def test_seeds__begin_with_the_greedy_ones_and_are_feasible_and_the_same_twice(
    small_model: Model,
) -> None:
    problem = with_search(small_model.problem, evaluations=20_000, seed_share=0.4)

    seeds = priced_seeds(problem)

    greedy = greedy_seeds(problem)
    np.testing.assert_array_equal(seeds[: len(greedy)], greedy)
    assert len(seeds) == len(greedy) + LEVELS * len(problem.search.objectives)
    assert fits(problem, seeds).all()
    np.testing.assert_array_equal(seeds, priced_seeds(problem))


def test_seeds__take_no_more_than_their_share(small_model: Model) -> None:
    problem = with_search(small_model.problem, evaluations=10 * WORTH_OF_A_SEED, seed_share=0.5)

    assert len(priced_seeds(problem)) - len(greedy_seeds(problem)) == 5
    none = with_search(problem, seed_share=0.0)
    assert len(priced_seeds(none)) == len(greedy_seeds(none))


def test_seeds__lower_the_burden_of_a_tenth_of_the_budget(small_model: Model) -> None:
    problem = with_search(small_model.problem, evaluations=20_000, seed_share=0.4)
    column, tenth = SCORES.index("burden"), 0.1 * problem.search.budget_eur

    best = []
    for seeds in (greedy_seeds(problem), priced_seeds(problem)):
        scores, _ = problem.scores(seeds)
        best.append(scores[scores[:, -1] <= tenth, column].min())

    assert best[1] < best[0]
