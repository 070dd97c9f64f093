"""Frozen products on disk, and back as arrays that all processes of a machine share.

Writes any product of the package as plain ``.npy`` files and one JSON file that says how they
belong together; reads them by mapping the files into memory, read-only, so that however many
workers hold a city, its arrays are in memory once. Nothing is pickled, and only dataclasses of
this package are made anew.
"""

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evenground.outputs.gis.frames import frame_from_wkb, frame_to_wkb, is_frame

PACKAGE = "evenground"
TREE = "tree.json"


def write_mapped(product: object, folder: Path) -> None:
    """Write a product into an empty folder, and have the disk keep it."""
    desk = _Writer(folder)
    tree = desk.put(product)
    with (folder / TREE).open("w", encoding="utf-8") as stream:
        json.dump(tree, stream)
        stream.flush()
        os.fsync(stream.fileno())


def read_mapped(folder: Path) -> Any:  # noqa: ANN401 - whatever was written
    """Return what was written into a folder; its arrays stay on disk and cannot be changed."""
    tree = json.loads((folder / TREE).read_text(encoding="utf-8"))
    return _take(tree, folder)


class _Writer:
    """Turns products into plain values, and arrays into files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def put(self, value: object) -> Any:  # noqa: ANN401, PLR0911 - JSON; one return a kind
        """Return a value as JSON has it; arrays go to files."""
        if value is None or isinstance(value, bool | int | str):
            return value if type(value) in {bool, int, str, type(None)} else self._scalar(value)
        if isinstance(value, float):
            return {"is": "float", "value": float(value).hex()}
        if isinstance(value, bytes):
            return {"is": "bytes", "value": base64.b64encode(value).decode()}
        if isinstance(value, np.generic):
            return {"is": "array", "file": self._save(np.asarray(value)), "scalar": True}
        if isinstance(value, tuple | list):
            return {"is": type(value).__name__, "items": [self.put(part) for part in value]}
        if isinstance(value, Mapping) and not isinstance(value, xr.Dataset):
            pairs = [[self.put(key), self.put(part)] for key, part in value.items()]
            return {"is": "dict", "items": pairs}
        if is_dataclass(value) and not isinstance(value, type):
            return self._record(value)
        return self._labelled(value)

    def _record(self, value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
        kind = type(value)
        if kind.__module__.partition(".")[0] != PACKAGE:
            raise TypeError(kind)
        parts = {field.name: self.put(getattr(value, field.name)) for field in fields(value)}
        return {"is": "record", "of": [kind.__module__, kind.__qualname__], "parts": parts}

    def _labelled(self, value: object) -> dict[str, Any]:  # noqa: PLR0911 - as above
        """Write arrays, with and without labels."""
        if isinstance(value, np.ndarray):
            return {"is": "array", "file": self._save(value)}
        if is_frame(value):
            plain, shapes, crs = frame_to_wkb(value)
            parts = {"plain": self.put(plain), "shapes": self.put(shapes), "crs": crs}
            return {"is": "frame", "parts": parts}
        if isinstance(value, pd.DataFrame):
            columns = [self.put(value.iloc[:, k]) for k in range(value.shape[1])]
            return {
                "is": "table",
                "columns": columns,
                "labels": self.put(value.columns),
                "index": self.put(value.index),
            }
        if isinstance(value, pd.Series):
            return {
                "is": "series",
                "name": self.put(value.name),
                "index": self.put(value.index),
                "values": self._column(value),
            }
        if isinstance(value, pd.MultiIndex):
            levels = [self.put(value.get_level_values(k)) for k in range(value.nlevels)]
            return {"is": "multiindex", "levels": levels}
        if isinstance(value, pd.RangeIndex):
            ends = [value.start, value.stop, value.step]
            return {"is": "rangeindex", "ends": ends, "name": self.put(value.name)}
        if isinstance(value, pd.Index):
            return {
                "is": "index",
                "values": self._column(value.to_series()),
                "name": self.put(value.name),
            }
        if isinstance(value, xr.Dataset):
            variables = {str(name): self.put(part) for name, part in value.data_vars.items()}
            return {"is": "dataset", "variables": variables, "attrs": self.put(value.attrs)}
        if isinstance(value, xr.DataArray):
            coords = {str(name): self.put(part.to_numpy()) for name, part in value.coords.items()}
            return {
                "is": "labelled",
                "values": self.put(value.to_numpy()),
                "dims": list(map(str, value.dims)),
                "coords": coords,
                "name": value.name,
                "attrs": self.put(value.attrs),
            }
        raise TypeError(type(value))

    def _column(self, column: "pd.Series[Any]") -> dict[str, Any]:
        """Write the values of a column; text as text, with its gaps."""
        if column.dtype.kind in "biuf":
            return {"file": self._save(column.to_numpy()), "dtype": str(column.dtype)}
        gaps = column.isna().to_numpy()
        texts = [None if gap else text for text, gap in zip(column, gaps, strict=True)]
        if any(not isinstance(text, str | None) for text in texts):
            return {"objects": [self.put(part) for part in column]}
        return {"texts": texts, "dtype": str(column.dtype)}

    def _scalar(self, value: object) -> Any:  # noqa: ANN401 - JSON
        """Write a kind of number or text that is not quite a plain one."""
        if isinstance(value, str):
            return str(value)
        raise TypeError(type(value))

    def _save(self, values: NDArray[Any]) -> str:
        """Write one array as a file of its own and return its name."""
        if values.dtype.hasobject:
            raise TypeError(values.dtype)
        name = f"{self._count:04d}.npy"
        self._count += 1
        with (self._folder / name).open("wb") as stream:
            np.save(stream, np.asarray(values, order="C"), allow_pickle=False)
            stream.flush()
            os.fsync(stream.fileno())
        return name


def _take(tree: Any, folder: Path) -> Any:  # noqa: ANN401 - JSON, and whatever was written
    """Return what JSON and files stand for."""
    if not isinstance(tree, dict):
        return tree
    kind = tree["is"]
    simple: dict[str, Callable[[], Any]] = {
        "float": lambda: float.fromhex(tree["value"]),
        "bytes": lambda: base64.b64decode(tree["value"]),
        "tuple": lambda: tuple(_take(part, folder) for part in tree["items"]),
        "list": lambda: [_take(part, folder) for part in tree["items"]],
        "dict": lambda: {_take(k, folder): _take(v, folder) for k, v in tree["items"]},
        "array": lambda: _array(tree, folder),
        "record": lambda: _record(tree, folder),
    }
    return simple[kind]() if kind in simple else _labelled(kind, tree, folder)


def _array(tree: dict[str, Any], folder: Path) -> Any:  # noqa: ANN401 - an array or a number
    """Map an array into memory."""
    path = folder / tree["file"]
    if tree.get("scalar"):
        return np.load(path, allow_pickle=False)[()]
    # compiled code knows plain arrays; a view of the map is one, and keeps it open
    mapped = np.load(path, mmap_mode=None if path.stat().st_size < SMALL else "r")
    return np.asarray(mapped)


SMALL = 65_536
"""Smaller files are read: each map takes a place in a table of the system that is not endless."""


def _record(tree: dict[str, Any], folder: Path) -> Any:  # noqa: ANN401 - any dataclass of ours
    """Make a dataclass of this package anew."""
    module, name = tree["of"]
    if module.partition(".")[0] != PACKAGE:
        raise TypeError(module)
    kind = import_module(module)
    for part in name.split("."):
        kind = getattr(kind, part)
    if not is_dataclass(kind):
        raise TypeError(name)
    return kind(**{key: _take(part, folder) for key, part in tree["parts"].items()})


def _labelled(kind: str, tree: dict[str, Any], folder: Path) -> Any:  # noqa: ANN401, PLR0911 - one return a kind
    """Return an array or table with its labels."""
    if kind == "frame":
        parts = tree["parts"]
        return frame_from_wkb(
            _take(parts["plain"], folder), _take(parts["shapes"], folder), parts["crs"]
        )
    if kind == "table":
        index, labels = _take(tree["index"], folder), _take(tree["labels"], folder)
        columns = [_take(column, folder) for column in tree["columns"]]
        table = pd.DataFrame(dict(enumerate(columns)), index=index)
        table.columns = labels
        return table
    if kind == "series":
        values, index = _column(tree["values"], folder), _take(tree["index"], folder)
        kind = tree["values"].get("dtype", "object")
        name = _take(tree["name"], folder)
        return pd.Series(values, index=index, name=name, dtype=kind, copy=False)
    if kind == "multiindex":
        return pd.MultiIndex.from_arrays([_take(level, folder) for level in tree["levels"]])
    if kind == "rangeindex":
        start, stop, step = tree["ends"]
        return pd.RangeIndex(start, stop, step, name=_take(tree["name"], folder))
    if kind == "index":
        values = _column(tree["values"], folder)
        kind = tree["values"].get("dtype", "object")
        return pd.Index(values, name=_take(tree["name"], folder), dtype=kind)
    attrs = _take(tree["attrs"], folder)
    if kind == "dataset":
        variables = {name: _take(part, folder) for name, part in tree["variables"].items()}
        return xr.Dataset(variables, attrs=attrs)
    coords = {name: _take(part, folder) for name, part in tree["coords"].items()}
    return xr.DataArray(_take(tree["values"], folder), coords, tree["dims"], tree["name"], attrs)


def _column(tree: dict[str, Any], folder: Path) -> Any:  # noqa: ANN401 - pandas' own kinds
    """Return the values of a column."""
    if "file" in tree:
        return _array(tree, folder)
    if "objects" in tree:
        out = np.empty(len(tree["objects"]), object)
        out[:] = [_take(part, folder) for part in tree["objects"]]
        return out
    missing = None if tree["dtype"] == "object" else np.nan
    texts = [missing if text is None else text for text in tree["texts"]]
    if tree["dtype"] == "object":
        return np.array(texts, dtype=object)
    return pd.array(texts, dtype=tree["dtype"])
