"""Settings of groups of residents that are followed beside those of age and income."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evenground.config.base import Settings, Share, Text


class ConditionSettings(Settings):
    """Neighbourhoods by a figure of theirs; those of which it is unknown do not meet it."""

    column: Text
    """Column of the neighbourhood table, such as share_age_65_plus, or a supplied factor."""
    at_least: float | None = None
    """Lowest figure that meets it, in the unit of the column; shares run from 0 to 1."""
    at_most: float | None = None
    """Highest figure that meets it."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.at_least is None and self.at_most is None:
            msg = f"{self.column} has no bound. Set at_least, at_most or both."
            raise ValueError(msg)
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            msg = f"{self.column} is at least {low:g} and at most {high:g}, which no figure is."
            raise ValueError(msg)
        return self


class GroupSettings(Settings):
    """A group of residents that is followed; groups may overlap."""

    name: Text
    """As it is shown."""
    ages: Annotated[
        tuple[Literal["0_15", "15_25", "25_45", "45_65", "65_plus"], ...], Field(strict=False)
    ] = ()
    """Age bands that belong to it; none = all."""
    incomes: Annotated[tuple[Literal["low", "other", "unknown"], ...], Field(strict=False)] = ()
    """Income classes that belong to it; none = all."""
    ses_rank_at_most: Share | None = None
    """Only in neighbourhoods up to this rank of SES-WOA (0 = lowest); unknown ones are out."""
    low_income_at_least: Share | None = None
    """Only in neighbourhoods with at least this share of low incomes."""
    where: Annotated[tuple[ConditionSettings, ...], Field(strict=False)] = ()
    """Only in neighbourhoods that meet all of these."""
    minimum_persons: Annotated[int, Field(ge=1)] = 50
    """Figures of fewer persons of the group in a neighbourhood are not shown (privacy)."""
