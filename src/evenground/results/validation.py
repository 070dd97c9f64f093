"""Whether the totals of today match what is known of the Netherlands, and why where they do not.

Takes the burden and the exposure of a case; gives one row a published figure, with the
modelled one beside it, their ratio, and the reason in Dutch. A ratio outside its band
says that an input deserves a look; no figure is fitted to any of them.

References
----------
Each row of ``data/published.csv`` names its own source.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import RunSettings
from evenground.interventions import read_table
from evenground.names import AGE_BANDS, BURDEN_LAYERS, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.objectives.health import (
    HealthModel,
    adults,
    calibrate,
    coronary_cases,
    heat_fraction,
    island_fraction,
    percent_affected,
    read_functions,
    yearly_deaths,
)
from evenground.results.certainty import STATUS_NL
from evenground.results.numbers import number
from evenground.study import StudyArea

Float = NDArray[np.float64]

WHY = {
    "deaths_nl": "Het model neemt de landelijke sterfte per leeftijd. {old}",
    "environment_share": "Het landelijke cijfer telt ook het binnenmilieu en uv-straling mee, het "
    "model niet. Het model telt wel warmte, en alle sterfte door geluid vanaf 45 dB. Hier is het "
    "{air}. {loud}",
    "outdoor_share": "Hetzelfde verschil als hierboven, nu zonder het binnenmilieu.",
    "air_noise_mgr": "De MGR is met andere rekenregels gemaakt. Het model telt fijnstof pas vanaf "
    "5 en stikstofdioxide vanaf 10 µg/m³, en trekt de overlap van die twee af.",
    "air_noise_expected": "In het rekenvoorbeeld is het 9 µg/m³ fijnstof en 14 µg/m³ "
    "stikstofdioxide. Hier is het {air} en {no2}. {loud}",
    "air_share_older": "De oudere schatting is met andere rekenregels gemaakt, in een tijd met "
    "vuilere lucht. Het model telt fijnstof pas vanaf 5 en stikstofdioxide vanaf 10 µg/m³.",
    "pm25_deaths": "Het rekenvoorbeeld heeft de gewone rekenregel en 9 µg/m³ fijnstof. Hier is het "
    "{air}. {old}",
    "no2_share": "In het rekenvoorbeeld is het 14 µg/m³. Hier is het {no2}. Van het effect telt "
    "{kept} % mee, omdat de rest al bij fijnstof zit. {old}",
    "heat_share": "Het landelijke cijfer telt alle hitte. Het model telt met de gewone rekenregel "
    "alleen de warmte die de stad zelf toevoegt, in de zomer gemiddeld {heat} °C.",
    "heat_deaths": "Dezelfde vergelijking, nu in doden.",
    "heat_island": "Dit vergelijkt de rekenregel, niet de stad. De gewone rekenregel ligt tussen "
    "drie onderzoeken in; dit onderzoek is het hoogste van de drie.",
    "noise_above_norm": "Het landelijke cijfer is alleen wegverkeer, en telt ook dorpen en "
    "buitengebied. {loud}",
    "noise_coronary": "Dezelfde rekenregel (WHO 2018, vanaf 53 dB), die in de ziektelast niet "
    "meetelt. {loud} Het landelijke cijfer is alleen wegverkeer.",
    "noise_deaths": "Twee verschillende dingen. Het landelijke cijfer telt alleen sterfte aan de "
    "kransslagaders. Het model telt alle sterfte, vanaf 45 dB (ETC HE 2023). {loud}",
    "noise_annoyed": "Het landelijke cijfer is van 2008 en met een oudere rekenregel gemaakt. "
    "{loud}",
    "noise_sleep": "Het landelijke cijfer is van 2008 en met een oudere rekenregel gemaakt. Het "
    "model neemt voor de nacht een vast verschil met het etmaal (aanname).",
    "noise_survey": "Een enquête telt iedereen die hinder noemt, ook van brommers. Het model telt "
    "alleen wat boven de {floor} % komt die de rekenregel ook zonder lawaai geeft.",
}
"""Why a figure differs, by published figure; in plain words, for who is no modeller."""


NORM_DB = 53.0
"""Lden from which the published exposure was counted (WHO 2018)."""


@dataclass(frozen=True)
class Published:
    """One published figure; a share is in percent, as published."""

    figure: str
    value: float
    low: float
    high: float
    unit: str
    scope: str
    year: str
    scale: str
    """``share`` as it is, ``residents`` or ``deaths`` by which it is scaled to a case, or
    ``basis``: a denominator of others."""
    ratio_low: float
    """Band in which the ratio of a Dutch town is expected (assumption)."""
    ratio_high: float
    status: str
    source: str


def read_published() -> dict[str, Published]:
    """Return the published figures, by id."""
    table = read_table("published.csv")
    return {str(key): _published(row) for key, row in table.iterrows()}


def _published(row: pd.Series) -> Published:
    """Make one figure of its row; a number that is not there becomes NaN."""
    number_of = pd.to_numeric(row, errors="coerce")
    value, low, high, ratio_low, ratio_high = (
        float(number_of[key]) for key in ("value", "low", "high", "ratio_low", "ratio_high")
    )
    text = {str(key): "" if pd.isna(row[key]) else str(row[key]) for key in row.index}
    return Published(
        figure=text["figure"],
        value=value,
        low=low,
        high=high,
        unit=text["unit"],
        scope=text["scope"],
        year=text["year"],
        scale=text["scale"],
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        status=text["status"],
        source=text["source"],
    )


def validate(
    settings: RunSettings,
    study: StudyArea,
    health: HealthModel,
    composition: pd.DataFrame,
    exposure: Float,
) -> pd.DataFrame:
    """Compare the totals of today with published ones.

    Parameters
    ----------
    composition
        Made by ``health.compose``.
    exposure : (layer, receptor)
        Of today, in the order of ``LAYERS``.

    Returns
    -------
    One row a published figure: id, figure, unit, modelled, published (for as many residents or
    deaths as the case has; a share as it is) with its published_low and published_high, ratio,
    the band ratio_low to ratio_high in which a Dutch town is expected (assumption), is_inside,
    why, value as published, scope, year, status, source.
    """
    table = read_published()
    facts = _facts(settings, study, exposure)
    rows = []
    for key, modelled in _modelled(settings, study, health, composition, exposure).items():
        known = table[key]
        times = _scale(known, table, study)
        ratio = _ratio(key, modelled, known.value * times)
        rows.append(
            {
                "id": key,
                "figure": known.figure,
                "unit": known.unit,
                "modelled": modelled,
                "published": known.value * times,
                "published_low": known.low * times,
                "published_high": known.high * times,
                "ratio": ratio,
                "ratio_low": known.ratio_low,
                "ratio_high": known.ratio_high,
                "is_inside": known.ratio_low <= ratio <= known.ratio_high,
                "why": WHY[key].format(**facts),
                "value": known.value,
                "scope": known.scope,
                "year": known.year,
                "status": STATUS_NL[known.status],
                "source": known.source,
            }
        )
    return pd.DataFrame(rows)


def _ratio(key: str, modelled: float, published: float) -> float:
    """Return modelled over published; of heat through the table of functions."""
    target = {"heat_share": "heat_af_nl", "heat_island": "uhi_iungman"}.get(key)
    if target is not None:
        return calibrate(target, modelled / 100.0)
    return modelled / published if published > 0.0 else np.nan


def _scale(known: Published, table: Mapping[str, Published], study: StudyArea) -> float:
    """Return by what a published figure is multiplied to stand beside that of the case."""
    if known.scale == "residents":
        return float(study.receptors.residents.sum()) / table["residents_nl"].value
    if known.scale == "deaths":
        share = table["heat_share"].value / 100.0
        return yearly_deaths(study) * share / table["heat_deaths"].value
    return 1.0


def _modelled(
    settings: RunSettings,
    study: StudyArea,
    health: HealthModel,
    composition: pd.DataFrame,
    exposure: Float,
) -> dict[str, float]:
    """Return what the model says today, by published figure; shares in percent."""
    people = study.receptors.residents
    everybody, grown = float(people.sum()), float(adults(study).sum())
    all_causes = read_published()["burden_nl"].value * everybody
    sums = composition.groupby("channel", sort=False)[["deaths", "affected", "daly"]].sum()
    counted = composition[composition["counted"]].groupby("channel", sort=False)["daly"].sum()
    layer = _by_layer(counted, health)
    share = {name: 100.0 * daly / all_causes for name, daly in layer.items()}
    noise = exposure[LAYERS.index(NOISE)]
    air = share[NO2] + share[PM25]
    return {
        "deaths_nl": yearly_deaths(study),
        "environment_share": sum(share.values()),
        "outdoor_share": sum(share.values()),
        "air_noise_mgr": air + share[NOISE],
        "air_noise_expected": air + share[NOISE],
        "air_share_older": air,
        "pm25_deaths": _sum(sums, "pm25_mort", "deaths"),
        "no2_share": share[NO2],
        "heat_share": 100.0 * heat_fraction(composition, health, study),
        "heat_deaths": _sum(sums, "heat_mort", "deaths"),
        "heat_island": 100.0 * island_fraction(settings.health),
        "noise_above_norm": 100.0 * float(people[noise >= NORM_DB].sum()) / everybody,
        "noise_coronary": coronary_cases(noise, study),
        "noise_deaths": _sum(sums, "noise_mort", "deaths"),
        "noise_annoyed": _sum(sums, "noise_ha", "affected"),
        "noise_sleep": _sum(sums, "noise_hsd", "affected"),
        "noise_survey": 100.0 * _sum(sums, "noise_ha", "affected") / grown,
    }


def _sum(sums: pd.DataFrame, channel: str, column: str) -> float:
    """Return one total; nothing where a run switches the response off."""
    return float(sums[column].get(channel, 0.0))


def _by_layer(counted: pd.Series, health: HealthModel) -> dict[str, float]:
    """Return DALY per year by layer, of what is in the sum."""
    of = dict(zip(health.dose.channels, health.dose.layer, strict=True))
    out = dict.fromkeys(BURDEN_LAYERS, 0.0)
    for channel, daly in counted.items():
        layer = LAYERS[of[str(channel)]]
        out[layer] = out.get(layer, 0.0) + float(daly)
    return out


def _facts(settings: RunSettings, study: StudyArea, exposure: Float) -> dict[str, str]:
    """Return what differs between this case and the Netherlands, in Dutch."""
    people = study.receptors.residents
    mean = dict(zip(LAYERS, exposure @ people / people.sum(), strict=True))
    energy = 10.0 ** (exposure[LAYERS.index(NOISE)] / 10.0)
    loud = number(10.0 * np.log10(energy @ people / people.sum()), 1)
    dirty, no2 = number(mean[PM25], 1), number(mean[NO2], 1)
    made = {name: f"kaart van {settings.layers[name].year}" for name in (PM25, NO2, NOISE)}
    old = study.groups["age"].to_numpy() == AGE_BANDS[-1]
    here = 100.0 * float(study.group_residents[old].sum() / study.group_residents.sum())
    ages = read_table("baseline_rates.csv")["population_share"].astype(float).to_dict()
    erf = read_functions()["noise_ha_road"]
    floor = percent_affected(np.array(erf.counterfactual), erf.curve, erf.counterfactual)
    return {
        "air": f"{dirty} µg/m³ fijnstof ({made[PM25]})",
        "no2": f"{no2} µg/m³ stikstofdioxide ({made[NO2]})",
        "kept": number(100.0 * (1.0 - settings.health.no2_pm25_overlap)),
        "heat": number(mean[HEAT], 1),
        "old": f"Hier is {number(here, 1)} % van de inwoners 65 jaar of ouder, landelijk "
        f"{number(100.0 * ages[AGE_BANDS[-1]], 1)} %.",
        "loud": f"De geluidkaart ({made[NOISE].removeprefix('kaart ')}) geeft hier gemiddeld "
        f"{loud} dB, van alle bronnen die erop staan.",
        "floor": number(float(floor), 1),
    }
