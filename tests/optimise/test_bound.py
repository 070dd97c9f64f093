"""The bound: below every plan there is, and close to the best."""

import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from evenground.constraints import Rules
from evenground.interventions import build_response
from evenground.optimise import SCORES, City, Problem, bound, search
from evenground.optimise.archive import SEED, Archive
from evenground.optimise.bound import (
    BUDGETS,
    EXACT,
    LINE,
    NO_TIME,
    Minorants,
    lower_hull,
)
from evenground.optimise.bound import (
    table as module,
)
from evenground.optimise.bound.changes import most_together, part_taken
from evenground.optimise.bound.hulls import Hull
from evenground.pipeline import Model

from .case import random_plans, with_options, with_search

pytestmark = pytest.mark.jit

MOST_PLANS = 20_000


def city_of(model: Model, problem: Problem) -> City:
    settings = model.settings
    response = build_response(
        model.study, model.baseline, problem.options, settings.exposure, settings.interventions
    )
    return City(response, model.study.receptors, model.health.dose, model.study.group_residents)


def small_city(model: Model, seed: int) -> tuple[Problem, City, np.ndarray]:
    """Make a city of a few options near each other, with every plan that keeps to its rules."""
    rng = np.random.default_rng(seed)
    options = model.options
    sites = rng.permutation(np.unique(options.site))
    near = np.argsort(np.abs(options.site - sites[0]), kind="stable")
    chosen: list[int] = []
    plans = 1
    for j in near.tolist():
        size = int(min(options.most[j], 3)) + 1
        if size > 1 and plans * size <= MOST_PLANS:
            chosen.append(j)
            plans *= size
    problem = with_options(model, np.sort(np.array(chosen)))
    spend = float((problem.rules.most * problem.rules.capital_eur).sum())
    problem = with_search(problem, budget_eur=0.5 * spend)
    every = np.array(
        list(product(*(range(min(int(most), 3) + 1) for most in problem.rules.most))), np.int16
    )
    kept = problem.repair(every.copy())
    return problem, city_of(model, problem), every[(kept == every).all(axis=1)]


@pytest.mark.parametrize("seed", range(5))
def test_bound__is_below_every_plan_of_a_small_city(small_model: Model, seed: int) -> None:
    problem, city, plans = small_city(small_model, seed)
    scores, evaluation = problem.scores(plans)
    archive = Archive.empty(problem.empty.size, len(problem.search.objectives), len(SCORES))
    goals = problem.goal_values(plans, scores, evaluation)
    archive.add(plans, goals, scores, problem.hashes(plans), origin=SEED)

    table = bound(problem, city, archive, 20.0).table

    assert len(plans) > 50
    told = table[table["lower_bound"].notna()]
    assert set(told["objective"]) >= {"burden", "inequality", "access"}
    capital = scores[:, SCORES.index("capital")]
    for _, row in told.iterrows():
        best = scores[capital <= row["budget_eur"] * (1 + 1e-9), SCORES.index(row["objective"])]
        assert row["best_found"] == best.min()
        assert row["lower_bound"] <= best.min() + 1e-9 * abs(best.min())


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_cuts__are_below_every_neighbourhood_of_random_plans(
    small_model: Model, seed: int, *, together: bool
) -> None:
    problem, rng = small_model.problem, np.random.default_rng(seed)
    city = city_of(small_model, problem)
    lines = Minorants(city, problem.rules, city.rate, together=together)
    plans = problem.with_budget(1e12).repair(random_plans(problem, 12, seed, share=0.5))
    burden = problem.evaluator.evaluate(plans).burden.sum(axis=(1, 2))
    parts = rng.random(problem.empty.size) * problem.rules.most

    for at in [*plans[:4].astype(float), parts]:
        constant, slope = lines.cut(at)

        below = constant + (slope @ plans.T).T
        assert (below <= burden + 1e-6 * np.abs(burden)).all()
    assert (lines.shared @ plans.T).max() <= 1.0 + 1e-6


def test_cuts__nearly_touch_whole_projects_where_they_are_made(small_model: Model) -> None:
    problem = small_model.problem
    city = city_of(small_model, problem)
    lines = Minorants(city, problem.rules, city.rate)
    chosen = np.random.default_rng(4).random(problem.empty.size) < 0.2
    whole = np.where(chosen, problem.rules.most, 0).astype(np.int16)
    plan = problem.with_budget(1e12).repair(whole[None, :])[0]
    _, today = problem.scores(problem.empty[None, :])
    _, then = problem.scores(plan[None, :])

    constant, slope = lines.cut(plan.astype(float))

    won = today.burden.sum() - then.burden.sum()
    assert then.burden.sum() - (constant + slope @ plan).sum() < 0.01 * won


def test_cuts__hold_for_weights_of_both_signs(small_model: Model) -> None:
    problem, rng = small_model.problem, np.random.default_rng(3)
    city = city_of(small_model, problem)
    sign = np.where(rng.random(city.rate.shape[1]) < 0.5, -1.0, 1.0)
    lines = Minorants(city, problem.rules, city.rate * sign)
    plans = problem.with_budget(1e12).repair(random_plans(problem, 12, 5, share=0.5))
    burden = problem.evaluator.evaluate(plans).burden.sum(axis=(1, 2)) * sign

    for at in plans[:4].astype(float):
        constant, slope = lines.cut(at)

        assert (constant + (slope @ plans.T).T <= burden + 1e-6 * np.abs(burden)).all()


