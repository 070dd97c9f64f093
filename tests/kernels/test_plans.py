"""The loops over plans, against plain Python."""

from dataclasses import dataclass
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from evenground.kernels import (
    column_amounts,
    dominated,
    fill_plan,
    find_lanes,
    hash_plans,
    list_active,
    repair_plans,
    sum_amounts,
)

from .test_evaluate import assert_within

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(max_examples=100, deadline=None)
SIZES = st.integers(0, 12)


@dataclass(frozen=True)
class Limits:
    """What a plan may hold; money in whole cents of a euro, ground in tenths."""

    most: np.ndarray
    coupling: np.ndarray
    use: np.ndarray
    capacity: np.ndarray
    capital: np.ndarray
    budget: float

    def allows(self, plan: np.ndarray) -> bool:
        """Say whether a plan lies within amounts, ground and budget, to rounding."""
        held = (plan >= 0).all() and (plan <= self.most).all()
        return bool(held and self.has_ground(plan) and self.cost(plan) <= self.budget + 1e-6)

    def has_ground(self, plan: np.ndarray) -> bool:
        """Say whether no ground is used twice."""
        used = np.zeros(self.capacity.size)
        for j, amount in enumerate(plan):
            if self.coupling[j] >= 0:
                used[self.coupling[j]] += amount * self.use[j]
        return bool((used <= self.capacity + 1e-6).all())

    def cost(self, plan: np.ndarray) -> float:
        """Add up the euros of a plan."""
        return float(sum(amount * euros for amount, euros in zip(plan, self.capital, strict=True)))


def random_limits(rng: np.random.Generator, n: int) -> Limits:
    """Make limits in which some options are free, some share no ground, and some do not fit."""
    capital = rng.integers(0, 500, n) / 100.0
    return Limits(
        most=rng.integers(0, 9, n, dtype=np.int16),
        coupling=rng.integers(-1, 4, n, dtype=np.int32),
        use=rng.integers(1, 60, n) / 10.0,
        capacity=rng.integers(0, 300, 4) / 10.0,
        capital=np.where(rng.random(n) < 0.2, 0.0, capital),
        budget=float(rng.choice([0.0, rng.integers(0, 5000) / 100.0, 1e9])),
    )


def some_plans(rng: np.random.Generator, count: int, n: int) -> np.ndarray:
    """Return plans of which some amounts are zero, too large or negative."""
    plans = rng.integers(-3, 15, (count, n), dtype=np.int16)
    return plans * (rng.random((count, n)) < 0.6).astype(np.int16)


def test_find_lanes__equals_plain_numpy() -> None:
    amounts = np.zeros((2, 3, 8), np.float32)
    amounts[0, 1, 0], amounts[0, 1, 7], amounts[1, 2, 3] = 2.0, -1e-30, 0.5
    amounts[1, 0, 5] = -0.0
    out = np.full((2, 3), 99, np.uint8)

    find_lanes(amounts, out)

    assert out.tolist() == [[0, 0b1000_0001, 0], [0, 0, 0b1000]]
    np.testing.assert_array_equal(out, ((amounts != 0.0) * 2 ** np.arange(8)).sum(axis=2))


