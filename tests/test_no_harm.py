"""The no-harm rule, and what may be an objective only under it."""

from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.config import Measure, RunSettings, parse_settings
from evenground.errors import ConfigError
from evenground.evaluation import Evaluation
from evenground.objectives import OBJECTIVES
from evenground.optimise import Problem, search
from evenground.pipeline import Model


def with_search(settings: RunSettings, **search: object) -> dict[str, Any]:
    raw = settings.model_dump(exclude_none=True)
    followed = {"objectives": {**raw["objectives"], "gap_group": "a"}, "groups": [{"name": "a"}]}
    return {**raw, **followed, "search": {**raw["search"], **search}}


@pytest.mark.parametrize("name", get_args(Measure))
def test_settings__refuse_a_measure_that_levels_down_without_the_rule(
    small_settings: RunSettings, name: str
) -> None:
    goals = ["burden", name]

    with pytest.raises(ConfigError, match="harming the best-off; set no_harm = true"):
        parse_settings(with_search(small_settings, objectives=goals), "case.toml")

    allowed = parse_settings(with_search(small_settings, objectives=goals, no_harm=True), "c.toml")
    assert allowed.search.objectives == ("burden", name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ges", "may not be added"),
        ("ges_noise", "may not be added"),
        ("leefbaarometer", "its makers forbid"),
        ("atkinson", "made for goods"),
    ],
)
def test_settings__refuse_what_may_only_be_shown_with_the_reason(
    small_settings: RunSettings, name: str, reason: str
) -> None:
    raw = with_search(small_settings, objectives=["burden", name], no_harm=True)

    with pytest.raises(ConfigError, match=reason):
        parse_settings(raw, "case.toml")


@pytest.mark.jit
def test_harm__is_the_largest_loss_of_any_group_in_any_neighbourhood(small_model: Model) -> None:
    problem = small_model.problem
    _, today = problem.scores(problem.empty[None, :])
    worse = today.burden.copy()
    worse[0, 4, 1, 2] += 0.5 / 1000.0 * problem.frame.residents[2]
    worse[0, 3, 0, 2] -= 3.0
    then = Evaluation(today.mean_phi, worse, today.stacking)

    assert problem.harm(then, today) == pytest.approx([0.5])
    assert problem.harm(today, today) == pytest.approx([0.0])


def lower(model: Model, *goals: str) -> Model:
    settings = model.settings.search.model_copy(update={"objectives": goals, "no_harm": True})
    return model.with_search(settings)


@pytest.mark.jit
def test_search__under_the_rule_keeps_no_plan_that_harms_anybody(small_model: Model) -> None:
    problem = lower(small_model, "burden", "gini", "concentration", "cost").problem
    _, today = problem.scores(problem.empty[None, :])

    archive = search(problem).archive

    _, then = problem.scores(archive.dense(range(len(archive))))
    assert len(archive) > 1
    assert archive.goals.shape[1] == 4
    assert problem.harm(then, today).max() <= 1e-9


@pytest.mark.jit
def test_search__under_the_rule_drops_harmful_plans_seeds_included(
    small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as if every plan that lowers the burden by more than 1 % harmed somebody
    def harm(_: Problem, then: Evaluation, today: Evaluation) -> NDArray[np.float64]:
        most = 0.99 * today.burden.sum()
        return np.where(then.burden.sum(axis=(1, 2, 3)) < most, 1.0, 0.0)

    monkeypatch.setattr(Problem, "harm", harm)
    problem = lower(small_model, "burden", "cost").problem
    today = problem.scores(problem.empty[None, :])[0][0, list(OBJECTIVES).index("burden")]

    archive = search(problem).archive

    assert archive.goals[:, 0].min() >= 0.99 * today
    assert len(archive) > 1
