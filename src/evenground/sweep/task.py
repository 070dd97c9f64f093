"""One run of a sweep, as a worker does it: plain JSON in, a result in the store.

Needs no other task and nothing of the process that asked for it. Done twice, or by two workers
at once, it leaves the same file.
"""

import json
import logging
import time
import traceback
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground.config import RunSettings, parse_settings
from evenground.errors import ConfigError, Fault, SearchError, StorageError
from evenground.optimise import Found, search
from evenground.pipeline import Model, build_upon
from evenground.results import assess, build_front, select_proposals
from evenground.runs import code_version
from evenground.sweep.plan import Plan, Trial
from evenground.sweep.shared import shared_places
from evenground.sweep.store import Store

logger = logging.getLogger(__name__)

DONE, KEPT, NO_PLAN = "done", "kept", "no_plan"
"""What came of a task: it was carried out; it was finished before; no plan can meet what is
asked, which is a result as well."""


def write_order(trial: Trial, plan: Plan, folder: Path) -> str:
    """Return a task as JSON: all that a worker needs to carry it out."""
    order = asdict(trial) | {
        "data": str(plan.data),
        "code": plan.code,
        "folder": str(folder.resolve()),
    }
    return json.dumps(order, ensure_ascii=False)


def carry_out(text: str) -> str:
    """Carry out one run and keep its result; return what came of it.

    Raises
    ------
    ConfigError
        If this worker runs other code than the sweep was made with.
    DataError
        If a file of the case is wrong or has changed.
    StorageError
        If the disk of the sweep or of this machine refuses.
    """
    order = json.loads(text)
    key, store = str(order["key"]), Store(Path(order["folder"]))
    if store.has(key):
        return KEPT
    if order["code"] != code_version():
        finding = "the worker runs another evenground than the sweep was made with."
        cure = "Install the same version for all workers, or resume the sweep with this one."
        raise ConfigError([Fault("sweep", finding, cure)])
    began = time.monotonic()
    store.note("start", key, row=order["row"])
    try:
        settings = parse_settings(order["settings"], f"sweep, row {order['row']}")
        places = shared_places(order["places_key"], settings, Path(order["data"]), order["files"])
        ready = time.monotonic()
        came = _search(store, key, settings, places)
    except Exception as error:
        told = {"said": str(error), "trace": traceback.format_exc()}
        with suppress(StorageError):  # on a full disk it is told by the client alone
            store.note("fault", key, row=order["row"], **told)
        raise
    seconds = {
        "places": round(ready - began, 3),
        "run": round(time.monotonic() - ready, 3),
    }
    store.note("end", key, row=order["row"], came=came, seconds=seconds)
    return came


def _search(store: Store, key: str, settings: RunSettings, places: Any) -> str:  # noqa: ANN401 - Places
    """Search, and keep what was found."""
    try:
        model = build_upon(settings, places)
    except SearchError as error:
        store.put(key, {}, {"fault": str(error), "title": settings.case.title})
        return NO_PLAN
    arrays, said = tell(model, search(model.problem))
    store.put(key, arrays, said)
    return DONE


def tell(model: Model, found: Found) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return what is kept of a run: front, proposals with their works, and plain values.

    Nothing in it depends on when, where or how fast it was made.
    """
    problem, study = model.problem, model.study
    objectives = model.settings.search.objectives
    today = assess(problem, study, problem.empty)
    most = model.settings.search.proposals
    proposals = select_proposals(problem, study, found.archive, today, most)
    front = build_front(found.archive, objectives, found.history)
    arrays: dict[str, NDArray[Any]] = {
        name: front[name].to_numpy() for name in map(str, front.data_vars)
    }
    arrays["goals"] = found.archive.goals
    history = found.history.drop(columns=["seconds", "by"])
    arrays |= {f"history_{name}": history[name].to_numpy() for name in history.columns}
    works = [proposal.works for proposal in proposals]
    arrays["work_proposal"] = np.repeat(np.arange(len(works)), [len(one) for one in works])
    for name, kind in WORK_COLUMNS.items():
        parts = [one[name].to_numpy(kind) for one in works]
        arrays[f"work_{name}"] = np.concatenate(parts) if parts else np.zeros(0, kind)
    said = {
        "title": model.settings.case.title,
        "fictional": model.settings.case.fictional,
        "objectives": list(objectives),
        "site_m": study.site_m,
        "evaluated": found.evaluated,
        "is_cut_short": found.is_cut_short,
        "today": {**dict(today.scores), **dict(today.measures)},
        "proposals": [
            {
                "id": proposal.id,
                "name": proposal.name,
                "also": list(proposal.also),
                "helps_all": bool(proposal.helps_all),
                "candidate": int(proposal.candidate),
                "scores": {
                    **dict(proposal.assessment.scores),
                    **dict(proposal.assessment.measures),
                },
            }
            for proposal in proposals
        ],
        "interventions": {
            str(name): str(dutch) for name, dutch in model.options.interventions["name_nl"].items()
        },
    }
    return arrays, json.loads(json.dumps(said, default=float))


WORK_COLUMNS: dict[str, type] = {
    "x_m": np.int64,
    "y_m": np.int64,
    "intervention": np.str_,
    "amount": np.float64,
    "capital_eur": np.float64,
}
"""Columns of the works of proposals that are kept, and their kinds."""
