"""Why a plan builds where it builds: what each place gains, and what would take its place.

Takes the problem, a plan and the archive's plans as the front keeps them. All gains are to first
order at the plan: what a little more of the option would still gain, and about what a little
less would lose. Nothing is searched or evaluated here anew.
"""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evenground.constraints import middles, neighbourhood_of
from evenground.names import CODE, NAME, OPTION
from evenground.optimise import Problem, next_projects
from evenground.results.places import EDGE
from evenground.study import StudyArea

Float = NDArray[np.float64]
Plan = NDArray[np.int16]

WHY_OF = ("burden", "inequality", "ses_gradient", "stacking", "access")
"""Scores of which the gain per euro is told."""
PER_EUR = 1e6
"""Gains are per million euros, to have digits that people can read."""


def often_chosen(front: xr.Dataset, n_option: int) -> Float:
    """Return the share of the plans of a front that hold each option (option,), 0-1."""
    count = np.bincount(front[OPTION].to_numpy(), minlength=n_option)
    return np.asarray(count / max(front.sizes["candidate"], 1))


def explain_places(problem: Problem, study: StudyArea, plan: Plan, often: Float) -> pd.DataFrame:
    """Return one row for each option that a plan (option,) holds.

    Parameters
    ----------
    often : (option,)
        Share of the plans of the front that hold each option.

    Returns
    -------
    option, site, intervention, chosen (share of the front), and of each score of ``WHY_OF``
    gain_NAME, by how much a million euros more would lower it here. best is the score on which
    the place is furthest ahead of the best place that is still free for the same intervention;
    rival_site, rival_code, rival_name, rival_x_m and rival_y_m (middle) say which that is,
    rival_gain what a million gains there, and lead how many times as much is gained here (below
    one: the other gains more; NaN: nowhere else is room, or nothing is gained here).

    Notes
    -----
    A free place pays what starting costs; a place of the plan has paid that.
    """
    options, active = problem.options, np.flatnonzero(plan)
    gains, free = _gains(problem, plan, active)
    rivals, rival_gain = _rivals(options.intervention, active, free)
    is_led = (rivals >= 0) & (gains > 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # where nothing is gained elsewhere, the place is ahead of all
        lead = np.where(rival_gain > 0.0, gains / rival_gain, np.inf)
    lead = np.where(is_led, lead, np.nan)
    at, best = np.arange(active.size), np.argmax(np.where(is_led, lead, -1.0), axis=-1)
    table = {
        "option": active,
        "site": options.site[active],
        "intervention": options.interventions.index.to_numpy(str)[options.intervention[active]],
        "chosen": often[active],
    }
    table |= {f"gain_{name}": gains[:, k] for k, name in enumerate(WHY_OF)}
    table |= {"best": np.array(WHY_OF)[best], "lead": lead[at, best]}
    table |= _places(problem, study, rivals[at, best])
    return pd.DataFrame(table | {"rival_gain": rival_gain[at, best]})


def _gains(problem: Problem, plan: Plan, active: NDArray[np.int64]) -> tuple[Float, Float]:
    """Return gains per million euros of what is there and of what is free.

    Returns
    -------
    Of the options of the plan (active, score), and of all (option, score), minus infinity where
    nothing more fits.
    """
    steps, euros = next_projects(plan, problem.rules)
    is_free, each = (plan == 0) & (steps > 0) & (euros > 0.0), problem.rules.capital_eur
    here, there = [], []
    for name in WHY_OF:
        gain = PER_EUR * problem.gains(plan, {name: 1.0})
        here.append(np.divide(gain, each, out=np.zeros_like(gain), where=each > 0.0)[active])
        none = np.full(gain.size, -np.inf)
        there.append(np.divide(gain * steps, euros, out=none, where=is_free))
    return np.stack(here, axis=-1), np.stack(there, axis=-1)


def _places(problem: Problem, study: StudyArea, rival: NDArray[np.int64]) -> dict[str, Any]:
    """Say where some options (place,) lie; -1 is none."""
    options, known = problem.options, rival >= 0
    zone = neighbourhood_of(options, study)[np.maximum(rival, 0)]
    code, title = (study.neighbourhoods[name].to_numpy(str) for name in (CODE, NAME))
    inside = (zone >= 0) & known
    x, y = (axis[np.maximum(rival, 0)] for axis in middles(options, study))
    return {
        "rival_site": np.where(known, options.site[np.maximum(rival, 0)], -1),
        "rival_code": np.where(inside, code[np.maximum(zone, 0)], ""),
        "rival_name": np.where(inside, title[np.maximum(zone, 0)], np.where(known, EDGE, "")),
        "rival_x_m": np.where(known, x, np.nan),
        "rival_y_m": np.where(known, y, np.nan),
    }


def _rivals(
    intervention: NDArray[np.int32], active: NDArray[np.int64], free: Float
) -> tuple[NDArray[np.int64], Float]:
    """Return the free option that gains most for its money, for each active option and score.

    Parameters
    ----------
    free : (option, score)
        Gain per million euros; minus infinity where nothing more fits.

    Returns
    -------
    Option, -1 where there is none, and its gain; both (active, score).
    """
    rival = np.full((active.size, free.shape[1]), -1, np.int64)
    gain = np.full(rival.shape, np.nan)
    for kind in np.unique(intervention[active]):
        same = np.flatnonzero(intervention == kind)
        first = same[np.argmax(free[same], axis=0)]
        value = free[first, np.arange(free.shape[1])]
        rows = intervention[active] == kind
        rival[rows] = np.where(np.isfinite(value), first, -1)
        gain[rows] = np.where(np.isfinite(value), value, np.nan)
    return rival, gain
