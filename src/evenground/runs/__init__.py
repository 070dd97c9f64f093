"""Run directories as they lie on a disk: found, listed, compared and thinned.

The directories are the truth. Knows nothing of how a run is made, and loads nothing heavy.
"""

from evenground.runs.names import (
    ADDED_LATER,
    CHECKSUMS,
    CHOSEN,
    CRATE,
    CUT_SHORT,
    DAMAGED,
    DECISIONS,
    DONE,
    MANIFEST,
    SETTINGS,
)

__all__ = [
    "ADDED_LATER",
    "CHECKSUMS",
    "CHOSEN",
    "CRATE",
    "CUT_SHORT",
    "DAMAGED",
    "DECISIONS",
    "DONE",
    "MANIFEST",
    "SETTINGS",
]
