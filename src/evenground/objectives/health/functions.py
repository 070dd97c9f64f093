"""Which exposure-response functions there are, and which of them a run uses.

Takes the shipped table and the settings; gives one function for each response,
or says why that may not be. Knows nothing of places or people.

References
----------
Each row of ``data/exposure_response.csv`` names its own source.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from evenground.config import HealthSettings
from evenground.errors import ConfigError, DataError, Fault
from evenground.interventions import read_table
from evenground.names import ACCESS, GREEN, HEAT, NO2, NOISE, PM25

ALL_CHANNELS = {
    "heat_mort": HEAT,
    "noise_mort": NOISE,
    "noise_cvd": NOISE,
    "noise_dm2": NOISE,
    "noise_ha": NOISE,
    "noise_hsd": NOISE,
    "noise_ihd": NOISE,
    "no2_mort": NO2,
    "no2_asthma": NO2,
    "pm25_mort": PM25,
    "pm25_ihd": PM25,
    "green_mort": GREEN,
    "walk_mort": GREEN,
    "access_shortfall": ACCESS,
}
"""Every response that can be chosen, and its layer; sorted by layer."""
EXTRA = ("noise_ihd", "no2_asthma", "pm25_ihd", "walk_mort")
"""Responses that a run has only when its settings choose a function for them; walking when
they bring an assumption on behaviour."""
CHANNELS = {name: layer for name, layer in ALL_CHANNELS.items() if name not in EXTRA}
"""Responses of a run that chooses nothing."""
RATELESS = ("noise_ha", "noise_hsd", "access_shortfall")
"""Responses that rest on no death or disease rate, so that SES does not scale them."""
FUNCTIONS = {
    "heat_mort": ("heat_uhi_jja", "heat_mort_nl"),
    "noise_mort": ("noise_mort_etc",),
    "noise_cvd": ("noise_cvd_etc",),
    "noise_dm2": ("noise_dm2_etc",),
    "noise_ha": ("noise_ha_road",),
    "noise_hsd": ("noise_hsd_road",),
    "noise_ihd": ("noise_ihd_who",),
    "no2_mort": (
        "no2_mort_who",
        "no2_mort_hrapie2",
        "no2_mort_europe",
        "no2_mort_hrapie1",
        "no2_mort_nl",
    ),
    "no2_asthma": ("no2_asthma_child",),
    "pm25_mort": (
        "pm25_mort_who",
        "pm25_mort_hrapie2",
        "pm25_mort_europe",
        "pm25_mort_hrapie1",
    ),
    "pm25_ihd": ("pm25_ihd_mort",),
    "green_mort": ("green_mort",),
    "walk_mort": ("pa_walk",),
}
"""Functions that fit each response in exposure and outcome; the first is the default."""
ERFS = {name: FUNCTIONS[name][0] for name in FUNCTIONS if name in CHANNELS}
"""Default function of each response."""
REFERENCE = {
    "pm10_mort_nl": "there is no PM10 layer",
    "noise_ha_rail": "rail noise is no layer of its own",
    "noise_ha_air": "aircraft noise is no layer of its own",
    "noise_hsd_rail": "rail noise is no layer of its own",
    "noise_hsd_air": "aircraft noise is no layer of its own",
    "heat_af_nl": "it is a target to calibrate on",
    "uhi_iungman": "it is a target to calibrate on",
    "green_depr": "the table has no Dutch incidence of depression",
    "green_canopy": "there is no layer of tree crowns",
    "pa_cycle": "no layer is what people cycle more for",
}
"""Rows that are read and checked but cannot be chosen, and why."""
SETS: dict[str, dict[str, str]] = {
    "default": {},
    "low": {
        "pm25_mort": "pm25_mort_hrapie1",
        "noise_mort": "none",
        "noise_cvd": "none",
        "noise_ihd": "noise_ihd_who",
    },
    "high": {
        "pm25_mort": "pm25_mort_europe",
        "no2_mort": "no2_mort_hrapie2",
        "heat_mort": "heat_mort_nl",
    },
    "hrapie1": {"pm25_mort": "pm25_mort_hrapie1", "no2_mort": "no2_mort_hrapie1"},
    "hrapie2": {"pm25_mort": "pm25_mort_hrapie2", "no2_mort": "no2_mort_hrapie2"},
    "europe": {"pm25_mort": "pm25_mort_europe", "no2_mort": "no2_mort_europe"},
    "dutch_cohort": {"no2_mort": "no2_mort_nl"},
}
"""Named sets by the ``use`` column: what each chooses other than the default."""
INSIDE = {"pm25_ihd": ("pm25_mort",), "noise_ihd": ("noise_mort", "noise_cvd")}
"""Responses that are a part of others and may not be added to them."""
NEEDS = {
    "pm25_ihd": ("ihd_death_share",),
    "no2_asthma": ("asthma_incidence", "yld_per_asthma"),
}
"""Settings without a default that a response rests on."""
FORMS = ("loglinear", "quadratic %", "linear above threshold", "fixed AF", "odds ratio")
STATUSES = ("confirmed", "derived", "recalled", "assumption")
"""How sure a figure is, from strong to weak."""


@dataclass(frozen=True)
class Erf:
    """One exposure-response function, as shipped."""

    id: str
    form: str
    rr: float
    """Relative risk per ``per`` units of exposure; an odds ratio, or a fraction, in those forms;
    NaN in a quadratic curve."""
    per: float
    counterfactual: float
    """Exposure below which nothing is counted; NaN where the city sets it."""
    curve: tuple[float, float, float]
    """Coefficients of a quadratic curve, in percent; NaN in a relative risk."""
    status: str
    source: str
    use: str = "default"
    population: str = "adults"
    unit: str = ""
    valid_low: float = np.nan
    """Lowest and highest exposure that was studied, in ``unit``; NaN where not known."""
    valid_high: float = np.nan
    cap: float = np.nan
    """Largest reduction of the risk (0-1); NaN where there is none."""
    rr_low: float = np.nan
    """Ends of the 95 % interval of ``rr``; NaN where it was not seen."""
    rr_high: float = np.nan


def read_functions() -> dict[str, Erf]:
    """Return every exposure-response function of the table, by id.

    What no run can choose stands in :data:`REFERENCE`, with the reason.

    Raises
    ------
    DataError
        If the table has a row without its numbers, its source or a known status.
    """
    return {erf.id: erf for erf in _shipped()}


@cache
def _shipped() -> tuple[Erf, ...]:
    """Read the shipped table once."""
    table = read_table("exposure_response.csv")
    found = tuple(_erf(str(name), row) for name, row in table.iterrows())
    if faults := [fault for erf in found for fault in _erf_faults(erf)]:
        raise DataError(faults)
    return found


def _erf(name: str, row: pd.Series) -> Erf:
    """Make one function of its row; what is no number becomes NaN."""
    number = pd.to_numeric(row, errors="coerce")
    c0, c1, c2, rr, per, base = (
        float(number[key]) for key in ("c0", "c1", "c2", "rr", "per", "counterfactual")
    )
    text = {key: "" if pd.isna(row[key]) else str(row[key]) for key in row.index}
    low, high, cap = parse_range(text["valid_range"])
    return Erf(
        id=name,
        form=text["form"],
        rr=rr,
        per=per,
        counterfactual=base,
        curve=(c0, c1, c2),
        status=text["status"],
        source=text["source"],
        use=text["use"],
        population=text["population"],
        unit=text["unit"],
        valid_low=low,
        valid_high=high,
        cap=cap,
        rr_low=float(number["rr_low"]),
        rr_high=float(number["rr_high"]),
    )


def parse_range(text: str) -> tuple[float, float, float]:
    """Return the lowest and highest exposure that a text gives, and its cap on the reduction.

    Examples
    --------
    >>> parse_range("5-35 (steeper below 12 in Europe)")
    (5.0, 35.0, nan)
    >>> parse_range(">20")
    (20.0, inf, nan)
    >>> parse_range("cap: 30% reduction")
    (nan, nan, 0.3)
    """
    number = r"(\d+(?:\.\d+)?)"
    if found := re.match(rf"{number}-{number}", text):
        return float(found[1]), float(found[2]), np.nan
    if found := re.match(rf">{number}", text):
        return float(found[1]), np.inf, np.nan
    if found := re.match(rf"cap: {number}%", text):
        return np.nan, np.nan, float(found[1]) / 100.0
    return np.nan, np.nan, np.nan


def _erf_faults(erf: Erf) -> list[Fault]:
    """Say what a function lacks."""
    place, faults = f"exposure_response.csv, {erf.id}", []
    needed = {
        "loglinear": (erf.rr, erf.per),
        "quadratic %": (*erf.curve, erf.counterfactual),
        "linear above threshold": (erf.rr, erf.per, erf.counterfactual),
        "fixed AF": (erf.rr,),
        "odds ratio": (erf.rr,),
    }.get(erf.form)
    if needed is None:
        return [Fault(place, f"found form {erf.form!r}.", f"Choose one of {FORMS}.")]
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


def select_functions(health: HealthSettings) -> dict[str, str | None]:
    """Return the function of every response of a run; None where the run switches it off.

    Raises
    ------
    ConfigError
        With every choice that is unknown, that does not fit, or that counts deaths twice.
    """
    wanted = {**SETS[health.function_set], **health.functions}
    if health.behaviour is not None:
        wanted.setdefault("walk_mort", FUNCTIONS["walk_mort"][0])
    if faults := [fault for item in wanted.items() for fault in _choice_faults(*item)]:
        raise ConfigError(faults)
    chosen = {**ERFS, **wanted}
    out = {
        name: None if chosen[name] == "none" else chosen[name]
        for name in ALL_CHANNELS
        if name in ERFS or chosen.get(name, "none") != "none"
    }
    faults = [*_double_faults(out), *_missing_faults(out, health), *_effect_faults(health)]
    if faults := [*faults, *_behaviour_faults(out, health)]:
        raise ConfigError(faults)
    return out


def list_channels(health: HealthSettings) -> dict[str, str]:
    """Return the responses of a run and their layers, sorted by layer."""
    chosen = select_functions(health)
    return {name: layer for name, layer in ALL_CHANNELS.items() if name in (*chosen, *CHANNELS)}


def _choice_faults(channel: str, name: str) -> list[Fault]:
    """Say why a response cannot have a function."""
    place = f"health.functions.{channel}"
    if channel not in FUNCTIONS:
        cure = f"Choose from {', '.join(FUNCTIONS)}."
        return [Fault(place, "there is no such response.", cure)]
    cure = f"Choose from {', '.join(FUNCTIONS[channel])}, or none."
    if name == "none" or name in FUNCTIONS[channel]:
        return []
    if name in REFERENCE:
        return [Fault(place, f"{name} is for reference only: {REFERENCE[name]}.", cure)]
    if any(name in ids for ids in FUNCTIONS.values()):
        return [Fault(place, f"{name} is of another exposure or outcome.", cure)]
    return [Fault(place, f"found {name!r}, which is no function.", cure)]


def _double_faults(chosen: Mapping[str, str | None]) -> list[Fault]:
    """Say which responses would count the same people twice."""
    return [
        Fault(
            f"health.functions.{part}",
            f"{chosen[part]} may not be added to {chosen[whole]}: one is in the other.",
            f'Set {whole} = "none", or leave {part} out.',
        )
        for part, wholes in INSIDE.items()
        for whole in wholes
        if chosen.get(part) and chosen.get(whole)
    ]


def _missing_faults(chosen: Mapping[str, str | None], health: HealthSettings) -> list[Fault]:
    """Say which rates a chosen response still needs."""
    return [
        Fault(f"health.{key}", f"is missing, and {part} rests on it.", "Give it with its source.")
        for part, keys in NEEDS.items()
        if chosen.get(part)
        for key in keys
        if getattr(health, key) is None
    ]


def _behaviour_faults(chosen: Mapping[str, str | None], health: HealthSettings) -> list[Fault]:
    """Say where walking and the assumption that it rests on do not go together."""
    is_chosen, is_given = bool(chosen.get("walk_mort")), health.behaviour is not None
    if is_chosen and not is_given:
        finding = "rests on how much more people walk, and no such assumption is given."
        cure = "Give [health.behaviour] with its source, or leave walk_mort out."
        return [Fault("health.functions.walk_mort", finding, cure)]
    if is_given and not is_chosen:
        finding = "is none, so that nothing reads [health.behaviour]."
        return [Fault("health.functions.walk_mort", finding, "Leave one of the two out.")]
    return []


def _effect_faults(health: HealthSettings) -> list[Fault]:
    """Say which multipliers belong to no response."""
    return [
        Fault(
            f"health.effect_lowest.{name}",
            "there is no such response.",
            f"Choose from {', '.join(FUNCTIONS)}.",
        )
        for name in health.effect_lowest
        if name not in FUNCTIONS
    ]
