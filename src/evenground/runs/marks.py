"""What people chose of a run: a line in ``chosen.jsonl``, added to the finished run."""

import json
from datetime import UTC, datetime
from pathlib import Path

from evenground import disk
from evenground.errors import DataError, Fault, few
from evenground.runs.names import CHOSEN
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
    parts = read_manifest(folder).get("proposals", ())
    there = {str(part["id"]): str(part.get("name", part["id"])) for part in parts}
    if proposal not in there:
        cure = f"Choose from {few(list(there), 12)}." if there else "Choose from another run."
        raise DataError([Fault(str(folder), f"has no proposal {proposal}.", cure)])
    # the pages for planners add and read the same lines
    mark = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "proposal": proposal,
        "proposal_name": there[proposal],
        "name": by,
        "role": "",
        "note": note,
    }
    disk.append_line(folder / CHOSEN, json.dumps(mark, ensure_ascii=False))


def is_chosen(folder: Path) -> bool:
    """Say whether anything of a run was chosen, or a file says so that cannot be judged."""
    try:
        return (folder / CHOSEN).stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError:
        return True
