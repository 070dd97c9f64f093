"""What steps bring, against what they brought lately: by hand in two goals."""

import numpy as np
import pytest

from evenground.optimise.archive import LOCAL
from evenground.optimise.books import Books
from evenground.optimise.credit import Credit
from evenground.optimise.local import Mending
from evenground.optimise.problem import HARMFUL
from evenground.optimise.seeds import greedy_seeds
from evenground.pipeline import Model

from .case import with_search

pytestmark = pytest.mark.jit

ENDS = np.array([[0.0, 1.0], [1.0, 0.0]])
"""Measured from 1.1, both ends hold 1.1 x 0.1 + 0.1 x 1.1 - 0.1 x 0.1."""


def test_credit__is_the_hypervolume_for_each_plan() -> None:
    # A plan halfway reaches 0.6 either way, of which the ends held all but 0.5 x 0.5.
    credit = Credit(ENDS)

    credit.add(np.array([[0.5, 0.5]]))

    assert credit.pays(5)
    assert credit.usual == pytest.approx(0.25 / 5, rel=0.02)


def test_credit__of_nothing_does_not_pay_and_is_soon_usual() -> None:
    credit = Credit(ENDS)
    credit.add(np.array([[0.5, 0.5]]))
    credit.pays(5)

    assert not credit.pays(5)

    assert credit.usual == pytest.approx(0.8 * 0.25 / 5, rel=0.02)


def test_credit__pays_where_it_is_more_than_usual() -> None:
    # From halfway to 0.3 either way: 0.8 x 0.8 less 0.6 x 0.6 less twice 0.2 x 0.1, which is 0.24.
    credit = Credit(ENDS)
    credit.add(np.array([[0.5, 0.5]]))
    credit.pays(5)
    credit.add(np.array([[0.3, 0.3]]))

    assert credit.pays(4)

    assert credit.usual == pytest.approx(0.8 * 0.25 / 5 + 0.2 * 0.24 / 4, rel=0.02)


def test_credit__takes_nothing_from_plans_that_break_a_constraint() -> None:
    credit = Credit(ENDS)
    credit.pays(1)

    credit.add(np.array([[0.0, HARMFUL]]))

    credit.pays(1)
    assert credit.usual == 0.0


def test_credit__goes_on_from_what_was_kept() -> None:
    credit, other = Credit(ENDS), Credit(ENDS)
    credit.add(np.array([[0.5, 0.5]]))
    credit.pays(5)

    other.go_on(credit.arrays, credit.usual)

    for one in (credit, other):
        one.add(np.array([[0.4, 0.4]]))
        one.pays(3)
    assert other.usual == credit.usual


@pytest.mark.parametrize(("pays", "begun"), [(False, {4}), (True, {1, 2, 3})])
def test_mending__turns_elsewhere_when_a_climb_does_not_pay(
    small_model: Model, monkeypatch: pytest.MonkeyPatch, *, pays: bool, begun: set[int]
) -> None:
    problem = with_search(small_model.problem, seeds="greedy")
    books, rng = Books(problem, None), np.random.default_rng(1)
    books.take_seeds(greedy_seeds(problem))
    mending = Mending(problem, books.archive, lambda p, e: books.take(p, e, origin=LOCAL), rng)
    ahead = len(mending.snapshot().arrays["mend_ahead"])
    monkeypatch.setattr(Credit, "pays", lambda *_: pays)

    for _ in range(4):
        assert mending.step(100) > 0

    # a climb that pays is also over when none of its moves helps
    assert ahead - len(mending.snapshot().arrays["mend_ahead"]) in begun
