"""Where a city should spend so that the gap in healthy living closes.

    import evenground as eg

    case = eg.read_case("configs/amsterdam.toml", data="data/amsterdam")
    problem = eg.build_problem(case)
    front = eg.search(problem, case.search)
    front.select("fairest").write("voorstel.gpkg")

The names are loaded when they are first used, so that the command answers at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenground.api import Case, Choice, Front, assess, build_problem, read_case, search
    from evenground.verify import Breach, verify_run

__all__ = [
    "Breach",
    "Case",
    "Choice",
    "Front",
    "assess",
    "build_problem",
    "read_case",
    "search",
    "verify_run",
]
_OF_THE_VERIFIER = ("Breach", "verify_run")
"""Names that load nothing of the search."""


def __getattr__(name: str) -> object:
    """Return a name of the public face."""
    if name in __all__:
        home = "evenground.verify" if name in _OF_THE_VERIFIER else "evenground.api"
        return getattr(import_module(home), name)
    msg = f"module 'evenground' has no attribute {name!r}"
    raise AttributeError(msg)
