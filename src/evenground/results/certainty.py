"""How sure the figures are: the weakest number behind each outcome, and every assumption.

Reads the statuses in the shipped tables and the settings, so that a page can never
claim more than its weakest number. The order of statuses is that of
``evenground.objectives.health.STATUSES``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from evenground.config import RunSettings, StackingSettings
from evenground.interventions import read_table
from evenground.names import HEAT, NO2, NOISE, PM25
from evenground.objectives.cumulative import GES_EXPOSURE, NORMS, ges_classes
from evenground.objectives.health import (
    counted_channels,
    read_functions,
    select_functions,
    status_word,
    weakest_status,
)

STATUS_NL = {
    "confirmed": "bevestigd",
    "derived": "afgeleid",
    "recalled": "bekend uit de literatuur",
    "assumption": "aanname",
}
"""The statuses in Dutch, from strong to weak."""

CHANNEL_NL = {
    "heat_mort": "sterfte door warmte",
    "noise_mort": "sterfte door geluid",
    "noise_cvd": "hart- en vaatziekten door geluid",
    "noise_dm2": "diabetes door geluid",
    "noise_ha": "ernstige hinder door geluid",
    "noise_hsd": "slecht slapen door geluid",
    "no2_mort": "sterfte door stikstofdioxide",
    "pm25_mort": "sterfte door fijnstof",
    "green_mort": "sterfte door te weinig groen",
    "walk_mort": "sterfte door te weinig lopen",
    "noise_ihd": "ziekte van de kransslagaders door geluid",
    "no2_asthma": "astma bij kinderen door stikstofdioxide",
    "pm25_ihd": "sterfte aan de kransslagaders door fijnstof",
}
"""What each exposure-response function is about."""

LAYERS_NL = {HEAT: "warmte", NOISE: "geluid", NO2: "stikstofdioxide", PM25: "fijnstof"}
"""Layers with a norm, in sentences."""

ASSUMED_NL = {
    "streets.main_share": "deel van de straten met doorgaand verkeer",
    "streets.main_flow_veh_day": "verkeer op drukke straten",
    "streets.local_flow_veh_day": "verkeer in rustige straten",
    "exposure.heat_summer_factor": "deel van de koeling op een warme dag dat de hele zomer geldt",
    "exposure.ndvi_offset": "groen op de satellietkaart waar geen groen is",
    "exposure.ndvi_slope": "groen op de satellietkaart waar alles groen is",
    "exposure.summer_radiation_w_m2": "zonnestraling in de zomer",
    "exposure.summer_temperature_range_degc": "verschil tussen dag en nacht in de zomer",
    "exposure.summer_wind_m_s": "wind in de zomer",
    "exposure.sky_view_open": "zicht op de hemel in open gebied",
    "exposure.sky_view_built": "zicht op de hemel tussen gebouwen",
    "exposure.noise_street_share": "deel van het geluid dat van straten van de stad komt",
    "exposure.air_decay_m": "afstand waarop de lucht van een straat verdunt",
    "exposure.background_window_m": "gebied voor de achtergrond van de lucht",
    "interventions.public_paving_use": "deel van de openbare tegels dat eruit kan",
    "interventions.private_paving_use": "deel van de eigen tegels dat eruit kan",
    "interventions.private_uptake": "deel van de eigenaren dat meedoet",
    "interventions.tree_street_share": "deel van de straat met plek voor een boom",
    "interventions.flat_roof_share": "deel van de daken dat plat is",
    "interventions.evaporation": "verkeer dat verdwijnt als een straat autovrij wordt",
    "interventions.parallel_within_m": "afstand waarbinnen een evenwijdige straat verkeer opvangt",
    "health.summer_death_share": "deel van de sterfte in juni, juli en augustus",
    "health.lnight_offset_db": "verschil tussen geluid over het etmaal en in de nacht",
    "health.ses_rate_lowest": "sterfte en ziekte bij de laagste SES",
    "health.ses_rate_highest": "sterfte en ziekte bij de hoogste SES",
    "health.green_added_share": "deel van het effect van groen dat meetelt",
    "health.rural_summer_degc": "temperatuur in de zomer buiten de stad",
    "health.behaviour.walk_minutes_per_green_share": "minuten lopen per week erbij, van geen naar "
    "alleen groen bij de woning",
    "health.behaviour.walk_minutes_today": "minuten lopen per week nu",
    "objectives.access_target_per_1000": "speelplekken die genoeg zijn",
    "stacking.priority_share": "deel van de buurten dat laag heet in SES en in leefbaarheid",
}
"""What each setting that is an assumption stands for; a test sees that none is forgotten."""

UNIT_NL = {
    "_veh_day": "voertuigen per dag",
    "_w_m2": "W/m²",
    "_degc": "°C",
    "_m_s": "m/s",
    "_m": "meter",
    "_db": "dB",
    "_per_1000": "per 1000 inwoners",
    "walk_minutes_per_green_share": "minuten",
    "walk_minutes_today": "minuten",
    "_rate_lowest": "keer het gemiddelde",
    "_rate_highest": "keer het gemiddelde",
    "ndvi_offset": "NDVI",
    "ndvi_slope": "NDVI erbij",
}
"""Unit of a setting by how its name ends; all others are shares."""

BEHAVIOUR = "health.behaviour"
"""Where the assumption on walking stands in a case."""
ONLY_MODELLED_HEAT = (
    "exposure.summer_radiation_w_m2",
    "exposure.summer_temperature_range_degc",
    "exposure.summer_wind_m_s",
    "exposure.sky_view_open",
    "exposure.sky_view_built",
)
"""Settings that only the diagnostic equation of heat reads."""


@dataclass(frozen=True)
class Certainty:
    """The weakest number behind one outcome."""

    outcome: str
    status: str
    """Of the weakest number, in Dutch."""
    weakest: tuple[str, ...]
    """Which numbers are the weakest."""


def list_assumptions(settings: RunSettings) -> dict[str, tuple[str, float]]:
    """Return the settings of a run that are assumptions: Dutch name and value, by their key."""
    found = {}
    has_heat, unused = not _diagnoses_heat(settings), _unused(settings)
    parts = ("streets", "exposure", "interventions", "health", "objectives", "stacking")
    groups = {part: getattr(settings, part) for part in parts}
    groups[BEHAVIOUR] = settings.health.behaviour
    for part, group in groups.items():
        for name, field in type(group).model_fields.items() if group is not None else ():
            key = f"{part}.{name}"
            if "assumption" not in (field.description or ""):
                continue
            if (has_heat and key in ONLY_MODELLED_HEAT) or key in unused:
                continue
            found[key] = (ASSUMED_NL[key], float(getattr(group, name)))
    return found


def unit_of_setting(key: str) -> str:
    """Return the unit of a setting that is an assumption, in Dutch.

    Examples
    --------
    >>> unit_of_setting("exposure.air_decay_m"), unit_of_setting("stacking.priority_share")
    ('meter', 'deel, van 0 tot 1')
    """
    return next((u for end, u in UNIT_NL.items() if key.endswith(end)), "deel, van 0 tot 1")


def _diagnoses_heat(settings: RunSettings) -> bool:
    """Say whether heat comes from the diagnostic equation."""
    model = settings.exposure.heat_model
    return model == "diagnostic" or (model == "map" and HEAT not in settings.layers)


def _unused(settings: RunSettings) -> set[str]:
    """Return the assumptions that this run does not read."""
    unused = set()
    if settings.health.green_pathway != "added":
        unused.add("health.green_added_share")
    if select_functions(settings.health)["heat_mort"] != "heat_mort_nl":
        unused.add("health.rural_summer_degc")
    if settings.buildings is None:
        unused.add("interventions.flat_roof_share")
    if settings.surfaces is not None:
        unused.add("interventions.public_paving_use")
    return unused


def list_certainty(settings: RunSettings, catalogue: pd.DataFrame) -> tuple[Certainty, ...]:
    """Return the weakest number behind each outcome that a run shows.

    Parameters
    ----------
    catalogue
        The interventions of the case, by id.
    """
    chosen = list_assumptions(settings)
    first = sorted(chosen, key=lambda key: not key.startswith("health."))
    walking = [(chosen[key][0], "assumption") for key in first if key.startswith(BEHAVIOUR)]
    apart = (BEHAVIOUR, "stacking.")
    model = [(chosen[key][0], "assumption") for key in first if not key.startswith(apart)]
    model = [*model, *_rates(), *_effects(catalogue)]
    counted = set(counted_channels(settings.health))
    in_layers = counted - {"green_mort", "walk_mort"}
    summed = [*walking, *model] if "walk_mort" in counted else model
    chosen_functions = select_functions(settings.health)
    costs = [
        (f"kosten van {row['name_nl']}", str(row["cost_status"])) for _, row in catalogue.iterrows()
    ]
    found = (
        _weakest(
            "Ziektelast, verschillen en stapeling",
            [*_functions(counted, chosen_functions), *summed],
        ),
        _weakest(
            "Ziektelast door te weinig groen",
            [*_functions({"green_mort"}, chosen_functions), *model],
        ),
        _weakest("Normen overschreden", _norms()),
        _weakest("Kosten", costs),
        _weakest(
            "MGR-achtig percentage",
            [*_functions(in_layers, chosen_functions), *model, *_all_causes()],
        ),
        _weakest("Normen overschreden, naar grootte", [*_norms(), *_anchors()]),
        _weakest("GES-klassen", _ges(settings.stacking)),
    )
    if not walking:
        return found
    numbers = [*walking, *_functions({"walk_mort"}, chosen_functions), *model]
    return (*found, _weakest("Ziektelast door te weinig lopen", numbers))


def _weakest(outcome: str, numbers: list[tuple[str, str]]) -> Certainty:
    """Find the weakest of some numbers with their statuses."""
    if not numbers:
        return Certainty(outcome, STATUS_NL["assumption"], ())
    worst = weakest_status(status for _, status in numbers)
    names = dict.fromkeys(name for name, status in numbers if status_word(status) == worst)
    return Certainty(outcome, STATUS_NL[worst], tuple(names))


def _functions(channels: set[str], chosen: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Name and status of the exposure-response function of some responses."""
    table = read_functions()
    return [
        (CHANNEL_NL[name], table[erf].status)
        for name, erf in chosen.items()
        if name in channels and erf is not None
    ]


