"""What people chose of a run: a line in ``chosen.jsonl``, added to the finished run."""

import json
from datetime import UTC, datetime
from pathlib import Path

from evenground import disk
from evenground.errors import DataError, Fault, few
from evenground.runs.names import CHOSEN, DECISIONS
from evenground.runs.record import read_manifest


def choose(folder: Path, proposal: str, by: str = "", note: str = "") -> None:
    """Mark a proposal of a run as chosen; such a run is never thinned.

    Raises
    ------
    DataError
        If the run has no such proposal.
    StorageError
        If the mark cannot be written.
    """
    there = [str(part["id"]) for part in read_manifest(folder).get("proposals", ())]
    if proposal not in there:
        cure = f"Choose from {few(there, 12)}." if there else "Choose from another run."
        raise DataError([Fault(str(folder), f"has no proposal {proposal}.", cure)])
    mark = {
        "proposal": proposal,
        "by": by,
        "note": note,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    disk.append_line(folder / CHOSEN, json.dumps(mark, ensure_ascii=False))


def is_chosen(folder: Path) -> bool:
    """Say whether anything of a run was chosen, or a file says so that cannot be judged."""
    for path in (folder / CHOSEN, folder / DECISIONS):
        try:
            if path.stat().st_size > 0:
                return True
        except FileNotFoundError:
            continue
        except OSError:
            return True
    return False
