"""Axioms of the measures of distribution: one table, and a test for every cell of it.

The table is that of the evidence on inequality measures. A yes is a law that holds for any
burden; a no is an example that breaks it.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.objectives import inequality as q

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Axioms:
    """One row of the table."""

    transfer: str
    """yes: from more to less burdened lowers it; rank: from low to high SES is fairer; no."""
    holds: tuple[str, ...]
    """Of along_ses, scale, translation, decomposes (falls apart exactly into within and between
    groups, and agrees with each group) and levelling_down_proof; the others do not hold."""
    falls: float = 1.0
    """Sign of the change that reads as better: 1 falls, -1 rises."""


TABLE = {
    "concentration": Axioms("rank", ("along_ses", "scale"), -1.0),
    "extended_concentration": Axioms("rank", ("along_ses", "scale"), -1.0),
    "generalised_concentration": Axioms("rank", ("along_ses", "translation"), -1.0),
    "slope_index": Axioms("rank", ("along_ses", "translation"), -1.0),
    "slope_over_mean": Axioms("rank", ("along_ses", "scale"), -1.0),
    "relative_index": Axioms("rank", ("along_ses", "scale")),
    "group_gap": Axioms("no", ("along_ses", "translation")),
    "gini": Axioms("yes", ("scale",)),
    "theil_t": Axioms("yes", ("scale", "decomposes")),
    "theil_l": Axioms("yes", ("scale", "decomposes")),
    "ge2": Axioms("yes", ("scale", "decomposes")),
    "kolm_pollak": Axioms("yes", ("translation", "decomposes")),
    "ede": Axioms("yes", ("translation", "decomposes", "levelling_down_proof")),
    "p90_p10": Axioms("no", ("scale",)),
}
"""Measure = its axioms. The EDE is translation invariant in that it moves with the shift."""
SCORE = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
IS_VULNERABLE = np.array([True, True, False, False, False])
GROUP = np.array([0, 0, 1, 1, 1])
KAPPA = 0.05
BURDENS = st.lists(st.floats(1.0, 50.0), min_size=5, max_size=5).map(np.array)
PEOPLE = st.lists(st.integers(1, 40), min_size=5, max_size=5).map(lambda n: np.array(n, float))
LAW = settings(deadline=None, max_examples=60)
EXAMPLE = np.array([26.0, 18.0, 14.0, 12.0, 10.0])
ALL = np.ones(5)


def value(name: str, y: Float, w: Float, score: Float = SCORE) -> float:
    if name == "group_gap":
        return float(q.group_gap(y, w, np.isin(score, SCORE[IS_VULNERABLE]))[0])
    return float(q.measure(name, y, w, score, KAPPA))


def those(cell: str, *, holds: bool = True) -> list[str]:
    found = [name for name, row in TABLE.items() if (cell in row.holds) is holds]
    assert found, f"no measure has {cell} = {holds}"
    return found


def with_transfer(answer: str) -> list[str]:
    return [name for name, row in TABLE.items() if row.transfer == answer]


def moved(y: Float, source: int, target: int, amount: float) -> Float:
    out = y.copy()
    out[source] -= amount
    out[target] += amount
    return out


def test_table__holds_every_measure_that_is_made() -> None:
    made = set(q.measures(EXAMPLE, ALL, SCORE, KAPPA)) - {"mean"}

    assert set(TABLE) == made | {"group_gap"}


@pytest.mark.parametrize("name", with_transfer("yes"))
@LAW
@given(y=BURDENS, share=st.floats(0.05, 1.0))
def test_transfer__from_more_to_less_burdened_lowers(name: str, y: Float, share: float) -> None:
    worst, best = int(np.argmax(y)), int(np.argmin(y))
    assume(y[worst] - y[best] > 0.1)

    fairer = moved(y, worst, best, 0.5 * share * (y[worst] - y[best]))

    assert value(name, fairer, ALL) < value(name, y, ALL)


@pytest.mark.parametrize("name", with_transfer("rank"))
@LAW
@given(y=BURDENS, share=st.floats(0.05, 0.9), low=st.integers(0, 3))
def test_transfer__from_low_to_high_ses_is_fairer(
    name: str, y: Float, share: float, low: int
) -> None:
    row = TABLE[name]
    # a fitted burden below nothing has no ratio
    assume(name != "relative_index" or abs(value("slope_over_mean", y, ALL)) < 1.5)

    fairer = moved(y, low, 4, share * min(y[low], 1.0))

    assert row.falls * value(name, fairer, ALL) < row.falls * value(name, y, ALL)


@pytest.mark.parametrize("name", with_transfer("no"))
def test_transfer__may_leave_a_tail_or_a_group_as_it_is(name: str) -> None:
    # from the second to the first, both vulnerable, and between the tails
    y = np.array([20.0, 22.0, 14.0, 40.0, 2.0])

    assert value(name, moved(y, 1, 0, 1.0), ALL) == pytest.approx(value(name, y, ALL))


@pytest.mark.parametrize("name", TABLE)
def test_along_ses__only_those_of_a_rank_or_a_group_see_who_bears_it(name: str) -> None:
    turned = EXAMPLE[::-1].copy()

    is_blind = value(name, turned, ALL) == pytest.approx(value(name, EXAMPLE, ALL), rel=1e-12)

    assert is_blind is ("along_ses" not in TABLE[name].holds)


@pytest.mark.parametrize("name", those("scale"))
@LAW
@given(y=BURDENS, w=PEOPLE, factor=st.floats(0.1, 10.0))
def test_scale__leaves_relative_measures_as_they_are(
    name: str, y: Float, w: Float, factor: float
) -> None:
    assume(name != "relative_index" or abs(value("slope_over_mean", y, w)) < 1.5)

    after = value(name, factor * y, w)

    assert after == pytest.approx(value(name, y, w), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", those("scale", holds=False))
def test_scale__moves_absolute_measures(name: str) -> None:
    assert abs(value(name, 2.0 * EXAMPLE, ALL)) > 1.5 * abs(value(name, EXAMPLE, ALL))


@pytest.mark.parametrize("name", those("translation"))
@LAW
@given(y=BURDENS, w=PEOPLE, shift=st.floats(0.0, 20.0))
def test_translation__leaves_absolute_measures_as_they_are(
    name: str, y: Float, w: Float, shift: float
) -> None:
    expected = value(name, y, w) + (shift if name == "ede" else 0.0)

    assert value(name, y + shift, w) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("name", those("translation", holds=False))
def test_translation__moves_relative_measures(name: str) -> None:
    equal = {"relative_index": 1.0, "p90_p10": 1.0}.get(name, 0.0)

    # the same for everybody makes all ratios smaller
    before, after = (abs(value(name, EXAMPLE + shift, ALL) - equal) for shift in (0.0, 10.0))
    assert after < 0.8 * before


@pytest.mark.parametrize("name", TABLE)
@LAW
@given(y=BURDENS, w=PEOPLE, times=st.integers(2, 5))
def test_population_replication__changes_nothing(name: str, y: Float, w: Float, times: int) -> None:
    assume(name != "relative_index" or abs(value("slope_over_mean", y, w)) < 1.5)

    again = value(name, np.tile(y, times), np.tile(w, times), np.tile(SCORE, times))

    assert again == pytest.approx(value(name, y, w), rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("name", those("decomposes"))
@LAW
@given(y=BURDENS, w=PEOPLE, harm=st.floats(0.5, 10.0))
def test_subgroup_consistency__more_unequal_in_one_group_is_more_unequal(
    name: str, y: Float, w: Float, harm: float
) -> None:
    # the mean of the first group stays, its spread grows
    low, high = (0, 1) if y[0] <= y[1] else (1, 0)
    step = min(harm, 0.9 * y[low] * w[low])
    assume(step > 0.05)

    apart = y.copy()
    apart[low] -= step / w[low]
    apart[high] += step / w[high]

    assert value(name, apart, w) > value(name, y, w)


def parts(name: str, y: Float, w: Float) -> tuple[float, float]:
    """Return within and between: of GE(2) by its own formula, W_g (mu_g / mu)^2 GE2_g."""
    if name in ("theil_t", "theil_l"):
        within, between = q.theil_split(y, w, GROUP, name[-1].upper())
        return float(within), float(between)
    if name in ("kolm_pollak", "ede"):
        within, between = q.kolm_pollak_split(y, w, KAPPA, GROUP)
        return float(within), float(between) + (float(q.mean(y, w)) if name == "ede" else 0.0)
    mass = np.array([w[g == GROUP].sum() for g in (0, 1)])
    level = np.array([float(q.mean(y[g == GROUP], w[g == GROUP])) for g in (0, 1)])
    own = np.array([value(name, y[g == GROUP], w[g == GROUP], SCORE[g == GROUP]) for g in (0, 1)])
    weight = mass / mass.sum() * (level / float(q.mean(y, w))) ** 2
    if name == "gini":
        weight = (mass / mass.sum()) ** 2 * level / float(q.mean(y, w))
    between = float(q.measure(name, level, mass, np.array([1.0, 2.0]), KAPPA))
    return float(weight @ own), between


@pytest.mark.parametrize("name", those("decomposes"))
@LAW
@given(y=BURDENS, w=PEOPLE)
def test_decomposition__is_exact(name: str, y: Float, w: Float) -> None:
    within, between = parts(name, y, w)

    assert within + between == pytest.approx(value(name, y, w), abs=1e-9)
    assert within > -1e-10


def test_decomposition__of_gini_leaves_a_rest_where_groups_overlap() -> None:
    overlapping = np.array([20.0, 2.0, 14.0, 3.0, 18.0])

    within, between = parts("gini", overlapping, ALL)

    assert within + between < value("gini", overlapping, ALL) - 0.01


@pytest.mark.parametrize("name", sorted({*those("decomposes", holds=False)} - {"gini"}))
def test_subgroup_consistency__others_do_not_see_that_one_group_is_more_unequal(name: str) -> None:
    # from the lowest SES, who bear less, to those above: further apart, and no worse by these
    y = np.array([18.0, 26.0, 14.0, 28.0, 10.0])
    falls = TABLE[name].falls

    apart = moved(y, 0, 1, 1.0)

    assert value("theil_t", apart[:2], ALL[:2], SCORE[:2]) > value(
        "theil_t", y[:2], ALL[:2], SCORE[:2]
    )
    assert falls * value(name, apart, ALL) <= falls * value(name, y, ALL) + 1e-12


@LAW
@given(y=BURDENS, w=PEOPLE, row=st.integers(0, 4), harm=st.floats(0.1, 5.0))
def test_levelling_down__the_ede_rises_when_anyone_is_worse_off(
    y: Float, w: Float, row: int, harm: float
) -> None:
    worse = y.copy()
    worse[row] += harm

    assert value("ede", worse, w) > value("ede", y, w)


@pytest.mark.parametrize("name", those("levelling_down_proof", holds=False))
def test_levelling_down__looks_better_to_every_pure_index(name: str) -> None:
    # the best-off lose 2, nobody gains
    before, after = np.array([12.0, 12.0, 10.0, 8.0, 8.0]), np.array([12.0, 12.0, 10.0, 10.0, 10.0])
    falls = TABLE[name].falls

    assert falls * value(name, after, ALL) < falls * value(name, before, ALL)
    assert value("ede", after, ALL) > value("ede", before, ALL)


def test_safe_for_bads__atkinson_calls_the_more_unequal_burden_the_better() -> None:
    equal, apart = np.array([5.0, 5.0]), np.array([1.0, 9.0])

    atkinson, kolm_pollak = (
        [float(ede(y)) for y in (equal, apart)]
        for ede in (
            lambda y: q.mean(y, np.ones(2)) * (1.0 - q.atkinson(y, np.ones(2), 0.5)),
            lambda y: q.kolm_pollak_ede(y, np.ones(2), KAPPA),
        )
    )

    assert atkinson[1] < atkinson[0]
    assert kolm_pollak[1] > kolm_pollak[0]


def test_safe_for_bads__theil_l_has_no_end_where_somebody_bears_nothing() -> None:
    assert value("theil_l", np.array([0.0, 1.0, 1.0, 1.0, 1.0]), ALL) == np.inf
    assert np.isfinite(value("theil_t", np.array([0.0, 1.0, 1.0, 1.0, 1.0]), ALL))


def test_relative_and_absolute__can_move_apart() -> None:
    # case C of the evidence: an equal cut of 3 for all
    before, after = np.array([12.0, 10.0, 8.0]), np.array([9.0, 7.0, 5.0])
    score, w = np.array([1.0, 2.0, 3.0]), np.ones(3)

    assert value("concentration", after, w, score) == pytest.approx(-0.1270, abs=5e-5)
    for name in ("generalised_concentration", "slope_index"):
        assert value(name, after, w, score) == pytest.approx(value(name, before, w, score))
    assert value("ede", after, w, score) == pytest.approx(value("ede", before, w, score) - 3.0)
