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

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import ExposureSettings, HealthSettings
from evenground.errors import DataError, Fault
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
RATELESS = ("noise_ha", "noise_hsd", "access_shortfall")
"""Responses that rest on no death or disease rate, so that SES does not scale them."""
ERFS = {
    "heat_mort": "heat_uhi_jja",
    "noise_mort": "noise_mort_etc",
    "noise_cvd": "noise_cvd_etc",
    "noise_dm2": "noise_dm2_etc",
    "noise_ha": "noise_ha_road",
    "noise_hsd": "noise_hsd_road",
    "no2_mort": "no2_mort_who",
    "pm25_mort": "pm25_mort_who",
    "green_mort": "green_mort",
}
"""Function of each response in ``data/exposure_response.csv``; another is one line here."""
FORMS = ("loglinear", "quadratic %")
"""Forms that can be evaluated; the other rows of the table are for reference."""
STATUSES = ("confirmed", "derived", "recalled", "assumption")
"""How sure a figure is, from strong to weak."""
DEGREE = 4
"""Degree of the polynomials by which the kernels know a function."""
ACCURACY = 1e-7
"""Largest error of such a polynomial, as a share of the largest response."""
MOST_PIECES = 1024
"""Most pieces of one function; a bend that is not named is then met within a thousandth."""


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


@dataclass(frozen=True)
class Erf:
    """One exposure-response function, as shipped."""

    id: str
    form: str
    rr: float
    """Relative risk per ``per`` units of exposure; NaN in a quadratic curve."""
    per: float
    counterfactual: float
    """Exposure below which nothing is counted; NaN where the city sets it."""
    curve: tuple[float, float, float]
    """Coefficients of a quadratic curve, in percent; NaN in a relative risk."""
    status: str
    source: str


def read_functions() -> dict[str, Erf]:
    """Return the exposure-response functions that the engine can evaluate, by id.

    Raises
    ------
    DataError
        If the table has a row without its numbers, its source or a known status.
    """
    table = read_table("exposure_response.csv")
    found = [_erf(str(name), row) for name, row in table.iterrows() if row["form"] in FORMS]
    if faults := [fault for erf in found for fault in _erf_faults(erf)]:
        raise DataError(faults)
    return {erf.id: erf for erf in found}


def _erf(name: str, row: pd.Series) -> Erf:
    """Make one function of its row; what is no number becomes NaN."""
    number = pd.to_numeric(row, errors="coerce")
    c0, c1, c2, rr, per, base = (
        float(number[key]) for key in ("c0", "c1", "c2", "rr", "per", "counterfactual")
    )
    source = "" if pd.isna(row["source"]) else str(row["source"])
    return Erf(name, str(row["form"]), rr, per, base, (c0, c1, c2), str(row["status"]), source)


def _erf_faults(erf: Erf) -> list[Fault]:
    """Say what a function lacks."""
    needed = (erf.rr, erf.per) if erf.form == "loglinear" else (*erf.curve, erf.counterfactual)
    place, faults = f"exposure_response.csv, {erf.id}", []
    if np.isnan(needed).any():
        faults.append(Fault(place, f"a number of the {erf.form} form is missing.", "Fill it in."))
    if not erf.source:
        faults.append(Fault(place, "the source is missing.", "Name where the number is from."))
    if status_word(erf.status) not in STATUSES:
        faults.append(
            Fault(place, f"found status {erf.status!r}.", f"Begin with one of {STATUSES}.")
        )
    return faults


def status_word(status: str) -> str:
    """Return the status of a figure without its remark: ``recalled, weak`` is ``recalled``."""
    return re.split(r"[ ,(]", status, maxsplit=1)[0]


def weakest_status(statuses: Iterable[str]) -> str:
    """Return the status of the weakest number used; see ``STATUSES``."""
    return max((status_word(status) for status in statuses), key=STATUSES.index)


