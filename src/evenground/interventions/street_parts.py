"""What a metre of the streets of one site does, beside the mean metre of its square.

Squares cut streets anywhere; a site may hold the busiest of them only. What a measure changes
is then shared over the sites of a square by what their own streets give off. Knows nothing of
receptors.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.interventions.emission import street_energy
from evenground.interventions.sites import is_eligible, of_kind, site_of, sum_of_pieces
from evenground.names import NOISE
from evenground.study import StudyArea

Float = NDArray[np.float64]


def own_metre(study: StudyArea, entry: pd.Series, kind: str, layer: str) -> Float:
    r"""Return how much more a metre of each part changes than the mean metre of its square (part,).

    One on squares. Over the parts of a square the metres weigh to one, so that a square on
    which everything is built changes as much on any partition.

    Parameters
    ----------
    entry
        The street measure: noise goes by what it takes from the energy of each piece, or by all
        of it where the street is closed; all else goes by traffic.
    kind
        Kind of ground on which it is built.
    layer
        Layer that it changes.

    Notes
    -----
    With :math:`g` what the pieces of a part :math:`p` or square :math:`s` give, over their
    metres :math:`m`:

    .. math:: \frac{g_p / m_p}{g_s / m_s}
    """
    streets = study.streets
    chosen = of_kind(streets, kind) & is_eligible(streets, entry)
    given = (
        _less_energy(study, entry) if layer == NOISE else streets.length_m * streets.flow_veh_day
    )
    own = _over(sum_of_pieces(given, chosen, study), sum_of_pieces(streets.length_m, chosen, study))
    square = site_of(study, streets.x, streets.y)
    keep = chosen & (square >= 0)
    n_square = int(np.prod(study.sites.n_square))
    whole = _over(
        np.bincount(square[keep], given[keep], n_square).astype(np.float64),
        np.bincount(square[keep], streets.length_m[keep], n_square).astype(np.float64),
    )[study.sites.parts.square]
    return np.divide(own, whole, out=np.ones_like(whole), where=whole > 0.0)


def _over(top: Float, bottom: Float) -> Float:
    """Return one over the other, zero where there are no metres."""
    return np.divide(top, bottom, out=np.zeros(top.size), where=bottom > 0.0)


def _less_energy(study: StudyArea, entry: pd.Series) -> Float:
    """Return the noise energy that a measure takes from each piece, or all of it (piece,)."""
    energy = street_energy(study.streets)
    surface = str(entry["becomes"]) or None
    speed = None if np.isnan(entry["speed"]) else float(entry["speed"])
    if surface is None and speed is None:
        return energy
    after = street_energy(study.streets, surface=surface, speed_kmh=speed)
    return np.maximum(energy - after, 0.0)
