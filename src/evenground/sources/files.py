"""Files of a case: where they may lie, and their fingerprint.

Takes names from the case file. A file counts only if it lies inside the data
folder, after links have been followed. Knows nothing of what is in it.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from evenground.config import FileSettings
from evenground.errors import DataError, Fault

SHAPEFILE_PARTS = (".dbf", ".shx", ".prj", ".cpg")
"""Files that make a shapefile, besides the one that is named."""
NEEDED_PARTS = (".dbf", ".shx", ".prj")
"""Those without which its figures, its features or its CRS are not known."""


@dataclass(frozen=True)
class FileRecord:
    """A file that a run rests on."""

    path: str
    """As the case names it."""
    sha256: str
    bytes: int
    year: int
    source: str
    licence: str
    role: str
    """What the case uses it for: a theme, or neighbourhoods, table, streets, facilities."""


def locate(data: Path, name: str) -> Path:
    """Return the path of a file inside the data folder.

    Raises
    ------
    DataError
        If it lies elsewhere or is not there.
    """
    try:
        root = data.resolve()
        path = (root / name).resolve()
        is_inside = path.is_relative_to(root) and not _leaves(name)
        is_file = is_inside and path.is_file()
    except (OSError, ValueError, RuntimeError) as error:
        cure = "Give the plain name of a file in the data folder."
        raise DataError([Fault(repr(name), f"is no usable path: {error}.", cure)]) from None
    if not is_inside:
        cure = "Put it in the data folder and name it by its path inside that folder."
        raise DataError([Fault(name, f"lies outside the data folder {data}.", cure)])
    if not is_file:
        cure = "Check the name, and the folder that --data or EVENGROUND_DATA gives."
        raise DataError([Fault(name, f"no such file in {data}.", cure)])
    return path


def _leaves(name: str) -> bool:
    """Say whether a name is absolute, an address, or one of GDAL's virtual paths."""
    return Path(name).is_absolute() or "://" in name or name.startswith("/vsi")


def parts(path: Path) -> list[Path]:
    """Return all files that together are one layer: the file, and what a shapefile needs."""
    if path.suffix.lower() != ".shp":
        return [path]
    beside = sorted(path.parent.iterdir())
    return [path] + [
        other
        for other in beside
        if other.stem == path.stem and other.suffix.lower() in SHAPEFILE_PARTS
    ]


def record(data: Path, path: Path, settings: FileSettings, role: str) -> list[FileRecord]:
    """Return the fingerprint of a file and of the parts that belong to it.

    Raises
    ------
    DataError
        If a part lies outside the data folder.
    """
    folder = PurePosixPath(settings.file).parent
    named = [
        (part, settings.file if part == path else str(folder / part.name)) for part in parts(path)
    ]
    return [
        FileRecord(
            path=name,
            sha256=_sha256(locate(data, name)),
            bytes=part.stat().st_size,
            year=settings.year,
            source=settings.source,
            licence=settings.licence,
            role=role,
        )
        for part, name in named
    ]


def _sha256(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
