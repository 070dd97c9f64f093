"""Settings of phasing: the years in which is built, and the budget of each."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from evenground.config.base import NotNegative, Settings

Year = Annotated[int, Field(ge=1990, le=2200)]


class PhasingSettings(Settings):
    """What is built when: years that follow each other, each with its own money."""

    years: Annotated[tuple[Year, ...], Field(strict=False, min_length=1, max_length=50)]
    """Years in which is built, one after another without gaps."""
    budget_eur: Annotated[tuple[NotNegative, ...], Field(strict=False)]
    """Euros of each year; what one year leaves may be spent in the next."""

    @model_validator(mode="after")
    def _years_follow_each_other(self) -> Self:
        if any(after != before + 1 for before, after in pairwise(self.years)):
            msg = (
                f"years is {', '.join(map(str, self.years))}; give years that follow each other "
                "without gaps, and a year without money a budget of 0."
            )
            raise ValueError(msg)
        if len(self.budget_eur) != len(self.years):
            msg = (
                f"budget_eur has {len(self.budget_eur)} amounts for {len(self.years)} years; "
                "give one for each year."
            )
            raise ValueError(msg)
        return self
