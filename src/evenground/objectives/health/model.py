"""From exposure to DALY: baseline rates, coefficients, and the tables that the kernels read.

Takes the functions of a run, the shipped rates and the people of a case. Numbers
compare plans; they predict nobody.

References
----------
Engelmann, N. et al. (2024). ETC HE Report 2023/11 v2, table 10.1 (noise, rates).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import ExposureSettings, HealthSettings
from evenground.evaluation import DoseResponse, Evaluation
from evenground.interventions import read_table
from evenground.names import AGE_BANDS, BURDEN_LAYERS, LAYERS
from evenground.objectives.health.curves import fit, responses
from evenground.objectives.health.functions import (
    RATELESS,
    Erf,
    list_channels,
    read_functions,
    select_functions,
)
from evenground.study import StudyArea

Float = NDArray[np.float64]

YLD_PER_CVD = 0.581
"""Years lived with disability per new case of cardiovascular disease (ETC-HE, table 10.1)."""
YLD_PER_DM2 = 1.84
"""Years lived with disability per new case of type-2 diabetes (ETC-HE, table 10.1)."""
YLD_PER_IHD = 0.234
"""Years lived with disability per new case of ischaemic heart disease (ETC-HE, table 10.1)."""
IHD_INCIDENCE = 0.004216967
"""New cases of ischaemic heart disease per adult per year (ETC-HE, table 10.1)."""


ANNOYED = "noise_ha"
"""Response that is a share of the adults: highly annoyed by road noise, above the floor of 8 %."""


@dataclass(frozen=True)
class Outcome:
    """What a unit of response does to a resident of each age, at mean rates."""

    kind: str
    """death, case (new, per year), affected (at any time) or none."""
    number: Float
    """Deaths, cases or persons affected per resident per unit of response (age,)."""
    years: float
    """Years of life lost, or lived with disability, of each."""


@dataclass(frozen=True)
class HealthModel:
    """Dose-response tables, and the factors of which their coefficients are made."""

    dose: DoseResponse
    age_coefficient: Float
    """DALY per year per resident per unit of response at mean rates (channel, age)."""
    ses_ratio: Float
    """Death and disease rate of each neighbourhood over that of its age mix
    (channel, neighbourhood), times the effect multiplier; one where neither applies."""
    outcomes: Mapping[str, Outcome]
    """What a unit of response means, by channel."""


def build_health_model(
    study: StudyArea,
    ranges: Mapping[str, tuple[float, float]],
    mean_ndvi: float,
    *,
    exposure: ExposureSettings,
    health: HealthSettings,
    access_target: float,
    modifier: Float | None = None,
    functions: Mapping[str, Erf] | None = None,
) -> HealthModel:
    """Make the tables and coefficients of a case.

    Parameters
    ----------
    ranges
        Lowest and highest exposure that any plan can bring, by layer.
    mean_ndvi
        Mean over residents today.
    access_target
        Places per thousand residents that are enough.
    modifier
        How much stronger each response is (channel, neighbourhood), for the vulnerable.
    functions
        Exposure-response functions by id, instead of those that are shipped.
    """
    channels = list_channels(health)
    curves = responses(mean_ndvi, exposure, health, access_target, functions)
    low, width, pieces = zip(
        *(fit(curves[channel], *ranges[layer]) for channel, layer in channels.items()), strict=True
    )
    outcome = outcomes(health)
    by_age = age_coefficients(health)
    age = np.array([AGE_BANDS.index(name) for name in study.groups["age"]])
    rank = study.neighbourhoods["ses_rank"].to_numpy(float)
    expected = np.einsum("cg,gn->cn", by_age[:, age], study.group_residents)
    by_channel = ses_ratio(rank, expected, health) * effect_modifier(rank, health)
    by_channel = by_channel if modifier is None else by_channel * modifier
    coefficient = by_age[:, age][:, :, None] * by_channel[:, None, :]
    dose = DoseResponse(
        tuple(channels),
        np.array([LAYERS.index(layer) for layer in channels.values()], np.int32),
        np.array(low),
        np.array(width),
        np.cumsum([0, *map(len, pieces)]).astype(np.int64),
        np.concatenate(pieces),
        coefficient,
        counted_channels(health),
    )
    return HealthModel(dose, by_age, by_channel, outcome)


def counted_channels(health: HealthSettings) -> tuple[str, ...]:
    """Return the responses whose burden a run adds up, in the order of its channels.

    Those of green only where their pathway is added; see records 32 and 70.
    """
    added = {"green_mort"} if health.green_pathway == "added" else set()
    if health.behaviour is not None and health.behaviour.counted:
        added.add("walk_mort")
    return tuple(
        name
        for name, layer in list_channels(health).items()
        if layer in BURDEN_LAYERS or name in added
    )


def counted_layers(health: HealthSettings) -> tuple[str, ...]:
    """Return the layers of which a run adds up the burden, walking for green apart."""
    layer_of = list_channels(health)
    found = {layer_of[name] for name in counted_channels(health) if name != "walk_mort"}
    return tuple(layer for layer in LAYERS if layer in found)


def age_coefficients(health: HealthSettings) -> Float:
    """Return DALY per year per resident per unit of response (channel, age), at mean rates."""
    outcome = outcomes(health)
    share = {"no2_mort": 1.0 - health.no2_pm25_overlap}
    if health.green_pathway == "added":
        share["green_mort"] = health.green_added_share
    return np.stack(
        [
            outcome[name].number * outcome[name].years * share.get(name, 1.0)
            for name in list_channels(health)
        ]
    )


def outcomes(health: HealthSettings) -> dict[str, Outcome]:
    """Return what a unit of response means, by channel of a run, overlap not yet taken off."""
    rates = read_table("baseline_rates.csv").loc[list(AGE_BANDS)]
    deaths = rates["deaths_per_person"].to_numpy(float)
    adult = rates["share_adult"].to_numpy(float)
    at_risk = _at_risk(rates, health)
    summer = health.summer_death_share
    years, heat_years = health.yll_per_death_air, health.yll_per_death_heat
    cvd, dm2 = (rates[name].to_numpy(float) for name in ("cvd_incidence", "dm2_incidence"))
    child = np.array([band == AGE_BANDS[0] for band in AGE_BANDS], float)
    ihd_death = health.ihd_death_share or 0.0
    asthma, asthma_years = health.asthma_incidence or 0.0, health.yld_per_asthma or 0.0
    known = {
        "heat_mort": Outcome("death", deaths * at_risk["heat_mort"] * summer, heat_years),
        "noise_mort": Outcome("death", deaths * at_risk["noise_mort"], years),
        "noise_cvd": Outcome("case", adult * cvd, YLD_PER_CVD),
        "noise_dm2": Outcome("case", adult * dm2, YLD_PER_DM2),
        "noise_ha": Outcome("affected", adult, health.annoyance_weight),
        "noise_hsd": Outcome("affected", adult, health.sleep_weight),
        "noise_ihd": Outcome("case", adult * IHD_INCIDENCE, YLD_PER_IHD),
        "no2_mort": Outcome("death", deaths * at_risk["no2_mort"], years),
        "no2_asthma": Outcome("case", child * asthma, asthma_years),
        "pm25_mort": Outcome("death", deaths * at_risk["pm25_mort"], years),
        "pm25_ihd": Outcome("death", deaths * adult * ihd_death, years),
        "green_mort": Outcome("death", deaths * at_risk["green_mort"], years),
        "walk_mort": Outcome("death", deaths * at_risk.get("walk_mort", 0.0), years),
        "access_shortfall": Outcome("none", np.zeros(deaths.size), 0.0),
    }
    return {name: known[name] for name in list_channels(health)}


def _at_risk(rates: pd.DataFrame, health: HealthSettings) -> dict[str, Float]:
    """Share of each age whose deaths a function is about (age,), by channel."""
    table, out = read_functions(), {}
    for channel, name in select_functions(health).items():
        population = "adults" if name is None else table[name].population
        if population.startswith("age >=30"):
            out[channel] = rates["share_30_plus"].to_numpy(float)
        elif population.startswith("age 20-74"):
            out[channel] = rates["death_share_20_74"].to_numpy(float)
        elif population.startswith("all ages"):
            out[channel] = np.ones(len(rates))
        else:
            out[channel] = rates["share_adult"].to_numpy(float)
    return out


def effect_modifier(rank: Float, health: HealthSettings) -> Float:
    """Return how much stronger a response is by SES (channel, neighbourhood); one is off.

    Straight from the multiplier at the lowest fifth to one at the middle and above; one
    where the rank is unknown. It scales the response, which to first order scales the
    slope of the function: 1.2 at a fraction of 5 % gives 6.0 % for an exact 5.97 %.

    Parameters
    ----------
    rank : (neighbourhood,)
        Population mid-rank of SES-WOA (0-1), NaN where it is unknown.
    """
    known = np.nan_to_num(rank, nan=0.5)
    lowest = [health.effect_lowest.get(name, 1.0) for name in list_channels(health)]
    return np.stack([np.interp(known, (0.1, 0.5), (most, 1.0)) for most in lowest])


def ses_ratio(rank: Float, expected: Float, health: HealthSettings) -> Float:
    """Return death and disease rates over those of the age mix (channel, neighbourhood).

    Straight between the lowest fifth, the middle and the highest fifth by SES rank; one where
    the rank is unknown, and for responses that rest on no such rate. An assumption in size.
    Scaled so that the city keeps its deaths and its cases: those of the old weigh as they occur.

    Parameters
    ----------
    rank : (neighbourhood,)
        Population mid-rank of SES-WOA (0-1), NaN where it is unknown.
    expected : (channel, neighbourhood)
        Deaths or cases, on any scale, that the ages alone would bring.
    """
    shape = rate_shape(rank, health)
    total = expected.sum(axis=1)
    scaled = (expected * shape).sum(axis=1)
    scale = np.divide(total, scaled, out=np.ones_like(total), where=scaled > 0.0)
    has_rate = np.array([channel not in RATELESS for channel in list_channels(health)])
    return np.where(has_rate[:, None], shape * scale[:, None], 1.0)


def rate_shape(rank: Float, health: HealthSettings) -> Float:
    """Death and disease rates against the mean by SES (neighbourhood,), not yet scaled."""
    shape = np.interp(
        np.nan_to_num(rank, nan=0.5),
        (0.1, 0.5, 0.9),
        (health.ses_rate_lowest, 1.0, health.ses_rate_highest),
    )
    return np.where(np.isnan(rank), 1.0, shape)


def total_burden(evaluation: Evaluation) -> Float:
    """Return DALY per year of all residents together (candidate,)."""
    return np.asarray(evaluation.burden.sum(axis=(1, 2, 3)))


def burden_per_1000(evaluation: Evaluation, residents: Float) -> Float:
    """Return DALY per 1000 residents per year (candidate, neighbourhood)."""
    total = evaluation.burden.sum(axis=(1, 2))
    out = np.zeros_like(total)
    return np.asarray(np.divide(1000.0 * total, residents, out=out, where=residents > 0.0))
