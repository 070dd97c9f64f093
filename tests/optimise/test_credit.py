"""What steps bring for each plan, against what they brought lately: by hand."""

import numpy as np
import pytest

from evenground.optimise.books import Books
from evenground.optimise.credit import Credit
from evenground.optimise.local import Mending
from evenground.optimise.seeds import greedy_seeds
from evenground.pipeline import Model

from .case import with_search

pytestmark = pytest.mark.jit


def test_credit__is_the_hypervolume_for_each_plan() -> None:
    credit = Credit(0.2)

    assert credit.note(0.25, 5)

    assert credit.usual == 0.05


def test_credit__of_nothing_does_not_pay_and_is_soon_usual() -> None:
    credit = Credit(0.2)
    credit.note(0.25, 5)

    assert not credit.note(0.0, 5)

    assert credit.usual == pytest.approx(0.8 * 0.05)


def test_credit__pays_where_it_is_more_than_usual() -> None:
    credit = Credit(0.2)
    credit.note(0.25, 5)

    assert credit.note(0.24, 4)

    assert credit.usual == pytest.approx(0.8 * 0.05 + 0.2 * 0.06)


def test_credit__of_a_step_that_tried_nothing_is_nothing() -> None:
    credit = Credit(0.2)

    credit.note(0.0, 0)

    assert credit.usual == 0.0


@pytest.mark.parametrize(("pays", "begun"), [(False, {4}), (True, {1, 2, 3})])
def test_mending__turns_elsewhere_when_a_climb_does_not_pay(
    small_model: Model, monkeypatch: pytest.MonkeyPatch, *, pays: bool, begun: set[int]
) -> None:
    problem = with_search(small_model.problem, seeds="greedy")
    books = Books(problem, None)
    books.take_seeds(greedy_seeds(problem))
    mending = Mending(problem, books, np.random.default_rng(1))
    ahead = len(mending.snapshot().arrays["mend_ahead"])
    monkeypatch.setattr(Credit, "note", lambda *_: pays)

    for _ in range(4):
        assert mending.step(100) > 0

    # a climb that pays is also over when none of its moves helps
    assert ahead - len(mending.snapshot().arrays["mend_ahead"]) in begun
