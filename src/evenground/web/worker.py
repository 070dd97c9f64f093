"""Computes plans anew, in a process of its own: the server never runs kernels.

Started as a module with the folder of a run and that of its data. Loads the model once, says
that it is ready, and then answers one line of JSON with one line of JSON.
"""

import contextlib
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from evenground.config import RunSettings, read_settings
from evenground.constraints import check_plan, middles, neighbourhood_of
from evenground.dutch import compact
from evenground.errors import DataError, EvengroundError, Fault
from evenground.names import CODE, NAME, OPTION
from evenground.optimise import next_projects
from evenground.pages.book import Book, read_book
from evenground.pages.places import residents_of
from evenground.pages.plans import outcome_of, values_of
from evenground.pipeline import Model, build_model, write_default
from evenground.results import Assessment, assess

Plan = NDArray[np.int16]
Plain = dict[str, Any]

MOST_CHANGES = 20_000
"""Most options that one question may change."""


STRANGE = "dit voorstel of zo veel veranderingen kent deze run niet."
TOO_MUCH = "op een van de plekken past niet zo veel."
SAME = "kies twee verschillende maatregelen."


def rescore(model: Model, plan: Plan) -> Assessment:
    """Return all that is said of a plan (option,). The one place where a plan is computed anew."""
    return assess(model.problem, model.study, plan)


@dataclass(frozen=True)
class Bench:
    """A loaded model, and the proposals of its run."""

    model: Model
    book: Book
    today: Assessment
    plans: Mapping[str, Plan]

    def answer(self, asked: Plain) -> Plain:
        """Answer one question.

        Raises
        ------
        EvengroundError
            If what is asked cannot be done, in Dutch words for the page.
        """
        plan = self.changed(str(asked["proposal"]), asked["changes"])
        if asked.get("move"):
            plan = self.moved(plan, **asked["move"])
        if asked["ask"] == "works":
            return {"works": self.works(plan)}
        changes = np.flatnonzero(plan != self.plans[asked["proposal"]])
        return {
            "changes": {str(k): int(plan[k]) for k in changes},
            "outcome": self.outcome(plan),
        }

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

    def outcome(self, plan: Plan) -> Plain:
        """Return what a plan does, as the pages tell it of a proposal."""
        after, study = rescore(self.model, plan), self.model.study
        people = float(residents_of(study).sum())
        return outcome_of(study, self.today, after) | {
            "values": values_of(self.book["scores"], dict(after.scores), people),
            "capital": float(after.scores["capital"]),
            "broken": [
                f"{breach.constraint} ({breach.place}): {compact(breach.found)}, "
                f"grens {compact(breach.bound)}"
                for breach in check_plan(plan, self.model.problem.rules)
            ],
        }

    def moved(self, plan: Plan, euros: float, source: str, target: str) -> Plan:
        """Return a plan in which money goes from one intervention to another.

        What saves least burden per euro goes first, what saves most comes first, both to first
        order at the plan as it stands.
        """
        problem = self.model.problem
        kinds = problem.options.interventions.index.astype(str).tolist()
        if source not in kinds or target not in kinds or source == target:
            raise _refused(SAME)
        of, plan = problem.options.intervention, plan.copy()
        freed = self._sell(plan, of == kinds.index(source), euros)
        self._buy(plan, of == kinds.index(target), freed)
        return plan

    def _sell(self, plan: Plan, is_sold: NDArray[np.bool_], euros: float) -> float:
        """Take steps of some options away, in place, until the euros are there; return them."""
        problem, freed = self.model.problem, 0.0
        each = problem.rules.capital_eur
        gain = problem.gains(plan, {"burden": 1.0}) / np.maximum(each, 1e-9)
        for option in np.argsort(gain, kind="stable"):
            if freed >= euros:
                break
            if is_sold[option] and plan[option] > 0 and each[option] > 0.0:
                wanted = int(np.ceil((euros - freed) / each[option]))
                steps = min(int(plan[option]), wanted)
                plan[option] -= steps
                freed += steps * float(each[option])
        return freed

    def _buy(self, plan: Plan, is_bought: NDArray[np.bool_], euros: float) -> None:
        """Add steps of some options, in place, as far as the euros and the rules allow."""
        problem = self.model.problem
        more, costs = next_projects(plan, problem.rules)
        gain = problem.gains(plan, {"burden": 1.0}) * more / np.maximum(costs, 1e-9)
        for option in np.argsort(-gain, kind="stable"):
            if not is_bought[option] or gain[option] <= 0.0:
                continue
            while True:
                more, costs = next_projects(plan, problem.rules)
                if more[option] == 0 or costs[option] > euros:
                    break
                plan[option] += more[option]
                euros -= float(costs[option])

    def works(self, plan: Plan) -> list[list[Any]]:
        """Return what a plan builds: what, how much, its unit, where, in which neighbourhood."""
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
            ]
            for k, kind, unit in zip(active, kinds.index, kinds["unit_nl"], strict=True)
        ]


