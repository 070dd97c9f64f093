"""Where constraints act: sites that are closed, works that are locked in, places with priority.

Takes the options, the study area and what the case brings; gives arrays by option. Knows
nothing of plans.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from evenground.config import ConstraintSettings, PrioritySettings
from evenground.errors import ConfigError, DataError, Fault, few
from evenground.interventions import Options
from evenground.names import CODE, LOW_INCOME_SHARE
from evenground.study import StudyArea

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Plan = NDArray[np.int16]


CLOSED_SHARE = 0.5
"""Part of a site that lies in closed places from which nothing is built on it."""


@dataclass(frozen=True)
class Works:
    """Works that are locked in; arrays (work,)."""

    x: Float
    y: Float
    intervention: NDArray[np.str_]
    amount: Float


def middles(options: Options, study: StudyArea) -> tuple[Float, Float]:
    """Return where the middle of each option's site lies, or a point on it (option,)."""
    return study.sites.x[options.site], study.sites.y[options.site]


def neighbourhood_of(options: Options, study: StudyArea) -> NDArray[np.int64]:
    """Return the neighbourhood of each option's site, -1 outside all."""
    return study.sites.neighbourhood[options.site].astype(np.int64)


def closed_sites(
    options: Options, study: StudyArea, settings: ConstraintSettings, polygons: NDArray[np.object_]
) -> Bool:
    """Say at which options nothing may be built.

    A square is closed where its middle lies in a closed place; a site of another kind where
    half of its cells or more do, by their centres, or its middle where it has none.

    Raises
    ------
    ConfigError
        If a code is of no neighbourhood.
    """
    inside = _of_codes(settings.exclude_codes, study, "constraints.exclude_codes")
    where = neighbourhood_of(options, study)
    closed = inside[np.maximum(where, 0)] & (where >= 0)
    if polygons.size:
        closed |= _closed_part(study, polygons)[options.site] >= CLOSED_SHARE
    return np.asarray(closed, bool)


def _closed_part(study: StudyArea, polygons: NDArray[np.object_]) -> Float:
    """Return the part of each site that lies in closed places (site,)."""
    sites, tree = study.sites, shapely.STRtree(polygons)
    middle = np.zeros(len(sites))
    points = shapely.points(sites.x, sites.y)
    middle[tree.query(points, predicate="intersects")[0]] = 1.0
    if sites.are_squares:
        return middle
    row, col = np.nonzero(sites.cell >= 0)
    centres = shapely.points(study.grid.x[col], study.grid.y[row])
    is_in = np.zeros(row.size)
    is_in[tree.query(centres, predicate="intersects")[0]] = 1.0
    site = sites.cell[row, col]
    count = np.bincount(site, minlength=len(sites))
    return np.where(count > 0, np.bincount(site, is_in, len(sites)) / np.maximum(count, 1), middle)


def priority_places(study: StudyArea, settings: PrioritySettings) -> Bool:
    """Say which neighbourhoods have priority (neighbourhood,): those that meet all that is asked.

    Raises
    ------
    ConfigError
        If a code is of no neighbourhood, or none is left.
    """
    table = study.neighbourhoods
    chosen = np.ones(len(table), bool)
    if settings.codes:
        chosen &= _of_codes(settings.codes, study, "constraints.priority.codes")
    if settings.ses_rank_at_most is not None:
        rank = table["ses_rank"].to_numpy(float)
        chosen &= np.nan_to_num(rank, nan=np.inf) <= settings.ses_rank_at_most
    if settings.low_income_at_least is not None:
        low = table[LOW_INCOME_SHARE].to_numpy(float)
        chosen &= np.nan_to_num(low, nan=-np.inf) >= settings.low_income_at_least
    if not chosen.any():
        fault = Fault("constraints.priority", "no neighbourhood meets it.", "Ask for less.")
        raise ConfigError([fault])
    return chosen


def _of_codes(codes: tuple[str, ...], study: StudyArea, place: str) -> Bool:
    """Say which neighbourhoods are named."""
    known = study.neighbourhoods[CODE].astype(str)
    if unknown := [code for code in codes if code not in set(known)]:
        finding = f"found {few(unknown)}, which no neighbourhood has."
        raise ConfigError([Fault(place, finding, "Use the codes of the neighbourhood file.")])
    return known.isin(codes).to_numpy(bool)


def locked_steps(options: Options, study: StudyArea, works: Works, file: str) -> Plan:
    """Return the steps of each option that are locked in, rounded up to whole ones (option,).

    Raises
    ------
    DataError
        If a work lies where its intervention is no option.
    """
    lock = np.zeros(options.most.size, np.int64)
    names = options.interventions.index.to_numpy(str)[options.intervention]
    at = {(int(s), str(n)): j for j, (s, n) in enumerate(zip(options.site, names, strict=True))}
    faults = []
    here = study.sites.at(study.grid, works.x, works.y).tolist()
    for k, (site, name) in enumerate(zip(here, works.intervention.tolist(), strict=True)):
        option = at.get((site, name))
        if option is None:
            finding = f"{name} cannot be built at {works.x[k]:.0f}, {works.y[k]:.0f}."
            cure = "Move it to a site with room for it, or leave it out."
            faults.append(Fault(f"{file}, row {k + 1}", finding, cure))
        else:
            lock[option] += int(np.ceil(works.amount[k] / options.step[option] - 1e-9))
    if faults:
        raise DataError(faults)
    return np.minimum(lock, np.iinfo(np.int16).max).astype(np.int16)
