"""Computes plans anew, in a process of its own: the server never runs kernels.

Started as a module with the folder of a run and that of its data. Loads the model once, says
that it is ready, and then answers one line of JSON with one line of JSON. A changed proposal is
scored by what differs from it; the whole is evaluated once for each proposal.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from evenground.constraints import middles, neighbourhood_of, spend_of
from evenground.errors import DataError, EvengroundError, Fault
from evenground.evaluation import Evaluation, Move, Walk
from evenground.names import CODE, NAME
from evenground.pages.book import Book, read_book
from evenground.pages.places import health_levels, plain, residents_of
from evenground.pages.plans import moved_of, values_of
from evenground.pipeline import Model, model_of
from evenground.results import (
    WHOLE,
    SparsePlans,
    breaches_of,
    budget_masks,
    distance_eur,
    nearest_within,
    score_once,
    sparse_of,
    spent_on,
    tell_breach,
)
from evenground.web.moving import move_money

Plan = NDArray[np.int16]
Plain = dict[str, Any]

MOST_CHANGES = 20_000
"""Most options that one question may change."""
MOST_BROKEN = 20
"""Most rules that are broken that are told one by one."""

STRANGE = "dit voorstel of zo veel veranderingen kent deze run niet."
TOO_MUCH = "op een van de plekken past niet zo veel."
SAME = "kies twee verschillende maatregelen."
NO_LINE = "dit potje kent deze run niet, of het bedrag is geen bedrag."


@dataclass(frozen=True)
class Bench:
    """A loaded model, the proposals of its run and its front."""

    model: Model
    book: Book
    today: Evaluation
    plans: Mapping[str, Plan]
    front: SparsePlans
    masks: Mapping[str, NDArray[np.bool_]]
    """What each budget pays for (option,)."""
    spent: NDArray[np.float64]
    """Euros of each plan of the front on each budget (candidate, budget)."""
    _walks: dict[str, Walk] = field(default_factory=dict)

    def answer(self, asked: Plain) -> Plain:
        """Answer one question.

        Raises
        ------
        EvengroundError
            If what is asked cannot be done, in Dutch words for the page.
        """
        name = str(asked["proposal"])
        plan = self.changed(name, asked["changes"])
        if asked.get("move"):
            plan = self.moved(plan, **asked["move"])
        if asked["ask"] == "works":
            return {"works": self.works(plan)}
        answer = {"changes": self.changes(name, plan), "outcome": self.outcome(name, plan)}
        if asked["ask"] == "budgets":
            answer["budgets"] = self.within(name, plan, asked["limits"])
        return answer

    def changed(self, proposal: str, changes: Mapping[str, int]) -> Plan:
        """Return a proposal with other steps of some options."""
        if proposal not in self.plans or len(changes) > MOST_CHANGES:
            raise _refused(STRANGE)
        plan = self.plans[proposal].copy()
        most = self.model.problem.options.most
        for key, steps in changes.items():
            option = int(key)
            if not 0 <= option < plan.size or not 0 <= steps <= int(most[option]):
                raise _refused(TOO_MUCH)
            plan[option] = steps
        return plan

    def changes(self, proposal: str, plan: Plan) -> dict[str, int]:
        """Return the options that differ from a proposal, with their steps."""
        return {str(k): int(plan[k]) for k in np.flatnonzero(plan != self.plans[proposal])}

    def evaluate(self, proposal: str, plan: Plan) -> Evaluation:
        """Evaluate a plan by what differs from a proposal; the same bits as in full."""
        walk = self._walks.get(proposal)
        if walk is None:
            self._walks.clear()
            walk = self._walks[proposal] = Walk(self.model.problem.evaluator, self.plans[proposal])
        option = np.flatnonzero(plan != self.plans[proposal]).astype(np.int32)
        if option.size == 0:
            return walk.evaluation
        walk.apply(Move(option, plan[option]))
        found = walk.evaluation
        walk.undo()
        return found

    def outcome(self, proposal: str, plan: Plan) -> Plain:
        """Return what a plan does, as the pages tell it of a proposal."""
        problem, study = self.model.problem, self.model.study
        then, today = self.evaluate(proposal, plan), self.today
        scores = score_once(problem, plan, then)
        people = residents_of(study)
        after = health_levels(study, today.stacking[0], then.burden[0], then.stacking[0])
        broken = breaches_of(problem, plan, then, today)
        told = [tell_breach(breach, problem) for breach in broken[:MOST_BROKEN]]
        return {
            "scores": scores,
            "after": {key: plain(values) for key, values in after.items()},
            **moved_of(people, today.burden[0], then.burden[0]),
            "values": values_of(self.book["scores"], scores, float(people.sum())),
            "capital": scores["capital"],
            "broken": told + (["en nog meer"] if len(broken) > MOST_BROKEN else []),
        }

    def budgets(self) -> list[Plain]:
        """Return the budgets that may be changed, with their euros now; None = no limit."""
        settings = self.model.settings
        eur = {line.name: line.eur for line in settings.constraints.budgets}
        eur[WHOLE] = self.model.problem.rules.rows[-1].eur
        return [{"name": name, "limit": eur.get(name)} for name in self.masks]

    def within(self, proposal: str, plan: Plan, limits: Mapping[str, float | None]) -> Plain:
        """Say what of a plan fits in other budgets, and what plan of the front comes nearest.

        Parameters
        ----------
        limits
            Euros by the name of a budget; None = no limit.
        """
        for name, euros in limits.items():
            is_euros = euros is None or (isinstance(euros, int | float) and 0.0 <= euros <= 1e12)
            if name not in self.masks or not is_euros:
                raise _refused(NO_LINE)
        rules = self.model.problem.rules
        spend = spend_of(plan, rules)
        most = {name: limits.get(name) for name in self.masks}
        bounds = [np.inf if euros is None else float(euros) for euros in most.values()]
        away = distance_eur(self.front, rules, plan)
        nearest, n_within = nearest_within(self.spent, away, bounds)
        lines = []
        there = None if nearest < 0 else self.front.plan(nearest, plan.size)
        for (name, mask), bound in zip(self.masks.items(), bounds, strict=True):
            spent = float(spend[mask].sum())
            then = None if there is None else float(spend_of(there, rules)[mask].sum())
            over = max(spent - bound, 0.0)
            limit = None if np.isinf(bound) else bound
            row = {"name": name, "limit": limit, "spent": spent, "over": over, "nearest": then}
            lines.append(row | {"fits": spent <= bound * (1.0 + 1e-9)})
        if there is None:
            return {"lines": lines, "n_within": 0, "n_front": len(self.front), "nearest": None}
        found = {
            "candidate": nearest,
            "away": float(away[nearest]),
            "changes": self.changes(proposal, there),
            "outcome": self.outcome(proposal, there),
        }
        return {
            "lines": lines,
            "n_within": n_within,
            "n_front": len(self.front),
            "nearest": found,
        }

    def moved(self, plan: Plan, euros: float, source: str, target: str) -> Plan:
        """Return a plan in which money goes from one intervention to another."""
        problem = self.model.problem
        kinds = problem.options.interventions.index.astype(str).tolist()
        if source not in kinds or target not in kinds or source == target:
            raise _refused(SAME)
        return move_money(problem, plan, euros, kinds.index(source), kinds.index(target))

    def works(self, plan: Plan) -> list[list[Any]]:
        """Return what a plan builds: what, how much, its unit, where, and its number."""
        options, study = self.model.problem.options, self.model.study
        active = np.flatnonzero(plan)
        x, y = middles(options, study)
        zone = neighbourhood_of(options, study)
        kinds = options.interventions.iloc[options.intervention[active]]
        places = study.neighbourhoods
        return [
            [
                str(kind),
                float(plan[k] * options.step[k]),
                str(unit),
                float(x[k]),
                float(y[k]),
                str(places[CODE].iloc[zone[k]]) if zone[k] >= 0 else "",
                str(places[NAME].iloc[zone[k]]) if zone[k] >= 0 else "",
                str(k),
            ]
            for k, kind, unit in zip(active, kinds.index, kinds["unit_nl"], strict=True)
        ]


def _refused(why: str) -> DataError:
    """Return the error for a question that cannot be answered."""
    return DataError([Fault("Wat als", why, "Verander de vraag.")])


def load(run: Path, model: Model) -> Bench:
    """Return the model of a run with the plans of its proposals and its front."""
    book, n_option = read_book(run), model.problem.empty.size
    with xr.open_dataset(run / "front.nc", engine="h5netcdf") as front:
        plans = sparse_of(front)
    own = {
        name: plans.plan(proposal["candidate"], n_option)
        for name, proposal in book.proposal.items()
    }
    today = model.problem.evaluator.evaluate(model.problem.empty[None, :])
    masks = budget_masks(model.problem, model.settings.constraints.budgets)
    spent = spent_on(plans, model.problem.rules, list(masks.values()))
    bench = Bench(model, book, today, own, plans, masks, spent)
    # what is compiled is compiled before anybody waits for it
    for name in list(own)[:1]:
        changed = {"0": int(own[name][0] == 0 and model.problem.options.most[0] > 0)}
        bench.answer({"ask": "outcome", "proposal": name, "changes": changed})
        model.problem.gains(own[name], {"burden": 1.0})
    return bench


def main(run: Path, data: Path | None) -> None:
    """Load, say so, and answer until nobody asks any more."""
    out = sys.stdout
    sys.stdout = sys.stderr  # nothing but answers may stand between answers

    def say(answer: Plain) -> None:
        out.write(json.dumps(answer, allow_nan=False) + "\n")
        out.flush()

    with ExitStack() as stack:
        try:
            bench = load(run, stack.enter_context(model_of(run, data)))
        except (EvengroundError, OSError) as error:
            say({"fault": str(error)})
            return
        say({"ready": True, "budgets": bench.budgets()})
        for line in sys.stdin:
            try:
                say(bench.answer(json.loads(line)))
            except (EvengroundError, ValueError, KeyError, TypeError, AttributeError) as error:
                say({"fault": str(error)})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
