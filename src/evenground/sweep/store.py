"""The folder of a sweep: finished results by their key, whole or not there, and who began what.

Results are written by the task itself, under a temporary name that is taken away by a rename
when all is on the disk. So a lost worker loses nothing that was finished, and two workers that
do the same run leave the same file. Every worker process has a log of its own, one JSON object
a line; no file is written by two.
"""

import contextlib
import json
import os
import socket
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground import disk
from evenground.errors import DataError, Fault
from evenground.sweep.plan import Plan, Trial

PLAN = "sweep.json"
FORMAT = 1
Arrays = Mapping[str, NDArray[Any]]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all; its folder is made.

    Raises
    ------
    StorageError
        If the disk refuses; what was there stays.
    """
    disk.make_folder(path.parent)
    disk.attempt(path, lambda: disk.replace_whole(path, content))


def _add(path: Path, line: bytes) -> None:
    """Add a line in one write: it is there whole, or cut off where its writer died."""
    with path.open("ab", buffering=0) as stream:
        stream.write(line)


class Store:
    """Finished results in a folder, and the logs of those who made them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._results = folder / "results"
        self._logs = folder / "log"

    def has(self, key: str) -> bool:
        """Say whether a run is finished."""
        return self.path(key).is_file()

    def path(self, key: str) -> Path:
        """Return where the result of a run is, or will be."""
        return self._results / f"{key}.npz"

    def finished(self) -> set[str]:
        """Return the keys of all finished runs."""
        return {path.stem for path in self._results.glob("*.npz") if path.name[0] != "."}

    def put(self, key: str, arrays: Arrays, said: Mapping[str, Any]) -> None:
        """Keep the result of a run: arrays, and plain values."""
        text = json.dumps({"format": FORMAT, **said}, sort_keys=True, ensure_ascii=False)
        content = BytesIO()
        # the zip of NumPy carries no time of day: the same result is the same bytes
        np.savez_compressed(content, **{"said": np.frombuffer(text.encode(), np.uint8), **arrays})  # type: ignore[arg-type] # numpy types its one option as well
        write_whole(self.path(key), content.getvalue())

    def take(self, key: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and values of a finished run.

        Raises
        ------
        DataError
            If the file was damaged after it was written, or is of another version.
        """
        path = self.path(key)
        cure = "Take the file away and resume the sweep: it will be made again."
        try:
            # a damaged file would stay open if it were opened by its path
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
                arrays = {name: found[name] for name in found.files}
            said = json.loads(bytes(arrays.pop("said")).decode())
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            finding = f"cannot be read: {error}."
            raise DataError([Fault(str(path), finding, cure)]) from None
        if said.get("format") != FORMAT:
            finding = f"is of format {said.get('format')}, expected {FORMAT}."
            raise DataError([Fault(str(path), finding, cure)])
        return arrays, said

    def note(self, event: str, key: str, **more: Any) -> None:  # noqa: ANN401 - JSON
        """Add a line to the log of this process.

        Raises
        ------
        StorageError
            If the disk refuses.
        """
        disk.make_folder(self._logs)
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event,
            "key": key,
            "host": socket.gethostname(),
            "process": os.getpid(),
            **more,
        }
        text = json.dumps(line, ensure_ascii=False) + "\n"
        path = self._logs / f"{socket.gethostname()}-{os.getpid()}.jsonl"
        disk.attempt(path, lambda: _add(path, text.encode()))

    def notes(self) -> Iterator[dict[str, Any]]:
        """Return all lines of all logs by their times; those of one process as it wrote them."""
        lines: list[tuple[str, dict[str, Any]]] = []
        for path in sorted(self._logs.glob("*.jsonl")):
            latest = ""
            for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
                with contextlib.suppress(ValueError):  # cut off where its writer died
                    line = json.loads(text)
                    # a clock that was set back turns no line before an earlier one
                    latest = max(latest, str(line["time"]))
                    lines.append((latest, line))
        yield from (line for _, line in sorted(lines, key=lambda pair: pair[0]))

    def write_plan(self, plan: Plan) -> None:
        """Keep what the sweep is, so that it can be resumed."""
        content = asdict(plan) | {"data": str(plan.data), "format": FORMAT}
        text = json.dumps(content, ensure_ascii=False)
        write_whole(self.folder / PLAN, text.encode())

    def read_plan(self) -> Plan:
        """Return what the sweep is.

        Raises
        ------
        DataError
            If the folder holds no sweep, or one of another version.
        """
        path = self.folder / PLAN
        cure = "Name the folder that `evenground sweep` wrote."
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content.pop("format") != FORMAT:
                finding = "is of another version."
                cure = "Resume it with the evenground that began it."
                raise DataError([Fault(str(path), finding, cure)])
            names = {field.name for field in fields(Trial)}
            trials = tuple(
                Trial(**{key: value for key, value in one.items() if key in names})
                for one in content.pop("trials")
            )
            return Plan(**content | {"data": Path(content["data"]), "trials": trials})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError([Fault(str(path), f"is no sweep: {error}.", cure)]) from None
