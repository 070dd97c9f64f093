"""Who lives where: exact coverage, totals conserved, ranks, fifths, and who is left out."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from shapely.geometry import Polygon, box

from evenground.names import AGE_BANDS, AGE_SHARES, CODE, LOW_INCOME_SHARE, RESIDENTS
from evenground.study import Grid, mid_rank
from evenground.study.people import (
    Coverage,
    build_coverage,
    build_groups,
    group_residents,
    income_fifth,
    majority_zone,
    spread_residents,
    why_left_out,
)

Float = NDArray[np.float64]

GRID = Grid(cell_m=10, left=0, top=30, shape=(3, 4))
SCORES = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=8)


def outlines(*shapes: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:28992")


def shares(coverage: Coverage, neighbourhood: int) -> dict[int, float]:
    """Part of each cell in one neighbourhood."""
    of_it = coverage.neighbourhood == neighbourhood
    return dict(zip(coverage.cell[of_it].tolist(), coverage.share[of_it].tolist(), strict=True))


def table(**columns: list[float]) -> pd.DataFrame:
    """Make neighbourhoods of which everything is known, unless a column says otherwise."""
    n = len(next(iter(columns.values())))
    known = {
        CODE: [f"BU{k}" for k in range(n)],
        RESIDENTS: [100.0] * n,
        LOW_INCOME_SHARE: [0.4] * n,
    }
    known |= dict.fromkeys(AGE_SHARES, [0.2] * n)
    return pd.DataFrame(known | columns)


def test_coverage__is_exact_where_a_border_cuts_cells() -> None:
    # border at x = 15 and y = 12: cells (0..2) x 4 of 10 m from the top left
    found = build_coverage(outlines(box(0, 12, 15, 30), box(15, 12, 40, 30)), GRID)

    # the second row (y 10-20) is covered for 8 of its 10 m
    left = {0: 1.0, 1: 0.5, 4: 0.8, 5: 0.4}
    right = {1: 0.5, 2: 1.0, 3: 1.0, 5: 0.4, 6: 0.8, 7: 0.8}
    assert shares(found, 0) == pytest.approx(left, abs=1e-6)
    assert shares(found, 1) == pytest.approx(right, abs=1e-6)


def test_coverage__of_a_triangle_is_its_area() -> None:
    triangle = Polygon([(0, 0), (40, 0), (0, 30)])

    found = build_coverage(outlines(triangle), GRID)

    assert found.share.sum() * 100.0 == pytest.approx(600.0, rel=1e-6)


def test_majority_zone__is_the_largest_part_and_minus_one_outside() -> None:
    coverage = build_coverage(outlines(box(0, 20, 14, 30), box(14, 20, 30, 30)), GRID)

    zone = majority_zone(coverage, GRID)

    # the second cell of the first row is for 4 of 10 m in the first, for 6 in the second
    assert zone.tolist() == [[0, 1, 1, -1], [-1] * 4, [-1] * 4]


def test_spread_residents__puts_a_border_cell_in_both_neighbourhoods() -> None:
    coverage = build_coverage(outlines(box(0, 20, 15, 30), box(15, 20, 20, 30)), GRID)
    block = np.zeros(coverage.cell.size, np.int64)

    found = spread_residents(coverage, coverage.share, np.array([90.0, 7.0]), block, GRID)

    # the first has weights 1 and 1/2: 60 and 30; the second half a cell: all 7
    assert found.neighbourhood.tolist() == [0, 0, 1]
    assert found.col.tolist() == [0, 1, 1]
    np.testing.assert_allclose(found.residents, [60.0, 30.0, 7.0], rtol=1e-6)


@given(
    hnp.arrays(np.float64, 30, elements=st.sampled_from([0.0, 0.1, 1.0, 7.0])),
    hnp.arrays(np.float64, 4, elements=st.sampled_from([0.0, np.nan, 1.0, 350.0, 9000.0])),
)
def test_spread_residents__conserves_every_neighbourhood(weight: Float, residents: Float) -> None:
    neighbourhood = (np.arange(30) % 4).astype(np.int32)
    coverage = Coverage(np.arange(30) % 12, neighbourhood, np.ones(30))
    block = np.arange(30) % 3

    found = spread_residents(coverage, weight, residents, block, GRID)

    placed = np.bincount(found.neighbourhood, found.residents, 4)
    has_room = np.bincount(neighbourhood, weight, 4) > 0.0
    np.testing.assert_allclose(
        placed, np.where(has_room, np.nan_to_num(residents), 0.0), rtol=1e-12
    )
    assert (found.residents > 0.0).all()


def test_spread_residents__sorts_by_block_neighbourhood_and_cell() -> None:
    coverage = Coverage(np.array([3, 2, 1, 0]), np.array([0, 1, 0, 1], np.int32), np.ones(4))

    found = spread_residents(
        coverage, np.ones(4), np.array([2.0, 2.0]), np.array([1, 0, 1, 0]), GRID
    )

    assert found.col.tolist() == [0, 2, 1, 3]
    assert found.neighbourhood.tolist() == [1, 1, 0, 0]


def test_groups__are_every_age_in_every_income() -> None:
    groups = build_groups()

    assert len(groups) == 3 * len(AGE_BANDS)
    assert groups.iloc[0].tolist() == ["0_15", "low"]
    assert not groups.duplicated().any()


def test_group_residents__keeps_unknown_income_apart_and_conserves_people() -> None:
    neighbourhoods = table(
        residents=[100.0, 50.0, 80.0],
        low_income_share=[0.3, np.nan, 0.5],
        share_age_0_15=[1.0, 0.5, 1.0],
        share_age_15_25=[0.0, 0.5, 0.0],
        share_age_25_45=[0.0] * 3,
        share_age_45_65=[0.0] * 3,
        share_age_65_plus=[0.0] * 3,
    )

    found = group_residents(neighbourhoods, np.array([True, True, False]))

    # children: 100 x .3 low, 100 x .7 other; the second has no known income; the third is left out
    np.testing.assert_allclose(found[:3], [[30, 0, 0], [70, 0, 0], [0, 25, 0]], atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=0), [100.0, 50.0, 0.0])


def test_mid_rank__is_the_middle_of_the_own_block() -> None:
    # shares .1, .3, .2, .4; the tie of the first two fills 0 to .4: .2
    rank = mid_rank(np.array([1.0, 1.0, 2.0, 3.0]), np.array([100.0, 300.0, 200.0, 400.0]))

    np.testing.assert_allclose(rank, [0.2, 0.2, 0.5, 0.8])


def test_mid_rank__of_an_unknown_score_is_unknown_and_takes_no_room() -> None:
    rank = mid_rank(np.array([np.nan, 2.0, 1.0, 5.0]), np.array([500.0, 100.0, 100.0, 0.0]))

    np.testing.assert_allclose(rank, [np.nan, 0.75, 0.25, np.nan])
    assert np.isnan(mid_rank(np.array([np.nan]), np.ones(1))).all()


@given(SCORES, st.data())
def test_mid_rank__averages_to_a_half(scores: list[float], data: st.DataObject) -> None:
    score = np.array(scores)
    weight = np.array(
        data.draw(st.lists(st.floats(1.0, 1e4), min_size=len(scores), max_size=len(scores)))
    )

    rank = mid_rank(score, weight)

    assert np.average(rank, weights=weight) == pytest.approx(0.5)
    order = np.argsort(score, kind="stable")
    assert (np.diff(rank[order]) >= -1e-12).all()


@given(SCORES, st.permutations(range(8)))
def test_mid_rank__does_not_depend_on_order(scores: list[float], places: list[int]) -> None:
    score, weight = np.array(scores), np.arange(1.0, len(scores) + 1.0)
    order = np.array([place for place in places if place < len(scores)])

    mixed = mid_rank(score[order], weight[order])

    np.testing.assert_allclose(mixed, mid_rank(score, weight)[order])


def test_income_fifth__counts_from_the_lowest_incomes() -> None:
    # many on low incomes is the first fifth; shares .2 each: ranks .1, .3, .5, .7, .9
    low = np.array([0.1, 0.7, 0.5, 0.3, np.nan, 0.2])

    found = income_fifth(low, np.array([10.0, 10.0, 10.0, 10.0, 99.0, 10.0]))

    assert found.tolist() == [5, 1, 2, 3, 0, 4]


def test_income_fifth__of_one_neighbourhood_is_the_middle() -> None:
    assert income_fifth(np.array([0.4]), np.array([5.0])).tolist() == [3]


def test_why_left_out__says_so_for_each_reason() -> None:
    neighbourhoods = table(
        residents=[np.nan, 0.0, 10.0, 10.0, 10.0],
        share_age_0_15=[0.2, 0.2, np.nan, 0.2, 0.2],
    )

    found = why_left_out(neighbourhoods, np.array([1.0, 1.0, 1.0, 0.42, 0.9]), 0.9)

    assert found == [
        "aantal inwoners onbekend",
        "geen inwoners",
        "leeftijden onbekend",
        "blootstelling bekend voor 42 % van de woningen",
        "",
    ]
