"""Settings of the ways of stacking that a run shows; the search lowers none of these."""

from typing import Annotated, Literal

from pydantic import Field

from evenground.config.base import Settings, Share

GesEdition = Literal["handbook", "bands", "flanders_2017", "handbook_2012"]


class StackingSettings(Settings):
    """How stacking is shown, beside the measure that the search lowers."""

    supplied: bool = False
    """True = supplied factors with a norm are stacked with the layers in the exceedances, counted
    and by size, and in the power mean."""
    ges: Annotated[dict[Literal["Lden", "NO2", "PM10"], GesEdition], Field(strict=False)] = Field(
        default_factory=dict
    )
    """Exposure = edition of the GES classes in ``data/ges.csv``; absent = the default edition."""
    priority_share: Share = 0.2
    """Share of the neighbourhoods that counts as low in SES, and in liveability (assumption)."""
