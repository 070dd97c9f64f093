"""Every product of a case up to the search, made in order from its settings and files."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import ConstraintSettings, HealthSettings, RunSettings, SearchSettings
from evenground.constraints import (
    Rules,
    Works,
    build_rules,
    check_names,
    closed_sites,
    locked_steps,
    middles,
)
from evenground.errors import ConfigError
from evenground.evaluation import Evaluator, Frame
from evenground.exposure import Baseline, build_baseline
from evenground.exposure.supplied import Supplied, build_supplied
from evenground.interventions import (
    Options,
    Response,
    build_options,
    build_response,
    read_catalogue,
)
from evenground.miniature import write_miniature
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25, RESIDENTS
from evenground.objectives.groups import follow_groups
from evenground.objectives.health import (
    ANNOYED,
    HealthModel,
    adults,
    build_health_model,
    burden_per_1000,
    list_channels,
    select_functions,
)
from evenground.objectives.inequality import kolm_pollak_kappa
from evenground.objectives.stacking import build_stack
from evenground.objectives.vulnerability import Vulnerability, build_vulnerability, modifier
from evenground.optimise import (
    Problem,
    build_problem,
    check_possible,
    prefer,
)
from evenground.results import BASELINES
from evenground.sources import Catalogue, Sources, read_sources
from evenground.study import StudyArea, build_study
from evenground.uncertainty import (
    check_uncertain,
)

Float = NDArray[np.float64]

MARGIN = {HEAT: (2.0, 0.5), NOISE: (30.0, 10.0), NO2: (20.0, 20.0), PM25: (5.0, 5.0)}
"""How far a plan may bring an exposure below the least and above the most of today."""


@dataclass(frozen=True)
class Model:
    """Every product of a case up to the search."""

    settings: RunSettings
    sources: Sources
    study: StudyArea
    baseline: Baseline
    supplied: tuple[Supplied, ...]
    options: Options
    response: Response
    health: HealthModel
    problem: Problem
    vulnerability: Vulnerability | None = None

    def with_search(self, search_settings: SearchSettings) -> "Model":
        """Return the same model with another search."""
        problem = self.problem
        settings = self.settings.model_copy(update={"search": search_settings})
        return replace(self, settings=settings, problem=problem.with_search(search_settings))

    def with_health(self, health: HealthSettings) -> "Model":
        """Return the same places, options and response with other functions or rates.

        Raises
        ------
        ConfigError
            If the functions may not be chosen together.
        """
        select_functions(health)
        settings = self.settings.model_copy(update={"health": health})
        made, problem = _judge(
            settings,
            self.study,
            self.options,
            self.response,
            self.vulnerability,
            rules=self.problem.rules,
            gap=self.problem.frame.gap_weight,
        )
        return replace(self, settings=settings, health=made, problem=problem)


DEFAULT_SEED = 20261
"""Of the invented town that runs when no case is given."""


def write_default(folder: Path) -> Path:
    """Write the files of Voorbeeldstad and return its case file."""
    return write_miniature(folder, seed=DEFAULT_SEED)


def build_model(settings: RunSettings, data: Path) -> Model:
    """Read a case and make it ready to be searched."""
    # a choice that cannot be is told before any file is read
    select_functions(settings.health)
    return build_upon(settings, build_places(settings, data))


@dataclass(frozen=True)
class Places:
    """What a case is, whatever is asked of plans: files, people, exposure and responses."""

    sources: Sources
    study: StudyArea
    baseline: Baseline
    supplied: tuple[Supplied, ...]
    options: Options
    response: Response


ASKED = (
    "health",
    "vulnerability",
    "objectives",
    "stacking",
    "groups",
    "constraints",
    "phasing",
    "uncertainty",
)
"""Sections of the settings, besides ``search``, on which places do not rest; of ``constraints``
the files excepted."""


def placed(settings: RunSettings) -> RunSettings:
    """Return the settings on which places rest, with all else at its default.

    Cases that are the same then have the same places.
    """
    limits = settings.constraints
    files = {"exclude": limits.exclude, "lock": limits.lock}
    defaults = {key: RunSettings.model_fields[key].get_default() for key in ASKED}
    defaults["constraints"] = ConstraintSettings().model_copy(update=files)
    defaults["search"] = SearchSettings(seed=0, budget_eur=0.0)
    return settings.model_copy(update=defaults)


def build_places(settings: RunSettings, data: Path) -> Places:
    """Read the files of a case, and make all that its plans will be judged by."""
    brings_own = settings.interventions.catalogue or settings.interventions.effects
    catalogue = None if brings_own else _read_catalogue(settings, None)
    sources = read_sources(settings, data)
    catalogue = _read_catalogue(settings, sources.catalogue) if catalogue is None else catalogue
    study = build_study(sources, settings)
    baseline = build_baseline(study, sources, settings)
    supplied = build_supplied(study, sources, settings)
    options = build_options(study, catalogue, settings.interventions)
    response = build_response(study, baseline, options, settings.exposure, settings.interventions)
    return Places(sources, study, baseline, supplied, options, response)


def build_upon(settings: RunSettings, places: Places) -> Model:
    """Ask of places what the settings ask; reads no file."""
    _check_catalogue(settings, places.options.interventions)
    sources, study = places.sources, places.study
    options = places.options.with_fixed(settings.constraints.fixed_eur)
    brought = {part.name: part.mean for part in places.supplied}
    vulnerability = build_vulnerability(study, brought, settings.vulnerability)
    gap = follow_groups(settings, study, brought)
    health, problem = _judge(
        settings,
        study,
        options,
        places.response,
        vulnerability,
        rules=_rules(settings, sources, study, options),
        gap=gap,
    )
    return Model(
        settings,
        sources,
        study,
        places.baseline,
        places.supplied,
        options,
        places.response,
        health,
        problem,
        vulnerability,
    )


def _judge(
    settings: RunSettings,
    study: StudyArea,
    options: Options,
    response: Response,
    vulnerability: Vulnerability | None,
    *,
    rules: Rules,
    gap: Float | None = None,
) -> tuple[HealthModel, Problem]:
    """Turn exposure into health and scores; reads no file and builds no response.

    Raises
    ------
    SearchError
        If no plan can respect all that is asked, with the smallest set that cannot be met.
    """
    health = build_health_model(
        study,
        exposure_ranges(response, settings),
        mean_ndvi(study, response, settings),
        exposure=settings.exposure,
        health=settings.health,
        access_target=settings.objectives.access_target_per_1000,
        modifier=modifier_of(vulnerability, settings),
    )
    evaluator, frame = build_evaluator(
        settings, study, options, response, health, vulnerability=vulnerability
    )
    frame = replace(frame, gap_weight=gap)
    problem = build_problem(options, evaluator, frame, settings.search, rules)
    if settings.constraints.priority is not None:
        problem = prefer(problem, study, settings.constraints.priority)
    check_possible(problem)
    by_rule = tuple(tuple(rule.parts(problem, study)) for rule in BASELINES)
    return health, replace(problem, by_rule=by_rule)


def _read_catalogue(settings: RunSettings, own: Catalogue | None) -> pd.DataFrame:
    """Return the interventions of the case, and refuse margins of numbers that it does not use."""
    catalogue = read_catalogue(
        settings.interventions,
        own,
        price_year=settings.case.price_year,
        has_buildings=settings.buildings is not None,
    )
    _check_catalogue(settings, catalogue)
    return catalogue


def _check_catalogue(settings: RunSettings, catalogue: pd.DataFrame) -> None:
    """Refuse constraints on, and margins of numbers of, what the case does not use."""
    if faults := check_names(settings.constraints, catalogue):
        raise ConfigError(faults)
    check_uncertain(settings, catalogue)


def _rules(settings: RunSettings, sources: Sources, study: StudyArea, options: Options) -> Rules:
    """Gather what plans must respect, whatever they gain."""
    limits = settings.constraints
    lock = None
    if sources.works is not None and limits.lock is not None:
        points = sources.works.geometry
        works = Works(
            points.x.to_numpy(float),
            points.y.to_numpy(float),
            sources.works["intervention"].to_numpy(str),
            sources.works["amount"].to_numpy(float),
        )
        lock = locked_steps(options, study, works, limits.lock.file)
    polygons = np.zeros(0, object) if sources.closed is None else sources.closed.geometry.to_numpy()
    return build_rules(
        options,
        limits,
        settings.search.budget_eur,
        middle=middles(options, study),
        is_closed=closed_sites(options, study, limits, polygons),
        lock=lock,
    )


def modifier_of(vulnerability: Vulnerability | None, settings: RunSettings) -> Float | None:
    """Return how much stronger responses are for the vulnerable; nothing where that is off."""
    if vulnerability is None:
        return None
    channels = tuple(list_channels(settings.health))
    return modifier(vulnerability.index, channels, settings.vulnerability)


def exposure_ranges(response: Response, settings: RunSettings) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest exposure that the tables must hold, by layer."""
    today = np.where(response.is_energy[:, None], response.level, response.baseline)
    ranges = {
        layer: (float(today[k].min()) - below, float(today[k].max()) + above)
        for k, layer in enumerate(LAYERS)
        for below, above in [MARGIN.get(layer, (0.0, 0.0))]
    }
    ranges[GREEN] = (0.0, 1.0)
    ranges[ACCESS] = (0.0, 2.0 * settings.objectives.access_target_per_1000)
    return ranges


