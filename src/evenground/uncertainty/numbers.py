"""The uncertain numbers of a case: exposure-response, effects, costs and errors of the maps.

Takes the shipped tables and the settings; gives one number for each number that the case
rests on, with its middle, its ends, and where they come from. Knows nothing of plans.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from evenground.config import RunSettings
from evenground.errors import ConfigError, Fault, few
from evenground.interventions import read_table
from evenground.names import HEAT, NO2, NOISE, PM25
from evenground.objectives.health import FUNCTIONS, Erf, read_functions, select_functions

Float = NDArray[np.float64]

SURE = 1.959963984540054
"""Standard deviations from the middle to the ends of a 95 % interval."""
CHOSEN = ("no2_mort", "pm25_mort")
"""Responses for which several functions of today are in use."""
OUTDATED = ("historic", "Dutch cross-check")
"""Uses of a function that no draw chooses."""
FORMS = ("normal", "range", "choice", "turn")
LAYERS_WITH_ERROR = (HEAT, NOISE, NO2, PM25)


@dataclass(frozen=True)
class Uncertain:
    """One uncertain number."""

    id: str
    group: str
    """function, health, effect, cost or data."""
    form: str
    """normal (low and high end a 95 % interval), range (half of the draws on either side of
    the middle), choice (of functions), or turn (a full turn that mixes two fixed fields)."""
    low: float
    mid: float
    high: float
    unit: str
    status: str
    source: str
    name: str = ""
    """Dutch name, where the table gives one."""
    choices: tuple[str, ...] = ()
    """Functions; the first takes half of the draws, the others share the rest."""

    def value(self, u: Float) -> Float:
        """Return the number at places ``u`` (0-1) of its distribution; of a choice, its index."""
        if self.form == "normal":
            return normal(ndtri(u), self.low, self.mid, self.high)
        if self.form == "range":
            return np.asarray(np.interp(u, (0.0, 0.5, 1.0), (self.low, self.mid, self.high)))
        if self.form == "choice":
            return np.searchsorted(np.cumsum(self.shares)[:-1], u, side="right").astype(float)
        return np.asarray(u, float)

    @property
    def shares(self) -> Float:
        """Share of the draws of each choice (choice,)."""
        n = len(self.choices)
        return np.array([1.0]) if n == 1 else np.array([0.5] + [0.5 / (n - 1)] * (n - 1))


def normal(z: Float, low: float, mid: float, high: float) -> Float:
    r"""Return a number that is normal on either side of its middle, with its own spread there.

    Notes
    -----
    .. math:: x = m + \frac{z}{1.96} (h - m) \text{ for } z > 0, \quad
        m + \frac{z}{1.96} (m - l) \text{ otherwise}
    """
    side = np.where(z > 0.0, high - mid, mid - low)
    return np.asarray(mid + z / SURE * side)


def list_uncertain(
    settings: RunSettings, catalogue: pd.DataFrame, quality: Mapping[str, str]
) -> tuple[Uncertain, ...]:
    """Return the uncertain numbers that a case rests on, those it holds fixed left out.

    Parameters
    ----------
    catalogue
        Interventions of the case, by id, with their costs.
    quality
        How each layer was made, by layer.

    Raises
    ------
    ConfigError
        If the settings fix, or give ends of, a number that the case does not rest on.
    """
    found = (
        *_functions(settings),
        *_health(settings),
        *_effects(settings, catalogue),
        *_costs(catalogue),
        *_data(quality),
    )
    known = {number.id: number for number in found}
    _check_names(settings, known)
    ends = settings.uncertainty.ranges
    return tuple(
        _with_ends(number, *ends[name]) if name in ends else number
        for name, number in known.items()
        if name not in settings.uncertainty.fixed
    )


def check_uncertain(settings: RunSettings, catalogue: pd.DataFrame) -> None:
    """Raise if the settings name an uncertain number that the case does not rest on.

    Raises
    ------
    ConfigError
        With every such name, and every range that misses its middle.
    """
    # ids and middles do not depend on how good the maps are
    list_uncertain(settings, catalogue, dict.fromkeys(LAYERS_WITH_ERROR, "modelled"))


def _check_names(settings: RunSettings, known: Mapping[str, Uncertain]) -> None:
    """Refuse ids that are not of this case, and ends for what has none."""
    faults = []
    for key in ("fixed", "ranges"):
        for name in getattr(settings.uncertainty, key):
            place = f"uncertainty.{key}, {name}"
            if name not in known:
                near = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or list(known)
                cure = f"Choose from {few(near)}."
                faults.append(Fault(place, "this run rests on no such number.", cure))
            elif key == "ranges" and known[name].form in {"choice", "turn"}:
                cure = "Put it in fixed, or leave it out."
                faults.append(Fault(place, f"a {known[name].form} has no ends.", cure))
            elif key == "ranges" and not _holds(known[name], *settings.uncertainty.ranges[name]):
                low, high = settings.uncertainty.ranges[name]
                finding = f"{low} to {high} does not hold the middle, {known[name].mid}."
                faults.append(Fault(place, finding, "Give ends on either side of it."))
    if faults:
        raise ConfigError(faults)


def _holds(number: Uncertain, low: float, high: float) -> bool:
    """Say whether the ends lie on either side of the middle."""
    return low <= number.mid <= high


def _with_ends(number: Uncertain, low: float, high: float) -> Uncertain:
    """Return the number with the ends that the case gives."""
    return replace(number, low=low, high=high, status="assumption", source="eigen opgave")


def _rows(prefix: str) -> Iterator[tuple[str, pd.Series]]:
    """Give the rows of the shipped table whose id begins with a word."""
    for name, row in read_table("uncertainty.csv").iterrows():
        if str(name).startswith(f"{prefix}."):
            yield str(name), row


def _of_row(name: str, group: str, row: pd.Series, mid: float | None = None) -> Uncertain:
    """Make a number of a row; the run's own setting is its middle, and inside its ends."""
    middle = float(row["mid"]) if mid is None else mid
    return Uncertain(
        id=name,
        group=group,
        form=str(row["form"]),
        low=min(float(row["low"]), middle),
        mid=middle,
        high=max(float(row["high"]), middle),
        unit=str(row["unit"]),
        status=str(row["status"]),
        source=str(row["source"]),
        name="" if pd.isna(row["name_nl"]) else str(row["name_nl"]),
    )


