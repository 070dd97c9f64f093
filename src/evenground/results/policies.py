"""Stacking of policies: what the sectors of a plan do together, less each of them alone.

Takes the problem and plans; evaluates the part of each sector by itself. Such a part need
not be a plan that anybody would choose, so no budget or least amount applies to it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.objectives.cumulative import norms_exceeded, policy_stacking
from evenground.optimise import SCORES, Problem
from evenground.study import StudyArea

Float = NDArray[np.float64]
Plans = Mapping[str, NDArray[np.int16]]


def split_by_sector(problem: Problem, plan: NDArray[np.int16]) -> dict[str, NDArray[np.int16]]:
    """Return the part of a plan (option,) that each sector of the catalogue pays for."""
    options = problem.options
    sector = options.interventions["sector"].to_numpy(str)[options.intervention]
    used = dict.fromkeys(sector[plan > 0].tolist())
    return {name: np.where(sector == name, plan, 0).astype(np.int16) for name in used}


def stack_policies(problem: Problem, study: StudyArea, plans: Plans) -> pd.DataFrame:
    r"""Return how policies of several sectors stack: what all do together, less each alone.

    Returns
    -------
    plan, score, part and effect (change against today). Score is burden (DALY per year),
    stacking (percent of today) or at_least_3 (residents above three norms or more). Part is a
    sector of the catalogue, ``together``, or ``stacking``: :math:`S(all) - \sum_k S(k)`.
    """
    rows = []
    for name, plan in list(plans.items())[1:]:
        parts = split_by_sector(problem, plan)
        values = _policy_scores(problem, study, [problem.empty, plan, *parts.values()])
        for score, value in values.items():
            together, alone = float(value[1] - value[0]), value[2:] - value[0]
            rows += [(name, score, part, float(k)) for part, k in zip(parts, alone, strict=True)]
            rows.append((name, score, "together", together))
            rows.append((name, score, "stacking", policy_stacking(together, alone)))
    return pd.DataFrame(rows, columns=["plan", "score", "part", "effect"])


def _policy_scores(
    problem: Problem, study: StudyArea, plans: list[NDArray[np.int16]]
) -> dict[str, Float]:
    """Return what is told of policies (candidate,); the first plan is today."""
    scores, _ = problem.scores(np.stack(plans))
    stacked = scores[:, SCORES.index("stacking")]
    people = study.receptors.residents
    above = [
        people[norms_exceeded(problem.evaluator.exposure(p).astype(float)) >= 3].sum()
        for p in plans
    ]
    return {
        "burden": scores[:, SCORES.index("burden")],
        "stacking": 100.0 * stacked / stacked[0] if stacked[0] > 0.0 else np.zeros(len(plans)),
        "at_least_3": np.array(above, np.float64),
    }