@dataclass(frozen=True)
class HealthModel:
    """Dose-response tables, and the factors of which their coefficients are made."""

    dose: DoseResponse
    age_coefficient: Float
    """DALY per year per resident per unit of response at mean rates (channel, age)."""
    ses_ratio: Float
    """Death and disease rate of each neighbourhood over that of its age mix
    (channel, neighbourhood); one where a channel rests on no such rate."""


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
    curves = responses(mean_ndvi, exposure, health, access_target)
    low, width, pieces = zip(
        *(fit(curves[channel], *ranges[layer]) for channel, layer in CHANNELS.items()), strict=True
    )
    by_age = age_coefficients(health)
    age = np.array([AGE_BANDS.index(name) for name in study.groups["age"]])
    rank = study.neighbourhoods["ses_rank"].to_numpy(float)
    expected = np.einsum("cg,gn->cn", by_age[:, age], study.group_residents)
    by_channel = ses_ratio(rank, expected, health)
    coefficient = by_age[:, age][:, :, None] * by_channel[:, None, :]
    layer_index = np.array([LAYERS.index(layer) for layer in CHANNELS.values()], np.int32)
    dose = DoseResponse(
        tuple(CHANNELS),
        layer_index,
        np.array(low),
        np.array(width),
        np.cumsum([0, *map(len, pieces)]).astype(np.int64),
        np.concatenate(pieces),
        coefficient,
    )
    return HealthModel(dose, by_age, by_channel)


@dataclass(frozen=True)
class Curve:
    """A function from exposure to the response of a resident, and where it bends."""

    function: Callable[[Float], Float]
    low: float = -np.inf
    """Exposure below which the response does not change."""
    high: float = np.inf
    """Exposure above which the response does not change."""

    def __call__(self, exposure: Float) -> Float:
        """Return the response to exposures of any shape."""
        return self.function(exposure)


def fit(curve: Curve, low: float, high: float) -> tuple[float, float, Float]:
    """Return a function as equally wide pieces of polynomials over a range of exposure.

    Parameters
    ----------
    low, high
        Exposure that any plan can bring; the range ends earlier where the curve is flat.

    Returns
    -------
    Where the pieces start, how wide they are together, and (piece, coefficient).
    """
    start, end = max(low, curve.low), min(high, curve.high)
    if end <= start:
        level = float(curve(np.array(low)))
        return low, 1.0, np.array([[level] + [0.0] * DEGREE])
    n_piece = 1
    while True:
        pieces, error = _fit_pieces(curve.function, start, end, n_piece)
        if error <= ACCURACY or n_piece == MOST_PIECES:
            return start, end - start, pieces
        n_piece *= 2


def _fit_pieces(
    function: Callable[[Float], Float], start: float, end: float, n_piece: int
) -> tuple[Float, float]:
    """Fit through Chebyshev's points of each piece, its ends among them; with the error.

    So a threshold is met exactly, and pieces join. The error is the largest, as a share of
    the largest response.
    """
    node = 0.5 - 0.5 * np.cos(np.pi * np.arange(DEGREE + 1) / DEGREE)
    first = np.arange(n_piece)[:, None]
    scale = (end - start) / n_piece
    power = np.arange(DEGREE + 1)
    value = function(start + (first + node) * scale)
    pieces = np.linalg.solve(node[:, None] ** power, value.T).T
    dense = np.linspace(0.0, 1.0, 65)
    truth = function(start + (first + dense) * scale)
    largest = float(np.abs(truth).max())
    error = float(np.abs(pieces @ (dense[:, None] ** power).T - truth).max())
    return np.ascontiguousarray(pieces), error / largest if largest > 0.0 else 0.0