def _refused(why: str) -> DataError:
    """Return the error for a question that cannot be answered."""
    return DataError([Fault("Wat als", why, "Verander de vraag.")])


def load(run: Path, data: Path) -> Bench:
    """Load the model of a run and the plans of its proposals.

    Raises
    ------
    DataError
        If the files of the data are not those of the run.
    """
    settings = read_settings(run / "settings.toml")
    check_files(run, data)
    model = build_model(settings, data)
    book = read_book(run)
    with xr.open_dataset(run / "front.nc", engine="h5netcdf") as front:
        plans = {
            name: plan_of(front, proposal["candidate"], model.problem.empty.size)
            for name, proposal in book.proposal.items()
        }
    return Bench(model, book, rescore(model, model.problem.empty), plans)


def check_files(run: Path, data: Path) -> None:
    """Raise unless every file of the data has the checksum that the run wrote down."""
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    faults = []
    for record in manifest["inputs"]:
        path = data / record["path"]
        if not path.is_file():
            cure = "Name its folder with --data."
            faults.append(Fault(str(path), "is not there, and this run was made with it.", cure))
        elif hashlib.sha256(path.read_bytes()).hexdigest() != record["sha256"]:
            cure = "Name the folder with the files of the run."
            faults.append(Fault(str(path), "is not the file that this run was made with.", cure))
    if faults:
        raise DataError(faults)


def plan_of(front: xr.Dataset, candidate: int, n_option: int) -> Plan:
    """Return the plan of a candidate (option,)."""
    start = np.append(0, np.cumsum(front["active_count"].to_numpy()))
    at = slice(int(start[candidate]), int(start[candidate + 1]))
    plan = np.zeros(n_option, np.int16)
    plan[front[OPTION].to_numpy()[at]] = front["amount"].to_numpy()[at]
    return plan


def is_embedded(settings: RunSettings) -> bool:
    """Say whether a run is of the invented town that comes with the package."""
    return settings.case.id == "voorbeeldstad" and settings.case.fictional


def main(run: Path, data: Path | None) -> None:
    """Load, say so, and answer until nobody asks any more."""
    out = sys.stdout
    sys.stdout = sys.stderr  # nothing but answers may stand between answers

    def say(answer: Plain) -> None:
        out.write(json.dumps(answer, allow_nan=False) + "\n")
        out.flush()

    with contextlib.ExitStack() as stack:
        try:
            if data is None and is_embedded(read_settings(run / "settings.toml")):
                folder = stack.enter_context(TemporaryDirectory(prefix="evenground-"))
                data = write_default(Path(folder)).parent
            if data is None:
                cure = "Start evenground serve with --data."
                raise DataError([Fault(str(run), "needs the data it was made with.", cure)])
            bench = load(run, data)
        except (EvengroundError, OSError) as error:
            say({"fault": str(error)})
            return
        say({"ready": True})
        for line in sys.stdin:
            try:
                say(bench.answer(json.loads(line)))
            except (EvengroundError, ValueError, KeyError, TypeError) as error:
                say({"fault": str(error)})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
