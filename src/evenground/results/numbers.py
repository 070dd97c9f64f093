"""Numbers, shares and unknowns as a Dutch reader writes them."""

import math

from evenground import names
from evenground.dutch import MINUS, change, compact, euro, million, number, percent, significant

__all__ = [
    "FEWEST",
    "MINUS",
    "change",
    "compact",
    "decimals_of",
    "euro",
    "million",
    "number",
    "percent",
    "persons",
    "round_step",
    "significant",
]

FEWEST = names.FEWEST
"""Figures of fewer residents than this are not shown, so that nobody can be recognised."""


def persons(value: float) -> str:
    """Return a number of residents; a small one is not told exactly."""
    is_small = math.isfinite(value) and 0 < round(value) < FEWEST
    return f"minder dan {FEWEST}" if is_small else number(value)


def round_step(width: float) -> float:
    """Return the smallest of 1, 2, 2.5 and 5 times a power of ten that is not below a width."""
    if not (math.isfinite(width) and width > 0.0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    return next(k * power for k in (1.0, 2.0, 2.5, 5.0, 10.0) if k * power >= width * (1.0 - 1e-9))


def decimals_of(step: float) -> int:
    """Return how many decimals a bound on multiples of a round step needs."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return decimals if math.isclose(round(step, decimals), step) else decimals + 1
