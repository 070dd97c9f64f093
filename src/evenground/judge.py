"""Every fault and remark of a case, of every stage that may refuse it, in one list.

Reads all that a run would read before it searches, and searches nothing. One fault keeps
the others from being found only where they rest on what it spoils.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from evenground.config import RunSettings
from evenground.constraints import check_names, closed_sites, priority_places
from evenground.errors import Fault, FaultyInputError
from evenground.exposure.supplied import build_supplied
from evenground.interventions import build_options, read_catalogue
from evenground.objectives.groups import follow_groups
from evenground.objectives.health import list_channels, select_functions
from evenground.objectives.vulnerability import FIGURES, column_faults, modifier_faults
from evenground.results import tell_unplaced
from evenground.sources import Sources, Verdict, check_sources
from evenground.study import StudyArea, build_study, opportunities, tell_opportunities
from evenground.uncertainty import check_uncertain


def judge_case(settings: RunSettings, data: Path) -> tuple[list[Fault], list[str]]:
    """Return all faults of a case, and Dutch remarks on what was done to its files."""
    verdict = check_sources(settings, data)
    faults, remarks = list(verdict.faults), list(verdict.remarks)
    faults += column_faults(settings.vulnerability, [*FIGURES, *settings.factors])
    chosen = _faults(lambda: _judge_functions(settings))
    faults += chosen
    catalogue: list[pd.DataFrame] = []
    faults += _faults(lambda: catalogue.append(_catalogue(settings, verdict)))
    if catalogue:
        faults += check_names(settings.constraints, catalogue[0])
        if not chosen:
            faults += _faults(lambda: check_uncertain(settings, catalogue[0]))
    if verdict.sources is not None:
        faults += _faults(
            lambda: remarks.extend(_judge_places(settings, verdict.sources, catalogue))
        )
    return faults, remarks


def _faults(step: Callable[[], object]) -> list[Fault]:
    """Take a step, and return what it finds fault with."""
    try:
        step()
    except FaultyInputError as error:
        return list(error.faults)
    return []


def _judge_functions(settings: RunSettings) -> None:
    """Judge the functions of a run, and the modifiers of their responses."""
    select_functions(settings.health)
    if faults := modifier_faults(settings.vulnerability, list_channels(settings.health)):
        raise FaultyInputError(faults)


def _catalogue(settings: RunSettings, verdict: Verdict) -> pd.DataFrame:
    """Return the interventions of the case; own rows that are wrong have been told before."""
    brings_own = settings.interventions.catalogue or settings.interventions.effects
    if brings_own and verdict.catalogue is None:
        raise FaultyInputError([])
    return read_catalogue(
        settings.interventions,
        verdict.catalogue,
        price_year=settings.case.price_year,
        has_buildings=settings.buildings is not None,
    )


def _judge_places(
    settings: RunSettings, sources: Sources | None, catalogue: list[pd.DataFrame]
) -> tuple[str, ...]:
    """Judge all that needs the study area, and return its remarks."""
    if sources is None:
        return ()
    study: StudyArea = build_study(sources, settings)
    supplied = build_supplied(study, sources, settings)
    follow_groups(settings, study, {part.name: part.mean for part in supplied})
    limits = settings.constraints
    if limits.priority is not None:
        priority_places(study, limits.priority)
    remarks = (*study.remarks, *tell_opportunities(opportunities(study, settings)))
    if not catalogue:
        return remarks
    options = build_options(study, catalogue[0], settings.interventions)
    none = sources.neighbourhoods.geometry.to_numpy()[:0]
    closed_sites(options, study, limits, none)
    return (*remarks, *tell_unplaced(options, study, settings.interventions))
