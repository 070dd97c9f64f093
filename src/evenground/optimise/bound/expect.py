"""How long the first lines below the burden take, before any is made."""

import time

import numpy as np

from evenground.optimise.problem import Problem
from evenground.optimise.seeds import fill

IN_PLANS = 12_000
"""Plans that are evaluated while the first lines, one cut and what is told of layers are made:
6 000 in a town of 2 000 options, 8 000 in one of 7 500, 20 000 and more in one of 49 000."""
TRIED = 16
"""Plans that are evaluated to see how fast that goes here and now."""


def seconds_of_lines(problem: Problem) -> float:
    """Return about how long a bound takes at the least, judged by what evaluating plans takes.

    Too short rather than too long, so that a bound that fits is not left out; one that proves
    not to fit stops between two layers.
    """
    if not problem.empty.size:
        return 0.0
    rules = problem.rules
    plan = fill(problem, problem.start, rules.price_eur, problem.search.budget_eur)
    plans = np.repeat(plan[None, :], TRIED, axis=0)
    took = []
    for _ in range(3):  # the first may compile, and others may be disturbed
        began = time.perf_counter()
        problem.scores(plans)
        took.append(time.perf_counter() - began)
    return IN_PLANS * min(took) / TRIED
