"""The city of one draw: at the middle the plain run, and elsewhere what was asked."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.evaluation import Evaluator
from evenground.names import GREEN, HEAT, LAYERS, NO2, NOISE
from evenground.objectives.health import read_functions
from evenground.pipeline import Model
from evenground.uncertainty import Base, build_world, outcomes
from evenground.uncertainty.world import steeper

pytestmark = pytest.mark.jit
Plans = NDArray[np.int16]


def told(base: Base, plans: Plans, places: dict[str, float]) -> NDArray[np.float64]:
    world = build_world(base, places)
    return outcomes(world, *world.scores(plans))


def test_world__with_every_number_at_its_middle_is_the_plain_run(
    base: Base, plans: Plans, small_model: Model
) -> None:
    plain = outcomes(small_model.problem, *small_model.problem.scores(plans))
    middle = {name: 0.5 for name, item in base.numbers.items() if item.form in {"normal", "range"}}

    assert told(base, plans, {}) == pytest.approx(plain, rel=2e-6)
    assert told(base, plans, middle) == pytest.approx(plain, rel=2e-6)


def test_world__every_uncertain_number_changes_an_outcome(base: Base, plans: Plans) -> None:
    plain = told(base, plans, {})
    # the pathway of green stands beside the sum, so that its slope shows in its own burden only
    beside = {"slope.green_mort"}

    idle = [
        name
        for name in base.numbers
        if np.allclose(told(base, plans, {name: 0.93}), plain, rtol=1e-7, atol=1e-12)
    ]

    assert set(idle) == beside


def test_world__slope_of_green_changes_the_burden_beside(base: Base, plans: Plans) -> None:
    burdens = []
    for places in ({}, {"slope.green_mort": 0.9}):
        world = build_world(base, places)
        evaluation = world.evaluator.evaluate(plans)
        burdens.append(float(world.evaluator.burden_of("green_mort", evaluation)[0].sum()))

    assert burdens[1] > burdens[0] > 0.0


def test_world__costs_by_hand(base: Base, small_model: Model) -> None:
    options = small_model.options
    world = build_world(base, {"cost.play": 1.0 - 1e-12})

    row = options.interventions.index.get_loc("play")
    chosen = options.intervention == row
    assert world.options.capital_eur[chosen] == pytest.approx(90_000.0)
    # 40 000 to 90 000 euros over 15 years at 2.25 %
    factor = 0.0225 / (1.0 - 1.0225**-15)
    more = world.options.yearly_eur[chosen] - options.yearly_eur[chosen]
    assert more == pytest.approx(50_000.0 * factor)
    assert np.array_equal(world.options.capital_eur[~chosen], options.capital_eur[~chosen])


def test_world__maps_err_alike_everywhere_or_by_neighbourhood(base: Base) -> None:
    world = build_world(base, {"data.noise": 0.975})
    empty = world.empty
    shift = world.evaluator.exposure(empty) - base.problem.evaluator.exposure(empty)

    sd = base.numbers["data.noise"].high / 1.96
    assert shift[LAYERS.index(NOISE)] == pytest.approx(1.96 * sd * np.sqrt(0.5), rel=1e-3)
    assert not shift[LAYERS.index(HEAT)].any()

    local = build_world(base, {"data.local": 0.3})
    shift = local.evaluator.exposure(empty) - base.problem.evaluator.exposure(empty)
    zone = base.study.receptors.neighbourhood
    means = [shift[LAYERS.index(NOISE)][zone == k] for k in np.unique(zone)]
    assert max(np.ptp(part) for part in means) < 1e-4
    assert np.ptp([part.mean() for part in means]) > 0.1


def test_world__relative_error_keeps_air_above_zero(base: Base) -> None:
    world = build_world(base, {"data.no2": 1e-9, "data.local": 0.1})

    assert (world.evaluator.exposure(world.empty)[LAYERS.index(NO2)] > 0.0).all()


def test_world__effect_scales_the_change_of_a_layer(base: Base, plans: Plans) -> None:
    def cooled(places: dict[str, float], layer: str) -> NDArray[np.float32]:
        world = build_world(base, places)
        at = LAYERS.index(layer)
        return world.evaluator.exposure(plans[3])[at] - world.evaluator.exposure(plans[0])[at]

    # the summer factor runs from 0.6 to 1.4 about 1
    assert cooled({"effect.summer": 1.0 - 1e-12}, HEAT) == pytest.approx(
        1.4 * cooled({}, HEAT), rel=1e-3, abs=1e-5
    )
    assert cooled({"effect.summer": 0.9}, GREEN) == pytest.approx(cooled({}, GREEN), abs=1e-7)


def test_steeper__by_form() -> None:
    table = read_functions()

    assert steeper(table["pm25_mort_who"], 2.0).rr == pytest.approx(1.08**2)
    assert steeper(table["heat_mort_nl"], 2.0).rr == pytest.approx(1.0544)
    assert steeper(table["noise_ha_road"], 2.0).curve == pytest.approx(
        [2.0 * c for c in table["noise_ha_road"].curve]
    )


def test_under__gives_what_an_evaluator_made_anew_gives(
    base: Base, plans: Plans, small_model: Model
) -> None:
    world = build_world(base, {"data.noise": 0.8, "slope.pm25_mort": 0.2, "data.local": 0.4})
    there = world.evaluator
    anew = Evaluator(
        small_model.study.receptors,
        small_model.study.group_residents,
        there.loops.response,
        there.loops.dose,
        there.stack,
    )

    one, other = there.evaluate(plans), anew.evaluate(plans)

    assert np.array_equal(one.mean_phi, other.mean_phi)
    assert np.array_equal(one.stacking, other.stacking)
    assert np.array_equal(one.burden, other.burden)


def test_world__refuses_nothing_and_keeps_the_plain_problem(base: Base, plans: Plans) -> None:
    before = base.problem.scores(plans)[0].copy()

    build_world(base, {"data.noise": 0.99, "cost.play": 0.9}).scores(plans)

    assert np.array_equal(base.problem.scores(plans)[0], before)
    assert replace(base) is not base
