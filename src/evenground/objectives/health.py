"""From exposure to DALY: exposure-response functions, baseline rates and accounting.

Takes the shipped tables of functions and rates; makes tables that the kernels
read. Each function is one formula with its source. Numbers compare plans;
they predict nobody.

References
----------
Chen, J. and Hoek, G. (2020). Environ. Int. 143, 105974 (PM2.5).
Huangfu, P. and Atkinson, R. (2020). Environ. Int. 144, 105998 (NO2).
Engelmann, N. et al. (2024). ETC HE Report 2023/11 v2 (noise).
Guski, R. et al. (2017). IJERPH 14, 1539 (annoyance).
Basner, M. and McGuire, S. (2018). IJERPH 15, 519 (sleep).
Rojas-Rueda, D. et al. (2019). Lancet Planet. Health 3, e469 (green).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground.config import ExposureSettings, HealthSettings
from evenground.evaluation import DoseResponse, Evaluation
from evenground.interventions import read_table
from evenground.names import ACCESS, AGE_BANDS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.study import StudyArea

Float = NDArray[np.float64]

YLD_PER_CVD = 0.581
"""Years lived with disability per new case of cardiovascular disease (ETC-HE, table 10.1)."""
YLD_PER_DM2 = 1.84
"""Years lived with disability per new case of type-2 diabetes (ETC-HE, table 10.1)."""

CHANNELS = {
    "heat_mort": HEAT,
    "noise_mort": NOISE,
    "noise_cvd": NOISE,
    "noise_dm2": NOISE,
    "noise_ha": NOISE,
    "noise_hsd": NOISE,
    "no2_mort": NO2,
    "pm25_mort": PM25,
    "green_mort": GREEN,
    "access_shortfall": ACCESS,
}
"""Responses, sorted by layer."""
STEP = {HEAT: 1 / 64, NOISE: 1 / 64, NO2: 1 / 64, PM25: 1 / 64, GREEN: 1 / 4096, ACCESS: 1 / 256}
"""Distance between the nodes of the tables; thresholds fall on nodes."""


def attributable_fraction(exposure: Float, rr: float, per: float, counterfactual: float) -> Float:
    r"""Return the share of cases due to an exposure above the counterfactual.

    Notes
    -----
    .. math:: AF = 1 - RR^{-\max(0, c - c_0) / inc}
    """
    return np.asarray(1.0 - rr ** (-np.maximum(0.0, exposure - counterfactual) / per))


def percent_affected(level_db: Float, curve: tuple[float, float, float], clamp: float) -> Float:
    """Return the percentage highly annoyed or sleep-disturbed, a quadratic curve above a clamp."""
    level = np.maximum(level_db, clamp)
    return np.asarray(curve[0] + curve[1] * level + curve[2] * level**2)


def excess_affected(level_db: Float, curve: tuple[float, float, float], clamp: float) -> Float:
    """Return the share (0-1) affected above the floor of the curve, which noise does not cause."""
    floor = percent_affected(np.array(clamp), curve, clamp)
    return np.maximum(percent_affected(level_db, curve, clamp) - floor, 0.0) / 100.0


def read_function(name: str) -> dict[str, Any]:
    """Return a row of the table of exposure-response functions."""
    row = read_table("exposure_response.csv").loc[name]
    return {str(key): value for key, value in row.items()}


@dataclass(frozen=True)
class HealthModel:
    """Dose-response tables, and the factors of which their coefficients are made."""

    dose: DoseResponse
    age_coefficient: Float
    """DALY per year per resident per unit of response at mean rates (channel, age)."""
    ses_ratio: Float
    """Death and disease rate of each neighbourhood over that of its age mix (neighbourhood,)."""


def build_health_model(
    study: StudyArea,
    ranges: Mapping[str, tuple[float, float]],
    mean_ndvi: float,
    *,
    exposure: ExposureSettings,
    health: HealthSettings,
    access_target: float,
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
    """
    functions = responses(mean_ndvi, exposure, health, access_target)
    start, step = np.zeros(len(LAYERS)), np.zeros(len(LAYERS))
    nodes = {}
    for index, layer in enumerate(LAYERS):
        low, high = ranges[layer]
        step[index] = STEP[layer]
        first = np.floor(low / step[index]) - 1.0
        start[index] = first * step[index]
        nodes[layer] = np.arange(first, np.ceil(high / step[index]) + 2.0) * step[index]
    table = np.zeros((len(CHANNELS), max(node.size for node in nodes.values())))
    for row, (channel, layer) in enumerate(CHANNELS.items()):
        values = functions[channel](nodes[layer])
        table[row, : values.size] = values
        table[row, values.size :] = values[-1]
    by_age = age_coefficients(health)
    ratio = ses_ratio(study.neighbourhoods["ses_rank"].to_numpy(float), study, health)
    age = np.array([AGE_BANDS.index(name) for name in study.groups["age"]])
    coefficient = by_age[:, age][:, :, None] * ratio
    layer_index = np.array([LAYERS.index(layer) for layer in CHANNELS.values()], np.int32)
    dose = DoseResponse(tuple(CHANNELS), layer_index, start, step, table, coefficient)
    return HealthModel(dose, by_age, ratio)


