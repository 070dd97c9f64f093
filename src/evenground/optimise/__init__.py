"""The search for plans: problem, seeds, operators, archive and NSGA-II."""

from evenground.optimise.archive import Archive
from evenground.optimise.bound import Bound, City, bound
from evenground.optimise.division import Part, divide
from evenground.optimise.outlook import Outlook, look_ahead
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
from evenground.optimise.worth import (
    WORTH_OF,
    Worth,
    gain_of_pooling,
    next_projects,
    worth_of_budgets,
)

__all__ = [
    "SCORES",
    "WEIGHTINGS",
    "WORTH_OF",
    "Archive",
    "Bound",
    "City",
    "Favoured",
    "Found",
    "Outlook",
    "Part",
    "Problem",
    "Progress",
    "Worth",
    "best_kept",
    "bound",
    "build_problem",
    "check_possible",
    "divide",
    "fill",
    "gain_of_pooling",
    "in_shares",
    "look_ahead",
    "nest",
    "next_projects",
    "plan_afresh",
    "prefer",
    "search",
    "worth_of_budgets",
]
