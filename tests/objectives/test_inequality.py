"""Inequality measures against published and hand-computed vectors, and their laws."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.objectives import inequality as q
from evenground.study import mid_rank

Float = NDArray[np.float64]

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "inequality_test_vectors.json").read_text("utf-8")
)["vectors"]
CLOSE = {"rel": 1e-8, "abs": 1e-8}

PLAIN: dict[str, Callable[[Float, Float, Float], Any]] = {
    "weighted_mean": lambda y, w, _: q.mean(y, w),
    "fractional_rank": lambda _, w, s: mid_rank(s, w),
    "concentration_index": lambda y, w, s: q.concentration_index(y, w, mid_rank(s, w)),
    "generalized_CI": lambda y, w, s: q.generalised_concentration_index(y, w, mid_rank(s, w)),
    "rank_variance": lambda _, w, s: q.mean((mid_rank(s, w) - 0.5) ** 2, w),
    "SII_slope": lambda y, w, s: q.slope_index(y, w, mid_rank(s, w))[0],
    "SII_intercept": lambda y, w, s: q.slope_index(y, w, mid_rank(s, w))[1],
    "RII_ratio_low_over_high": lambda y, w, s: q.relative_index(y, w, mid_rank(s, w)),
    "RII_SII_over_mean": lambda y, w, s: q.slope_index(y, w, mid_rank(s, w))[0] / q.mean(y, w),
    "gini": lambda y, w, _: q.gini(y, w),
    "theil_T": lambda y, w, _: q.theil_t(y, w),
    "theil_L_MLD": lambda y, w, _: q.theil_l(y, w),
    "GE2": lambda y, w, _: q.generalised_entropy_2(y, w),
    "atkinson_eps0.5": lambda y, w, _: q.atkinson(y, w, 0.5),
    "atkinson_eps1": lambda y, w, _: q.atkinson(y, w, 1.0),
    "A_0.5": lambda y, w, _: q.atkinson(y, w, 0.5),
    "A_1": lambda y, w, _: q.atkinson(y, w, 1.0),
    "EDE_0.5": lambda y, w, _: q.mean(y, w) * (1.0 - q.atkinson(y, w, 0.5)),
    "EDE_1": lambda y, w, _: q.mean(y, w) * (1.0 - q.atkinson(y, w, 1.0)),
    "mu_over_Ey2_(kappa_per_unit_epsilon)": lambda y, w, _: q.kolm_pollak_kappa(y, w, 1.0),
    "P10": lambda y, w, _: q.quantile(y, w, 0.1),
    "P90": lambda y, w, _: q.quantile(y, w, 0.9),
    "P90_over_P10": lambda y, w, _: q.quantile(y, w, 0.9) / q.quantile(y, w, 0.1),
    "kolm_pollak_index": lambda y, w, _: q.kolm_pollak_ede(y, w, 0.1) - q.mean(y, w),
    "extended_CI_any_v": lambda y, w, s: q.extended_concentration_index(y, w, s, 3.0),
    "kolm_pollak_bads_kappa1e-4_index": lambda y, w, _: (
        q.kolm_pollak_ede(y, w, 1e-4) - q.mean(y, w)
    ),
    # the definition for goods, written with ours for bads: turn the sign of y
    "kolm_goods_alpha1e-4_(R_ineq_definition)": lambda y, w, _: (
        q.kolm_pollak_ede(-y, w, 1e-4) + q.mean(y, w)
    ),
    "range_Q5_minus_Q1": lambda y, _, __: y[-1] - y[0],
}
EXPECTED = [
    (vector, key)
    for vector, parts in VECTORS.items()
    for key in parts.get("expected", {})
    if key in PLAIN
]


def inputs(vector: str) -> tuple[Float, Float, Float]:
    """Burden, weight and score of a vector; equal weights and input order where absent."""
    given_ = VECTORS[vector]["inputs"]
    y = np.array(given_["y"], float)
    w = np.array(given_.get("w", np.ones(y.size)), float)
    return y, w, np.array(given_.get("ses", np.arange(y.size)), float)


def groups(vector: str) -> NDArray[np.intp]:
    return np.unique(VECTORS[vector]["inputs"]["groups"], return_inverse=True)[1]


def having(key: str) -> list[str]:
    """Return every vector that gives a figure, so that none of them is left out."""
    return [name for name, parts in VECTORS.items() if key in parts.get("expected", {})]


@pytest.mark.parametrize(("vector", "key"), EXPECTED, ids=lambda part: part)
def test_measure__equals_its_vector(vector: str, key: str) -> None:
    found = PLAIN[key](*inputs(vector))

    assert found == pytest.approx(VECTORS[vector]["expected"][key], **CLOSE)


def test_vectors__leave_no_figure_untested() -> None:
    by_own_test = {"extended_CI", "kolm_pollak_bads", "groups", "between", "within"}
    by_own_test |= {f"theil_{k}_{part}" for k in "TL" for part in ("within", "between")}
    by_own_test |= {"kp_EDE_from_group_EDEs", "kp_between_index", "kp_within_index"}
    by_own_test |= {"group_gap_vulnerable_minus_other", "group_ratio"}

    keys = {key for parts in VECTORS.values() for key in parts.get("expected", {})}

    assert keys - set(PLAIN) == by_own_test
    # these tests name the one vector that there is
    assert having("between") == having("within") == ["V8_pysal_theil_between_only"]
    assert having("group_ratio") == ["V1_five_neighbourhoods"]


def test_vectors__have_no_part_that_is_not_read() -> None:
    parts = {"description", "status", "inputs", "expected", "published", "cases"}

    assert all(set(vector) <= parts for vector in VECTORS.values())
    assert [name for name, vector in VECTORS.items() if "cases" in vector] == ["V4_levelling_down"]
    assert all({"expected", "cases"} & set(vector) for vector in VECTORS.values())
    published = {key for vector in VECTORS.values() for key in vector.get("published", {})}
    assert published - set(PLAIN) == {"between", "within"}


@pytest.mark.parametrize("vector", [name for name in VECTORS if "published" in VECTORS[name]])
def test_measure__equals_what_was_published(vector: str) -> None:
    known = {key: value for key, value in VECTORS[vector]["published"].items() if key in PLAIN}

    found = {key: float(PLAIN[key](*inputs(vector))) for key in known}

    assert found == pytest.approx(known, abs=5e-5)


@pytest.mark.parametrize("vector", having("extended_CI"))
def test_extended_concentration_index__equals_its_vector(vector: str) -> None:
    y, w, score = inputs(vector)

    expected = VECTORS[vector]["expected"]["extended_CI"]
    found = {v: q.extended_concentration_index(y, w, score, float(v)) for v in expected}

    assert found == pytest.approx(expected, **CLOSE)


@pytest.mark.parametrize("vector", having("kolm_pollak_bads"))
def test_kolm_pollak_ede__equals_its_vector(vector: str) -> None:
    y, w, _ = inputs(vector)

    for kappa, expected in VECTORS[vector]["expected"]["kolm_pollak_bads"].items():
        ede = q.kolm_pollak_ede(y, w, float(kappa))
        assert set(expected) == {"EDE", "index"}
        assert ede == pytest.approx(expected["EDE"], **CLOSE)
        assert ede - q.mean(y, w) == pytest.approx(expected["index"], **CLOSE)


@pytest.mark.parametrize("vector", having("theil_T_within"))
def test_splits__equal_their_vector(vector: str) -> None:
    y, w, _ = inputs(vector)
    expected = VECTORS[vector]["expected"]

    theil = {kind: q.theil_split(y, w, groups(vector), kind) for kind in "TL"}

    for kind in "TL":
        parts = [expected[f"theil_{kind}_{part}"] for part in ("within", "between")]
        assert theil[kind] == pytest.approx(parts, **CLOSE)
    for kappa in expected["kp_within_index"]:
        kolm = q.kolm_pollak_split(y, w, float(kappa), groups(vector))
        parts = [expected[f"kp_{part}_index"][kappa] for part in ("within", "between")]
        assert kolm == pytest.approx(parts, **CLOSE)


@pytest.mark.parametrize("vector", having("groups"))
def test_kolm_pollak_ede__of_group_edes_is_the_ede_of_all(vector: str) -> None:
    y, w, _ = inputs(vector)
    group = groups(vector)
    chosen = [group == label for label in np.unique(group)]
    expected = VECTORS[vector]["expected"]
    named = sorted(expected["groups"])

    for kappa, whole in expected["kp_EDE_from_group_EDEs"].items():
        k = float(kappa)
        of_groups = np.array([float(q.kolm_pollak_ede(y[c], w[c], k)) for c in chosen])
        of_all = q.kolm_pollak_ede(of_groups, np.array([w[c].sum() for c in chosen]), k)
        assert of_groups == pytest.approx(
            [expected["groups"][name]["kp_EDE"][kappa] for name in named], **CLOSE
        )
        assert of_all == pytest.approx(whole, **CLOSE)


@pytest.mark.parametrize("vector", having("groups"))
def test_measures__of_one_group_equal_their_vector(vector: str) -> None:
    y, w, _ = inputs(vector)
    group = groups(vector)

    for label, (name, expected) in enumerate(sorted(VECTORS[vector]["expected"]["groups"].items())):
        chosen = group == label
        found = {
            "share": w[chosen].sum() / w.sum(),
            "mean": q.mean(y[chosen], w[chosen]),
            "theil_T": q.theil_t(y[chosen], w[chosen]),
            "theil_L": q.theil_l(y[chosen], w[chosen]),
        }
        ede = {k: q.kolm_pollak_ede(y[chosen], w[chosen], float(k)) for k in expected["kp_EDE"]}
        assert {**found, "kp_EDE": None}.keys() == expected.keys()
        assert found == pytest.approx({key: expected[key] for key in found}, **CLOSE), name
        assert ede == pytest.approx(expected["kp_EDE"], **CLOSE), name


def test_theil_split__of_two_equal_regions_is_all_between() -> None:
    y, w, _ = inputs("V8_pysal_theil_between_only")
    vector = VECTORS["V8_pysal_theil_between_only"]

    found = q.theil_split(y, w, np.array([0, 0, 0, 1, 1, 1]))

    for key in ("expected", "published"):
        assert found == pytest.approx((vector[key]["within"], vector[key]["between"]), abs=5e-8)


def test_group_gap__equals_its_vector() -> None:
    y, w, _ = inputs("V1_five_neighbourhoods")
    is_vulnerable = np.array([True, True, False, False, False])

    gap, ratio = q.group_gap(y, w, is_vulnerable)

    expected = VECTORS["V1_five_neighbourhoods"]["expected"]
    assert gap == pytest.approx(expected["group_gap_vulnerable_minus_other"], **CLOSE)
    assert ratio == pytest.approx(expected["group_ratio"], **CLOSE)


def test_bounded_indices__follow_from_the_concentration_index() -> None:
    # V1 as percentages: mu = 0.164, C = -0.173170732 as before
    y, w, score = inputs("V1_five_neighbourhoods")
    rank = mid_rank(score, w)

    erreygers = q.erreygers_index(y / 100.0, w, rank, (0.0, 1.0))
    wagstaff = q.wagstaff_index(y / 100.0, w, rank)

    assert erreygers == pytest.approx(4.0 * 0.164 * -0.173170732, **CLOSE)
    assert wagstaff == pytest.approx(-0.173170732 / (1.0 - 0.164), **CLOSE)


@pytest.mark.parametrize("case", VECTORS["V4_levelling_down"]["cases"])
def test_levelling_down__shows_in_the_ede_only(case: str) -> None:
    expected = VECTORS["V4_levelling_down"]["cases"][case]
    y, w = np.array(expected["y"], float), np.ones(3)
    rank = mid_rank(np.arange(3.0), w)

    found = {
        "mean": q.mean(y, w),
        "CI": q.concentration_index(y, w, rank),
        "GCI": q.generalised_concentration_index(y, w, rank),
        "SII": q.slope_index(y, w, rank)[0],
        "gini": q.gini(y, w),
        "KP_EDE_0.1": q.kolm_pollak_ede(y, w, 0.1),
        "KP_index_0.1": q.kolm_pollak_ede(y, w, 0.1) - q.mean(y, w),
        "worst_off": y.max(),
    }

    assert {"y", *found} == set(expected)
    for key, value in found.items():
        assert value == pytest.approx(expected[key], **CLOSE), key


def test_kappa__is_zero_where_there_is_no_burden_and_the_ede_is_the_mean() -> None:
    none, w = np.zeros(3), np.array([1.0, 2.0, 5.0])
    after = np.array([[0.0, 0.0, 0.0], [4.0, 2.0, 0.0]])

    kappa = q.kolm_pollak_kappa(none, w, 1.0)

    assert kappa == 0.0
    # the second plan brings a burden where there was none: (4 x 1 + 2 x 2 + 0 x 5) / 8 = 1
    np.testing.assert_array_equal(q.inequality_score(after, w, kappa), [0.0, 1.0])
    np.testing.assert_allclose(q.kolm_pollak_gradient(after[1], w, kappa), w / 8.0)


@settings(deadline=None)
@given(y=st.lists(st.floats(0.0, 50.0), min_size=3, max_size=3).map(np.array))
def test_ede__of_a_tiny_kappa_is_nearly_that_of_zero(y: Float) -> None:
    w = np.array([1.0, 2.0, 5.0])

    found = q.kolm_pollak_ede(y, w, 1e-7)

    # the next term is kappa / 2 times the variance, at most 1e-7 / 2 x 25^2 = 3e-5
    assert found == pytest.approx(q.kolm_pollak_ede(y, w, 0.0), abs=4e-5)


BURDENS = st.lists(st.floats(0.0, 50.0), min_size=5, max_size=5).map(np.array)
PEOPLE = st.lists(st.integers(1, 5000), min_size=5, max_size=5).map(lambda n: np.array(n, float))


@settings(deadline=None)
@given(y=BURDENS, w=PEOPLE, shift=st.floats(0.0, 20.0))
def test_ede__moves_with_an_equal_shift(y: Float, w: Float, shift: float) -> None:
    moved = q.inequality_score(y + shift, w, 0.05)

    assert moved == pytest.approx(q.inequality_score(y, w, 0.05) + shift, abs=1e-8)


@settings(deadline=None)
@given(y=BURDENS, w=PEOPLE, index=st.integers(0, 4), harm=st.floats(0.1, 5.0))
def test_ede__rises_when_anyone_is_worse_off(y: Float, w: Float, index: int, harm: float) -> None:
    worse = y.copy()
    worse[index] += harm

    assert q.inequality_score(worse, w, 0.05) > q.inequality_score(y, w, 0.05)


@settings(deadline=None)
@given(y=BURDENS, share=st.floats(0.0, 1.0))
def test_ede__never_rises_by_a_transfer_from_more_to_less_burdened(y: Float, share: float) -> None:
    w, worst, best = np.ones(5), int(np.argmax(y)), int(np.argmin(y))
    moved = 0.5 * share * (y[worst] - y[best])
    fairer = y.copy()
    fairer[worst] -= moved
    fairer[best] += moved

    assert q.inequality_score(fairer, w, 0.05) <= q.inequality_score(y, w, 0.05) + 1e-9


def test_ede__of_large_burdens_does_not_overflow() -> None:
    y = np.array([0.0, 90_000.0])

    ede = q.kolm_pollak_ede(y, np.ones(2), 1.0)

    # half the people at the worst: the worst plus ln(1/2) / kappa
    assert ede == pytest.approx(90_000.0 - np.log(2.0))


@settings(deadline=None)
@given(y=BURDENS, w=PEOPLE)
def test_kolm_pollak_gradient__equals_finite_differences(y: Float, w: Float) -> None:
    step = 1e-4 * np.eye(5)

    upward, downward = (q.kolm_pollak_ede(y + sign * step, w, 0.05) for sign in (1.0, -1.0))

    found = q.kolm_pollak_gradient(y, w, 0.05)
    np.testing.assert_allclose(found, (upward - downward) / 2e-4, atol=1e-6)
    assert found.sum() == pytest.approx(1.0)


@settings(deadline=None)
@given(y=BURDENS, w=PEOPLE)
def test_ses_gradient_gradient__equals_finite_differences(y: Float, w: Float) -> None:
    y = y + np.array([90.0, 60.0, 40.0, 20.0, 0.0])  # clearly at the low end: away from the kink
    score = np.array([1.0, 2.0, np.nan, 3.0, 4.0])
    rank = mid_rank(score, w)
    step = 1e-3 * np.eye(5)

    upward, downward = (q.ses_gradient_score(y + sign * step, w, rank) for sign in (1.0, -1.0))

    # the burden of an unknown rank does not matter, so its derivative is zero
    found = q.ses_gradient_gradient(y, w, rank)
    if q.ses_gradient_score(y, w, rank) > 0.01:
        np.testing.assert_allclose(found, (upward - downward) / 2e-3, atol=1e-6)
        assert found[2] == 0.0


def test_ses_gradient_score__is_minus_the_absolute_index_of_v1() -> None:
    y, w, score = inputs("V1_five_neighbourhoods")
    rank = mid_rank(score, w)

    low_end = q.ses_gradient_score(y, w, rank)
    high_end = q.ses_gradient_score(y[::-1], w[::-1], mid_rank(score, w[::-1]))

    assert low_end == pytest.approx(2.84)
    assert high_end == 0.0


def test_ses_gradient_score__leaves_out_an_unknown_rank() -> None:
    y, w, score = inputs("V1_five_neighbourhoods")
    more_y, more_w = np.append(y, 400.0), np.append(w, 900.0)
    rank = mid_rank(np.append(score, np.nan), more_w)

    found = q.ses_gradient_score(more_y, more_w, rank)

    assert found == pytest.approx(2.84)


def test_ses_gradient_score__ranks_anew_those_who_count() -> None:
    # ranks of a larger city, of which only the low end is left: equal burdens are no gradient
    found = q.ses_gradient_score(np.full(3, 7.0), np.ones(3), np.array([0.1, 0.2, 0.3]))

    assert found == pytest.approx(0.0, abs=1e-12)


def test_ses_gradient_score__is_zero_where_no_rank_is_known() -> None:
    found = q.ses_gradient_score(np.ones((2, 3)), np.ones(3), np.full(3, np.nan))

    np.testing.assert_array_equal(found, [0.0, 0.0])
