"""Repair, crossover, mutation and hashes on a whole problem."""

import numpy as np
import pytest

from evenground.optimise.crossover import CROSSOVERS, squares_of
from evenground.optimise.mutation import favour_of, favours, mutate
from evenground.pipeline import Model

from .case import fits, random_plans, with_search

pytestmark = pytest.mark.jit


@pytest.mark.parametrize("share", [0.02, 0.2, 1.0])
def test_repair__fits_changes_nothing_twice_and_is_the_same_again(
    small_model: Model, share: float
) -> None:
    problem = small_model.problem
    plans = random_plans(problem, 30, seed=3, share=share)

    once = problem.repair(plans.copy())
    again = problem.repair(plans.copy())
    twice = problem.repair(once.copy())

    assert fits(problem, once).all()
    assert (once <= plans).all()
    np.testing.assert_array_equal(again, once)
    np.testing.assert_array_equal(twice, once)


def test_repair__leaves_what_fits(small_model: Model) -> None:
    problem = small_model.problem
    plans = random_plans(problem, 400, seed=4, share=0.002)
    plans = plans[fits(problem, plans)]

    assert len(plans) > 100
    np.testing.assert_array_equal(problem.repair(plans.copy()), plans)


def test_repair__takes_what_gains_least_per_euro_first(small_model: Model) -> None:
    problem = with_search(small_model.problem, budget_eur=100_000.0)
    full = problem.empty
    full[:] = problem.options.most

    kept = problem.repair(full[None, :])[0]

    gain = problem.gains(problem.empty, {"burden": 1.0}) / problem.options.capital_eur
    free_of_ground = np.bincount(problem.options.coupling)[problem.options.coupling] == 1
    lost = (kept == 0) & free_of_ground
    assert gain[lost].max() <= gain[kept > 0].min()


def test_repair__without_budget_leaves_nothing(small_model: Model) -> None:
    problem = with_search(small_model.problem, budget_eur=0.0)

    assert not problem.repair(random_plans(problem, 5, seed=5)).any()


def crossed(model: Model, kind: str, mothers: np.ndarray, fathers: np.ndarray) -> np.ndarray:
    """Return children of pairs of plans (candidate, option)."""
    n = len(mothers)
    slots = np.concatenate([mothers, fathers, np.full_like(mothers, -1)])
    pair = np.arange(2 * n).reshape(2, n).T
    rows, squares = np.arange(2 * n, 3 * n), squares_of(model.options)
    CROSSOVERS[kind](squares, slots, rows, pair, np.random.default_rng(8))
    return slots[rows]


@pytest.mark.parametrize("kind", CROSSOVERS)
def test_crossover__takes_every_gene_from_a_parent(small_model: Model, kind: str) -> None:
    mothers, fathers = (random_plans(small_model.problem, 50, seed) for seed in (6, 7))

    children = crossed(small_model, kind, mothers, fathers)

    assert ((children == mothers) | (children == fathers)).all()
    assert (children != mothers).any()
    assert (children != fathers).any()


@pytest.mark.parametrize("kind", CROSSOVERS)
def test_crossover__of_equal_parents_is_the_parent(small_model: Model, kind: str) -> None:
    plans = random_plans(small_model.problem, 10, seed=10)

    np.testing.assert_array_equal(crossed(small_model, kind, plans, plans), plans)


def test_crossover__by_window_takes_a_window_of_sites_from_the_father(small_model: Model) -> None:
    options = small_model.options
    mothers = np.zeros((50, options.most.size), np.int16)

    children = crossed(small_model, "window", mothers, np.ones_like(mothers)).astype(bool)

    assert children.any(axis=1).sum() > 25
    for child in children[children.any(axis=1)]:
        row, col = options.site_row, options.site_col
        inside = (row >= row[child].min()) & (row <= row[child].max())
        inside &= (col >= col[child].min()) & (col <= col[child].max())
        np.testing.assert_array_equal(child, inside)


def test_crossover__by_block_keeps_the_options_of_a_site_together(small_model: Model) -> None:
    options = small_model.options
    mothers = np.zeros((50, options.most.size), np.int16)

    children = crossed(small_model, "block", mothers, np.ones_like(mothers))

    square = options.site_row * options.n_site[1] + options.site_col
    for child in children:
        taken = np.bincount(square, child)
        assert np.isin(taken / np.maximum(np.bincount(square), 1), [0.0, 1.0]).all()
    # each half from either, and not the same half
    assert 0.3 < children.mean() < 0.7
    assert children.mean(axis=1).std() > 0.05