def _rates() -> Iterator[tuple[str, str]]:
    """Name and status of the death and disease rates of each age band."""
    for status in read_table("baseline_rates.csv")["status"]:
        yield "sterfte en ziekte naar leeftijd", str(status)


def _effects(catalogue: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Name and status of the effect of every intervention in the case."""
    for name, effects in zip(catalogue["name_nl"], catalogue["effects"], strict=True):
        for effect in effects:
            yield f"effect van {name}", effect.status


def _all_causes() -> list[tuple[str, str]]:
    """Name and status of what the burden by all causes rests on."""
    status = str(read_table("stacking.csv").loc["daly_per_person", "status"])
    spread = "jaren met ziekte, gelijk over de leeftijden verdeeld"
    return [(spread, "assumption"), ("ziektelast van Nederland per inwoner", status)]


def _anchors() -> list[tuple[str, str]]:
    """Name and status of the value at which each exposure is wholly bad."""
    table = read_table("stacking.csv").dropna(subset="layer").set_index("layer")["status"]
    return [(f"grens van slecht voor {LAYERS_NL[layer]}", str(table[layer])) for layer in NORMS]


def _ges(settings: StackingSettings) -> list[tuple[str, str]]:
    """Name and status of every GES class of the editions that a run uses."""
    found = []
    for layer, exposure in GES_EXPOSURE.items():
        name = f"klassen voor {LAYERS_NL[layer]}"
        found += [(name, str(status)) for status in ges_classes(exposure, settings)["status"]]
    return found


def _norms() -> list[tuple[str, str]]:
    """Name and status of every norm that exceedances are counted by."""
    status = read_table("norms.csv")["status"].astype(str)
    return [(f"norm voor {LAYERS_NL[layer]}", status[row]) for layer, row in NORMS.items()]
