"""Several burdens on the same people, in every form: today and each proposal side by side.

Takes the problem, the study area and what the case supplied. All that is relative to
the city (ranks, edges of tails, the burden that counts as one) is frozen at today, so
that a plan can change it. Nothing here is lowered by the search but the last measure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import RunSettings
from evenground.exposure.supplied import Supplied, resident_mean
from evenground.names import (
    CODE,
    LAYERS,
    LIVEABILITY,
    LIVEABILITY_COLUMNS,
    NAME,
    NO2,
    NOISE,
    SES,
)
from evenground.objectives import cumulative as forms
from evenground.objectives.health import (
    HealthModel,
    all_causes,
    death_fractions,
    effect_modifier,
)
from evenground.objectives.inequality import quantile
from evenground.objectives.stacking import (
    per_resident,
    receptor_burden,
    references,
    stacking,
    vulnerability,
)
from evenground.objectives.vulnerability import Vulnerability, modifier
from evenground.optimise import Problem
from evenground.results.numbers import FEWEST
from evenground.results.policies import Plans, stack_policies
from evenground.study import StudyArea

Float = NDArray[np.float64]

FACTOR_NL = {NOISE: "geluid", NO2: "stikstofdioxide", "pm10": "PM10"}
"""Factors that have GES classes, in Dutch."""
GAMMAS = (0.0, 0.1, 0.25)
"""Strengths of an interaction that nobody has measured: none, and two scenarios (assumption)."""
POWERS = (2.0, 3.0, 4.0)
"""Powers of the mean over exposures (value judgement)."""
LEAST = (1, 2, 3)
TAIL = 0.8
"""Share of the residents below the edge of the worst tail of an exposure."""
TAILS = 3
"""Least number of tails that make a stack."""
DALY = "DALY per 1000 residents per year"
UNITS = {
    "norms_exceeded": "norms per resident",
    **{f"at_least_{least}": "share of residents" for least in LEAST},
    "soft_exceedance": "0-1",
    "mgr_like": "% of all burden of disease",
    "fraction_additive": "share of deaths of adults",
    "fraction_joint": "share of deaths of adults",
    "relative_risk": "times",
    **{f"superadditive_{gamma:g}": DALY for gamma in GAMMAS},
    "burden_by_vulnerability": "0-1",
    "in_three_tails": "share of residents",
    **{f"power_mean_{power:g}": "0-1" for power in POWERS},
    "stacking": "today = 100",
    "stacking_plain": "today = 100",
    "norms_exceeded_with_supplied": "norms per resident",
    "at_least_3_with_supplied": "share of residents",
}
"""Unit of every measure, in the order in which they are told."""
HUNDRED = ("stacking", "stacking_plain")
"""Measures without a unit of their own, brought to 100 for the residents of today."""


@dataclass(frozen=True)
class Stacking:
    """Every form of stacking; one table a question."""

    measures: pd.DataFrame
    """plan, measure, value and unit, of all residents together."""
    neighbourhoods: pd.DataFrame
    """Today: code, name, every measure, GES scores, scores of the Leefbaarometer, is_priority;
    figures of too few residents are NaN."""
    people: pd.DataFrame
    """plan, counted (layers, or with_supplied), age, income, norms (NaN unknown), persons with
    so many norms exceeded, and persons_at_least with so many or more."""
    policies: pd.DataFrame
    """plan, score, part and effect: of each sector alone, together, and what that differs."""
    ges: pd.DataFrame
    """plan, factor, code and score: GES of the mean exposure of each neighbourhood."""
    ges_people: pd.DataFrame
    """plan, factor, score and persons: GES at the homes of residents; never added up."""
    has_liveability: bool
    """Whether the case brought scores of the Leefbaarometer."""


@dataclass(frozen=True)
class _Base:
    """What is frozen at today, and what the measures read."""

    study: StudyArea
    settings: RunSettings
    health: HealthModel
    rate: Float
    """DALY per year per resident per unit of response (channel, neighbourhood)."""
    total: Float
    """DALY per year by all causes (neighbourhood,)."""
    vulnerable: Float
    """Vulnerability 0-1 (receptor,)."""
    effect: Float | None
    today: Float
    """Exposures with a norm (receptor, norm), layers first and then supplied factors, turned so
    that higher is worse."""
    norm: Float
    bad: Float
    n_layer: int
    """Norms of layers; those of supplied factors come after."""
    edge: Float
    """Where the worst fifth of residents begins (layer,)."""
    reference: Float
    """Burden that counts as one, DALY per resident per year (layer,)."""

    @property
    def people(self) -> Float:
        """Residents (receptor,)."""
        return self.study.receptors.residents

    @property
    def n_stacked(self) -> int:
        """Exposures that are stacked: those of layers, or also those that are supplied."""
        return self.norm.size if self.settings.stacking.supplied else self.n_layer


def stack_up(
    problem: Problem,
    study: StudyArea,
    health: HealthModel,
    settings: RunSettings,
    plans: Plans,
    *,
    supplied: tuple[Supplied, ...] = (),
    index: Vulnerability | None = None,
) -> Stacking:
    """Return all forms of stacking of plans (option,), by name; the first is today."""
    evaluator = problem.evaluator
    exposures = {name: evaluator.exposure(plan).astype(float) for name, plan in plans.items()}
    first = next(iter(exposures))
    base = _build_base(
        problem, study, health, exposures[first], settings=settings, supplied=supplied, index=index
    )
    city: dict[str, dict[str, float]] = {}
    by_place: dict[str, Float] = {}
    for name, exposure in exposures.items():
        found = _at_homes(base, exposure)
        mgr, everybody = _mgr(base, exposure)
        by_place = by_place or _by_neighbourhood(base, found) | {"mgr_like": mgr}
        city[name] = _of_everybody(base, found) | {"mgr_like": everybody}
    once = {
        name: 100.0 / city[first][name] if city[first][name] > 0.0 else np.nan for name in HUNDRED
    }
    ges, ges_people = _ges(base, exposures, supplied)
    return Stacking(
        measures=_measures(city, once),
        neighbourhoods=_neighbourhoods(
            base,
            {name: once.get(name, 1.0) * value for name, value in by_place.items()},
            ges[ges["plan"] == first],
        ),
        people=pd.concat(
            [_people(base, met).assign(plan=name) for name, met in exposures.items()],
            ignore_index=True,
        ),
        policies=stack_policies(problem, study, plans),
        ges=ges,
        ges_people=ges_people,
        has_liveability=bool(np.isfinite(_liveability(study)).any()),
    )


def _build_base(
    problem: Problem,
    study: StudyArea,
    health: HealthModel,
    exposure: Float,
    *,
    settings: RunSettings,
    supplied: tuple[Supplied, ...],
    index: Vulnerability | None,
) -> _Base:
    """Freeze all that is relative to today."""
    zone = study.receptors.neighbourhood
    rank = problem.frame.ses_rank if index is None else 1.0 - index.index
    rate = per_resident(health.dose, study.group_residents)
    layers = forms.with_norm(exposure)
    more, norm, bad = _of_supplied(supplied, zone.size)
    burden = receptor_burden(health.dose, rate, exposure, zone)
    return _Base(
        study=study,
        settings=settings,
        health=health,
        rate=rate,
        total=all_causes(study, settings.health),
        vulnerable=vulnerability(rank)[zone],
        effect=_effect(problem, settings, health, index, zone),
        today=np.concatenate([layers, more], axis=1),
        norm=np.concatenate([list(forms.read_norms().values()), norm]),
        bad=np.concatenate([list(forms.read_bad().values()), bad]),
        n_layer=layers.shape[1],
        edge=edges(layers, study.receptors.residents),
        reference=references(burden, study.receptors.residents),
    )


def edges(today: Float, people: Float) -> Float:
    """Where the worst fifth of residents begins today (layer,), from (receptor, layer).

    Infinite where all are exposed alike, for then nobody is worst.
    """
    edge = [quantile(column, people, TAIL) for column in today.T]
    return np.where(today.min(axis=0) < today.max(axis=0), edge, np.inf)


def _effect(
    problem: Problem,
    settings: RunSettings,
    health: HealthModel,
    index: Vulnerability | None,
    zone: NDArray[np.int32],
) -> Float | None:
    """How much stronger each response is at the homes (channel, receptor); None where nowhere."""
    if not settings.vulnerability.modifiers and not settings.health.effect_lowest:
        return None
    effect = effect_modifier(problem.frame.ses_rank, settings.health)
    if index is not None:
        effect = effect * modifier(index.index, health.dose.channels, settings.vulnerability)
    return np.asarray(effect[:, zone])


def _of_supplied(supplied: tuple[Supplied, ...], n: int) -> tuple[Float, Float, Float]:
    """Values (receptor, factor), norms and anchors of supplied factors, so that higher is worse."""
    values, norms, anchors = [np.zeros((n, 0))], [], []
    for part in supplied:
        chosen = part.settings
        if chosen.norm is None:
            continue
        sign = 1.0 if chosen.worse == "higher" else -1.0
        end = chosen.range[1] if chosen.worse == "higher" else chosen.range[0]
        values.append(sign * part.at_home[:, None])
        norms.append(sign * chosen.norm)
        anchors.append(sign * (end if chosen.bad is None else chosen.bad))
    return np.concatenate(values, axis=1), np.array(norms), np.array(anchors)


def _normed(base: _Base, exposure: Float) -> Float:
    """Exposures with a norm (receptor, norm) of a plan; supplied factors stay as they are."""
    fixed = base.today[:, base.n_layer :]
    return np.concatenate([forms.with_norm(exposure), fixed], axis=1)


def _counts(base: _Base, exposure: Float, n_norm: int) -> Float:
    """Norms exceeded (receptor,), of the first so many; NaN where one is unknown."""
    values = _normed(base, exposure)[:, :n_norm]
    count = forms.exceedance_count(values, base.norm[:n_norm]).astype(np.float64)
    return np.where(np.isnan(values).any(axis=1), np.nan, count)


def _at_homes(base: _Base, exposure: Float) -> dict[str, Float]:
    """Every measure that is made where people live (receptor,), but for the MGR-like share."""
    n = base.n_stacked
    values = _normed(base, exposure)[:, :n]
    count = _counts(base, exposure, n)
    found = {"norms_exceeded": count} | {
        f"at_least_{least}": np.where(np.isnan(count), np.nan, count >= least) for least in LEAST
    }
    weight = np.full(n, 1.0 / n)
    found["soft_exceedance"] = forms.soft_exceedance(values, base.norm[:n], base.bad[:n], weight)
    found |= _of_deaths(base, exposure)
    burden = _burden(base, exposure)
    for gamma in GAMMAS:
        found[f"superadditive_{gamma:g}"] = 1000.0 * forms.superadditive(burden, gamma)
    ranks = _ranks(base, values)
    pressure = ranks[:, : base.n_layer].mean(axis=1)
    found["burden_by_vulnerability"] = forms.burden_by_vulnerability(pressure, base.vulnerable)
    tails = forms.in_tails(values[:, : base.n_layer], base.edge, TAILS)
    found["in_three_tails"] = tails.astype(np.float64)
    for power in POWERS:
        found[f"power_mean_{power:g}"] = forms.power_mean_score(ranks, weight, power)
    found |= _lowered(base, burden)
    if base.norm.size > base.n_layer:
        count = _counts(base, exposure, base.norm.size)
        known = np.isfinite(count)
        found["norms_exceeded_with_supplied"] = count
        found["at_least_3_with_supplied"] = np.where(known, count >= 3, np.nan)
    return found


def _of_deaths(base: _Base, exposure: Float) -> dict[str, Float]:
    """Forms of adding the shares of deaths by each layer (receptor,)."""
    dose = base.health.dose
    fraction = death_fractions(dose, exposure, base.settings.health, base.effect)
    table = forms.fraction_forms(fraction)
    return {
        "fraction_additive": table["additive"].to_numpy(float),
        "fraction_joint": table["joint"].to_numpy(float),
        "relative_risk": table["relative_risk"].to_numpy(float),
    }


def _burden(base: _Base, exposure: Float) -> Float:
    """DALY per year per resident (receptor, layer)."""
    zone = base.study.receptors.neighbourhood
    return receptor_burden(base.health.dose, base.rate, exposure, zone)


def _ranks(base: _Base, values: Float) -> Float:
    """Share of residents with less today (receptor, norm); NaN where unknown."""
    out = np.full(values.shape, np.nan)
    for k in range(values.shape[1]):
        was, now = np.isfinite(base.today[:, k]), np.isfinite(values[:, k])
        out[now, k] = forms.rank_of(values[now, k], base.today[was, k], base.people[was])
    return out


def _lowered(base: _Base, burden: Float) -> dict[str, Float]:
    """Return the measure that the search lowers, per resident, and plain adding (receptor,)."""
    one = np.ones(burden.shape[0])
    chosen = base.settings.objectives
    in_stack = base.settings.vulnerability.in_stacking
    rank = base.study.neighbourhoods["ses_rank"].to_numpy(float)
    by_ses = vulnerability(rank)[base.study.receptors.neighbourhood]
    weight = 1.0 + chosen.stacking_vulnerability * (base.vulnerable if in_stack else by_ses)
    return {
        "stacking": stacking(burden, base.reference, one, weight, chosen.stacking_power),
        "stacking_plain": stacking(burden, base.reference, one, one, 1.0),
    }


def _mgr(base: _Base, exposure: Float) -> tuple[Float, float]:
    """MGR-like percentage of each neighbourhood (neighbourhood,), and of all together."""
    zone, n = base.study.receptors.neighbourhood, base.total.size
    burden = base.people[:, None] * _burden(base, exposure)
    summed = np.stack([np.bincount(zone, column, n) for column in burden.T], axis=1).astype(
        np.float64
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        by_place = forms.mgr_like(summed, base.total)
        everybody = forms.mgr_like(summed.sum(axis=0), base.total.sum())
    return by_place, float(everybody)


def _by_neighbourhood(base: _Base, found: Mapping[str, Float]) -> dict[str, Float]:
    """Mean of the residents for whom a measure is known (neighbourhood,)."""
    return {name: resident_mean(values, base.study)[0] for name, values in found.items()}


def _of_everybody(base: _Base, found: Mapping[str, Float]) -> dict[str, float]:
    """Mean of all residents for whom a measure is known."""
    out = {}
    for name, values in found.items():
        known = np.isfinite(values) & (base.people > 0.0)
        weights = base.people[known]
        out[name] = float(np.average(values[known], weights=weights)) if known.any() else np.nan
    return out


def _measures(city: Mapping[str, Mapping[str, float]], once: Mapping[str, float]) -> pd.DataFrame:
    """List the measures of each plan in the order of their units."""
    rows = [
        (plan, name, once.get(name, 1.0) * found[name], unit)
        for plan, found in city.items()
        for name, unit in UNITS.items()
        if name in found
    ]
    return pd.DataFrame(rows, columns=["plan", "measure", "value", "unit"])


def _people(base: _Base, exposure: Float) -> pd.DataFrame:
    """Who lives where so many norms are exceeded, by age and income."""
    sets = {"layers": base.n_layer}
    if base.norm.size > base.n_layer:
        sets["with_supplied"] = base.norm.size
    tables = [
        _persons(base, _counts(base, exposure, n_norm), n_norm).assign(counted=counted)
        for counted, n_norm in sets.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _persons(base: _Base, count: Float, most: int) -> pd.DataFrame:
    """Count persons of each group by norms exceeded; groups share the homes of a neighbourhood."""
    study = base.study
    zone, n = study.receptors.neighbourhood, len(study.neighbourhoods)
    where = [count == k for k in range(most + 1)] + [np.isnan(count)]
    homes = np.stack([np.bincount(zone[at], base.people[at], n) for at in where])
    everybody = study.group_residents.sum(axis=0)
    share = np.divide(
        study.group_residents,
        everybody,
        out=np.zeros_like(study.group_residents),
        where=everybody > 0.0,
    )
    living = (share[:, None, :] * homes).reshape(len(share), -1)
    norms = np.repeat([*range(most + 1), -1], n)
    at_least = forms.people_exceeding(norms, living, most)
    persons = (share @ homes.T).T
    rows = []
    for g, (age, income) in enumerate(study.groups[["age", "income"]].to_numpy(str)):
        rows += [(age, income, float(k), persons[k, g], at_least[k, g]) for k in range(most + 1)]
        rows.append((age, income, np.nan, persons[-1, g], np.nan))
    columns = ["age", "income", "norms", "persons", "persons_at_least"]
    return pd.DataFrame(rows, columns=columns)


def _ges(
    base: _Base, exposures: Mapping[str, Float], supplied: tuple[Supplied, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """GES of every factor with classes: by neighbourhood, and residents by score."""
    codes = base.study.neighbourhoods[CODE].to_numpy(str)
    chosen = base.settings.stacking
    by_place, by_home = [], []
    for plan, exposure in exposures.items():
        for factor, name, values in ges_values(exposure, supplied):
            is_energy = name == "Lden"
            mean, _ = resident_mean(values, base.study, is_energy=is_energy)
            score = forms.ges_score(name, mean, chosen)
            by_place.append(
                pd.DataFrame({"plan": plan, "factor": factor, "code": codes, "score": score})
            )
            at_home = forms.ges_score(name, values, chosen)
            by_home += [
                (plan, factor, k, float(base.people[at_home == k].sum()))
                for k in range(len(forms.GES_NL))
            ]
    columns = ["plan", "factor", "score", "persons"]
    return pd.concat(by_place, ignore_index=True), pd.DataFrame(by_home, columns=columns)


def ges_values(exposure: Float, supplied: tuple[Supplied, ...]) -> Iterator[tuple[str, str, Float]]:
    """Give each factor that has GES classes: its name, that of its classes, values (receptor,)."""
    for layer, name in forms.GES_EXPOSURE.items():
        yield layer, name, exposure[LAYERS.index(layer)]
    for part in supplied:
        if part.name in forms.GES_SUPPLIED and part.settings.unit == "ug m-3":
            yield part.name, forms.GES_SUPPLIED[part.name], part.at_home


def _neighbourhoods(base: _Base, by_place: Mapping[str, Float], ges: pd.DataFrame) -> pd.DataFrame:
    """List every figure of each neighbourhood today; those of too few residents are NaN."""
    study = base.study
    people = study.group_residents.sum(axis=0)
    is_shown = people >= FEWEST
    table = study.neighbourhoods
    columns: dict[str, object] = {
        CODE: table[CODE].to_numpy(str),
        NAME: table[NAME].to_numpy(str),
        "residents": np.where(is_shown, people, np.nan),
    }
    for name in UNITS:
        if name in by_place:
            columns[name] = np.where(is_shown, by_place[name], np.nan)
    scores = []
    for factor, part in ges.groupby("factor", sort=False):
        scores.append(np.where(is_shown, part["score"].to_numpy(float), np.nan))
        columns[f"ges_{factor}"] = scores[-1]
    columns["ges_insufficient"] = np.where(
        is_shown, forms.insufficient_factors(np.stack(scores, axis=-1)), np.nan
    )
    for name in LIVEABILITY_COLUMNS:
        if name in table:
            columns[name] = np.where(is_shown, table[name].to_numpy(float), np.nan)
    columns["is_priority"] = _is_priority(base, people)
    return pd.DataFrame(columns)


def _liveability(study: StudyArea) -> Float:
    """Score of the Leefbaarometer (neighbourhood,), NaN where the case brought none."""
    if LIVEABILITY not in study.neighbourhoods:
        return np.full(len(study.neighbourhoods), np.nan)
    return study.neighbourhoods[LIVEABILITY].to_numpy(float)


def _is_priority(base: _Base, people: Float) -> NDArray[np.bool_]:
    """Say where low SES meets low liveability, among neighbourhoods where enough people live."""
    counts = people >= FEWEST
    ses = np.where(counts, base.study.neighbourhoods[SES].to_numpy(float), np.nan)
    liveability = np.where(counts, _liveability(base.study), np.nan)
    return forms.is_priority(ses, liveability, base.settings.stacking.priority_share)
