"""How far the plans that were found are at most from the best there is: a bound, and its gap."""

from evenground.optimise.bound.city import City
from evenground.optimise.bound.expect import seconds_of_lines
from evenground.optimise.bound.hulls import lower_hull
from evenground.optimise.bound.minorants import Minorants
from evenground.optimise.bound.programme import CUT_SHORT, EXACT, NO_BOUND, NO_TIME
from evenground.optimise.bound.table import BUDGETS, LINE, Bound, bound

__all__ = [
    "BUDGETS",
    "CUT_SHORT",
    "EXACT",
    "LINE",
    "NO_BOUND",
    "NO_TIME",
    "Bound",
    "City",
    "Minorants",
    "bound",
    "lower_hull",
    "seconds_of_lines",
]
