"""Settings of the ensemble: what is uncertain, and how often the city is drawn anew."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from evenground.config.base import Settings, Texts


class UncertaintySettings(Settings):
    """How sure the figures are: the same draws of all uncertain numbers for every plan."""

    draws: Annotated[int, Field(ge=0, le=65536)] = 256
    """Cities that are drawn: a power of two, 0 = none."""
    fixed: Texts = ()
    """Ids of uncertain numbers that stay at their middle; listed in ``uncertainty/numbers.csv``."""
    ranges: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """Id = its lowest and highest value, instead of the shipped ones."""

    @field_validator("ranges", mode="before")
    @classmethod
    def _from_lists(cls, value: object) -> object:
        """TOML has lists only."""
        if not isinstance(value, dict):
            return value
        return {key: tuple(ends) if isinstance(ends, list) else ends for key, ends in value.items()}

    @model_validator(mode="after")
    def _draws_fill_the_space_evenly(self) -> Self:
        if self.draws & (self.draws - 1):
            lower = 1 << (self.draws.bit_length() - 1)
            msg = f"draws is {self.draws}, which is no power of two; use {lower} or {2 * lower}."
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _ranges_run_upwards(self) -> Self:
        for name, (low, high) in self.ranges.items():
            if low > high:
                msg = f"ranges.{name} runs from {low} to {high}; put the lowest first."
                raise ValueError(msg)
        if both := sorted(set(self.ranges) & set(self.fixed)):
            msg = f"{', '.join(both)} is in fixed and in ranges; keep one."
            raise ValueError(msg)
        return self
