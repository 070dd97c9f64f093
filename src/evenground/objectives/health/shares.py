"""Which part of all deaths, and of all burden of disease, the exposures of a run bring.

Takes the tables of a case; gives fractions of deaths by layer, and the burden by all
causes that a share of the environment is a share of.
"""

import numpy as np
from numpy.typing import NDArray

from evenground.config import HealthSettings
from evenground.evaluation import DoseResponse
from evenground.interventions import read_table
from evenground.names import AGE_BANDS, BURDEN_LAYERS, LAYERS
from evenground.objectives.health.model import rate_shape
from evenground.study import StudyArea

Float = NDArray[np.float64]


def all_causes(study: StudyArea, health: HealthSettings) -> Float:
    r"""Return DALY per year by all causes, of the residents (neighbourhood,).

    National burden per person, shared out by age: years of life lost follow the deaths of each
    age, what is left (years lived with disability) is spread evenly (assumption). By SES as the
    rates of death and disease, the city keeping its total.

    Notes
    -----
    With d the deaths, Y the years lost per death, T the burden per person and s the rate by SES:

    .. math:: D_n = s_n \sum_a N_{an} \big(d_a Y + T - \bar d Y\big)
    """
    rates = read_table("baseline_rates.csv").loc[list(AGE_BANDS)]
    per_person = float(read_table("stacking.csv")["value"].astype(float)["daly_per_person"])
    lost = rates["deaths_per_person"].to_numpy(float) * health.yll_per_death_air
    mean = float(np.average(lost, weights=rates["population_share"].to_numpy(float)))
    age = np.array([AGE_BANDS.index(name) for name in study.groups["age"]])
    by_age = lost + max(0.0, per_person - mean)
    expected = by_age[age] @ study.group_residents
    shape = rate_shape(study.neighbourhoods["ses_rank"].to_numpy(float), health)
    scaled = float((expected * shape).sum())
    scale = float(expected.sum()) / scaled if scaled > 0.0 else 1.0
    return np.asarray(expected * shape * scale)


def death_fractions(
    dose: DoseResponse, exposure: Float, health: HealthSettings, effect: Float | None = None
) -> Float:
    """Return the share of the yearly deaths due to each burden layer (receptor, layer).

    Of the adults that each function is about. Heat acts in summer only, and the overlap of NO2
    with PM2.5 is taken off, as in the burden.

    Parameters
    ----------
    exposure : (layer, receptor)
        In the order of ``LAYERS``.
    effect : (channel, receptor)
        How much stronger each response is; absent = as strong.
    """
    part = {"heat_mort": health.summer_death_share, "no2_mort": 1.0 - health.no2_pm25_overlap}
    out = np.zeros((exposure.shape[1], len(BURDEN_LAYERS)))
    for k, layer in enumerate(BURDEN_LAYERS):
        name = f"{layer}_mort"
        if name in dose.channels:
            channel = dose.channels.index(name)
            found = dose.respond(channel, exposure[LAYERS.index(layer)]) * part.get(name, 1.0)
            out[:, k] = found if effect is None else found * effect[channel]
    return out