def mean_ndvi(study: StudyArea, response: Response, settings: RunSettings) -> float:
    """Mean NDVI around the homes of all residents today."""
    share = response.baseline[LAYERS.index(GREEN)].astype(float)
    mean = float(np.average(share, weights=study.receptors.residents))
    return settings.exposure.ndvi_offset + settings.exposure.ndvi_slope * mean


def build_evaluator(
    settings: RunSettings,
    study: StudyArea,
    options: Options,
    response: Response,
    health: HealthModel,
    *,
    vulnerability: Vulnerability | None = None,
) -> tuple[Evaluator, Frame]:
    """Make the evaluator, and freeze at the baseline what the scores are measured by."""
    plain = Evaluator(study.receptors, study.group_residents, response, health.dose)
    rank = study.neighbourhoods["ses_rank"].to_numpy(float)
    # the stack weighs by one minus a rank: the index, or else SES
    in_stack = vulnerability is not None and settings.vulnerability.in_stacking
    stack_rank = 1.0 - vulnerability.index if vulnerability is not None and in_stack else rank
    stack = build_stack(
        plain,
        health.dose,
        study.group_residents,
        (study.receptors.neighbourhood, study.receptors.residents),
        stack_rank,
        power=settings.objectives.stacking_power,
        weight=settings.objectives.stacking_vulnerability,
    )
    is_assessed = study.neighbourhoods["is_assessed"].to_numpy(bool)
    people = np.where(is_assessed, study.neighbourhoods[RESIDENTS].to_numpy(float), 0.0)
    today = plain.evaluate(np.zeros((1, plain.n_option), np.int16))
    burden = burden_per_1000(today, people)[0]
    kappa = kolm_pollak_kappa(burden, people, settings.objectives.inequality_aversion)
    frame = Frame(
        residents=people,
        is_assessed=is_assessed,
        ses_rank=rank,
        kappa=kappa,
        yearly_eur=options.yearly_eur,
        yearly_start_eur=options.yearly_start_eur,
        access_channel=health.dose.channels.index("access_shortfall"),
        annoyed_channel=health.dose.channels.index(ANNOYED),
        adults=adults(study),
    )
    return plain.with_stack(stack), frame


def qualities(baseline: Baseline) -> dict[str, str]:
    """Return how each layer was made, by layer."""
    return {layer: str(baseline.exposure[layer].attrs["quality"]) for layer in LAYERS}