def test_crossover__by_option_tosses_a_coin_for_each(small_model: Model) -> None:
    mothers = np.zeros((50, small_model.options.most.size), np.int16)

    children = crossed(small_model, "uniform", mothers, np.ones_like(mothers))

    # 50 x n tosses: five standard deviations
    assert abs(children.mean() - 0.5) < 2.5 / np.sqrt(children.size)
    assert (np.abs(children.mean(axis=0) - 0.5) < 0.5).all()


@pytest.mark.parametrize("blind", [0.0, 0.2, 1.0])
def test_mutate__keeps_within_the_amounts(small_model: Model, blind: float) -> None:
    problem = with_search(small_model.problem, blind_share=blind)
    plans = random_plans(problem, 40, seed=12)
    gain = problem.gains(problem.empty, {"burden": 1.0})
    favour = favour_of(gain, problem.options.capital_eur)

    found = plans.copy()
    mutate(problem, found, np.arange(40), favour[None], np.random.default_rng(13))

    assert (found >= 0).all()
    assert (found <= problem.options.most).all()
    changed = (found != plans).sum(axis=1)
    assert (changed <= 48).all()
    assert changed.any()


def test_mutate__not_blind_never_raises_what_gains_nothing(small_model: Model) -> None:
    # A place to play has no burden, so nothing favours it.
    problem = with_search(small_model.problem, blind_share=0.0)
    gain = problem.gains(problem.empty, {"burden": 1.0})
    favour = favour_of(gain, problem.options.capital_eur)

    found = np.tile(problem.empty, (200, 1))
    mutate(problem, found, np.arange(200), favour[None], np.random.default_rng(14))

    assert not found[:, gain <= 0.0].any()


def test_favour__rises_to_one_by_the_root_of_gain_per_euro() -> None:
    # Roots of 9 / 1, 0, 8 / 2 and of a loss: 3, 0, 2, 0 of 5
    found = favour_of(np.array([9.0, 0.0, 8.0, -4.0]), np.array([1.0, 1.0, 2.0, 1.0]))

    np.testing.assert_allclose(found, [0.6, 0.6, 1.0, 1.0])


def test_favour__without_gains_is_even() -> None:
    np.testing.assert_allclose(favour_of(np.zeros(4), np.ones(4)), [0.25, 0.5, 0.75, 1.0])


def test_favours__follow_one_goal_each(small_model: Model) -> None:
    problem = with_search(small_model.problem, objectives=("burden", "access", "cost"))
    burden, access = favours(problem)

    for found, name in ((burden, "burden"), (access, "access")):
        gain = problem.gains(problem.empty, {name: 1.0})
        np.testing.assert_array_equal(found, favour_of(gain, problem.rules.price_eur))
    # a place to play saves no burden, and is raised for access alone
    plays = access > np.roll(access, 1)
    assert (np.diff(burden)[plays[1:]] == 0.0).any()


def test_mutate__follows_one_goal_in_each_plan(small_model: Model) -> None:
    problem = with_search(small_model.problem, blind_share=0.0)
    n = problem.empty.size
    # two goals: one raises the first option alone, one the last
    favour = np.stack([np.ones(n), np.append(np.zeros(n - 1), 1.0)])
    found = np.tile(problem.empty, (200, 1))

    mutate(problem, found, np.arange(200), favour, np.random.default_rng(15))

    raised = found > 0
    assert not raised[:, 1:-1].any()
    assert not (raised[:, 0] & raised[:, -1]).any()
    assert raised[:, 0].any()
    assert raised[:, -1].any()


def test_hashes__are_equal_only_for_equal_plans(small_model: Model) -> None:
    problem = small_model.problem
    plans = random_plans(problem, 3000, seed=15, share=0.01)
    step = np.eye(problem.empty.size, dtype=np.int16)
    sample = np.concatenate([plans, plans[::-1], step, 2 * step, problem.empty[None, :]])

    found = problem.hashes(sample)

    _, by_plan = np.unique(sample, axis=0, return_inverse=True)
    _, by_hash = np.unique(found, return_inverse=True)
    pairs = set(zip(by_plan.ravel().tolist(), by_hash.tolist(), strict=True))
    assert len(pairs) == by_plan.max() + 1 == by_hash.max() + 1