def responses(
    mean_ndvi: float, exposure: ExposureSettings, health: HealthSettings, access_target: float
) -> dict[str, Curve]:
    """Return the default function of every channel, from exposure to response of a resident."""
    table = read_functions()

    def loglinear(channel: str) -> Curve:
        erf = table[ERFS[channel]]
        return Curve(
            lambda e: attributable_fraction(e, erf.rr, erf.per, erf.counterfactual),
            low=erf.counterfactual,
        )

    def share_affected(channel: str, offset: float) -> Curve:
        erf = table[ERFS[channel]]
        # A parabola is as high as at the clamp again on the other side of its lowest point.
        rises_from = max(erf.counterfactual, -erf.curve[1] / erf.curve[2] - erf.counterfactual)
        return Curve(
            lambda e: excess_affected(e - offset, erf.curve, erf.counterfactual),
            low=rises_from + offset,
        )

    green = table[ERFS["green_mort"]]
    target = mean_ndvi + health.green_target_gain_ndvi

    def too_little_green(share: Float) -> Float:
        ndvi = exposure.ndvi_offset + exposure.ndvi_slope * share
        return attributable_fraction(target - ndvi, 1.0 / green.rr, green.per, 0.0)

    return {
        "heat_mort": loglinear("heat_mort"),
        "noise_mort": loglinear("noise_mort"),
        "noise_cvd": loglinear("noise_cvd"),
        "noise_dm2": loglinear("noise_dm2"),
        "noise_ha": share_affected("noise_ha", 0.0),
        "noise_hsd": share_affected("noise_hsd", health.lnight_offset_db),
        "no2_mort": loglinear("no2_mort"),
        "pm25_mort": loglinear("pm25_mort"),
        "green_mort": Curve(
            too_little_green, high=(target - exposure.ndvi_offset) / exposure.ndvi_slope
        ),
        "access_shortfall": Curve(
            lambda e: np.maximum(0.0, 1.0 - e / access_target), low=0.0, high=access_target
        ),
    }


def age_coefficients(health: HealthSettings) -> Float:
    """Return DALY per year per resident per unit of response (channel, age), at mean rates."""
    rates = read_table("baseline_rates.csv").loc[list(AGE_BANDS)]
    deaths = rates["deaths_per_person"].to_numpy(float)
    adult = rates["share_adult"].to_numpy(float)
    over_30 = rates["share_30_plus"].to_numpy(float)
    air = deaths * over_30 * health.yll_per_death_air
    by_channel = {
        "heat_mort": deaths * adult * health.summer_death_share * health.yll_per_death_heat,
        "noise_mort": deaths * adult * health.yll_per_death_air,
        "noise_cvd": adult * rates["cvd_incidence"].to_numpy(float) * YLD_PER_CVD,
        "noise_dm2": adult * rates["dm2_incidence"].to_numpy(float) * YLD_PER_DM2,
        "noise_ha": adult * health.annoyance_weight,
        "noise_hsd": adult * health.sleep_weight,
        "no2_mort": air * (1.0 - health.no2_pm25_overlap),
        "pm25_mort": air,
        "green_mort": deaths * adult * health.yll_per_death_air,
        "access_shortfall": np.zeros(deaths.size),
    }
    return np.stack([by_channel[name] for name in CHANNELS])


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
    shape = np.interp(
        np.nan_to_num(rank, nan=0.5),
        (0.1, 0.5, 0.9),
        (health.ses_rate_lowest, 1.0, health.ses_rate_highest),
    )
    shape = np.where(np.isnan(rank), 1.0, shape)
    total = expected.sum(axis=1)
    scaled = (expected * shape).sum(axis=1)
    scale = np.divide(total, scaled, out=np.ones_like(total), where=scaled > 0.0)
    has_rate = np.array([channel not in RATELESS for channel in CHANNELS])
    return np.where(has_rate[:, None], shape * scale[:, None], 1.0)


def total_burden(evaluation: Evaluation) -> Float:
    """Return DALY per year of all residents together (candidate,)."""
    return np.asarray(evaluation.burden.sum(axis=(1, 2, 3)))


def burden_per_1000(evaluation: Evaluation, residents: Float) -> Float:
    """Return DALY per 1000 residents per year (candidate, neighbourhood)."""
    total = evaluation.burden.sum(axis=(1, 2))
    out = np.zeros_like(total)
    return np.asarray(np.divide(1000.0 * total, residents, out=out, where=residents > 0.0))
