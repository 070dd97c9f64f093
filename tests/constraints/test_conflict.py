"""Cities in which no plan respects all: each constraint in turn is the reason, and is named."""

import numpy as np
import pytest

from evenground.constraints import Row, Rules, find_conflict, tell_conflict

from .case import asked, near, plan, rules


def found(made: Rules) -> tuple[set[str], dict[str, float]]:
    conflict = find_conflict(made)
    assert conflict is not None
    return set(conflict.names), {one.name: one.amount for one in conflict.relaxations}


def test_nothing_asked__is_always_possible() -> None:
    assert find_conflict(rules(3, rows=(Row("budget", 0.0),))) is None


def test_locked_works_that_fit__are_possible() -> None:
    assert find_conflict(rules(3, lock=plan(2, 0, 1), rows=(Row("budget", 3.0),))) is None


def test_budget__too_small_for_what_is_locked_in() -> None:
    names, amounts = found(rules(2, lock=plan(4, 3), rows=(Row("budget", 5.0),)))

    assert names == {"lock", "budget:budget"}
    assert amounts["budget:budget"] == pytest.approx(2.0)
    assert amounts["lock"] == pytest.approx(2.0)


def test_line__too_small_for_what_is_locked_in() -> None:
    rows = (Row("groen", 3.0), Row("budget", 50.0))
    made = rules(2, lock=plan(4, 3), rows=rows, line=np.array([0b11, 0b10], np.int64))

    names, amounts = found(made)

    assert names == {"lock", "budget:groen"}
    assert amounts["budget:groen"] == pytest.approx(1.0)


def test_fixed_cost__makes_the_difference() -> None:
    made = rules(1, lock=plan(4), fixed_eur=np.array([3.0]), rows=(Row("budget", 6.0),))

    names, amounts = found(made)

    assert names == {"lock", "budget:budget"}
    assert amounts["budget:budget"] == pytest.approx(1.0)


def test_ground__too_small_for_what_is_locked_in() -> None:
    made = rules(
        2,
        lock=plan(4, 3),
        coupling=np.zeros(2, np.int32),
        use=np.array([2.0, 1.0]),
        capacity=np.array([10.0]),
    )

    names, amounts = found(made)

    assert names == {"lock", "ground"}
    assert amounts["ground"] == pytest.approx(1.0)


def test_room__less_than_is_locked_in() -> None:
    names, amounts = found(rules(1, lock=plan(12)))

    assert names == {"lock", "room"}
    assert amounts["room"] == pytest.approx(2.0)


def test_closed__least_spend_needs_the_place() -> None:
    # of the first row 12 has to be spent, and 10 fits outside the closed place
    rows = (Row("groen (minimum)", np.inf, 12.0), Row("budget", 50.0))
    made = rules(2, most=plan(10, 0), rows=rows, line=np.array([0b11, 0b11], np.int64))

    names, amounts = found(made)

    assert names == {"closed", "spend:groen (minimum)"}
    assert amounts["spend:groen (minimum)"] == pytest.approx(2.0)
    assert amounts["closed"] == pytest.approx(2.0)


def test_spacing__locked_works_stand_too_near() -> None:
    names, amounts = found(rules(2, lock=plan(1, 1), **near(2, [(0, 1)])))

    assert names == {"lock", "spacing"}
    assert amounts["spacing"] == pytest.approx(1.0)


def test_spend__more_than_the_budget() -> None:
    rows = (Row("groen (minimum)", np.inf, 12.0), Row("budget", 9.0))
    names, amounts = found(rules(2, rows=rows, line=np.array([0b11, 0b10], np.int64)))

    # ten steps fit on the only option that counts, so that both bounds are too tight
    assert names & {"spend:groen (minimum)"}
    assert len(names) <= 2
    assert amounts["spend:groen (minimum)"] >= 2.0 - 1e-9


def test_least__project_does_not_fit_in_the_budget() -> None:
    rows = (Row("groen (minimum)", np.inf, 2.0), Row("budget", 3.0))
    made = rules(1, least=plan(4), rows=rows, line=np.array([0b11], np.int64))

    names, _ = found(made)

    assert names == {"least", "spend:groen (minimum)", "budget:budget"}


def test_priority__locked_works_lie_elsewhere() -> None:
    # 40 % has to go to option 1, of which nothing fits
    made = rules(2, lock=plan(4, 0), most=plan(10, 0), room=plan(10, 0),
                 asked=asked(0.4, 2))  # fmt: skip

    names, amounts = found(made)

    assert names == {"lock", "priority"}
    # all that can be spent is locked in elsewhere
    assert amounts["priority"] == 0.0


def test_priority__tells_the_largest_share() -> None:
    # four steps are locked in elsewhere and six at most may follow: 6 of 10, and 70 % is asked
    made = rules(2, lock=plan(4, 0), most=plan(10, 6), room=plan(10, 6), asked=asked(0.7, 2))
    conflict = find_conflict(made)
    assert conflict is not None

    text = tell_conflict(conflict, made)

    assert "70 % voor buurten met voorrang - vraag hoogstens 60,0 %" in text
    assert "70 % for priority neighbourhoods - ask for at most 60.0 %" in text


def test_words__name_both_and_what_helps() -> None:
    made = rules(2, lock=plan(4, 3), rows=(Row("budget", 5.0),))
    conflict = find_conflict(made)
    assert conflict is not None

    text = tell_conflict(conflict, made)

    assert "Geen enkel plan voldoet" in text
    assert "het budget van € 5" in text
    assert "de werken die vastliggen" in text
    assert "The least that helps" in text
    assert "raise it by € 2" in text
