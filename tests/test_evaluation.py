"""The compiled evaluation against plain NumPy, and its gains against differences."""

from dataclasses import replace

import numpy as np
import pytest

from evenground.evaluation import Evaluation, Frame, Move, Walk
from evenground.names import BURDEN_LAYERS, LAYERS
from evenground.objectives import DISTRIBUTION, OBJECTIVES, Score
from evenground.objectives.stacking import per_resident, stacking
from evenground.optimise import SCORES, Problem
from evenground.optimise.crossover import CROSSOVERS, squares_of
from evenground.optimise.mutation import favour_of, mutate
from evenground.pipeline import Model

pytestmark = pytest.mark.jit


def some_plans(model: Model, count: int) -> np.ndarray:
    rng = np.random.default_rng(11)
    most = model.options.most
    active = rng.random((count, most.size)) < 0.1
    return np.where(active, np.ceil(rng.random((count, most.size)) * most), 0).astype(np.int16)


def test_evaluate__equals_plain_numpy(small_model: Model) -> None:
    plan = some_plans(small_model, 1)[0]
    dose, people = small_model.health.dose, small_model.study.receptors
    evaluator = small_model.problem.evaluator

    got = evaluator.evaluate(plan[None, :])

    exposure = evaluator.exposure(plan).astype(float)
    for channel in range(dose.layer.size):
        phi = dose.respond(channel, exposure[dose.layer[channel]])
        total = np.bincount(people.neighbourhood, people.residents * phi, got.stacking.shape[1])
        count = np.bincount(people.neighbourhood, people.residents, got.stacking.shape[1])
        expected = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
        np.testing.assert_allclose(got.mean_phi[0, channel], expected, rtol=1e-6, atol=1e-8)


def test_evaluate__stacks_as_the_plain_formula(small_model: Model) -> None:
    plan = some_plans(small_model, 1)[0]
    dose, study = small_model.health.dose, small_model.study
    evaluator = small_model.problem.evaluator
    stack = evaluator.stack

    got = evaluator.evaluate(plan[None, :]).stacking[0]

    exposure = evaluator.exposure(plan).astype(float)
    zone = study.receptors.neighbourhood
    rate = per_resident(dose, study.group_residents)
    burden, reference = [], []
    for layer in BURDEN_LAYERS:
        channels = np.flatnonzero(dose.layer == LAYERS.index(layer))
        phi = [dose.respond(k, exposure[LAYERS.index(layer)]) for k in channels]
        burden.append(np.einsum("cr,cr->r", phi, rate[channels][:, zone]))
        first, busy = channels[0], np.flatnonzero(stack.factor[channels[0]])[0]
        reference.append(rate[first, busy] / stack.factor[first, busy])
    parts = stacking(
        np.column_stack(burden),
        np.array(reference),
        study.receptors.residents,
        stack.weight[zone],
        3.0,
    )
    np.testing.assert_allclose(np.bincount(zone, parts, got.size), got, rtol=1e-6)


def test_evaluate__does_not_depend_on_the_batch(small_model: Model) -> None:
    plans = some_plans(small_model, 19)

    together = small_model.problem.evaluator.evaluate(plans)
    alone = small_model.problem.evaluator.evaluate(plans[13:14])

    np.testing.assert_array_equal(together.burden[13], alone.burden[0])
    np.testing.assert_array_equal(together.stacking[13], alone.stacking[0])


def assert_same_bits(found: Evaluation, expected: Evaluation) -> None:
    np.testing.assert_array_equal(found.mean_phi, expected.mean_phi)
    np.testing.assert_array_equal(found.burden, expected.burden)
    np.testing.assert_array_equal(found.stacking, expected.stacking)


