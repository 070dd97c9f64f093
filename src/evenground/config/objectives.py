"""How the scores are measured."""

from typing import Annotated

from pydantic import Field

from evenground.config.base import Positive, Settings, Share, Text


class ObjectiveSettings(Settings):
    """What counts as better."""

    inequality_aversion: Positive = 1.0
    """Epsilon that sets kappa of the Kolm-Pollak measure at the baseline (0.5-2)."""
    stacking_power: Annotated[float, Field(ge=1.0, le=8.0)] = 3.0
    """q: how much worse several burdens together are than their mean (value judgement)."""
    stacking_vulnerability: Share = 0.5
    """lambda: extra weight of people in the lowest SES rank (value judgement)."""
    access_target_per_1000: Positive = 1.0
    """Places to play per thousand residents within reach that count as enough (assumption)."""
    gap_group: Text | None = None
    """Name of the group under ``[[groups]]`` whose gap with all others ``group_gap`` is."""
