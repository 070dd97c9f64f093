"""Parts of the money that a rule divides; see ``division``."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Part:
    """A part of the money."""

    weight: float
    """Its size against that of the others."""
    options: NDArray[np.int32]
    """What it pays for, first what is built first; no option stands in two parts."""
