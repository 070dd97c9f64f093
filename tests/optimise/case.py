"""Plans and problems that several tests of the search share."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from evenground.constraints import build_rules, middles
from evenground.interventions import Options, build_response
from evenground.optimise import Problem, build_problem
from evenground.optimise.start import make_batches
from evenground.pipeline import Model, build_evaluator

Plans = NDArray[np.int16]


def random_plans(problem: Problem, count: int, seed: int, share: float = 0.2) -> Plans:
    """Make plans within the amounts, but over ground and budget (candidate, option)."""
    rng, most = np.random.default_rng(seed), problem.options.most
    amount = np.ceil(rng.random((count, most.size)) * most)
    return np.where(rng.random((count, most.size)) < share, amount, 0).astype(np.int16)


def seeds_of(problem: Problem) -> Plans:
    """Return all seeds of a problem (candidate, option), the plan that builds least first."""
    return np.concatenate(list(make_batches(problem)))


def with_search(problem: Problem, **changes: object) -> Problem:
    """Return the same problem with other settings of the search."""
    return problem.with_search(problem.search.model_copy(update=changes))


def with_options(model: Model, keep: NDArray[np.integer]) -> Problem:
    """Return the problem with some of its options only."""
    settings = model.settings
    options = only(model.options, keep)
    response = build_response(
        model.study, model.baseline, options, settings.exposure, settings.interventions
    )
    evaluator, frame = build_evaluator(settings, model.study, options, response, model.health)
    rules = build_rules(
        options,
        settings.constraints,
        settings.search.budget_eur,
        middle=middles(options, model.study),
        is_closed=np.zeros(options.most.size, bool),
    )
    return build_problem(options, evaluator, frame, settings.search, rules)


def only(options: Options, keep: NDArray[np.integer]) -> Options:
    """Return the table of options with some rows only."""
    by_option = {
        field.name: getattr(options, field.name)[keep]
        for field in fields(options)
        if field.name not in {"interventions", "sites", "spread", "capacity"}
    }
    return replace(options, spread=options.spread.take(keep), **by_option)


def fits(problem: Problem, plans: Plans) -> NDArray[np.bool_]:
    """Say which plans keep to amounts, ground and budget, to rounding (candidate,)."""
    options, budget = problem.options, problem.search.budget_eur
    used = np.zeros((len(plans), options.capacity.size))
    for row, plan in zip(used, plans, strict=True):
        np.add.at(row, options.coupling, plan * options.use)
    return np.asarray(
        (plans >= 0).all(axis=1)
        & (plans <= options.most).all(axis=1)
        & (used <= options.capacity * (1 + 1e-6) + 1e-6).all(axis=1)
        & (plans @ options.capital_eur <= budget * (1 + 1e-9))
    )
