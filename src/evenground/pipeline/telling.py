"""What is said of a search that has ended: proposals, and every table of a run."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.interventions import list_moves
from evenground.objectives.health import (
    check_ranges,
    compose,
)
from evenground.optimise import (
    Bound,
    City,
    Found,
    bound,
    seconds_of_lines,
    time_of_bound,
)
from evenground.pipeline.model import Model, exposure_ranges, mean_ndvi, modifier_of, qualities
from evenground.results import (
    Budgets,
    Distribution,
    Proposal,
    Run,
    Uncertainty,
    assess,
    build_baselines,
    build_front,
    describe_layers,
    distribute,
    find,
    find_functions,
    list_assumptions,
    list_certainty,
    list_factors,
    phase_proposals,
    price_fairness,
    select_proposals,
    split_inequality,
    stack_up,
    tell_budgets,
    tell_moving,
    tell_phasing,
    tell_traffic,
    tell_uncertainty,
    tell_unplaced,
    tell_vulnerability,
    validate,
)
from evenground.study import align
from evenground.uncertainty import (
    Base,
    build_base,
    build_ensemble,
    draw,
    list_uncertain,
    outcomes,
)

Float = NDArray[np.float64]


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
    proposals = phase_proposals(problem, study, found.archive, proposals, model.settings.phasing)
    plans = {"today": problem.empty} | {proposal.id: proposal.plan for proposal in proposals}
    fits = check_ranges(exposure, people, model.settings.exposure, model.settings.health)
    baselines = build_baselines(problem, study, today)
    moves = list_moves(study, model.options, model.settings.interventions)
    every = plans | {baseline.id: baseline.plan for baseline in baselines}
    return Run(
        settings=model.settings,
        study=study,
        layers=layers,
        today=today,
        proposals=proposals,
        budgets=judge_budgets(model, plans),
        bound=prove_bound(model, found),
        baselines=baselines,
        fairness=price_fairness(problem, study, today, proposals, baselines),
        uncertainty=judge_uncertainty(model, proposals),
        distribution=_distribute(model, plans),
        front=build_front(found.archive, model.settings.search.objectives, found.history),
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
            every,
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
            *tell_unplaced(model.options, study, model.settings.interventions),
            *tell_vulnerability(model.settings, model.vulnerability, study),
            *tell_phasing(model.settings),
            *tell_moving(model.settings, moves),
        ),
        traffic=tell_traffic(
            problem, study, every, moves, response=model.response, dose=model.health.dose
        ),
        findings=(*find(today, split, found), *find_functions(fits, model.settings.health)),
    )


def prove_bound(model: Model, found: Found) -> Bound | None:
    """Return what no plan goes below; None where it has no time."""
    spent_s = float(found.history["seconds"].iloc[-1])
    search = model.settings.search
    lines_s = 0.0 if search.time_limit_s is None else seconds_of_lines(model.problem)
    time_s = time_of_bound(search, spent_s, lines_s)
    if time_s == 0.0:
        return None
    study = model.study
    city = City(model.response, study.receptors, model.health.dose, study.group_residents)
    is_strict = search.time_limit_s is not None
    return bound(model.problem, city, found.archive, time_s, is_strict=is_strict)


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
        mean_ndvi=mean_ndvi(model.study, model.response, settings),
        modifier=modifier_of(model.vulnerability, settings),
        numbers=list_uncertain(settings, model.options.interventions, qualities(model.baseline)),
    )


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
