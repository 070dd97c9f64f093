"""Where displaced traffic goes, by hand on a ladder of streets, and that none of it is lost.

The ladder of the first tests, on 3 x 3 sites of 100 m, each street 100 m through the middle of
its site; A is closed:

    (0, 1)  C, main,  west to east, 8000 a day      x = 150, y = 250
    (1, 1)  B, local, west to east, 3000 a day      x = 150, y = 150
    (2, 1)  A, local, west to east, 1000 a day      x = 150, y =  50
    (2, 2)  X, main, south to north, 9000 a day     x = 250, y =  50

B lies 100 m beside A and C 200 m; within 400 m that weighs 3/4 and 1/2. X runs square to A.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ladder import SHARE_B, SHARE_C, model_of, plan_of, write_ladder
from numpy.typing import NDArray

from evenground.interventions.displacement import share_displaced
from evenground.interventions.traffic import list_moves
from evenground.names import LAYERS, NO2, NOISE, PM25
from evenground.pipeline import Model
from evenground.study import Streets

Float = NDArray[np.float64]
A, B, C, X = range(4)
LADDER = Streets(
    x=np.array([150.0, 150.0, 150.0, 250.0]),
    y=np.array([50.0, 150.0, 250.0, 50.0]),
    length_m=np.full(4, 100.0),
    speed_kmh=np.array([30.0, 30.0, 50.0, 50.0]),
    flow_veh_day=np.array([1000.0, 3000.0, 8000.0, 9000.0]),
    surface=np.full(4, "dab"),
    line=np.arange(4),
    way_rad=np.array([0.0, np.pi, 0.0, np.pi / 2]),
)
COLUMN = np.array([9 + 7, 9 + 4, 1, 8])
"""Site of each, and 9 on for local streets."""


def shares(streets: Streets = LADDER, within_m: float = 400.0) -> dict[int, float]:
    """Share of the traffic of A by the column to which it goes."""
    leaving = np.arange(streets.x.size) == A
    found = share_displaced(streets, COLUMN, leaving, within_m, (3, 3))
    row = found[[9 + 7]].tocoo()
    assert found.nnz == row.nnz
    return dict(zip(row.coords[1].tolist(), row.data.tolist(), strict=True))


def turned(street: int, degrees: float) -> Streets:
    way = np.asarray(LADDER.way_rad).copy()
    way[street] += np.deg2rad(degrees)
    return replace(LADDER, way_rad=way)


def test_shares__follow_traffic_nearness_and_direction() -> None:
    # B 300 000 x .75 = 225 000, C 800 000 x .5 = 400 000
    assert shares() == pytest.approx({9 + 4: 0.36, 1: 0.64})


def test_shares__count_the_squared_cosine() -> None:
    # B turned by 30 degrees: 225 000 x .75 = 168 750, of 568 750
    assert shares(turned(B, 30.0)) == pytest.approx({9 + 4: 168_750 / 568_750, 1: 400 / 568.75})


def test_shares__leave_out_what_is_nearer_to_square_than_to_parallel() -> None:
    assert shares(turned(B, 46.0)) == pytest.approx({1: 1.0})
    assert shares(turned(B, -46.0)) == pytest.approx({1: 1.0})


def test_shares__leave_out_the_same_road_further_on() -> None:
    # X in line with A, 100 m to the east
    assert shares(turned(X, 90.0)) == pytest.approx({9 + 4: 0.36, 1: 0.64})


def test_shares__leave_out_the_street_itself() -> None:
    bent = replace(LADDER, line=np.array([0, 0, 1, 2]))

    assert shares(bent) == pytest.approx({1: 1.0})


def test_shares__end_at_the_distance_of_the_settings() -> None:
    # within 200 m C weighs nothing
    assert shares(within_m=200.0) == pytest.approx({9 + 4: 1.0})


def test_shares__go_to_the_nearest_main_street_where_none_is_parallel() -> None:
    # X is one site away, C two
    assert shares(within_m=90.0) == pytest.approx({8: 1.0})


def test_shares__of_a_city_without_directions_go_to_the_nearest_main_street() -> None:
    assert shares(replace(LADDER, line=None, way_rad=None)) == pytest.approx({8: 1.0})


def test_shares__leave_out_what_would_take_less_than_a_hundredth() -> None:
    # B 5000 x .75 = 3750 of 403 750
    quiet = replace(LADDER, flow_veh_day=np.array([1000.0, 50.0, 8000.0, 9000.0]))

    assert shares(quiet) == pytest.approx({1: 1.0})


def test_shares__of_several_streets_weigh_their_traffic() -> None:
    # a second street in the site of A, square to it, 3000 a day: it goes to X, beside it 100 m east
    both = Streets(
        **{
            name: np.append(values, values[[A]])
            for name, values in vars(
                replace(LADDER, y=LADDER.y, way_rad=np.asarray(LADDER.way_rad))
            ).items()
        }
    )
    both = replace(
        both,
        flow_veh_day=np.append(LADDER.flow_veh_day, 3000.0),
        line=np.arange(5),
        way_rad=np.append(np.asarray(LADDER.way_rad), np.pi / 2),
    )
    leaving = np.array([True, False, False, False, True])

    found = share_displaced(both, np.append(COLUMN, 9 + 7), leaving, 400.0, (3, 3))

    assert found[9 + 7, 9 + 4] == pytest.approx(0.25 * 0.36)
    assert found[9 + 7, 1] == pytest.approx(0.25 * 0.64)
    assert found[9 + 7, 8] == pytest.approx(0.75)


@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([60.0, 150.0, 400.0, 1500.0]))
def test_shares__lose_nothing(seed: int, has_lines: bool, within_m: float) -> None:  # noqa: FBT001 - drawn
    rng = np.random.default_rng(seed)
    n, n_site = int(rng.integers(1, 40)), (4, 5)
    site, is_main = rng.integers(-1, 20, n), rng.random(n) < 0.3
    streets = Streets(
        x=rng.uniform(0.0, 500.0, n),
        y=rng.uniform(0.0, 400.0, n),
        length_m=rng.uniform(1.0, 100.0, n),
        speed_kmh=np.where(is_main, 50.0, 30.0),
        flow_veh_day=rng.choice([0.0, 100.0, 5000.0], n),
        surface=np.full(n, "dab"),
        line=rng.integers(0, 8, n) if has_lines else None,
        way_rad=rng.uniform(-np.pi, np.pi, n) if has_lines else None,
    )
    column = np.where(site < 0, -1, site + np.where(is_main, 0, 20))
    leaving = rng.random(n) < 0.5

    found = share_displaced(streets, column, leaving, within_m, n_site)

    traffic = np.zeros(40)
    here = leaving & (column >= 0)
    np.add.at(traffic, column[here], (streets.length_m * streets.flow_veh_day)[here])
    there = np.zeros(40)
    np.add.at(there, column[column >= 0], streets.flow_veh_day[column >= 0])
    np.testing.assert_allclose(found.sum(axis=1), traffic > 0.0, atol=1e-12)
    assert (found.data > 0.0).all()
    # it arrives where there are streets to take it, and elsewhere unless there is no elsewhere
    assert (there[found.tocoo().coords[1]] > 0.0).all()
    assert (found.diagonal() == 0.0).all() or (there > 0.0).sum() == 1


# The same streets in the city of ``ladder``.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ladder(tmp_path_factory.mktemp("ladder"))


def changes(model: Model, plan: NDArray[np.int16]) -> Float:
    evaluator = model.problem.evaluator
    after = evaluator.exposure(plan).astype(float)
    return after - evaluator.exposure(model.problem.empty)


def db(share: float) -> float:
    """Decibels of street energy that changes by a share; four fifths of all noise is of streets."""
    return float(10.0 * np.log10(1.0 + 0.8 * share))


@pytest.mark.jit
def test_closing_a_street__is_heard_along_the_parallel_streets(folder: Path) -> None:
    # 30 % of 100 m: one step of 20 m; 18 000 vehicle metres stay away and 15 300 move
    model = model_of(folder, "car_free")
    found = changes(model, plan_of(model, (2, 2), 1))

    b, c = 15_300 * SHARE_B / 300_000, 15_300 * SHARE_C / 800_000
    noise = [0.0, 0.0, db(c), db(b), db(-0.18)]
    air = [0.0, 0.0, 10.0 * c, 0.0, -1.8]
    np.testing.assert_allclose(found[LAYERS.index(NOISE)], noise, rtol=1e-4, atol=8e-6)
    np.testing.assert_allclose(found[LAYERS.index(NO2)], air, rtol=1e-4, atol=4e-6)
    # PM2.5 on (2, 2) has no part of streets
    air[-1] = 0.0
    np.testing.assert_allclose(found[LAYERS.index(PM25)], air, rtol=1e-4, atol=4e-6)


@pytest.mark.jit
def test_traffic_cut__alone_on_a_local_street(folder: Path) -> None:
    # five steps of 10 %: half of 100 000 vehicle metres stays away, and 42 500 move
    model = model_of(folder, "traffic_cut")
    plan = plan_of(model, (2, 2), 5)

    found = changes(model, plan)

    b, c = 42_500 * SHARE_B / 300_000, 42_500 * SHARE_C / 800_000
    noise = [0.0, 0.0, db(c), db(b), db(-0.5)]
    np.testing.assert_allclose(found[LAYERS.index(NOISE)], noise, rtol=1e-4, atol=8e-6)
    air = [0.0, 0.0, 10.0 * c, 0.0, -5.0]
    np.testing.assert_allclose(found[LAYERS.index(NO2)], air, rtol=1e-4, atol=4e-6)
    # 50 % at 200 and 5 euros a percent, over 20 years
    assert plan @ model.options.capital_eur == pytest.approx(10_000.0)
    assert plan @ model.options.yearly_eur == pytest.approx(10_000 * 0.0626420708 + 250, rel=1e-8)


@pytest.mark.jit
def test_traffic_cut__alone_on_a_main_street(folder: Path) -> None:
    # one step on C: 80 000 vehicle metres stay away, and 68 000 move
    model = model_of(folder, "traffic_cut")
    plan = plan_of(model, (0, 3), 5) // 5

    found = changes(model, plan)

    a, b = 68_000 * 0.266765597 / 100_000, 68_000 * 0.733234403 / 300_000
    noise = [0.0, 0.0, db(-0.1), db(b), db(a)]
    np.testing.assert_allclose(found[LAYERS.index(NOISE)], noise, rtol=1e-4, atol=8e-6)
    air = [0.0, 0.0, -1.0, 0.0, 10.0 * a]
    np.testing.assert_allclose(found[LAYERS.index(NO2)], air, rtol=1e-4, atol=4e-6)


@pytest.mark.jit
def test_traffic_cut__takes_a_metre_that_no_other_measure_has(folder: Path) -> None:
    # of 100 m a step of either takes 20 m; five of the six that are asked fit
    model = model_of(folder, "traffic_cut", "car_free")
    options = model.options
    here = (options.site_row == 2) & (options.site_col == 2)

    plans = model.problem.repair(np.where(here, options.most, 0).astype(np.int16)[None, :])

    assert options.use[here].tolist() == [20.0, 20.0]
    assert sorted(options.most[here].tolist()) == [1, 5]
    assert (plans[0] @ (options.use * here)) <= 100.0
    assert plans[0][here].sum() == 5


@pytest.mark.jit
def test_zone__does_not_save_again_what_a_cut_has_saved(folder: Path) -> None:
    # half of every street may be cut, so a zone acts on the other half: 25 % of 5 of the 10
    alone, both = model_of(folder, "zez"), model_of(folder, "zez", "traffic_cut")
    zones = [np.flatnonzero(m.options.interventions.index[m.options.intervention] == "zez")
             for m in (alone, both)]  # fmt: skip

    found = []
    for model, zone in zip((alone, both), zones, strict=True):
        plan = model.problem.empty
        plan[zone] = 1
        found.append(changes(model, plan)[LAYERS.index(NO2)])

    np.testing.assert_allclose(found[0], [0.0, -2.5, -2.5, 0.0, -2.5], rtol=1e-4, atol=4e-6)
    np.testing.assert_allclose(found[1], 0.5 * found[0], rtol=1e-4, atol=4e-6)


@pytest.mark.jit
def test_moves__keep_what_does_not_vanish(small_model: Model) -> None:
    settings = small_model.settings.interventions

    moves = list_moves(small_model.study, small_model.options, settings)

    n = small_model.options.site.size
    out = np.bincount(moves.option, np.minimum(moves.vehicle_m, 0.0), n)
    came = np.bincount(moves.option, np.maximum(moves.vehicle_m, 0.0), n)
    assert (out < 0.0).sum() > 50
    np.testing.assert_allclose(came, -(1.0 - settings.evaporation) * out, rtol=1e-9, atol=1e-6)


@pytest.mark.jit
def test_moves__are_what_the_response_changes(small_model: Model) -> None:
    response, options = small_model.response, small_model.options
    moves = list_moves(small_model.study, options, small_model.settings.interventions)
    slot = response.slots.index("no2_moved")
    chosen = response.change_slot == slot
    option = np.repeat(np.arange(options.site.size), np.diff(response.change_start))

    told = np.bincount(option[chosen], response.change_effect[chosen], options.site.size)

    share = np.maximum(moves.vehicle_m, 0.0) / moves.there[moves.column]
    np.testing.assert_allclose(told, np.bincount(moves.option, share, told.size), rtol=1e-4)
