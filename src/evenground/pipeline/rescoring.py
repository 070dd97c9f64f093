"""Every plan of a finished run scored again, by its own settings and the files of its case.

Says how far each score is from the one that was written, and which inputs are not those that
the run read.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenground.config import read_settings
from evenground.errors import DataError, Fault
from evenground.optimise import SCORES
from evenground.pipeline.earlier import map_onto, read_earlier, score
from evenground.pipeline.model import build_model
from evenground.runs import SETTINGS, Difference, differences, fingerprints, read_manifest

SAME = 1e-9
"""Largest relative difference of a score between machines; on one machine there is none."""


@dataclass(frozen=True)
class Rescored:
    """How far the scores of a run are from those that are computed again."""

    plans: int
    largest: dict[str, float]
    """Largest difference of each score, over the largest score written."""
    inputs: tuple[Difference, ...]
    """Inputs that are not those that the run read: by path, the checksum then and now."""

    @property
    def is_same(self) -> bool:
        """No score differs by more than machines do."""
        return all(value <= SAME for value in self.largest.values())


def rescore(folder: Path, data: Path) -> Rescored:
    """Score every plan of the front of a run directory again; its proposals are among them.

    Raises
    ------
    FaultyInputError
        If the run or its inputs cannot be read, or give other options.
    """
    told, earlier = read_manifest(folder), read_earlier(folder)
    model = build_model(read_settings(folder / SETTINGS), data)
    now = {record.path: record.sha256[:12] for record in model.sources.files}
    inputs = differences(fingerprints(told), dict(now))
    mapped = map_onto(earlier, model)
    if not mapped.is_whole:
        cure = "Give the data and the version of evenground that the manifest names."
        raise DataError([Fault(str(folder), "holds plans of other options.", cure)])
    again = score(model, mapped, list(range(len(earlier))))
    size = np.maximum(np.abs(earlier.scores).max(axis=0, initial=0.0), 1e-300)
    apart = np.abs(again - earlier.scores).max(axis=0, initial=0.0) / size
    return Rescored(len(earlier), dict(zip(SCORES, apart.tolist(), strict=True)), inputs)
