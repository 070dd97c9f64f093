"""The story of a run, from a case file to a problem, a front and proposals.

The only place that knows the order of the stages. Data flows one way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenground.config import RunSettings, SearchSettings
from evenground.constraints import (
    Works,
    build_rules,
    closed_sites,
    locked_steps,
    middles,
)
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
from evenground.objectives.health import (
    HealthModel,
    build_health_model,
    burden_per_1000,
    check_ranges,
    compose,
    list_channels,
    select_functions,
)
from evenground.objectives.inequality import kolm_pollak_kappa
from evenground.objectives.stacking import NORMS, build_stack, exceedances
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
from evenground.outputs.gis import write_geopackage, write_map, write_table, write_works_csv
from evenground.outputs.report import write_report
from evenground.results import (
    LayerInfo,
    Proposal,
    Run,
    Uncertainty,
    assess,
    build_baselines,
    build_front,
    count_norms,
    describe_layers,
    distribute,
    find,
    find_functions,
    list_assumptions,
    list_certainty,
    list_factors,
    name_burdens,
    phase_proposals,
    price_fairness,
    select_proposals,
    split_inequality,
    tabulate_phases,
    tell_phasing,
    tell_uncertainty,
    tell_vulnerability,
)
from evenground.results.numbers import change, million, number, percent
from evenground.sources import Sources, read_sources
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


DEFAULT_SEED = 20261
"""Of the invented town that runs when no case is given."""


def write_default(folder: Path) -> Path:
    """Write the files of Voorbeeldstad and return its case file."""
    return write_miniature(folder, seed=DEFAULT_SEED)


def build_model(settings: RunSettings, data: Path) -> Model:
    """Read a case and make it ready to be searched."""
    # a choice that cannot be is told before any file is read
    select_functions(settings.health)
    catalogue = read_catalogue(settings.interventions)
    check_uncertain(settings, catalogue)
    sources = read_sources(settings, data)
    study = build_study(sources, settings)
    baseline = build_baseline(study, sources, settings)
    supplied = build_supplied(study, sources, settings)
    options = build_options(study, catalogue, settings.interventions)
    response = build_response(study, baseline, options, settings.exposure, settings.interventions)
    brought = {part.name: part.mean for part in supplied}
    vulnerability = build_vulnerability(study, brought, settings.vulnerability)
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
    problem = build_limited(settings, sources, study, options, evaluator=evaluator, frame=frame)
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


def build_limited(
    settings: RunSettings,
    sources: Sources,
    study: StudyArea,
    options: Options,
    *,
    evaluator: Evaluator,
    frame: Frame,
) -> Problem:
    """Make the problem with everything that plans must respect.

    Raises
    ------
    SearchError
        If no plan can respect it all, with the smallest set that cannot be met.
    """
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
    rules = build_rules(
        options,
        limits,
        settings.search.budget_eur,
        middle=middles(options, study),
        is_closed=closed_sites(options, study, limits, polygons),
        lock=lock,
    )
    problem = build_problem(options, evaluator, frame, settings.search, rules)
    if limits.priority is not None:
        problem = prefer(problem, study, limits.priority)
    check_possible(problem)
    return problem


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
    _, evaluation = problem.scores(problem.empty[None, :])
    exposure = problem.evaluator.exposure(problem.empty).astype(float)
    layers = describe_layers(model.baseline, fictional=model.settings.case.fictional)
    people = study.receptors.residents
    fits = check_ranges(
        exposure,
        people,
        model.settings.exposure,
        model.settings.health,
    )
    proposals = select_proposals(problem, study, found.archive, today, most)
    proposals = phase_proposals(problem, study, found.archive, proposals, model.settings.phasing)
    baselines = build_baselines(problem, study, today)
    return Run(
        settings=model.settings,
        study=study,
        layers=layers,
        today=today,
        proposals=proposals,
        baselines=baselines,
        fairness=price_fairness(problem, study, today, proposals, baselines),
        uncertainty=judge_uncertainty(model, proposals),
        front=build_front(found.archive),
        history=found.history,
        sources_of_inequality=split,
        supplied=model.supplied,
        factors=list_factors(
            model.settings, study, layers, exposure, model.supplied, park=_park(model)
        ),
        norm_count=count_norms(exceedances(exposure), len(NORMS), model.supplied, people),
        composition=compose(model.health, evaluation, study),
        catalogue=model.options.interventions,
        certainty=list_certainty(model.settings, model.options.interventions),
        assumptions=list_assumptions(model.settings),
        files=model.sources.files,
        vulnerability=model.vulnerability,
        remarks=(
            *model.sources.remarks,
            *study.remarks,
            *tell_vulnerability(model.settings, model.vulnerability, study),
            *tell_phasing(model.settings),
        ),
        findings=(*find(today, split, found), *find_functions(fits, model.settings.health)),
    )


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
    write_distribution(model, result, folder / "distribution")
    write_report(result, folder / "report.html")
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
    for proposal in result.proposals:
        place = folder / "proposals" / proposal.id
        place.mkdir(parents=True)
        write_geopackage(result, proposal, place / f"{proposal.id}.gpkg")
        write_works_csv(proposal, place / "maatregelen.csv")
        if proposal.phases:
            write_table(tabulate_phases(proposal), place / "fasering.csv")
        for info, difference in change_maps(model, result, proposal):
            tags = {"title": f"{info.title}, verschil", "unit": info.unit, "quality": info.quality}
            write_map(place / f"{info.name}_verschil.tif", difference, model.study.grid, tags)
    write_baselines(result, folder / "baselines")


def write_baselines(result: Run, folder: Path) -> None:
    """Write the plans to compare with as proposals are, and the price of fairness."""
    for baseline in result.baselines:
        place = folder / baseline.id
        place.mkdir(parents=True)
        write_geopackage(result, baseline, place / f"{baseline.id}.gpkg")
        write_works_csv(baseline, place / "maatregelen.csv")
    result.fairness.to_csv(folder / "price_of_fairness.csv", index=False)


def write_distribution(model: Model, result: Run, folder: Path) -> None:
    """Write who bears what today and under each proposal, as plain CSV for further work."""
    plans = {"today": model.problem.empty}
    plans |= {proposal.id: proposal.plan for proposal in result.proposals}
    found = distribute(model.problem, model.study, plans, model.settings.groups)
    folder.mkdir()
    found.measures.to_csv(folder / "measures.csv", index=False)
    found.worse_off.to_csv(folder / "worse_off.csv", index=False)
    if model.settings.groups:
        found.groups.to_csv(folder / "groups.csv", index=False)


def write_uncertainty(told: Uncertainty, folder: Path) -> None:
    """Write every table of the ensemble as plain CSV."""
    folder.mkdir()
    for field in fields(told):
        getattr(told, field.name).to_csv(folder / f"{field.name}.csv", index=False)


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
