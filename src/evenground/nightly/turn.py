"""One unattended turn, from the check of the inputs to a run with what changed beside it."""

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from evenground import disk
from evenground.config import RunSettings
from evenground.errors import (
    NO_PLAN,
    WRONG_INPUT,
    EvengroundError,
    FaultyInputError,
    SearchError,
    StorageError,
)
from evenground.judge import judge_case
from evenground.nightly.compare import compare_nights
from evenground.nightly.state import Outcome, last_run, notify, write_state
from evenground.optimise import search
from evenground.outputs.changes import JSON_NAME, tell_changes, write_changes
from evenground.outputs.folder import logged, name_run
from evenground.outputs.manifest import Origin
from evenground.pipeline import (
    Model,
    Told,
    build_model,
    build_run,
    foresee,
    summarise,
    warm_seeds,
    write_whole,
)
from evenground.runs import read_manifest

logger = logging.getLogger(__name__)
OUR_FAULT = 5
RESERVED = 0.25
"""Share of the time that is kept for what follows the search, where no night told how long."""
SPARE = 1.25
"""How much longer than last night that may take."""
Tell = Callable[[str], None]


def take_turn(
    settings: RunSettings, data: Path, folder: Path, limit_s: float | None, tell: Tell
) -> None:
    """Run a case once, say what changed, keep how it went, and tell whoever is to be told.

    How a turn that fails went is kept and told as well, and its error goes on.

    Raises
    ------
    EvengroundError
        As a run does.
    """
    disk.make_folder(folder)
    last = last_run(folder, settings.case.id)
    before = "" if last is None else last.name
    try:
        outcome = _turn(settings, data, folder, last, limit_s=limit_s, tell=tell)
    except Exception as error:
        code = WRONG_INPUT if isinstance(error, EvengroundError) else OUR_FAULT
        code = NO_PLAN if isinstance(error, SearchError) else code
        failed = Outcome(code, str(error) or type(error).__name__, before, is_new=False)
        try:
            _close(settings, folder, failed, tell)
        except StorageError as second:
            tell(str(second))
        raise
    _close(settings, folder, outcome, tell)


def _close(settings: RunSettings, folder: Path, outcome: Outcome, tell: Tell) -> None:
    """Keep how a turn went, and call the command of the case."""
    path = write_state(folder, outcome)
    if said := notify(settings.nightly, path):
        tell(said)


def _turn(
    settings: RunSettings,
    data: Path,
    folder: Path,
    last: Path | None,
    *,
    limit_s: float | None,
    tell: Tell,
) -> Outcome:
    """Check, read, search, compare and write."""
    began = time.monotonic()
    faults, _ = judge_case(settings, data)
    if faults:
        raise FaultyInputError(faults)
    with logged() as log:
        told = Told(log)
        model = build_model(settings, data)
        told.clock.lap("model")
        for line in foresee(model):
            logger.info("%s", line)
        seeds = None
        if last is not None:
            try:
                seeds, about = warm_seeds(last, model)
                told = Told(log, told.clock, Origin(warm_start=about))
            except EvengroundError as error:
                tell(f"{last.name} telt niet mee: {error}")
                last = None
        limit_s = limit_s or settings.nightly.time_limit_s
        if limit_s is not None:
            model = _within(model, limit_s, time.monotonic() - began, last)
        found = search(model.problem, None, seeds)
        told.clock.lap("search")
        result = build_run(model, found)
        told.clock.lap("proposals")
        target = name_run(folder, settings)
        changes = compare_nights(target.name, last, data, model, result)
        told.clock.lap("comparison")
        lines = [*tell_changes(changes), *summarise(result)]
        for line in lines:
            logger.info("%s", line)
        write_whole(
            model, found, result, target, told, more=partial(write_changes, changes, settings.case)
        )
    tell(f"Resultaten: {target}")
    for line in lines:
        tell(f"- {line}")
    return Outcome(
        0, "\n".join(lines), target.name, is_new=True, whatchanged=f"{target.name}/{JSON_NAME}"
    )


def _within(model: Model, limit_s: float, spent_s: float, last: Path | None) -> Model:
    """Return the model with the time for its search that reading and writing leave."""
    seconds = {} if last is None else read_manifest(last).get("seconds", {})
    after = [seconds[name] for name in ("proposals", "comparison", "outputs") if name in seconds]
    kept = SPARE * float(sum(after)) if after else RESERVED * limit_s
    left = max(1.0, limit_s - spent_s - kept)
    search_settings = model.settings.search
    if search_settings.time_limit_s is not None:
        left = min(left, search_settings.time_limit_s)
    return model.with_search(search_settings.model_copy(update={"time_limit_s": left}))
