"""Settings of the exposure models, behind the baseline and the response."""

from evenground.config.base import NotNegative, Positive, Settings, Share


class ExposureSettings(Settings):
    """Models behind the baseline and the response (evidence: exposure_models)."""

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
    air_reach_m: Positive = 150.0
    """How far the air of a street is felt."""
    air_decay_m: Positive = 50.0
    """Distance over which a street's contribution falls to 1/e (assumption, 30-100 m)."""
    background_window_m: Positive = 1000.0
    """Window of the local 5th percentile that stands for the background of air (assumption)."""
    access_reach_m: Positive = 300.0
    """How far people walk to a place to play."""
