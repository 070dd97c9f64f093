"""The search: nothing good is lost, limits hold, and the seed decides."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.evaluation import Evaluation
from evenground.optimise import Found, Problem, pace, search, time_of_bound
from evenground.optimise.archive import EVOLUTION, SEED, Archive
from evenground.optimise.books import Books
from evenground.optimise.bound import expect, seconds_of_lines
from evenground.optimise.crossover import CROSSOVERS
from evenground.optimise.seeds import greedy_seeds
from evenground.optimise.start import make_batches
from evenground.optimise.survival import SURVIVALS
from evenground.outputs.folder import compressed
from evenground.pipeline import Model
from evenground.results import brought_by, build_front

from .case import fits, seeds_of, with_options, with_search

pytestmark = pytest.mark.jit
Float = NDArray[np.float64]
Plans = NDArray[np.int16]


@pytest.fixture(scope="module")
def found(small_model: Model) -> Found:
    return search(small_model.problem)


def plans_of(archive: Archive) -> np.ndarray:
    return archive.dense(range(len(archive)))


def test_search__is_never_worse_than_its_seeds(small_model: Model, found: Found) -> None:
    problem, archive = small_model.problem, found.archive
    seeds = seeds_of(problem)

    goals = problem.scores(seeds)[0][:, problem.goals]

    for goal in goals:
        assert (archive.goals <= goal + 1e-12).all(axis=1).any()
    assert archive.is_seed.sum() == len(np.unique(seeds, axis=0))


WAYS = [
    *({"survival": survival} for survival in SURVIVALS),
    *({"crossover": crossover} for crossover in CROSSOVERS if crossover != "window"),
    {"archive_limit": 20, "mutation_share": 0.5},
]
"""Settings of the search that differ from the usual, one at a time."""


@pytest.mark.parametrize("changes", WAYS, ids=str)
def test_search__is_never_worse_than_the_greedy_seeds_by_any_way(
    small_model: Model, changes: dict[str, object]
) -> None:
    problem = with_search(small_model.problem, evaluations=300, population=40, **changes)
    seeds = greedy_seeds(problem)
    goals = problem.scores(seeds)[0][:, problem.goals]

    archive = search(problem).archive

    for goal in goals:
        assert (archive.goals <= goal + 1e-12).all(axis=1).any()
    # and evolution found some of what is kept, all of which fits
    assert {SEED, EVOLUTION} <= set(archive.origin.tolist())
    assert fits(problem, plans_of(archive)).all()
    if "archive_limit" in changes:
        assert (~archive.is_seed).sum() <= 22


def test_search__tells_what_brought_it_how_far(found: Found) -> None:
    told = found.history["by"].tolist()

    # one line of each batch of seeds and one of each turn
    seeds = told.count("seed")
    assert seeds > 3
    assert told[:seeds] == ["seed"] * seeds
    assert told[seeds] == "evolution"
    assert set(told[seeds:]) == {"evolution", "local"}
    assert sum(brought_by(found.history).values()) == pytest.approx(
        found.history["hypervolume"].iloc[-1]
    )


def test_search__takes_earlier_plans_in_and_loses_none_that_nothing_beats(
    small_model: Model, found: Found
) -> None:
    problem = with_search(small_model.problem, evaluations=0)
    earlier = plans_of(found.archive)
    given = earlier.copy()

    cold, warm = search(problem), search(problem, seeds=earlier)

    np.testing.assert_array_equal(earlier, given)
    assert warm.evaluated == cold.evaluated + len(earlier)
    for goal in found.archive.goals[~found.archive.is_seed]:
        assert (warm.archive.goals <= goal + 1e-12).all(axis=1).any()
    assert warm.archive.is_seed.sum() == cold.archive.is_seed.sum()
    assert fits(problem, plans_of(warm.archive)).all()


def test_search__repairs_earlier_plans_that_no_longer_fit(small_model: Model) -> None:
    problem = with_search(small_model.problem, evaluations=0)
    too_much = np.full((3, problem.empty.size), np.iinfo(np.int16).max, np.int16)

    warm = search(problem, seeds=too_much)

    assert fits(problem, plans_of(warm.archive)).all()


def test_search__finds_more_than_its_seeds(found: Found) -> None:
    assert (~found.archive.is_seed).sum() > 20
    assert found.history["hypervolume"].iloc[-1] > 1.02 * found.history["hypervolume"].iloc[0]


def test_search__keeps_budget_ground_and_amounts(small_model: Model, found: Found) -> None:
    assert fits(small_model.problem, plans_of(found.archive)).all()


def test_search__keeps_no_plan_that_another_dominates(found: Found) -> None:
    archive = found.archive
    goals = archive.goals

    no_worse = (goals[:, None] <= goals[None, :]).all(axis=2)
    better = (goals[:, None] < goals[None, :]).any(axis=2)

    is_beaten = (no_worse & better).any(axis=0)
    assert not is_beaten[~archive.is_seed].any()


def test_search__keeps_each_plan_once_with_its_own_scores(small_model: Model, found: Found) -> None:
    plans = plans_of(found.archive)

    scores, _ = small_model.problem.scores(plans)

    assert len(np.unique(plans, axis=0)) == len(plans)
    np.testing.assert_array_equal(found.archive.scores, scores)
    np.testing.assert_array_equal(found.archive.goals, scores[:, small_model.problem.goals])


def test_search__never_loses_volume(small_model: Model, found: Found) -> None:
    history = found.history

    assert (history["hypervolume"].diff().dropna() >= -1e-12).all()
    assert history["hypervolume"].between(0.0, 1.1 ** len(small_model.problem.goals)).all()
    assert history["evaluated"].is_monotonic_increasing
    assert history["seconds"].is_monotonic_increasing
    assert history["evaluated"].iloc[-1] == found.evaluated >= 400
    assert history["archive"].iloc[-1] == len(found.archive)
    assert not found.is_cut_short


def test_search__tells_how_far_it_is(small_model: Model) -> None:
    told = []

    search(
        with_search(small_model.problem, evaluations=100),
        lambda done, all_: told.append((done, all_)),
    )

    assert [all_ for _, all_ in told] == [100] * len(told)
    assert told[0][0] < 100 <= told[-1][0]


def test_search__gives_the_same_archive_for_the_same_seed(small_model: Model, found: Found) -> None:
    again = search(small_model.problem)

    np.testing.assert_array_equal(plans_of(again.archive), plans_of(found.archive))
    np.testing.assert_array_equal(again.archive.scores, found.archive.scores)
    columns = ["evaluated", "archive", "hypervolume"]
    np.testing.assert_array_equal(again.history[columns], found.history[columns])


def test_search__gives_another_archive_for_another_seed(small_model: Model) -> None:
    # Evolution alone: small moves from equal seeds lead to some equal plans.
    problem = with_search(small_model.problem, local_share=0.0)
    found = search(problem)

    other = search(with_search(problem, seed=problem.search.seed + 1))

    ours = {tuple(plan) for plan in plans_of(found.archive)[~found.archive.is_seed]}
    theirs = {tuple(plan) for plan in plans_of(other.archive)[~other.archive.is_seed]}
    assert len(ours & theirs) < 0.1 * len(ours)
    np.testing.assert_array_equal(
        plans_of(other.archive)[other.archive.is_seed],
        plans_of(found.archive)[found.archive.is_seed],
    )


class Clock:
    """A clock that every plan that is evaluated moves by a millisecond."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, take = 100.0, Books.take

        def slow(
            books: Books, plans: Plans, evaluation: Evaluation, *, origin: int = EVOLUTION
        ) -> Float:
            self.now += 0.001 * len(plans)
            return take(books, plans, evaluation, origin=origin)

        monkeypatch.setattr(Books, "take", slow)
        monkeypatch.setattr(pace.time, "monotonic", lambda: self.now)


