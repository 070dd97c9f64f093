"""What a run hands to its outputs: layers, assessments, proposals.

Frozen records only; how they are made stands beside, in this folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evenground.config import RunSettings
from evenground.exposure.supplied import Supplied
from evenground.objectives.vulnerability import Vulnerability
from evenground.optimise import Bound
from evenground.results.budgets import Budgets
from evenground.results.certainty import Certainty
from evenground.results.distribution import Distribution
from evenground.results.stacking import Stacking
from evenground.results.traffic import Traffic
from evenground.results.uncertainty import Uncertainty
from evenground.sources import Factor, FileRecord
from evenground.study import StudyArea

Float = NDArray[np.float64]


@dataclass(frozen=True)
class LayerInfo:
    """How a layer is called and how far it can be trusted."""

    name: str
    title: str
    unit: str
    quality: str
    """How it was made, in Dutch: gemeten, grof, gemodelleerd or fictief."""
    year: str
    source: str
    method: str


@dataclass(frozen=True)
class Assessment:
    """What one plan does; of the empty plan, how things are today."""

    burden: Float
    """DALY per year (group, layer, neighbourhood), of what counts."""
    exposure: Float
    """Resident-weighted mean (layer, neighbourhood), ``LAYERS``; noise by energy; NaN unknown."""
    green_burden: Float
    """DALY per year by too little green (neighbourhood,): shown beside, never added."""
    stacking: Float
    """Contribution to the stacking measure (neighbourhood,)."""
    exceeded: Float
    """Residents by number of norms exceeded (count, neighbourhood)."""
    scores: Mapping[str, float]
    """All scores, and the measures of distribution that the search lowers."""
    measures: Mapping[str, float]
    """Inequality, never clamped: level, gap and ses_gap in DALY per 1000 residents per year,
    gap_share and ses_gap_share relative to the mean burden (1 = all of it)."""
    walk_burden: Float | None = None
    """DALY per year by too little walking (neighbourhood,), counted or beside; None where the
    case assumes nothing of walking."""


@dataclass(frozen=True)
class Phase:
    """What stands of a proposal at the end of a year, and the best found for the same money."""

    year: int
    budget_eur: float
    """Euros of all years so far."""
    plan: NDArray[np.int16]
    """What stands (option,)."""
    scores: Mapping[str, float]
    harms_nobody: bool
    """No group in any neighbourhood is worse off than today."""
    aim_price: float
    """What stands less the best afresh on all that the proposal aims for (today = 1)."""
    afresh: Mapping[str, float]
    """Scores of the best plan for the same aim and money with nothing built before."""
    origin: str
    """Of that plan: ``greedy``, filled by the same rule, or ``archive``, kept by the search."""
    filled: Mapping[str, float]
    """Scores of the greedy plan."""
    kept: Mapping[str, float] | None
    """Scores of the best that the search kept; None where it kept none so cheap."""

    def price(self, name: str) -> float:
        """Return a score of what stands less that of the best afresh; above zero is lost."""
        return self.scores[name] - self.afresh[name]


@dataclass(frozen=True)
class Proposal:
    """One candidate, why it was picked, and what it does."""

    id: str
    name: str
    reason: str
    also: tuple[str, ...]
    """Names of other picks for which this plan is, almost, the best as well."""
    helps_all: bool
    """Lowers burden, inequality and stacking together, and no group anywhere is worse off."""
    candidate: int
    plan: NDArray[np.int16]
    assessment: Assessment
    works: pd.DataFrame
    """What is built: one row a site and intervention; with phasing one a year as well."""
    phases: tuple[Phase, ...] = ()
    """What stands at the end of each year, where the case has years."""


@dataclass(frozen=True)
class Indicator:
    """One figure of a factor in a run; NaN is unknown."""

    title: str
    unit: str
    worse: str
    """Higher or lower."""
    norm: float
    norm_source: str
    mean: float
    """Mean at the homes of residents; of places to play the median."""
    beyond_share: float
    """Share of the residents with a figure who are on the wrong side of the norm (0-1)."""
    known_share: float
    """Share of the residents with a figure (0-1)."""
    quality: str
    name: str = ""
    """Name of the supplied factor, empty for a layer of the model."""


@dataclass(frozen=True)
class FactorState:
    """One of the thirteen factors, and what this run knows of it."""

    factor: Factor
    state: str
    """``gemodelleerd``, ``aangeleverd`` or ``niet gemodelleerd``."""
    tag: str
    pathway: str
    evidence: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Run:
    """All that a run has to say."""

    settings: RunSettings
    study: StudyArea
    layers: tuple[LayerInfo, ...]
    today: Assessment
    proposals: tuple[Proposal, ...]
    baselines: tuple[Proposal, ...]
    """Plans of simple rules, to compare with."""
    fairness: pd.DataFrame
    """What each plan gives up in health and closes of the gap; see ``price_fairness``."""
    front: xr.Dataset
    history: pd.DataFrame
    sources_of_inequality: pd.DataFrame
    supplied: tuple[Supplied, ...]
    """Factors that the case brought itself."""
    factors: tuple[FactorState, ...]
    """The thirteen factors of the living environment, with their state."""
    vulnerability: Vulnerability | None
    """Index of the neighbourhoods, where the case chose columns for it."""
    distribution: Distribution
    """How today and each proposal spread burden and exposure."""
    stacking: Stacking
    """Every form of stacking, today and of each proposal."""
    composition: pd.DataFrame
    """Deaths, years of life and persons today, by channel and age; see ``health.compose``."""
    validation: pd.DataFrame
    """Totals today beside published ones; see ``validation.validate``."""
    catalogue: pd.DataFrame
    certainty: tuple[Certainty, ...]
    """The weakest number behind each outcome."""
    budgets: Budgets | None
    """What budget lines are spent on and worth; None where the case has no lines."""
    bound: Bound | None
    """What no plan goes below; None where the settings give it no time."""
    uncertainty: Uncertainty | None
    """What the ensemble says; None where the settings draw nothing."""
    assumptions: Mapping[str, tuple[str, float]]
    """Settings that are assumptions: Dutch name and value, by their key."""
    files: tuple[FileRecord, ...]
    remarks: tuple[str, ...]
    findings: tuple[str, ...]
    traffic: Traffic | None = None
    """What measures that keep traffic out move elsewhere; None where the case has none."""
