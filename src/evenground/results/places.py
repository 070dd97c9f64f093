"""Where a site lies and what its neighbourhood is called."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.names import CODE, NAME
from evenground.study import StudyArea

EDGE = "rand van het gebied"
"""Name shown for a site whose middle lies in no neighbourhood."""


def place_sites(study: StudyArea, n_x: int, site: NDArray[np.int64]) -> pd.DataFrame:
    """Return site, its lower left corner (x_m, y_m), and code and name of its neighbourhood.

    Parameters
    ----------
    n_x
        Sites west to east.
    """
    row, col = np.divmod(site, n_x)
    side = study.site_m // study.grid.cell_m
    here = study.zone.to_numpy()[row * side + side // 2, col * side + side // 2]
    place = study.neighbourhoods.iloc[np.maximum(here, 0)]
    return pd.DataFrame(
        {
            "site": site,
            "x_m": study.grid.left + col * study.site_m,
            "y_m": study.grid.top - (row + 1) * study.site_m,
            "code": np.where(here >= 0, place[CODE].to_numpy(str), ""),
            "name": np.where(here >= 0, place[NAME].to_numpy(str), EDGE),
        }
    )
