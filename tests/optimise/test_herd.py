"""The herd: children in slots that nobody needs, evaluated to the bit as if in full."""

import numpy as np
import pytest

from evenground.optimise.herd import Herd
from evenground.optimise.mutation import favours
from evenground.pipeline import Model

from .case import random_plans, with_search

pytestmark = pytest.mark.jit

SIZE = 20


@pytest.mark.parametrize("most_bytes", [0, 10**9])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_herd__evaluates_generations_as_if_in_full(
    small_model: Model, seed: int, most_bytes: int
) -> None:
    problem, rng = small_model.problem, np.random.default_rng(seed)
    favour = favours(problem)
    herd = Herd(problem, SIZE, most_bytes)
    living = herd.found(problem.repair(random_plans(problem, SIZE, seed)))
    herd.evaluate(living)

    for _ in range(6):
        before = herd.plans(living)
        children = herd.breed(living, SIZE, favour, rng)
        found = herd.evaluate(children)

        expected = problem.evaluator.evaluate(herd.plans(children))
        np.testing.assert_array_equal(found.burden, expected.burden)
        np.testing.assert_array_equal(found.stacking, expected.stacking)
        assert not set(children) & set(living)
        np.testing.assert_array_equal(herd.plans(living), before)
        living = rng.choice(np.concatenate([living, children]), SIZE, replace=False)


def test_herd__keeps_no_sums_where_memory_does_not_allow_it(small_model: Model) -> None:
    needed = 2 * SIZE * small_model.problem.evaluator.kept_nbytes

    assert Herd(small_model.problem, SIZE, needed).inherits
    assert not Herd(small_model.problem, SIZE, needed - 1).inherits


@pytest.mark.parametrize("kind", ["window", "block", "uniform"])
def test_herd__without_mutation_has_children_of_their_parents_alone(
    small_model: Model, kind: str
) -> None:
    problem = with_search(small_model.problem, crossover=kind, mutation_share=0.0)
    plans = problem.repair(random_plans(problem, SIZE, 4))
    favour = np.linspace(0.0, 1.0, problem.empty.size)[None]

    def bred(share: float) -> int:
        herd = Herd(with_search(problem, mutation_share=share), SIZE, 0)
        living = herd.found(plans)
        children = herd.plans(herd.breed(living, SIZE, favour, np.random.default_rng(5)))
        # repair lowers, and never brings what neither parent has
        return int(((children > 0) & ~(plans > 0).any(axis=0)).any(axis=1).sum())

    assert bred(0.0) == 0
    assert 0 < bred(0.5) < bred(1.0)
