"""The story of a run, from a case file to a problem, a front and proposals.

The only place that knows the order of the stages. Data flows one way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import HealthSettings, RunSettings, SearchSettings
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
from evenground.objectives.cumulative import GES_NL, ges_score
from evenground.objectives.groups import follow_groups
from evenground.objectives.health import (
    ANNOYED,
    HealthModel,
    adults,
    build_health_model,
    burden_per_1000,
    check_ranges,
    compose,
    list_channels,
    select_functions,
)
from evenground.objectives.inequality import kolm_pollak_kappa
from evenground.objectives.stacking import build_stack
from evenground.objectives.vulnerability import Vulnerability, build_vulnerability, modifier
from evenground.optimise import (
    Found,
    Problem,
    Progress,
    build_problem,
    check_possible,
    prefer,
    search,
)
from evenground.outputs.folder import (
    Clock,
    compressed,
    logged,
    name_run,
    whole_folder,
    write_log,
    write_manifest,
)
from evenground.outputs.gis import write_geopackage, write_map, write_works_csv
from evenground.outputs.proof import write_burdens, write_proof
from evenground.outputs.report import write_report
from evenground.results import (
    FACTOR_NL,
    Budgets,
    Distribution,
    LayerInfo,
    Proposal,
    Run,
    Uncertainty,
    assess,
    build_front,
    describe_layers,
    distribute,
    find,
    find_functions,
    ges_values,
    list_assumptions,
    list_certainty,
    list_factors,
    name_burdens,
    select_proposals,
    split_inequality,
    stack_up,
    tell_budgets,
    tell_uncertainty,
    tell_unplaced,
    tell_vulnerability,
    validate,
)
from evenground.results.numbers import change, million, number, percent
from evenground.sources import Catalogue, Sources, read_sources
from evenground.study import StudyArea, align, build_study
from evenground.uncertainty import (
    Base,
    build_base,
    build_ensemble,
    check_uncertain,
    draw,
    list_uncertain,
    outcomes,
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
    brings_own = settings.interventions.catalogue or settings.interventions.effects
    catalogue = None if brings_own else _read_catalogue(settings, None)
    sources = read_sources(settings, data)
    catalogue = _read_catalogue(settings, sources.catalogue) if catalogue is None else catalogue
    study = build_study(sources, settings)
    baseline = build_baseline(study, sources, settings)
    supplied = build_supplied(study, sources, settings)
    options = build_options(study, catalogue, settings.interventions)
    options = options.with_fixed(settings.constraints.fixed_eur)
    response = build_response(study, baseline, options, settings.exposure, settings.interventions)
    brought = {part.name: part.mean for part in supplied}
    vulnerability = build_vulnerability(study, brought, settings.vulnerability)
    gap = follow_groups(settings, study, brought)
    health, problem = _judge(
        settings,
        study,
        options,
        response,
        vulnerability,
        rules=_rules(settings, sources, study, options),
        gap=gap,
    )
    return Model(
        settings,
        sources,
        study,
        baseline,
        supplied,
        options,
        response,
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
        _mean_ndvi(study, response, settings),
        exposure=settings.exposure,
        health=settings.health,
        access_target=settings.objectives.access_target_per_1000,
        modifier=_modifier(vulnerability, settings),
    )
    evaluator, frame = _evaluator(
        settings, study, options, response, health, vulnerability=vulnerability
    )
    frame = replace(frame, gap_weight=gap)
    problem = build_problem(options, evaluator, frame, settings.search, rules)
    if settings.constraints.priority is not None:
        problem = prefer(problem, study, settings.constraints.priority)
    check_possible(problem)
    return health, problem


def _read_catalogue(settings: RunSettings, own: Catalogue | None) -> pd.DataFrame:
    """Return the interventions of the case, and refuse margins of numbers that it does not use."""
    catalogue = read_catalogue(
        settings.interventions,
        own,
        price_year=settings.case.price_year,
        has_buildings=settings.buildings is not None,
    )
    if faults := check_names(settings.constraints, catalogue):
        raise ConfigError(faults)
    check_uncertain(settings, catalogue)
    return catalogue


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


def _modifier(vulnerability: Vulnerability | None, settings: RunSettings) -> Float | None:
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


def run(
    settings: RunSettings, data: Path, out: Path, progress: Progress | None = None
) -> tuple[Path, list[str]]:
    """Search a case and write its run directory; return it with five lines on what it says.

    The directory is written under a temporary name and renamed when it is whole, so
    that a run that is killed leaves nothing that looks finished.
    """
    clock = Clock()
    with logged() as log:
        model = build_model(settings, data)
        clock.lap("model")
        found = search(model.problem, progress)
        clock.lap("search")
        result = build_run(model, found)
        clock.lap("proposals")
        target = name_run(out, settings)
        with whole_folder(target) as folder:
            write_run(model, result, folder)
            clock.lap("outputs")
            write_manifest(folder, settings, result, clock.laps)
            write_log(folder, log)
    return target, summarise(result)


def build_run(model: Model, found: Found) -> Run:
    """Choose proposals from what was found, and label everything."""
    problem, study = model.problem, model.study
    today = assess(problem, study, problem.empty)
    split = split_inequality(problem, study, model.health)
    most = model.settings.search.proposals
    proposals = select_proposals(problem, study, found.archive, today, most)
    _, evaluation = problem.scores(problem.empty[None, :])
    exposure = problem.evaluator.exposure(problem.empty).astype(float)
    layers = describe_layers(model.baseline, fictional=model.settings.case.fictional)
    people = study.receptors.residents
    plans = {"today": problem.empty} | {proposal.id: proposal.plan for proposal in proposals}
    fits = check_ranges(exposure, people, model.settings.exposure, model.settings.health)
    return Run(
        settings=model.settings,
        study=study,
        layers=layers,
        today=today,
        proposals=proposals,
        budgets=judge_budgets(model, plans),
        uncertainty=judge_uncertainty(model, proposals),
        distribution=_distribute(model, plans),
        front=build_front(found.archive, model.settings.search.objectives),
        history=found.history,
        sources_of_inequality=split,
        supplied=model.supplied,
        factors=list_factors(
            model.settings, study, layers, exposure, model.supplied, park=_park(model)
        ),
        stacking=stack_up(
            problem,
            study,
            model.health,
            model.settings,
            plans,
            supplied=model.supplied,
            index=model.vulnerability,
        ),
        composition=compose(model.health, evaluation, study),
        validation=check_totals(model),
        catalogue=model.options.interventions,
        certainty=list_certainty(model.settings, model.options.interventions),
        assumptions=list_assumptions(model.settings),
        files=model.sources.files,
        vulnerability=model.vulnerability,
        remarks=(
            *model.sources.remarks,
            *study.remarks,
            *tell_unplaced(model.options),
            *tell_vulnerability(model.settings, model.vulnerability, study),
        ),
        findings=(*find(today, split, found), *find_functions(fits, model.settings.health)),
    )


def judge_budgets(model: Model, plans: Mapping[str, NDArray[np.int16]]) -> Budgets | None:
    """Tell what budget lines are spent on and worth; None where the case has no lines."""
    limits = model.settings.constraints
    if not limits.budgets:
        return None
    return tell_budgets(model.problem, limits.budgets, plans, pooling=limits.pooling)


def judge_uncertainty(model: Model, proposals: tuple[Proposal, ...]) -> Uncertainty | None:
    """Judge today and the proposals in every city of the ensemble; None where there is none."""
    settings, problem = model.settings, model.problem
    if settings.uncertainty.draws == 0:
        return None
    base = build_uncertain(model)
    plans = np.stack([problem.empty, *(proposal.plan for proposal in proposals)])
    numbers = tuple(base.numbers.values())
    draws = draw(numbers, settings.uncertainty.draws, settings.search.seed)
    ensemble = build_ensemble(base, draws, plans)
    central = outcomes(problem, *problem.scores(plans))
    names = [proposal.id for proposal in proposals]
    return tell_uncertainty(ensemble, names, central, model.study, model.options)


def build_uncertain(model: Model) -> Base:
    """Gather what all cities of the ensemble share."""
    settings = model.settings
    return build_base(
        settings,
        model.study,
        model.response,
        model.problem,
        ranges=exposure_ranges(model.response, settings),
        mean_ndvi=_mean_ndvi(model.study, model.response, settings),
        modifier=_modifier(model.vulnerability, settings),
        numbers=list_uncertain(settings, model.options.interventions, qualities(model.baseline)),
    )


def qualities(baseline: Baseline) -> dict[str, str]:
    """Return how each layer was made, by layer."""
    return {layer: str(baseline.exposure[layer].attrs["quality"]) for layer in LAYERS}


def check_totals(model: Model) -> pd.DataFrame:
    """Compare the totals of today with published ones; needs no search."""
    empty, evaluator = model.problem.empty, model.problem.evaluator
    _, evaluation = model.problem.scores(empty[None, :])
    composition = compose(model.health, evaluation, model.study)
    exposure = evaluator.exposure(empty).astype(float)
    return validate(model.settings, model.study, model.health, composition, exposure)


def _distribute(model: Model, plans: Mapping[str, NDArray[np.int16]]) -> Distribution:
    """Return how plans, today first, spread burden and exposure."""
    return distribute(
        model.problem,
        model.study,
        plans,
        model.settings.groups,
        aversion=model.settings.objectives.inequality_aversion,
        supplied=model.supplied,
    )


def _park(model: Model) -> NDArray[np.float32] | None:
    """Share of park of each cell (y, x), where the case has a map of it."""
    park = model.sources.rasters.get("park")
    return None if park is None else align(park, model.study.grid, "mean")


def write_run(model: Model, result: Run, folder: Path) -> None:
    """Write the front, the report, and each proposal with its maps."""
    result.front.to_netcdf(
        folder / "front.nc", engine="h5netcdf", encoding=compressed(result.front)
    )
    result.history.to_csv(folder / "history.csv", index=False)
    write_distribution(result, folder / "distribution")
    write_stacking(result, folder / "stacking")
    result.validation.to_csv(folder / "validation.csv", index=False)
    write_proof(result, model.options, model.sources, folder)
    write_report(result, folder / "report.html")
    if result.budgets is not None:
        result.budgets.lines.to_csv(folder / "budgets.csv", index=False)
    if result.uncertainty is not None:
        write_uncertainty(result.uncertainty, folder / "uncertainty")
    if model.vulnerability is not None:
        model.vulnerability.parts.to_csv(folder / "vulnerability.csv", index=False)
    maps = folder / "maps"
    maps.mkdir()
    for info in result.layers:
        values = model.baseline.exposure[info.name].to_numpy()
        tags = {"title": info.title, "unit": info.unit, "quality": info.quality}
        write_map(maps / f"{info.name}_nu.tif", values, model.study.grid, tags)
    for part in model.supplied:
        if part.grid is not None:
            tags = {"title": part.title, "unit": part.settings.unit}
            tags["quality"] = part.settings.quality
            write_map(maps / f"{part.name}_nu.tif", part.grid, model.study.grid, tags)
    for name, scores, tags in ges_maps(model, result):
        write_map(maps / f"ges_{name}_nu.tif", scores, model.study.grid, tags)
    for proposal in result.proposals:
        place = folder / "proposals" / proposal.id
        place.mkdir(parents=True)
        write_geopackage(result, proposal, place / f"{proposal.id}.gpkg")
        write_works_csv(proposal, place / "maatregelen.csv")
        write_burdens(result, proposal, place / "buurten.csv")
        for info, difference in change_maps(model, result, proposal):
            tags = {"title": f"{info.title}, verschil", "unit": info.unit, "quality": info.quality}
            write_map(place / f"{info.name}_verschil.tif", difference, model.study.grid, tags)


def write_distribution(result: Run, folder: Path) -> None:
    """Write who bears what today and under each proposal, as plain CSV for further work."""
    found = result.distribution
    folder.mkdir()
    found.measures.to_csv(folder / "measures.csv", index=False)
    found.splits.to_csv(folder / "splits.csv", index=False)
    found.curves.to_csv(folder / "curves.csv", index=False)
    found.worse_off.to_csv(folder / "worse_off.csv", index=False)
    found.exposure.to_csv(folder / "exposure.csv", index=False)
    if result.settings.groups:
        found.groups.to_csv(folder / "groups.csv", index=False)


def write_uncertainty(told: Uncertainty, folder: Path) -> None:
    """Write every table of the ensemble as plain CSV."""
    folder.mkdir()
    for field in fields(told):
        getattr(told, field.name).to_csv(folder / f"{field.name}.csv", index=False)


def write_stacking(result: Run, folder: Path) -> None:
    """Write every form of stacking, who lives above how many norms, and how policies stack."""
    found = result.stacking
    folder.mkdir()
    found.measures.to_csv(folder / "measures.csv", index=False)
    found.neighbourhoods.to_csv(folder / "neighbourhoods.csv", index=False)
    found.people.to_csv(folder / "people.csv", index=False)
    found.policies.to_csv(folder / "policies.csv", index=False)
    found.ges_people.to_csv(folder / "ges.csv", index=False)


def change_maps(
    model: Model, result: Run, proposal: Proposal
) -> Iterator[tuple[LayerInfo, NDArray[np.float32]]]:
    """Return the change of every layer in the cells where people live (y, x)."""
    people = model.study.receptors
    evaluator = model.problem.evaluator
    difference = evaluator.exposure(proposal.plan) - evaluator.exposure(model.problem.empty)
    for k, info in enumerate(result.layers):
        grid = np.full(model.study.grid.shape, np.nan, np.float32)
        grid[people.row, people.col] = difference[k]
        yield info, grid


def ges_maps(
    model: Model, result: Run
) -> Iterator[tuple[str, NDArray[np.float32], dict[str, str]]]:
    """Return the GES score of each factor today in the cells where people live (y, x), and tags."""
    people = model.study.receptors
    exposure = model.problem.evaluator.exposure(model.problem.empty).astype(float)
    legend = "; ".join(f"{score} {word}" for score, word in enumerate(GES_NL))
    for factor, name, values in ges_values(exposure, model.supplied):
        grid = np.full(model.study.grid.shape, np.nan, np.float32)
        grid[people.row, people.col] = ges_score(name, values, result.settings.stacking)
        yield factor, grid, {"title": f"GES-score {FACTOR_NL[factor]}", "legend": legend}


def summarise(result: Run) -> list[str]:
    """Return five Dutch lines on what a run says."""
    today = result.today.scores
    title, evaluated = result.settings.case.title, int(result.history["evaluated"].iloc[-1])
    n_front = result.front.sizes["candidate"]
    burdens = name_burdens(result.settings.health)
    lines = [
        f"{title}: nu {number(today['burden'])} DALY per jaar door {burdens}.",
        f"{number(n_front)} plannen in het front, uit {number(evaluated)} doorgerekende.",
    ]
    for proposal in result.proposals[:2]:
        scores = proposal.assessment.scores
        lines.append(
            f"{proposal.name}: {million(scores['capital'])}, "
            f"{change(scores['burden'] - today['burden'], 0)} DALY per jaar, stapeling "
            f"{percent(scores['stacking'], today['stacking'])}."
        )
    lines.append("Open report.html voor kaarten, wie erop vooruitgaat, kosten en bronnen.")
    return lines
