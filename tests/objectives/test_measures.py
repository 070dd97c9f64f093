"""Splits, batches and curves of the measures of distribution, and PySAL's figures.

Their axioms stand in ``test_axioms``.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from inequality.gini import Gini
from inequality.theil import Theil, TheilD
from numpy.typing import NDArray

from evenground.objectives import inequality as q

Float = NDArray[np.float64]

SCORE = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
BURDENS = st.lists(st.floats(1.0, 50.0), min_size=5, max_size=5).map(np.array)
PEOPLE = st.lists(st.integers(1, 40), min_size=5, max_size=5).map(lambda n: np.array(n, float))
KAPPA = 0.05
LAW = settings(deadline=None, max_examples=60)


def measured(y: Float, w: Float) -> dict[str, Float]:
    return q.measures(y, w, SCORE[: y.shape[-1]], KAPPA)


@LAW
@given(y=BURDENS, w=PEOPLE)
def test_splits__add_up_exactly(y: Float, w: Float) -> None:
    group = np.array([0, 1, 0, 2, 1])
    whole = measured(y, w)

    for kind, name in (("T", "theil_t"), ("L", "theil_l")):
        assert sum(q.theil_split(y, w, group, kind)) == pytest.approx(whole[name], abs=1e-10)
    split = q.kolm_pollak_split(y, w, KAPPA, group)
    assert sum(split) == pytest.approx(whole["kolm_pollak"], abs=1e-10)
    assert min(map(float, split)) > -1e-10


def test_measures__do_not_depend_on_their_batch_to_the_last_bit() -> None:
    rng = np.random.default_rng(5)
    y, w = rng.gamma(2.0, 5.0, (37, 211)), rng.integers(1, 5000, 211).astype(float)
    score = rng.normal(size=211).round(1)
    score[::9] = np.nan

    together = q.measures(y, w, score, KAPPA)

    for k in (0, 17, 36):
        for name, value in q.measures(y[k], w, score, KAPPA).items():
            assert together[name][k] == value, name


def test_splits__do_not_depend_on_their_batch_to_the_last_bit() -> None:
    rng = np.random.default_rng(6)
    y, w, group = rng.gamma(2.0, 5.0, (9, 50)), rng.uniform(1, 99, 50), np.arange(50) % 4

    whole = q.theil_split(y, w, group) + q.kolm_pollak_split(y, w, KAPPA, group)
    alone = q.theil_split(y[4], w, group) + q.kolm_pollak_split(y[4], w, KAPPA, group)

    assert [part[4] for part in whole] == list(alone)


def test_ranked_measures__are_unknown_where_no_score_is() -> None:
    found = q.measures(np.ones((2, 3)), np.ones(3), np.full(3, np.nan), KAPPA)

    for name in q.RANKED:
        assert np.isnan(found[name]).all(), name
    np.testing.assert_array_equal(found["gini"], [0.0, 0.0])


def test_concentration_curve__of_three_blocks_is_that_by_hand() -> None:
    # shares .25 .25 .5; burdens 4 2 1 of mean 2: cumulative .5, .75, 1; ties are one point
    y, w = np.array([4.0, 2.0, 1.0, 1.0]), np.ones(4)

    people, load = q.concentration_curve(y, w, np.array([1.0, 2.0, 3.0, 3.0]))

    np.testing.assert_allclose(people, [0.0, 0.25, 0.5, 1.0])
    np.testing.assert_allclose(load, [0.0, 0.5, 0.75, 1.0])


@LAW
@given(y=BURDENS, w=PEOPLE)
def test_curves__enclose_their_indices(y: Float, w: Float) -> None:
    people, load = q.lorenz_curve(y, w)
    along, borne = q.concentration_curve(y, w, SCORE)

    assert 1.0 - 2.0 * np.trapezoid(load, people) == pytest.approx(q.gini(y, w), abs=1e-10)
    area = 1.0 - 2.0 * np.trapezoid(borne, along)
    assert area == pytest.approx(measured(y, w)["concentration"], abs=1e-10)


@LAW
@given(y=BURDENS, w=PEOPLE)
def test_gini_and_theil__are_those_of_pysal(y: Float, w: Float) -> None:
    persons = np.repeat(y, w.astype(int))
    group = np.repeat([0, 0, 1, 1, 1], w.astype(int))
    assume(persons.size > 1)

    within, between = q.theil_split(y, w, np.array([0, 0, 1, 1, 1]))

    assert q.gini(y, w) == pytest.approx(Gini(persons).g, abs=1e-9)
    assert q.theil_t(y, w) == pytest.approx(Theil(persons).T, abs=1e-9)
    theirs = TheilD(persons, group)
    assert (within, between) == pytest.approx((theirs.wg[0], theirs.bg[0]), abs=1e-9)
