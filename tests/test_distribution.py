"""Who bears what in a small town: groups conserve persons, losses are told by place."""

import numpy as np
import pytest

from evenground.config import GroupSettings
from evenground.evaluation import Evaluation
from evenground.pipeline import Model
from evenground.results.distribution import (
    distribute,
    list_groups,
    list_worse_off,
    measure_plans,
    persons_of,
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


def test_distribute__compares_today_and_plans_in_every_way(small_model: Model) -> None:
    problem, study = small_model.problem, small_model.study
    busy = problem.repair(problem.options.most[None, :].copy())[0]
    young = GroupSettings(name="kinderen", ages=("0_15",))

    found = distribute(problem, study, {"today": problem.empty, "busy": busy}, (young,))

    assert set(found.measures["over"]) == {"neighbourhood", "group", "pair"}
    means = found.measures.query("measure == 'mean' and over == 'neighbourhood'")
    assert means["plan"].tolist() == ["today", "busy"]
    assert means["value"].iloc[1] < means["value"].iloc[0]
    assert found.groups["plan"].tolist() == ["today", "busy"]
    assert not (found.worse_off["plan"] == "today").any()