@pytest.mark.parametrize("seed", range(3))
def test_bound__of_the_whole_budget_bounds_smaller_ones(
    small_model: Model, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, city, plans = small_city(small_model, seed)
    scores, evaluation = problem.scores(plans)
    archive = Archive.empty(problem.empty.size, len(problem.search.objectives), len(SCORES))
    goals = problem.goal_values(plans, scores, evaluation)
    archive.add(plans, goals, scores, problem.hashes(plans), origin=SEED)
    whole = problem.rules.rows[-1].eur
    solve = module.solve_budget

    def only_whole(rules: Rules, *rest: object) -> object:
        found = solve(rules, *rest)
        is_whole = rules.rows[-1].eur == whole
        return found if is_whole else replace(found, value=np.nan, status=NO_TIME, lines=())

    monkeypatch.setattr(module, "solve_budget", only_whole)
    table = bound(problem, city, archive, 60.0).table
    known = table[table["lower_bound"].notna()]

    assert len(known) == BUDGETS * known["objective"].nunique()
    for row in known.itertuples():
        fits = scores[:, SCORES.index("capital")] <= row.budget_eur
        least = scores[fits, SCORES.index(row.objective)].min()
        assert row.lower_bound <= least * (1.0 + 1e-9)
    burden = known[known["objective"] == "burden"]["lower_bound"].to_numpy()
    assert (np.diff(burden) <= 0.0).all()
    assert (known["how"] == LINE).any()


def test_bound__tells_every_goal_at_ten_budgets_and_where_there_is_none(
    small_model: Model,
) -> None:
    problem = with_search(small_model.problem, evaluations=200)
    found = search(problem)

    told = bound(problem, city_of(small_model, problem), found.archive, 3.0)

    table, layers = told.table, told.layers
    best = found.archive.scores[:, SCORES.index("burden")].min()
    assert layers["then"].sum() == pytest.approx(best, rel=1e-6)
    assert (layers["below"] <= layers["then"] * (1.0 + 1e-6)).all()
    names = [name for name in problem.search.objectives if name != "cost"]
    assert table["objective"].tolist() == [name for name in names for _ in range(BUDGETS)]
    stacking = table[table["objective"] == "stacking"]
    assert stacking["lower_bound"].isna().all()
    assert (stacking["status"] == "geen grens").all()
    known = table[table["lower_bound"].notna()]
    assert (known["gap"] >= -1e-9).all()
    assert (known["gap"] <= 1.0 + 1e-9).all()


def test_bound__that_must_keep_its_time_says_for_what_it_had_none(small_model: Model) -> None:
    problem = with_search(small_model.problem, evaluations=0)
    archive = search(problem).archive
    city = city_of(small_model, problem)

    none = bound(problem, city, archive, 0.0, is_strict=True).table
    ample = bound(problem, city, archive, 600.0, is_strict=True).table

    assert (none["status"] == NO_TIME).all()
    assert len(none) == len(ample)
    assert (ample["status"] != NO_TIME).all()
    assert ample.loc[ample["objective"] == "burden", "lower_bound"].notna().all()


def test_bound__stops_between_two_layers_when_its_time_is_over(
    small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = with_search(small_model.problem, evaluations=0)
    archive = search(problem).archive
    made: list[int] = []
    hull = Minorants._hull  # noqa: SLF001

    def slow(lines: Minorants, layer: int) -> Hull:
        made.append(layer)
        time.sleep(0.3)
        return hull(lines, layer)

    monkeypatch.setattr(Minorants, "_hull", slow)
    told = bound(problem, city_of(small_model, problem), archive, 0.25, is_strict=True)

    assert len(made) <= 1
    assert (told.table["status"] == NO_TIME).all()
    assert told.layers.empty


def test_bound__of_a_small_budget_is_solved_and_met(small_model: Model) -> None:
    whole = small_model.problem.search.budget_eur
    problem = with_search(small_model.problem, budget_eur=0.1 * whole, evaluations=400)
    problem = with_search(problem, objectives=("burden", "cost"))
    found = search(problem)

    table = bound(problem, city_of(small_model, problem), found.archive, 60.0).table

    last = table.iloc[-1]
    assert last["status"] == EXACT
    assert last["gap"] < 0.01


def test_lower_hull__by_hand() -> None:
    place = np.array([0.0, 1.0, 2.0, 4.0])[:, None]
    points = np.array([4.0, 4.0, 1.0, 3.0])[:, None]

    hull = lower_hull(place, points)[:, 0]

    np.testing.assert_allclose(hull, [4.0, 2.5, 1.0, 3.0])


def test_most_together__of_two_options_in_whole_steps_by_hand() -> None:
    # steps of 15 m and of 20 m on 65 m: (4, 0), (3, 1), (1, 2), (0, 3)
    room, use = np.array([4.0, 3.0]), np.array([15.0, 20.0])

    parts = most_together(room, use, np.ones(2), 65.0)
    worth = most_together(room, use, np.array([8.0, 9.0]), 65.0)

    assert parts == pytest.approx(3 / 4 + 1 / 3)
    assert worth == pytest.approx(3 * 2.0 + 1 * 3.0)
    assert most_together(room, use, np.array([8.0, 3.0]), 65.0) == pytest.approx(8.0)


def test_part_taken__is_a_side_of_the_hull_of_whole_steps() -> None:
    # taken x / 4 + y / 3 is at most 1 at (1, 2), (3, 1) and (4, 0): 4/3, 8/9 and 1
    room, use = np.array([4.0, 3.0]), np.array([15.0, 20.0])

    assert part_taken(room, use, 65.0) == pytest.approx(8 / 9)
