"""From exposure to DALY: exposure-response functions, baseline rates and accounting.

``functions`` knows which function a run uses, ``curves`` its formula, ``model`` the
coefficients, ``accounting`` what a burden consists of. Numbers compare plans; they
predict nobody.
"""

from evenground.objectives.health.accounting import (
    Fit,
    calibrate,
    check_ranges,
    compose,
    heat_fraction,
    island_fraction,
)
from evenground.objectives.health.curves import (
    Curve,
    activity_reduction,
    attributable_fraction,
    excess_affected,
    fit,
    linear_fraction,
    percent_affected,
    responses,
    risk_of_odds,
)
from evenground.objectives.health.functions import (
    CHANNELS,
    ERFS,
    FUNCTIONS,
    REFERENCE,
    SETS,
    STATUSES,
    Erf,
    list_channels,
    parse_range,
    read_functions,
    select_functions,
    status_word,
    weakest_status,
)
from evenground.objectives.health.model import (
    HealthModel,
    Outcome,
    age_coefficients,
    build_health_model,
    burden_per_1000,
    counted_layers,
    effect_modifier,
    ses_ratio,
    total_burden,
)

__all__ = [
    "CHANNELS",
    "ERFS",
    "FUNCTIONS",
    "REFERENCE",
    "SETS",
    "STATUSES",
    "Curve",
    "Erf",
    "Fit",
    "HealthModel",
    "Outcome",
    "activity_reduction",
    "age_coefficients",
    "attributable_fraction",
    "build_health_model",
    "burden_per_1000",
    "calibrate",
    "check_ranges",
    "compose",
    "counted_layers",
    "effect_modifier",
    "excess_affected",
    "fit",
    "heat_fraction",
    "island_fraction",
    "linear_fraction",
    "list_channels",
    "parse_range",
    "percent_affected",
    "read_functions",
    "responses",
    "risk_of_odds",
    "select_functions",
    "ses_ratio",
    "status_word",
    "total_burden",
    "weakest_status",
]
