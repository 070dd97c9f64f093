"""The search for plans: problem, seeds, operators, archive and NSGA-II."""

from evenground.optimise.archive import Archive
from evenground.optimise.division import Part, divide
from evenground.optimise.phases import best_kept, in_shares, nest, plan_afresh
from evenground.optimise.problem import (
    SCORES,
    Favoured,
    Problem,
    build_problem,
    check_possible,
    prefer,
)
from evenground.optimise.search import Found, Progress, search
from evenground.optimise.seeds import WEIGHTINGS, fill

__all__ = [
    "SCORES",
    "WEIGHTINGS",
    "Archive",
    "Favoured",
    "Found",
    "Part",
    "Problem",
    "Progress",
    "best_kept",
    "build_problem",
    "check_possible",
    "divide",
    "fill",
    "in_shares",
    "nest",
    "plan_afresh",
    "prefer",
    "search",
]
