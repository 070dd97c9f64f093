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
from evenground.optimise.worth import WORTH_OF, Worth, gain_of_pooling, worth_of_budgets

__all__ = [
    "SCORES",
    "WORTH_OF",
    "Archive",
    "Favoured",
    "Found",
    "Problem",
    "Progress",
    "Worth",
    "build_problem",
    "check_possible",
    "fill",
    "gain_of_pooling",
    "prefer",
    "search",
    "worth_of_budgets",
]
