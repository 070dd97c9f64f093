"""Draws of all uncertain numbers together, spread evenly and the same for every plan.

Takes the numbers and a seed; knows nothing of cities or plans.

References
----------
Owen, A. B. (1998). Scrambling Sobol' and Niederreiter-Xing points. J. Complexity 14, 466-489.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc

from evenground.uncertainty.numbers import Uncertain

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Where each draw lies in the distribution of each number."""

    numbers: tuple[Uncertain, ...]
    place: Float
    """0-1, without its ends (draw, number)."""

    def __len__(self) -> int:
        return len(self.place)

    def one(self, k: int) -> Mapping[str, float]:
        """Return the places of one draw, by number."""
        return {number.id: float(u) for number, u in zip(self.numbers, self.place[k], strict=True)}

    @property
    def table(self) -> pd.DataFrame:
        """The numbers that were drawn: one row a draw, one column a number."""
        columns = {}
        for number, u in zip(self.numbers, self.place.T, strict=True):
            value = number.value(u)
            is_choice = number.form == "choice"
            columns[number.id] = np.array(number.choices)[value.astype(int)] if is_choice else value
        return pd.DataFrame(columns)


def draw(numbers: tuple[Uncertain, ...], n: int, seed: int) -> Draws:
    """Return ``n`` draws, a power of two, by a scrambled Sobol sequence.

    The same seed gives the same draws. More draws begin with the fewer.
    """
    if not numbers:
        return Draws(numbers, np.zeros((n, 0)))
    sequence = qmc.Sobol(len(numbers), scramble=True, rng=np.random.default_rng([seed, 72]))
    edge = 2.0**-33  # a place of zero would be a number without end
    return Draws(numbers, np.clip(sequence.random(n), edge, 1.0 - edge))
