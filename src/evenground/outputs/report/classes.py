"""Classes for maps with bounds that people can read: 5, 10, 15 and not 5.29, 7.67."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from cmcrameri import cm
from numpy.typing import NDArray

from evenground.results.numbers import change, decimals_of, number, round_step

Float = NDArray[np.float64]
Colour = tuple[float, float, float]

NEUTRAL = 0.1
"""Part of a step, either side of zero, in which nothing is said to have changed."""


@dataclass(frozen=True)
class Classes:
    """Classes of a map; the first and the last are open."""

    bounds: tuple[float, ...]
    """Between one class and the next, rising."""
    labels: tuple[str, ...]
    """Of each class, one more than the bounds."""
    colours: tuple[Colour, ...]

    def index(self, values: Float) -> NDArray[np.int64]:
        """Return the class of each value, -1 where it is NaN."""
        return np.where(np.isnan(values), -1, np.digitize(values, self.bounds))


def level_classes(values: Float) -> Classes:
    """Return up to eight classes over the middle nine tenths of the values; darker is more."""
    known = values[np.isfinite(values)]
    low, high = np.quantile(known, (0.05, 0.95)).tolist() if known.size else (0.0, 1.0)
    step = round_step((high - low) / 6.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    bounds = tuple(k * step for k in range(first, max(last, first) + 1))
    decimals = decimals_of(step)
    text = [number(bound, decimals) for bound in bounds]
    middle = [f"{a} tot {b}" for a, b in pairwise(text)]
    labels = (f"minder dan {text[0]}", *middle, f"{text[-1]} of meer")
    places = np.linspace(0.95, 0.05, len(labels))
    return Classes(bounds, labels, tuple(_colour("batlow", place) for place in places))


def difference_classes(values: Float) -> Classes:
    """Return classes around zero, with one in which nothing changes; blue is less, brown more."""
    known = np.abs(values[np.isfinite(values)])
    step = round_step(float(np.quantile(known, 0.98)) / 3.0 if known.size else 1.0)
    near, decimals = NEUTRAL * step, decimals_of(step)
    bounds = (-2.0 * step, -step, -near, near, step, 2.0 * step)
    one, two = (change(k * step, decimals) for k in (1, 2))
    less_one, less_two = (change(-k * step, decimals) for k in (1, 2))
    none = number(near, decimals_of(near))
    labels = (
        f"{less_two} of minder",
        f"{less_two} tot {less_one}",
        f"{less_one} tot {change(-near, decimals_of(near))}",
        f"bijna gelijk (tot {none} verschil)",
        f"+{none} tot {one}",
        f"{one} tot {two}",
        f"{two} of meer",
    )
    places = (0.08, 0.22, 0.36, 0.5, 0.64, 0.78, 0.92)
    return Classes(bounds, labels, tuple(_colour("vik", place) for place in places))


def score_classes(labels: Sequence[str]) -> Classes:
    """Return a class for each whole score from zero up; darker is more."""
    places = np.linspace(0.95, 0.05, len(labels))
    bounds = tuple(score + 0.5 for score in range(len(labels) - 1))
    return Classes(bounds, tuple(labels), tuple(_colour("batlow", place) for place in places))


def _colour(name: str, place: float) -> Colour:
    """Colour at a place (0-1) of a map of Crameri, which all readers can tell apart."""
    red, green, blue, _ = getattr(cm, name)(place)
    return float(red), float(green), float(blue)
