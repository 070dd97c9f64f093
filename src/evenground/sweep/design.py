"""The rows of a design: which settings every run of a sweep has.

Takes the settings of a sweep; knows nothing of cases or of how runs are carried out.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from evenground.config import DesignSettings, RangeSettings

Float = NDArray[np.float64]
SEED = "search.seed"


@dataclass(frozen=True)
class Row:
    """One run of a design."""

    sets: dict[str, Any]
    """Setting by dotted name = its value here."""
    place: dict[str, float]
    """Where a drawn value lies in its range (0-1), by setting; empty where nothing is drawn."""


def list_rows(design: DesignSettings) -> list[Row]:
    """Return the rows of a design in order; the seeds of one row follow each other."""
    plain = _drawn(design) if design.runs is not None else _listed(design)
    if not design.seeds:
        return plain
    return [Row(row.sets | {SEED: seed}, dict(row.place)) for row in plain for seed in design.seeds]


def _listed(design: DesignSettings) -> list[Row]:
    """Return the rows of a design that says every value."""
    names = list(design.vary)
    lists = [values for values in design.vary.values() if isinstance(values, tuple)]
    if design.kind == "list":
        return [Row(dict(zip(names, each, strict=True)), {}) for each in zip(*lists, strict=True)]
    return [Row(dict(zip(names, each, strict=True)), {}) for each in product(*lists)]


def _drawn(design: DesignSettings) -> list[Row]:
    """Return the rows of a design that is drawn; more rows of ``sobol`` begin with the fewer."""
    names, n = list(design.vary), int(design.runs or 0)
    rng = np.random.default_rng([int(design.seed or 0), 126])
    if design.kind == "sobol":
        places = qmc.Sobol(len(names), scramble=True, rng=rng).random(n)
    else:
        places = qmc.LatinHypercube(len(names), rng=rng).random(n)
    edge = 2.0**-33
    places = np.clip(places, edge, 1.0 - edge)
    return [
        Row(
            {name: _value(design.vary[name], u) for name, u in zip(names, row, strict=True)},
            {name: float(u) for name, u in zip(names, row, strict=True)},
        )
        for row in places
    ]


def _value(spread: tuple[Any, ...] | RangeSettings, u: float) -> Any:  # noqa: ANN401 - any setting
    """Return the value at place ``u`` of a range, or of a list in equal parts."""
    if isinstance(spread, tuple):
        return spread[int(u * len(spread))]
    low, high = spread.low, spread.high
    if isinstance(low, int) and isinstance(high, int) and spread.scale == "linear":
        return int(low + np.floor(u * (high - low + 1)))
    if spread.scale == "log":
        return float(np.exp(np.log(low) + u * (np.log(high) - np.log(low))))
    return float(low + u * (high - low))
