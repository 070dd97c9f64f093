"""The search for plans: problem, seeds, operators, archive and NSGA-II."""

from evenground.optimise.archive import Archive
from evenground.optimise.problem import (
    SCORES,
    Favoured,
    Problem,
    build_problem,
    check_possible,
    prefer,
)
from evenground.optimise.search import Found, Progress, search
from evenground.optimise.seeds import fill

__all__ = [
    "SCORES",
    "Archive",
    "Favoured",
    "Found",
    "Problem",
    "Progress",
    "build_problem",
    "check_possible",
    "fill",
    "prefer",
    "search",
]
