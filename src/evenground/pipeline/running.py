"""One run, from settings to a run directory and five lines on what it says."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from evenground.config import RunSettings
from evenground.errors import DataError
from evenground.optimise import (
    Checkpoints,
    Found,
    Progress,
    Snapshot,
    identify,
    look_ahead,
    search,
)
from evenground.outputs.crate import write_crate
from evenground.outputs.folder import (
    Clock,
    RunLog,
    logged,
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
from evenground.outputs.package import write_packages
from evenground.pipeline.earlier import warm_seeds
from evenground.pipeline.model import Model, build_model
from evenground.pipeline.resuming import Asked, Going, begun, find, taken_up, tidy
from evenground.pipeline.telling import build_run
from evenground.pipeline.writing import write_run
from evenground.results import (
    Run,
    name_burdens,
)
from evenground.results.numbers import change, million, number, percent
from evenground.unfinished import listening

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


@dataclass(frozen=True)
class Way:
    """How a run goes about its search."""

    progress: Progress | None = None
    tell: Callable[[str], None] | None = None
    """Called with each Dutch line on what the search has before it."""
    origin: Origin = FROM_SETTINGS
    earlier: Path | None = None
    """Directory of a run of which plans are started from."""
    resume: Path | None = None
    """Folder of the unfinished run to go on with; see ``resuming.locate``."""
    fresh: bool = False
    """Start anew, and give up unfinished runs that were asked the same."""

    def say(self, line: str) -> None:
        """Tell and log a line."""
        logger.info("%s", line)
        if self.tell is not None:
            self.tell(line)


def run(
    settings: RunSettings, data: Path, out: Path, way: Way | None = None
) -> tuple[Path, list[str]]:
    """Search a case and write its run directory; return it with five lines on what it says.

    The directory is written under a temporary name and renamed when it is whole, so
    that a run that is killed leaves nothing that looks finished. What its search has found
    is kept beside it, and the next run that asks the same goes on from there.

    Raises
    ------
    DataError
        If the run to resume is of other inputs or another version.
    StoppedError
        If the program is asked to stop; what was found is kept.
    """
    with searched(settings, data, out, way or Way()) as (model, found, target, told):
        result = build_run(model, found)
        told.clock.lap("proposals")
        write_whole(model, found, result, target, told)
    return target, summarise(result)


@contextmanager
def searched(
    settings: RunSettings, data: Path, out: Path, way: Way
) -> Iterator[tuple[Model, Found, Path, Told]]:
    """Search a case, from its start or from where it was ended, and give what was found.

    Gives the model, what was found, the run directory that is to be written inside, and what
    is kept of the run. What the search found stays on the disk until that directory is there.
    """
    asked = Asked(settings, None if way.origin.is_default else data, way.earlier)
    tidy(out, without=asked.key if way.fresh else None)
    with logged() as log, ExitStack() as stack:
        folder = way.resume or find(out, asked)
        # locked before the city is read; a new run gets its folder only after that
        left = None if folder is None else stack.enter_context(taken_up(folder))
        told = Told(log, origin=way.origin)
        model = build_model(settings, data)
        seeds = None
        if way.earlier is not None:
            seeds, about = warm_seeds(way.earlier, model)
            told = replace(told, origin=replace(told.origin, warm_start=about))
        identity = identify(model.problem, seeds)
        place = None if left is None else _take_up(left, identity, asked, way)
        going, points, start = place or _begin(
            stack.enter_context(begun(out, asked)), identity, asked
        )
        told = replace(told, origin=replace(told.origin, resumed=going.resumed))
        told.clock.lap("model")
        for line in foresee(model) if start is None else [tell_start(going.target.name, start)]:
            way.say(line)
        with listening():
            found = search(model.problem, way.progress, seeds, keep=points.keep, start=start)
        told.clock.lap("search")
        yield model, found, going.target, told


Start = tuple[Going, Checkpoints, Snapshot | None]
"""The run that goes on, its checkpoints, and where its search starts; none = at its seeds."""


def _take_up(left: Going, identity: dict[str, str], asked: Asked, way: Way) -> Start | None:
    """Return where a run that was ended goes on; None where it is of other inputs by now.

    Raises
    ------
    DataError
        If it is of other inputs and was named.
    """
    points = left.checkpoints(identity, asked.settings.search.checkpoint_s)
    try:
        return left, points, points.newest()
    except DataError as error:
        if way.resume is not None:
            raise
        way.say(f"Begint opnieuw: {error}")
    return None


def _begin(going: Going, identity: dict[str, str], asked: Asked) -> Start:
    """Return where a run starts that begins."""
    return going, going.checkpoints(identity, asked.settings.search.checkpoint_s), None


def tell_start(name: str, start: Snapshot) -> str:
    """Return a Dutch line on a search that is gone on with."""
    done = number(start.told["evaluated"])
    return f"Gaat verder met {name}: {done} plannen waren doorgerekend."


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
        write_packages(folder)
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
