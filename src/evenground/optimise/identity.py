"""What a search is known by: the same problem, settings and code have the same identity.

Two searches of one identity go the same way, plan by plan; a checkpoint of another identity
must not be gone on from.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evenground.optimise.problem import Problem
from evenground.runs import code_version, hashed

Plans = NDArray[np.int16]
UNTOLD = {"time_limit_s", "checkpoint_s", "bound_time_s", "proposals"}
"""Settings of a search on which no step of it depends."""


def identify(problem: Problem, earlier: Plans | None = None) -> dict[str, str]:
    """Return what a search is known by: its settings, its city, where it starts, and the code.

    Parameters
    ----------
    earlier : (candidate, option)
        Plans of an earlier search that it starts from.
    """
    settings = problem.search.model_dump(mode="json", exclude=UNTOLD)
    loops = problem.evaluator.loops
    city = (
        *(problem.options, problem.rules, problem.frame, problem.salt),
        *(problem.favoured, problem.by_rule, loops),
    )
    return {
        "settings": hashed(settings),
        "city": digest(city),
        "earlier plans": digest(earlier),
        "code": code_version(),
    }


def digest(value: object) -> str:
    """Return the SHA-256 of a product: all its arrays and plain values, in their order."""
    sha = hashlib.sha256()
    _feed(sha, value)
    return sha.hexdigest()


def _feed(sha: Any, value: object) -> None:  # noqa: ANN401 - hashlib names no type
    """Add a value and all that it holds."""
    sha.update(type(value).__name__.encode())
    if isinstance(value, np.ndarray):
        sha.update(f"{value.dtype.str}{value.shape}".encode())
        whole = np.ascontiguousarray(value)
        sha.update(repr(whole.tolist()).encode() if whole.dtype.hasobject else whole.tobytes())
    elif value is None or isinstance(value, bool | int | float | str | bytes | np.generic):
        sha.update(f"{value!r};".encode())
    else:
        for part in _parts(value):
            _feed(sha, part)


def _parts(value: object) -> list[object]:
    """Return what a value is made of."""
    if isinstance(value, pd.DataFrame):
        return [value.to_csv()]
    if isinstance(value, csr_array):
        return [value.data, value.indices, value.indptr]
    if is_dataclass(value):
        # what is cached beside the fields is made of them
        return [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, Mapping):
        return [part for pair in value.items() for part in pair]
    if isinstance(value, tuple | list):
        return [len(value), *value]
    msg = f"{type(value).__name__} has no identity. Say in evenground.optimise.identity how."
    raise TypeError(msg)
