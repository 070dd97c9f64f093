"""What a run found: the front, and a handful of proposals that people can compare.

Labels again what the search kept as bare arrays, and explains it. Nothing here
reads maps or draws; nothing spatial is imported.
"""

from evenground.results.assess import (
    GAP,
    SES_GAP,
    TOLERANCE,
    assess,
    harms_nobody,
    list_works,
    score_once,
    split_inequality,
    tell_unplaced,
)
from evenground.results.baselines import BASELINES, build_baselines, price_fairness
from evenground.results.breaches import breaches_of, tell_breach
from evenground.results.budgets import WHOLE, Budgets, paid_by, tell_budgets
from evenground.results.certainty import Certainty, list_assumptions, list_certainty
from evenground.results.distribution import Distribution, distribute
from evenground.results.factors import indicators, list_factors
from evenground.results.findings import find
from evenground.results.front import (
    MEASURE_UNITS,
    QUALITIES,
    SCORE_UNITS,
    build_front,
    describe_layers,
)
from evenground.results.functions import find_functions, name_burdens
from evenground.results.measure_names import MEASURE_NL, MeasureName
from evenground.results.origins import Brought, brought_by, tell_origins
from evenground.results.phases import (
    lost_by_nesting,
    phase_proposals,
    tabulate_phases,
    tell_phasing,
)
from evenground.results.places import EDGE
from evenground.results.records import (
    Assessment,
    FactorState,
    Indicator,
    LayerInfo,
    Phase,
    Proposal,
    Run,
)
from evenground.results.select import PICKS, Pick, select_proposals, unlike
from evenground.results.stacking import FACTOR_NL, Stacking, ges_values, stack_up
from evenground.results.sweeps import OUTCOMES, Outcome, Swept, tell_sweep
from evenground.results.traffic import Traffic, tell_moving, tell_traffic
from evenground.results.uncertainty import TODAY, Uncertainty, tell_uncertainty
from evenground.results.validation import read_published, validate
from evenground.results.vulnerable import tell_vulnerability
from evenground.results.why import WHY_OF, explain_places, often_chosen
from evenground.results.within import (
    SparsePlans,
    budget_masks,
    distance_eur,
    nearest_within,
    sparse_of,
    spent_on,
)

__all__ = [
    "BASELINES",
    "EDGE",
    "FACTOR_NL",
    "GAP",
    "MEASURE_NL",
    "MEASURE_UNITS",
    "OUTCOMES",
    "PICKS",
    "QUALITIES",
    "SCORE_UNITS",
    "SES_GAP",
    "TODAY",
    "TOLERANCE",
    "WHOLE",
    "WHY_OF",
    "Assessment",
    "Brought",
    "Budgets",
    "Certainty",
    "Distribution",
    "FactorState",
    "Indicator",
    "LayerInfo",
    "MeasureName",
    "Outcome",
    "Phase",
    "Pick",
    "Proposal",
    "Run",
    "SparsePlans",
    "Stacking",
    "Swept",
    "Traffic",
    "Uncertainty",
    "assess",
    "breaches_of",
    "brought_by",
    "budget_masks",
    "build_baselines",
    "build_front",
    "describe_layers",
    "distance_eur",
    "distribute",
    "explain_places",
    "find",
    "find_functions",
    "ges_values",
    "harms_nobody",
    "indicators",
    "list_assumptions",
    "list_certainty",
    "list_factors",
    "list_works",
    "lost_by_nesting",
    "name_burdens",
    "nearest_within",
    "often_chosen",
    "paid_by",
    "phase_proposals",
    "price_fairness",
    "read_published",
    "score_once",
    "select_proposals",
    "sparse_of",
    "spent_on",
    "split_inequality",
    "stack_up",
    "tabulate_phases",
    "tell_breach",
    "tell_budgets",
    "tell_moving",
    "tell_origins",
    "tell_phasing",
    "tell_sweep",
    "tell_traffic",
    "tell_uncertainty",
    "tell_unplaced",
    "tell_vulnerability",
    "unlike",
    "validate",
]
