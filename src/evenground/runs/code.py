"""What results rest on besides their inputs: the code, its tables, and what it computes with."""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path

CODE_FILES = (".py", ".csv", ".toml", ".json")
"""Files of the package on which results rest."""
LIBRARIES = ("numpy", "numba", "scipy", "pymoo", "moocore")
"""Libraries whose versions may change the last bits of a result."""


def hashed(content: object) -> str:
    """Return the SHA-256 of plain values, the same in whatever order their keys stand."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_version() -> str:
    """Return the SHA-256 of the code and tables of the package, and of what it computes with."""
    root = Path(__file__).parents[1]
    parts = {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.suffix in CODE_FILES
    }
    libraries = {name: version(name) for name in LIBRARIES}
    return hashed({"files": parts, "libraries": libraries})
