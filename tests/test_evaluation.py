"""The compiled evaluation against plain NumPy, and its gains against differences."""

import numpy as np
import pytest

from evenground.names import BURDEN_LAYERS, LAYERS
from evenground.objectives.stacking import per_resident, stacking
from evenground.optimise import SCORES
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
        np.testing.assert_allclose(got.mean_phi[0, channel], expected, rtol=2e-4, atol=2e-6)


def test_evaluate__stacks_as_the_plain_formula(small_model: Model) -> None:
    plan = some_plans(small_model, 1)[0]
    dose, study = small_model.health.dose, small_model.study
    evaluator = small_model.problem.evaluator
    stack = evaluator._stack  # noqa: SLF001 - the frozen measure is what is tested

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
    np.testing.assert_allclose(np.bincount(zone, parts, got.size), got, rtol=2e-4)


def test_evaluate__does_not_depend_on_the_batch(small_model: Model) -> None:
    plans = some_plans(small_model, 19)

    together = small_model.problem.evaluator.evaluate(plans)
    alone = small_model.problem.evaluator.evaluate(plans[13:14])

    np.testing.assert_array_equal(together.burden[13], alone.burden[0])
    np.testing.assert_array_equal(together.stacking[13], alone.stacking[0])


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
