"""Settings of a case: frozen typed models, grouped by the stage that reads them.

A case is one TOML file. Every default lives here and nowhere else; a stage
takes its own settings, not the whole run's. Unknown keys are refused.
"""

from evenground.config.base import Quality, Settings
from evenground.config.behaviour import BehaviourSettings
from evenground.config.case import CaseSettings, GridSettings
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
from evenground.config.interventions import InterventionSettings
from evenground.config.nightly import NightlySettings
from evenground.config.objectives import ObjectiveSettings
from evenground.config.phasing import PhasingSettings
from evenground.config.reading import parse_settings, read_settings, read_sweep_settings, read_toml
from evenground.config.run import SURFACE_RIVALS, RunSettings
from evenground.config.search import SHOWN_ONLY, Measure, Objective, SearchSettings
from evenground.config.sites import SitePolygonSettings, SiteSettings
from evenground.config.stacking import StackingSettings
from evenground.config.sweep import DesignSettings, RangeSettings, SlurmSettings, SweepSettings
from evenground.config.uncertainty import UncertaintySettings
from evenground.config.vulnerability import VulnerabilityColumn, VulnerabilitySettings

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