def children_of(
    model: Model, plans: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return children as the search makes them, repaired, and their parents."""
    problem = model.problem
    pair = rng.integers(0, len(plans), (21, 2))
    slots = np.concatenate([plans, np.zeros((21, plans.shape[1]), np.int16)])
    rows = np.arange(len(plans), len(slots))
    CROSSOVERS["window"](squares_of(problem.options), slots, rows, pair, rng)
    favour = favour_of(problem.gains(problem.empty, {"burden": 1.0}), problem.rules.price_eur)
    mutate(problem, slots, rows, favour[None], rng)
    return problem.repair(slots[rows]), pair


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("power", [3.0, 2.0])
def test_evaluate_kept__of_children_has_the_bits_of_a_full_evaluation(
    small_model: Model, seed: int, power: float
) -> None:
    rng, problem = np.random.default_rng(seed), small_model.problem
    evaluator = problem.evaluator.with_stack(replace(problem.evaluator.stack, power=power))
    parents = problem.repair(some_plans(small_model, 12))
    children, pair = children_of(small_model, parents, rng)
    pair[3] = -1
    pair[4, 0] = -1
    kept = evaluator.keep(40)
    kept.plans[5:17], kept.plans[17:38] = parents, children

    first = evaluator.evaluate_kept(kept, np.arange(5, 17))
    found = evaluator.evaluate_kept(kept, np.arange(17, 38), np.where(pair < 0, -1, pair + 5))

    assert_same_bits(first, evaluator.evaluate(parents))
    assert_same_bits(found, evaluator.evaluate(children))
    # and what was inherited may be inherited again
    grandchildren, pair = children_of(small_model, children, rng)
    kept.plans[:5] = grandchildren[:5]
    again = evaluator.evaluate_kept(kept, np.arange(5), pair[:5] + 17)
    assert_same_bits(again, evaluator.evaluate(grandchildren[:5]))


def test_evaluate_kept__sums_little_where_a_child_is_like_its_parent(small_model: Model) -> None:
    loops = small_model.problem.evaluator.loops
    kept = small_model.problem.evaluator.keep(2)
    kept.plans[:] = some_plans(small_model, 1)
    small_model.problem.evaluator.evaluate_kept(kept, np.zeros(1, int))

    same = loops.inherited(np.ones(1, int), np.zeros((1, 2), int), kept.plans, kept.sums)
    kept.plans[1, 40] += 1
    other = loops.inherited(np.ones(1, int), np.zeros((1, 2), int), kept.plans, kept.sums)

    assert same.block.size == 0
    columns = small_model.response.change_column[slice(*small_model.response.change_start[40:42])]
    felt = [loops.reach.block[slice(*loops.reach.start[k : k + 2])] for k in columns]
    assert set(other.block) == set(np.concatenate(felt))
    assert 0 < other.block.size < loops.n_block


def test_evaluate_kept__needs_parents_from_before(small_model: Model) -> None:
    evaluator = small_model.problem.evaluator

    with pytest.raises(ValueError, match="Use other slots"):
        evaluator.evaluate_kept(evaluator.keep(2), np.arange(2), np.array([[0, 0], [0, 0]]))


def test_evaluate__of_no_plans_is_empty(small_model: Model) -> None:
    found = small_model.problem.evaluator.evaluate(some_plans(small_model, 0))

    assert found.burden.shape[0] == found.stacking.shape[0] == 0


def random_move(model: Model, rng: np.random.Generator) -> Move:
    option = rng.choice(model.options.most.size, rng.integers(1, 4), replace=False)
    amount = rng.integers(0, model.options.most[option] + 1)
    return Move(option.astype(np.int32), amount.astype(np.int16))


def test_walk__has_the_bits_of_a_full_evaluation_after_ten_thousand_moves(
    small_model: Model,
) -> None:
    # A walk that comes back less often than it goes: about 3 300 moves are left standing.
    rng, problem = np.random.default_rng(4), small_model.problem
    plan = some_plans(small_model, 1)[0]
    walk, trail = Walk(problem.evaluator, plan), [plan]

    for step in range(10_000):
        if rng.random() < 1 / 3 and len(trail) > 1:
            walk.undo()
            trail.pop()
        else:
            move = random_move(small_model, rng)
            walk.apply(move)
            trail.append(trail[-1].copy())
            trail[-1][move.option] = move.amount
        if step % 500 == 499:
            check_walk(problem, walk, trail[-1])
    while len(trail) > 1:
        walk.undo()
        trail.pop()
    check_walk(problem, walk, plan)


def check_walk(problem: Problem, walk: Walk, plan: np.ndarray) -> None:
    """Compare a walk with a full evaluation, and all scores that can be made of it."""
    expected = problem.evaluator.evaluate(plan[None, :])
    np.testing.assert_array_equal(walk.plan, plan)
    assert_same_bits(walk.evaluation, expected)
    for name, score in (OBJECTIVES | measures(problem.frame)).items():
        found = score(walk.evaluation, walk.plan[None, :], problem.frame)
        np.testing.assert_array_equal(
            found, score(expected, plan[None, :], problem.frame), err_msg=name
        )


def measures(frame: Frame) -> dict[str, Score]:
    """Return the measures of distribution that a frame has the numbers for."""
    lacks = set() if frame.gap_weight is not None else {"group_gap"}
    return {name: score for name, score in DISTRIBUTION.items() if name not in lacks}


def test_walk__tries_moves_without_making_them(small_model: Model) -> None:
    rng, evaluator = np.random.default_rng(5), small_model.problem.evaluator
    plan = some_plans(small_model, 1)[0]
    walk = Walk(evaluator, plan)
    moves = [random_move(small_model, rng) for _ in range(37)]
    plans = np.repeat(plan[None, :], len(moves), axis=0)
    for row, move in zip(plans, moves, strict=True):
        row[move.option] = move.amount

    found = walk.evaluate(moves)

    assert_same_bits(found, evaluator.evaluate(plans))
    np.testing.assert_array_equal(walk.plan, plan)
    assert_same_bits(walk.evaluation, evaluator.evaluate(plan[None, :]))


def test_walk__touches_the_neighbourhoods_that_feel_a_move(small_model: Model) -> None:
    evaluator = small_model.problem.evaluator
    walk = Walk(evaluator, small_model.problem.empty)
    move = Move(np.array([40], np.int32), np.array([1], np.int16))

    found = walk.try_moves([move, Move(move.option, np.zeros(1, np.int16))])

    after = walk.evaluate([move])
    changed = (after.mean_phi[0] != walk.evaluation.mean_phi[0]).any(axis=0)
    assert set(np.flatnonzero(changed)) <= set(found.zone[: found.start[1]])
    assert 0 < changed.sum() < changed.size
    assert found.start[1] == found.start[2]  # an option that stays as it is touches nothing


@pytest.mark.parametrize("name", ["burden", "inequality", "stacking"])
def test_gains__agree_with_a_small_step(small_model: Model, name: str) -> None:
    problem = small_model.problem
    gain = problem.gains(problem.empty, {name: 1.0})
    before = problem.scores(problem.empty[None, :])[0][0, SCORES.index(name)]

    for kind in np.unique(problem.options.intervention):
        option = int(np.flatnonzero(problem.options.intervention == kind)[0])
        plan = problem.empty.copy()
        plan[option] = 1
        after = problem.scores(plan[None, :])[0][0, SCORES.index(name)]
        assert before - after == pytest.approx(gain[option], rel=0.05, abs=2e-6 * abs(before))


def test_burden__conserves_residents(small_model: Model) -> None:
    study = small_model.study
    placed = np.bincount(
        study.receptors.neighbourhood, study.receptors.residents, len(study.neighbourhoods)
    )

    np.testing.assert_allclose(placed, study.group_residents.sum(axis=0), rtol=1e-12)
