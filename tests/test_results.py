"""Proposals that differ and are what their names say; numbers, certainty and findings."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from evenground.config import BehaviourSettings, RunSettings
from evenground.interventions import read_catalogue
from evenground.objectives.inequality import concentration_index, kolm_pollak_ede, mean
from evenground.optimise import SCORES, Archive, Found, search
from evenground.pipeline import Model
from evenground.results import (
    GAP,
    PICKS,
    SES_GAP,
    Assessment,
    Proposal,
    assess,
    brought_by,
    build_front,
    find,
    harms_nobody,
    list_assumptions,
    list_certainty,
    list_works,
    select_proposals,
    split_inequality,
    tell_origins,
    tell_unplaced,
    unlike,
)
from evenground.results.certainty import ASSUMED_NL, ONLY_MODELLED_HEAT
from evenground.results.numbers import (
    change,
    compact,
    decimals_of,
    euro,
    number,
    percent,
    persons,
    round_step,
)
from evenground.results.select import UNLIKE_SCORE, UNLIKE_SPACE, scale_scores


@pytest.fixture(scope="module")
def found(small_model: Model) -> Found:
    return search(small_model.problem)


@pytest.fixture(scope="module")
def today(small_model: Model) -> Assessment:
    return assess(small_model.problem, small_model.study, small_model.problem.empty)


@pytest.fixture(scope="module")
def proposals(small_model: Model, found: Found, today: Assessment) -> tuple[Proposal, ...]:
    return select_proposals(small_model.problem, small_model.study, found.archive, today, 7)


def named(proposals: tuple[Proposal, ...], name: str) -> Proposal:
    return next(proposal for proposal in proposals if proposal.id == name)


def test_select_proposals__gives_five_to_seven_within_budget(
    small_model: Model, proposals: tuple[Proposal, ...]
) -> None:
    assert 5 <= len(proposals) <= 7
    assert len({proposal.id for proposal in proposals}) == len(proposals)
    for proposal in proposals:
        assert proposal.assessment.scores["capital"] <= small_model.settings.search.budget_eur


def test_select_proposals__are_clearly_different_in_space_and_in_scores(
    small_model: Model, found: Found, today: Assessment, proposals: tuple[Proposal, ...]
) -> None:
    table = scale_scores(found.archive.scores, today, small_model.problem)
    euros = small_model.options.capital_eur

    for one, two in combinations(proposals, 2):
        assert unlike(one.plan, two.plan, euros) >= UNLIKE_SPACE
        apart = [abs(row[one.candidate] - row[two.candidate]) for row in table.values()]
        assert max(apart) >= UNLIKE_SCORE


def test_select_proposals__are_what_their_reasons_say(
    found: Found, today: Assessment, proposals: tuple[Proposal, ...]
) -> None:
    scores = {name: found.archive.scores[:, k] for k, name in enumerate(SCORES)}
    column = {
        "gezondst": "burden",
        "minst_gestapeld": "stacking",
        "kleinste_kloof": "ses_gradient",
        "meeste_spelen": "access",
    }

    for proposal in proposals:
        if proposal.id in column and not proposal.reason.startswith("Bijna"):
            name = column[proposal.id]
            assert proposal.assessment.scores[name] == scores[name].min()
    for proposal in proposals:
        for name in column.values():
            assert proposal.assessment.scores[name] == scores[name][proposal.candidate]
    cheap = named(proposals, "goedkoopst")
    most = today.scores["burden"] - scores["burden"].min()
    assert today.scores["burden"] - cheap.assessment.scores["burden"] >= 0.5 * most
    gaps = {proposal.id: proposal.assessment.measures["gap"] for proposal in proposals}
    if "eerlijkst" in gaps:
        assert gaps["eerlijkst"] <= min(gaps.values()) + 0.1 * today.measures["gap"]


def test_select_proposals__holds_one_that_lowers_all_and_harms_nobody(
    small_model: Model, today: Assessment, proposals: tuple[Proposal, ...]
) -> None:
    chosen = [proposal for proposal in proposals if proposal.helps_all]

    assert chosen
    people = small_model.study.group_residents.sum(axis=0)
    for proposal in chosen:
        after = proposal.assessment
        for name in ("burden", "inequality", "stacking"):
            assert after.scores[name] < today.scores[name]
        assert after.measures["gap"] < today.measures["gap"]
        # every group in every neighbourhood, not their sum
        worse = after.burden.sum(axis=1) - today.burden.sum(axis=1)
        assert (1000.0 * worse / np.maximum(people, 1.0)).max() <= 1e-9
        assert (after.stacking - today.stacking).max() <= 1e-6


def test_select_proposals__tells_of_a_pick_that_is_much_like_an_earlier_one(
    small_model: Model, found: Found, today: Assessment
) -> None:
    archive = found.archive
    k = int(np.argmin(archive.scores[:, SCORES.index("burden")]))
    alone = Archive(
        archive.n_option,
        archive.goals[[k]],
        archive.scores[[k]],
        archive.origin[[k]],
        archive.keys[[k]],
        [archive.plans[k]],
    )

    (only,) = select_proposals(small_model.problem, small_model.study, alone, today, 7)

    assert only.id == "gezondst"
    assert {"In balans", "Minst gestapeld"} <= set(only.also)


def test_select_proposals__of_doing_nothing_are_none(small_model: Model, today: Assessment) -> None:
    problem = small_model.problem
    scores, _ = problem.scores(problem.empty[None, :])
    archive = Archive.empty(problem.options.most.size, len(problem.goals), len(SCORES))

    for nothing in (archive, _with_empty_plan(archive, scores, problem.goals)):
        assert select_proposals(problem, small_model.study, nothing, today, 7) == ()


def _with_empty_plan(archive: Archive, scores: np.ndarray, goals: list[int]) -> Archive:
    none = (np.zeros(0, np.int32), np.zeros(0, np.int16))
    origin, keys = np.zeros(1, np.int8), np.zeros(1, np.uint64)
    return replace(
        archive, goals=scores[:, goals], scores=scores, origin=origin, keys=keys, plans=[none]
    )


def test_picks__have_ids_and_dutch_reasons_of_their_own() -> None:
    assert len({pick.id for pick in PICKS}) == len(PICKS) >= 7
    assert len({pick.best for pick in PICKS} | {pick.near for pick in PICKS}) == 2 * len(PICKS)


def test_unlike__by_hand() -> None:
    # 10 and 30 euros against 10 and 10: they share 20 of the 40 that either spends
    first, second = np.array([1, 3], np.int16), np.array([1, 1], np.int16)

    assert unlike(first, second, np.array([10.0, 10.0])) == pytest.approx(0.5)
    assert unlike(first, first, np.array([10.0, 10.0])) == 0.0
    assert unlike(0 * first, 0 * first, np.array([10.0, 10.0])) == 0.0


def test_harms_nobody__is_true_of_doing_nothing_and_false_of_more_traffic(
    small_model: Model,
) -> None:
    problem = small_model.problem
    car_free = problem.options.interventions.index.get_loc("car_free")
    moved = np.where(problem.options.intervention == car_free, problem.options.most, 0)
    one = np.zeros_like(problem.empty)
    one[int(np.argmax(moved))] = moved.max()
    evaluations = [problem.scores(plan[None, :])[1] for plan in (problem.empty, one)]
    worse = (evaluations[1].burden - evaluations[0].burden).max() > 1e-6

    harmless = harms_nobody(problem, np.stack([problem.empty, one]))

    assert harmless[0]
    assert bool(harmless[1]) is not bool(worse)


def test_assess__shows_absolute_beside_relative_inequality(
    small_model: Model, today: Assessment
) -> None:
    frame = small_model.problem.frame
    kept = frame.is_assessed & (frame.residents > 0.0)
    people = frame.residents[kept]
    y = 1000.0 * today.burden.sum(axis=(0, 1))[kept] / people
    known = np.isfinite(frame.ses_rank[kept])
    measures = today.measures

    gap = float(kolm_pollak_ede(y, people, frame.kappa) - mean(y, people))
    assert measures["gap"] == pytest.approx(gap)
    assert measures["gap_share"] == pytest.approx(gap / float(mean(y, people)))
    index = concentration_index(y[known], people[known], frame.ses_rank[kept][known])
    assert measures["ses_gap_share"] == pytest.approx(-float(index), abs=1e-6)
    assert today.exceeded.sum() == pytest.approx(people.sum())


def test_split_inequality__sums_to_the_measures(small_model: Model, today: Assessment) -> None:
    split = split_inequality(small_model.problem, small_model.study, small_model.health)

    assert split.loc[GAP, "total"] == pytest.approx(today.measures["gap"], rel=1e-9)
    assert split.loc[SES_GAP, "total"] == pytest.approx(today.measures["ses_gap"], rel=1e-6)


def test_list_works__sums_to_the_cost_of_the_plan(
    small_model: Model, proposals: tuple[Proposal, ...]
) -> None:
    for proposal in proposals:
        works = list_works(small_model.options, small_model.study, proposal.plan)
        assert works["capital_eur"].sum() == pytest.approx(proposal.assessment.scores["capital"])
        assert (works["amount"] > 0).all()


def test_list_works__holds_what_starting_costs(
    small_model: Model, proposals: tuple[Proposal, ...]
) -> None:
    options, plan = small_model.options, proposals[0].plan
    names = options.interventions.index.to_numpy()[options.intervention]
    some, other = np.unique(names[plan > 0])[:2].tolist()
    dearer = options.with_fixed({some: 1000.0, other: 500.0})
    started = {name: int((plan[names == name] > 0).sum()) for name in (some, other)}

    before, after = (list_works(part, small_model.study, plan) for part in (options, dearer))

    more = 1000.0 * started[some] + 500.0 * started[other]
    assert more > 0.0
    assert (after["capital_eur"] - before["capital_eur"]).sum() == pytest.approx(more)
    assert (after["yearly_eur"] >= before["yearly_eur"]).all()


def test_find__says_when_a_goal_has_almost_nothing_to_work_on(
    found: Found, today: Assessment
) -> None:
    flat = replace(today, measures={**today.measures, "gap_share": 0.001, "ses_gap_share": -0.01})
    split = pd.DataFrame(
        {"exposure": [-0.1, 0.01], "age": [0.5, 0.4], "vulnerability": [0.6, 0.59]},
        index=[GAP, SES_GAP],
    )
    split["total"] = split.sum(axis=1)

    text = " ".join(find(flat, split, found))

    assert "0,1 % van de gemiddelde ziektelast" in text
    assert "niets om aan te werken" in text
    assert "maakt de verschillen tussen buurten nu 10 % kleiner, niet groter" in text
    assert "verklaart maar 1 % van de SES-kloof" in text


def test_find__is_silent_where_goals_have_work(found: Found, today: Assessment) -> None:
    uneven = replace(
        today,
        measures={**today.measures, "gap_share": 0.2, "ses_gap_share": 0.1},
        exceeded=np.eye(5),
    )
    split = pd.DataFrame({"exposure": [1.0, 1.0], "total": [1.0, 1.0]}, index=[GAP, SES_GAP])

    assert find(uneven, split, replace(found, is_cut_short=False)) == []
    asked = replace(uneven, scores={**uneven.scores, "erreygers": 0.0, "gini": 0.1})
    told = " ".join(find(asked, split, replace(found, is_cut_short=False)))
    assert "Index van Erreygers, ernstige hinder\u2019 heeft niets om aan te werken" in told
    assert "Gini" not in told


def test_find__says_that_ses_is_unknown(found: Found, today: Assessment) -> None:
    blind = replace(today, measures={**today.measures, "ses_gap_share": np.nan})
    split = pd.DataFrame({"exposure": [1.0], "total": [1.0]}, index=[GAP])

    assert "SES van de buurten is onbekend" in " ".join(find(blind, split, found))


def test_list_works__names_owners_in_dutch_and_carries_fixed_costs(small_model: Model) -> None:
    options = small_model.options
    kinds = options.interventions.assign(owner=["housing association / VvE"] * 7)
    other = replace(options, interventions=kinds, fixed_eur=np.full(options.most.size, 900.0))

    works = list_works(other, small_model.study, options.most)

    assert set(works["owner"]) == {"woningcorporatie of VvE"}
    assert (works["fixed_eur"] == 900.0).all()


def test_tell_unplaced__names_what_fits_nowhere(small_model: Model) -> None:
    options, study = small_model.options, small_model.study
    settings = small_model.settings.interventions
    first = options.intervention == 0

    fewer = replace(options, intervention=options.intervention[~first])
    (told,) = tell_unplaced(fewer, study, settings)

    assert tell_unplaced(options, study, settings) == ()
    assert told == (
        f"Nergens in het gebied is plek voor: {options.interventions['name_nl'].iloc[0]}."
    )


def test_list_certainty__names_the_weakest_numbers(small_settings: RunSettings) -> None:
    catalogue = read_catalogue(small_settings.interventions)

    burden, green, norms, cost, mgr, soft, ges = list_certainty(small_settings, catalogue)

    assert burden.status == green.status == norms.status == "aanname"
    assert "sterfte en ziekte bij de laagste SES" in burden.weakest
    assert norms.weakest == ("norm voor warmte",)
    assert "jaren met ziekte, gelijk over de leeftijden verdeeld" in mgr.weakest
    assert "grens van slecht voor geluid" in soft.weakest
    assert (ges.status, ges.weakest) == ("bekend uit de literatuur", ("klassen voor geluid",))
    assert cost.status == "bekend uit de literatuur"


def test_list_certainty__gets_stronger_when_the_weak_numbers_go(
    small_settings: RunSettings,
) -> None:
    catalogue = read_catalogue(small_settings.interventions)
    sure = catalogue.assign(cost_status="confirmed (read)")

    assert list_certainty(small_settings, sure)[3].status == "bevestigd"
    assert list_certainty(small_settings, catalogue.iloc[:0])[3].weakest == ()


def test_list_assumptions__forgets_no_setting_and_names_each_in_dutch(
    small_settings: RunSettings,
) -> None:
    behaviour = BehaviourSettings(
        walk_minutes_per_green_share=30.0, walk_minutes_today=90.0, source="a guess"
    )
    health = small_settings.health.model_copy(update={"behaviour": behaviour})
    bare = small_settings.model_copy(update={"layers": {}, "health": health})

    assert set(list_assumptions(bare)) <= set(ASSUMED_NL)
    assert not any("behaviour" in key for key in list_assumptions(small_settings))
    assert list_assumptions(bare)["health.behaviour.walk_minutes_today"][1] == 90.0
    assert set(ONLY_MODELLED_HEAT) <= set(list_assumptions(bare))
    if "heat" in small_settings.layers:
        assert not set(ONLY_MODELLED_HEAT) & set(list_assumptions(small_settings))


def test_numbers__are_written_as_the_dutch_do() -> None:
    expected = [
        (number(1234567.891, 2), "1.234.567,89"),
        (number(-0.004, 2), "0,00"),
        (number(-1234.5, 1), "\N{MINUS SIGN}1.234,5"),
        (number(float("nan")), "onbekend"),
        (compact(17.5), "17,5"),
        (compact(20.0), "20"),
        (compact(1000.0), "1.000"),
        (change(0.04), "0,0"),
        (change(1.25, 2), "+1,25"),
        (change(-3.0, 0), "\N{MINUS SIGN}3"),
        (change(float("inf")), "onbekend"),
        (percent(90.0, 100.0), "\N{MINUS SIGN}10,0\N{NO-BREAK SPACE}%"),
        (percent(1.0, 0.0), "onbekend"),
        (euro(1.5e6), "€\N{NO-BREAK SPACE}1.500.000"),
        (persons(5.0), "minder dan 10"),
        (persons(0.0), "0"),
        (persons(float("nan")), "onbekend"),
        (persons(12345.0), "12.345"),
    ]

    assert [made for made, _ in expected] == [wanted for _, wanted in expected]


@pytest.mark.parametrize(
    ("width", "step", "decimals"),
    [(0.7, 1.0, 0), (1.2, 2.0, 0), (2.1, 2.5, 1), (0.021, 0.025, 3), (4.0, 5.0, 0), (0.0, 1.0, 0)],
)
def test_round_step__gives_bounds_that_people_can_read(
    width: float, step: float, decimals: int
) -> None:
    assert round_step(width) == pytest.approx(step)
    assert decimals_of(round_step(width)) == decimals


def test_tell_origins__by_hand() -> None:
    # 0.4 by seeds, 0.1 and 0.2 by evolution, 0.05 by small moves, then 0.05 by evolution again
    told = ["seed", "evolution", "evolution", "local", "evolution"]
    history = pd.DataFrame({"by": told, "hypervolume": [0.4, 0.5, 0.7, 0.75, 0.8]})
    front = xr.Dataset({"origin": ("candidate", np.array([0, 2, 2, 2, 3, 2], np.int8))})

    found = tell_origins(history, front)

    assert [part.origin for part in found] == ["seed", "evolution", "local"]
    assert [part.kept for part in found] == [1, 4, 1]
    np.testing.assert_allclose([part.share for part in found], [0.5, 0.4375, 0.0625])


def test_tell_origins__of_a_search_that_reached_nothing() -> None:
    history = pd.DataFrame({"by": ["seed"], "hypervolume": [0.0]})
    front = xr.Dataset({"origin": ("candidate", np.zeros(1, np.int8))})

    (only,) = tell_origins(history, front)

    assert (only.share, only.kept) == (0.0, 1)


def test_build_front__tells_what_each_part_of_the_search_added(found: Found) -> None:
    front = build_front(found.archive, history=found.history)

    added = brought_by(found.history)
    assert {f"hypervolume_by_{name}": value for name, value in added.items()}.items() <= (
        front.attrs.items()
    )
    assert front["origin"].attrs["flag_meanings"].split()[0] == "seed"
    np.testing.assert_array_equal(front["origin"] == 0, front["is_seed"] == 1)
