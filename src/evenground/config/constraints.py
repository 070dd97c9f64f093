"""Settings of what a plan must respect; every part may be left out."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evenground.config.base import NotNegative, Positive, Settings, Share, Text, Texts
from evenground.config.files import FileSettings

MOST_LINES = 6
"""Most budget lines; lines that overlap bound every sum of them."""


class BudgetLine(Settings):
    """A budget that pays for some interventions only."""

    name: Text
    """As the municipality calls it."""
    eur: NotNegative
    """Most that it pays, in euros of the price year."""
    pays_for: Annotated[Texts, Field(min_length=1)]
    """Sectors (``green``, ``mobility``, ``social``, ``housing``, ``water``) or interventions."""
    at_least_eur: NotNegative = 0.0
    """Least that has to be spent on what it pays for."""

    @model_validator(mode="after")
    def _can_be_spent(self) -> Self:
        if self.at_least_eur > self.eur:
            msg = f"at_least_eur is {self.at_least_eur:g}, more than eur, {self.eur:g}."
            raise ValueError(msg)
        return self


class PrioritySettings(Settings):
    """Neighbourhoods that must get at least a share."""

    at_least: Share
    """Least share of the spend, or of the gain."""
    of: Literal["spend", "gain"] = "spend"
    """Euros to build, or DALY per year that are avoided."""
    ses_rank_at_most: Share | None = None
    """Neighbourhoods up to this rank of SES-WOA (0 = lowest)."""
    low_income_at_least: Share | None = None
    """Neighbourhoods with at least this share of low incomes."""
    codes: Texts = ()
    """Neighbourhoods by code."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.ses_rank_at_most is None and self.low_income_at_least is None and not self.codes:
            msg = "says no neighbourhoods: give ses_rank_at_most, low_income_at_least or codes."
            raise ValueError(msg)
        return self


class ConstraintSettings(Settings):
    """What a plan must respect besides the whole budget and the room on the ground."""

    budgets: Annotated[tuple[BudgetLine, ...], Field(strict=False, max_length=MOST_LINES)] = ()
    """Budget lines. What no line pays for cannot be built."""
    pooling: bool = False
    """True = lines pay for each other, so that only their sum counts."""
    fixed_eur: dict[str, NotNegative] = Field(default_factory=dict)
    """Intervention = euros of starting it on a site at all, instead of the catalogue's."""
    least: dict[str, Positive] = Field(default_factory=dict)
    """Intervention = smallest amount on a site, in its unit."""
    spacing_m: dict[str, Positive] = Field(default_factory=dict)
    """Intervention = least distance between the middles of two sites that have it."""
    exclude_codes: Texts = ()
    """Neighbourhoods, by code, in which nothing is built."""
    exclude: FileSettings | None = None
    """Polygons in which nothing is built."""
    lock: FileSettings | None = None
    """Works that every plan holds: a table with x, y, maatregel and hoeveelheid."""
    priority: PrioritySettings | None = None
    """Neighbourhoods that must get at least a share."""

    @model_validator(mode="after")
    def _lines_have_their_own_names(self) -> Self:
        names = [line.name for line in self.budgets]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            msg = f"budgets names {', '.join(twice)} twice."
            raise ValueError(msg)
        if self.pooling and not self.budgets:
            msg = "pooling is true, but there are no budgets to pool."
            raise ValueError(msg)
        return self
