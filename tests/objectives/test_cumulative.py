"""Ways of stacking, by hand: cells A, B and C, and their limits."""

import tomllib
from typing import Any

import numpy as np
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from evenground.config import StackingSettings
from evenground.config.stacking import EDITIONS
from evenground.interventions import read_table
from evenground.objectives import cumulative as c

NORM = np.array([10.0, 5.0, 53.0, 1.0])
CELLS = np.array([[18.0, 9.0, 60.0, 1.6], [12.0, 4.8, 50.0, 0.8], [9.0, 4.5, 65.0, 0.4]])
FRACTIONS = np.array([[0.02, 0.03, 0.08, 0.01], [0.0, 0.1, 0.05, 0.02]])
SHARES = st.lists(st.floats(0.0, 0.5), min_size=4, max_size=4).map(np.array)


def test_exceedance_count__is_four_one_and_one() -> None:
    np.testing.assert_array_equal(c.exceedance_count(CELLS, NORM), [4, 1, 1])


def test_people_exceeding__are_those_who_live_there_by_group() -> None:
    # group 0 has 10, 20, 30 people in the cells, group 1 has 1, 2, 3
    group = np.array([[10.0, 20.0, 30.0], [1.0, 2.0, 3.0]])

    found = c.people_exceeding(c.exceedance_count(CELLS, NORM), group, 4)

    np.testing.assert_array_equal(found[:, 0], [60.0, 60.0, 10.0, 10.0, 10.0])
    np.testing.assert_array_equal(found[:, 1], [6.0, 6.0, 1.0, 1.0, 1.0])


def test_soft_exceedance__grows_from_the_norm_to_its_worst() -> None:
    # NO2 18 between 10 and 20: .8; PM2.5 9 of 5-10: .8; 60 dB of 53-63: .7; 1.6 of 1-2: .6
    bad = np.array([20.0, 10.0, 63.0, 2.0])

    found = c.soft_exceedance(CELLS, NORM, bad, np.full(4, 0.25))

    np.testing.assert_allclose(found, [0.725, 0.05, 0.25])


def test_fraction_forms__stand_side_by_side() -> None:
    found = c.fraction_forms(FRACTIONS)

    np.testing.assert_allclose(found["additive"], [0.14, 0.17])
    np.testing.assert_allclose(found["joint"], [0.134194, 0.1621], atol=5e-7)
    np.testing.assert_allclose(1.0 - 1.0 / found["relative_risk"], found["joint"])


@settings(deadline=None)
@given(fraction=SHARES)
def test_joint_fraction__is_between_the_largest_and_the_sum(fraction: np.ndarray) -> None:
    joint = c.joint_fraction(fraction)

    assert fraction.max() - 1e-12 <= joint <= c.additive_fraction(fraction) + 1e-12
    assert joint <= 1.0


def test_mgr_like__is_a_percentage_of_all_burden() -> None:
    found = c.mgr_like(np.array([[1.0, 2.0, 3.0]]), np.array([100.0]))

    np.testing.assert_allclose(found, [6.0])


def test_superadditive__adds_the_root_of_each_pair() -> None:
    # 4 + 9 + 16 = 29; roots 2 3 4: pairs 6 + 8 + 12 = 26
    burden = np.array([4.0, 9.0, 16.0])

    assert c.superadditive(burden, 0.0) == pytest.approx(29.0)
    assert c.superadditive(burden, 0.25) == pytest.approx(29.0 + 6.5)


def test_burden_by_vulnerability__of_nobody_vulnerable_is_zero() -> None:
    found = c.burden_by_vulnerability(np.array([0.9, 0.5]), np.array([0.0, 0.5]))

    np.testing.assert_allclose(found, [0.0, 0.25])


def test_stack_of_tails__is_the_share_in_three_tails() -> None:
    found = c.stack_of_tails(CELLS, NORM, np.array([10.0, 20.0, 30.0]))

    assert found == pytest.approx(10.0 / 60.0)


def test_in_tails__keeps_its_edges_when_everything_gets_worse() -> None:
    people = np.ones(3)

    now = c.stack_of_tails(CELLS, NORM, people)
    worse = c.stack_of_tails(CELLS + 10.0, NORM, people)

    np.testing.assert_array_equal(c.in_tails(CELLS, NORM), [True, False, False])
    assert (now, worse) == pytest.approx((1.0 / 3.0, 1.0))


def test_rank_of__is_the_share_with_less_today() -> None:
    # a quarter has 1, half has 2, a quarter has 4
    today, people = np.array([2.0, 1.0, 4.0]), np.array([2.0, 1.0, 1.0])

    found = c.rank_of(np.array([0.5, 1.0, 2.0, 3.0, 4.0, 9.0]), today, people)

    np.testing.assert_allclose(found, [0.0, 0.125, 0.5, 0.75, 0.875, 1.0])


