"""A search as plain arrays and values, from which it goes on to the same plans.

Whoever has state gives it under names of its own and takes it back; nothing here
knows what the names mean, and nothing is pickled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground.kernels import list_active

Array = NDArray[Any]
Plans = NDArray[np.int16]
Sparse = tuple[NDArray[np.int32], NDArray[np.int16]]
"""Active options of a plan and their amounts."""


@dataclass(frozen=True)
class Snapshot:
    """A search between two of its steps."""

    arrays: Mapping[str, Array]
    told: Mapping[str, Any]
    """What JSON can hold: whole numbers, exact decimals, texts, and lists and tables of these."""

    def joined(self, other: "Snapshot") -> "Snapshot":
        """Return what both hold, under the names of both."""
        return Snapshot({**self.arrays, **other.arrays}, {**self.told, **other.told})


def sparse(plan: Plans) -> Sparse:
    """Return the active options of a plan (option,)."""
    found = np.empty(plan.size, np.int32)
    active = found[: list_active(plan, found)].copy()
    return active, plan[active]


def pack(name: str, plans: Sequence[Sparse]) -> dict[str, Array]:
    """Return plans as three arrays: where each starts, its active options, their amounts."""
    sizes = [len(option) for option, _ in plans]
    none = (np.zeros(0, np.int32), np.zeros(0, np.int16))
    options, amounts = zip(*plans, strict=True) if plans else ((none[0],), (none[1],))
    return {
        f"{name}_start": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        f"{name}_option": np.concatenate(options),
        f"{name}_amount": np.concatenate(amounts),
    }


def unpack(name: str, arrays: Mapping[str, Array]) -> list[Sparse]:
    """Return the plans that were packed under a name."""
    start, option = arrays[f"{name}_start"], arrays[f"{name}_option"]
    amount = arrays[f"{name}_amount"]
    ends = zip(start[:-1].tolist(), start[1:].tolist(), strict=True)
    return [(option[first:end].copy(), amount[first:end].copy()) for first, end in ends]


def dense(plans: Sequence[Sparse], n_option: int) -> Plans:
    """Return plans (candidate, option)."""
    out = np.zeros((len(plans), n_option), np.int16)
    for row, (option, amount) in zip(out, plans, strict=True):
        row[option] = amount
    return out
