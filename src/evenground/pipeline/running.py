"""One run, from settings to a run directory and five lines on what it says."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenground.config import RunSettings
from evenground.optimise import (
    Progress,
    search,
)
from evenground.outputs.folder import (
    Clock,
    logged,
    name_run,
    whole_folder,
    write_log,
    write_manifest,
)
from evenground.pipeline.model import build_model
from evenground.pipeline.telling import build_run
from evenground.pipeline.writing import write_run
from evenground.results import (
    Run,
    name_burdens,
)
from evenground.results.numbers import change, million, number, percent

Float = NDArray[np.float64]


def run(
    settings: RunSettings, data: Path, out: Path, progress: Progress | None = None
) -> tuple[Path, list[str]]:
    """Search a case and write its run directory; return it with five lines on what it says.

    The directory is written under a temporary name and renamed when it is whole, so
    that a run that is killed leaves nothing that looks finished.
    """
    clock = Clock()
    with logged() as log:
        model = build_model(settings, data)
        clock.lap("model")
        found = search(model.problem, progress)
        clock.lap("search")
        result = build_run(model, found)
        clock.lap("proposals")
        target = name_run(out, settings)
        with whole_folder(target) as folder:
            write_run(model, result, folder)
            clock.lap("outputs")
            write_manifest(folder, settings, result, clock.laps)
            write_log(folder, log)
    return target, summarise(result)


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
    lines.append("Open report.html voor kaarten, wie erop vooruitgaat, kosten en bronnen.")
    return lines
