"""The linear programme: against all plans of a tiny city, and what a euro is worth."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.constraints import Row, Rules, build_linear, check_plan, maximise

from .case import random_rules, rules


def best_of_all(made: Rules, gain: np.ndarray) -> float:
    """Try every plan there is."""
    plans = product(*(range(int(most) + 1) for most in made.most))
    values = [
        float(gain @ np.array(one))
        for one in plans
        if not check_plan(np.array(one, np.int16), made)
    ]
    return max(values)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_maximise__whole_plans_are_the_best_there_are(seed: int) -> None:
    made = random_rules(seed, 4)
    few = np.minimum(made.most, 5)
    made = replace(made, most=few, room=few)
    gain = np.random.default_rng(seed).random(4)

    linear = build_linear(made)

    truth = best_of_all(made, gain)
    assert maximise(linear, gain, whole=True).value == pytest.approx(truth, abs=1e-6)
    assert maximise(linear, gain).value >= truth - 1e-6


def test_worth__is_the_gain_of_the_best_that_is_left() -> None:
    # 10 of the best fit, so that the last euro goes to the next
    made = rules(2, rows=(Row("budget", 15.0),))

    found = maximise(build_linear(made), np.array([3.0, 2.0]))

    assert found.value == pytest.approx(40.0)
    assert found.worth["budget:budget"] == pytest.approx(2.0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.2))
def test_worth__agrees_with_a_finite_difference(seed: int, more: float) -> None:
    made = random_rules(seed, 8)
    gain = np.random.default_rng(seed).random(8)
    k = seed % len(made.rows)
    row = made.rows[k]

    def value(eur: float) -> tuple[float, float]:
        rows = (*made.rows[:k], Row(row.name, eur), *made.rows[k + 1 :])
        found = maximise(build_linear(replace(made, rows=rows)), gain)
        return found.value, found.worth[f"budget:{row.name}"]

    here, worth = value(row.eur)
    there, after = value(row.eur + more)
    # the value is concave in the budget, so that the step lies between both slopes
    assert after * more - 1e-7 <= there - here <= worth * more + 1e-7


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_pooling__never_makes_the_best_worse(seed: int) -> None:
    made = random_rules(seed, 8)
    gain = np.random.default_rng(seed).random(8)
    pooled = replace(made, rows=made.rows[-1:], line=made.line >> 2)

    apart = maximise(build_linear(made), gain, whole=True).value
    together = maximise(build_linear(pooled), gain, whole=True).value

    assert together >= apart - 1e-6
