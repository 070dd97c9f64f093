"""Nested plans: what is built first, within the money of the years so far."""

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from constraints.case import plan, random_rules, repaired, rules
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.constraints import Row, Rules, check_plan, spend_of
from evenground.optimise import Archive, Problem, best_kept, nest, plan_afresh

pytestmark = pytest.mark.jit

Plan = NDArray[np.int16]
ANY = {"burden": 1.0}


@dataclass(frozen=True)
class Straight:
    """A problem in which every step of an option always gains the same."""

    rules: Rules
    gain: NDArray[np.float64]
    levels: int = 4

    @property
    def search(self) -> SimpleNamespace:
        """How often gains are taken anew in a year."""
        return SimpleNamespace(budget_levels=self.levels)

    @property
    def empty(self) -> Plan:
        """Nothing built."""
        return np.zeros(self.gain.size, np.int16)

    def gains(self, _: Plan, weighting: dict[str, float]) -> NDArray[np.float64]:
        """Return the gain of a step, whatever stands."""
        return weighting["burden"] * self.gain


def straight(made: Rules, *gain: float) -> Problem:
    return cast("Problem", Straight(made, np.array(gain)))


def euros(plans: Plan, made: Rules) -> list[float]:
    return [float(spend_of(row, made).sum()) for row in plans]


@given(
    seed=st.integers(0, 10_000),
    shares=st.lists(st.floats(0.0, 0.7), min_size=1, max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_nest__only_adds_and_keeps_to_every_rule_and_the_money_so_far(
    seed: int, shares: list[float]
) -> None:
    made = random_rules(seed, 24)
    rng = np.random.default_rng(seed)
    whole = repaired(rng.integers(0, 12, (1, 24)).astype(np.int16), made)[0]
    budgets = np.cumsum(np.array(shares) * made.rows[-1].eur).tolist()
    problem = cast("Problem", Straight(made, rng.normal(size=24)))

    plans = nest(problem, whole, budgets, ANY)

    assert (np.diff(plans, axis=0) >= 0).all()
    assert (plans <= whole).all()
    for then, eur in zip(plans, budgets, strict=True):
        assert check_plan(then, made.with_budget(eur)) == ()


def test_nest__by_hand() -> None:
    # Four options at 1, 2, 1 and 5 euros a step; the second costs 3 to start, the third is
    # started with at least 4. Gain per euro 3, 2, 1 and -1.
    made = rules(
        4,
        capital_eur=np.array([1.0, 2.0, 1.0, 5.0]),
        fixed_eur=np.array([0.0, 3.0, 0.0, 0.0]),
        least=plan(1, 1, 4, 1),
    )
    whole = plan(4, 3, 5, 1)  # 4 + (3 + 6) + 5 + 5 = 23
    made = replace(made, rows=(Row("budget", 23.0),))
    problem = cast("Problem", Straight(made, np.array([3.0, 4.0, 1.0, -5.0]), levels=1))

    plans = nest(problem, whole, [6.0, 11.0, 17.0, 23.0], ANY)

    # 6: four of the first; 2 left start neither the second (3 + 2) nor the third (4)
    # 11: 7 left start the second: 3, and two steps of 2
    # 17: 6 left: the last step of the second (2) and the least of the third (4)
    # 23: 6 left: the last of the third (1), and of what harms (5), the whole plan
    assert plans.tolist() == [[4, 0, 0, 0], [4, 2, 0, 0], [4, 3, 4, 0], [4, 3, 5, 1]]
    assert euros(plans, made) == [4.0, 11.0, 17.0, 23.0]


def test_nest__builds_what_is_locked_in_first() -> None:
    made = rules(2, lock=plan(0, 3), rows=(Row("budget", 10.0),))
    problem = straight(made, 9.0, 1.0)

    assert nest(problem, plan(5, 5), [4.0, 10.0], ANY).tolist() == [[1, 3], [5, 5]]


def test_nest__of_one_year_is_the_plan_itself() -> None:
    made = random_rules(5, 24)
    whole = repaired(np.full((1, 24), 9, np.int16), made)[0]
    problem = cast("Problem", Straight(made, np.linspace(-1.0, 1.0, 24)))

    assert whole.any()
    assert nest(problem, whole, [made.rows[-1].eur], ANY).tolist() == [whole.tolist()]


def test_nest__leaves_out_what_the_years_cannot_pay() -> None:
    problem = straight(rules(2, rows=(Row("budget", 10.0),)), 2.0, 1.0)

    assert nest(problem, plan(5, 5), [3.0, 7.0], ANY).tolist() == [[3, 0], [5, 2]]


@given(gains=st.lists(st.floats(0.1, 9.0), min_size=3, max_size=3), cut=st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_plan_afresh__is_no_worse_than_any_nested_plan_where_greedy_is_exact(
    gains: list[float], cut: int
) -> None:
    # steps of a euro with steady gains on one ground that holds all: greedy is optimal
    ground = {"coupling": np.zeros(3, np.int32), "capacity": np.array([99.0])}
    made = rules(3, rows=(Row("budget", 20.0),), **ground)
    problem = straight(made, *gains)
    worst_order = plan_afresh(straight(made, *[-gain + 10.0 for gain in gains]), 20.0, ANY)

    nested = nest(problem, worst_order, [float(cut), 20.0], ANY)

    for then, eur in zip(nested, (float(cut), 20.0), strict=True):
        afresh = plan_afresh(problem, eur, ANY)
        assert float(np.array(gains) @ (afresh - then)) >= -1e-9
        assert euros(afresh[None, :], made)[0] == eur


def test_plan_afresh__builds_nothing_that_gains_nothing() -> None:
    problem = straight(rules(2, rows=(Row("budget", 99.0),)), 1.0, -1.0)

    assert plan_afresh(problem, 99.0, ANY).tolist() == [10, 0]


def test_best_kept__is_the_best_on_the_aim_that_the_money_pays() -> None:
    archive = Archive.empty(1, 1, 7)
    archive.scores = np.zeros((3, 7))
    archive.scores[:, 0] = [1.0, 2.0, 3.0]  # burden
    archive.scores[:, 6] = [30.0, 20.0, 10.0]  # capital

    assert [best_kept(archive, eur, ANY) for eur in (30.0, 25.0, 10.0, 9.0)] == [0, 1, 2, None]
