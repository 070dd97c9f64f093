"""Objectives of followed groups and of annoyance: who is in, what is refused, what leads seeds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.config import ConditionSettings, GroupSettings, RunSettings, parse_settings
from evenground.errors import ConfigError
from evenground.objectives import (
    BOUNDED,
    DISTRIBUTION,
    UNLED,
    burden_derivative,
    distribution_index,
)
from evenground.objectives.groups import check_groups, figures_of, follow_groups, persons_of
from evenground.objectives.inequality import group_gap
from evenground.optimise import Problem, search
from evenground.optimise.seeds import (
    WEIGHTINGS,
    greedy_seeds,
    harmless_options,
    weightings,
)
from evenground.pipeline import Model, build_model
from evenground.results import MEASURE_UNITS, assess, build_front

pytestmark = pytest.mark.jit

POOR = GroupSettings(name="laag inkomen", incomes=("low",))
LED = [name for name in DISTRIBUTION if name not in UNLED]


def ask(model: Model, *goals: str, group: GroupSettings = POOR) -> Model:
    """Return the model with a followed group, and other objectives under the rule."""
    objectives = model.settings.objectives.model_copy(update={"gap_group": group.name})
    settings = model.settings.model_copy(update={"groups": (group,), "objectives": objectives})
    gap = follow_groups(settings, model.study, {})
    frame = replace(model.problem.frame, gap_weight=gap)
    searched = model.settings.search.model_copy(
        update={"objectives": goals or ("burden", "cost"), "no_harm": True}
    )
    problem = replace(model.problem, frame=frame, search=searched)
    return replace(
        model, settings=settings.model_copy(update={"search": searched}), problem=problem
    )


def raw(settings: RunSettings, **parts: dict[str, object]) -> dict[str, Any]:
    whole = settings.model_dump(exclude_none=True)
    return {**whole, **{name: {**whole[name], **more} for name, more in parts.items()}}


def some_plans(problem: Problem) -> NDArray[np.int16]:
    """Return the empty plan and two that do much."""
    plans = np.zeros((3, problem.empty.size), np.int16)
    plans[1, ::3] = problem.options.most[::3]
    plans[2, ::5] = problem.options.most[::5] // 2
    return plans


def test_group_gap__is_the_difference_of_the_means_of_all_persons(small_model: Model) -> None:
    problem, study = ask(small_model).problem, small_model.study
    _, evaluation = problem.scores(some_plans(problem))
    people, inside = study.group_residents, persons_of(POOR, study)
    burden = evaluation.burden.sum(axis=2).reshape(3, -1)
    # persons in and out of the group as rows of their own, with the burden of their neighbourhood
    per_head = np.divide(
        1000.0 * burden, people.ravel(), out=0.0 * burden, where=people.ravel() > 0
    )
    weight = np.concatenate([inside.ravel(), (people - inside).ravel()])
    is_inside = np.arange(weight.size) < inside.size

    expected, _ = group_gap(np.tile(per_head, 2), weight, is_inside)

    found = distribution_index("group_gap", evaluation, problem.frame)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("name", DISTRIBUTION)
def test_distribution__is_one_finite_number_a_candidate_whatever_the_batch(
    small_model: Model, name: str
) -> None:
    problem = ask(small_model).problem
    plans = some_plans(problem)
    _, evaluation = problem.scores(plans)

    found = DISTRIBUTION[name](evaluation, plans, problem.frame)

    alone = [
        DISTRIBUTION[name](problem.scores(plan[None, :])[1], plan[None, :], problem.frame)[0]
        for plan in plans
    ]
    assert np.isfinite(found).all()
    assert (found >= 0.0).all()
    np.testing.assert_array_equal(found, alone)


def central_difference(problem: Problem, plan: NDArray[np.int16], name: str) -> NDArray[np.float64]:
    one = np.eye(plan.size, dtype=np.int16)
    less, more = (
        DISTRIBUTION[name](problem.scores(moved)[1], moved, problem.frame)
        for moved in (plan - one, plan + one)
    )
    return (less - more) / 2.0


@pytest.mark.parametrize("name", LED)
def test_gains__of_a_measure_are_the_central_difference_of_every_option(
    small_model: Model, name: str
) -> None:
    problem = ask(small_model).problem
    _, today = problem.scores(problem.empty[None, :])
    if DISTRIBUTION[name](today, problem.empty[None, :], problem.frame)[0] == 0.0:
        pytest.fail(f"{name} is fair today: the town shows nothing of its slope")

    gain = problem.gains(problem.empty, {name: 1.0})

    expected = central_difference(problem, problem.empty, name)
    largest = np.abs(expected).max()
    assert largest > 0.0
    # the Gini index bends where a step makes two neighbourhoods change places
    assert np.quantile(np.abs(gain - expected), 0.95) <= 2e-3 * largest
    assert np.corrcoef(gain, expected)[0, 1] > 0.999


@pytest.mark.parametrize("name", UNLED)
def test_seeds__are_not_led_by_a_measure_without_a_derivative(
    small_model: Model, name: str
) -> None:
    frame = small_model.problem.frame

    np.testing.assert_array_equal(burden_derivative(name, frame.residents, frame), 0.0)
    assert weightings(("burden", name)) == WEIGHTINGS


@pytest.mark.parametrize("name", [*BOUNDED, "group_gap"])
def test_burden_derivative__refuses_what_rests_on_more_than_the_burden(
    small_model: Model, name: str
) -> None:
    frame = small_model.problem.frame

    with pytest.raises(ValueError, match="does not depend on the burden"):
        burden_derivative(name, frame.residents, frame)


@pytest.mark.parametrize("name", ["concentration", "theil_t", "group_gap", "erreygers"])
def test_seeds__lower_the_measure_that_leads_them(small_model: Model, name: str) -> None:
    model = ask(small_model, "burden", name, "cost")
    problem = replace(
        model.problem, search=model.problem.search.model_copy(update={"budget_levels": 3})
    )

    seeds = greedy_seeds(problem)

    path = seeds[1 + 3 * len(WEIGHTINGS) :][:3]
    _, evaluation = problem.scores(np.concatenate([problem.empty[None, :], path]))
    value = DISTRIBUTION[name](evaluation, seeds[:4], problem.frame)
    assert (len(seeds) - 1) % (3 * (len(WEIGHTINGS) + 2)) == 0
    assert (np.diff(value) < 0.0).all()


def test_seeds__go_each_path_once_more_without_what_harms(
    small_case: Path, small_settings: RunSettings
) -> None:
    # no street is parallel so near, so that all traffic goes past the homes on main streets
    near = small_settings.interventions.model_copy(
        update={"parallel_within_m": 1.0, "evaporation": 0.0}
    )
    settings = small_settings.model_copy(update={"interventions": near})
    model = build_model(settings, small_case.parent)
    problem = ask(model, "burden", "gini", "cost").problem
    _, today = problem.scores(problem.empty[None, :])
    names = problem.options.interventions.index[problem.options.intervention]

    harmless = harmless_options(problem)
    seeds = greedy_seeds(problem)

    # a closed street sends its traffic past other homes
    assert set(names[~harmless]) == {"car_free"}
    once = 1 + problem.search.budget_levels * (len(WEIGHTINGS) + 2)
    assert len(seeds) == 2 * once - 1
    again = seeds[once:]
    assert not again[:, ~harmless].any()
    assert problem.harm(problem.scores(again)[1], today).max() <= 1e-9
    free = replace(problem, search=problem.search.model_copy(update={"no_harm": False}))
    np.testing.assert_array_equal(greedy_seeds(free), seeds[:once])


def test_front__keeps_and_the_assessment_shows_what_was_lowered(small_model: Model) -> None:
    model = ask(small_model, "burden", "group_gap", "erreygers", "cost")
    archive = search(model.problem).archive

    front = build_front(archive, model.problem.search.objectives)

    today = assess(model.problem, model.study, model.problem.empty)
    for k, name in ((1, "group_gap"), (2, "erreygers")):
        np.testing.assert_array_equal(front[name], archive.goals[:, k])
        assert front[name].attrs["units"] == MEASURE_UNITS[name]
        assert today.scores[name] >= front[name].min()
    assert "gini" not in front


def test_settings__refuse_a_gap_without_a_group(small_settings: RunSettings) -> None:
    goals = {"objectives": ["burden", "group_gap"], "no_harm": True}

    with pytest.raises(ConfigError, match="needs a group"):
        parse_settings(raw(small_settings, search=goals), "case.toml")


def test_settings__refuse_the_gap_of_an_unknown_group_and_name_the_nearest(
    small_settings: RunSettings,
) -> None:
    case = raw(small_settings, objectives={"gap_group": "ouderen"})
    case["groups"] = [{"name": "oudere"}, {"name": "jongeren"}]

    with pytest.raises(ConfigError, match="Did you mean oudere"):
        parse_settings(case, "case.toml")


def test_settings__refuse_two_groups_of_one_name(small_settings: RunSettings) -> None:
    case = raw(small_settings) | {"groups": [{"name": "a"}, {"name": "a"}]}

    with pytest.raises(ConfigError, match="groups names a twice"):
        parse_settings(case, "case.toml")


@pytest.mark.parametrize("name", BOUNDED)
def test_settings__refuse_an_index_of_annoyance_where_none_is_counted(
    small_settings: RunSettings, name: str
) -> None:
    goals = {"objectives": ["burden", name], "no_harm": True}
    case = raw(small_settings, search=goals, health={"functions": {"noise_ha": "none"}})

    with pytest.raises(ConfigError, match="sets noise_ha to none"):
        parse_settings(case, "case.toml")


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"column": "ses"}, "has no bound"),
        ({"column": "ses", "at_least": 2.0, "at_most": 1.0}, "which no figure is"),
    ],
)
def test_settings__refuse_a_condition_that_chooses_nothing(
    small_settings: RunSettings, condition: dict[str, object], reason: str
) -> None:
    case = raw(small_settings) | {"groups": [{"name": "a", "where": [condition]}]}

    with pytest.raises(ConfigError, match=reason):
        parse_settings(case, "case.toml")


def test_follow_groups__refuses_the_gap_of_too_few_persons(small_model: Model) -> None:
    nobody = GroupSettings(name="niemand", ses_rank_at_most=0.0)

    with pytest.raises(ConfigError, match="niemand holds 0 persons"):
        ask(small_model, group=nobody)


def test_follow_groups__refuses_an_unknown_column_and_names_the_nearest(
    small_model: Model,
) -> None:
    odd = ConditionSettings(column="share_age_65plus", at_least=0.2)
    percent = ConditionSettings(column="percent_65_plus", at_least=20.0)
    groups = (GroupSettings(name="a", where=(odd,)), GroupSettings(name="b", where=(percent,)))

    faults = check_groups(groups, figures_of(small_model.study, {}))

    assert len(faults) == 2
    assert "Did you mean share_age_65_plus" in faults[0].cure
    assert faults[1].cure == "Write 0.2 for 20 %."
    settings = small_model.settings.model_copy(update={"groups": groups})
    with pytest.raises(ConfigError, match="share_age_65plus"):
        follow_groups(settings, small_model.study, {})


def test_persons_of__take_any_column_and_any_supplied_factor(small_model: Model) -> None:
    study = small_model.study
    n = len(study.neighbourhoods)
    odour = np.arange(n, dtype=float)
    odour[0] = np.nan
    old = ConditionSettings(column="percent_65_plus", at_least=0.15)
    smelly = ConditionSettings(column="odour", at_most=n / 2)
    group = GroupSettings(name="a", ages=("0_15", "65_plus"), where=(old, smelly))
    figures = figures_of(study, {"odour": odour})

    inside = persons_of(group, study, figures)

    share = study.neighbourhoods["share_age_65_plus"].to_numpy(float)
    place = (share >= 0.15) & (odour <= n / 2)
    age = study.groups["age"].isin(group.ages).to_numpy()
    assert 0 < place.sum() < n
    expected = study.group_residents * age[:, None] * place
    np.testing.assert_array_equal(inside, expected)
