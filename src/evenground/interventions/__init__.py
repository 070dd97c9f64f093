"""What may be built, where, at what cost, and what it changes."""

from evenground.interventions.catalogue import Effect, annuity, read_catalogue, read_table
from evenground.interventions.options import Options, Spread, build_options
from evenground.interventions.response import Response, build_response, scale_effects

__all__ = [
    "Effect",
    "Options",
    "Response",
    "Spread",
    "annuity",
    "build_options",
    "build_response",
    "read_catalogue",
    "read_table",
    "scale_effects",
]
