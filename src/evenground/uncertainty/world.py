"""The city of one draw: the same people and options, with other functions, effects and maps.

Takes the products of a case and one draw; gives the problem as it would be if the drawn
numbers were true. Every plan is judged in it by the same kernels. What scores are measured
by (kappa, the reference of the stack, the rank by SES) stays as it was frozen today.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from evenground.config import HealthSettings, RunSettings
from evenground.interventions import Options, Response, annuity, scale_effects
from evenground.interventions.response import SLOTS
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.objectives.health import Erf, build_health_model, read_functions, select_functions
from evenground.objectives.stacking import restack
from evenground.optimise import Problem
from evenground.study import StudyArea
from evenground.uncertainty.numbers import (
    LAYERS_WITH_ERROR,
    Uncertain,
    normal,
    slope_ends,
)

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Places = Mapping[str, float]

WIDEST = 4.0
"""Standard deviations of a map that the tables of the functions still hold."""
LOCAL_SHARE = 0.5
"""Part of the variance of a map that differs from neighbourhood to neighbourhood (assumption)."""
SLOTS_OF = {
    "green_m2": (HEAT, GREEN),
    "green_cover_m2": (GREEN,),
    "edge_cooling_degc": (HEAT,),
    "places": (ACCESS,),
    "no2_part": (NO2,),
    "pm25_part": (PM25,),
}
"""What grows with the figure of an effect."""


@dataclass(frozen=True)
class Base:
    """What all draws of a case share."""

    settings: RunSettings
    study: StudyArea
    response: Response
    problem: Problem
    ranges: Mapping[str, tuple[float, float]]
    mean_ndvi: float
    modifier: Float | None
    """How much stronger responses are for the vulnerable (channel, neighbourhood)."""
    numbers: Mapping[str, Uncertain]
    field: Mapping[str, Float]
    """Two fixed fields of normal numbers for each layer (2, neighbourhood)."""


def build_base(
    settings: RunSettings,
    study: StudyArea,
    response: Response,
    problem: Problem,
    *,
    ranges: Mapping[str, tuple[float, float]],
    mean_ndvi: float,
    modifier: Float | None,
    numbers: tuple[Uncertain, ...],
) -> Base:
    """Gather what all draws share; the tables are widened to what erring maps can bring."""
    rng = np.random.default_rng([settings.search.seed, 73])
    n = len(study.neighbourhoods)
    return Base(
        settings=settings,
        study=study,
        response=response,
        problem=problem,
        ranges=_widened(ranges, numbers),
        mean_ndvi=mean_ndvi,
        modifier=modifier,
        numbers={number.id: number for number in numbers},
        field={layer: rng.standard_normal((2, n)) for layer in LAYERS_WITH_ERROR},
    )


def _widened(
    ranges: Mapping[str, tuple[float, float]], numbers: tuple[Uncertain, ...]
) -> dict[str, tuple[float, float]]:
    """Widen the ranges of exposure by what the maps may err."""
    out = dict(ranges)
    for number in numbers:
        layer = number.id.removeprefix("data.")
        if number.form != "normal" or layer not in out:
            continue
        low, high = out[layer]
        most = WIDEST * number.high / 1.96
        is_relative = number.unit.startswith("relative")
        wide = (
            (low * np.exp(-most), high * np.exp(most)) if is_relative else (low - most, high + most)
        )
        out[layer] = (float(wide[0]), float(wide[1]))
    return out


def build_world(base: Base, places: Places) -> Problem:
    """Return the problem of one draw.

    Parameters
    ----------
    places
        Where the draw lies in the distribution of each number (0-1); a number that is
        missing stays at its middle.
    """
    health, functions = _health(base, places)
    model = build_health_model(
        base.study,
        base.ranges,
        base.mean_ndvi,
        exposure=base.settings.exposure,
        health=health,
        access_target=base.settings.objectives.access_target_per_1000,
        modifier=base.modifier,
        functions=functions,
    )
    stack = restack(base.problem.evaluator.stack, model.dose, base.study.group_residents)
    response = _response(base, places)
    evaluator = base.problem.evaluator.under(response, model.dose, stack)
    capital, yearly = _costs(base, places)
    options = replace(base.problem.options, capital_eur=capital, yearly_eur=yearly)
    frame = replace(base.problem.frame, yearly_eur=yearly)
    rules = replace(base.problem.rules, capital_eur=capital)
    return replace(base.problem, options=options, evaluator=evaluator, frame=frame, rules=rules)


def _drawn(base: Base, places: Places, prefix: str) -> dict[str, float]:
    """Values of the numbers whose id begins with a word, by the rest of the id."""
    return {
        name.removeprefix(f"{prefix}."): float(base.numbers[name].value(np.array(u)))
        for name, u in places.items()
        if name.startswith(f"{prefix}.")
    }


def _health(base: Base, places: Places) -> tuple[HealthSettings, dict[str, Erf]]:
    """Return the settings and the functions of a draw."""
    own = base.settings.health
    drawn: dict[str, object] = dict(_drawn(base, places, "health"))
    spread = drawn.pop("ses_spread", 1.0)
    if isinstance(spread, float) and spread != 1.0:
        for key in ("ses_rate_lowest", "ses_rate_highest"):
            drawn[key] = 1.0 + spread * (getattr(own, key) - 1.0)
    chosen = {
        channel: base.numbers[f"function.{channel}"].choices[int(k)]
        for channel, k in _drawn(base, places, "function").items()
    }
    drawn["functions"] = {**own.functions, **chosen}
    health = own.model_copy(update=drawn)
    table = read_functions()
    for channel, name in select_functions(health).items():
        if name is not None and f"slope.{channel}" in places:
            z = float(ndtri(places[f"slope.{channel}"]))
            number = base.numbers[f"slope.{channel}"]
            is_own = name == select_functions(own)[channel]
            low, high = (number.low, number.high) if is_own else slope_ends(table[name])[:2]
            table[name] = steeper(table[name], float(normal(np.array(z), low, 1.0, high)))
    return health, table


def steeper(erf: Erf, times: float) -> Erf:
    """Return a function with its slope some times as steep: that of ln RR where it has one."""
    if erf.form == "quadratic %":
        # only the excess above the floor is counted, so that the level may scale as well
        c0, c1, c2 = erf.curve
        return replace(erf, curve=(times * c0, times * c1, times * c2))
    if erf.form == "linear above threshold":
        return replace(erf, rr=1.0 + times * (erf.rr - 1.0))
    return replace(erf, rr=erf.rr**times)


def _response(base: Base, places: Places) -> Response:
    """Return the response of a draw: other maps of today, and other effects."""
    response, zone = base.response, base.study.receptors.neighbourhood
    state, level = response.baseline.copy(), response.level.copy()
    turn = 2.0 * np.pi * places.get("data.local", 0.0)
    mix = np.array([np.cos(turn), np.sin(turn)]) * ("data.local" in places)
    for layer in LAYERS_WITH_ERROR:
        number = base.numbers.get(f"data.{layer}")
        if number is None:
            continue
        sd = number.high / 1.96
        common = ndtri(places.get(number.id, 0.5))
        local = mix @ base.field[layer]
        error = sd * (np.sqrt(1.0 - LOCAL_SHARE) * common + np.sqrt(LOCAL_SHARE) * local)
        k = LAYERS.index(layer)
        row = level[k] if response.is_energy[k] else state[k]
        if number.unit.startswith("relative"):
            row *= np.exp(error)[zone].astype(np.float32)
        else:
            row += error[zone].astype(np.float32)
    changed = replace(response, baseline=state, level=level)
    return scale_effects(changed, base.problem.options, _effect_scales(base, places))


def _effect_scales(base: Base, places: Places) -> dict[tuple[str, str], float]:
    """Return by how much each intervention acts more, by intervention (or a star) and slot."""
    drawn = _drawn(base, places, "effect")
    street = ("noise", "no2", "pm25")
    air = tuple(slot for slot in SLOTS if slot.startswith(("no2", "pm25")))
    noise = tuple(slot for slot in SLOTS if slot.startswith("noise"))
    out: dict[tuple[str, str], float] = {}

    def times(name: str, slots: tuple[str, ...], scale: float) -> None:
        for slot in slots:
            out[name, slot] = out.get((name, slot), 1.0) * scale

    times("*", (HEAT,), drawn.get("cooling", 1.0) * drawn.get("summer", 1.0))
    times("*", noise, drawn.get("street_noise", 1.0))
    times("*", air, drawn.get("street_air", 1.0))
    catalogue = base.problem.options.interventions
    for name in catalogue.index:
        times(str(name), (NOISE,), drawn.get(str(name), 1.0))
    if "evaporation" in drawn:
        own = base.settings.interventions.evaporation
        less = (1.0 - drawn["evaporation"]) / (1.0 - own) if own < 1.0 else 1.0
        times("*", tuple(f"{layer}_moved" for layer in street), less)
    parks = set(catalogue.index[catalogue["edge_cooling_degc"].notna()])
    for key, value in drawn.items():
        name, _, effect = key.partition(".")
        mid = base.numbers[f"effect.{key}"].mid
        if effect == "traffic_factor":
            times(name, (*noise, *air), (1.0 - value) / (1.0 - mid))
        elif effect == "green_m2" and name in parks:
            times(name, (GREEN,), value / mid)  # the cooling of a park is drawn with its edge
        elif effect:
            times(name, SLOTS_OF[effect], value / mid)
    return out


def _costs(base: Base, places: Places) -> tuple[Float, Float]:
    """Return euros to build a step of each option, and euros per year (option,)."""
    options: Options = base.problem.options
    capital, yearly = options.capital_eur.copy(), options.yearly_eur.copy()
    catalogue = options.interventions
    share = annuity(
        base.settings.interventions.discount_rate, catalogue["lifetime_y"].astype(float)
    )
    for row, name in enumerate(catalogue.index):
        if f"cost.{name}" not in places:
            continue
        number = base.numbers[f"cost.{name}"]
        more = float(number.value(np.array(places[f"cost.{name}"]))) - number.mid
        chosen = options.intervention == row
        capital[chosen] += options.step[chosen] * more
        yearly[chosen] += options.step[chosen] * more * float(share.iloc[row])
    return capital, yearly
