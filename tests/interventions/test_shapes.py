"""Laws of effects that are felt in a shape of their own, on the small town."""

from pathlib import Path

import numpy as np
import pytest

from evenground.config import RunSettings
from evenground.interventions import scale_effects
from evenground.interventions.sites import _apart, zone_km2, zone_square
from evenground.names import ACCESS, HEAT, LAYERS, NO2, PM25
from evenground.pipeline import Model, build_model, build_uncertain
from evenground.uncertainty import build_world, outcomes

pytestmark = pytest.mark.jit

WIDE = ("tile_removal", "car_free", "zez", "play", "bench_meet", "meeting_house", "green_facade")


@pytest.fixture(scope="module")
def wide_model(small_case: Path, small_settings: RunSettings) -> Model:
    """Small town with interventions of every shape, a park among them."""
    chosen = small_settings.interventions.model_copy(
        update={"use": (*WIDE, "park"), "zone_m": 400.0, "public_paving_use": 1.0}
    )
    return build_model(
        small_settings.model_copy(update={"interventions": chosen}), small_case.parent
    )


def test_wide_case__offers_every_intervention(wide_model: Model) -> None:
    options = wide_model.options
    offered = set(options.interventions.index[np.unique(options.intervention)])

    assert offered >= set(WIDE)


@pytest.mark.parametrize("seed", [1, 2])
def test_exposure__is_that_of_each_intervention_added(wide_model: Model, seed: int) -> None:
    problem, options = wide_model.problem, wide_model.options
    rng = np.random.default_rng(seed)
    plan = np.where(rng.random(options.most.size) < 0.2, options.most, 0).astype(np.int16)
    today = problem.evaluator.exposure(problem.empty).astype(float)

    whole = problem.evaluator.exposure(plan) - today
    parts = [
        problem.evaluator.exposure(np.where(options.intervention == k, plan, 0).astype(np.int16))
        - today
        for k in range(len(options.interventions))
    ]

    for layer in (HEAT, NO2, PM25, ACCESS):
        k = LAYERS.index(layer)
        assert np.abs(whole[k]).max() > 0.0
        added = np.sum([part[k] for part in parts], axis=0)
        np.testing.assert_allclose(whole[k], added, rtol=1e-4, atol=2e-5, err_msg=layer)


def test_gains__of_all_shapes_are_the_slopes_of_the_burden(wide_model: Model) -> None:
    problem, options = wide_model.problem, wide_model.options
    gains = problem.gains(problem.empty, {"burden": 1.0})
    today = problem.scores(problem.empty[None, :])[0][0, 0]

    for k, name in enumerate(options.interventions.index):
        here = np.flatnonzero(options.intervention == k)
        if here.size == 0 or np.abs(gains[here]).max() == 0.0:
            continue
        best = int(here[np.abs(gains[here]).argmax()])
        plan = problem.empty
        plan[best] = 1
        after = problem.scores(plan[None, :])[0][0, 0]
        assert today - after == pytest.approx(gains[best], rel=0.05, abs=2e-5), name


def test_scaled_effects__reach_every_shape_of_a_layer(wide_model: Model) -> None:
    problem, options = wide_model.problem, wide_model.options
    today = problem.evaluator.exposure(problem.empty).astype(float)
    twice = scale_effects(wide_model.response, options, {("*", ACCESS): 2.0, ("zez", NO2): 2.0})
    other = problem.evaluator.under(twice, wide_model.health.dose, problem.evaluator.stack)

    for name, layer in (("meeting_house", ACCESS), ("play", ACCESS), ("zez", NO2)):
        row = options.interventions.index.get_loc(name)
        plan = np.where(options.intervention == row, options.most, 0).astype(np.int16)
        k = LAYERS.index(layer)
        once = problem.evaluator.exposure(plan)[k] - today[k]
        double = other.exposure(plan)[k] - today[k]
        assert np.abs(once).max() > 0.0
        np.testing.assert_allclose(double, 2.0 * once, rtol=1e-4, atol=2e-5, err_msg=name)


@pytest.mark.parametrize("gap_m", [100.0, 250.0, 400.0])
def test_apart__leaves_the_gap_between_all_it_picks(small_model: Model, gap_m: float) -> None:
    study = small_model.study
    n_y, n_x = small_model.options.n_site

    chosen = np.flatnonzero(_apart(np.ones(n_y * n_x, bool), study, gap_m))

    row, col = np.divmod(chosen, n_x)
    away = np.maximum(np.abs(row - row[:, None]), np.abs(col - col[:, None]))
    np.fill_diagonal(away, 10_000)
    assert chosen.size > 1
    assert (away.min() - 1) * study.site_m >= gap_m


def test_zones__cover_the_neighbourhoods_once(small_model: Model) -> None:
    study = small_model.study
    inside = np.random.default_rng(1).random(int(np.prod(small_model.options.n_site))) < 0.7

    area, square = zone_km2(study, inside, 400.0), zone_square(study, 400.0)

    each = [area[square == k][0] for k in np.unique(square)]
    assert sum(each) == pytest.approx(inside.sum() * study.site_m**2 / 1e6)


def test_uncertain__numbers_of_every_shape_change_an_outcome(wide_model: Model) -> None:
    base, problem = build_uncertain(wide_model), wide_model.problem
    plan = np.minimum(problem.options.most, 1)[None, :]
    plain = outcomes(problem, *problem.scores(plan))
    names = [name for name in base.numbers if name.startswith("effect.") and name.count(".") == 2]

    idle = []
    for name in names:
        world = build_world(base, {name: 0.93})
        if np.allclose(outcomes(world, *world.scores(plan)), plain, rtol=1e-7, atol=1e-12):
            idle.append(name)

    assert {"effect.zez.no2_part", "effect.tile_removal.green_m2"} <= set(names)
    # places in whole numbers are not drawn; green of roofs and facades stands beside the sum
    assert idle == []


def test_zone__changes_nothing_where_streets_add_nothing(wide_model: Model) -> None:
    problem, options = wide_model.problem, wide_model.options
    zone = options.interventions.index.get_loc("zez")
    plan = np.where(options.intervention == zone, 1, 0).astype(np.int16)
    people = wide_model.study.receptors

    change = problem.evaluator.exposure(plan) - problem.evaluator.exposure(problem.empty)

    part = wide_model.baseline.street_part[NO2][people.row, people.col]
    assert (change[LAYERS.index(NO2)][part == 0.0] == 0.0).all()
    # never more than the quarter that logistics gives off
    assert (change[LAYERS.index(NO2)] >= -0.25 * part - 1e-4).all()
    assert change[LAYERS.index(NO2)].min() < -0.1
