"""What a sweep says so far: the state of every run, the tables, and one page in Dutch.

Reads the store only, so it can be asked at any time, also of a sweep that is still at work.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evenground import disk
from evenground.outputs.folder import whole_folder
from evenground.outputs.gis.robust import write_robust
from evenground.outputs.report import write_sweep_report
from evenground.results import Outcome, tell_sweep
from evenground.runs import hashed
from evenground.sweep.plan import Plan, Trial
from evenground.sweep.store import Store

NOT_MEASURING = ("case", "interventions", "constraints", "phasing", "uncertainty", "search")
"""Sections that change which plans there are and which are found, not what a score means."""
DONE, NO_PLAN, FAULT, BEGUN, WAITING = "done", "no_plan", "fault", "begun", "waiting"
TABLES = ("runs", "scores", "effects", "levels", "front", "attainment", "sites")
"""Tables of a summary, each a file of its own."""
STATES = (DONE, NO_PLAN, FAULT, BEGUN, WAITING)


@dataclass(frozen=True)
class Status:
    """How far a sweep is."""

    states: Mapping[str, int]
    """Number of runs by state."""
    seconds: Mapping[str, float]
    """Mean of finished runs: making places, and searching."""
    faults: Mapping[int, str]
    """What went wrong, by row."""
    starts: int
    """Times that a run was begun; more than runs where workers died."""
    rows: tuple[tuple[int, str, Mapping[str, Any]], ...]
    """Row, state and settings of every run."""

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is left to do."""
        return all(self.states.get(state, 0) == 0 for state in (FAULT, BEGUN, WAITING))


def look(store: Store, plan: Plan) -> Status:
    """Return how far a sweep is, from its results and logs."""
    notes = list(store.notes())
    states, said = _states(store, plan, notes)
    ends = [note["seconds"] for note in notes if note["event"] == "end"]
    seconds = (
        {part: sum(float(end[part]) for end in ends) / len(ends) for part in ("places", "run")}
        if ends
        else {}
    )
    return Status(
        states=Counter(states[trial.row] for trial in plan.trials),
        seconds=seconds,
        faults=said,
        starts=sum(note["event"] == "start" for note in notes),
        rows=tuple((trial.row, states[trial.row], trial.sets) for trial in plan.trials),
    )


def _states(
    store: Store, plan: Plan, notes: list[dict[str, Any]]
) -> tuple[dict[int, str], dict[int, str]]:
    """Return the state of every row, and what went wrong of those with a fault."""
    finished, last = store.finished(), {note["key"]: note for note in notes}
    ends = {note["key"]: note["came"] for note in notes if note["event"] == "end"}
    states, said = {}, {}
    for trial in plan.trials:
        note = last.get(trial.key)
        if trial.key in finished:
            states[trial.row] = NO_PLAN if ends.get(trial.key) == NO_PLAN else DONE
        elif note is None:
            states[trial.row] = WAITING
        elif note["event"] == "fault":
            states[trial.row] = FAULT
            said[trial.row] = str(note["said"])
        else:
            states[trial.row] = BEGUN
    return states, said


def gather(store: Store, plan: Plan) -> list[Outcome]:
    """Return what is known of every run.

    Raises
    ------
    DataError
        If a result was damaged after it was written.
    """
    states, said = _states(store, plan, list(store.notes()))
    return [_outcome(store, trial, states[trial.row], said.get(trial.row, "")) for trial in
            plan.trials]  # fmt: skip


def _outcome(store: Store, trial: Trial, state: str, fault: str) -> Outcome:
    """Return what is known of one run."""
    arrays: dict[str, Any] = {}
    told: dict[str, Any] = {"fault": fault}
    if state in {DONE, NO_PLAN}:
        arrays, told = store.take(trial.key)
        state = NO_PLAN if "fault" in told else DONE
    alike = hashed(measured(trial))
    return Outcome(trial.row, trial.key, state, trial.sets, trial.place, alike, arrays, told)


def measured(trial: Trial) -> dict[str, Any]:
    """Return what the scores of a run rest on: the same means that they can be compared."""
    kept = {key: part for key, part in trial.settings.items() if key not in NOT_MEASURING}
    kept["objectives_of_search"] = trial.settings["search"]["objectives"]
    return kept | {"files": trial.files}


def write_summary(store: Store, plan: Plan) -> Path:
    """Write all tables and the page of a sweep as it is now, and return the folder.

    The folder is whole or as it was before.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    told = tell_sweep(gather(store, plan), plan.title, plan.design)
    target, fresh = store.folder / "summary", store.folder / "summary-new"
    _take_away(fresh)
    with whole_folder(fresh) as folder:
        for name in TABLES:
            table = getattr(told, name)
            disk.write(folder / f"{name}.csv", partial(table.to_csv, index=False))
        disk.write(folder / "sites.gpkg", partial(write_robust, told))
        disk.write(folder / "index.html", partial(write_sweep_report, told))
    try:
        _replace(target, fresh)
    finally:
        _take_away(fresh)
    return target


def _replace(target: Path, fresh: Path) -> None:
    """Put a folder in the place of another; where the disk refuses, the old one is back."""
    old = target.with_name(".summary-old")
    _take_away(old)
    try:
        if target.exists():
            disk.rename(target, old)
        disk.rename(fresh, target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    _take_away(old)


def _take_away(folder: Path) -> None:
    """Take a folder away, if it is there."""
    if folder.exists():
        disk.remove(folder)
