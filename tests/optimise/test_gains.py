"""What a step of every option gains, against the scores themselves.

Scores are exact for any amount, also for one below nothing: so the gain of an option is
half the fall of the score from one step less to one step more, to second order.
"""

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.names import ACCESS, LAYERS
from evenground.optimise import SCORES, Problem
from evenground.pipeline import Model

from .case import random_plans

pytestmark = pytest.mark.jit

Plan = NDArray[np.int16]
BENT = ("burden", "inequality", "ses_gradient", "stacking")


def some_plan(problem: Problem, kind: str) -> Plan:
    """Return the empty plan, or a random one that leaves room on both sides."""
    if kind == "empty":
        return problem.empty
    return random_plans(problem, 1, seed=2)[0] // 2


def central_difference(problem: Problem, plan: Plan, name: str) -> NDArray[np.float64]:
    """Half the fall of a score from one step less to one step more of each option."""
    one = np.eye(plan.size, dtype=np.int16)
    less, _ = problem.scores(plan - one)
    more, _ = problem.scores(plan + one)
    return (less - more)[:, SCORES.index(name)] / 2.0


@pytest.mark.parametrize("kind", ["empty", "random"])
@pytest.mark.parametrize("name", BENT)
def test_gains__are_the_central_difference_of_every_option(
    small_model: Model, name: str, kind: str
) -> None:
    problem = small_model.problem
    plan = some_plan(problem, kind)

    gain = problem.gains(plan, {name: 1.0})

    expected = central_difference(problem, plan, name)
    for row in range(len(problem.options.interventions)):
        chosen = problem.options.intervention == row
        largest = np.abs(expected[chosen]).max()
        assert np.abs(gain - expected)[chosen].max() <= 1e-3 * largest


def shortfall(model: Model, access: NDArray[np.float64]) -> float:
    """Return the residents' mean shortfall of places per thousand."""
    target = model.settings.objectives.access_target_per_1000
    people = model.study.receptors.residents
    return float(np.average(np.clip(1.0 - access / target, 0.0, 1.0), weights=people))


@pytest.mark.parametrize("kind", ["empty", "random"])
def test_gains__of_access_are_the_difference_of_a_small_step(small_model: Model, kind: str) -> None:
    # A whole place to play fills the shortfall of many at once: a thousandth does not.
    problem, part = small_model.problem, 1e-3
    evaluator = problem.evaluator
    plan = some_plan(problem, kind)
    before = evaluator.exposure(plan)[LAYERS.index(ACCESS)].astype(float)
    names = problem.options.interventions.index[problem.options.intervention]

    gain = problem.gains(plan, {"access": 1.0})

    expected = np.zeros(plan.size)
    for j in np.flatnonzero(names.isin(["pocket_park", "play"])):
        more = plan.copy()
        more[j] += 1
        after = evaluator.exposure(more)[LAYERS.index(ACCESS)].astype(float)
        step = shortfall(small_model, before + part * (after - before))
        expected[j] = (shortfall(small_model, before) - step) / part
    assert expected.max() > 0.0
    np.testing.assert_allclose(gain, expected, rtol=2e-2, atol=1e-3 * expected.max())


def test_gains__of_a_weighted_sum_are_the_weighted_sum_of_gains(small_model: Model) -> None:
    problem = small_model.problem
    weighting = {"burden": 2.0, "stacking": 0.5, "access": 10.0, "ses_gradient": 3.0}
    plan = some_plan(problem, "random")

    gain = problem.gains(plan, weighting)

    parts = [weight * problem.gains(plan, {name: 1.0}) for name, weight in weighting.items()]
    np.testing.assert_allclose(gain, sum(parts), rtol=1e-9, atol=1e-12)
    together = problem.gains_of(plan, [{name: 1.0} for name in weighting])
    for row, part, weight in zip(together, parts, weighting.values(), strict=True):
        np.testing.assert_array_equal(weight * row, part)


def test_gains__in_several_sets_of_places_add_up_to_the_burden(small_model: Model) -> None:
    problem = small_model.problem
    first = np.arange(problem.frame.residents.size) % 2 == 0

    counts = problem.frame.is_assessed & (problem.frame.residents > 0.0)
    in_each = problem.gains_by([first & counts, ~first & counts])

    whole = problem.gains(problem.empty, {"burden": 1.0})
    np.testing.assert_allclose(in_each.sum(axis=0), whole, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(in_each[0], problem.gains_in(first & counts))


@pytest.mark.parametrize("threads", [1, 2])
def test_gains__are_the_same_bits_on_any_number_of_threads(
    small_model: Model, threads: int
) -> None:
    problem = small_model.problem
    plan, led = some_plan(problem, "random"), [{name: 1.0} for name in (*BENT, "access")]
    before = numba.get_num_threads()
    expected = problem.gains_of(plan, led)

    try:
        numba.set_num_threads(min(threads, before))
        found = problem.gains_of(plan, led)
    finally:
        numba.set_num_threads(before)

    np.testing.assert_array_equal(found, expected)


def test_gains__are_none_for_what_an_option_cannot_change(small_model: Model) -> None:
    # A place to play has no burden; a tree is no place to play.
    problem = small_model.problem
    names = problem.options.interventions.index[problem.options.intervention]

    burden = problem.gains(problem.empty, {"burden": 1.0})
    access = problem.gains(problem.empty, {"access": 1.0})

    assert (burden[names == "play"] == 0.0).all()
    assert (access[names == "street_tree"] == 0.0).all()
