"""The same plans in every city: outcomes, who stays best, and what is told of it."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.pipeline import Model
from evenground.results import tell_uncertainty
from evenground.uncertainty import OUTCOMES, Base, Ensemble, build_ensemble, build_world, draw
from evenground.uncertainty.ensemble import _undominated, outcomes

pytestmark = pytest.mark.jit
Plans = NDArray[np.int16]


@pytest.fixture(scope="module")
def ensemble(base: Base, plans: Plans) -> Ensemble:
    twice = np.concatenate([plans, plans[1:2]])
    return build_ensemble(base, draw(tuple(base.numbers.values()), 32, 9), twice)


def test_ensemble__equal_plans_meet_equal_draws(ensemble: Ensemble) -> None:
    assert np.array_equal(ensemble.outcome[:, 1], ensemble.outcome[:, -1])


def test_ensemble__is_the_same_when_made_again(base: Base, plans: Plans) -> None:
    draws = draw(tuple(base.numbers.values()), 4, 9)

    one, other = (build_ensemble(base, draws, plans) for _ in range(2))

    assert np.array_equal(one.outcome, other.outcome)
    assert np.array_equal(one.chosen, other.chosen)


def test_ensemble__each_draw_is_its_world(base: Base, plans: Plans, ensemble: Ensemble) -> None:
    world = build_world(base, ensemble.draws.one(5))

    assert np.array_equal(ensemble.outcome[5, :4], outcomes(world, *world.scores(plans)))


def test_ensemble__middle_lies_between_the_ends(
    ensemble: Ensemble, base: Base, plans: Plans
) -> None:
    plain = outcomes(base.problem, *base.problem.scores(plans))
    burden = ensemble.outcome[:, :4, OUTCOMES.index("burden")]

    assert (burden.min(axis=0) < plain[:, 0]).all()
    assert (burden.max(axis=0) > plain[:, 0]).all()


def test_undominated__by_hand() -> None:
    goals = np.array([[1.0, 4.0], [2.0, 2.0], [3.0, 3.0], [2.0, 2.0], [4.0, 1.0]])

    assert _undominated(goals).tolist() == [True, True, False, True, True]


def test_tell__intervals_are_percentiles_of_the_draws(
    ensemble: Ensemble, base: Base, plans: Plans, small_model: Model
) -> None:
    twice = np.concatenate([plans, plans[1:2]])
    central = outcomes(base.problem, *base.problem.scores(twice))

    told = tell_uncertainty(
        ensemble, ["a", "b", "c", "d"], central, small_model.study, small_model.options
    )

    row = told.intervals.set_index(["plan", "outcome", "kind"]).loc[("a", "burden", "change")]
    change = ensemble.outcome[:, 1, 0] - ensemble.outcome[:, 0, 0]
    assert row["low"] == pytest.approx(np.percentile(change, 2.5))
    assert row["high"] == pytest.approx(np.percentile(change, 97.5))
    assert row["central"] == pytest.approx(central[1, 0] - central[0, 0])
    assert row["share_lower"] == pytest.approx((change < 0.0).mean())
    assert told.n_draw == 32


def test_tell__sites_are_always_sometimes_or_never_chosen(
    ensemble: Ensemble, base: Base, plans: Plans, small_model: Model
) -> None:
    central = np.zeros((5, len(OUTCOMES)))

    told = tell_uncertainty(
        ensemble, ["a", "b", "c", "d"], central, small_model.study, small_model.options
    )

    sites = told.sites
    assert len(sites) == np.unique(small_model.options.site).size
    assert (sites.loc[sites["frequency"] == "always", "chosen"] >= 0.95).all()
    assert (sites.loc[sites["frequency"] == "never", "chosen"] == 0.0).all()
    assert sites["held"].between(0.0, 1.0).all()
    assert plans.any()
    assert base.numbers


def test_tell__heaviest_hold_a_fifth_of_the_people(ensemble: Ensemble, small_model: Model) -> None:
    central = np.zeros((5, len(OUTCOMES)))

    told = tell_uncertainty(
        ensemble, ["a", "b", "c", "d"], central, small_model.study, small_model.options
    )

    people = small_model.study.group_residents.sum(axis=0)
    share = np.nansum(told.neighbourhoods["heaviest"] * people) / people.sum()
    # the neighbourhood that passes the fifth is in it as a whole
    assert 0.2 <= share <= 0.2 + people.max() / people.sum()


def test_tell__counts_how_often_a_plan_is_the_best(ensemble: Ensemble, small_model: Model) -> None:
    # burden of four plans, in four draws over and over: the first is lowest twice of four
    outcome = np.full((32, 5, len(OUTCOMES)), 5.0)
    rows = [[1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0], [9.0, 8.0, 7.0, 8.0]]
    outcome[:, 1:, OUTCOMES.index("burden")] = rows * 8
    by_hand = replace(ensemble, outcome=outcome)

    told = tell_uncertainty(
        by_hand, ["a", "b", "c", "d"], outcome[0], small_model.study, small_model.options
    )

    assert told.robust["plan"].tolist() == ["a", "b", "c", "d"]
    assert told.robust["best_burden"].tolist() == [0.5, 0.25, 0.25, 0.25]
    # all the same at something: all are the best
    assert told.robust["best_gap"].tolist() == [1.0, 1.0, 1.0, 1.0]
