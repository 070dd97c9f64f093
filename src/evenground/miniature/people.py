"""Who lives in each neighbourhood of an invented town: number, ages, income and SES.

Takes the homes and what they are exposed to. Incomes follow the kind of
neighbourhood and, for a part, noise and green: cheap homes stand along busy roads.
"""

import numpy as np
import pandas as pd

from evenground.miniature.land import Land
from evenground.miniature.size import Float
from evenground.miniature.town import Town

ROUNDED_TO = 5
"""CBS rounds residents to this."""
LOW_BY_NOISE, LOW_BY_GREEN, LOW_BY_CHANCE = 5.5, -1.0, 9.0
"""Percentage points of low incomes for one spread of each over the neighbourhoods."""
MIDDLE_LIVEABILITY = 4.1
"""Score of the Leefbaarometer of a neighbourhood that is average in all."""


def build_people(town: Town, land: Land, noise_db: Float, rng: np.random.Generator) -> pd.DataFrame:
    """Return a row for each neighbourhood; shares of age in per cent, values in thousand euros."""
    n = len(town.neighbourhoods)
    zone = town.size.canvas.burn(town.neighbourhoods, range(1, n + 1)).ravel()
    floor, loud, green, cells = (
        np.asarray(np.bincount(zone, values.ravel(), n + 1)[1:], np.float64)
        for values in (land.homes, land.homes * noise_db, land.green, np.ones(land.green.shape))
    )
    kinds = [town.kind(k) for k in range(n)]
    low = np.array([kind.low_income for kind in kinds]) + rng.normal(0.0, LOW_BY_CHANCE, n)
    low += LOW_BY_NOISE * _spread(loud, floor) + LOW_BY_GREEN * _spread(green, cells)
    low = np.clip(low, 8.0, 78.0)
    need = (low - 40.0) / 13.0
    ages = np.array([kind.ages for kind in kinds]) * rng.uniform(0.85, 1.15, (n, 5))
    ages /= ages.sum(axis=1, keepdims=True)
    value = np.array([kind.value_keur for kind in kinds]) * rng.uniform(0.92, 1.08, n)
    return pd.DataFrame(
        {
            "residents": _share_out(town.size.residents, floor),
            "low_income": low,
            "ses": np.clip(-0.28 * need + rng.normal(0.0, 0.06, n), -1.2, 0.9),
            "value": np.round(value * np.clip(1.0 - 0.04 * need, 0.8, 1.2)),
            **{f"age_{k}": np.round(100.0 * ages[:, k]) for k in range(5)},
        }
    )


def build_liveability(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return invented scores of the Leefbaarometer, a row for each neighbourhood.

    Columns are those of its open data: lbm, the whole, and the five dimensions.
    """
    need = (people["low_income"].to_numpy(float) - 40.0) / 13.0
    follows = {"fys": -0.03, "onv": -0.06, "soc": -0.03, "vrz": 0.0, "won": -0.05}
    scores = {
        name: slope * need + rng.normal(0.0, 0.04, need.size) for name, slope in follows.items()
    }
    whole = MIDDLE_LIVEABILITY + np.sum(list(scores.values()), axis=0)
    return pd.DataFrame({"lbm": whole, **scores})


def _share_out(residents: int, floor: Float) -> Float:
    """Share residents out by floor, in fives that sum to the nearest five of the whole."""
    fives = round(residents / ROUNDED_TO)
    ideal = fives * floor / max(float(floor.sum()), 1e-9)
    whole = np.floor(ideal)
    left = int(fives - whole.sum())
    whole[np.argsort(whole - ideal, kind="stable")[:left]] += 1.0
    return np.asarray(whole * ROUNDED_TO, np.float64)


def _spread(total: Float, weight: Float) -> Float:
    """Mean of each neighbourhood, less that of all and in spreads; zero where unknown."""
    known = weight > 0.0
    mean = np.divide(total, weight, out=np.zeros_like(total), where=known)
    middle, width = (mean[known].mean(), mean[known].std()) if known.any() else (0.0, 0.0)
    return np.where(known, (mean - middle) / max(float(width), 1e-9), 0.0)
