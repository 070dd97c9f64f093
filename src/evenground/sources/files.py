"""Files of a case: where they may lie, and their fingerprint."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from evenground.config import FileSettings
from evenground.errors import DataError, Fault


@dataclass(frozen=True)
class FileRecord:
    """A file that a run rests on."""

    path: str
    """As the case names it."""
    role: str
    sha256: str
    bytes: int
    year: int
    source: str
    licence: str


def locate(data: Path, settings: FileSettings) -> Path:
    """Return the path of a file inside the data folder.

    Raises
    ------
    DataError
        If it lies elsewhere or is not there.
    """
    root = data.resolve()
    path = (root / settings.file).resolve()
    if "://" in settings.file or settings.file.startswith("/vsi") or not path.is_relative_to(root):
        cure = "Put it in the data folder and name it by its path inside that folder."
        raise DataError([Fault(settings.file, "lies outside the data folder.", cure)])
    if not path.is_file():
        cure = "Check the name, and --data or EVENGROUND_DATA."
        raise DataError([Fault(settings.file, f"no such file in {data}.", cure)])
    return path


def record(path: Path, settings: FileSettings, role: str) -> FileRecord:
    """Return the fingerprint of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return FileRecord(
        settings.file,
        role,
        digest.hexdigest(),
        path.stat().st_size,
        settings.year,
        settings.source,
        settings.licence,
    )
