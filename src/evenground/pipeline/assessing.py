"""A plan that somebody drew, judged by the case of a finished run.

Takes a run directory, its data and a file with works; gives scores before and after, what is
not respected, and Dutch lines. Searches nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground.config import RunSettings, read_settings
from evenground.disk import hash_file, replace_text
from evenground.dutch import compact, euro, number, percent
from evenground.errors import DataError, Fault
from evenground.names import CODE, FEWEST, NAME
from evenground.pages.places import levels, residents_of
from evenground.pages.plans import moved_of, scores_shown, values_of
from evenground.pipeline.model import Model, build_model, write_default
from evenground.pipeline.planfile import Drawn, read_plan
from evenground.results import Assessment, assess, breaches_of, tell_breach
from evenground.runs import SETTINGS, read_manifest

Plain = dict[str, Any]
Plan = NDArray[np.int16]

MOST_NAMED = 10
"""Breaches, and neighbourhoods that lose, that are told one by one."""


@dataclass(frozen=True)
class Judged:
    """What a plan does in the case of a run, and what of the case it does not respect."""

    run: str
    drawn: Drawn
    today: Assessment
    after: Assessment
    told: Plain
    """Plain values: ``scores`` (name, unit, before, after, change), ``better``, ``worse``,
    ``residents_better``, ``residents_worse``, ``losers`` and ``broken``, in Dutch words."""

    @property
    def plan(self) -> Plan:
        """Steps of each option (option,)."""
        return self.drawn.plan

    @property
    def scores(self) -> dict[str, float]:
        """Scores of the plan; smaller is better."""
        return dict(self.after.scores)

    @property
    def broken(self) -> tuple[str, ...]:
        """What the plan does not respect, in Dutch; nothing where it respects all."""
        return tuple(self.told["broken"])

    def lines(self) -> list[str]:
        """Return in Dutch what a person wants to know of the plan."""
        told = self.told
        out = [f"{self.drawn.n_rows} werken gelezen, voor het geval van {self.run}."]
        if self.drawn.n_rounded:
            out.append(f"{self.drawn.n_rounded} hoeveelheden zijn op hele stappen afgerond.")
        out += [_score_line(score) for score in told["scores"]]
        people = [number(told[f"residents_{word}"]) for word in ("better", "worse")]
        out.append(f"Beter af: {told['better']} buurten, {people[0]} inwoners.")
        out.append(f"Slechter af: {told['worse']} buurten, {people[1]} inwoners.")
        out += [
            f"  {row['name']}: {compact(row['change'])} DALY per 1000 inwoners per jaar erbij"
            for row in told["losers"][:MOST_NAMED]
        ]
        broken = told["broken"]
        out.append(f"Regels: {len(broken)} overtreden." if broken else "Regels: aan alle voldaan.")
        out += [f"  {text}" for text in broken[:MOST_NAMED]]
        if len(broken) > MOST_NAMED:
            out.append(f"  en nog {len(broken) - MOST_NAMED}")
        return out


def _score_line(score: Plain) -> str:
    """Return one score before and after."""
    before, after = score["before"], score["after"]
    if score["unit"] == "euro":
        return f"{score['name']}: {euro(after)}"
    changed = percent(after, before, 2)
    return f"{score['name']}: nu {compact(before)}, met het plan {compact(after)} ({changed})"


def assess_file(run: Path, path: Path, data: Path | None = None) -> Judged:
    """Judge the plan of a file by the case of a run.

    Parameters
    ----------
    data
        Folder of the files of the run; the embedded town needs none.

    Raises
    ------
    FaultyInputError
        If the run, its data or the plan cannot be read.
    """
    with model_of(run, data) as model:
        return judge_plan(model, run.absolute().name, read_plan(path, model.options, model.study))


def judge_plan(model: Model, run: str, drawn: Drawn) -> Judged:
    """Judge a plan that was read."""
    problem, study = model.problem, model.study
    today, after = (assess(problem, study, plan) for plan in (problem.empty, drawn.plan))
    change = levels(study, today, after)["burden"] - levels(study, today, today)["burden"]
    evaluations = [problem.evaluator.evaluate(p[None, :]) for p in (drawn.plan, problem.empty)]
    broken = breaches_of(problem, drawn.plan, *evaluations)
    people = residents_of(study)
    told = {
        "scores": _scores(today, after, float(people.sum())),
        **moved_of(people, today.burden, after.burden),
        "losers": _losers(model, change),
        "broken": [tell_breach(breach, problem) for breach in broken],
    }
    return Judged(run, drawn, today, after, told)


def _scores(today: Assessment, after: Assessment, residents: float) -> list[Plain]:
    """Return every score that plans are compared on, before and after."""
    shown = scores_shown(today.scores, residents)
    before, then = dict(today.scores), dict(after.scores)
    changes = values_of(shown, then, residents)
    out = []
    for score in shown:
        key = score["key"]
        first, last = (
            plan["inequality"] - 1000.0 * plan["burden"] / max(residents, 1.0)
            if key == "gap"
            else plan[key]
            for plan in (before, then)
        )
        is_money = score["kind"] == "million"
        out.append(
            {
                "key": key,
                "name": score["name"],
                "unit": "euro" if is_money else "",
                "before": float(first),
                "after": float(last),
                "change_percent": None if is_money else float(changes[key]),
            }
        )
    return out


def _losers(model: Model, change: NDArray[np.float64]) -> list[Plain]:
    """Return the neighbourhoods that lose burden-wise, largest loss first."""
    table, people = model.study.neighbourhoods, residents_of(model.study)
    lost = [k for k in np.argsort(-np.nan_to_num(change)).tolist() if change[k] > 1e-9]
    return [
        {"code": str(table[CODE].iloc[k]), "name": str(table[NAME].iloc[k])}
        | {"change": float(change[k])}
        for k in lost
        if people[k] >= FEWEST
    ]


@contextmanager
def model_of(run: Path, data: Path | None) -> Iterator[Model]:
    """Give the model that a run was made with.

    Raises
    ------
    FaultyInputError
        If the run cannot be read, or the files of the data are not those of the run.
    """
    settings = read_settings(run / SETTINGS)
    with TemporaryDirectory(prefix="evenground-") as folder:
        found = data if data is not None and _has_files(run, data) else None
        if found is None and is_embedded(settings):
            found = write_default(Path(folder)).parent
            if data is not None and _faults(run, found):
                found = data  # another town of that name: its own data are what is missed
        if found is None and data is None:
            cure = "Name its folder with --data."
            raise DataError([Fault(str(run), "needs the data it was made with.", cure)])
        place = found or data or run
        check_files(run, place)
        yield build_model(settings, place)


def _has_files(run: Path, data: Path | None) -> bool:
    """Say whether a folder has files of the names that a run was made with."""
    names = [str(record["path"]) for record in read_manifest(run)["inputs"]]
    return data is not None and all((data / name).is_file() for name in names)


def is_embedded(settings: RunSettings) -> bool:
    """Say whether a run is of the invented town that comes with the package."""
    return settings.case.id == "voorbeeldstad" and settings.case.fictional


def check_files(run: Path, data: Path) -> None:
    """Raise unless every file of the data has the checksum that the run wrote down."""
    if faults := _faults(run, data):
        raise DataError(faults)


def _faults(run: Path, data: Path) -> list[Fault]:
    """Return what is missing or other than the run wrote down."""
    faults = []
    for record in read_manifest(run)["inputs"]:
        path = data / record["path"]
        if not path.is_file():
            cure = "Name its folder with --data."
            faults.append(Fault(str(path), "is not there, and this run was made with it.", cure))
        elif hash_file(path) != record["sha256"]:
            cure = "Name the folder with the files of the run."
            faults.append(Fault(str(path), "is not the file that this run was made with.", cure))
    return faults


def write_judged(judged: Judged, path: Path) -> None:
    """Write what was found as JSON."""
    told = {"run": judged.run, "rows": judged.drawn.n_rows, "rounded": judged.drawn.n_rounded}
    text = json.dumps(told | judged.told, ensure_ascii=False, indent=1, allow_nan=False)
    replace_text(path, text + "\n")
