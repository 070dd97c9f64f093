"""The part of a layer of energies whose burden is concave, and is met by savings in a chain.

Takes nothing but what :mod:`.minorants` found concave; holds it for the kernel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Long = NDArray[np.int64]


@dataclass(frozen=True)
class Chain:
    """The part of a layer of energies whose burden is concave."""

    layer: int
    people: Float
    """Residents, zero where no burden is concave (receptor,)."""
    counts: Bool
    """Which channels of the layer are concave over the range (receptor, channel)."""
    share: csr_array
    """What a step of each option adds to the part of each change that is made (item, option)."""
    raises: Bool
    """Changes that raise the state (item,), sorted by column."""
    change: Float
    """Of the state, always down: what is not raised is a fall from the start (item,)."""
    start: Long
    """First item of each column (column + 1,)."""
    state: Float
    """When all that raises is done in full, and nothing else (receptor,)."""
