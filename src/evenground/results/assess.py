"""What a plan does and builds, and where today's inequality comes from.

Takes the problem and the study area. Nothing here reads maps or draws.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import InterventionSettings
from evenground.evaluation import Evaluation
from evenground.interventions import Options, most_public_m2
from evenground.names import BURDEN_LAYERS, CODE, NAME
from evenground.objectives import gaps
from evenground.objectives.attribution import attribute
from evenground.objectives.cumulative import norms_exceeded
from evenground.objectives.health import HealthModel
from evenground.objectives.inequality import (
    generalised_concentration_index,
    kolm_pollak_ede,
    mean,
)
from evenground.optimise import SCORES, Problem
from evenground.results.exposures import mean_exposure
from evenground.results.numbers import number
from evenground.results.places import EDGE
from evenground.results.records import Assessment
from evenground.study import StudyArea

Float = NDArray[np.float64]


GAP, SES_GAP = "Verschil tussen buurten", "SES-kloof"
"""Dutch names of the two measures of inequality."""
TOLERANCE = 1e-9
"""Change of burden per 1000 residents, or of stacking, below which nothing has changed."""
BATCH = 64
"""Plans that are evaluated together, so that memory stays small."""


def assess(problem: Problem, study: StudyArea, plan: NDArray[np.int16]) -> Assessment:
    """Return all that is said of one plan (option,)."""
    evaluator = problem.evaluator
    evaluation = evaluator.evaluate(plan[None, :])
    exposure = evaluator.exposure(plan).astype(np.float64)
    zone, people = study.receptors.neighbourhood, study.receptors.residents
    n = len(study.neighbourhoods)
    count = norms_exceeded(exposure)
    at = [count == k for k in range(len(BURDEN_LAYERS) + 1)]
    has_walking = "walk_mort" in evaluator.channels
    exceeded = np.stack([np.bincount(zone[here], people[here], n) for here in at])
    return Assessment(
        burden=evaluation.burden[0],
        exposure=mean_exposure(exposure, study),
        green_burden=evaluator.burden_of("green_mort", evaluation)[0],
        walk_burden=evaluator.burden_of("walk_mort", evaluation)[0] if has_walking else None,
        stacking=evaluation.stacking[0],
        exceeded=exceeded.astype(np.float64),
        scores=score_once(problem, plan, evaluation),
        measures=_measures(problem, evaluation),
    )


def score_once(
    problem: Problem, plan: NDArray[np.int16], evaluation: Evaluation
) -> dict[str, float]:
    """Return all scores of one plan (option,) that has been evaluated, and what is lowered."""
    scores = problem.scores_of(plan[None, :], evaluation)
    lowered = problem.goal_values(plan[None, :], scores, evaluation)[0].tolist()
    goals = dict(zip(problem.search.objectives, lowered, strict=True))
    return dict(zip(SCORES, scores[0].tolist(), strict=True)) | goals


def _measures(problem: Problem, evaluation: Evaluation) -> dict[str, float]:
    """Return inequality in the unit of the burden and relative to it; nothing is clamped."""
    level, gap, ses_gap, ranked = (float(part[0]) for part in gaps(evaluation, problem.frame))
    return {
        "level": level,
        "gap": gap,
        "gap_share": gap / level if level > 0.0 else np.nan,
        "ses_gap": ses_gap,
        "ses_gap_share": ses_gap / ranked if ranked > 0.0 else np.nan,
    }


def harms_nobody(problem: Problem, plans: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Say of each plan (candidate, option) whether no group in any neighbourhood is worse off.

    Looks at the burden of every group in every neighbourhood, and at the stacking of
    every neighbourhood; nothing is averaged away.
    """
    _, today = problem.scores(problem.empty[None, :])
    people = np.maximum(problem.frame.residents, 1.0)
    before = today.burden[0].sum(axis=1)
    out = []
    for first in range(0, len(plans), BATCH):
        _, then = problem.scores(np.ascontiguousarray(plans[first : first + BATCH]))
        change = 1000.0 * (then.burden.sum(axis=2) - before) / people
        stacked = (then.stacking - today.stacking[0]) / people
        out.append((change.max(axis=(1, 2)) <= TOLERANCE) & (stacked.max(axis=1) <= TOLERANCE))
    return np.concatenate(out) if out else np.zeros(0, bool)


SECTORS = {
    "green": "groen",
    "mobility": "mobiliteit",
    "social": "sociaal",
    "housing": "wonen",
    "water": "water",
}
"""Sectors of the catalogue in Dutch."""
OWNERS = {
    "municipality": "gemeente",
    "resident": "bewoner",
    "home owner": "woningeigenaar",
    "housing association": "woningcorporatie",
    "province": "provincie",
    "water board": "waterschap",
    "road authority": "wegbeheerder",
    "state scheme": "rijksregeling",
}
"""Owners of the catalogue in Dutch; others show as they are written."""


