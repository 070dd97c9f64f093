"""Seeds by blends of goals, batch by batch."""

from itertools import islice

import numpy as np
import pytest

from evenground.optimise import Problem
from evenground.optimise.blends import (
    BATCH,
    LEVELS,
    MOST,
    STEPS,
    WORTH_OF_A_SEED,
    _Blender,
    _led,
    _weights,
    blend_batches,
)
from evenground.optimise.reach import Reach
from evenground.optimise.seeds import greedy_seeds
from evenground.pipeline import Model

from .case import fits, with_search

pytestmark = pytest.mark.jit
ALL = {"evaluations": 4 * MOST * WORTH_OF_A_SEED, "seed_share": 0.3}


def blend_seeds(problem: Problem) -> np.ndarray:
    return np.concatenate(list(blend_batches(problem)))


def test_blends__are_feasible_and_the_same_twice_and_hold_the_greedy_paths(
    small_model: Model,
) -> None:
    problem = with_search(small_model.problem, **ALL)

    seeds = blend_seeds(problem)

    greedy = greedy_seeds(problem)
    assert len(seeds) == 1 + MOST + len(greedy)
    assert not seeds[0].any()
    assert fits(problem, seeds).all()
    held = {tuple(plan) for plan in seeds}
    assert held >= {tuple(plan) for plan in greedy}
    np.testing.assert_array_equal(seeds, blend_seeds(problem))


def test_blends__begin_with_the_ends_of_all_goals_for_the_whole_budget(small_model: Model) -> None:
    problem = with_search(small_model.problem, **ALL)
    names = [name for name in problem.search.objectives if name != "cost"]

    first = next(blend_batches(problem))

    assert len(first) == 1 + len(names)
    goals = problem.goals_of(first)
    for k, name in enumerate(names):
        column = problem.search.objectives.index(name)
        assert goals[1 + k, column] < goals[0, column]
    dearest = problem.options.capital_eur.max()
    assert (first[1:] @ problem.options.capital_eur > problem.search.budget_eur - dearest).any()


def test_blends__come_in_small_batches(small_model: Model) -> None:
    problem = with_search(small_model.problem, **ALL)

    sizes = [len(batch) for batch in blend_batches(problem)]

    assert sizes[1] == BATCH
    assert max(sizes) <= max(BATCH, LEVELS, STEPS, problem.search.budget_levels + 1)


@pytest.mark.parametrize("count", [1, 5, 12, 40, 75])
def test_blends__take_no_more_than_their_share(small_model: Model, count: int) -> None:
    changes = {"evaluations": 2 * count * WORTH_OF_A_SEED, "seed_share": 0.5}
    problem = with_search(small_model.problem, **changes)

    assert len(blend_seeds(problem)) == max(count, 5) + 1 + len(greedy_seeds(problem))
    none = with_search(problem, seed_share=0.0)
    np.testing.assert_array_equal(blend_seeds(none), greedy_seeds(none))


def test_blends__open_half_of_what_all_seeds_open_in_their_first_batches(
    small_model: Model,
) -> None:
    problem = with_search(small_model.problem, **ALL)
    every = problem.goals_of(blend_seeds(problem))
    ends = every.min(axis=0), every.max(axis=0)
    first = np.concatenate(list(islice(blend_batches(problem), 2)))

    volumes = [Reach(*ends).add(goals).volume for goals in (problem.goals_of(first), every)]
    assert len(first) < 0.05 * len(every)
    assert volumes[0] > 0.5 * volumes[1]


def test_blends__of_one_goal_and_the_cost_are_its_budgets(small_model: Model) -> None:
    problem = with_search(small_model.problem, objectives=("burden", "cost"), **ALL)

    seeds = blend_seeds(problem)

    goals = problem.goals_of(seeds)
    assert len(seeds) <= 1 + MOST + len(greedy_seeds(problem))
    front = [
        row for row in goals if not ((goals <= row).all(axis=1) & (goals < row).any(axis=1)).any()
    ]
    assert len(np.unique(np.array(front), axis=0)) > 50


def test_blends__count_a_step_for_a_goal_that_can_be_met_by_what_it_brought(
    small_model: Model,
) -> None:
    problem = with_search(small_model.problem, **ALL)
    led = list(_led(problem))
    blender = _Blender(problem, _led(problem))
    k, column = led.index("access"), problem.search.objectives.index("access")
    first = problem.gains(problem.start, {"access": 1.0})
    blender.ends()

    (path,) = blender.meet(STEPS)

    goals = problem.goals_of(np.concatenate([problem.start[None, :], path]))[:, column]
    assert (np.diff(path, axis=0) >= 0).all()
    assert (np.diff(goals) <= 1e-12).all()
    won = goals[0] - goals[-1]
    # its first gains promise more than there is, and what the steps brought is what was won
    assert first @ path[-1] > 1.5 * won
    assert (blender.brought[k] * path[-1]).sum() == pytest.approx(won, rel=0.1)
    assert list(blender.brought) == blender.met == [k]


def test_weights__lie_on_the_simplex_and_are_even() -> None:
    weights = _weights(4)

    np.testing.assert_allclose(weights[:, :4].sum(axis=1), 1.0)
    np.testing.assert_allclose(weights[:, :4].mean(axis=0), 0.25, atol=0.02)
    # squares of normal numbers by their sum: Dirichlet with a half, of variance 3/48 in four
    np.testing.assert_allclose(weights[:, :4].var(axis=0), 0.0625, rtol=0.1)
    assert ((weights[:, 4] >= 0.0) & (weights[:, 4] < 1.0)).all()
    np.testing.assert_allclose(weights[:, 4].mean(), 0.5, atol=0.01)
