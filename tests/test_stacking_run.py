"""Stacking in a run: files that equal a plain recomputation, and limits that stay frozen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evenground.config import FactorSettings, RunSettings, StackingSettings
from evenground.exposure.supplied import Supplied
from evenground.names import BURDEN_LAYERS, HEAT, LAYERS, LIVEABILITY, NO2, NOISE, PM25
from evenground.objectives import cumulative as forms
from evenground.objectives.health import all_causes, death_fractions
from evenground.objectives.inequality import quantile
from evenground.optimise import SCORES, Found, search
from evenground.pipeline import Model, build_run, write_stacking
from evenground.results import Run, Stacking, stack_up
from evenground.results.policies import split_by_sector
from evenground.results.stacking import edges

pytestmark = pytest.mark.jit

NORM = {NO2: 10.0, PM25: 5.0, NOISE: 53.0, HEAT: 1.0}
BAD = {NO2: 20.0, PM25: 10.0, NOISE: 63.0, HEAT: 2.0}


@pytest.fixture(scope="module")
def found(small_model: Model) -> Found:
    return search(small_model.problem)


@pytest.fixture(scope="module")
def run(small_model: Model, found: Found) -> Run:
    return build_run(small_model, found)


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "stacking"
    write_stacking(run, path)
    return path


@pytest.fixture(scope="module")
def table(folder: Path) -> pd.DataFrame:
    """Return measures as written, by measure and plan."""
    return pd.read_csv(folder / "measures.csv").pivot_table(
        index="measure", columns="plan", values="value"
    )


def plans(run: Run, model: Model) -> dict[str, np.ndarray]:
    return {"today": model.problem.empty} | {p.id: p.plan for p in run.proposals}


def exposure(model: Model, plan: np.ndarray) -> dict[str, np.ndarray]:
    values = model.problem.evaluator.exposure(plan).astype(float)
    return dict(zip(LAYERS, values, strict=True))


def mean(model: Model, values: np.ndarray) -> float:
    return float(np.average(values, weights=model.study.receptors.residents))


def stacked(model: Model, *supplied: Supplied, **change: object) -> Stacking:
    settings = model.settings.model_copy(update={"stacking": StackingSettings(**change)})
    plan = {"today": model.problem.empty}
    return stack_up(
        model.problem, model.study, model.health, settings, plan, supplied=tuple(supplied)
    )


def test_measures__of_exposure_equal_a_plain_recomputation(
    run: Run, small_model: Model, table: pd.DataFrame
) -> None:
    now = exposure(small_model, small_model.problem.empty)
    people = small_model.study.receptors.residents
    edge = {layer: quantile(now[layer], people, 0.8) for layer in NORM}
    for name, plan in plans(run, small_model).items():
        met = exposure(small_model, plan)
        count = sum((met[layer] > norm).astype(float) for layer, norm in NORM.items())
        soft = sum(
            np.clip((met[layer] - NORM[layer]) / (BAD[layer] - NORM[layer]), 0.0, 1.0) / 4.0
            for layer in NORM
        )
        tails = sum((met[layer] >= edge[layer]).astype(int) for layer in NORM) >= 3

        of = table[name]
        assert of["norms_exceeded"] == pytest.approx(mean(small_model, count))
        for least in (1, 2, 3):
            share = mean(small_model, count >= least)
            assert of[f"at_least_{least}"] == pytest.approx(share)
        assert of["soft_exceedance"] == pytest.approx(mean(small_model, soft))
        # the edge is that of today, whatever the plan
        assert of["in_three_tails"] == pytest.approx(mean(small_model, tails))


def test_measures__of_burden_equal_those_of_the_search(
    run: Run, small_model: Model, table: pd.DataFrame
) -> None:
    people = small_model.study.receptors.residents.sum()
    total = all_causes(small_model.study, small_model.settings.health).sum()
    for name, plan in plans(run, small_model).items():
        scores, _ = small_model.problem.scores(plan[None, :])
        burden = scores[0, SCORES.index("burden")]

        assert table[name]["superadditive_0"] == pytest.approx(1000.0 * burden / people, rel=1e-4)
        assert table[name]["mgr_like"] == pytest.approx(100.0 * burden / total, rel=1e-4)
        ratio = scores[0, SCORES.index("stacking")] / run.today.scores["stacking"]
        assert table[name]["stacking"] == pytest.approx(100.0 * ratio, rel=1e-4)


def test_edges__begin_the_worst_fifth_and_are_nowhere_without_differences() -> None:
    # a third share the highest value of the first, as within one postcode; the second is flat
    today = np.array([[1.0, 5.0], [2.0, 5.0], [9.0, 5.0], [9.0, 5.0]])
    people = np.array([3.0, 5.0, 2.0, 2.0])

    edge = edges(today, people)

    np.testing.assert_array_equal(edge, [9.0, np.inf])
    assert forms.stack_of_tails(today, edge, people, 1) == pytest.approx(4.0 / 12.0)


def test_measures__of_deaths_stand_in_order(table: pd.DataFrame) -> None:
    assert (table.loc["fraction_joint"] < table.loc["fraction_additive"]).all()
    assert (table.loc["superadditive_0"] < table.loc["superadditive_0.1"]).all()
    assert (table.loc["superadditive_0.1"] < table.loc["superadditive_0.25"]).all()
    assert (table.loc["power_mean_2"] < table.loc["power_mean_3"]).all()
    assert (table.loc["power_mean_3"] < table.loc["power_mean_4"]).all()


def test_death_fractions__take_overlap_and_summer_into_account(small_model: Model) -> None:
    dose, health = small_model.health.dose, small_model.settings.health
    met = np.zeros((len(LAYERS), 1))
    for layer, value in {HEAT: 1.5, NOISE: 60.0, NO2: 25.0, PM25: 12.0}.items():
        met[LAYERS.index(layer)] = value

    fraction = dict(zip(BURDEN_LAYERS, death_fractions(dose, met, health)[0], strict=True))

    assert fraction[HEAT] == pytest.approx(0.24 * (1.0 - 1.015**-1.5), rel=1e-4)
    assert fraction[NOISE] == pytest.approx(1.0 - 1.055**-1.5, rel=1e-4)
    assert fraction[NO2] == pytest.approx(0.67 * (1.0 - 1.02**-1.5), rel=1e-4)
    assert fraction[PM25] == pytest.approx(1.0 - 1.08**-0.7, rel=1e-4)


def test_all_causes__keeps_the_national_burden_and_follows_age(small_model: Model) -> None:
    study, health = small_model.study, small_model.settings.health
    # deaths per person times 11 years: 0.443 at 65 and over; the mean of the country is 0.1045
    old = np.array([age == "65_plus" for age in study.groups["age"]])
    only_old = replace(study, group_residents=study.group_residents * old[:, None])
    plain = health.model_copy(update={"ses_rate_lowest": 1.0, "ses_rate_highest": 1.0})

    per_person = all_causes(only_old, plain).sum() / only_old.group_residents.sum()

    mean_lost = 11.0 * sum(
        share * deaths
        for share, deaths in (
            (0.152, 0.00027), (0.122, 0.00028), (0.258, 0.00072), (0.263, 0.00372), (0.205, 0.0403)
        )
    )  # fmt: skip
    assert per_person == pytest.approx(11.0 * 0.0403 + 0.28 - mean_lost)
    assert all_causes(study, health).sum() == pytest.approx(all_causes(study, plain).sum())


def test_people__add_up_to_all_residents_and_match_the_norms(
    run: Run, small_model: Model, folder: Path
) -> None:
    people = pd.read_csv(folder / "people.csv")
    study = small_model.study

    for name, plan in plans(run, small_model).items():
        own = people[people["plan"] == name]
        met = exposure(small_model, plan)
        count = sum((met[layer] > norm).astype(int) for layer, norm in NORM.items())
        living = np.bincount(count, study.receptors.residents, 5)
        np.testing.assert_allclose(own.groupby("norms")["persons"].sum(), living, atol=1e-6)
        at_least = own.groupby("norms")["persons_at_least"].sum()
        np.testing.assert_allclose(at_least, living[::-1].cumsum()[::-1], atol=1e-6)
    by_group = people[people["plan"] == "today"].groupby(["age", "income"])["persons"].sum()
    groups = study.groups[["age", "income"]].itertuples(index=False)
    for (age, income), residents in zip(groups, study.group_residents.sum(axis=1), strict=True):
        assert by_group[age, income] == pytest.approx(residents, abs=1e-6)


def test_neighbourhoods__have_the_means_scores_and_flags_of_today(
    run: Run, small_model: Model, folder: Path, table: pd.DataFrame
) -> None:
    places = pd.read_csv(folder / "neighbourhoods.csv")
    people = small_model.study.group_residents.sum(axis=0)

    for name in ("norms_exceeded", "soft_exceedance", "in_three_tails", "stacking"):
        known = places[name].notna()
        mean_of = np.average(places.loc[known, name], weights=people[known])
        assert mean_of == pytest.approx(table["today"][name])
    np.testing.assert_array_equal(
        places["ges_noise"].dropna(),
        forms.ges_score("Lden", run.today.exposure[LAYERS.index(NOISE)][people > 0.0]),
    )
    scores = places[["ges_noise", "ges_no2"]].to_numpy(float)
    known = places["ges_insufficient"].notna()
    np.testing.assert_array_equal(
        places["ges_insufficient"][known], (scores >= 6.0).sum(axis=1)[known]
    )
    lived_in = people >= 10.0
    frame = small_model.study.neighbourhoods
    expected = forms.is_priority(
        np.where(lived_in, frame["ses"], np.nan), np.where(lived_in, frame[LIVEABILITY], np.nan)
    )
    np.testing.assert_array_equal(places["is_priority"], expected)
    assert expected.any()


def test_policies__are_what_all_sectors_do_less_each_alone(run: Run, small_model: Model) -> None:
    problem, policies = small_model.problem, run.stacking.policies
    told = 0
    for proposal in run.proposals:
        parts = split_by_sector(problem, proposal.plan)
        np.testing.assert_array_equal(sum(parts.values()), proposal.plan)
        own = policies[policies["plan"] == proposal.id].set_index(["score", "part"])["effect"]
        now = run.today.scores
        together = proposal.assessment.scores["burden"] - now["burden"]
        assert own["burden", "together"] == pytest.approx(together)
        for score in ("burden", "stacking", "at_least_3"):
            alone = sum(own[score, part] for part in parts)
            more = own[score, "together"] - alone
            assert own[score, "stacking"] == pytest.approx(more, abs=1e-9)
            told += len(parts) > 1
    assert told > 0


def test_supplied_factors__are_counted_always_and_stacked_on_request(small_model: Model) -> None:
    study = small_model.study
    values = np.where(np.arange(study.receptors.residents.size) % 2 == 0, 8.0, 2.0)
    values[:5] = np.nan
    odour = FactorSettings(
        file="geur.tif", year=2023, source="gemeente", licence="CC0", quality="modelled",
        unit="ouE m-3", range=(0.0, 20.0), worse="higher", norm=5.0, norm_source="gemeente",
        bad=9.0,
    )  # fmt: skip
    empty = np.zeros(len(study.neighbourhoods))
    part = Supplied("odour", "odour", "Geur", odour, values, empty, empty, empty, None)

    plain, beside = stacked(small_model), stacked(small_model, part)
    both = stacked(small_model, part, supplied=True)

    by = [found.measures.set_index("measure")["value"] for found in (plain, beside, both)]
    assert by[1]["soft_exceedance"] == by[0]["soft_exceedance"]
    assert by[1]["norms_exceeded"] == by[0]["norms_exceeded"]
    known = np.isfinite(values)
    weight = study.receptors.residents[known]
    met = exposure(small_model, small_model.problem.empty)
    layers = sum((met[layer] > norm).astype(float) for layer, norm in NORM.items())[known]
    counted = np.average(layers + (values[known] > 5.0), weights=weight)
    assert by[1]["norms_exceeded_with_supplied"] == pytest.approx(counted)
    assert by[2]["norms_exceeded"] == pytest.approx(counted)
    soft = sum(
        np.clip((met[layer] - NORM[layer]) / (BAD[layer] - NORM[layer]), 0.0, 1.0) for layer in NORM
    )[known]
    odorous = np.where(values[known] == 8.0, 0.75, 0.0)
    expected = np.average((soft + odorous) / 5.0, weights=weight)
    assert by[2]["soft_exceedance"] == pytest.approx(expected)
    unknown = both.people[both.people["norms"].isna() & (both.people["counted"] != "layers")]
    lost = study.receptors.residents[~known].sum()
    assert unknown["persons"].sum() == pytest.approx(lost)


def test_ges__of_a_supplied_pm10_map_has_its_own_classes(small_model: Model) -> None:
    study = small_model.study
    values = np.full(study.receptors.residents.size, 32.0)
    pm10 = FactorSettings(
        file="pm10.tif", year=2023, source="RIVM", licence="CC0", quality="modelled",
        unit="ug m-3", range=(0.0, 100.0), worse="higher", factor="air",
    )  # fmt: skip
    empty = np.zeros(len(study.neighbourhoods))

    found = stacked(small_model, Supplied("pm10", "air", "PM10", pm10, values, *[empty] * 3, None))

    own = found.ges_people.query("factor == 'pm10'").set_index("score")["persons"]
    assert own[5] == pytest.approx(study.receptors.residents.sum())
    assert own.sum() == pytest.approx(own[5])
    assert set(found.neighbourhoods["ges_pm10"].dropna()) == {5.0}


def test_ges_edition__can_be_chosen(small_model: Model) -> None:
    plain, other = stacked(small_model), stacked(small_model, ges={"NO2": "handbook_2012"})

    no2 = [found.ges.query("factor == 'no2'")["score"].dropna() for found in (plain, other)]
    assert set(no2[0]) == {4.0}
    assert set(no2[1]) <= {3.0, 4.0}
    assert 3.0 in set(no2[1])


def test_run__without_liveability_has_no_priority(small_model: Model) -> None:
    bare = small_model.study.neighbourhoods.assign(**{LIVEABILITY: np.nan})
    study = replace(small_model.study, neighbourhoods=bare)

    found = stacked(replace(small_model, study=study))

    assert not found.has_liveability
    assert not found.neighbourhoods["is_priority"].any()


def test_settings__refuse_an_edition_that_is_not_shipped(small_settings: RunSettings) -> None:
    raw = small_settings.model_dump(mode="json", exclude_none=True)

    with pytest.raises(ValueError, match="flanders_2017"):
        RunSettings.model_validate(raw | {"stacking": {"ges": {"NO2": "handbook_2018"}}})
