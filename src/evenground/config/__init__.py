"""Settings of a case: frozen typed models, grouped by the stage that reads them.

A case is one TOML file. Every default lives here and nowhere else; a stage
takes its own settings, not the whole run's. Unknown keys are refused.
"""

import difflib
import reprlib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import Field, ValidationError, field_validator, model_validator

from evenground.config.base import NotNegative, Positive, Quality, Settings, Share, Text, Texts
from evenground.config.behaviour import BehaviourSettings
from evenground.config.constraints import BudgetLine, ConstraintSettings, PrioritySettings
from evenground.config.exposure import AccessKernel, AirKernel, ExposureSettings, HeatModel
from evenground.config.files import (
    BuildingSettings,
    FacilitySettings,
    FactorSettings,
    FileSettings,
    LayerSettings,
    NeighbourhoodSettings,
    RasterSettings,
    StreetDensitySettings,
    StreetLineSettings,
    TableSettings,
)
from evenground.config.ground import (
    DwellingSettings,
    SurfaceFileSettings,
    SurfaceSettings,
    TreeSettings,
)
from evenground.config.groups import ConditionSettings, GroupSettings
from evenground.config.health import HealthSettings
from evenground.config.nightly import NightlySettings
from evenground.config.phasing import PhasingSettings
from evenground.config.sites import SitePolygonSettings, SiteSettings
from evenground.config.stacking import StackingSettings
from evenground.config.sweep import DesignSettings, RangeSettings, SlurmSettings, SweepSettings
from evenground.config.uncertainty import UncertaintySettings
from evenground.config.vulnerability import VulnerabilityColumn, VulnerabilitySettings
from evenground.errors import ConfigError, Fault, shorten

__all__ = [
    "SHOWN_ONLY",
    "SURFACE_RIVALS",
    "AccessKernel",
    "AirKernel",
    "BehaviourSettings",
    "BudgetLine",
    "BuildingSettings",
    "CaseSettings",
    "ConditionSettings",
    "ConstraintSettings",
    "DesignSettings",
    "DwellingSettings",
    "ExposureSettings",
    "FacilitySettings",
    "FactorSettings",
    "FileSettings",
    "GridSettings",
    "GroupSettings",
    "HealthSettings",
    "HeatModel",
    "InterventionSettings",
    "LayerSettings",
    "Measure",
    "NeighbourhoodSettings",
    "NightlySettings",
    "Objective",
    "ObjectiveSettings",
    "PhasingSettings",
    "PrioritySettings",
    "Quality",
    "RangeSettings",
    "RasterSettings",
    "RunSettings",
    "SearchSettings",
    "Settings",
    "SitePolygonSettings",
    "SiteSettings",
    "SlurmSettings",
    "StackingSettings",
    "StreetDensitySettings",
    "StreetLineSettings",
    "SurfaceFileSettings",
    "SurfaceSettings",
    "SweepSettings",
    "TableSettings",
    "TreeSettings",
    "UncertaintySettings",
    "VulnerabilityColumn",
    "VulnerabilitySettings",
    "parse_settings",
    "read_settings",
    "read_sweep_settings",
    "read_toml",
]

Kind = TypeVar("Kind", bound=Settings)

MOST_BYTES = 1_000_000
"""Larger case files are refused unread: no case needs so much."""
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
SURFACE_RIVALS = ("green", "ndvi", "water", "paved_public", "paved_private")
"""Rasters of what surfaces tell as well."""
SHOWN_ONLY = {
    "ges": "GES scores of different factors may not be added; GGD shows them as a map legend",
    "leefbaarometer": "its makers forbid adding or optimising the five dimensions",
    "liveability": "the makers of the Leefbaarometer forbid adding or optimising its dimensions",
    "atkinson": "it is made for goods: of a burden it rewards the worst",
}
"""What a report may show and a search may never lower, with the reason."""


