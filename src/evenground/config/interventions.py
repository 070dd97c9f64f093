"""Which interventions there are, and what they cost."""

from typing import Annotated, Literal

from pydantic import Field

from evenground.config.base import Positive, Settings, Share, Texts
from evenground.config.files import FileSettings


class InterventionSettings(Settings):
    """What may be built."""

    use: Texts = (
        "tile_removal",
        "street_tree",
        "pocket_park",
        "quiet_sma",
        "speed30",
        "car_free",
        "play",
    )
    """Interventions of the catalogue that this case may use."""
    catalogue: FileSettings | None = None
    """CSV with interventions and costs of one's own: by id they replace or extend those shipped."""
    effects: FileSettings | None = None
    """CSV with effects of one's own, which replace or extend those shipped."""
    discount_rate: Share = 0.0225
    """Discount rate for yearly cost (Dutch standard rate)."""
    cost_level: Literal["low", "mid", "high"] = "mid"
    """Which column of the cost table to use."""
    public_paving_use: Share = 0.5
    """Share of public paving that can be lifted (assumption)."""
    private_paving_use: Share = 0.6
    """Share of private paving that can be lifted (assumption)."""
    private_uptake: Share = 0.3
    """Share of the private owners that takes part (assumption)."""
    tree_spacing_m: Positive = 9.0
    """Street length per tree."""
    tree_street_share: Share = 0.3
    """Share of the street length with room for roots and crown (assumption)."""
    play_spacing_m: Positive | None = None
    """At most one new place to play per square of this side; absent = as the catalogue says."""
    zone_m: Positive = 1000.0
    """Side of the squares in which a low- or zero-emission zone may be set."""
    flat_roof_share: Share = 0.3
    """Share of the roofs that is flat (assumption)."""
    horizon_year: Annotated[int, Field(ge=0, le=100)] | None = None
    """Years after planting at which growing green is counted; absent = the mean over its growth."""
    evaporation: Share = 0.15
    """Share of the traffic that vanishes when a street is closed (assumption, 0-0.25)."""
    parallel_within_m: Annotated[float, Field(gt=0.0, le=2000.0)] = 400.0
    """How far away a parallel street takes the other traffic of a closed one (assumption)."""
