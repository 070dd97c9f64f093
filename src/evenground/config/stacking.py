"""Settings of the ways of stacking that a run shows; the search lowers none of these."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evenground.config.base import Settings, Share, Text

GesExposure = Literal["Lden", "NO2", "PM10"]
GesEdition = Literal["handbook", "bands", "flanders_2017", "handbook_2012"]
EDITIONS: dict[str, tuple[str, ...]] = {
    "Lden": ("handbook", "bands"),
    "NO2": ("flanders_2017", "handbook_2012"),
    "PM10": ("handbook_2012",),
}
"""Editions of the GES classes that are shipped, by exposure; the first is the default."""
GesClass = Annotated[tuple[Annotated[int, Field(ge=0, le=8)], float], Field(strict=False)]


class GesClasses(Settings):
    """GES classes of an edition that is not shipped, such as that of 2018."""

    exposure: GesExposure
    source: Text
    """Which edition it is, and whose."""
    classes: Annotated[tuple[GesClass, ...], Field(strict=False, min_length=1)]
    """Score (0-8) and lowest value of each class, both rising; a class runs to the next, the last
    has no end."""

    @model_validator(mode="after")
    def _rise(self) -> Self:
        for (one, low), (two, high) in pairwise(self.classes):
            if not (one < two and low < high):
                msg = f"classes {one} and {two} do not rise in score and in value."
                raise ValueError(msg)
        return self


class StackingSettings(Settings):
    """How stacking is shown, beside the measure that the search lowers."""

    supplied: bool = False
    """True = supplied factors with a norm are stacked with the layers in the exceedances, counted
    and by size, and in the power mean."""
    ges: Annotated[dict[GesExposure, GesEdition], Field(strict=False)] = Field(default_factory=dict)
    """Exposure = edition of the GES classes in ``data/ges.csv``; absent = the default edition."""
    ges_classes: Annotated[tuple[GesClasses, ...], Field(strict=False)] = ()
    """Classes of another edition; they win over ``ges``."""
    priority_share: Share = 0.2
    """Share of the neighbourhoods that counts as low in SES, and in liveability (assumption)."""

    @model_validator(mode="after")
    def _has_the_edition(self) -> Self:
        for exposure, edition in self.ges.items():
            if edition not in EDITIONS[exposure]:
                msg = (
                    f"ges has no edition {edition} of {exposure}; choose from "
                    f"{', '.join(EDITIONS[exposure])}, or give ges_classes."
                )
                raise ValueError(msg)
        return self
