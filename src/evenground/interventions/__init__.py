"""What may be built, where, at what cost, and what it changes."""

from evenground.interventions.catalogue import Effect, annuity, read_catalogue, read_table
from evenground.interventions.options import Options, Spread, build_options
from evenground.interventions.response import Response, build_response, scale_effects
from evenground.interventions.sites import most_public_m2
from evenground.interventions.traffic import Moves, list_moves

__all__ = [
    "Effect",
    "Moves",
    "Options",
    "Response",
    "Spread",
    "annuity",
    "build_options",
    "build_response",
    "list_moves",
    "most_public_m2",
    "read_catalogue",
    "read_table",
    "scale_effects",
]
