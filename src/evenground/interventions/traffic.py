"""What street measures do to traffic: quieter streets, and cars that drive elsewhere.

Takes the streets of the study area; gives for each measure the place it acts
on and by how much a metre of it changes that place's emission. Knows nothing
of receptors.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evenground.config import InterventionSettings
from evenground.interventions.emission import street_energy
from evenground.interventions.sites import is_eligible, site_of, site_shape
from evenground.names import NO2, NOISE, PM25
from evenground.sources.catalogue_rules import grounds_of
from evenground.study import Streets, StudyArea

Float = NDArray[np.float64]

Change = tuple[NDArray[np.int64], Float]
"""Column within its layer (site,), and effect per metre of street (site,)."""

MAIN, LOCAL = "main_street", "local_street"


def street_column(study: StudyArea, streets: Streets) -> NDArray[np.int64]:
    """Return the column of each piece of street, -1 outside the grid."""
    n_y, n_x = site_shape(study)
    site = site_of(study, streets.x, streets.y)
    return np.where(site < 0, -1, site + np.where(streets.is_main, 0, n_y * n_x))


def street_changes(
    study: StudyArea, n_site: int, catalogue: pd.DataFrame, settings: InterventionSettings
) -> dict[str, dict[str, dict[str, Change]]]:
    """Return what a metre of each street measure changes on every site, by kind of street.

    A column counts the change of its own emission as a share: -1 silences it.
    Measures on one street are recomputed from emission, never added in dB.
    """
    streets = study.streets
    column = street_column(study, streets)
    keep = column >= 0
    size = 2 * n_site
    traffic = streets.length_m * streets.flow_veh_day
    changes: dict[str, dict[str, dict[str, Change]]] = {}
    for name, entry in catalogue.iterrows():
        if entry["becomes"] or not np.isnan(entry["speed"]):
            grounds = grounds_of(entry["ground"])
            changes[str(name)] = _quieter(study, column, size, entry, grounds)
        elif not np.isnan(entry["traffic_factor"]):
            metres = np.bincount(column[keep], streets.length_m[keep], size)
            per_metre = np.divide(1.0, metres, out=np.zeros(size), where=metres > 0.0)
            there = np.bincount(column[keep], traffic[keep], size).astype(np.float64)
            target = _nearest_main(study, there[:n_site])
            closed = 1.0 - float(entry["traffic_factor"])
            car_free = _car_free(there, target, per_metre[n_site:], closed, settings.evaporation)
            changes[str(name)] = {LOCAL: car_free}
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
        ground: {
            NOISE: (
                np.arange(n_site, dtype=np.int64) + first[ground],
                share[first[ground] : first[ground] + n_site],
            )
        }
        for ground in grounds
    }


def _column_share(part: Float, whole: Float, column: NDArray[np.int64], size: int) -> Float:
    """Sum of a part over the sum of the whole, by column."""
    keep = column >= 0
    above = np.bincount(column[keep], part[keep], size)
    below = np.bincount(column[keep], whole[keep], size)
    return np.divide(above, below, out=np.zeros(size), where=below > 0.0)


def _car_free(
    traffic: Float,
    target: NDArray[np.int64],
    per_metre: Float,
    closed: float,
    evaporation: float,
) -> dict[str, Change]:
    """Silence the closed metres, and put the traffic that does not vanish on main streets.

    The displaced traffic goes to the nearest site with a main street: its noise
    and its air count there as harm, at the speed and on the surface of that street.

    Parameters
    ----------
    traffic : (column,)
        Vehicles times metres by column.
    target, per_metre : (site,)
        Where the traffic goes, and one over the metres of local street.
    closed, evaporation
        Share of the traffic that is kept out, and the share of it that vanishes.
    """
    n_site = target.size
    local = np.arange(n_site, dtype=np.int64) + n_site
    there = traffic[:n_site][target]
    ratio = np.divide(traffic[n_site:], there, out=np.zeros(n_site), where=there > 0.0)
    moved = closed * (1.0 - evaporation) * ratio * per_metre
    out: dict[str, Change] = {}
    for layer in (NOISE, NO2, PM25):
        out[layer] = (local, -closed * per_metre)
        out[f"{layer}_moved"] = (target, moved)
    return out


def _nearest_main(study: StudyArea, traffic: Float) -> NDArray[np.int64]:
    """Nearest site with a main street, for every site; the site itself where there is none."""
    n_y, n_x = site_shape(study)
    has_main = np.flatnonzero(traffic > 0.0)
    everywhere = np.arange(n_y * n_x)
    if has_main.size == 0:
        return everywhere
    place = np.column_stack(np.divmod(everywhere, n_x))
    _, nearest = cKDTree(place[has_main]).query(place)
    return has_main[nearest]