def responses(
    mean_ndvi: float, exposure: ExposureSettings, health: HealthSettings, access_target: float
) -> dict[str, Callable[[Float], Float]]:
    """Return the default function of every channel, from exposure to response of a resident."""

    def loglinear(name: str) -> Callable[[Float], Float]:
        row = read_function(name)
        rr, per, base = (float(row[key]) for key in ("rr", "per", "counterfactual"))
        return lambda e: attributable_fraction(e, rr, per, base)

    def curve(name: str, offset: float) -> Callable[[Float], Float]:
        row = read_function(name)
        c0, c1, c2 = (float(row[key]) for key in ("c0", "c1", "c2"))
        clamp = float(row["counterfactual"])
        return lambda e: excess_affected(e - offset, (c0, c1, c2), clamp)

    green = read_function("green_mort")
    target = mean_ndvi + health.green_target_gain_ndvi

    def too_little_green(share: Float) -> Float:
        ndvi = exposure.ndvi_offset + exposure.ndvi_slope * share
        return attributable_fraction(target - ndvi, 1.0 / float(green["rr"]), 0.1, 0.0)

    return {
        "heat_mort": loglinear("heat_uhi_jja"),
        "noise_mort": loglinear("noise_mort_etc"),
        "noise_cvd": loglinear("noise_cvd_etc"),
        "noise_dm2": loglinear("noise_dm2_etc"),
        "noise_ha": curve("noise_ha_road", 0.0),
        "noise_hsd": curve("noise_hsd_road", health.lnight_offset_db),
        "no2_mort": loglinear("no2_mort_who"),
        "pm25_mort": loglinear("pm25_mort_who"),
        "green_mort": too_little_green,
        "access_shortfall": lambda e: np.maximum(0.0, 1.0 - e / access_target),
    }


def age_coefficients(health: HealthSettings) -> Float:
    """Return DALY per year per resident per unit of response (channel, age), at mean rates."""
    rates = read_table("baseline_rates.csv").loc[list(AGE_BANDS)]
    deaths = rates["deaths_per_person"].to_numpy(float)
    adult = rates["share_adult"].to_numpy(float)
    over_30 = rates["share_30_plus"].to_numpy(float)
    grown = np.where(adult > 0.0, 1.0, 0.0)
    air = deaths * over_30 * health.yll_per_death_air
    by_channel = {
        "heat_mort": deaths * grown * health.summer_death_share * health.yll_per_death_heat,
        "noise_mort": deaths * grown * health.yll_per_death_air,
        "noise_cvd": adult * rates["cvd_incidence"].to_numpy(float) * YLD_PER_CVD,
        "noise_dm2": adult * rates["dm2_incidence"].to_numpy(float) * YLD_PER_DM2,
        "noise_ha": adult * health.annoyance_weight,
        "noise_hsd": adult * health.sleep_weight,
        "no2_mort": air * (1.0 - health.no2_pm25_overlap),
        "pm25_mort": air,
        "green_mort": deaths * grown * health.yll_per_death_air,
        "access_shortfall": np.zeros(deaths.size),
    }
    return np.stack([by_channel[name] for name in CHANNELS])


def ses_ratio(rank: Float, study: StudyArea, health: HealthSettings) -> Float:
    """Return death and disease rates over the mean, by SES rank (neighbourhood,).

    Straight between the lowest fifth, the middle and the highest fifth; one where the rank
    is unknown. Scaled so that the city as a whole keeps its rates. An assumption in size.
    """
    shape = np.interp(
        np.nan_to_num(rank, nan=0.5),
        (0.1, 0.5, 0.9),
        (health.ses_rate_lowest, 1.0, health.ses_rate_highest),
    )
    shape = np.where(np.isnan(rank), 1.0, shape)
    people = study.group_residents.sum(axis=0)
    return np.asarray(shape / ((shape @ people) / max(float(people.sum()), 1e-300)))


def total_burden(evaluation: Evaluation) -> Float:
    """Return DALY per year of all residents together (candidate,)."""
    return np.asarray(evaluation.burden.sum(axis=(1, 2, 3)))


def burden_per_1000(evaluation: Evaluation, residents: Float) -> Float:
    """Return DALY per 1000 residents per year (candidate, neighbourhood)."""
    total = evaluation.burden.sum(axis=(1, 2))
    out = np.zeros_like(total)
    return np.asarray(np.divide(1000.0 * total, residents, out=out, where=residents > 0.0))
