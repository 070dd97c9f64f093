"""The front as a labelled dataset, and the layers as they are called.

Labels again what the search kept as bare arrays.
"""

import numpy as np
import pandas as pd
import xarray as xr

from evenground.exposure import Baseline
from evenground.names import CANDIDATE, LAYERS, OPTION
from evenground.objectives import DISTRIBUTION, SIDE
from evenground.optimise import ORIGINS, SCORES, Archive
from evenground.results.origins import brought_by
from evenground.results.records import LayerInfo

SCORE_UNITS = {
    "burden": "DALY year-1",
    "inequality": "DALY per 1000 residents year-1",
    "ses_gradient": "DALY per 1000 residents year-1",
    "stacking": "1",
    "access": "1",
    "cost": "EUR year-1",
    "capital": "EUR",
}

ORIGIN = {
    "long_name": "what found the plan",
    "flag_values": np.arange(len(ORIGINS), dtype=np.int8),
    "flag_meanings": " ".join(ORIGINS),
}
"""Attributes of the origin of a candidate."""


PER_1000 = "DALY per 1000 residents year-1"
ABSOLUTE = ("kolm_pollak", "generalised_concentration", "slope_index", "group_gap")
"""Measures of distribution in the unit of the burden per resident; all others have none."""
MEASURE_UNITS = {name: PER_1000 if name in ABSOLUTE else "1" for name in DISTRIBUTION}


def build_front(
    archive: Archive, objectives: tuple[str, ...] = (), history: pd.DataFrame | None = None
) -> xr.Dataset:
    """Label the archive (CF ragged array: each candidate's active options one after another).

    Parameters
    ----------
    objectives
        What the search lowered, in order; measures of distribution among them are kept too.
    history
        Of the search, from which the attributes tell how much of the hypervolume each part of
        it added; see ``origins.brought_by``.
    """
    count = np.array([option.size for option, _ in archive.plans], np.int32)
    option = np.concatenate([option for option, _ in archive.plans] or [np.zeros(0, np.int32)])
    amount = np.concatenate([amount for _, amount in archive.plans] or [np.zeros(0, np.int16)])
    scores = {
        name: (CANDIDATE, archive.scores[:, k], {"units": SCORE_UNITS[name]})
        for k, name in enumerate(SCORES)
    }
    scores |= {
        name: (CANDIDATE, archive.goals[:, k], _attributes(name))
        for k, name in enumerate(objectives)
        if name in DISTRIBUTION
    }
    ragged = {"sample_dimension": "active", "long_name": "number of active options"}
    added = {} if history is None else brought_by(history)
    brought = {f"hypervolume_by_{origin}": value for origin, value in added.items()}
    return xr.Dataset(
        {
            **scores,
            "is_seed": (CANDIDATE, archive.is_seed.astype(np.int8)),
            "origin": (CANDIDATE, archive.origin, ORIGIN),
            "active_count": (CANDIDATE, count, ragged),
            OPTION: ("active", option.astype(np.int32)),
            "amount": ("active", amount, {"long_name": "steps of the option"}),
        },
        attrs={
            "Conventions": "CF-1.11",
            "featureType": "",
            "title": "evenground front",
            **brought,
        },
    )


def _attributes(name: str) -> dict[str, str]:
    """Return unit and meaning of a measure of distribution that the search lowered."""
    way = "unfair side only: zero is fair" if name in SIDE else "zero is equal"
    return {"units": MEASURE_UNITS[name], "long_name": f"{name} as an objective, {way}"}


TITLES = {
    "heat": ("Warmte in de zomer", "°C"),
    "noise": ("Geluid (Lden)", "dB"),
    "no2": ("Stikstofdioxide (NO₂)", "µg/m³"),
    "pm25": ("Fijnstof (PM2,5)", "µg/m³"),
    "green": ("Groen om het huis", "deel"),
    "access": ("Plekken om te spelen", "per 1000 inwoners"),
}


QUALITIES = {
    "measured": "gemeten",
    "coarse": "grof",
    "modelled": "gemodelleerd",
    "fictional": "fictief",
}
"""How a layer was made, in Dutch."""


def describe_layers(baseline: Baseline, *, fictional: bool) -> tuple[LayerInfo, ...]:
    """Return the name and label of every layer, in the order of ``LAYERS``.

    Of an invented place every layer is called fictional, also one that is modelled.
    """
    infos = []
    for layer in LAYERS:
        title, unit = TITLES[layer]
        a = baseline.exposure[layer].attrs
        said = (str(a[key]) for key in ("quality", "year", "source", "method"))
        quality, year, source, method = said
        label = QUALITIES["fictional" if fictional else quality]
        infos.append(LayerInfo(layer, title, unit, label, year, source, method))
    return tuple(infos)
