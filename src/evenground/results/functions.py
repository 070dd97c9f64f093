"""What the exposure-response functions of a run leave open, in Dutch sentences."""

import numpy as np

from evenground.config import HealthSettings
from evenground.objectives.health import ERFS, Fit, counted_channels, select_functions
from evenground.results.certainty import CHANNEL_NL
from evenground.results.numbers import compact, number, persons

UNIT_NL = {"ug/m3": "µg/m³", "dB": "dB", "degC": "°C", "degC above 16.5": "°C", "NDVI": "NDVI"}
"""Units of the table of functions, as planners know them."""


def find_functions(fits: tuple[Fit, ...], health: HealthSettings) -> list[str]:
    """Return what planners must know of the functions that a run uses.

    Parameters
    ----------
    fits
        Whom the functions do not fit today.
    """
    walking = [
        text for fit in fits if fit.channel == "walk_mort" for text in _on_walking(fit, health)
    ]
    ranges = tuple(fit for fit in fits if fit.channel != "walk_mort")
    return [*_on_pathways(health), *walking, *_on_choice(health), *_on_ranges(ranges, health)]


def name_burdens(health: HealthSettings) -> str:
    """Return what the burden of a run is due to, for a sentence."""
    counted = counted_channels(health)
    parts = ["warmte", "geluid", "lucht"]
    parts += ["te weinig groen"] if "green_mort" in counted else []
    parts += ["te weinig lopen"] if "walk_mort" in counted else []
    return f"{', '.join(parts[:-1])} en {parts[-1]}"


def _on_walking(fit: Fit, health: HealthSettings) -> list[str]:
    """Say what is assumed of walking, whether it counts, and whom the assumption does not fit."""
    assumed = health.behaviour
    if assumed is None:
        return []
    how = (
        "LET OP: dat meer lopen sterfte voorkomt, is bij de ziektelast opgeteld. In de stapeling "
        "telt het niet mee."
        if assumed.counted
        else "Dat meer lopen sterfte voorkomt, staat naast de ziektelast en zit niet in de som."
    )
    said = (
        f"{how} Aangenomen is dat mensen nu {compact(assumed.walk_minutes_today)} minuten per week "
        f"lopen, en {compact(assumed.walk_minutes_per_green_share)} minuten meer als het groen bij "
        f"de woning van niets naar alles gaat (bron: {assumed.source}). Het geldt voor 20 tot en "
        f"met 74 jaar. Boven {number(fit.high)} minuten voorkomt meer lopen niets meer."
    )
    if fit.above >= 0.5:
        said += f" Nu lopen {persons(fit.above)} inwoners al zoveel."
    if fit.below >= 0.5:
        said += (
            f" Voor {persons(fit.below)} inwoners geeft de aanname minder dan nul minuten; daar is "
            "met nul gerekend."
        )
    return [said]


def _on_pathways(health: HealthSettings) -> list[str]:
    """Say loudly that green is added, though its effect overlaps with others."""
    if health.green_pathway != "added":
        return []
    share = number(100.0 * health.green_added_share)
    said = (
        f"LET OP: het effect van groen op sterfte is voor {share} % bij de ziektelast opgeteld. "
        "Dat effect loopt deels via koelte, schone lucht en stilte, en die tellen al mee. Het "
        "deel is een aanname. In de stapeling telt groen niet mee."
    )
    return [said]


def _on_choice(health: HealthSettings) -> list[str]:
    """Say which functions are not the default, and which effects are made stronger."""
    chosen = select_functions(health)
    other = [
        f"{CHANNEL_NL[channel]}: {name or 'niet berekend'}"
        for channel, name in chosen.items()
        if name != ERFS.get(channel) and channel != "walk_mort"
    ]
    out = []
    if other:
        out.append(f"Deze rekenregels zijn anders dan gewoonlijk: {'; '.join(other)}.")
    if health.function_set == "dutch_cohort":
        out.append(
            "Het Nederlandse onderzoek naar PM10 kan niet worden gebruikt: er is geen kaart van "
            "PM10. Voor fijnstof geldt de gewone rekenregel."
        )
    stronger = {name: times for name, times in health.effect_lowest.items() if times != 1.0}
    if stronger:
        said = "; ".join(f"{CHANNEL_NL[k]}: {number(v, 2)} keer" for k, v in stronger.items())
        out.append(
            f"In buurten met de laagste SES telt een effect zwaarder of lichter ({said}). Het "
            "bewijs daarvoor is zwak."
        )
    return out


def _on_ranges(fits: tuple[Fit, ...], health: HealthSettings) -> list[str]:
    """Say how many residents live where a function was not studied."""
    out, unknown = [], []
    for fit in fits:
        if np.isnan(fit.low) and np.isnan(fit.high):
            unknown.append(f"{CHANNEL_NL[fit.channel]} ({fit.function})")
        elif fit.below + fit.above >= 0.5:
            out.append(_outside(fit, health))
    if unknown:
        out.append(
            f"Van deze rekenregels is niet bekend voor welke blootstelling zij gelden: "
            f"{'; '.join(unknown)}."
        )
    return out


def _outside(fit: Fit, health: HealthSettings) -> str:
    """Say how many residents live outside the range of one function, and what happens there."""
    unit = UNIT_NL.get(fit.unit, fit.unit)
    reach = f"boven {number(fit.low, 1)} {unit}"
    if np.isfinite(fit.high):
        reach = f"van {number(fit.low, 1)} tot {number(fit.high, 1)} {unit}"
    goes_on = fit.below >= 0.5 or health.beyond_range == "continue"
    how = "loopt daar gewoon door" if goes_on else "blijft daar gelijk aan die op de grens"
    return (
        f"De rekenregel voor {CHANNEL_NL[fit.channel]} is onderzocht {reach}. Nu wonen "
        f"{persons(fit.below)} inwoners daaronder en {persons(fit.above)} daarboven. De regel "
        f"{how}; die uitkomst is minder zeker."
    )
