"""What measures that keep traffic out of a street do elsewhere: gain and harm, each by itself.

Takes the problem, plans, and the traffic that each option moves; tells how many vehicle
kilometres are kept out, vanish and turn up elsewhere, on which streets, and who hears them.
Gain is what falls where traffic leaves, with nothing coming elsewhere; harm is what the
traffic that comes adds to that. Neither is ever set off against the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import RunSettings
from evenground.evaluation import DoseResponse
from evenground.interventions import Moves, Response, scale_effects
from evenground.names import CODE, FEWEST, LAYERS, NAME, NO2, NOISE, PM25
from evenground.optimise import Problem
from evenground.results.places import place_sites
from evenground.study import StudyArea

Float = NDArray[np.float64]
Plans = Mapping[str, NDArray[np.int16]]

HEARD_DB = 0.1
"""Least change of Lden that counts as louder or quieter."""
MAIN_NL, LOCAL_NL = "hoofdstraat", "buurtstraat"
"""Dutch names of the two kinds of street."""


@dataclass(frozen=True)
class Traffic:
    """What the traffic measures of each plan move; vehicle kilometres are those of a day."""

    totals: pd.DataFrame
    """One row a plan: plan; kept_out_vkm, vanished_vkm, moved_vkm and to_main_vkm (of what moved);
    gain_daly and harm_daly, per year; louder and quieter, residents."""
    places: pd.DataFrame
    """One row a plan, site and kind of street on which traffic changes: plan, site, x_m and y_m
    (its lower left corner), code, name, kind, today_vkm, left_vkm and came_vkm."""
    neighbourhoods: pd.DataFrame
    """One row a plan and assessed neighbourhood that changes: plan, code, name, left_vkm, came_vkm,
    gain_daly, harm_daly, louder, and whole_daly, the change by all that the plan builds.
    What is of fewer residents than may be told is NaN."""

    def of(self, plan: str) -> "Traffic":
        """Return what is told of one plan."""
        parts = (self.totals, self.places, self.neighbourhoods)
        return Traffic(*(table[table["plan"] == plan] for table in parts))


def tell_traffic(
    problem: Problem,
    study: StudyArea,
    plans: Plans,
    moves: Moves,
    *,
    response: Response,
    dose: DoseResponse,
) -> Traffic | None:
    """Tell what plans (option,) move, by their names; None where no option moves traffic.

    Parameters
    ----------
    response, dose
        Those of the problem.
    """
    if moves.option.size == 0:
        return None
    acts = np.zeros(problem.options.site.size, bool)
    acts[moves.option] = True
    of_traffic = {name: np.where(acts, plan, 0).astype(np.int16) for name, plan in plans.items()}
    lost = _burdens(problem, response, dose, of_traffic)
    totals, places, neighbourhoods = [], [], []
    for k, (name, plan) in enumerate(of_traffic.items()):
        where = _list_places(study, problem, moves, plan)
        gain, harm = lost.gain[k], lost.harm[k]
        louder, quieter = _louder(problem, study, plan)
        whole = problem.evaluator.evaluate(plans[name][None, :]).burden[0].sum(axis=(0, 1))
        totals.append(
            {
                "plan": name,
                **_sum_up(where),
                "gain_daly": gain.sum(),
                "harm_daly": harm.sum(),
                "louder": louder.sum(),
                "quieter": quieter.sum(),
            }
        )
        places.append(where.assign(plan=name))
        change = {"gain_daly": gain, "harm_daly": harm, "louder": louder}
        change["whole_daly"] = whole - lost.today
        neighbourhoods.append(_by_neighbourhood(study, where, change).assign(plan=name))
    return Traffic(
        pd.DataFrame(totals),
        *(_first(pd.concat(t, ignore_index=True)) for t in (places, neighbourhoods)),
    )


def tell_moving(settings: RunSettings, moves: Moves) -> list[str]:
    """Say in Dutch where the traffic goes in a case that knows no street lines."""
    if moves.option.size == 0 or settings.streets is None or settings.streets.kind == "lines":
        return []
    text = "Van straten is alleen bekend hoeveel meter er per gebied ligt, en niet hoe zij lopen. "
    text += "Verkeer dat een straat niet meer in mag, gaat daarom naar de dichtstbijzijnde "
    return [f"{text}hoofdstraat (aanname)."]


@dataclass(frozen=True)
class _Burdens:
    """DALY per year (plan, neighbourhood)."""

    gain: Float
    harm: Float
    today: Float
    """Of the empty plan (neighbourhood,)."""


def _burdens(problem: Problem, response: Response, dose: DoseResponse, plans: Plans) -> _Burdens:
    """Evaluate plans with and without the traffic that turns up elsewhere."""
    evaluator = problem.evaluator
    nowhere = {("*", f"{layer}_moved"): 0.0 for layer in (NOISE, NO2, PM25)}
    closing = scale_effects(response, problem.options, nowhere)
    every = np.stack([problem.empty, *plans.values()])
    full, without = (
        evaluator.under(each, dose, evaluator.stack).evaluate(every).burden.sum(axis=(1, 2))
        for each in (response, closing)
    )
    return _Burdens(without[:1] - without[1:], full[1:] - without[1:], full[0])


def _louder(problem: Problem, study: StudyArea, plan: NDArray[np.int16]) -> tuple[Float, Float]:
    """Residents who hear more and who hear less by a plan (neighbourhood,)."""
    evaluator, k = problem.evaluator, LAYERS.index(NOISE)
    change = evaluator.exposure(plan)[k].astype(float) - evaluator.exposure(problem.empty)[k]
    zone, people = study.receptors.neighbourhood, study.receptors.residents
    n = len(study.neighbourhoods)
    more, less = (
        np.bincount(zone[here], people[here], n).astype(np.float64)
        for here in (change >= HEARD_DB, change <= -HEARD_DB)
    )
    return more, less


def _list_places(
    study: StudyArea, problem: Problem, moves: Moves, plan: NDArray[np.int16]
) -> pd.DataFrame:
    """List the streets on which a plan changes traffic, most extra traffic first."""
    vkm = 1e-3 * moves.vehicle_m * plan[moves.option]
    size = moves.there.size
    left = np.bincount(moves.column, np.maximum(-vkm, 0.0), size)
    came = np.bincount(moves.column, np.maximum(vkm, 0.0), size)
    column = np.flatnonzero((left > 0.0) | (came > 0.0))
    column = column[np.argsort(-came[column], kind="stable")]
    where = place_sites(study, problem.options.n_site[1], column % (size // 2))
    return where.assign(
        kind=np.where(column < size // 2, MAIN_NL, LOCAL_NL),
        today_vkm=1e-3 * moves.there[column],
        left_vkm=left[column],
        came_vkm=came[column],
    )


def _sum_up(places: pd.DataFrame) -> dict[str, float]:
    """Vehicle kilometres that are kept out, vanish and turn up elsewhere."""
    left, came = float(places["left_vkm"].sum()), float(places["came_vkm"].sum())
    to_main = float(places.loc[places["kind"] == MAIN_NL, "came_vkm"].sum())
    return {
        "kept_out_vkm": left,
        "vanished_vkm": left - came,
        "moved_vkm": came,
        "to_main_vkm": to_main,
    }


def _by_neighbourhood(
    study: StudyArea, places: pd.DataFrame, change: Mapping[str, Float]
) -> pd.DataFrame:
    """List the assessed neighbourhoods that change, largest harm first."""
    table = study.neighbourhoods
    summed = places.groupby("code")[["left_vkm", "came_vkm"]].sum()
    summed = summed.reindex(table[CODE].astype(str)).fillna(0.0)
    out = pd.DataFrame(
        {"code": table[CODE].to_numpy(str), "name": table[NAME].to_numpy(str)}
        | {name: summed[name].to_numpy(float) for name in summed}
        | dict(change)
    )
    people = study.group_residents.sum(axis=0)
    changes = out[["left_vkm", "came_vkm", "gain_daly", "harm_daly"]].abs().max(axis=1) > 1e-9
    is_small = people < FEWEST
    out.loc[is_small, ["gain_daly", "harm_daly", "louder", "whole_daly"]] = np.nan
    out.loc[(out["louder"] > 0.0) & (out["louder"] < FEWEST), "louder"] = np.nan
    kept = out[changes & table["is_assessed"].to_numpy(bool)]
    return kept.sort_values("harm_daly", ascending=False, kind="stable")


def _first(table: pd.DataFrame) -> pd.DataFrame:
    """Put the name of the plan first."""
    return table[["plan", *table.columns.drop("plan")]]
