"""What may be built, where, at what cost, and what it changes."""

from evenground.interventions.catalogue import Effect, annuity, read_catalogue, read_table
from evenground.interventions.response import Response, build_response, scale_effects
from evenground.interventions.sites import Options, build_options
from evenground.interventions.traffic import Moves, list_moves

__all__ = [
    "Effect",
    "Moves",
    "Options",
    "Response",
    "annuity",
    "build_options",
    "build_response",
    "list_moves",
    "read_catalogue",
    "read_table",
    "scale_effects",
]
