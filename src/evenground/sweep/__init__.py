"""Many runs of one case that differ in some settings: a design, carried out, and summed up.

``design`` lists the rows, ``plan`` resolves them and gives each run a key, ``engine`` hands
them to Dask, ``task`` is one of them, ``store`` keeps what is finished, ``shared`` and
``mapped`` let the workers of a machine share a city, ``summary`` says what came of it, and
``slurm`` makes one job of it all. A run itself is a black box: places, search, proposals.
"""

from importlib import import_module
from typing import TYPE_CHECKING

_HOMES = {
    "engine": ("Helpers", "Tally", "carry_out_all"),
    "plan": ("Plan", "build_plan", "resolve_again"),
    "slurm": ("submit", "write_script"),
    "store": ("Store",),
    "summary": ("STATES", "Status", "look", "write_summary"),
}

if TYPE_CHECKING:
    from evenground.sweep.engine import Helpers, Tally, carry_out_all
    from evenground.sweep.plan import Plan, build_plan, resolve_again
    from evenground.sweep.slurm import submit, write_script
    from evenground.sweep.store import Store
    from evenground.sweep.summary import STATES, Status, look, write_summary

__all__ = [
    "STATES",
    "Helpers",
    "Plan",
    "Status",
    "Store",
    "Tally",
    "build_plan",
    "carry_out_all",
    "look",
    "resolve_again",
    "submit",
    "write_script",
    "write_summary",
]


def __getattr__(name: str) -> object:
    """Return a name of the package, loaded when it is first used: a scheduler needs none."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"evenground.sweep.{home}"), name)
    msg = f"module 'evenground.sweep' has no attribute {name!r}"
    raise AttributeError(msg)
