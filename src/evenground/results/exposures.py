"""Mean exposures of neighbourhoods, from those at the homes of residents."""

import numpy as np
from numpy.typing import NDArray

from evenground.names import LAYER_UNITS, LAYERS
from evenground.study import StudyArea

Float = NDArray[np.float64]


def mean_exposure(exposure: Float, study: StudyArea) -> Float:
    """Return residents' means (layer, neighbourhood) of an exposure (layer, receptor).

    Decibels by energy; NaN where nobody lives.
    """
    zone, people = study.receptors.neighbourhood, study.receptors.residents
    n = len(study.neighbourhoods)
    total = np.bincount(zone, people, n)
    means = np.full((len(LAYERS), n), np.nan)
    for k, layer in enumerate(LAYERS):
        value = 10.0 ** (exposure[k] / 10.0) if LAYER_UNITS[layer] == "dB" else exposure[k]
        summed = np.bincount(zone, people * value, n).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            level = summed / total
            means[k] = 10.0 * np.log10(level) if LAYER_UNITS[layer] == "dB" else level
    return means
