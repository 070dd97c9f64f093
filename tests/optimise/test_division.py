"""Money that is divided by a rule: everybody's share, and what is left of it."""

from typing import Any, cast

import numpy as np
import pytest
from constraints.case import plan, random_rules, rules
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.config import SearchSettings
from evenground.constraints import Row, Rules, check_plan, spend_of
from evenground.optimise import Part, Problem, divide

pytestmark = pytest.mark.jit

Plan = NDArray[np.int16]


def bare(made: Rules) -> Problem:
    """Make a problem of rules alone: a division asks nothing else."""
    nothing = cast("Any", None)
    search = SearchSettings(seed=1, budget_eur=made.rows[-1].eur)
    return Problem(nothing, nothing, nothing, search, made, np.zeros(0, np.uint64))


def split(label: NDArray[np.int64], weights: list[float]) -> list[Part]:
    return [
        Part(weight, np.flatnonzero(label == k).astype(np.int32))
        for k, weight in enumerate(weights)
    ]


def test_divide__hands_over_what_a_full_part_leaves() -> None:
    # ten euros, three to one: the first may spend 7.50 and has room for 4, so that the
    # second gets 2.50 and the 3.50 that is left
    made = rules(3, most=plan(4, 10, 10), rows=(Row("budget", 10.0),))

    found = divide(bare(made), split(np.array([0, 1, 1]), [3.0, 1.0]), 10.0)

    assert found.tolist() == [4, 6, 0]


def test_divide__rounds_off_by_a_step_for_who_holds_most() -> None:
    # shares of 5 and 6 pay for one step of 3 and of 4; of the 4 left over the first, that
    # holds 2 as well, takes a step of 3, and the other cannot
    made = rules(2, capital_eur=np.array([3.0, 4.0]), rows=(Row("budget", 11.0),))

    found = divide(bare(made), split(np.array([0, 1]), [5.0, 6.0]), 11.0)

    assert found.tolist() == [2, 1]


def test_divide__counts_what_is_locked_in_and_takes_too_much_of_it_off_the_others() -> None:
    # the first holds 6 of 9 locked in, more than its 3: the other two share the 3 that are left
    made = rules(3, lock=plan(6, 0, 0), rows=(Row("budget", 9.0),))

    found = divide(bare(made), split(np.array([0, 1, 2]), [1.0, 1.0, 1.0]), 9.0)

    assert found[0] == 6
    assert sorted(found[1:].tolist()) == [1, 2]


def test_divide__of_a_part_without_options_goes_to_the_others() -> None:
    made = rules(1, rows=(Row("budget", 8.0),))

    assert divide(bare(made), split(np.array([1]), [1.0, 1.0]), 8.0).tolist() == [8]


def test_divide__with_room_for_all_builds_all() -> None:
    made = rules(3, rows=(Row("budget", 1e6),))

    assert divide(bare(made), split(np.array([0, 0, 1]), [1.0, 9.0]), 1e6).tolist() == [10, 10, 10]


@given(
    seed=st.integers(0, 10_000),
    weights=st.lists(st.floats(0.5, 5.0), min_size=2, max_size=4),
    budget=st.floats(10.0, 500.0),
)
@settings(max_examples=60, deadline=None)
def test_divide__spends_every_share_to_within_one_step(
    seed: int, weights: list[float], budget: float
) -> None:
    rng = np.random.default_rng(seed)
    n = 20
    price = np.round(1.0 + 9.0 * rng.random(n), 2)
    # room for the whole budget in every part
    room = np.full(n, 600, np.int16)
    made = rules(n, most=room, room=room, capital_eur=price, rows=(Row("budget", budget),))
    parts = split(np.arange(n) % len(weights), weights)

    found = divide(bare(made), parts, budget)

    euros = spend_of(found, made)
    assert euros.sum() <= budget * (1.0 + 1e-9)
    for part in parts:
        share = budget * part.weight / sum(weights)
        assert abs(euros[part.options].sum() - share) <= price[part.options].max() + 1e-6


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_divide__keeps_to_every_rule_and_does_the_same_twice(seed: int) -> None:
    made = random_rules(seed, 24)
    rng = np.random.default_rng(seed)
    parts = split(rng.integers(0, 4, 24), [1.0, 2.0, 3.0])  # some options are in no part
    budget = made.rows[-1].eur

    found = divide(bare(made), parts, budget)

    assert check_plan(found, made) == ()
    assert not found[np.setdiff1d(np.arange(24), np.concatenate([p.options for p in parts]))].any()
    assert divide(bare(made), parts, budget).tolist() == found.tolist()
