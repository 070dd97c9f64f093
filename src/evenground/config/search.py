"""What the search lowers, and how it goes about it."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from evenground.config.base import NotNegative, Positive, Settings, Share

Objective = Literal["burden", "inequality", "ses_gradient", "stacking", "access", "cost"]
Measure = Literal[
    "kolm_pollak",
    "gini",
    "theil_t",
    "theil_l",
    "ge2",
    "p90_p10",
    "concentration",
    "generalised_concentration",
    "extended_concentration",
    "slope_index",
    "relative_index",
    "slope_over_mean",
    "erreygers",
    "wagstaff",
    "group_gap",
]
"""Measures of distribution that reward levelling down: worsening the best-off lowers them."""

SHOWN_ONLY = {
    "ges": "GES scores of different factors may not be added; GGD shows them as a map legend",
    "leefbaarometer": "its makers forbid adding or optimising the five dimensions",
    "liveability": "the makers of the Leefbaarometer forbid adding or optimising its dimensions",
    "atkinson": "it is made for goods: of a burden it rewards the worst",
}
"""What a report may show and a search may never lower, with the reason."""


class SearchSettings(Settings):
    """How the front is looked for."""

    seed: Annotated[int, Field(ge=0, lt=2**63)]
    """Seed of the whole search. There is no default: a run must say it."""
    budget_eur: NotNegative
    """Most that one plan may cost to build, in euros of the price year."""
    objectives: Annotated[
        tuple[Literal[Objective, Measure], ...], Field(strict=False, min_length=2)
    ] = (
        "burden",
        "inequality",
        "ses_gradient",
        "stacking",
        "access",
        "cost",
    )
    """Scores that the search lowers. All others are computed and shown as well."""
    no_harm: bool = False
    """True = no group in any neighbourhood may be worse off than today."""
    no_harm_tolerance: NotNegative = 1e-9
    """DALY per 1000 residents per year by which it may be worse off all the same."""
    population: Annotated[int, Field(ge=8, le=5000)] = 200
    """Plans in one generation."""
    evaluations: Annotated[int, Field(ge=0, le=100_000_000)] = 24_000
    """Plans to evaluate, seeds included."""
    time_limit_s: Positive | None = None
    """Most seconds for seeds, search and bound together; absent = until all plans are evaluated."""
    stop_below: Share = 0.0
    """The search ends when the hypervolume grew by less than this share over the last
    ``stop_generations``; 0 = never."""
    stop_generations: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Turns over which that growth is measured: generations, and small moves of as many plans."""
    checkpoint_s: NotNegative = 30.0
    """Seconds between two checkpoints of the search, more where writing one takes over 1 % of
    that; 0 = after every step."""
    budget_levels: Annotated[int, Field(ge=1, le=100)] = 8
    """Steps of each greedy path from nothing to the whole budget."""
    crossover: Literal["window", "block", "uniform"] = "window"
    """What a child takes from its father: a window of sites, every other block of sites by the
    toss of a coin, or every other option by the toss of a coin."""
    mutation_share: Share = 1.0
    """Share of the children that are mutated as well."""
    survival: Literal["archive", "crowding", "reference"] = "archive"
    """Who lives on: those without whom most hypervolume would be lost, called back from the
    archive where need be; the best in rank and room (NSGA-II); or those nearest to even
    directions (NSGA-III)."""
    archive_limit: Annotated[int, Field(ge=1)] | None = None
    """Most plans that are kept besides the seeds; absent = all that nothing beats."""
    blind_share: Share = 0.2
    """Share of the mutations that ignores what a change would gain."""
    local_share: Share | None = None
    """Share of the plans that mends kept plans by small moves, by turns with generations; absent =
    each turn goes to whichever lately brought more hypervolume for each plan. 0 = generations
    alone; 1 = small moves alone after the first generation."""
    proposals: Annotated[int, Field(ge=1, le=12)] = 7
    """Proposals shown to planners."""
    seeds: Literal["greedy", "linearised", "priced", "none"] = "priced"
    """What the search starts from: greedy paths of fixed weights; these and plans that
    successive linearisation finds, with weights that are placed where the front has gaps; plans
    by a price of money, of each goal at ten budgets and of many blends, and greedy paths; or
    nothing but the plan that builds least, to see what seeds are worth."""
    seed_share: Share = 0.3
    """Most of the time of the search, about, that seeds by a price of money take. Counted in
    plans, so that what is made does not depend on the clock."""
    bound_time_s: NotNegative = 20.0
    """Most seconds for the bound that no plan goes below; 0 = no bound. What is found in time
    depends on the machine; the plans do not."""

    @model_validator(mode="after")
    def _objectives_are_distinct(self) -> Self:
        if len(set(self.objectives)) != len(self.objectives):
            msg = f"objectives names one twice: {', '.join(self.objectives)}."
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _levels_down_for_nobody(self) -> Self:
        measures = [name for name in self.objectives if name in get_args(Measure)]
        if measures and not self.no_harm:
            msg = (
                f"objectives has {', '.join(measures)}, which a plan lowers by harming the "
                "best-off; set no_harm = true as well, or use inequality, which no harm lowers."
            )
            raise ValueError(msg)
        return self

    @field_validator("objectives", mode="before")
    @classmethod
    def _are_no_figures_that_are_shown_only(cls, value: object) -> object:
        for name in value if isinstance(value, list | tuple) else ():
            for kind, reason in SHOWN_ONLY.items():
                if isinstance(name, str) and name.startswith(kind):
                    msg = f"{name} may be shown and never be an objective: {reason}."
                    raise ValueError(msg)
        return value
