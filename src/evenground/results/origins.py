"""What each part of a search brought: its seeds, evolution, and small moves.

Takes the history of a search and the front; says which part of the problem was easy, and
where the rest of the search earned its keep.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from evenground.optimise import ORIGINS


@dataclass(frozen=True)
class Brought:
    """What one part of a search brought."""

    origin: str
    """One of ``ORIGINS``."""
    share: float
    """Part of the hypervolume that was reached in the end, by which it grew in that part."""
    kept: int
    """Candidates of the front that it found; of seeds also those that others beat."""


def brought_by(history: pd.DataFrame) -> dict[str, float]:
    """Return the hypervolume that each part of a search added, by its origin.

    Examples
    --------
    >>> told = {"by": ["seed", "evolution", "evolution"], "hypervolume": [0.5, 0.75, 0.875]}
    >>> brought_by(pd.DataFrame(told))
    {'seed': 0.5, 'evolution': 0.375}
    """
    grown = history["hypervolume"].diff().fillna(history["hypervolume"])
    added = grown.groupby(history["by"]).sum()
    return {origin: float(added[origin]) for origin in ORIGINS if origin in added.index}


def tell_origins(history: pd.DataFrame, front: xr.Dataset) -> tuple[Brought, ...]:
    """Return what each part of a search brought, in the order in which they worked."""
    added = brought_by(history)
    whole = sum(added.values())
    kept = np.bincount(front["origin"].to_numpy(), minlength=len(ORIGINS))
    return tuple(
        Brought(origin, value / whole if whole > 0.0 else 0.0, int(kept[ORIGINS.index(origin)]))
        for origin, value in added.items()
    )
