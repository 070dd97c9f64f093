"""Each constraint in a city worked out by hand, in which it and nothing else binds."""

import numpy as np
import pytest

from evenground.constraints import (
    Row,
    Rules,
    amount,
    budget,
    check_plan,
    ground,
    priority,
    spacing,
    spend,
)

from .case import asked, near, plan, repaired, rules

pytestmark = pytest.mark.jit


def after(made: Rules, *amounts: int) -> list[int]:
    return repaired(plan(*amounts)[None, :], made)[0].tolist()


def test_amount__most_least_and_lock() -> None:
    made = rules(4, most=plan(5, 5, 5, 0), least=plan(1, 3, 1, 1), lock=plan(0, 0, 2, 0))
    # 9 is more than fits, 2 is too small to start, 1 is less than is locked in, 4 is closed
    assert after(made, 9, 2, 1, 4) == [5, 0, 2, 0]
    assert [breach.place for breach in amount.check(plan(9, 2, 1, 4), made)] == [
        "option 0",
        "option 1",
        "option 2",
        "option 3",
    ]
    assert check_plan(plan(5, 3, 2, 0), made) == ()


def test_spacing__the_better_one_stays() -> None:
    # 0 is worst; 0 and 1 are too near to each other, as are 1 and 2
    made = rules(3, **near(3, [(0, 1), (1, 2)]))
    assert after(made, 1, 1, 1) == [0, 0, 1]
    assert after(made, 1, 0, 1) == [1, 0, 1]
    assert len(spacing.check(plan(1, 1, 1), made)) == 2


def test_spacing__what_is_locked_in_stays() -> None:
    made = rules(2, lock=plan(1, 0), worst_first=np.array([1, 0], np.int32), **near(2, [(0, 1)]))
    assert after(made, 1, 1) == [1, 0]


def test_ground__worst_gives_way() -> None:
    # both want the same 10 m2: 3 steps of 2 m2 and 6 of 1 m2 make 12
    made = rules(
        2,
        coupling=np.array([0, 0], np.int32),
        use=np.array([2.0, 1.0]),
        capacity=np.array([10.0]),
    )
    assert after(made, 3, 6) == [2, 6]
    (breach,) = ground.check(plan(3, 6), made)
    assert (breach.found, breach.bound) == (12.0, 10.0)


def test_budget__counts_starting_and_drops_the_worst() -> None:
    # 4 steps of 10 and a start of 5 are 45, and 3 of 20 and a start of 7 are 67
    made = rules(
        2,
        capital_eur=np.array([10.0, 20.0]),
        fixed_eur=np.array([5.0, 7.0]),
        rows=(Row("budget", 100.0),),
    )
    assert budget.check(plan(4, 3), made)[0].found == pytest.approx(112.0)
    assert after(made, 4, 3) == [2, 3]
    # 10 short of starting at all: the whole project goes, its start as well
    assert after(rules(1, fixed_eur=np.array([5.0]), rows=(Row("budget", 5.5),)), 3) == [0]


def test_budget__each_line_pays_for_its_own() -> None:
    # options 0 and 1 are paid by the first line, 2 by the second
    made = rules(
        3,
        rows=(Row("groen", 5.0), Row("wegen", 3.0), Row("budget", 8.0)),
        line=np.array([0b101, 0b101, 0b110], np.int64),
    )
    assert after(made, 4, 4, 1) == [1, 4, 1]
    assert [breach.place for breach in budget.check(plan(4, 4, 4), made)] == [
        "groen",
        "wegen",
        "budget",
    ]


def test_least__a_small_remainder_is_not_left() -> None:
    # 8 euros pay for 8 steps, but the worst would be left with 3 where 4 are the least
    made = rules(2, least=plan(4, 1), rows=(Row("budget", 8.0),))
    assert after(made, 6, 5) == [0, 5]


def test_priority__the_rest_gives_way() -> None:
    # option 1 lies in a priority neighbourhood; at least 40 % of the spend goes there
    made = rules(2, asked=asked(0.4, 2))
    # of 10 and 2 euros 17 % goes there; of 3 and 2 it is 40 %
    assert after(made, 10, 2) == [3, 2]
    assert after(made, 10, 0) == [0, 0]
    assert after(made, 3, 2) == [3, 2]
    assert priority.check(plan(10, 2), made)[0].found == pytest.approx(-2.8)


def test_spend__the_best_are_raised_until_enough_is_spent() -> None:
    # what the first row counts has to cost 12; option 1 is better than option 0
    made = rules(
        3,
        rows=(Row("groen (minimum)", np.inf, 12.0), Row("budget", 100.0)),
        line=np.array([0b11, 0b11, 0b10], np.int64),
    )
    assert after(made, 0, 0, 4) == [2, 10, 4]
    assert after(made, 6, 6, 0) == [6, 6, 0]
    assert spend.check(plan(0, 5, 9), made)[0].found == pytest.approx(5.0)


def test_spend__stops_where_nothing_fits() -> None:
    made = rules(
        1,
        most=plan(3),
        rows=(Row("groen (minimum)", np.inf, 12.0), Row("budget", 100.0)),
        line=np.array([0b11], np.int64),
    )
    found = plan(*after(made, 0))
    assert found.tolist() == [3]
    assert spend.check(found, made)[0].bound == 12.0
