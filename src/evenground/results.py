"""What a run found: the front, and a handful of proposals that people can compare.

Labels again what the search kept as bare arrays, and writes it. Nothing here
reads maps or draws; nothing spatial is imported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evenground.config import RunSettings
from evenground.exposure import Baseline
from evenground.interventions import Options
from evenground.names import BURDEN_LAYERS, CANDIDATE, CODE, LAYER_UNITS, LAYERS, NAME, OPTION
from evenground.objectives.attribution import attribute
from evenground.objectives.health import HealthModel
from evenground.objectives.inequality import (
    generalised_concentration_index,
    kolm_pollak_ede,
    mean,
)
from evenground.objectives.stacking import exceedances
from evenground.optimise import SCORES, Archive, Found, Problem
from evenground.sources import FileRecord
from evenground.study import StudyArea

Float = NDArray[np.float64]

SCORE_UNITS = {
    "burden": "DALY year-1",
    "inequality": "DALY per 1000 residents year-1",
    "ses_gradient": "DALY per 1000 residents year-1",
    "stacking": "1",
    "access": "1",
    "cost": "EUR year-1",
    "capital": "EUR",
}


@dataclass(frozen=True)
class LayerInfo:
    """How a layer is called and how far it can be trusted."""

    name: str
    title: str
    unit: str
    quality: str
    year: str
    source: str
    method: str


@dataclass(frozen=True)
class Assessment:
    """What one plan does; of the empty plan, how things are today."""

    burden: Float
    """DALY per year (group, layer, neighbourhood), ``BURDEN_LAYERS``."""
    exposure: Float
    """Resident-weighted mean (layer, neighbourhood), ``LAYERS``; noise by energy; NaN unknown."""
    green_burden: Float
    """DALY per year by too little green (neighbourhood,): shown beside, never added."""
    stacking: Float
    """Contribution to the stacking measure (neighbourhood,)."""
    exceeded: Float
    """Residents by number of norms exceeded (count, neighbourhood)."""
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Proposal:
    """One candidate, why it was picked, and what it does."""

    id: str
    name: str
    reason: str
    candidate: int
    plan: NDArray[np.int16]
    assessment: Assessment
    works: pd.DataFrame
    """What is built: one row a site and intervention."""


@dataclass(frozen=True)
class Run:
    """All that a run has to say."""

    settings: RunSettings
    study: StudyArea
    layers: tuple[LayerInfo, ...]
    today: Assessment
    proposals: tuple[Proposal, ...]
    front: xr.Dataset
    history: pd.DataFrame
    sources_of_inequality: pd.DataFrame
    catalogue: pd.DataFrame
    files: tuple[FileRecord, ...]
    remarks: tuple[str, ...]
    findings: tuple[str, ...]


TITLES = {
    "heat": ("Warmte in de zomer", "°C"),
    "noise": ("Geluid (Lden)", "dB"),
    "no2": ("Stikstofdioxide (NO₂)", "µg/m³"),
    "pm25": ("Fijnstof (PM2,5)", "µg/m³"),
    "green": ("Groen om het huis", "deel"),
    "access": ("Plekken om te spelen", "per 1000 inwoners"),
}


def describe_layers(baseline: Baseline) -> tuple[LayerInfo, ...]:
    """Return the name and label of every layer, in the order of ``LAYERS``."""
    infos = []
    for layer in LAYERS:
        title, unit = TITLES[layer]
        a = baseline.exposure[layer].attrs
        said = (str(a[key]) for key in ("quality", "year", "source", "method"))
        quality, year, source, method = said
        infos.append(LayerInfo(layer, title, unit, quality, year, source, method))
    return tuple(infos)


def build_front(archive: Archive) -> xr.Dataset:
    """Label the archive (CF ragged array: each candidate's active options one after another)."""
    count = np.array([option.size for option, _ in archive.plans], np.int32)
    option = np.concatenate([option for option, _ in archive.plans] or [np.zeros(0, np.int32)])
    amount = np.concatenate([amount for _, amount in archive.plans] or [np.zeros(0, np.int16)])
    scores = {
        name: (CANDIDATE, archive.scores[:, k], {"units": SCORE_UNITS[name]})
        for k, name in enumerate(SCORES)
    }
    ragged = {"sample_dimension": "active", "long_name": "number of active options"}
    return xr.Dataset(
        {
            **scores,
            "is_seed": (CANDIDATE, archive.is_seed.astype(np.int8)),
            "active_count": (CANDIDATE, count, ragged),
            OPTION: ("active", option.astype(np.int32)),
            "amount": ("active", amount, {"long_name": "steps of the option"}),
        },
        attrs={"Conventions": "CF-1.11", "featureType": "", "title": "evenground front"},
    )


def assess(problem: Problem, study: StudyArea, plan: NDArray[np.int16]) -> Assessment:
    """Return all that is said of one plan (option,)."""
    scores, evaluation = problem.scores(plan[None, :])
    exposure = problem.evaluator.exposure(plan).astype(np.float64)
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
    count = exceedances(exposure)
    at = [count == k for k in range(len(BURDEN_LAYERS) + 1)]
    exceeded = np.stack([np.bincount(zone[here], people[here], n) for here in at])
    return Assessment(
        burden=evaluation.burden[0],
        exposure=means,
        green_burden=problem.evaluator.burden_of("green_mort", evaluation)[0],
        stacking=evaluation.stacking[0],
        exceeded=exceeded.astype(np.float64),
        scores=dict(zip(SCORES, scores[0].tolist(), strict=True)),
    )


Pick = tuple[str, str, str, Callable[[Float, Float], Float]]
"""Slug, Dutch name, Dutch reason, and what is lowest (candidate,) of scaled and raw scores."""


def _of(name: str) -> Callable[[Float, Float], Float]:
    """Choose the lowest value of one score."""
    column = SCORES.index(name)
    return lambda scaled, _: scaled[:, column]


def _per_euro(scaled: Float, raw: Float) -> Float:
    """Choose the most burden avoided per euro, among plans that avoid a tenth of the most."""
    burden = SCORES.index("burden")
    avoided = 1.0 - scaled[:, burden]
    capital = raw[:, SCORES.index("capital")]
    value = np.divide(avoided, capital, out=np.zeros(len(raw)), where=capital > 0.0)
    return np.where(avoided >= 0.1, -value, np.inf)


def _balanced(scaled: Float, _: Float) -> Float:
    """Choose the smallest distance to the best of every benefit."""
    names = ("burden", "inequality", "ses_gradient", "stacking", "access")
    part = scaled[:, [SCORES.index(name) for name in names]]
    return np.asarray(np.sqrt((part**2).mean(axis=1)))


PICKS: tuple[Pick, ...] = (
    ("gezondst", "Gezondst", "De minste ziektelast van alle plannen.", _of("burden")),
    (
        "in_balans",
        "In balans",
        "Het dichtst bij het beste op alle doelen tegelijk.",
        _balanced,
    ),
    (
        "minst_gestapeld",
        "Minst gestapeld",
        "De minste opeenstapeling van lasten bij dezelfde mensen.",
        _of("stacking"),
    ),
    (
        "kleinste_kloof",
        "Kleinste SES-kloof",
        "Het kleinste verschil in ziektelast tussen buurten met een lage en een hoge SES.",
        _of("ses_gradient"),
    ),
    (
        "eerlijkst",
        "Eerlijkst verdeeld",
        "De laagste gelijk verdeelde ziektelast: de zwaarst belaste buurten tellen het zwaarst.",
        _of("inequality"),
    ),
    (
        "meeste_spelen",
        "Meeste speelplekken",
        "Het kleinste tekort aan speelplekken.",
        _of("access"),
    ),
    ("goedkoopst", "Meeste per euro", "De meeste gezondheidswinst per euro.", _per_euro),
)
"""How proposals are chosen from the front, in order."""


def select_proposals(
    problem: Problem, study: StudyArea, archive: Archive, today: Assessment, most: int
) -> tuple[Proposal, ...]:
    """Pick up to ``most`` clearly different plans from the archive, each for a stated reason."""
    base = np.array([today.scores[name] for name in SCORES])
    best = archive.scores.min(axis=0)
    spread = np.where(base > best, base - best, 1.0)
    scaled = (archive.scores - best) / spread
    chosen: list[int] = []
    proposals: list[Proposal] = []
    for slug, name, reason, choose in PICKS:
        value = choose(scaled, archive.scores)
        order = np.argsort(value, kind="stable")
        likely = [int(k) for k in order[:200] if np.isfinite(value[k])]
        fresh = [k for k in likely if _differs(archive, k, chosen)]
        if not fresh or len(proposals) == most:
            continue
        chosen.append(fresh[0])
        plan = archive.dense([fresh[0]])[0]
        proposals.append(
            Proposal(
                slug,
                name,
                reason,
                fresh[0],
                plan,
                assess(problem, study, plan),
                list_works(problem.options, study, plan),
            )
        )
    return tuple(proposals)


DIFFERENT_SHARE = 0.05
"""Least share of the active options in which two proposals differ."""


def _differs(archive: Archive, candidate: int, chosen: list[int]) -> bool:
    """Say whether a candidate builds something, and clearly something else than those chosen."""
    mine = dict(zip(*(part.tolist() for part in archive.plans[candidate]), strict=True))
    if not mine:
        return False
    for other in chosen:
        theirs = dict(zip(*(part.tolist() for part in archive.plans[other]), strict=True))
        keys = mine.keys() | theirs.keys()
        unlike = sum(mine.get(key, 0) != theirs.get(key, 0) for key in keys)
        if unlike < DIFFERENT_SHARE * len(keys):
            return False
    return True


EDGE = "rand van het gebied"
"""Name shown for a site whose middle lies in no neighbourhood."""


def list_works(options: Options, study: StudyArea, plan: NDArray[np.int16]) -> pd.DataFrame:
    """Return what a plan builds: one row a site and intervention, with amounts and euros."""
    active = np.flatnonzero(plan)
    row, col = np.divmod(options.site[active], options.n_site[1])
    kind = options.interventions.iloc[options.intervention[active]]
    side = study.site_m // study.grid.cell_m
    zone = study.zone.to_numpy()
    here = zone[row * side + side // 2, col * side + side // 2]
    place = study.neighbourhoods.iloc[np.maximum(here, 0)]
    inside = here >= 0
    return pd.DataFrame(
        {
            "site": options.site[active],
            "x_m": study.grid.left + col * study.site_m,
            "y_m": study.grid.top - (row + 1) * study.site_m,
            "intervention": kind.index.to_numpy(),
            "intervention_name": kind["name_nl"].to_numpy(),
            "amount": plan[active] * options.step[active],
            "unit": kind["unit_nl"].to_numpy(),
            "capital_eur": plan[active] * options.capital_eur[active],
            "yearly_eur": plan[active] * options.yearly_eur[active],
            "sector": kind["sector"].to_numpy(),
            "neighbourhood_code": np.where(inside, place[CODE].to_numpy(str), ""),
            "neighbourhood_name": np.where(
                inside, place[NAME].to_numpy(str), "rand van het gebied"
            ),
        }
    )


def split_inequality(problem: Problem, study: StudyArea, health: HealthModel) -> pd.DataFrame:
    """Return what exposure, age and baseline vulnerability add to each inequality today."""
    _, evaluation = problem.scores(problem.empty[None, :])
    kappa, rank = problem.frame.kappa, problem.frame.ses_rank
    people = study.group_residents.sum(axis=0)
    kept = people > 0.0
    known = np.isfinite(rank[kept])
    ranks = rank[kept][known]

    def kolm_pollak(y: Float, w: Float) -> float:
        return float(kolm_pollak_ede(y, w, kappa) - mean(y, w))

    def gradient(y: Float, w: Float) -> float:
        if not known.any():
            return 0.0
        return float(-generalised_concentration_index(y[known], w[known], ranks))

    ages = study.groups["age"].drop_duplicates().tolist()
    by_age = np.stack(
        [study.group_residents[(study.groups["age"] == age).to_numpy()].sum(axis=0) for age in ages]
    )
    counted = np.array([LAYERS[k] in BURDEN_LAYERS for k in health.dose.layer])
    rows = {
        title: attribute(
            evaluation.mean_phi[0][counted],
            health.age_coefficient[counted],
            by_age,
            health.ses_ratio[counted],
            measure,
        )
        for title, measure in (("Kolm-Pollak-index", kolm_pollak), ("SES-gradiënt", gradient))
    }
    return pd.DataFrame(rows).T


def find(problem: Problem, today: Assessment, split: pd.DataFrame, found: Found) -> list[str]:
    """Return Dutch sentences on what the figures of this case can and cannot show."""
    people = problem.frame.residents.sum()
    level = 1000.0 * today.scores["burden"] / people
    parts = {str(row): figures.astype(float).to_dict() for row, figures in split.iterrows()}
    index = parts["Kolm-Pollak-index"]["total"]
    out = []
    if index < 0.02 * level:
        out.append(
            f"De ongelijkheid tussen buurten is klein: {100 * index / level:.1f} % van de "
            "gemiddelde ziektelast. Het doel 'eerlijkst verdeeld' heeft hier weinig om aan te "
            "werken en lijkt sterk op 'gezondst'."
        )
    if today.scores["ses_gradient"] < 0.02 * level:
        out.append(
            "De ziektelast ligt hier nauwelijks vaker bij een lage SES: het doel 'kleinste "
            "SES-kloof' heeft bijna niets om aan te werken."
        )
    gradient = parts["SES-gradiënt"]
    if abs(gradient["exposure"]) < 0.2 * abs(gradient["total"]):
        share = 100 * gradient["exposure"] / gradient["total"]
        out.append(
            "De blootstelling zelf volgt de SES nauwelijks: zij verklaart "
            f"{share:.0f} % van de SES-gradiënt. De rest komt door leeftijd en door gezondheid "
            "die al ongelijk was."
        )
    if found.is_cut_short:
        out.append("De zoektocht is gestopt door de tijdslimiet: een volgende run kan anders zijn.")
    return out