def list_works(
    options: Options,
    study: StudyArea,
    plan: NDArray[np.int16],
    before: NDArray[np.int16] | None = None,
) -> pd.DataFrame:
    """Return what a plan builds: one row a site and intervention, with amounts and euros.

    Parameters
    ----------
    plan : (option,)
    before
        What stands already and is no part of it (option,).
    """
    before = np.zeros_like(plan) if before is None else before
    starting = options.fixed_eur * ((plan > 0) & (before == 0))
    plan = plan - before
    active = np.flatnonzero(plan)
    annuity = options.interventions["annuity"].to_numpy(float)[options.intervention]
    site, sites = options.site[active], study.sites
    kind = options.interventions.iloc[options.intervention[active]]
    here = sites.neighbourhood[site]
    place = study.neighbourhoods.iloc[np.maximum(here, 0)]
    inside = here >= 0
    return pd.DataFrame(
        {
            "site": site,
            "site_name": sites.name[site],
            "x_m": sites.corner[site, 0],
            "y_m": sites.corner[site, 1],
            "intervention": kind.index.to_numpy(),
            "intervention_name": kind["name_nl"].to_numpy(),
            "amount": plan[active] * options.step[active],
            "unit": kind["unit_nl"].to_numpy(),
            "capital_eur": plan[active] * options.capital_eur[active] + starting[active],
            "yearly_eur": plan[active] * options.yearly_eur[active]
            + starting[active] * annuity[active],
            "fixed_eur": starting[active],
            "sector": [SECTORS.get(str(name), str(name)) for name in kind["sector"]],
            "owner": [_owners(str(name)) for name in kind["owner"]],
            "neighbourhood_code": np.where(inside, place[CODE].to_numpy(str), ""),
            "neighbourhood_name": np.where(inside, place[NAME].to_numpy(str), EDGE),
        }
    )


def _owners(owner: str) -> str:
    """Return the owners of an intervention in Dutch, those who share it parted by *of*."""
    return " of ".join(OWNERS.get(part.strip(), part.strip()) for part in owner.split("/"))


LARGER_NL = (
    'Kies grotere plekken: site_m = 200 onder [grid], of kind = "polygons" of "neighbourhoods" '
    "onder [sites]."
)
"""What to do where no site is large enough."""


def tell_unplaced(
    options: Options, study: StudyArea, settings: InterventionSettings
) -> tuple[str, ...]:
    """Say in Dutch which interventions of the case fit nowhere, and for which sites are too small.

    Examples of the second are parks, which ask for more paving than a square holds.
    """
    fits = np.bincount(options.intervention, minlength=len(options.interventions)) > 0
    names = options.interventions.loc[~fits, "name_nl"].tolist()
    if not names:
        return ()
    told = [f"Nergens in het gebied is plek voor: {'; '.join(names)}."]
    most_m2 = most_public_m2(study, settings)
    large = options.interventions[~fits & (options.interventions["least_m2"] > most_m2)]
    for name, least_m2 in zip(large["name_nl"], large["least_m2"], strict=True):
        told.append(
            f"Voor {name} is {number(least_m2)} m² openbare verharding op één plek nodig; de "
            f"ruimste plek heeft er {number(np.floor(most_m2))}. {LARGER_NL}"
        )
    return tuple(told)


def split_inequality(problem: Problem, study: StudyArea, health: HealthModel) -> pd.DataFrame:
    """Return what exposure, age and baseline vulnerability add to each inequality today."""
    _, evaluation = problem.scores(problem.empty[None, :])
    kappa, rank = problem.frame.kappa, problem.frame.ses_rank
    people = study.group_residents.sum(axis=0)
    kept = people > 0.0
    known = np.isfinite(rank[kept])
    ranks = rank[kept][known]

    def kolm_pollak(y: Float, w: Float) -> float:
        return float(kolm_pollak_ede(y, w, kappa) - mean(y, w))

    def gradient(y: Float, w: Float) -> float:
        if not known.any():
            return 0.0
        return float(-generalised_concentration_index(y[known], w[known], ranks))

    ages = study.groups["age"].drop_duplicates().tolist()
    by_age = np.stack(
        [study.group_residents[(study.groups["age"] == age).to_numpy()].sum(axis=0) for age in ages]
    )
    counted = health.dose.in_sum
    rows = {
        title: attribute(
            evaluation.mean_phi[0][counted],
            health.age_coefficient[counted],
            by_age,
            health.ses_ratio[counted],
            measure,
        )
        for title, measure in ((GAP, kolm_pollak), (SES_GAP, gradient))
    }
    return pd.DataFrame(rows).T
