"""What a plan must respect: one file for each constraint, with its formula, check and repair.

``rules`` gathers the numbers of all constraints of a case; the search repairs plans by a
compiled loop that does the same as the plain repairs here, in the order of
:data:`CONSTRAINTS`. A new constraint is one file and one line there, and a step in
``kernels.repair`` if its repair is not one of those.
"""

from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from evenground.constraints import amount, budget, ground, priority, spacing, spend
from evenground.constraints.conflict import Conflict, Relaxation, find_conflict
from evenground.constraints.linear import Best, Linear, Part, build_linear, maximise
from evenground.constraints.places import (
    Works,
    closed_sites,
    locked_steps,
    middles,
    neighbourhood_of,
    priority_places,
)
from evenground.constraints.rules import (
    Asked,
    Breach,
    Row,
    Rules,
    build_rules,
    check_names,
    spend_of,
)
from evenground.constraints.words import name_constraint, tell_conflict

__all__ = [
    "CONSTRAINTS",
    "Asked",
    "Best",
    "Breach",
    "Conflict",
    "Linear",
    "Part",
    "Relaxation",
    "Row",
    "Rules",
    "Works",
    "build_linear",
    "build_rules",
    "check_names",
    "check_plan",
    "closed_sites",
    "find_conflict",
    "locked_steps",
    "maximise",
    "middles",
    "name_constraint",
    "neighbourhood_of",
    "priority_places",
    "repair_plainly",
    "spend_of",
    "tell_conflict",
]

Plan = NDArray[np.int16]

CONSTRAINTS: dict[str, ModuleType] = {
    "amount": amount,
    "spacing": spacing,
    "ground": ground,
    "budget": budget,
    "priority": priority,
    "spend": spend,
}
"""Every constraint on a plan alone, in the order of its repair. That nobody is worse off needs
the evaluation of a plan, and stands with the search."""


def check_plan(plan: Plan, rules: Rules) -> tuple[Breach, ...]:
    """Return every breach of a plan (option,); nothing where it respects all."""
    return tuple(breach for part in CONSTRAINTS.values() for breach in part.check(plan, rules))


def repair_plainly(plan: Plan, rules: Rules) -> Plan:
    """Return a plan (option,) repaired by the plain form of every constraint in turn."""
    for part in CONSTRAINTS.values():
        plan = part.repair(plan, rules)
    return plan
