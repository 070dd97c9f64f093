"""Whose turn it is: the rules by hand, and a search in which they are followed."""

import json

import numpy as np
import pytest

from evenground.optimise import Found, Problem, Search, search
from evenground.optimise.archive import LOCAL
from evenground.optimise.books import Books
from evenground.optimise.local import Mending, _Climb, pull
from evenground.optimise.seeds import greedy_seeds
from evenground.optimise.turns import ARMS, WAITS, Arm, ByGain, ByShare, Turns, turns_by
from evenground.pipeline import Model

from .case import with_search

pytestmark = pytest.mark.jit


def given(turns: Turns, gain: dict[Arm, float], tried: dict[Arm, int], count: int) -> list[Arm]:
    """Return who has each of so many turns, where a turn of each always brings the same."""
    had = []
    for _ in range(count):
        arm = turns.choose(turns.arms)
        turns.note(arm, gain[arm], tried[arm])
        had.append(arm)
    return had


def test_by_gain__tries_each_and_then_gives_the_turn_to_who_brings_most_for_a_plan() -> None:
    # Small moves bring 3 for 4 plans, a generation 5 for 10.
    had = given(ByGain(), {"evolve": 5.0, "mend": 3.0}, {"evolve": 10, "mend": 4}, 5)

    assert had == ["evolve", "mend", "mend", "mend", "mend"]


def test_by_gain__gives_who_is_behind_every_eighth_turn() -> None:
    had = given(ByGain(), {"evolve": 1.0, "mend": 0.0}, {"evolve": 10, "mend": 10}, 18)

    assert WAITS == 8
    assert np.flatnonzero([arm == "mend" for arm in had]).tolist() == [1, 9, 17]


def test_by_gain__forgets_half_of_what_was_at_each_turn() -> None:
    # Of moves 0.8 a plan, then 0 and 0: 0.8, 0.4 and 0.2 are held to come, against 0.3.
    turns = ByGain()
    turns.note("evolve", 3.0, 10)
    turns.note("mend", 8.0, 10)
    assert turns.choose(ARMS) == "mend"
    turns.note("mend", 0.0, 10)
    assert turns.choose(ARMS) == "mend"
    turns.note("mend", 0.0, 10)
    assert turns.choose(ARMS) == "evolve"


@pytest.mark.parametrize("turns", [ByGain(), ByShare(0.5)])
def test_turns__go_to_nobody_who_cannot_have_one(turns: Turns) -> None:
    turns.note("evolve", 1.0, 10)
    turns.note("mend", 0.0, 100)

    assert turns.choose(["mend"]) == "mend"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.85, 1.0])
def test_by_share__holds_a_share_of_the_plans_to_a_turn(share: float) -> None:
    tried: dict[Arm, int] = {"evolve": 210, "mend": 203}

    had = given(turns_by(share), {"evolve": 1.0, "mend": 1.0}, tried, 50)

    plans = np.array([tried[arm] for arm in had])
    is_mend = np.array([arm == "mend" for arm in had])
    assert np.abs((is_mend * plans).cumsum() - share * plans.cumsum()).max() <= 210


@pytest.mark.parametrize(("share", "arms"), [(0.0, ("evolve",)), (1.0, ("mend",)), (0.5, ARMS)])
def test_by_share__has_no_part_in_it_for_a_share_of_nothing(
    share: float, arms: tuple[Arm, ...]
) -> None:
    assert turns_by(share).arms == arms


@pytest.mark.parametrize("share", [None, 0.4])
def test_turns__go_on_from_what_was_told(share: float | None) -> None:
    turns, other = turns_by(share), turns_by(share)
    for arm, gain in (("evolve", 1.0 / 3.0), ("mend", 0.1), ("mend", 0.7)):
        turns.note(arm, gain, 7)

    other.go_on(json.loads(json.dumps(turns.told())))

    gain: dict[Arm, float] = {"evolve": 1.0, "mend": 2.0}
    tried: dict[Arm, int] = {"evolve": 9, "mend": 8}
    assert given(other, gain, tried, 20) == given(turns, gain, tried, 20)


@pytest.fixture(scope="module")
def found(small_model: Model) -> Found:
    return search(with_search(small_model.problem, evaluations=1600))