def test_power_mean_score__does_not_let_a_clean_exposure_hide_a_dirty_one() -> None:
    scores = np.array([[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    weight = np.full(4, 0.25)

    np.testing.assert_allclose(c.power_mean_score(scores, weight, 3.0), [0.629961, 0.25], atol=1e-6)
    np.testing.assert_allclose(c.power_mean_score(scores, weight, 1.0), [0.25, 0.25])


def test_policy_stacking__is_what_the_sum_of_each_alone_misses() -> None:
    assert c.policy_stacking(7.0, np.array([3.0, 5.0])) == pytest.approx(-1.0)


def test_ges_score__follows_its_classes() -> None:
    lden = c.ges_score("Lden", np.array([40.0, 43.0, 53.0, 62.9, 63.0, 90.0, np.nan]))
    no2 = c.ges_score("NO2", np.array([9.0, 20.0, 45.0]))

    np.testing.assert_array_equal(lden, [0.0, 1.0, 4.0, 5.0, 6.0, 8.0, np.nan])
    np.testing.assert_array_equal(no2, [1.0, 6.0, 8.0])
    older = StackingSettings(ges={"NO2": "handbook_2012"})
    np.testing.assert_array_equal(c.ges_score("NO2", np.array([45.0]), older), [6.0])
    assert c.insufficient_factors(np.array([6.0, 8.0, 5.0, np.nan])) == 2


@pytest.mark.parametrize(
    ("exposure", "below", "at", "score"),
    [("Lden", 62.999, 63.0, 6), ("Lden", 42.999, 43.0, 1), ("NO2", 19.999, 20.0, 6)],
)
def test_ges_score__changes_where_its_legend_says(
    exposure: str, below: float, at: float, score: int
) -> None:
    classes = c.ges_classes(exposure).set_index("score")

    assert classes["low"][score] == at
    assert c.ges_score(exposure, np.array([at])) == score
    assert c.ges_score(exposure, np.array([below])) < score


def test_bad__lies_beyond_each_norm_and_is_an_assumption() -> None:
    bad, norms = c.read_bad(), c.read_norms()

    assert all(bad[layer] > norm for layer, norm in norms.items())
    table = read_table("stacking.csv")
    assert set(table.loc[table["layer"].notna(), "status"]) == {"assumption"}
    assert table["source"].notna().all()


def own_classes(*classes: list[float]) -> dict[str, Any]:
    own = {"exposure": "NO2", "source": "GGD", "classes": list(classes)}
    return {"ges_classes": [own]}


def test_ges_classes__of_a_case_win_and_have_its_source() -> None:
    raw = tomllib.loads(tomli_w.dumps(own_classes([4, 0.0], [6, 10.0])))
    settings = StackingSettings.model_validate(raw)

    found = c.ges_score("NO2", np.array([9.9, 10.0, 500.0, -1.0]), settings)

    np.testing.assert_array_equal(found, [4.0, 6.0, 6.0, np.nan])
    assert set(c.ges_classes("NO2", settings)["source"]) == {"GGD"}
    assert c.ges_score("Lden", np.array([63.0]), settings) == 6.0
    again = tomllib.loads(tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True)))
    assert StackingSettings.model_validate(again) == settings


def test_ges_editions__are_those_of_the_table() -> None:
    table = read_table("ges.csv")

    assert set(table.index) == set(EDITIONS)
    for exposure, editions in EDITIONS.items():
        assert set(table.loc[exposure, "variant"]) == set(editions)


@pytest.mark.parametrize(
    ("settings", "cure"),
    [
        ({"ges": {"Lden": "flanders_2017"}}, "choose from handbook, bands, or give ges_classes"),
        (own_classes([9, 0.0]), "less than or equal to 8"),
        (own_classes([1, 1.0], [2, 0.0]), "do not rise"),
        (own_classes([2, 0.0], [1, 1.0]), "do not rise"),
    ],
)
def test_ges_settings__that_make_no_legend_are_refused(settings: dict[str, Any], cure: str) -> None:
    with pytest.raises(ValidationError, match=cure):
        StackingSettings.model_validate(settings)


def test_ges_table__names_source_and_status_in_every_row_without_gaps() -> None:
    table = read_table("ges.csv").reset_index()

    assert table["source"].notna().all()
    assert set(table["status"]) == {"recalled", "confirmed"}
    for _, part in table.groupby(["exposure", "variant"]):
        np.testing.assert_array_equal(part["high"].iloc[:-1], part["low"].iloc[1:])
        assert part["score"].is_monotonic_increasing


def test_is_priority__needs_both_to_be_low_and_known() -> None:
    ses = np.array([-1.0, -0.9, 0.0, 0.5, 1.0, np.nan])
    liveability = np.array([3.0, 5.0, 4.0, 3.5, 6.0, 1.0])

    found = c.is_priority(ses, liveability, 0.25)

    np.testing.assert_array_equal(found, [True, False, False, False, False, False])
    assert not c.is_priority(ses, np.full(6, np.nan)).any()