@pytest.mark.parametrize("limit_s", [0.3, 0.7, 2.0, 3.1])
@pytest.mark.parametrize("local_share", [None, 0.0])
def test_search__keeps_its_time_to_two_percent(
    small_model: Model, monkeypatch: pytest.MonkeyPatch, limit_s: float, local_share: float | None
) -> None:
    clock = Clock(monkeypatch)
    limits = {"time_limit_s": limit_s, "bound_time_s": 0.1 * limit_s}
    monkeypatch.setattr(pace, "LEAST_BOUND_S", 0.0)
    monkeypatch.setattr(expect, "IN_PLANS", 0)
    problem = with_search(
        small_model.problem, evaluations=100_000_000, local_share=local_share, **limits
    )

    found = search(problem)

    spent = clock.now - 100.0
    # a tenth is kept for the bound; a generation of 40 ms may not fit any more
    assert 0.9 * limit_s - 0.045 <= spent <= 0.92 * limit_s
    assert found.is_cut_short
    assert found.history["seconds"].iloc[-1] == pytest.approx(spent)
    assert time_of_bound(problem.search, spent) == pytest.approx(
        min(0.1 * limit_s, limit_s - spent)
    )


def test_search__has_the_time_of_a_bound_that_would_not_fit(
    small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    monkeypatch.setattr(pace, "LEAST_BOUND_S", 0.0)
    monkeypatch.setattr(expect, "IN_PLANS", 10**9)  # as if it took hours
    problem = with_search(
        small_model.problem, evaluations=100_000_000, time_limit_s=0.7, bound_time_s=0.1
    )

    search(problem)

    spent = clock.now - 100.0
    assert 0.7 - 0.045 <= spent <= 1.02 * 0.7
    assert time_of_bound(problem.search, 0.5, seconds_of_lines(problem)) == 0.0


def test_search__without_time_keeps_what_it_has_of_the_seeds(
    small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [len(batch) for batch in make_batches(small_model.problem)]
    clock = Clock(monkeypatch)
    gains = Problem.gains_of

    def slow(problem: Problem, plan: Plans, weightings: Sequence[Mapping[str, float]]) -> Float:
        clock.now += 0.04
        return gains(problem, plan, weightings)

    monkeypatch.setattr(Problem, "gains_of", slow)
    limited = with_search(small_model.problem, time_limit_s=1.0, bound_time_s=0.0)

    found = search(limited)

    # whole batches, until half of a second is over
    history = found.history
    held = int(history["evaluated"][history["by"] == "seed"].iloc[-1])
    assert held in np.cumsum(batches)
    assert 0 < held < sum(batches)
    assert found.is_cut_short


def test_search__with_time_to_spare_evaluates_all(small_model: Model, found: Found) -> None:
    limited = search(with_search(small_model.problem, time_limit_s=3600.0))

    assert not limited.is_cut_short
    np.testing.assert_array_equal(limited.archive.scores, found.archive.scores)


def test_search__that_stands_still_ends(small_model: Model) -> None:
    stopped = with_search(
        small_model.problem, evaluations=8000, stop_below=0.02, stop_generations=5
    )

    found = search(stopped)

    # of the turns: what was before them are the seeds
    seeds = int((found.history["by"] == "seed").sum())
    volume = found.history["hypervolume"].to_numpy()[seeds - 1 :]
    grown = 1.0 - volume[:-5] / volume[5:]
    assert grown[-1] < 0.02
    assert (grown[:-1] >= 0.02).all()
    assert {"evolution", "local"} <= set(found.history["by"])
    assert found.evaluated < 8000
    assert not found.is_cut_short


def test_search__goes_on_to_the_end_where_no_growth_is_asked(small_model: Model) -> None:
    found = search(with_search(small_model.problem, stop_below=0.0, stop_generations=1))

    assert found.evaluated >= 400


def test_search__with_no_evaluations_keeps_its_seeds(small_model: Model) -> None:
    problem = with_search(small_model.problem, evaluations=0)

    found = search(problem)

    assert found.archive.is_seed.all()
    assert found.evaluated == len(seeds_of(problem))


def test_search__without_budget_finds_the_empty_plan_only(small_model: Model) -> None:
    found = search(with_search(small_model.problem, budget_eur=0.0, evaluations=200))

    assert len(found.archive) == 1
    assert not plans_of(found.archive).any()


@pytest.mark.parametrize("population", [8, 200])
def test_search__without_options_finds_the_empty_plan(small_model: Model, population: int) -> None:
    problem = with_options(small_model, np.zeros(0, int))

    found = search(with_search(problem, population=population))

    assert plans_of(found.archive).shape == (1, 0)
    np.testing.assert_allclose(
        found.archive.scores[0],
        small_model.problem.scores(small_model.problem.empty[None, :])[0][0],
        rtol=1e-9,
    )


def test_search__with_one_option_finds_every_amount_that_is_affordable(small_model: Model) -> None:
    # A cost is among the goals, so that each step more is worth keeping.
    names = small_model.options.interventions.index[small_model.options.intervention]
    chosen = np.flatnonzero((names == "street_tree") & (small_model.options.most >= 4))[:1]
    problem = with_options(small_model, chosen)
    budget = 3.5 * float(problem.options.capital_eur[0])

    found = search(with_search(problem, budget_eur=budget, evaluations=400, population=8))

    assert sorted(plans_of(found.archive).ravel()) == [0, 1, 2, 3]


def test_search__with_options_that_are_all_too_dear_finds_the_empty_plan(
    small_model: Model,
) -> None:
    cheapest = float(small_model.options.capital_eur.min())

    found = search(with_search(small_model.problem, budget_eur=0.99 * cheapest, evaluations=150))

    assert not plans_of(found.archive).any()


SCRIPT = """
import json
import sys
from pathlib import Path
from evenground.config import read_settings
from evenground.optimise import search
from evenground.outputs.folder import compressed
from evenground.pipeline import build_model
from evenground.results import build_front
settings = read_settings(Path(sys.argv[1]))
problem = build_model(settings, Path(sys.argv[1]).parent).problem
for number, changes in enumerate(json.loads(sys.argv[3])):
    smaller = {"evaluations": 200, "population": 40, **changes}
    found = search(problem.with_search(problem.search.model_copy(update=smaller)))
    front = build_front(found.archive, history=found.history)
    path = Path(sys.argv[2]) / f"{number}.nc"
    front.to_netcdf(path, engine="h5netcdf", encoding=compressed(front))
"""


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_front__has_the_same_bytes_on_any_number_of_threads(
    small_model: Model, small_case: Path, tmp_path: Path, threads: int
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for number, changes in enumerate(WAYS):
        problem = with_search(small_model.problem, evaluations=200, population=40, **changes)
        found = search(problem)
        front = build_front(found.archive, history=found.history)
        here.mkdir(exist_ok=True)
        front.to_netcdf(here / f"{number}.nc", engine="h5netcdf", encoding=compressed(front))
    there.mkdir()

    # Another process, with another order of sets and other threads.
    environment = os.environ | {"NUMBA_NUM_THREADS": str(threads)}
    command = [sys.executable, "-c", SCRIPT, str(small_case), str(there), json.dumps(WAYS)]
    subprocess.run(command, check=True, env=environment)  # noqa: S603 - our own script

    for number in range(len(WAYS)):
        name = f"{number}.nc"
        assert (here / name).read_bytes() == (there / name).read_bytes()


def test_build_front__holds_every_candidate(found: Found) -> None:
    front = build_front(found.archive)

    assert front.sizes["candidate"] == len(found.archive)
    assert int(front["active_count"].sum()) == front.sizes["active"]
