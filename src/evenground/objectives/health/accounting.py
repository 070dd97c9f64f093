"""What a burden consists of, whom the functions fit, and whether they match published totals.

Takes an evaluation and the tables of a case; gives deaths, years of life and persons
by age, residents outside the range of each function, and ratios to targets.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import BehaviourSettings, ExposureSettings, HealthSettings
from evenground.evaluation import Evaluation
from evenground.interventions import read_table
from evenground.names import AGE_BANDS, GREEN, LAYERS
from evenground.objectives.health.curves import (
    attributable_fraction,
    metric_of,
    minutes_at_cap,
    minutes_of,
)
from evenground.objectives.health.functions import (
    Erf,
    list_channels,
    read_functions,
    select_functions,
)
from evenground.objectives.health.model import IHD_INCIDENCE, HealthModel
from evenground.study import StudyArea

Float = NDArray[np.float64]


def compose(model: HealthModel, evaluation: Evaluation, study: StudyArea) -> pd.DataFrame:
    r"""Return what the burden of the first candidate consists of, by channel and age.

    Returns
    -------
    Rows by channel and age; columns counted (whether it is in the sum), deaths, cases (new,
    per year), affected (persons at any time), yll, yld and daly (per year). Overlap that the
    sum leaves out is left out of every column.

    Notes
    -----
    .. math:: DALY_{ca} = YLL_{ca} + YLD_{ca}
              = \sum_n \bar\phi_{cn} \, k_{ca} \, s_{cn} \, N_{an}
    """
    rows = []
    for k, channel in enumerate(model.dose.channels):
        outcome = model.outcomes[channel]
        if outcome.kind == "none":
            continue
        felt = _residents_by_age(study) @ (evaluation.mean_phi[0, k] * model.ses_ratio[k])
        daly = felt * model.age_coefficient[k]
        number = daly / outcome.years if outcome.years > 0.0 else felt * outcome.number
        zero = np.zeros(daly.size)
        is_death = outcome.kind == "death"
        part = {
            "channel": channel,
            "age": AGE_BANDS,
            "counted": channel in model.dose.counted,
            "deaths": number if is_death else zero,
            "cases": number if outcome.kind == "case" else zero,
            "affected": number if outcome.kind == "affected" else zero,
            "yll": daly if is_death else zero,
            "yld": zero if is_death else daly,
            "daly": daly,
        }
        rows.append(pd.DataFrame(part))
    return pd.concat(rows, ignore_index=True)


def _residents_by_age(study: StudyArea) -> Float:
    """Residents (age, neighbourhood)."""
    age = study.groups["age"].to_numpy()
    return np.stack([study.group_residents[age == band].sum(axis=0) for band in AGE_BANDS])


def yearly_deaths(study: StudyArea) -> float:
    """Return the deaths per year that the ages of the residents bring, of all causes."""
    rate = read_table("baseline_rates.csv").loc[list(AGE_BANDS), "deaths_per_person"]
    return float(rate.to_numpy(float) @ _residents_by_age(study).sum(axis=1))


def adults(study: StudyArea) -> Float:
    """Return the adult residents (neighbourhood,)."""
    share = read_table("baseline_rates.csv").loc[list(AGE_BANDS), "share_adult"]
    return np.asarray(share.to_numpy(float) @ _residents_by_age(study))


def coronary_cases(level_db: Float, study: StudyArea) -> float:
    r"""Return new cases of coronary disease per year by the noise function of WHO 2018.

    It is in no sum of a run: deaths and heart disease by noise hold it already. It is what
    published Dutch counts were made with.

    Parameters
    ----------
    level_db : (receptor,)
        Lden.

    Notes
    -----
    .. math:: \sum_r N^{adult}_r \, i \, (1 - RR^{-\max(0, L_r - 53) / 10})
    """
    erf, people = read_functions()["noise_ihd_who"], study.receptors
    everybody = _residents_by_age(study).sum(axis=0)
    share = np.divide(adults(study), everybody, out=np.zeros_like(everybody), where=everybody > 0.0)
    at_risk = people.residents * share[people.neighbourhood]
    fraction = attributable_fraction(level_db, erf.rr, erf.per, erf.counterfactual)
    return float(IHD_INCIDENCE * (at_risk @ fraction))


@dataclass(frozen=True)
class Fit:
    """Whom a function of a run does not fit."""

    channel: str
    function: str
    low: float
    """Lowest and highest exposure that was studied, in ``unit``; NaN where not known."""
    high: float
    unit: str
    below: float
    """Residents below the range for whom the function nevertheless counts something."""
    above: float
    """Residents above the range."""


def check_ranges(
    exposure: Float, residents: Float, models: ExposureSettings, health: HealthSettings
) -> tuple[Fit, ...]:
    """Return, for every function of a run, how many residents live outside its range.

    Below the counterfactual nothing is counted, so that nobody there is outside.

    Parameters
    ----------
    exposure : (layer, receptor)
        Of today, in the order of ``LAYERS``.
    residents : (receptor,)
        Persons.
    """
    table, layers, out = read_functions(), list_channels(health), []
    for channel, name in select_functions(health).items():
        if name is None:
            continue
        erf = table[name]
        if channel == "walk_mort" and health.behaviour is not None:
            share = exposure[LAYERS.index(GREEN)]
            out.append(check_walking(share, residents, erf, health.behaviour))
            continue
        slope, offset = metric_of(channel, erf, models, health)
        met = slope * exposure[LAYERS.index(layers[channel])] + offset
        above = float(residents[met > erf.valid_high].sum())
        counts = met > erf.counterfactual if np.isfinite(erf.counterfactual) else met < np.inf
        below = float(residents[(met < erf.valid_low) & counts].sum())
        out.append(Fit(channel, name, erf.valid_low, erf.valid_high, erf.unit, below, above))
    return tuple(out)


def check_walking(share: Float, residents: Float, erf: Erf, behaviour: BehaviourSettings) -> Fit:
    """Return how many residents the assumption on walking does not fit.

    Above: they walk so much that the cap of the function is reached, and more saves no deaths.
    Below: the assumption would have them walk less than nothing, which counts as nothing.

    Parameters
    ----------
    share, residents : (receptor,)
        Green around the home today (0-1), and persons.
    """
    slope, offset = minutes_of(behaviour, float(np.average(share, weights=residents)))
    minutes, most = offset + slope * share, minutes_at_cap(erf)
    above, below = (float(residents[here].sum()) for here in (minutes >= most, minutes < 0.0))
    return Fit("walk_mort", erf.id, 0.0, most, erf.unit, below, above)


def calibrate(target: str, fraction: float) -> float:
    """Return the ratio of a modelled attributable fraction to a published one.

    Parameters
    ----------
    target
        ``heat_af_nl`` (all heat, of yearly deaths) or ``uhi_iungman`` (the heat island of
        1.5 degC, of summer deaths). The model knows only the heat of the city itself, so
        that its share of all heat deaths lies below the first in a cool city.
    fraction
        Modelled share of those deaths (0-1).

    Raises
    ------
    ValueError
        If the table has no such target.
    """
    erf = read_functions().get(target)
    if erf is None or erf.form != "fixed AF":
        msg = f"{target} is no calibration target."
        raise ValueError(msg)
    return fraction / erf.rr


def heat_fraction(composition: pd.DataFrame, model: HealthModel, study: StudyArea) -> float:
    """Return the share of the yearly deaths in the heat channel's population due to city heat.

    Parameters
    ----------
    composition
        Made by :func:`compose`.
    """
    k = model.dose.channels.index("heat_mort")
    yearly = model.outcomes["noise_mort"].number
    people = _residents_by_age(study) @ model.ses_ratio[k]
    deaths = float(people @ yearly)
    heat = float(composition.loc[composition["channel"] == "heat_mort", "deaths"].sum())
    return heat / deaths if deaths > 0.0 else np.nan


def island_fraction(health: HealthSettings, increment_degc: float = 1.5) -> float:
    """Return the share of summer deaths that the chosen function lays to a heat island."""
    name = select_functions(health)["heat_mort"]
    if name is None:
        return 0.0
    erf = read_functions()[name]
    if erf.form == "loglinear":
        at = np.array(increment_degc)
        return float(attributable_fraction(at, erf.rr, erf.per, erf.counterfactual))
    rise = (erf.rr - 1.0) / erf.per
    outside = max(0.0, health.rural_summer_degc - erf.counterfactual)
    inside = max(0.0, health.rural_summer_degc + increment_degc - erf.counterfactual)
    return rise * (inside - outside) / (1.0 + rise * inside)