@MANY
@given(seed=SEEDS, count=st.integers(1, 9), n=SIZES, n_column=st.integers(0, 5))
def test_column_amounts__equals_plain_numpy(seed: int, count: int, n: int, n_column: int) -> None:
    rng = np.random.default_rng(seed)
    plans, lanes = np.abs(some_plans(rng, count, n)), 4
    start = np.append(0, np.cumsum(rng.integers(0, 5, n) * (n_column > 0))).astype(np.int64)
    column = rng.integers(0, max(n_column, 1), start[-1], dtype=np.int32)
    effect = rng.normal(0.0, 1.0, start[-1]).astype(np.float32)
    n_chunk = ceil(count / lanes)
    amounts = np.full((n_chunk, n_column, lanes), np.nan, np.float32)

    column_amounts(plans, start, column, effect, amounts)

    expected, whole = np.zeros((2, *amounts.shape))
    for c, j in zip(*np.nonzero(plans), strict=True):
        for k in range(start[j], start[j + 1]):
            change = float(effect[k]) * plans[c, j]
            expected[c // lanes, column[k], c % lanes] += change
            whole[c // lanes, column[k], c % lanes] += abs(change)
    # Changes of either sign are added up: a part of their sizes, not of what is left.
    assert_within(amounts, expected, 1e-6, whole)


@MANY
@given(seed=SEEDS, n=SIZES)
def test_list_active__equals_plain_numpy(seed: int, n: int) -> None:
    plan = some_plans(np.random.default_rng(seed), 1, n)[0]
    out = np.full(n, -99, np.int32)

    count = list_active(plan, out)

    assert out[:count].tolist() == [j for j in range(n) if plan[j] != 0]


TIED_SCORES = hnp.arrays(
    np.float64, st.tuples(st.integers(0, 8), st.just(3)), elements=st.integers(0, 3).map(float)
)


@MANY
@given(scores=TIED_SCORES, others=TIED_SCORES)
def test_dominated__equals_plain_numpy(scores: np.ndarray, others: np.ndarray) -> None:
    out = np.zeros(len(scores), bool)

    dominated(scores, others, out)

    expected = [any((b <= a).all() and (b < a).any() for b in others) for a in scores]
    np.testing.assert_array_equal(out, np.array(expected, bool))


def plain_repair(plan: np.ndarray, limits: Limits, worst_first: np.ndarray) -> list[int]:
    """Lower one option after another, step by step, while it goes over its ground, then the budget.

    Counts cents and tenths, so that nothing is rounded.
    """
    left = [
        min(max(int(amount), 0), int(most)) for amount, most in zip(plan, limits.most, strict=True)
    ]
    use = [round(10 * value) for value in limits.use]
    cents = [round(100 * value) for value in limits.capital]

    def too_wide(j: int) -> bool:
        ground = limits.coupling[j]
        used = sum(left[i] * use[i] for i in range(len(left)) if limits.coupling[i] == ground)
        return bool(ground >= 0 and used > round(10 * limits.capacity[ground]))

    def too_dear(j: int) -> bool:
        cost = sum(left[i] * cents[i] for i in range(len(left)))
        return cost > round(100 * limits.budget) and cents[j] > 0

    for is_over in (too_wide, too_dear):
        for j in worst_first:
            while left[j] > 0 and is_over(j):
                left[j] -= 1
    return left


def plainest(limits: Limits) -> tuple[object, ...]:
    """Return what rules hold besides amounts, ground and one budget: nothing."""
    n = limits.most.size
    return (
        np.zeros(n + 1, np.int64),
        np.zeros(0, np.int32),
        limits.coupling,
        limits.use,
        limits.capacity,
        limits.capital,
        np.zeros(n),
        np.ones(n, np.int64),
        np.array([limits.budget]),
        np.zeros(n),
        np.zeros(n),
    )


def repair(plans: np.ndarray, limits: Limits, worst_first: np.ndarray) -> np.ndarray:
    out, n = plans.copy(), limits.most.size
    one, zero = np.ones(n, np.int16), np.zeros(n, np.int16)
    goals = np.zeros(0, np.int64), np.zeros(0)
    repair_plans(
        out, np.arange(len(out)), limits.most, one, zero, worst_first, *plainest(limits), *goals
    )
    return out


@MANY
@given(seed=SEEDS, count=st.integers(1, 6), n=SIZES)
def test_repair_plans__equals_plain_numpy(seed: int, count: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    limits, plans = random_limits(rng, n), some_plans(rng, count, n)
    worst_first = rng.permutation(n).astype(np.int32)

    found = repair(plans, limits, worst_first)

    for before, after in zip(plans, found, strict=True):
        assert after.tolist() == plain_repair(before, limits, worst_first)
        assert limits.allows(after)


@MANY
@given(seed=SEEDS, n=SIZES)
def test_repair_plans__changes_nothing_twice(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    limits, worst_first = random_limits(rng, n), rng.permutation(n).astype(np.int32)

    once = repair(some_plans(rng, 6, n), limits, worst_first)
    twice = repair(once, limits, worst_first)

    np.testing.assert_array_equal(once, twice)


def cents(budget: float) -> Limits:
    """Return limits of two options of ten and twenty cents, with ground to spare."""
    return Limits(
        most=np.full(2, 9, np.int16),
        coupling=np.zeros(2, np.int32),
        use=np.ones(2),
        capacity=np.full(1, 100.0),
        capital=np.array([0.1, 0.2]),
        budget=budget,
    )


@pytest.mark.parametrize(
    ("plan", "budget", "expected"),
    [
        ([3, 3], 0.9, [3, 3]),  # summed in turn, 3 x 0.1 + 3 x 0.2 is 0.9000000000000001
        ([4, 0], 0.3, [3, 0]),  # (0.4 - 0.3) / 0.1 is 1.0000000000000002, but one step
    ],
)
def test_repair_plans__counts_to_the_cent(
    plan: list[int], budget: float, expected: list[int]
) -> None:
    found = repair(np.array([plan], np.int16), cents(budget), np.arange(2, dtype=np.int32))

    assert found[0].tolist() == expected


def fill(plan: np.ndarray, limits: Limits, best_first: np.ndarray) -> np.ndarray:
    out = plan.copy()
    one = np.ones(limits.most.size, np.int16)
    fill_plan(out, best_first, limits.most, one, *plainest(limits), 0, np.inf)
    return out


def test_fill_plan__counts_to_the_cent() -> None:
    # 0.3 / 0.1 is 2.9999999999999996, but three steps
    found = fill(np.zeros(2, np.int16), cents(0.3), np.zeros(1, np.int32))

    assert found.tolist() == [3, 0]


def some_salt(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.integers(1, 2**63, n, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


@MANY
@given(seed=SEEDS, count=st.integers(1, 6), n=SIZES)
def test_hash_plans__equals_plain_numpy(seed: int, count: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    plans, salt = np.abs(some_plans(rng, count, n)), some_salt(rng, n)
    out = np.empty(count, np.uint64)

    with np.errstate(over="ignore"):
        hash_plans(plans, salt, out)

    for c in range(count):
        total = 0
        for j in range(n):
            value = int(plans[c, j]) * int(salt[j]) % 2**64
            total += (value ^ (value >> 29)) * 0x9E3779B97F4A7C15
        assert int(out[c]) == total % 2**64


@MANY
@given(seed=SEEDS, n=SIZES)
def test_fill_plan__equals_plain_numpy(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    limits = random_limits(rng, n)
    start = repair(some_plans(rng, 1, n), limits, rng.permutation(n).astype(np.int32))[0]
    best_first = rng.permutation(n)[: rng.integers(0, n + 1)].astype(np.int32)

    plan = fill(start, limits, best_first)

    expected = start.copy()
    for j in best_first:
        while expected[j] < limits.most[j]:
            expected[j] += 1
            if not limits.allows(expected):
                expected[j] -= 1
                break
    assert plan.tolist() == expected.tolist()


@MANY
@given(seed=SEEDS, count=st.integers(1, 6), n=SIZES)
def test_sum_amounts__equals_plain_numpy(seed: int, count: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    plans, per_step = some_plans(rng, count, n), rng.uniform(0.0, 1e5, n)
    per_start = rng.uniform(0.0, 1e5, n)
    out = np.full(count, np.nan)

    sum_amounts(plans, per_step, per_start, out)

    expected = plans @ per_step + (plans != 0) @ per_start
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-6)


def test_dominated__looks_beyond_the_first_tile() -> None:
    others = np.full((700, 2), 9.0)
    others[650] = (1.0, 1.0)
    scores = np.array([[1.0, 1.0], [1.0, 2.0], [9.0, 0.5], [9.0, 9.0]])
    out = np.zeros(4, bool)

    dominated(scores, others, out)

    assert out.tolist() == [False, True, False, True]
