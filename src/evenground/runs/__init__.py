"""Run directories as they lie on a disk: found, listed, compared and thinned.

The directories are the truth. Knows nothing of how a run is made, and loads nothing heavy.
"""

from evenground.runs.again import tell_command
from evenground.runs.code import code_version, hashed
from evenground.runs.compare import (
    Comparison,
    Difference,
    compare_runs,
    differences,
    fingerprints,
    flat,
    read_resolved,
)
from evenground.runs.index import INDEX, list_runs
from evenground.runs.marks import choose, is_chosen
from evenground.runs.names import (
    ADDED_LATER,
    CHECKSUMS,
    CHOSEN,
    CRATE,
    CUT_SHORT,
    DAMAGED,
    DONE,
    MANIFEST,
    SETTINGS,
)
from evenground.runs.record import Record, build_record, read_manifest, read_record
from evenground.runs.sums import Sums, check_sums
from evenground.runs.thin import Choice, Keep, choose_kept, size_of, thin

__all__ = [
    "ADDED_LATER",
    "CHECKSUMS",
    "CHOSEN",
    "CRATE",
    "CUT_SHORT",
    "DAMAGED",
    "DONE",
    "INDEX",
    "MANIFEST",
    "SETTINGS",
    "Choice",
    "Comparison",
    "Difference",
    "Keep",
    "Record",
    "Sums",
    "build_record",
    "check_sums",
    "choose",
    "choose_kept",
    "code_version",
    "compare_runs",
    "differences",
    "fingerprints",
    "flat",
    "hashed",
    "is_chosen",
    "list_runs",
    "read_manifest",
    "read_record",
    "read_resolved",
    "size_of",
    "tell_command",
    "thin",
]
