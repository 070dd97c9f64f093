"""The plans of an earlier run on the options of today, and their scores by today's model.

Options are the same where site and intervention are; their numbers may have changed since.
Reads a run directory; makes nothing new.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evenground.constraints import middles
from evenground.errors import DataError, Fault
from evenground.names import OPTION
from evenground.optimise import SCORES
from evenground.pipeline.model import Model
from evenground.runs import check_sums, read_manifest

Float = NDArray[np.float64]
Plans = NDArray[np.int16]
BATCH = 64
"""Plans that are scored together, so that memory stays small."""
KEY = ["x", "y", "intervention", "occurrence"]
"""By what an option is known again: the middle of its site in decimetres, what is built, and
which of several grounds of that site."""
READABLE = (OSError, EOFError, ValueError, KeyError, RuntimeError)
"""What libraries raise of a file that is missing, cut off or of another kind."""


@dataclass(frozen=True)
class Earlier:
    """The front of a run, as its files tell it."""

    name: str
    options: pd.DataFrame
    """:data:`KEY`, ``step`` and ``code`` (of the neighbourhood) of each option; the row is its
    number."""
    start: NDArray[np.int64]
    """First active option of each plan, and the end (candidate + 1,)."""
    option: NDArray[np.int64]
    """(active,)."""
    amount: Float
    """In the unit of the intervention (active,)."""
    scores: Float
    """As written (candidate, score)."""

    def __len__(self) -> int:
        return self.start.size - 1


def read_earlier(folder: Path) -> Earlier:
    """Return the front of a run directory.

    Raises
    ------
    DataError
        If its front or its options cannot be read.
    """
    try:
        raw = pd.read_csv(folder / "options.csv.gz", dtype={"neighbourhood_code": str})
        with xr.open_dataset(folder / "front.nc", engine="h5netcdf") as front:
            count = front["active_count"].to_numpy().astype(np.int64)
            option = front[OPTION].to_numpy().astype(np.int64)
            steps = front["amount"].to_numpy().astype(float)
            scores = np.column_stack([front[name].to_numpy().astype(float) for name in SCORES])
        table = _keyed(raw["x_m"], raw["y_m"], raw["intervention"]).assign(step=raw["step"])
        table["code"] = raw["neighbourhood_code"].fillna("")
        amount = steps * table["step"].to_numpy(float)[option]
    except (*READABLE, IndexError) as error:
        cure = "Restore the run from a copy, or make it again."
        raise DataError([Fault(str(folder), f"its front cannot be read: {error}.", cure)]) from None
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return Earlier(folder.name, table, start, option, amount, scores)


def _keyed(x: object, y: object, intervention: object) -> pd.DataFrame:
    """Return :data:`KEY` of options (option,), from the middles of their sites in metres."""
    table = pd.DataFrame({"x": x, "y": y, "intervention": intervention})
    table["intervention"] = table["intervention"].astype(str)
    for name in ("x", "y"):
        table[name] = np.round(10.0 * table[name].to_numpy(float)).astype(np.int64)
    table["occurrence"] = table.groupby(KEY[:3]).cumcount()
    return table


@dataclass(frozen=True)
class Mapped:
    """Plans of an earlier run on the options of today."""

    earlier: Earlier
    number: NDArray[np.int64]
    """Of each earlier option, today's; -1 where there is none (option,)."""
    step: Float
    """Of today's options (option,)."""

    @property
    def is_whole(self) -> bool:
        """Every option that a plan builds is there today, in the same steps."""
        used = np.unique(self.earlier.option)
        here = self.number[used]
        if (here < 0).any():
            return False
        return bool(np.array_equal(self.step[here], self.earlier.options["step"].iloc[used]))

    def lost(self, candidate: int) -> int:
        """Return how many works of an earlier plan have no option today."""
        active = slice(self.earlier.start[candidate], self.earlier.start[candidate + 1])
        return int((self.number[self.earlier.option[active]] < 0).sum())

    def plans(self, candidates: NDArray[np.integer] | list[int]) -> Plans:
        """Return plans on today's options (candidate, option); what is gone is left out.

        Where a step has another size, as many whole steps as fit in the amount.
        """
        out = np.zeros((len(candidates), self.step.size), np.int16)
        for row, k in enumerate(candidates):
            active = slice(self.earlier.start[k], self.earlier.start[k + 1])
            here = self.number[self.earlier.option[active]]
            kept, amount = here >= 0, self.earlier.amount[active]
            steps = np.floor(amount[kept] / self.step[here[kept]] + 1e-9)
            out[row, here[kept]] = np.minimum(steps, np.iinfo(np.int16).max).astype(np.int16)
        return out


def map_onto(earlier: Earlier, model: Model) -> Mapped:
    """Find the options of an earlier run among those of today."""
    options = model.options
    names = options.interventions.index.to_numpy(str)[options.intervention]
    today = _keyed(*middles(options, model.study), names).assign(number=np.arange(names.size))
    found = earlier.options.merge(today, on=KEY, how="left", validate="1:1")
    number = found["number"].fillna(-1).to_numpy(np.int64)
    return Mapped(earlier, number, np.asarray(options.step, float))


def spread_out(earlier: Earlier, first: list[int], most: int) -> list[int]:
    """Return up to ``most`` candidates: some first, then others in even strides over the front."""
    n = len(earlier)
    rest = np.unique(np.linspace(0, n - 1, min(n, most)).astype(int)).tolist() if n else []
    return list(dict.fromkeys([*first, *rest]))[:most]


def warm_seeds(folder: Path, model: Model) -> tuple[Plans, dict[str, object]]:
    """Return plans of an earlier run to start a search from, and what a manifest says of them.

    The proposals come first; all together are at most a quarter of the plans to evaluate.

    Raises
    ------
    DataError
        If the earlier run cannot be read.
    """
    mapped = map_onto(read_earlier(folder), model)
    told, sums = read_manifest(folder), check_sums(folder)
    if "front.nc" in sums.changed or "options.csv.gz" in sums.changed:
        cure = "Restore the run from a copy, or start from another."
        raise DataError([Fault(str(folder), "its front is not what was written.", cure)])
    picked = [int(part["candidate"]) for part in told.get("proposals", ())]
    chosen = spread_out(mapped.earlier, picked, model.settings.search.evaluations // 4)
    about = {"run": folder.name, "plans": len(chosen)}
    return mapped.plans(chosen), about


def score(model: Model, mapped: Mapped, candidates: list[int]) -> Float:
    """Return the scores of earlier plans by today's model (candidate, score)."""
    parts = [model.problem.scores(mapped.plans(part))[0] for part in batches(candidates)]
    return np.concatenate(parts) if parts else np.zeros((0, len(SCORES)))


def batches(candidates: list[int]) -> Iterator[list[int]]:
    """Give candidates in parts of :data:`BATCH`."""
    for first in range(0, len(candidates), BATCH):
        yield candidates[first : first + BATCH]
