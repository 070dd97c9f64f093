"""What street measures do to traffic: quieter streets, less traffic, and cars elsewhere.

Takes the streets of the study area; gives for each measure the places it acts
on and by how much a metre of it changes their emission. Knows nothing of
receptors. Where cars go stands in :mod:`.displacement`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evenground.config import InterventionSettings
from evenground.interventions.displacement import share_displaced
from evenground.interventions.emission import street_energy
from evenground.interventions.options import Options
from evenground.interventions.sites import is_eligible, site_of, site_shape
from evenground.interventions.street_parts import own_metre
from evenground.names import NO2, NOISE, PM25
from evenground.sources.catalogue_rules import GROUNDS, grounds_of
from evenground.study import Streets, StudyArea

Float = NDArray[np.float64]
Long = NDArray[np.int64]

MAIN, LOCAL = "main_street", "local_street"


@dataclass(frozen=True)
class Change:
    """What a metre of a measure changes, place by place; all arrays (change,), by site."""

    site: Long
    """Where the measure is taken, ascending."""
    column: Long
    """What it changes: column within its layer."""
    per_metre: Float
    """By how much, as a share of what the column gives off today."""

    def on(self, site: Long) -> tuple[Long, Long, Float]:
        """Return what metres on some sites change: index into them, column and effect."""
        first, end = (np.searchsorted(self.site, site, side) for side in ("left", "right"))
        count = end - first
        which = np.repeat(np.arange(site.size), count)
        nth = np.arange(which.size) - np.repeat(np.cumsum(count) - count, count)
        at = first[which] + nth
        return which, self.column[at], self.per_metre[at]


def street_column(study: StudyArea, streets: Streets) -> NDArray[np.int64]:
    """Return the column of each piece of street, -1 outside the grid."""
    n_y, n_x = site_shape(study)
    site = site_of(study, streets.x, streets.y)
    return np.where(site < 0, -1, site + np.where(streets.is_main, 0, n_y * n_x))


def street_changes(
    study: StudyArea, n_site: int, catalogue: pd.DataFrame, settings: InterventionSettings
) -> dict[str, dict[str, dict[str, Change]]]:
    """Return what a metre of each street measure changes around every site, by kind of street.

    A column counts the change of its own emission as a share: -1 silences it.
    Measures on one street are recomputed from emission, never added in dB.
    """
    column = street_column(study, study.streets)
    changes: dict[str, dict[str, dict[str, Change]]] = {}
    for name, entry in catalogue.iterrows():
        grounds = grounds_of(entry["ground"])
        if entry["becomes"] or not np.isnan(entry["speed"]):
            changes[str(name)] = _quieter(study, column, 2 * n_site, entry, grounds)
        elif not np.isnan(entry["traffic_factor"]):
            changes[str(name)] = {
                ground: _less_traffic(study, column, entry, ground, settings) for ground in grounds
            }
    return changes


def _quieter(
    study: StudyArea,
    column: NDArray[np.int64],
    size: int,
    entry: pd.Series,
    grounds: list[str],
) -> dict[str, dict[str, Change]]:
    """Give eligible streets another surface or speed; a metre is the mean metre of those."""
    streets = study.streets
    surface = str(entry["becomes"]) or None
    speed = None if np.isnan(entry["speed"]) else float(entry["speed"])
    energy = street_energy(streets)
    after = street_energy(streets, surface=surface, speed_kmh=speed)
    chosen = is_eligible(streets, entry)
    keep = (column >= 0) & chosen
    metres = np.bincount(column[keep], streets.length_m[keep], size)
    per_metre = np.divide(1.0, metres, out=np.zeros(size), where=metres > 0.0)
    less = np.where(chosen, np.minimum(after - energy, 0.0), 0.0)
    share = _column_share(less, energy, column, size) * per_metre
    n_site = size // 2
    first = {MAIN: 0, LOCAL: n_site}
    return {
        ground: {NOISE: _own_change(first[ground], share[first[ground] : first[ground] + n_site])}
        for ground in grounds
    }


def _own_change(first: int, per_metre: Float) -> Change:
    """Change of the streets of each site themselves, of one class that begins at a column."""
    site = np.flatnonzero(per_metre)
    return Change(site, site + first, per_metre[site])


def _column_share(part: Float, whole: Float, column: NDArray[np.int64], size: int) -> Float:
    """Sum of a part over the sum of the whole, by column."""
    keep = column >= 0
    above = np.bincount(column[keep], part[keep], size)
    below = np.bincount(column[keep], whole[keep], size)
    return np.divide(above, below, out=np.zeros(size), where=below > 0.0)


def _less_traffic(
    study: StudyArea,
    column: Long,
    entry: pd.Series,
    ground: str,
    settings: InterventionSettings,
) -> dict[str, Change]:
    """Keep traffic out of metres of street, and put what does not vanish on other streets.

    Its noise and its air count there as harm, at the speed and on the surface of the streets
    of that class on that site.
    """
    streets = study.streets
    n_y, n_x = site_shape(study)
    n_site, size = n_y * n_x, 2 * n_y * n_x
    first = 0 if ground == MAIN else n_site
    of_kind = streets.is_main if ground == MAIN else ~streets.is_main
    chosen = of_kind & is_eligible(streets, entry) & (column >= 0)
    traffic, energy = streets.length_m * streets.flow_veh_day, street_energy(streets)
    metres = np.bincount(column[chosen], streets.length_m[chosen], size)
    taken = np.divide(
        1.0 - float(entry["traffic_factor"]), metres, out=np.zeros(size), where=metres > 0.0
    )
    here = slice(first, first + n_site)
    out = {}
    for layer, whole in ((NOISE, energy), (NO2, traffic), (PM25, traffic)):
        share = _column_share(whole * chosen, whole, column, size)
        out[layer] = _own_change(first, -(taken * share)[here])
    leaves = (1.0 - settings.evaporation) * taken
    leaves *= np.bincount(column[chosen], traffic[chosen], size)
    shares = share_displaced(streets, column, chosen, settings.parallel_within_m, (n_y, n_x))
    moved = _arrives(shares[here], leaves[here], column_traffic(study))
    return out | {f"{layer}_moved": moved for layer in (NOISE, NO2, PM25)}


def column_traffic(study: StudyArea) -> Float:
    """Return the vehicle metres a day of each column today."""
    n_y, n_x = site_shape(study)
    streets = study.streets
    column = street_column(study, streets)
    keep = column >= 0
    traffic = streets.length_m * streets.flow_veh_day
    return np.bincount(column[keep], traffic[keep], 2 * n_y * n_x).astype(np.float64)


def _arrives(shares: csr_array, leaves: Float, there: Float) -> Change:
    """Put vehicle metres that leave each site (site,) on other columns, as shares of these."""
    table = shares.tocoo()
    vehicle_m = table.data * leaves[table.row]
    per_metre = vehicle_m / np.maximum(there[table.col], 1e-300)
    return Change(table.row.astype(np.int64), table.col.astype(np.int64), per_metre)


@dataclass(frozen=True)
class Moves:
    """Traffic that a step of each option takes from a column or adds; all arrays (move,)."""

    option: Long
    column: Long
    """Site, plus the number of sites for local streets."""
    vehicle_m: Float
    """Vehicle metres a day: below zero what is kept out, above zero what comes."""
    there: Float
    """Vehicle metres a day of each column today (column,)."""


def list_moves(study: StudyArea, options: Options, settings: InterventionSettings) -> Moves:
    """List the traffic that a step of each option keeps out of streets and puts on others."""
    n_y, n_x = site_shape(study)
    there = column_traffic(study)
    catalogue = options.interventions
    less = catalogue[catalogue["traffic_factor"].notna()]
    found = street_changes(study, n_y * n_x, less, settings)
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    for name, entry in less.iterrows():
        for kind, by_slot in found[str(name)].items():
            chosen = options.intervention == catalogue.index.get_loc(name)
            chosen &= options.ground == GROUNDS.index(kind)
            option, part, part_share = options.spread.of(np.flatnonzero(chosen))
            square = study.sites.parts.square[part].astype(np.int64)
            for slot in (NO2, f"{NO2}_moved"):
                own = own_metre(study, entry, kind, slot)[part]
                metres = options.use[option] * part_share * own
                which, column, share = by_slot[slot].on(square)
                effect = share * metres[which] * there[column]
                parts.append((option[which], column, effect))
    option, column, vehicle_m = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Moves(option, column, vehicle_m, there)