class CaseSettings(Settings):
    """What the case is called and how it speaks."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    """Short name, used for folders: small letters, digits, dash and underscore."""
    title: Text
    """Name of the place, as planners know it."""
    fictional: bool = False
    """True for an invented town: then every output says so."""
    price_year: Annotated[int, Field(ge=1990, le=2100)] = 2024
    """Year of the euros."""
    allow_mixed_years: Text | None = None
    """Why neighbourhoods and figures of different years may be joined; absent = refused."""
    remarks: Texts = ()
    """Limits of this case, printed in every report."""


class GridSettings(Settings):
    """The grid of all computing: EPSG:28992, edges on multiples of the cell size."""

    cell_m: Annotated[int, Field(gt=0, le=1000)]
    """Side of a cell."""
    site_m: Annotated[int, Field(gt=0, le=5000)] = 100
    """Side of the squares from which effects act; of the sites too, where those are squares."""

    @model_validator(mode="after")
    def _sites_are_whole_cells(self) -> Self:
        if self.site_m % self.cell_m:
            msg = f"site_m is {self.site_m}, which is not a multiple of cell_m {self.cell_m}."
            raise ValueError(msg)
        return self


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


class ObjectiveSettings(Settings):
    """What counts as better."""

    inequality_aversion: Positive = 1.0
    """Epsilon that sets kappa of the Kolm-Pollak measure at the baseline (0.5-2)."""
    stacking_power: Annotated[float, Field(ge=1.0, le=8.0)] = 3.0
    """q: how much worse several burdens together are than their mean (value judgement)."""
    stacking_vulnerability: Share = 0.5
    """lambda: extra weight of people in the lowest SES rank (value judgement)."""
    access_target_per_1000: Positive = 1.0
    """Places to play per thousand residents within reach that count as enough (assumption)."""
    gap_group: Text | None = None
    """Name of the group under ``[[groups]]`` whose gap with all others ``group_gap`` is."""


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
    """Evolution ends when the hypervolume grew by less than this share over the last
    ``stop_generations``; 0 = never. Small moves follow all the same."""
    stop_generations: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Generations over which that growth is measured."""
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
    local_share: Share = 0.3
    """Share of the evaluations that mends kept plans by small moves, after evolution."""
    proposals: Annotated[int, Field(ge=1, le=12)] = 7
    """Proposals shown to planners."""
    seeds: Literal["greedy", "linearised", "priced", "none"] = "priced"
    """What the search starts from: greedy paths of fixed weights; these and plans that
    successive linearisation finds, with weights that are placed where the front has gaps;
    greedy paths and for each goal the plans of ten budgets by a price of money; or nothing but
    the plan that builds least, to see what seeds are worth."""
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


