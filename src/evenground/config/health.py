"""Settings of health: functions, rates, weights and overlap."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evenground.config.base import NotNegative, Positive, Settings, Share, Text
from evenground.config.behaviour import BehaviourSettings

FunctionSet = Literal["default", "low", "high", "hrapie1", "hrapie2", "europe", "dutch_cohort"]


class HealthSettings(Settings):
    """From exposure to DALY (evidence: exposure_response)."""

    no2_pm25_overlap: Share = 0.33
    """Share of the NO2 effect that is already in the PM2.5 effect."""
    yll_per_death_air: Positive = 11.0
    """Years of life lost per death by air pollution or noise, Dutch life table."""
    yll_per_death_heat: Positive = 8.0
    """Years of life lost per death by heat."""
    summer_death_share: Share = 0.24
    """Share of the yearly deaths that falls in June to August (assumption)."""
    lnight_offset_db: NotNegative = 8.5
    """Lden minus Lnight of urban roads (assumption, 7-10)."""
    annoyance_weight: Share = 0.011
    """Disability weight of high annoyance (ETC-HE 2023)."""
    sleep_weight: Share = 0.010
    """Disability weight of high sleep disturbance (ETC-HE 2023)."""
    green_target_gain_ndvi: Positive = 0.1
    """Green is compared with the city's mean NDVI plus this."""
    ses_rate_lowest: Positive = 1.3
    """Baseline death and disease rate of the lowest SES fifth against the mean (assumption)."""
    ses_rate_highest: Positive = 0.75
    """The same of the highest fifth (assumption)."""
    function_set: FunctionSet = "default"
    """Named set of exposure-response functions."""
    functions: dict[str, Text] = Field(default_factory=dict)
    """Response = function of ``data/exposure_response.csv``, or none; wins over the set."""
    beyond_range: Literal["continue", "hold"] = "continue"
    """Above the range that was studied a curve goes on, or stays as it is at its end."""
    green_pathway: Literal["beside", "added"] = "beside"
    """Whether the burden of too little green stands beside the sum or is added to it."""
    green_added_share: Share = 0.5
    """Share of the green effect that is added, heat, air and noise holding the rest
    (assumption)."""
    rural_summer_degc: float = 17.5
    """Mean temperature of June to August outside the city; only ``heat_mort_nl`` reads it
    (assumption)."""
    ihd_death_share: Share | None = None
    """Share of the deaths by ischaemic heart disease; only ``pm25_ihd`` reads it."""
    asthma_incidence: Share | None = None
    """New cases of asthma per child per year; only ``no2_asthma`` reads it."""
    yld_per_asthma: Positive | None = None
    """Years lived with disability per new case; only ``no2_asthma`` reads it."""
    effect_lowest: dict[str, Annotated[float, Field(ge=0.5, le=2.0)]] = Field(default_factory=dict)
    """Response = how much stronger it is in the lowest SES fifth; absent = as strong."""
    behaviour: BehaviourSettings | None = None
    """How much more people walk where there is more green; absent = walking is not modelled."""

    @model_validator(mode="after")
    def _counts_activity_once(self) -> Self:
        is_added = self.green_pathway == "added"
        if self.behaviour is not None and self.behaviour.counted and is_added:
            msg = (
                'behaviour.counted and green_pathway = "added" would count walking twice: the '
                "effect of green holds that people walk more. Choose one of the two."
            )
            raise ValueError(msg)
        return self
