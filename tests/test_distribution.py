"""Who bears what in a small town: groups conserve persons, losses are told by place."""

from dataclasses import replace

import numpy as np
import pytest

from evenground.config import GroupSettings
from evenground.evaluation import Evaluation
from evenground.names import ACCESS, GREEN, LAYERS, NO2, NOISE
from evenground.objectives.groups import persons_of
from evenground.objectives.inequality import RANKED, kolm_pollak_ede
from evenground.pipeline import Model
from evenground.results.distribution import (
    NEEDS_ZERO,
    distribute,
    draw_curves,
    list_groups,
    list_worse_off,
    measure_exposure,
    measure_plans,
    split_plans,
    told_points,
)

pytestmark = pytest.mark.jit

GROUPS = (
    GroupSettings(name="65 en ouder", ages=("65_plus",)),
    GroupSettings(name="laag inkomen", incomes=("low",)),
    GroupSettings(name="laagste buurten", ses_rank_at_most=0.4),
    GroupSettings(name="arme buurten", low_income_at_least=0.4),
    GroupSettings(name="niemand", ses_rank_at_most=0.0),
)


def today(model: Model) -> Evaluation:
    return model.problem.scores(model.problem.empty[None, :])[1]


def test_list_groups__conserves_persons_and_hides_small_groups(small_model: Model) -> None:
    study = small_model.study
    burden = today(small_model).burden[0].sum(axis=1)

    found = list_groups(GROUPS, study, burden)

    total = study.group_residents.sum()
    np.testing.assert_allclose(found["persons"] + found["others"], total)
    weighted = found["persons"] * found["level"] + found["others"] * found["level_others"]
    np.testing.assert_allclose(weighted[:4] / 1000.0, burden.sum())
    assert found["persons"][4] == 0.0
    assert np.isnan(found["level"][4])
    for group in GROUPS:
        assert (persons_of(group, study) <= study.group_residents).all()


def test_measure_plans__agree_on_the_mean_whatever_is_compared(small_model: Model) -> None:
    evaluation, frame = today(small_model), small_model.problem.frame

    found = {
        over: measure_plans(evaluation, small_model.study, frame, over)
        for over in ("neighbourhood", "group", "pair")
    }

    means = [measured["mean"][0] for measured in found.values()]
    np.testing.assert_allclose(means, means[0])
    # groups and neighbourhoods are coarser than their pairs
    for name in ("theil_t", "ge2", "kolm_pollak"):
        assert found["pair"][name][0] >= found["neighbourhood"][name][0]
        assert found["pair"][name][0] >= found["group"][name][0]
    assert np.isnan(found["group"]["concentration"][0])


def test_list_worse_off__names_place_and_group_and_hides_few_persons(small_model: Model) -> None:
    study, before = small_model.study, today(small_model).burden[0].sum(axis=1)
    after = before.copy()
    people = study.group_residents
    group, place = (int(k) for k in np.unravel_index(np.argmax(people), people.shape))
    after[group, place] += 0.002 * people[group, place]

    told = list_worse_off(before, after, study)
    hidden = list_worse_off(before, after, study, least=1e9)

    assert told["loss"].to_list() == pytest.approx([2.0])
    assert told["age"][0] == study.groups["age"][group]
    assert hidden["age"][0] == ""
    assert hidden["name"][0] == told["name"][0]
    assert list_worse_off(before, before, study).empty


def test_list_worse_off__tells_no_loss_where_fewer_than_ten_live(small_model: Model) -> None:
    study, before = small_model.study, today(small_model).burden[0].sum(axis=1)
    people = study.group_residents.copy()
    small, other = np.flatnonzero(people.sum(axis=0) > 0.0)[:2]
    people[:, small] *= 5.0 / people[:, small].sum()
    harm = np.zeros_like(before)
    harm[:, small] = 0.009 * people[:, small]
    harm[0, other] = 0.001 * people[0, other]

    told = list_worse_off(before, before + harm, replace(study, group_residents=people), least=0.0)

    codes = study.neighbourhoods["code"]
    # 9 per 1000 in the small one is the largest loss, and comes last all the same
    assert told["code"][0] == codes.iloc[other]
    assert told["loss"][0] == pytest.approx(1.0)
    assert set(told["code"][1:]) == {codes.iloc[small]}
    assert told[["loss", "persons"]][1:].isna().all(axis=None)
    assert set(told["age"][1:]) == {""}


def test_told_points__leave_out_steps_of_fewer_than_ten() -> None:
    along, load = np.array([0.0, 0.05, 0.3, 0.35, 1.0]), np.array([0.0, 0.01, 0.1, 0.2, 1.0])

    people, kept = told_points(along, load, 100.0)

    # 5 and 5 of 100 residents are too few; 30 and 65 are not
    np.testing.assert_array_equal(people, [0.0, 0.3, 1.0])
    np.testing.assert_array_equal(kept, [0.0, 0.1, 1.0])


def test_distribute__compares_today_and_plans_in_every_way(small_model: Model) -> None:
    problem, study = small_model.problem, small_model.study
    busy = problem.repair(problem.options.most[None, :].copy())[0]
    young = GroupSettings(name="kinderen", ages=("0_15",))

    plans = {"today": problem.empty, "busy": busy}
    found = distribute(problem, study, plans, (young,), aversion=1.0)

    assert set(found.measures["over"]) == {"neighbourhood", "group", "pair"}
    means = found.measures.query("measure == 'mean' and over == 'neighbourhood'")
    assert means["plan"].tolist() == ["today", "busy"]
    assert means["value"].iloc[1] < means["value"].iloc[0]
    assert found.groups["plan"].tolist() == ["today", "busy"]
    assert not (found.worse_off["plan"] == "today").any()


