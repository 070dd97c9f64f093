"""One run: the settings of all stages together, and what of them goes together."""

import difflib
from typing import Annotated, Self

from pydantic import Field, model_validator

from evenground.config.base import Settings
from evenground.config.case import CaseSettings, GridSettings
from evenground.config.constraints import ConstraintSettings
from evenground.config.exposure import ExposureSettings
from evenground.config.files import (
    BuildingSettings,
    FacilitySettings,
    FactorSettings,
    LayerSettings,
    NeighbourhoodSettings,
    StreetDensitySettings,
    StreetLineSettings,
)
from evenground.config.ground import (
    DwellingSettings,
    SurfaceSettings,
    TreeSettings,
)
from evenground.config.groups import GroupSettings
from evenground.config.health import HealthSettings
from evenground.config.interventions import InterventionSettings
from evenground.config.nightly import NightlySettings
from evenground.config.objectives import ObjectiveSettings
from evenground.config.phasing import PhasingSettings
from evenground.config.search import SearchSettings
from evenground.config.sites import SiteSettings
from evenground.config.stacking import StackingSettings
from evenground.config.uncertainty import UncertaintySettings
from evenground.config.vulnerability import VulnerabilitySettings

SURFACE_RIVALS = ("green", "ndvi", "water", "paved_public", "paved_private")
"""Rasters of what surfaces tell as well."""


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
