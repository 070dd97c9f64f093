"""Settings of what people do with their surroundings: an assumption that a case must bring."""

from typing import Annotated

from pydantic import Field

from evenground.config.base import Positive, Settings, Text

Minutes = Annotated[float, Field(ge=0.0, le=10_080.0)]


class BehaviourSettings(Settings):
    """How much more people walk where there is more green; there is no default for it."""

    walk_minutes_per_green_share: Annotated[Positive, Field(le=10_080.0)]
    """Minutes of walking a week that an adult adds where green around the home goes from none
    to all (assumption)."""
    walk_minutes_today: Minutes
    """Minutes of walking a week today, at the green that the mean resident has (assumption)."""
    source: Text
    """Where these minutes come from, printed in every report."""
    counted: bool = False
    """True = what walking saves is added to the burden; false = it stands beside it."""
