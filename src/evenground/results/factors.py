"""The thirteen factors of the living environment and how each stands in a run.

Takes the registry, the layers of the run and what the case supplied. A factor
that nobody modelled or brought is said to be absent; it is never zero.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from evenground.config import RunSettings
from evenground.exposure.green_rules import distance_to_green
from evenground.exposure.supplied import Supplied, exceeds
from evenground.interventions import read_table
from evenground.names import ACCESS, GREEN, LAYERS, NOISE
from evenground.objectives.cumulative import read_norms
from evenground.objectives.inequality import quantile
from evenground.results.front import QUALITIES
from evenground.results.records import FactorState, Indicator, LayerInfo
from evenground.sources import read_factors
from evenground.study import StudyArea

Float = NDArray[np.float64]

MODELLED, SUPPLIED, ABSENT = "gemodelleerd", "aangeleverd", "niet gemodelleerd"
"""States of a factor, in Dutch."""
TAG_NL = {"promoting": "bevordert gezondheid", "protecting": "beschermt gezondheid"}
PATHWAY_NL = {"direct": "direct", "indirect": "indirect"}
EVIDENCE_NL = {"strong": "sterk", "moderate": "redelijk", "limited": "beperkt", "weak": "zwak"}
NORM_NL = {
    "no2_who": "WHO 2021",
    "pm25_who": "WHO 2021",
    "lden_road_who": "WHO 2018",
    "uhi_1": "aanname, er is geen norm",
}
"""Who set a norm."""


def list_factors(
    settings: RunSettings,
    study: StudyArea,
    layers: tuple[LayerInfo, ...],
    exposure: Float,
    supplied: tuple[Supplied, ...],
    *,
    park: NDArray[np.floating] | None = None,
) -> tuple[FactorState, ...]:
    """Return all thirteen factors with their state.

    Parameters
    ----------
    park : (y, x)
        Share of park, where the case has a map of it: green that one can go to.
    exposure : (layer, receptor)
        Today, in the order of ``LAYERS``.
    """
    infos = {info.name: info for info in layers}
    people = study.receptors.residents
    fictional = settings.case.fictional
    out = []
    for factor in read_factors().values():
        own = [
            _layer(infos[layer], exposure[LAYERS.index(layer)], people, settings)
            for layer in factor.layers
        ]
        if GREEN in factor.layers:
            own.append(_distance(study, infos[GREEN], park))
        brought = [
            _brought(part, people, fictional=fictional)
            for part in supplied
            if part.factor == factor.id
        ]
        state = MODELLED if own else SUPPLIED if brought else ABSENT
        words = (TAG_NL[factor.tag], PATHWAY_NL[factor.pathway], EVIDENCE_NL[factor.evidence])
        out.append(FactorState(factor, state, *words, indicators=(*own, *brought)))
    return tuple(out)


def _layer(info: LayerInfo, values: Float, people: Float, settings: RunSettings) -> Indicator:
    """Describe a layer of the model, in the unit of the report."""
    norm, source, worse = _norm_of(info.name, settings)
    is_green = info.name == GREEN
    return _indicator(
        (info.title, "%" if is_green else info.unit, info.quality, ""),
        100.0 * values if is_green else values,
        people,
        (norm, source, worse),
        is_energy=info.name == NOISE,
        is_median=info.name == ACCESS,
    )


def _norm_of(layer: str, settings: RunSettings) -> tuple[float, str, str]:
    """Norm of a layer, who set it, and which way is worse."""
    if layer == ACCESS:
        return settings.objectives.access_target_per_1000, "aanname", "lower"
    if layer == GREEN:
        return np.nan, "", "lower"
    return read_norms()[layer], _norm_sources()[layer], "higher"


def _norm_sources() -> Mapping[str, str]:
    """Who set the norm of each layer."""
    return {
        layer: NORM_NL[norm]
        for factor in read_factors().values()
        for layer, norm in zip(factor.layers, factor.norms, strict=False)
    }


def _distance(study: StudyArea, green: LayerInfo, park: NDArray[np.floating] | None) -> Indicator:
    """Distance from home to the nearest green area of half a hectare, in a straight line.

    The norm is of parks. A map of all green has gardens and verges too, which would flatter
    it, so that without a map of parks nothing is compared.
    """
    away = distance_to_green(study.ground.green if park is None else park, study.grid.cell_m)
    at_home = away[study.receptors.row, study.receptors.col]
    title = "Afstand tot groen van een halve hectare, ook tuinen en bermen"
    norm = (np.nan, "", "higher")
    if park is not None:
        title = "Afstand tot een park van een halve hectare"
        norm = (float(str(read_table("norms.csv").loc["g_300", "value"])), "3-30-300", "higher")
    about = (title, "m", QUALITIES["modelled"] if green.quality != "fictief" else "fictief", "")
    return _indicator(about, at_home, study.receptors.residents, norm)


def _brought(part: Supplied, people: Float, *, fictional: bool) -> Indicator:
    """Describe a supplied factor."""
    chosen = part.settings
    norm = np.nan if chosen.norm is None else chosen.norm
    quality = QUALITIES["fictional" if fictional else chosen.quality]
    about = (part.title, chosen.unit, f"{quality}, {chosen.year}", part.name)
    return _indicator(
        about,
        part.at_home,
        people,
        (norm, chosen.norm_source or "", chosen.worse),
        is_energy=chosen.unit == "dB",
    )


def _indicator(
    about: tuple[str, str, str, str],
    values: Float,
    people: Float,
    norm: tuple[float, str, str],
    *,
    is_energy: bool = False,
    is_median: bool = False,
) -> Indicator:
    """Sum up a figure at the homes of residents."""
    title, unit, quality, name = about
    limit, source, worse = norm
    known = np.isfinite(values) & (people > 0.0)
    total = float(people.sum())
    mean = beyond = np.nan
    if known.any():
        mean = _middle(values[known], people[known], is_energy=is_energy, is_median=is_median)
        over = exceeds(values[known], None if np.isnan(limit) else limit, worse)
        beyond = float(np.average(over, weights=people[known]))
    share = float(people[known].sum()) / total if total > 0.0 else np.nan
    return Indicator(title, unit, worse, limit, source, mean, beyond, share, quality, name)


def _middle(values: Float, people: Float, *, is_energy: bool, is_median: bool) -> float:
    """Return the mean of residents, of decibels by energy, or their median."""
    if is_median:
        return float(quantile(values, people, 0.5))
    if is_energy:
        return float(10.0 * np.log10(np.average(10.0 ** (values / 10.0), weights=people)))
    return float(np.average(values, weights=people))


def indicators(states: tuple[FactorState, ...]) -> Iterator[tuple[FactorState, Indicator | None]]:
    """Give every row of the table: each factor with each of its figures, or with none."""
    for state in states:
        if not state.indicators:
            yield state, None
        for indicator in state.indicators:
            yield state, indicator
