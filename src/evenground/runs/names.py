"""What the parts of a run directory are called."""

MANIFEST = "manifest.json"
SETTINGS = "settings.toml"
CHECKSUMS = "checksums.sha256"
CRATE = "ro-crate-metadata.json"
CHOSEN = "chosen.jsonl"
"""What people chose of a run: one line a choice, added after the run."""
ADDED_LATER = (CHOSEN,)
"""Files that may be added to a finished run, and that its checksums do not hold."""
DONE, CUT_SHORT, DAMAGED = "done", "cut short", "damaged"
"""States: the search evaluated all; a time limit ended it, and the run is whole all the same;
the manifest cannot be read."""