PEOPLE, SES = np.array([100.0, 300.0, 200.0, 0.0]), np.array([0.1, 0.4, 0.8, np.nan])


def exposed(layer: str, *value: float, **more: object) -> dict[str, float]:
    found = measure_exposure(layer, np.array(value), PEOPLE, SES, aversion=1.0, **more)  # type: ignore[arg-type]
    return {name: float(figure) for name, figure in found.items()}


def test_split_plans__add_up_to_the_measure_over_all_pairs(small_model: Model) -> None:
    evaluation, frame = today(small_model), small_model.problem.frame
    whole = measure_plans(evaluation, small_model.study, frame, "pair")

    found = split_plans(evaluation, small_model.study, frame)

    assert set(found) == {
        (measure, by) for measure in ("theil_t", "kolm_pollak") for by in ("age", "income")
    }
    for (measure, _), (within, between) in found.items():
        assert within[0] + between[0] == pytest.approx(whole[measure][0], rel=1e-9)
    # the old bear far more than the young, so age tells more than income
    assert found["theil_t", "age"][1][0] > found["theil_t", "income"][1][0] > 0.0


def test_draw_curves__run_from_nothing_to_all(small_model: Model) -> None:
    found = draw_curves(today(small_model), small_model.study, small_model.problem.frame)

    assert set(found["curve"]) == {"lorenz", "concentration"}
    for _, curve in found.groupby("curve"):
        assert curve[["people", "load"]].iloc[0].tolist() == [0.0, 0.0]
        np.testing.assert_allclose(curve[["people", "load"]].iloc[-1], 1.0)
        assert (np.diff(curve["people"]) > 0.0).all()
    lorenz = found.query("curve == 'lorenz'")
    assert (lorenz["load"] <= lorenz["people"] + 1e-12).all()


def test_measure_exposure__of_noise_is_of_its_energy() -> None:
    # 3 dB is twice the energy: 53, 56 and 50 dB are 1, 2 and a half
    step = 10.0 * np.log10(2.0)
    noise = exposed(NOISE, 53.0, 53.0 + step, 53.0 - step, np.nan)
    plain = exposed(NO2, 1.0, 2.0, 0.5, 9.0)

    assert noise == pytest.approx(plain)
    assert noise["mean"] == pytest.approx((100.0 * 1.0 + 300.0 * 2.0 + 200.0 * 0.5) / 600.0)


def test_measure_exposure__of_a_good_is_below_zero_where_low_ses_has_least() -> None:
    # green rises with SES: as unfair as a burden that falls with it
    green = exposed(GREEN, 0.1, 0.3, 0.5, 0.9)
    burden = exposed(NO2, 0.5, 0.3, 0.1, 0.9)

    for name in set(RANKED) - {"relative_index"}:
        assert green[name] < 0.0, name
        assert burden[name] < 0.0, name
    assert green["relative_index"] > 1.0
    assert green["ede"] < green["mean"] == pytest.approx((10.0 + 90.0 + 100.0) / 600.0)
    assert green["kolm_pollak"] == pytest.approx(green["mean"] - green["ede"])
    assert green["gini"] > 0.0


def test_measure_exposure__compares_with_the_mean_only_above_zero() -> None:
    heat = exposed("heat", -0.5, 0.5, 1.0, np.nan)

    assert all(np.isnan(heat[name]) for name in NEEDS_ZERO)
    assert heat["kolm_pollak"] > 0.0
    assert heat["slope_index"] > 0.0


def test_measure_exposure__leaves_unknown_places_out_and_scales_by_today() -> None:
    before = np.array([4.0, 2.0, np.nan, 1.0])
    after = np.array([3.0, 2.0, 5.0, 1.0])

    found = measure_exposure(NO2, after, PEOPLE, SES, aversion=1.0, today=before)

    kappa = (4.0 * 0.25 + 2.0 * 0.75) / (16.0 * 0.25 + 4.0 * 0.75)
    assert float(found["mean"]) == pytest.approx(3.0 * 0.25 + 2.0 * 0.75)
    expected = kolm_pollak_ede(after[:2], PEOPLE[:2], kappa)
    assert float(found["ede"]) == pytest.approx(float(expected))
    nobody = np.zeros(4)
    assert measure_exposure(NO2, after, nobody, SES, aversion=1.0) == {}


def test_measure_exposure__takes_any_other_exposure() -> None:
    odour = exposed("odour", 1.0, 2.0, 0.5, 9.0, unit="ouE m-3", worse="higher")

    assert odour == pytest.approx(exposed(NO2, 1.0, 2.0, 0.5, 9.0))
    assert exposed("quiet", 1.0, 2.0, 0.5, 9.0, unit="1", worse="lower") == pytest.approx(
        exposed(ACCESS, 1.0, 2.0, 0.5, 9.0)
    )


def test_distribute__measures_every_layer_today_and_under_each_plan(small_model: Model) -> None:
    problem, study = small_model.problem, small_model.study
    busy = problem.options.most

    plans = {"today": problem.empty, "busy": busy}
    found = distribute(problem, study, plans, (), aversion=1.0).exposure

    assert set(found["layer"]) == set(LAYERS)
    mean = found.query("measure == 'mean'").pivot_table("value", "layer", "plan")
    assert (mean.loc[[NOISE, NO2], "busy"] < mean.loc[[NOISE, NO2], "today"]).all()
    assert mean.loc[GREEN, "busy"] > mean.loc[GREEN, "today"]
    assert found.groupby("layer")["unit"].nunique().max() == 1
    assert found.query("layer == 'noise'")["unit"].iloc[0] == "energy of 53 dB"
