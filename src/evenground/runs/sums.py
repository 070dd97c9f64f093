"""Whether the files of a run directory are still what was written."""

import re
from dataclasses import dataclass
from pathlib import Path

from evenground.disk import hash_file
from evenground.errors import DataError, Fault
from evenground.runs.names import ADDED_LATER, CHECKSUMS

LINE = re.compile(r"(?P<sha>[0-9a-f]{64}) [ *](?P<name>.+)")


@dataclass(frozen=True)
class Sums:
    """What was found of the files of a run directory; lists of names inside it."""

    right: int
    """Files that are as they were written."""
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    """Files that nobody wrote in the run, other than marks of what was chosen."""

    @property
    def are_right(self) -> bool:
        """Every file is there as it was written, and no other."""
        return not (self.changed or self.missing or self.extra)


def check_sums(folder: Path) -> Sums:
    """Compare every file of a run directory with its checksum.

    Raises
    ------
    DataError
        If there is no list of checksums, or it cannot be read.
    """
    told = _read(folder)
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() or path.is_symlink()
    }
    there -= {CHECKSUMS, *ADDED_LATER}
    found = sorted(there & set(told))
    changed = [name for name in found if not _is_same(folder / name, told[name])]
    return Sums(
        right=len(found) - len(changed),
        changed=tuple(changed),
        missing=tuple(sorted(set(told) - there)),
        extra=tuple(sorted(there - set(told))),
    )


def _is_same(path: Path, sha: str) -> bool:
    """Say whether a file has a checksum; one that leads elsewhere or is unreadable has not."""
    try:
        return not path.is_symlink() and hash_file(path) == sha
    except OSError:
        return False


def _read(folder: Path) -> dict[str, str]:
    """Return the checksum of each file by its name."""
    path = folder / CHECKSUMS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        cure = "Make the run again: it is of an older version, or was not finished."
        raise DataError([Fault(str(folder), f"holds no {CHECKSUMS}.", cure)]) from None
    except (OSError, ValueError) as error:
        cure = "Restore it from a copy."
        raise DataError([Fault(str(path), f"cannot be read: {error}.", cure)]) from None
    found = [LINE.fullmatch(line) for line in lines]
    if not found or None in found:
        row = found.index(None) + 1 if found else 1
        cure = "Restore it from a copy."
        raise DataError([Fault(f"{path}, line {row}", "is no checksum and name.", cure)])
    return {line["name"]: line["sha"] for line in found if line is not None}