def test_search__gives_both_turns_of_about_as_many_plans(small_model: Model, found: Found) -> None:
    history, population = found.history, small_model.problem.search.population
    first = int((history["by"] == "seed").sum())
    turns = history["by"].iloc[first + 1 :].tolist()

    # the first generation is of the seeds; the last turn may be cut by the number of plans
    assert history["by"].iloc[first] == "evolution"
    assert turns[:2] == ["evolution", "local"]
    assert set(history["evaluated"].diff().iloc[first + 1 : -1]) <= set(
        range(population, population + 40)
    )
    # each has a turn of eight
    for one in ("evolution", "local"):
        gaps = np.diff([-1, *np.flatnonzero([by == one for by in turns]), len(turns)])
        assert gaps.max() <= WAITS + 1


def test_search__gives_a_turn_by_what_was_told(found: Found) -> None:
    history = found.history
    first = int((history["by"] == "seed").sum()) + 1
    turns = ByGain()
    gain = history["hypervolume"].diff().to_numpy()
    tried = history["evaluated"].diff().to_numpy()

    for row in range(first, len(history) - 1):  # the last is what is too little for a generation
        arm: Arm = "mend" if history["by"].iloc[row] == "local" else "evolve"
        assert turns.choose(ARMS) == arm
        turns.note(arm, gain[row], int(tried[row]))


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_search__holds_a_share_that_is_asked(small_model: Model, share: float) -> None:
    found = search(with_search(small_model.problem, evaluations=1600, local_share=share))

    first = int((found.history["by"] == "seed").sum())
    told = found.history.iloc[first:]
    by, plans = told["by"].iloc[1:], told["evaluated"].diff().iloc[1:]
    assert told["by"].iloc[0] == "evolution"
    assert plans[by == "local"].sum() == pytest.approx(share * plans.sum(), abs=60)
    assert found.evaluated >= 1600


def test_search__breeds_from_what_small_moves_found(small_model: Model) -> None:
    going = Search(with_search(small_model.problem, evaluations=1200, local_share=0.5))
    bred = False

    while not going.is_over and not bred:
        going.step()
        kept = going.snapshot()
        if "population_goals" in kept.arrays:
            ours = kept.arrays["archive_goals"][kept.arrays["archive_origin"] == LOCAL]
            there = kept.arrays["population_goals"]
            bred = bool((there[:, None] == ours[None]).all(axis=2).any())

    assert bred


def test_mending__starts_its_next_climb_at_what_others_found(
    small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = with_search(small_model.problem, seeds="greedy")
    seeds = greedy_seeds(problem)
    books = Books(problem, None)
    books.take_seeds(seeds[:2])
    mending = Mending(problem, books, np.random.default_rng(1))
    began: list[tuple[np.ndarray, np.ndarray]] = []

    def note(climb: _Climb, *_: object) -> int:
        began.append((climb.plan, climb.pull.weight))
        return 0  # tries nothing, which ends it

    monkeypatch.setattr(_Climb, "step", note)
    mending.step(100)

    books.take_seeds(seeds[2:])  # as evolution adds plans between two turns
    ahead = mending.snapshot().arrays["mend_ahead"]
    mending.step(100)

    # in the direction that was next, by the ranges of now, from the lowest of now
    goals = books.archive.goals
    towards = pull(ahead[0], goals)
    start = int(np.argmin(towards.value(goals)))
    plan, weight = began[1]
    assert len(began) == 2
    assert start >= 2
    np.testing.assert_array_equal(weight, towards.weight)
    np.testing.assert_array_equal(plan, books.archive.dense([start])[0])


def test_books__count_no_hypervolume_of_plans_that_break_a_constraint(
    small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = with_search(small_model.problem, seeds="greedy")
    seeds = greedy_seeds(problem)
    books = Books(problem, None)
    books.take_seeds(seeds[:2])
    before = books.volume
    evaluation = problem.evaluator.evaluate(seeds)

    monkeypatch.setattr(Problem, "violation", lambda *_: np.ones(len(seeds)))
    books.take(seeds, evaluation)
    broken = books.volume
    monkeypatch.undo()
    books.take(seeds, evaluation)

    assert broken == before < books.volume
