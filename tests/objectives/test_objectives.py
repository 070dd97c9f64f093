"""Conformance: what every entry of OBJECTIVES must do."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.config import Objective
from evenground.evaluation import Evaluation, Frame
from evenground.names import AGE_BANDS, BURDEN_LAYERS
from evenground.objectives import OBJECTIVES, burden_derivative
from evenground.results import SCORE_UNITS
from evenground.study import mid_rank

N_NEIGHBOURHOOD, N_CHANNEL, N_OPTION, ACCESS_CHANNEL = 23, 10, 31, 9
EMPTY, UNKNOWN = [2, 7], [4, 11, 12]
EVERY = pytest.mark.parametrize("name", OBJECTIVES)


def frame() -> Frame:
    """Make a frame in which some neighbourhoods are empty and some of unknown SES."""
    rng = np.random.default_rng(8)
    residents = rng.integers(50, 4000, N_NEIGHBOURHOOD).astype(float)
    residents[EMPTY] = 0.0
    ses = rng.permutation(N_NEIGHBOURHOOD).astype(float)
    ses[UNKNOWN] = np.nan
    return Frame(
        residents=residents,
        is_assessed=residents > 0.0,
        ses_rank=mid_rank(ses, residents),
        kappa=0.03,
        yearly_eur=rng.uniform(0.0, 50.0, N_OPTION),
        yearly_start_eur=rng.uniform(0.0, 50.0, N_OPTION),
        access_channel=ACCESS_CHANNEL,
    )


def city(n_candidate: int) -> tuple[Evaluation, NDArray[np.int16], Frame]:
    """Make a batch of plans whose burden sits with low SES, so that no score is at rest."""
    rng, about = np.random.default_rng(9), frame()
    low_end = 2.0 - np.nan_to_num(about.ses_rank, nan=0.5)
    per_head = rng.uniform(
        0.5, 2.0, (n_candidate, len(AGE_BANDS), len(BURDEN_LAYERS), N_NEIGHBOURHOOD)
    )
    burden = 1e-3 * per_head * low_end * about.residents
    phi = rng.uniform(0.0, 1.0, (n_candidate, N_CHANNEL, N_NEIGHBOURHOOD))
    stacking = rng.uniform(0.1, 2.0, (n_candidate, N_NEIGHBOURHOOD)) * about.residents
    plans = rng.integers(0, 20, (n_candidate, N_OPTION)).astype(np.int16)
    return Evaluation(phi, burden, stacking), plans, about


def reorder(evaluation: Evaluation, order: NDArray[np.intp]) -> Evaluation:
    parts = (evaluation.mean_phi, evaluation.burden, evaluation.stacking)
    return Evaluation(*(np.ascontiguousarray(part[..., order]) for part in parts))


def test_objectives__are_those_of_the_settings() -> None:
    assert tuple(OBJECTIVES) == get_args(Objective)


def test_objectives__all_declare_a_unit() -> None:
    assert set(SCORE_UNITS) == {*OBJECTIVES, "capital"}


@EVERY
def test_objective__is_one_finite_number_a_candidate(name: str) -> None:
    evaluation, plans, about = city(6)

    score = OBJECTIVES[name](evaluation, plans, about)

    assert score.shape == (6,)
    assert score.dtype == np.float64
    assert np.isfinite(score).all()
    assert (score > 0.0).all()


@EVERY
def test_objective__never_rises_when_everybody_is_less_exposed(name: str) -> None:
    evaluation, plans, about = city(6)
    parts = (evaluation.mean_phi, evaluation.burden, evaluation.stacking)
    less = Evaluation(*(0.8 * part for part in parts))

    before = OBJECTIVES[name](evaluation, plans, about)
    after = OBJECTIVES[name](less, plans, about)

    assert (after <= before).all()


@pytest.mark.parametrize("name", ["burden", "inequality", "stacking", "access"])
def test_objective__never_rises_when_one_neighbourhood_is_less_exposed(name: str) -> None:
    evaluation, plans, about = city(6)
    parts = [part.copy() for part in (evaluation.mean_phi, evaluation.burden, evaluation.stacking)]
    for part in parts:
        part[..., 5] *= 0.5

    before = OBJECTIVES[name](evaluation, plans, about)
    after = OBJECTIVES[name](Evaluation(*parts), plans, about)

    assert (after < before).all()


@EVERY
def test_objective__does_not_change_when_neighbourhoods_are_renumbered(name: str) -> None:
    evaluation, plans, about = city(4)
    order = np.random.default_rng(3).permutation(N_NEIGHBOURHOOD)
    moved = replace(
        about,
        residents=about.residents[order],
        is_assessed=about.is_assessed[order],
        ses_rank=about.ses_rank[order],
    )

    before = OBJECTIVES[name](evaluation, plans, about)
    after = OBJECTIVES[name](reorder(evaluation, order), plans, moved)

    np.testing.assert_allclose(after, before, rtol=1e-12)


FACTOR = {"burden": 3.0, "stacking": 3.0}
"""How a score grows when every resident counts three times; others are means or indices."""


@EVERY
def test_objective__of_a_city_three_times_as_large(name: str) -> None:
    evaluation, plans, about = city(4)
    larger = replace(evaluation, burden=3.0 * evaluation.burden, stacking=3.0 * evaluation.stacking)

    before = OBJECTIVES[name](evaluation, plans, about)
    after = OBJECTIVES[name](larger, plans, replace(about, residents=3.0 * about.residents))

    # the population principle: replicating all people changes no mean and no inequality
    np.testing.assert_allclose(after, FACTOR.get(name, 1.0) * before, rtol=1e-12)


@EVERY
def test_objective__does_not_see_how_neighbourhoods_are_cut(name: str) -> None:
    evaluation, plans, about = city(4)
    twice = np.tile(np.arange(N_NEIGHBOURHOOD), 2)
    halves = reorder(
        replace(evaluation, burden=evaluation.burden / 2.0, stacking=evaluation.stacking / 2.0),
        twice,
    )
    cut = replace(
        about,
        residents=about.residents[twice] / 2.0,
        is_assessed=about.is_assessed[twice],
        ses_rank=about.ses_rank[twice],
    )

    before = OBJECTIVES[name](evaluation, plans, about)
    after = OBJECTIVES[name](halves, plans, cut)

    np.testing.assert_allclose(after, before, rtol=1e-12)


@pytest.mark.parametrize("name", ["inequality", "ses_gradient"])
def test_objective__of_shares_is_absolute_and_not_relative(name: str) -> None:
    evaluation, plans, about = city(4)
    more = evaluation.burden.copy()
    more[:, 0, 0] += 2e-3 * about.residents

    before = OBJECTIVES[name](evaluation, plans, about)
    after = OBJECTIVES[name](replace(evaluation, burden=more), plans, about)

    # 2 DALY per 1000 more for all: the EDE moves along, the gradient does not see it
    shift = 2.0 if name == "inequality" else 0.0
    np.testing.assert_allclose(after, before + shift, rtol=1e-10)


@pytest.mark.parametrize("name", ["inequality", "ses_gradient"])
def test_objective__does_not_see_neighbourhoods_that_are_left_out(name: str) -> None:
    evaluation, plans, about = city(4)
    wild = evaluation.burden.copy()
    wild[..., EMPTY] = 1e9

    before = OBJECTIVES[name](evaluation, plans, about)
    after = OBJECTIVES[name](replace(evaluation, burden=wild), plans, about)

    np.testing.assert_array_equal(after, before)


@EVERY
def test_objective__of_a_plan_that_does_nothing_is_that_of_today(name: str) -> None:
    evaluation, plans, about = city(1)
    twice = Evaluation(
        *(
            np.repeat(part, 2, axis=0)
            for part in (evaluation.mean_phi, evaluation.burden, evaluation.stacking)
        )
    )

    today = OBJECTIVES[name](evaluation, 0 * plans, about)
    both = OBJECTIVES[name](twice, np.zeros((2, N_OPTION), np.int16), about)

    np.testing.assert_allclose(both, today[0], rtol=1e-12)
    if name == "cost":
        assert today[0] == 0.0


@EVERY
def test_objective__does_not_depend_on_its_batch_to_the_last_bit(name: str) -> None:
    evaluation, plans, about = city(37)
    parts = (evaluation.mean_phi, evaluation.burden, evaluation.stacking)

    together = OBJECTIVES[name](evaluation, plans, about)
    alone = [
        OBJECTIVES[name](Evaluation(*(part[k : k + 1] for part in parts)), plans[k : k + 1], about)
        for k in range(37)
    ]

    np.testing.assert_array_equal(together, np.concatenate(alone))


@pytest.mark.parametrize("name", ["burden", "inequality", "ses_gradient"])
def test_burden_derivative__equals_finite_differences(name: str) -> None:
    evaluation, plans, about = city(1)
    total = evaluation.burden[0].sum(axis=(0, 1))
    per_resident = np.divide(
        1000.0 * total, about.residents, out=np.zeros_like(total), where=about.residents > 0.0
    )
    step = 1e-4
    moved = np.repeat(evaluation.burden, 2 * N_NEIGHBOURHOOD, axis=0)
    index = np.arange(N_NEIGHBOURHOOD)
    moved[index, 0, 0, index] += step
    moved[N_NEIGHBOURHOOD + index, 0, 0, index] -= step
    many = Evaluation(
        np.repeat(evaluation.mean_phi, len(moved), axis=0),
        moved,
        np.repeat(evaluation.stacking, len(moved), axis=0),
    )

    score = OBJECTIVES[name](many, np.repeat(plans, len(moved), axis=0), about)

    slope = (score[:N_NEIGHBOURHOOD] - score[N_NEIGHBOURHOOD:]) / (2.0 * step)
    slope[EMPTY] = 0.0
    np.testing.assert_allclose(
        burden_derivative(name, per_resident, about), slope, rtol=1e-5, atol=1e-9
    )


def test_burden_derivative__refuses_a_score_of_something_else() -> None:
    with pytest.raises(ValueError, match="does not depend on the burden"):
        burden_derivative("cost", np.zeros(N_NEIGHBOURHOOD), frame())
