"""Plans to compare with, and the price of fairness, in the hand city and the small town."""

import numpy as np
import pytest
from hand_city import write_city

from evenground.config import read_settings
from evenground.constraints import check_plan, neighbourhood_of, spend_of
from evenground.optimise import SCORES, divide, search
from evenground.optimise.start import make_batches
from evenground.pipeline import Model, build_model
from evenground.results import BASELINES, assess, build_baselines, price_fairness
from evenground.results.baselines import by_ground, ground_share, per_head

pytestmark = pytest.mark.jit


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = write_city(tmp_path_factory.mktemp("hand"))
    return build_model(read_settings(path), path.parent)


def test_ground_share__by_hand(city: Model) -> None:
    # public paving in cells: A 2 x 0.3 + 3 x 0.8 + 0.012 = 3.012, B 2 x 0.3 + 2 x 0.8 = 2.2,
    # C 0.8 + 0.7025 = 1.5025, in all 6.7145; streets: A 200 m of main and 100 m of local
    # street, B 200 m, C none
    paving = np.array([3.012, 2.2, 1.5025]) / 6.7145
    street = np.array([0.6, 0.4, 0.0])

    np.testing.assert_allclose(ground_share(city.study), (paving + street) / 2.0, rtol=1e-6)


def test_per_head__of_the_hand_city_weighs_by_residents_and_orders_by_gain_per_euro(
    city: Model,
) -> None:
    parts = per_head(city.problem, city.study)

    assert [part.weight for part in parts] == pytest.approx([200.0, 600.0, 200.0])
    gain = city.problem.gains(city.problem.empty, {"burden": 1.0})
    value = gain / city.problem.rules.price_eur
    where = neighbourhood_of(city.options, city.study)
    for n, part in enumerate(parts):
        assert part.options.size > 0
        assert (where[part.options] == n).all()
        assert (gain[part.options] > 0.0).all()
        assert (np.diff(value[part.options]) <= 0.0).all()


def test_per_head__spends_the_same_for_every_resident_to_within_a_step(city: Model) -> None:
    problem = city.problem
    budget = 40_000.0
    parts = per_head(problem, city.study)

    found = divide(problem, parts, budget)

    euros = spend_of(found, problem.rules)
    for part, share in zip(parts, (0.2, 0.6, 0.2), strict=True):
        step = problem.rules.capital_eur[part.options].max()
        assert abs(euros[part.options].sum() - share * budget) <= step


def test_by_ground__spreads_evenly_over_what_fits_whatever_it_gains(city: Model) -> None:
    parts = by_ground(city.problem, city.study)
    weight = ground_share(city.study)
    where = neighbourhood_of(city.options, city.study)
    kind = city.options.intervention

    for n in range(3):
        kinds = np.unique(kind[where == n])
        here = [part for part in parts if (where[part.options] == n).all()]
        assert len(here) == kinds.size
        assert [part.weight for part in here] == pytest.approx([weight[n] / kinds.size] * len(here))
        for part in here:
            assert np.unique(kind[part.options]).size == 1
            room = (city.problem.rules.most * city.problem.rules.capital_eur)[part.options]
            assert (np.diff(room) <= 0.0).all()


def test_baselines__respect_the_rules_and_are_the_same_twice(small_model: Model) -> None:
    problem, study = small_model.problem, small_model.study
    today = assess(problem, study, problem.empty)

    found = build_baselines(problem, study, today)

    assert [plan.id for plan in found] == ["gelijk_per_inwoner", "huidige_praktijk"]
    for plan, again in zip(found, build_baselines(problem, study, today), strict=True):
        assert check_plan(plan.plan, problem.rules) == ()
        assert (plan.plan == again.plan).all()
        assert plan.assessment.scores["burden"] < today.scores["burden"]
        assert plan.works["capital_eur"].sum() == pytest.approx(plan.assessment.scores["capital"])


def test_price_fairness__is_health_given_up_for_a_smaller_gap(small_model: Model) -> None:
    problem, study = small_model.problem, small_model.study
    today = assess(problem, study, problem.empty)
    per_resident, practice = build_baselines(problem, study, today)

    # the two rules stand for proposals here, the first alone for a baseline
    table = price_fairness(problem, study, today, (per_resident, practice), (per_resident,))

    assert table["kind"].tolist() == ["proposal", "proposal", "baseline"]
    won = [today.scores["burden"] - p.assessment.scores["burden"] for p in (per_resident, practice)]
    np.testing.assert_allclose(table["won_daly"], [*won, won[0]])
    np.testing.assert_allclose(table["given_up_daly"], max(won) - np.array([*won, won[0]]))
    best = int(np.argmax(won))
    for gap in ("gap", "ses_gap"):
        closed = [
            today.measures[gap] - p.assessment.measures[gap] for p in (per_resident, practice)
        ]
        np.testing.assert_allclose(table[f"{gap}_closed"][:2], closed)
        np.testing.assert_allclose(
            table[f"{gap}_closed_beyond"][:2], np.array(closed) - closed[best]
        )


def test_price_fairness__compares_with_rules_for_as_many_euros(small_model: Model) -> None:
    problem, study = small_model.problem, small_model.study
    today = assess(problem, study, problem.empty)
    (cheap, *_) = build_baselines(problem.with_budget(200_000.0), study, today)
    (dear, *_) = build_baselines(problem, study, today)

    table = price_fairness(problem, study, today, (cheap, dear), ())

    for rule in BASELINES:
        for row, plan in zip(table.to_dict("records"), (cheap, dear), strict=True):
            eur = plan.assessment.scores["capital"]
            alike = divide(problem, rule.parts(problem, study), eur)
            scores, _ = problem.scores(np.stack([problem.empty, alike]))
            burden = scores[:, SCORES.index("burden")]
            assert row[f"won_daly_{rule.id}"] == pytest.approx(burden[0] - burden[1], rel=1e-6)


def test_search__begins_with_the_plans_of_the_rules_and_keeps_them(small_model: Model) -> None:
    problem, study = small_model.problem, small_model.study
    today = assess(problem, study, problem.empty)
    made = np.stack([rule.plan for rule in build_baselines(problem, study, today)])

    first = next(make_batches(problem))
    found = search(problem.with_search(problem.search.model_copy(update={"evaluations": 0})))

    np.testing.assert_array_equal(first[-len(made) :], made)
    kept = found.archive.dense(range(len(found.archive)))
    for plan in made:
        assert found.archive.is_seed[(kept == plan).all(axis=1)].all()
        assert (kept == plan).all(axis=1).any()
    # the rules divide whatever budget is asked for
    less = problem.with_budget(0.5 * problem.search.budget_eur)
    spent = next(make_batches(less))[-len(made) :] @ problem.options.capital_eur
    assert (spent <= less.search.budget_eur * (1 + 1e-9)).all()
    assert (spent > 0.4 * less.search.budget_eur).all()
