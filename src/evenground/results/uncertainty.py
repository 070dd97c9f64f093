"""What the ensemble says, as labelled tables: intervals, who stays best, and what matters most.

Takes the ensemble and the proposals. Nothing is drawn here anew, and nothing is clamped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.interventions import Options
from evenground.names import CODE, FEWEST, NAME
from evenground.results.certainty import CHANNEL_NL
from evenground.study import StudyArea
from evenground.uncertainty import OUTCOMES, Ensemble, Uncertain, sobol_indices

Float = NDArray[np.float64]

INTERVAL = (2.5, 50.0, 97.5)
"""Percentiles of the draws that are told."""
ALWAYS = 0.95
"""Share of the draws from which a site is called chosen always."""
HEAVIEST = 0.2
"""Share of the residents that the heaviest-burdened neighbourhoods hold."""
TODAY = "today"
BEST_AT = ("burden", "gap", "ses_gap", "stacking", "access")
"""Outcomes of which is told how often a proposal is the best at them."""


@dataclass(frozen=True)
class Uncertainty:
    """One ensemble, told; every table may be written as it is."""

    intervals: pd.DataFrame
    """plan, outcome, kind (level, or change against today in the same draw), central (with
    every number at its middle), low, median, high (95 % of the draws), and share_lower (share
    of the draws in which the change is below zero)."""
    robust: pd.DataFrame
    """plan; stays: share of the draws in which no other proposal beats it on every goal; and for
    each of ``BEST_AT``, as ``best_burden``: share in which no other proposal has a lower one."""
    sensitivity: pd.DataFrame
    """plan, outcome, number, name, first, total (Sobol indices), unexplained."""
    sites: pd.DataFrame
    """site, x_m, y_m (left and bottom), chosen, held, and frequency: always, sometimes, never."""
    neighbourhoods: pd.DataFrame
    """code, name, low, median, high (DALY per 1000 residents per year today), and heaviest:
    share of the draws among the neighbourhoods with the heaviest burden."""
    numbers: pd.DataFrame
    """Every uncertain number, with its ends, status and source."""
    draws: pd.DataFrame
    """The numbers of each draw, and each outcome of each plan."""

    @property
    def n_draw(self) -> int:
        """Number of cities drawn."""
        return len(self.draws)


def tell_uncertainty(
    ensemble: Ensemble, names: Sequence[str], central: Float, study: StudyArea, options: Options
) -> Uncertainty:
    """Return the tables of an ensemble.

    Parameters
    ----------
    names
        Ids of the plans after the first, which is today.
    central : (plan, outcome)
        Outcomes with every number at its middle.
    """
    plans = (TODAY, *names)
    names_nl = options.interventions["name_nl"].items()
    catalogue = {str(key): str(name) for key, name in names_nl}
    return Uncertainty(
        intervals=_intervals(ensemble, plans, central),
        robust=_robust(ensemble, plans),
        sensitivity=_sensitivity(ensemble, plans, catalogue),
        sites=_sites(ensemble, study, options),
        neighbourhoods=_neighbourhoods(ensemble, study),
        numbers=_numbers(ensemble.draws.numbers, catalogue),
        draws=_draws(ensemble, plans),
    )


def _intervals(ensemble: Ensemble, plans: Sequence[str], central: Float) -> pd.DataFrame:
    """Tell the spread of each outcome: its level, and its change against today."""
    rows = []
    for k, plan in enumerate(plans):
        for j, outcome in enumerate(OUTCOMES):
            level = ensemble.outcome[:, k, j]
            rows.append((plan, outcome, "level", central[k, j], *_ends(level), np.nan))
            if k > 0:
                change = level - ensemble.outcome[:, 0, j]
                middle = central[k, j] - central[0, j]
                lower = float((change < 0.0).mean())
                rows.append((plan, outcome, "change", middle, *_ends(change), lower))
    columns = ["plan", "outcome", "kind", "central", "low", "median", "high", "share_lower"]
    return pd.DataFrame(rows, columns=columns)


def _robust(ensemble: Ensemble, plans: Sequence[str]) -> pd.DataFrame:
    """Tell how often each proposal stays unbeaten, and how often it is the best at something.

    With many goals hardly any plan is ever beaten on all of them, so that the first alone
    would tell nobody apart.
    """
    table = {"plan": plans[1:], "stays": ensemble.stays[:, 1:].mean(axis=0)}
    for outcome in BEST_AT:
        values = ensemble.outcome[:, 1:, OUTCOMES.index(outcome)]
        least = values.min(axis=1, keepdims=True, initial=np.inf)
        table[f"best_{outcome}"] = (values <= least).mean(axis=0)
    return pd.DataFrame(table)


def _ends(values: Float) -> tuple[float, float, float]:
    """Return the lower end, the median and the upper end of the draws."""
    low, median, high = np.percentile(values, INTERVAL)
    return float(low), float(median), float(high)


def _sensitivity(
    ensemble: Ensemble, plans: Sequence[str], catalogue: Mapping[str, str]
) -> pd.DataFrame:
    """Tell which number matters most: for today its level, for a proposal its change."""
    numbers = ensemble.draws.numbers
    rows = []
    for k, plan in enumerate(plans):
        for j, outcome in enumerate(OUTCOMES):
            values = ensemble.outcome[:, k, j]
            found = sobol_indices(
                ensemble.draws, values if k == 0 else values - ensemble.outcome[:, 0, j]
            )
            if not np.isfinite(found.unexplained):
                continue
            rows += [
                (
                    plan,
                    outcome,
                    number.id,
                    name_number(number, catalogue),
                    float(first),
                    float(total),
                    found.unexplained,
                )
                for number, first, total in zip(numbers, found.first, found.total, strict=True)
            ]
    columns = ["plan", "outcome", "number", "name", "first", "total", "unexplained"]
    return pd.DataFrame(rows, columns=columns)


EFFECT_NL = {
    "green_m2": "groen",
    "green_cover_m2": "groen",
    "edge_cooling_degc": "koelte aan de rand",
    "no2_part": "minder stikstofdioxide",
    "pm25_part": "minder fijnstof",
    "places": "speelplekken",
    "traffic_factor": "verkeer dat overblijft",
}
"""Effects of interventions, as part of the name of a number."""
LAYER_NL = {
    "heat": "de warmtekaart",
    "noise": "de geluidkaart",
    "no2": "de kaart van stikstofdioxide",
    "pm25": "de kaart van fijnstof",
}


def name_number(number: Uncertain, catalogue: Mapping[str, str]) -> str:
    """Return the Dutch name of an uncertain number."""
    if number.name:
        return number.name
    kind, _, rest = number.id.partition(".")
    if kind == "slope":
        return f"sterkte van het verband: {CHANNEL_NL[rest]}"
    if kind == "function":
        return f"welke functie: {CHANNEL_NL[rest]}"
    if kind == "cost":
        return f"kosten van {_short(catalogue[rest])}"
    if kind == "data":
        return f"fout in {LAYER_NL[rest]}"
    name, _, effect = rest.partition(".")
    return f"{EFFECT_NL.get(effect, effect)} door {_short(catalogue[name])}"


def _short(name: str) -> str:
    """Return the name of an intervention without its explanation."""
    return name.split(":", maxsplit=1)[0]


def _sites(ensemble: Ensemble, study: StudyArea, options: Options) -> pd.DataFrame:
    """Tell how often each site with an option is chosen."""
    site = np.unique(options.site)
    chosen = ensemble.chosen[site]
    often = np.where(chosen >= ALWAYS, "always", np.where(chosen > 0.0, "sometimes", "never"))
    return pd.DataFrame(
        {
            "site": site,
            "x_m": study.sites.corner[site, 0],
            "y_m": study.sites.corner[site, 1],
            "chosen": chosen,
            "held": ensemble.held[site],
            "frequency": often,
        }
    )


def _neighbourhoods(ensemble: Ensemble, study: StudyArea) -> pd.DataFrame:
    """Tell the burden of each neighbourhood today, and how sure its place is; not of few people."""
    people = study.group_residents.sum(axis=0)
    lived_in = people > 0.0
    today = ensemble.per_1000[:, 0].astype(float)
    order = np.argsort(-today[:, lived_in], axis=1, kind="stable")
    weight = people[lived_in] / max(float(people.sum()), 1e-300)
    before = np.cumsum(weight[order], axis=1) - weight[order]
    inside = np.empty(order.shape, bool)
    np.put_along_axis(inside, order, before < HEAVIEST, axis=1)
    heaviest = np.full(people.size, np.nan)
    heaviest[lived_in] = inside.mean(axis=0)
    shown = people >= FEWEST
    heaviest = np.where(shown, heaviest, np.nan)
    low, median, high = np.where(shown, np.percentile(today, INTERVAL, axis=0), np.nan)
    return pd.DataFrame(
        {
            "code": study.neighbourhoods[CODE].to_numpy(str),
            "name": study.neighbourhoods[NAME].to_numpy(str),
            "low": low,
            "median": median,
            "high": high,
            "heaviest": heaviest,
        }
    )


def _numbers(numbers: Sequence[Uncertain], catalogue: Mapping[str, str]) -> pd.DataFrame:
    """List the uncertain numbers."""
    return pd.DataFrame(
        [
            (f.id, name_number(f, catalogue), f.group, f.form, f.low, f.mid, f.high, f.unit,
             "; ".join(f.choices), f.status, f.source)
            for f in numbers
        ],
        columns=["id", "name", "group", "form", "low", "mid", "high", "unit", "choices",
                 "status", "source"],
    )  # fmt: skip


def _draws(ensemble: Ensemble, plans: Sequence[str]) -> pd.DataFrame:
    """Give the numbers and outcomes of every draw side by side."""
    outcome = {
        f"{plan}.{name}": ensemble.outcome[:, k, j]
        for k, plan in enumerate(plans)
        for j, name in enumerate(OUTCOMES)
    }
    return pd.concat([ensemble.draws.table, pd.DataFrame(outcome)], axis=1)
