"""One run, from settings to a run directory and five lines on what it says."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from evenground.config import RunSettings
from evenground.optimise import Found, Progress, look_ahead, search
from evenground.outputs.crate import write_crate
from evenground.outputs.folder import (
    Clock,
    RunLog,
    logged,
    name_run,
    whole_folder,
    write_checksums,
    write_log,
)
from evenground.outputs.manifest import (
    Origin,
    Timing,
    build_manifest,
    write_manifest,
    write_settings,
)
from evenground.pipeline.earlier import warm_seeds
from evenground.pipeline.model import Model, build_model
from evenground.pipeline.telling import build_run
from evenground.pipeline.writing import write_run
from evenground.results import (
    Run,
    name_burdens,
)
from evenground.results.numbers import change, million, number, percent

logger = logging.getLogger(__name__)
More = Callable[[Path], None]
"""Writes what else belongs in a run directory."""
FROM_SETTINGS = Origin()


@dataclass(frozen=True)
class Told:
    """What is kept of a run while it goes on."""

    log: RunLog
    clock: Clock = field(default_factory=Clock)
    origin: Origin = FROM_SETTINGS


def run(
    settings: RunSettings,
    data: Path,
    out: Path,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
    *,
    origin: Origin = FROM_SETTINGS,
    earlier: Path | None = None,
) -> tuple[Path, list[str]]:
    """Search a case and write its run directory; return it with five lines on what it says.

    The directory is written under a temporary name and renamed when it is whole, so
    that a run that is killed leaves nothing that looks finished.

    Parameters
    ----------
    tell
        Called with each Dutch line on what the search has before it.
    earlier
        Directory of a run of which plans are started from.
    """
    with logged() as log:
        told = Told(log, origin=origin)
        model = build_model(settings, data)
        seeds = None
        if earlier is not None:
            seeds, about = warm_seeds(earlier, model)
            told = replace(told, origin=replace(origin, warm_start=about))
        told.clock.lap("model")
        for line in foresee(model):
            logger.info("%s", line)
            if tell is not None:
                tell(line)
        found = search(model.problem, progress, seeds)
        told.clock.lap("search")
        result = build_run(model, found)
        told.clock.lap("proposals")
        target = name_run(out, settings)
        write_whole(model, found, result, target, told)
    return target, summarise(result)


def write_whole(
    model: Model, found: Found, result: Run, target: Path, told: Told, *, more: More | None = None
) -> None:
    """Write a run directory, of which nothing is seen before it is whole.

    The manifest follows the results, a description of all files follows that, and the
    checksums are last.

    Raises
    ------
    StorageError
        If the disk refuses; nothing that looks like a run is left.
    """
    with whole_folder(target) as folder:
        write_run(model, result, folder)
        if more is not None:
            more(folder)
        told.clock.lap("outputs")
        write_settings(folder, model.settings)
        timing = Timing(told.clock.started, told.clock.ended, told.clock.laps)
        manifest = build_manifest(
            target.name, result, timing, told.origin, is_cut_short=found.is_cut_short
        )
        write_manifest(folder, manifest)
        write_log(folder, told.log)
        write_crate(folder, manifest)
        write_checksums(folder)


def foresee(model: Model) -> list[str]:
    """Return Dutch lines on what the search has before it."""
    ahead = look_ahead(model.problem)
    table = model.options.interventions[["name_nl", "unit_nl"]].astype(str)
    buys = [
        f"{name.split(':', maxsplit=1)[0]} ({number(amount)} {unit})"
        for amount, (name, unit) in zip(
            ahead.buys.values(), table.itertuples(index=False), strict=True
        )
        if amount > 0.0
    ]
    rooms = f"{number(ahead.fits)} mogelijkheden passen op de grond; {number(ahead.is_open)} "
    rooms += f"mogen en zijn groot genoeg, {number(ahead.affordable)} zijn te betalen."
    takes = f"Het zoeken duurt naar schatting {duration(ahead.seconds)} "
    takes += f"en vraagt {number(ahead.gigabytes, 1)} GB geheugen."
    money = f"Het geld koopt, als alles naar één maatregel gaat: {'; of '.join(buys)}."
    return [rooms, money, takes] if buys else [rooms, takes]


def duration(seconds: float) -> str:
    """Return a duration in Dutch, rounded as one would say it.

    Examples
    --------
    >>> duration(44.0), duration(100.0), duration(5400.0)
    ('44 seconden', '2 minuten', '1,5 uur')
    """
    if seconds < 90.0:
        return f"{number(max(seconds, 1.0))} seconden"
    if seconds < 5400.0:
        return f"{number(seconds / 60.0)} minuten"
    return f"{number(seconds / 3600.0, 1)} uur"


def summarise(result: Run) -> list[str]:
    """Return five Dutch lines on what a run says."""
    today = result.today.scores
    title, evaluated = result.settings.case.title, int(result.history["evaluated"].iloc[-1])
    n_front = result.front.sizes["candidate"]
    burdens = name_burdens(result.settings.health)
    lines = [
        f"{title}: nu {number(today['burden'])} DALY per jaar door {burdens}.",
        f"{number(n_front)} plannen in het front, uit {number(evaluated)} doorgerekende.",
    ]
    for proposal in result.proposals[:2]:
        scores = proposal.assessment.scores
        lines.append(
            f"{proposal.name}: {million(scores['capital'])}, "
            f"{change(scores['burden'] - today['burden'], 0)} DALY per jaar, stapeling "
            f"{percent(scores['stacking'], today['stacking'])}."
        )
    return lines
