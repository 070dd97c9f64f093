"""What a run found: the front, and a handful of proposals that people can compare.

Labels again what the search kept as bare arrays, and explains it. Nothing here
reads maps or draws; nothing spatial is imported.
"""

from evenground.results.assess import (
    EDGE,
    GAP,
    SES_GAP,
    TOLERANCE,
    assess,
    harms_nobody,
    list_works,
    split_inequality,
)
from evenground.results.baselines import BASELINES, build_baselines, price_fairness
from evenground.results.certainty import Certainty, list_assumptions, list_certainty
from evenground.results.distribution import Distribution, distribute
from evenground.results.factors import count_norms, indicators, list_factors
from evenground.results.findings import find
from evenground.results.front import QUALITIES, SCORE_UNITS, build_front, describe_layers
from evenground.results.functions import find_functions, name_burdens
from evenground.results.phases import (
    lost_by_nesting,
    phase_proposals,
    tabulate_phases,
    tell_phasing,
)
from evenground.results.records import (
    Assessment,
    FactorState,
    Indicator,
    LayerInfo,
    NormCount,
    Phase,
    Proposal,
    Run,
)
from evenground.results.select import PICKS, Pick, select_proposals, unlike
from evenground.results.uncertainty import TODAY, Uncertainty, tell_uncertainty
from evenground.results.vulnerable import tell_vulnerability

__all__ = [
    "BASELINES",
    "EDGE",
    "GAP",
    "PICKS",
    "QUALITIES",
    "SCORE_UNITS",
    "SES_GAP",
    "TODAY",
    "TOLERANCE",
    "Assessment",
    "Certainty",
    "Distribution",
    "FactorState",
    "Indicator",
    "LayerInfo",
    "NormCount",
    "Phase",
    "Pick",
    "Proposal",
    "Run",
    "Uncertainty",
    "assess",
    "build_baselines",
    "build_front",
    "count_norms",
    "describe_layers",
    "distribute",
    "find",
    "find_functions",
    "harms_nobody",
    "indicators",
    "list_assumptions",
    "list_certainty",
    "list_factors",
    "list_works",
    "lost_by_nesting",
    "name_burdens",
    "phase_proposals",
    "price_fairness",
    "select_proposals",
    "split_inequality",
    "tabulate_phases",
    "tell_phasing",
    "tell_uncertainty",
    "tell_vulnerability",
    "unlike",
]
