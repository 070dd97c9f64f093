"""The one command that makes a run again."""

import shlex
from pathlib import Path

from evenground.runs.names import CUT_SHORT, SETTINGS
from evenground.runs.record import read_manifest

NO_LIMIT = "9999h"
"""Stands in the command for a search without a limit of time, which the settings may hold."""


def tell_command(folder: Path, data: Path | None = None) -> str:
    """Return the command that makes a run again, bit for bit with the same versions.

    A search that a time limit cut short is stopped after as many plans instead.

    Parameters
    ----------
    data
        Folder of the inputs; a run does not know where they lie.

    Raises
    ------
    DataError
        If the manifest cannot be read.
    """
    told = read_manifest(folder)
    words = ["evenground", "run"]
    if told.get("is_default"):
        words += ["--seed", str(told["seed"])]
    else:
        words += [str(folder / SETTINGS), "--data", "DATA" if data is None else str(data)]
    if told.get("state") == CUT_SHORT:
        words += ["--evaluations", str(told["evaluated"])]
    if told.get("time_limit_s") is not None:
        words += ["--time-limit", NO_LIMIT]
    if told.get("warm_start"):
        words += ["--seeds-from", str(folder.parent / told["warm_start"]["run"])]
    return shlex.join(words)