def _functions(settings: RunSettings) -> Iterator[Uncertain]:
    """Give the slope of every function of the run, and the choice between functions."""
    table = read_functions()
    for channel, name in select_functions(settings.health).items():
        if name is None:
            continue
        erf = table[name]
        if channel in CHOSEN:
            others = [
                other
                for other in FUNCTIONS[channel]
                if other != name and not table[other].use.startswith(OUTDATED)
            ]
            choices = (name, *others)
            source = "; ".join(dict.fromkeys(table[key].source for key in choices))
            yield Uncertain(f"function.{channel}", "function", "choice", 0.0, 0.0,
                         len(others), "function", erf.status, source, choices=choices)  # fmt: skip
        low, high, status = slope_ends(erf)
        yield Uncertain(f"slope.{channel}", "function", "normal", low, 1.0, high,
                     "times the slope", status, erf.source)  # fmt: skip


def slope_ends(erf: Erf) -> tuple[float, float, str]:
    """Return the 95 % interval of a function as multiples of its slope, and its status.

    That of a log-linear function is in the logarithm of the relative risk. A protective
    function has its ends the other way round.

    Raises
    ------
    KeyError
        If neither the function nor ``data/uncertainty.csv`` has an interval.
    """
    if np.isfinite(erf.rr_low) and np.isfinite(erf.rr_high):
        ends = np.log([erf.rr_low, erf.rr_high]) / np.log(erf.rr)
        return float(ends.min()), float(ends.max()), erf.status
    row = dict(_rows("slope"))[f"slope.{erf.id}"]
    return float(row["low"]), float(row["high"]), str(row["status"])


def _health(settings: RunSettings) -> Iterator[Uncertain]:
    """Give the numbers behind deaths, years and weights."""
    for name, row in _rows("health"):
        key = name.removeprefix("health.")
        own = None if key == "ses_spread" else float(getattr(settings.health, key))
        yield _of_row(name, "health", row, own)


EFFECTS_OF = {
    "effect.cooling": ("green_m2",),
    "effect.summer": ("green_m2", "edge_cooling_degc"),
    "effect.street_noise": ("surface", "speed", "traffic_factor"),
    "effect.street_air": ("traffic_factor", "no2_part", "pm25_part"),
    "effect.evaporation": ("traffic_factor",),
}
"""Effects of interventions without which a number changes nothing."""


def _effects(settings: RunSettings, catalogue: pd.DataFrame) -> Iterator[Uncertain]:
    """Give how much the interventions of the case change."""
    there = {effect.name for effects in catalogue["effects"] for effect in effects}
    for name, row in _rows("effect"):
        own_key = name.removeprefix("effect.")
        is_there = own_key in catalogue.index or there & set(EFFECTS_OF.get(name, ()))
        if is_there:
            own = settings.interventions.evaporation if own_key == "evaporation" else None
            yield _of_row(name, "effect", row, own)
    for key, effects in catalogue["effects"].items():
        for effect in effects:
            # what is nothing in the middle cannot be drawn as so many times that
            if effect.low < effect.high and effect.mid:
                yield Uncertain(f"effect.{key}.{effect.name}", "effect", "range",
                             effect.low, effect.mid, effect.high,
                             effect.unit, effect.status, effect.source)  # fmt: skip


def _costs(catalogue: pd.DataFrame) -> Iterator[Uncertain]:
    """Give the cost to build each intervention, about the level that the case chooses."""
    for key, row in catalogue.iterrows():
        mid = float(row["capital_eur"])
        low, high = min(float(row["capital_low"]), mid), max(float(row["capital_high"]), mid)
        unit, status = f"EUR per {row['unit']}", str(row["cost_status"])
        yield Uncertain(f"cost.{key}", "cost", "range", low, mid, high,
                        unit, status, str(row["source"]))  # fmt: skip


def _data(quality: Mapping[str, str]) -> Iterator[Uncertain]:
    """Give the error of each map, in standard deviations, and how it varies in space."""
    table = read_table("data_error.csv")
    for layer in LAYERS_WITH_ERROR:
        # an invented layer errs as a modelled one would
        made = {"fictional": "modelled"}.get(quality[layer], quality[layer])
        row = table.loc[layer].set_index("quality").loc[made]
        reach = SURE * float(str(row["sd"]))
        unit, status = f"{row['form']} {row['unit']}", str(row["status"])
        yield Uncertain(f"data.{layer}", "data", "normal", -reach, 0.0, reach,
                        unit, status, str(row["source"]))  # fmt: skip
    for name, row in _rows("data"):
        yield _of_row(name, "data", row)
