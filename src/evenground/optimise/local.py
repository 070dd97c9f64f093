"""Local search: kept plans are mended by small moves as long as that brings what it takes.

A move adds to an option, takes from one, swaps two, or moves an intervention to
another place. First-order gains per euro say which are tried; each is repaired
and evaluated in full by what it changes. All plans on the way are offered to the
archive. A climb that brings less hypervolume for each plan than climbs lately did
gives way to another, elsewhere. Deterministic: the same archive, generator and
number of evaluations give the same plans.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evenground.evaluation import Evaluation, Move, Walk
from evenground.objectives import UNLED
from evenground.optimise.archive import LOCAL
from evenground.optimise.books import Books
from evenground.optimise.credit import Credit
from evenground.optimise.problem import Problem
from evenground.optimise.snapshot import Snapshot, dense, pack, sparse, unpack
from evenground.optimise.worth import next_projects

Float = NDArray[np.float64]
Long = NDArray[np.int64]
Plans = NDArray[np.int16]

TRIED = 2
"""Moves of each kind that are tried at a plan: the first-order gains of the best tell them well."""
FORGETS = 0.2
"""Part of what climbs are held to bring that a step replaces by its own."""

Take = Callable[[Plans, Evaluation], Float]
"""Scores plans, offers them to the archive, and returns what the search lowers (candidate,
objective): beyond all others where a plan breaks a constraint."""


@dataclass(frozen=True)
class Pull:
    """Where a climb leads: what a unit of each objective weighs (objective,)."""

    weight: Float

    def value(self, goals: Float) -> Float:
        """Return the weighted sum of goals (candidate,)."""
        return np.asarray((goals * self.weight).sum(axis=1))


def directions(n: int, count: int, rng: np.random.Generator) -> list[Float]:
    """Return where climbs lead: to each objective, to their balance, and elsewhere at random.

    Each weighs the ranges of the objectives (objective,).

    Parameters
    ----------
    n
        How many objectives.
    count
        How many directions at random.
    """
    # A little of all others, so that none is given away for nothing.
    single = np.eye(n) + 1e-3
    return [*single, np.ones(n), *rng.dirichlet(np.ones(n), count)]


def pull(direction: Float, goals: Float) -> Pull:
    """Return the pull in a direction (objective,), by the ranges of the objectives.

    Parameters
    ----------
    goals : (candidate, objective)
        Of the archive.
    """
    spread = goals.max(axis=0) - goals.min(axis=0)
    scale = np.divide(1.0, spread, out=np.zeros(spread.size), where=spread > 0.0)
    return Pull(scale * direction)


class Mending:
    """Small moves, climb by climb; each climb starts at the kept plan that lies lowest its way.

    A climb goes on while each of its steps helps, and brings as much hypervolume for each plan
    as steps lately did. The first round leads to each objective and to their balance as well;
    later rounds lead elsewhere at random. It is over when nothing is left to try. Others may find
    plans between two steps: the next climb starts at what is kept by then.
    """

    def __init__(self, problem: Problem, books: Books, rng: np.random.Generator) -> None:
        self._problem, self._books, self._rng = problem, books, rng
        self._take = partial(books.take, origin=LOCAL)
        self._n_goal = len(problem.search.objectives)
        self._ahead = directions(self._n_goal, self._n_goal, rng)
        self._climb: _Climb | None = None
        self._credit = Credit(FORGETS)
        self._has_tried = False
        self.is_over = False

    def step(self, most: int) -> int:
        """Try the best moves of one plan, and return how many plans were evaluated.

        Parameters
        ----------
        most
            Most plans to evaluate.
        """
        climb = self._climb or self._begin()
        before = self._books.volume
        tried = climb.step(self._take, most)
        self._has_tried |= tried != 0
        pays = self._credit.note(self._books.volume - before, abs(tried))
        self._climb = climb if tried > 0 and pays else None
        if self._climb is None and not self._ahead:
            self._begin_round()
        return abs(tried)

    def snapshot(self) -> Snapshot:
        """Return where the climbs are."""
        n, climb = self._n_goal, self._climb
        held = {"mend_ahead": np.stack(self._ahead) if self._ahead else np.zeros((0, n))}
        if climb is not None:
            held |= pack("mend_climb", [sparse(climb.plan)]) | {"mend_pull": climb.pull.weight}
        value = None if climb is None else climb.value
        told = {
            "value": value,
            "has_tried": self._has_tried,
            "is_over": self.is_over,
            "usual": self._credit.usual,
        }
        return Snapshot(held, {"mend": told})

    def go_on(self, snapshot: Snapshot) -> "Mending":
        """Take the place that a snapshot holds."""
        held, told = snapshot.arrays, snapshot.told["mend"]
        self._ahead = list(held["mend_ahead"])
        self._has_tried, self.is_over = told["has_tried"], told["is_over"]
        self._credit.usual = told["usual"]
        if told["value"] is not None:
            plan = dense(unpack("mend_climb", held), self._problem.empty.size)[0]
            self._climb = _Climb(self._problem, plan, Pull(held["mend_pull"]), told["value"])
        return self

    def _begin(self) -> "_Climb":
        """Begin the next climb of this round."""
        archive = self._books.archive
        towards = pull(self._ahead.pop(0), archive.goals)
        start = int(np.argmin(towards.value(archive.goals)))
        value = float(towards.value(archive.goals[start : start + 1])[0])
        return _Climb(self._problem, archive.dense([start])[0], towards, value)

    def _begin_round(self) -> None:
        """Look for other directions, unless the last ones led nowhere."""
        self.is_over = not self._has_tried
        self._has_tried = False
        # what leads to one objective or to the balance has arrived, and would try the same again
        self._ahead = directions(self._n_goal, self._n_goal, self._rng)[self._n_goal + 1 :]


class _Climb:
    """A plan on its way down one weighted sum."""

    def __init__(self, problem: Problem, plan: Plans, pull: Pull, value: float) -> None:
        self._problem, self.pull, self.value, self.plan = problem, pull, value, plan
        self._walk = Walk(problem.evaluator, plan)

    def step(self, take: Take, most: int) -> int:
        """Try the best moves and make the best of them.

        Returns
        -------
        How many were tried; below nothing where none of them helps.
        """
        plans = candidates(self._problem, self.plan, self._gains())[:most]
        if len(plans) == 0:
            return 0
        moves = [_move(self.plan, plan) for plan in plans]
        value = self.pull.value(take(plans, self._walk.evaluate(moves)))
        best = int(np.argmin(value))
        if not value[best] < self.value - 1e-12 * abs(self.value):
            return -len(plans)
        self._walk.apply(moves[best])
        self.plan, self.value = plans[best], float(value[best])
        return len(plans)

    def _gains(self) -> Float:
        """Return what a step of each option takes off the weighted sum, cost included."""
        problem = self._problem
        names = problem.search.objectives
        weights = dict(zip(names, self.pull.weight.tolist(), strict=True))
        cost = weights.pop("cost", 0.0)
        led = {name: weight for name, weight in weights.items() if name not in UNLED}
        return np.asarray(problem.gains(self.plan, led) - cost * problem.frame.yearly_eur)


def _move(plan: Plans, other: Plans) -> Move:
    """Return the move from one plan (option,) to another."""
    option = np.flatnonzero(plan != other).astype(np.int32)
    return Move(option, other[option])


def candidates(problem: Problem, plan: Plans, gain: Float) -> Plans:
    """Return the plans that the best moves lead to, repaired, each once (candidate, option).

    Parameters
    ----------
    plan, gain : (option,)
        Where the moves start, and what a step of each option takes off what is to be lowered.
    """
    rules = problem.rules
    per_euro = gain / np.maximum(rules.price_eur, 1e-9)
    steps, _ = next_projects(plan, rules)
    raised = _first(-per_euro, (steps > 0) & (gain > 0.0))
    lowered = _first(per_euro, plan > rules.lock)
    rows = [_changed(plan, [(j, steps[j])]) for j in raised]
    for j in lowered:
        rows.append(_changed(plan, [(j, -1)]))
        rows.append(_changed(plan, [(j, -plan[j])]))
    for j in lowered:
        rows += [_changed(plan, [(j, -plan[j]), (k, steps[k])]) for k in raised[:2] if k != j]
        same = problem.options.intervention == problem.options.intervention[j]
        there = _first(-per_euro, same & (steps > 0) & (np.arange(plan.size) != j), 1)
        rows += [_changed(plan, [(j, -plan[j]), (k, max(steps[k], plan[j]))]) for k in there]
    if not rows:
        return np.zeros((0, plan.size), np.int16)
    plans = problem.repair(np.stack(rows))
    keys = np.concatenate([problem.hashes(plan[None, :]), problem.hashes(plans)])
    _, first = np.unique(keys, return_index=True)
    return np.ascontiguousarray(plans[np.sort(first[first > 0]) - 1])


def _changed(plan: Plans, changes: list[tuple[int, int]]) -> Plans:
    """Return a copy of a plan (option,) with some amounts raised or lowered."""
    out = plan.copy()
    for option, steps in changes:
        out[option] = max(0, int(out[option]) + int(steps))
    return out


def _first(key: Float, allowed: NDArray[np.bool_], count: int = TRIED) -> Long:
    """Return the allowed options with the smallest keys, smallest first."""
    index = np.flatnonzero(allowed)
    if index.size > count:
        # all that tie with the last, so that which of them come first does not depend on the sort
        bound = np.partition(key[index], count - 1)[count - 1]
        index = index[key[index] <= bound]
    return np.asarray(index[np.argsort(key[index], kind="stable")][:count], np.int64)
