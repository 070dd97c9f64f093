"""Repair of random plans under random rules: compiled as plain, within limits, and once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.constraints import CONSTRAINTS, check_plan, repair_plainly

from .case import plan, random_rules, repaired, rules

pytestmark = pytest.mark.jit
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(2, 40)


def random_plans(seed: int, n: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    amounts = rng.integers(-2, 16, (4, n))
    return np.where(rng.random((4, n)) < 0.6, amounts, 0).astype(np.int16)


@given(SEEDS, SIZES)
def test_repair__compiled_does_what_the_plain_one_does(seed: int, n: int) -> None:
    made, plans = random_rules(seed, n), random_plans(seed + 1, n)

    found = repaired(plans, made)

    expected = np.stack([repair_plainly(one, made) for one in plans])
    assert np.array_equal(found, expected)


@given(SEEDS, SIZES)
def test_repair__leaves_nothing_that_breaks_a_rule(seed: int, n: int) -> None:
    made = random_rules(seed, n)

    for one in repaired(random_plans(seed + 1, n), made):
        assert check_plan(one, made) == ()


@given(SEEDS, SIZES)
def test_repair__changes_nothing_twice(seed: int, n: int) -> None:
    made = random_rules(seed, n)
    once = repaired(random_plans(seed + 1, n), made)

    assert np.array_equal(repaired(once, made), once)


@given(SEEDS, SIZES)
def test_repair__each_plan_on_its_own(seed: int, n: int) -> None:
    made, plans = random_rules(seed, n), random_plans(seed + 1, n)

    together = repaired(plans, made)

    alone = np.concatenate([repaired(one[None, :], made) for one in plans])
    assert np.array_equal(together, alone)


@given(SEEDS, SIZES)
def test_repair__never_raises_without_a_least_spend(seed: int, n: int) -> None:
    plans = random_plans(seed + 1, n)

    assert (repaired(plans, random_rules(seed, n)) <= np.maximum(plans, 0)).all()


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints__say_their_name_in_both_languages(name: str) -> None:
    assert CONSTRAINTS[name].NAME_NL
    assert CONSTRAINTS[name].NAME_EN


def test_repair__keeps_what_fits_as_it_is() -> None:
    fits = plan(3, 0, 2)

    assert np.array_equal(repaired(fits[None, :], rules(3))[0], fits)