class RunSettings(Settings):
    """One run, from sources to proposals."""

    case: CaseSettings
    grid: GridSettings
    neighbourhoods: NeighbourhoodSettings
    layers: dict[str, LayerSettings]
    """GeoTIFFs by the name of what they hold; the names are listed in ``sources.THEMES``."""
    streets: (
        Annotated[StreetLineSettings | StreetDensitySettings, Field(discriminator="kind")] | None
    ) = None
    facilities: FacilitySettings | None = None
    buildings: BuildingSettings | None = None
    surfaces: SurfaceSettings | None = None
    trees: TreeSettings | None = None
    dwellings: DwellingSettings | None = None
    sites: SiteSettings = SiteSettings()
    """How the city is cut into sites."""
    factors: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], FactorSettings] = Field(
        default_factory=dict
    )
    """Factors that the case brings itself, by name: those of ``data/factors.csv``, or others
    that say which of them they belong to."""
    exposure: ExposureSettings = ExposureSettings()
    interventions: InterventionSettings = InterventionSettings()
    health: HealthSettings = HealthSettings()
    vulnerability: VulnerabilitySettings = VulnerabilitySettings()
    objectives: ObjectiveSettings = ObjectiveSettings()
    stacking: StackingSettings = StackingSettings()
    groups: Annotated[tuple[GroupSettings, ...], Field(strict=False)] = ()
    """Groups that are followed beside those of age and income."""
    constraints: ConstraintSettings = ConstraintSettings()
    search: SearchSettings
    phasing: PhasingSettings | None = None
    """What is built when; absent = all at once."""
    uncertainty: UncertaintySettings = UncertaintySettings()
    nightly: NightlySettings = NightlySettings()

    @model_validator(mode="after")
    def _has_one_source_of_each_theme(self) -> Self:
        for name, used, rivals in (
            ("surfaces", self.surfaces, SURFACE_RIVALS),
            ("dwellings", self.dwellings, ("weight",)),
        ):
            both = [rival for rival in rivals if rival in self.layers]
            if used is not None and both and used.wins is None:
                msg = (
                    f"layers has {', '.join(both)}, which {name} tells as well. Set {name}.wins to "
                    "map or to layers, or bring one of the two."
                )
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _follows_groups_by_name(self) -> Self:
        names, wanted = [group.name for group in self.groups], self.objectives.gap_group
        if twice := sorted({name for name in names if names.count(name) > 1}):
            msg = f"groups names {', '.join(twice)} twice. Give each group a name of its own."
            raise ValueError(msg)
        if wanted is not None and wanted not in names:
            near = difflib.get_close_matches(wanted, names, n=3) or names[:3]
            cure = f"Did you mean {' or '.join(near)}?" if near else "Add it under [[groups]]."
            msg = f"objectives.gap_group is {wanted}, which no [[groups]] is called. {cure}"
            raise ValueError(msg)
        if "group_gap" in self.search.objectives and wanted is None:
            msg = (
                "search.objectives has group_gap, which needs a group. Set objectives.gap_group "
                "to the name of one under [[groups]]."
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _has_the_streets_of_its_sites(self) -> Self:
        if self.sites.kind == "streets" and getattr(self.streets, "kind", None) != "lines":
            msg = (
                "sites.kind is streets, which takes street lines. Bring them under [streets] with "
                'kind = "lines", or choose squares, polygons or neighbourhoods.'
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _knows_who_is_annoyed(self) -> Self:
        asked = [name for name in ("erreygers", "wagstaff") if name in self.search.objectives]
        if asked and self.health.functions.get("noise_ha") == "none":
            msg = (
                f"search.objectives has {', '.join(asked)}, indices of the share highly annoyed by "
                "noise, and health.functions sets noise_ha to none. Keep one of the two."
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _modifies_a_response_once(self) -> Self:
        both = sorted(set(self.vulnerability.modifiers) & set(self.health.effect_lowest))
        if both:
            msg = (
                f"vulnerability.modifiers and health.effect_lowest both scale {', '.join(both)}: "
                "that counts the same vulnerability twice. Keep one."
            )
            raise ValueError(msg)
        return self


def read_settings(path: Path) -> RunSettings:
    """Return the settings of a case file; every fault in it is raised at once.

    Raises
    ------
    ConfigError
        If the file is missing, is no TOML, or has keys or values that do not fit.
    """
    return parse_settings(read_toml(path), str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds, unjudged.

    Raises
    ------
    ConfigError
        If the file is missing or is no TOML.
    """
    try:
        return tomllib.loads(_text(path))
    except UnicodeDecodeError as error:
        cure = "Save it as UTF-8."
        raise ConfigError([Fault(str(path), f"is no UTF-8: {error}.", cure)]) from None
    except (ValueError, RecursionError) as error:  # huge numbers are no TOMLDecodeError
        reason = shorten(str(error).rstrip("."))
        cure = "Mend the line it names."
        raise ConfigError([Fault(str(path), f"is no TOML: {reason}.", cure)]) from None


def _text(path: Path) -> str:
    """Return the text of a case file, without the byte-order mark that Windows adds."""
    try:
        if not path.is_file():
            cure = "Check the path of the case file."
            raise ConfigError([Fault(str(path), "no such file.", cure)])
        if (size := path.stat().st_size) > MOST_BYTES:
            finding = f"has {size} bytes, a case file at most {MOST_BYTES}."
            raise ConfigError([Fault(str(path), finding, "Name the case file, not its data.")])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        cure = "Check that the file may be read."
        raise ConfigError([Fault(str(path), f"cannot be read: {error}.", cure)]) from None


def parse_settings(raw: dict[str, Any], place: str) -> RunSettings:
    """Return the settings in a nested dict; ``place`` names it in errors."""
    return _parse(RunSettings, raw, place)


def read_sweep_settings(path: Path) -> SweepSettings:
    """Return what a sweep file asks for; every fault in it is raised at once.

    Raises
    ------
    ConfigError
        If the file is missing, is no TOML, or has keys or values that do not fit.
    """
    return _parse(SweepSettings, read_toml(path), str(path))


def _parse(kind: type[Kind], raw: dict[str, Any], place: str) -> Kind:
    """Return settings of a kind from a nested dict."""
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        raise ConfigError([_fault(place, detail, kind) for detail in error.errors()]) from None


_KIND_FINDING = "this key is missing, or neither lines nor density."
_KIND_CURE = 'Set kind = "lines" for street lines, kind = "density" for metres of street per area.'


def _fault(place: str, detail: Any, kind: type[Settings] = RunSettings) -> Fault:  # noqa: ANN401 - pydantic's own TypedDict is wide
    """One of pydantic's findings in our words."""
    where = [str(part) for part in detail["loc"]]
    key = ".".join(where)
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where[-1], _known_keys(where[:-1], kind), n=1)
        cure = f"Did you mean {near[0]}?" if near else "Remove it, or check its spelling."
        return Fault(f"{place}, {key}", "this key is not known.", cure)
    if detail["type"] == "missing":
        return Fault(f"{place}, {key}", "this key is missing.", "Add it.")
    if detail["type"].startswith("union_tag"):
        return Fault(f"{place}, {key}.kind", _KIND_FINDING, _KIND_CURE)
    # A value may be nested or long without end.
    shown = reprlib.repr(detail["input"])
    found = "" if isinstance(detail["input"], dict) else f"found {shown}; "
    message = str(detail["msg"]).removeprefix("Value error, ")
    message = message.replace("Input should be", "expected").replace("String should", "it should")
    return Fault(f"{place}, {key}", f"{found}{message.rstrip('.')}.", "Correct the value.")


def _known_keys(path: list[str], kind: type[Settings]) -> list[str]:
    """Every key that the settings know at a path, or all keys where the path is not a model."""
    model: Any = kind
    for part in path:
        field = getattr(model, "model_fields", {}).get(part)
        model = getattr(field, "annotation", None)
    if hasattr(model, "model_fields"):
        return list(model.model_fields)
    return sorted({key for cls in _kinds(Settings) for key in cls.model_fields})


def _kinds(base: type[Settings]) -> list[type[Settings]]:
    """Return all settings below a class."""
    below = base.__subclasses__()
    return below + [kind for cls in below for kind in _kinds(cls)]
