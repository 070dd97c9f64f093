"""How an amount is lowered without leaving something too small to be started."""

import numpy as np
from numpy.typing import NDArray

from evenground.constraints.rules import Rules


def lowered(plan: NDArray[np.int16], option: int, drop: int, rules: Rules) -> int:
    """Return the amount of an option less some steps, or what is locked in of it."""
    lock = int(rules.lock[option])
    left = max(int(plan[option]) - drop, lock)
    return lock if left < int(rules.least[option]) else left
