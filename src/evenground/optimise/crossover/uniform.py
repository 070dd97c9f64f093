"""Every option from either parent, by the toss of a coin: blind to where it stands."""

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import cross_options
from evenground.optimise.crossover.squares import Squares

Long = NDArray[np.int64]
Plans = NDArray[np.int16]


def cross(
    squares: Squares,  # noqa: ARG001 - the face of all crossovers
    plans: Plans,
    rows: Long,
    pair: Long,
    rng: np.random.Generator,
) -> None:
    """Write children into their slots of ``plans``; see ``Crossover``."""
    cross_options(plans, rows, pair, rng.integers(0, 2**64, len(rows), dtype=np.uint64))
