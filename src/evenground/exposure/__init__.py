"""Exposure today: one grid for each layer, labelled with unit, quality and method.

A new layer is one file with a ``model`` and one line in :data:`MODELS`.
Knows nothing of what may be built or of health.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from evenground.config import ExposureSettings, FacilitySettings, RunSettings
from evenground.exposure import access, air, green, heat, noise
from evenground.names import ACCESS, EXPOSURE, GREEN, HEAT, LAYER_UNITS, NO2, NOISE, PM25
from evenground.sources import Sources
from evenground.study import StudyArea

Model = Callable[[StudyArea, Sources, ExposureSettings], NDArray[np.float32]]

MODELS: dict[str, Model] = {
    HEAT: heat.model,
    NOISE: noise.model,
    NO2: air.no2,
    PM25: air.pm25,
    GREEN: green.model,
    ACCESS: access.model,
}


@dataclass(frozen=True)
class Baseline:
    """Exposure of today, before any plan."""

    exposure: xr.Dataset
    """One variable a layer (y, x), with units, quality, year and method (Dutch)."""
    street_part: Mapping[str, NDArray[np.float32]]
    """What streets add to NO2 and PM2.5 in each cell (y, x), in ug m-3."""


def build_baseline(study: StudyArea, sources: Sources, settings: RunSettings) -> Baseline:
    """Make the exposure of every layer on the grid of the study area."""
    grids = {}
    for name, model in MODELS.items():
        array = study.grid.array(model(study, sources, settings.exposure), name, LAYER_UNITS[name])
        array.attrs |= describe(name, sources, settings.exposure, settings.facilities)
        grids[name] = EXPOSURE[name].check(array)
    streets = {
        name: air.street_part(name, grids[name].to_numpy(), study, sources, settings.exposure)
        for name in (NO2, PM25)
    }
    return Baseline(xr.Dataset(grids), streets)


METHODS = {
    HEAT: "Gemiddelde opwarming in de zomer, volgens de kaart van de gemeente.",
    NOISE: "Geluid over het hele etmaal (Lden), volgens de geluidkaart.",
    NO2: "Jaargemiddelde stikstofdioxide, volgens de luchtkaart.",
    PM25: "Jaargemiddeld fijnstof, volgens de luchtkaart.",
    GREEN: "Deel van de grond dat groen is, binnen {reach} meter van huis.",
    ACCESS: "Speel- en ontmoetingsplekken per 1000 inwoners, binnen {reach} meter van huis, "
    "hemelsbreed; {weight}.",
}
"""How a layer was made (Dutch); how far it looks is filled in from the settings."""
WEIGHTS = {
    "dichotomous": "elke plek daarbinnen telt even zwaar",
    "exponential": "een plek verder weg telt minder, aan de grens nog ruim een derde",
    "gaussian": "een plek verder weg telt minder, aan de grens niet meer",
    "density": "een plek verder weg telt minder, aan de grens niet meer, en voor de deur driekwart",
}
"""How the worth of a place falls with distance, by kernel (Dutch)."""
MODELLED_HEAT = (
    "Gemiddelde opwarming in de zomer, berekend uit groen en bebouwing binnen {reach} meter "
    "(Theeuwes 2017, met aannames over het weer): er is geen warmtekaart."
)
UNKNOWN_ACCESS = (
    "Er is geen bestand met speelplekken: de stand van nu is onbekend en telt als nul; "
    "alleen de verandering heeft betekenis."
)


TWO_WINDOW_HEAT = (
    "Gemiddelde opwarming in de zomer, berekend uit groen dichtbij en groen verder weg; "
    "de gewichten passen zo goed mogelijk bij de warmtekaart, of staan in de instellingen."
)
DIAGNOSTIC_HEAT = (
    "Gemiddelde opwarming in de zomer, berekend uit groen en bebouwing rond de woning "
    "(Theeuwes 2017, met aannames over het weer); de warmtekaart is niet gebruikt."
)


def describe(
    name: str,
    sources: Sources,
    settings: ExposureSettings | None = None,
    facilities: FacilitySettings | None = None,
) -> dict[str, str]:
    """Say how good a layer is, of which year, and how it was made (Dutch)."""
    settings = settings or ExposureSettings()
    is_replaced = name == HEAT and settings.heat_model != "map"
    if name in sources.rasters and not is_replaced:
        attrs = sources.rasters[name].attrs
        return {
            "quality": str(attrs["quality"]),
            "year": str(attrs["year"]),
            "source": str(attrs["source"]),
            "method": method_of(name, settings),
        }
    if name == ACCESS:
        return _describe_access(sources, settings, facilities)
    base = sources.rasters.get("green", sources.rasters.get("ndvi"))
    made_of = sources.surfaces if base is None else base
    attrs = {} if made_of is None else made_of.attrs
    quality = str(attrs.get("quality", "modelled"))
    return {
        # what is modelled from an invented map is invented too
        "quality": quality if quality == "fictional" or name == GREEN else "modelled",
        "year": str(attrs.get("year", "")),
        "source": str(attrs.get("source", "")),
        "method": _modelled(name, sources, settings),
    }


def _describe_access(
    sources: Sources, settings: ExposureSettings, facilities: FacilitySettings | None
) -> dict[str, str]:
    """Say of which places access was made; those of an invented file are invented too."""
    if sources.facilities is None or facilities is None:
        return {"quality": "modelled", "year": "", "source": "", "method": UNKNOWN_ACCESS}
    return {
        "quality": "fictional" if facilities.quality == "fictional" else "modelled",
        "year": str(facilities.year),
        "source": facilities.source,
        "method": method_of(ACCESS, settings),
    }


def method_of(name: str, settings: ExposureSettings) -> str:
    """Say how a layer was made, with the reach and the kernel of the settings (Dutch)."""
    reach = {GREEN: settings.green_window_m, ACCESS: settings.access_reach_m}.get(name, 0.0)
    return METHODS[name].format(reach=f"{reach:g}", weight=WEIGHTS[settings.access_kernel])


def _modelled(name: str, sources: Sources, settings: ExposureSettings) -> str:
    """Say how a layer without a map was made (Dutch)."""
    if name != HEAT:
        return method_of(name, settings)
    if settings.heat_model == "two_window":
        return TWO_WINDOW_HEAT
    reach = f"{settings.heat_window_m:g}"
    return DIAGNOSTIC_HEAT if HEAT in sources.rasters else MODELLED_HEAT.format(reach=reach)
