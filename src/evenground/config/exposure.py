"""Settings of the exposure models, behind the baseline and the response."""

from typing import Literal, Self

from pydantic import model_validator

from evenground.config.base import NotNegative, Positive, Settings, Share

HeatModel = Literal["map", "diagnostic", "two_window"]
AccessKernel = Literal["dichotomous", "exponential", "gaussian", "density"]
AirKernel = Literal["exponential", "inverse_root"]


class ExposureSettings(Settings):
    """Models behind the baseline and the response (evidence: exposure_models)."""

    heat_model: HeatModel = "map"
    """Heat today: the map of the case (without one: diagnostic), from building and green
    (diagnostic), or two windows of green, fitted on the map of the case or with given weights."""
    heat_highest_degc: Positive | None = None
    """Heat island of a place without any green; only two_window reads it; absent = fitted."""
    heat_weight_wide: Share | None = None
    """a1: part of it that green all over the wide window takes away; absent = fitted."""
    heat_weight_near: Share | None = None
    """a2: the same of the near window; absent = fitted."""
    heat_wide_m: Positive = 1000.0
    """Radius of the wide window of two_window."""
    heat_near_m: Positive = 30.0
    """Radius of its near window."""
    heat_beta_degc: Positive = 5.0
    """Cooling on a warm day per unit green fraction in the window."""
    heat_summer_factor: Share = 0.5
    """Share of that which holds for the summer mean (assumption, 0.3-0.7)."""
    heat_window_m: Positive = 500.0
    """Radius of the window of the air-temperature effect."""
    green_window_m: Positive = 300.0
    """Radius of the window of green around the home."""
    ndvi_offset: float = 0.10
    """NDVI of a cell without green (assumption)."""
    ndvi_slope: Positive = 0.55
    """NDVI gained from no green to all green (assumption)."""
    summer_radiation_w_m2: Positive = 200.0
    """Mean global radiation of a summer day, for modelled heat (assumption)."""
    summer_temperature_range_degc: Positive = 9.5
    """Mean daily range of temperature in summer, for modelled heat (assumption)."""
    summer_wind_m_s: Positive = 4.0
    """Mean wind at 10 m in summer, for modelled heat (assumption)."""
    sky_view_open: Share = 0.95
    """Sky view factor of open ground (assumption)."""
    sky_view_built: Share = 0.60
    """Sky view factor of built ground (assumption)."""
    noise_reach_m: Positive = 300.0
    """How far a street is heard."""
    noise_street_share: Share = 0.8
    """Share of the noise energy that comes from streets the city can change (assumption)."""
    air_absorption_db_m: NotNegative = 0.005
    """Absorption of sound by air."""
    air_kernel: AirKernel = "exponential"
    """How the air of a street thins out: exp(-d / air_decay_m), or with the root of the
    distance beyond 20 m."""
    air_reach_m: Positive = 150.0
    """How far the air of a street is felt."""
    air_decay_m: Positive = 50.0
    """Distance over which a street's contribution falls to 1/e (assumption, 30-100 m)."""
    background_window_m: Positive = 1000.0
    """Window of the local 5th percentile that stands for the background of air (assumption)."""
    access_kernel: AccessKernel = "gaussian"
    """How the worth of a place falls with distance, today and for what is built."""
    access_reach_m: Positive = 300.0
    """How far people walk to a place to play."""

    @model_validator(mode="after")
    def _weights_come_together(self) -> Self:
        weights = (self.heat_highest_degc, self.heat_weight_wide, self.heat_weight_near)
        given = sum(weight is not None for weight in weights)
        if given and self.heat_model != "two_window":
            msg = 'heat weights are given, which only heat_model = "two_window" reads.'
            raise ValueError(msg)
        if given not in {0, len(weights)}:
            msg = (
                "give heat_highest_degc, heat_weight_wide and heat_weight_near together, "
                "or none of them to fit them on the heat map."
            )
            raise ValueError(msg)
        return self
