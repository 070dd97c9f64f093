"""How sure the figures of plans are: one ensemble of cities, drawn alike for every plan.

``numbers`` lists the uncertain numbers of a case, ``draws`` spreads draws evenly over
them, ``world`` makes the city of one draw, ``ensemble`` judges the same plans in all of
them, ``sensitivity`` says which number matters most.
"""

from evenground.uncertainty.draws import Draws, draw
from evenground.uncertainty.ensemble import OUTCOMES, Ensemble, build_ensemble, outcomes
from evenground.uncertainty.numbers import Uncertain, check_uncertain, list_uncertain
from evenground.uncertainty.sensitivity import Sensitivity, sobol_indices
from evenground.uncertainty.world import Base, build_base, build_world

__all__ = [
    "OUTCOMES",
    "Base",
    "Draws",
    "Ensemble",
    "Sensitivity",
    "Uncertain",
    "build_base",
    "build_ensemble",
    "build_world",
    "check_uncertain",
    "draw",
    "list_uncertain",
    "outcomes",
    "sobol_indices",
]
