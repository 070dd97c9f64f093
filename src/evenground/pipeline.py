"""The story of a run, from a case file to a problem, a front and proposals.

The only place that knows the order of the stages. Data flows one way.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenground.config import RunSettings
from evenground.evaluation import Evaluator, Frame
from evenground.exposure import Baseline, build_baseline
from evenground.interventions import (
    Options,
    Response,
    build_options,
    build_response,
    read_catalogue,
)
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25, RESIDENTS
from evenground.objectives.health import HealthModel, build_health_model, burden_per_1000
from evenground.objectives.inequality import kolm_pollak_kappa
from evenground.objectives.stacking import build_stack
from evenground.optimise import Problem, build_problem
from evenground.sources import Sources, read_sources
from evenground.study import StudyArea, build_study

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
    options: Options
    response: Response
    health: HealthModel
    problem: Problem


def build_model(settings: RunSettings, data: Path) -> Model:
    """Read a case and make it ready to be searched."""
    sources = read_sources(settings, data)
    study = build_study(sources, settings)
    baseline = build_baseline(study, sources, settings)
    catalogue = read_catalogue(settings.interventions)
    options = build_options(study, catalogue, settings.interventions)
    response = build_response(study, baseline, options, settings.exposure, settings.interventions)
    health = build_health_model(
        study,
        exposure_ranges(response, settings),
        _mean_ndvi(study, response, settings),
        exposure=settings.exposure,
        health=settings.health,
        access_target=settings.objectives.access_target_per_1000,
    )
    evaluator, frame = _evaluator(settings, study, options, response, health)
    problem = build_problem(options, evaluator, frame, settings.search)
    return Model(settings, sources, study, baseline, options, response, health, problem)


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


def _mean_ndvi(study: StudyArea, response: Response, settings: RunSettings) -> float:
    """Mean NDVI around the homes of all residents today."""
    share = response.baseline[LAYERS.index(GREEN)].astype(float)
    mean = float(np.average(share, weights=study.receptors.residents))
    return settings.exposure.ndvi_offset + settings.exposure.ndvi_slope * mean


def _evaluator(
    settings: RunSettings,
    study: StudyArea,
    options: Options,
    response: Response,
    health: HealthModel,
) -> tuple[Evaluator, Frame]:
    """Make the evaluator, and freeze at the baseline what the scores are measured by."""
    plain = Evaluator(study.receptors, study.group_residents, response, health.dose)
    rank = study.neighbourhoods["ses_rank"].to_numpy(float)
    stack = build_stack(
        plain,
        health.dose,
        study.group_residents,
        (study.receptors.neighbourhood, study.receptors.residents),
        rank,
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
        capital_eur=options.capital_eur,
        yearly_eur=options.yearly_eur,
        access_channel=health.dose.channels.index("access_shortfall"),
    )
    return plain.with_stack(stack), frame
