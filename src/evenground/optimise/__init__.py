"""The search for plans: problem, seeds, operators, archive, generations, small moves and bound."""

from evenground.optimise.archive import ORIGINS, Archive
from evenground.optimise.books import Progress
from evenground.optimise.bound import Bound, City, bound, seconds_of_lines
from evenground.optimise.checkpoints import Checkpoints, holds_any
from evenground.optimise.division import divide
from evenground.optimise.identity import identify
from evenground.optimise.outlook import Outlook, look_ahead
from evenground.optimise.pace import time_of_bound
from evenground.optimise.parts import Part
from evenground.optimise.phases import best_kept, in_shares, nest, plan_afresh
from evenground.optimise.problem import (
    SCORES,
    Favoured,
    Problem,
    build_problem,
    check_possible,
    prefer,
)
from evenground.optimise.search import Found, Keep, Search, search
from evenground.optimise.seeds import WEIGHTINGS, fill
from evenground.optimise.snapshot import Snapshot
from evenground.optimise.worth import (
    WORTH_OF,
    Worth,
    gain_of_pooling,
    next_projects,
    worth_of_budgets,
)

__all__ = [
    "ORIGINS",
    "SCORES",
    "WEIGHTINGS",
    "WORTH_OF",
    "Archive",
    "Bound",
    "Checkpoints",
    "City",
    "Favoured",
    "Found",
    "Keep",
    "Outlook",
    "Part",
    "Problem",
    "Progress",
    "Search",
    "Snapshot",
    "Worth",
    "best_kept",
    "bound",
    "build_problem",
    "check_possible",
    "divide",
    "fill",
    "gain_of_pooling",
    "holds_any",
    "identify",
    "in_shares",
    "look_ahead",
    "nest",
    "next_projects",
    "plan_afresh",
    "prefer",
    "search",
    "seconds_of_lines",
    "time_of_bound",
    "worth_of_budgets",
]
