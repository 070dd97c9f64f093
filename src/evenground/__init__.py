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
    from evenground.api import Case, Choice, Front, build_problem, read_case, search

__all__ = ["Case", "Choice", "Front", "build_problem", "read_case", "search"]


def __getattr__(name: str) -> object:
    """Return a name of the public face."""
    if name in __all__:
        return getattr(import_module("evenground.api"), name)
    msg = f"module 'evenground' has no attribute {name!r}"
    raise AttributeError(msg)
