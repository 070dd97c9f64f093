"""A town that assumes how people walk for green, from plans to the report."""

from pathlib import Path

import numpy as np
import pytest

from evenground.config import BehaviourSettings, RunSettings, read_settings
from evenground.names import BURDEN_LAYERS, GREEN, LAYERS
from evenground.objectives.health import Fit
from evenground.optimise import SCORES
from evenground.pipeline import Model, build_model, run
from evenground.results import assess, find_functions, list_certainty, name_burdens

pytestmark = pytest.mark.jit

SOURCE = "een schatting <van niemand>"


def walking(settings: RunSettings, *, counted: bool) -> RunSettings:
    """Return a case that assumes 300 minutes for all green, and 90 today."""
    assumed = BehaviourSettings(
        walk_minutes_per_green_share=300.0,
        walk_minutes_today=90.0,
        source=SOURCE,
        counted=counted,
    )
    health = settings.health.model_copy(update={"behaviour": assumed})
    return settings.model_copy(update={"health": health})


@pytest.fixture(scope="module")
def beside(small_case: Path, small_settings: RunSettings) -> Model:
    return build_model(walking(small_settings, counted=False), small_case.parent)


@pytest.fixture(scope="module")
def counted(small_case: Path, small_settings: RunSettings) -> Model:
    return build_model(walking(small_settings, counted=True), small_case.parent)


def some_plans(model: Model) -> np.ndarray:
    """Return nothing, and two random plans."""
    rng = np.random.default_rng(3)
    most = model.options.most
    active = rng.random((3, most.size)) < 0.2
    active[0] = False
    return np.where(active, np.ceil(rng.random(active.shape) * most), 0).astype(np.int16)


def test_walking__beside_the_sum_changes_no_score(small_model: Model, beside: Model) -> None:
    plans = some_plans(small_model)

    plain_scores, plain = small_model.problem.scores(plans)
    scores, found = beside.problem.scores(plans)

    np.testing.assert_array_equal(scores, plain_scores)
    np.testing.assert_array_equal(found.burden, plain.burden)
    np.testing.assert_array_equal(found.stacking, plain.stacking)
    k = beside.health.dose.channels.index("walk_mort")
    np.testing.assert_array_equal(np.delete(found.mean_phi, k, axis=1), plain.mean_phi)


def test_walking__that_counts_is_a_layer_of_the_burden(
    small_model: Model, counted: Model, beside: Model
) -> None:
    plans = some_plans(small_model)

    _, plain = small_model.problem.scores(plans)
    _, found = counted.problem.scores(plans)
    _, same = beside.problem.scores(plans)

    n = len(BURDEN_LAYERS)
    assert found.burden.shape[2] == n + 1
    np.testing.assert_array_equal(found.burden[:, :, :n], plain.burden)
    np.testing.assert_array_equal(found.stacking, plain.stacking)
    walk = beside.problem.evaluator.burden_of("walk_mort", same)
    np.testing.assert_allclose(found.burden[:, :, n].sum(axis=1), walk, rtol=1e-12)
    assert 0.0 < walk[1].sum() < walk[0].sum()


def test_walking__is_worth_to_a_plan_what_a_small_step_shows(counted: Model) -> None:
    problem = counted.problem
    gain = problem.gains(problem.empty, {"burden": 1.0})
    kind = problem.options.interventions.index.get_loc("tile_removal")
    option = int(np.flatnonzero(problem.options.intervention == kind)[0])
    plan = problem.empty.copy()
    plan[option] = 1

    scores, _ = problem.scores(np.stack([problem.empty, plan]))

    burden = scores[:, SCORES.index("burden")]
    assert burden[0] - burden[1] == pytest.approx(gain[option], rel=0.05)


def test_assess__tells_the_burden_of_walking(small_model: Model, counted: Model) -> None:
    plain = assess(small_model.problem, small_model.study, small_model.problem.empty)

    today = assess(counted.problem, counted.study, counted.problem.empty)

    assert plain.walk_burden is None
    assert today.walk_burden is not None
    assert today.walk_burden.sum() == pytest.approx(
        today.scores["burden"] - plain.scores["burden"], rel=1e-9
    )
    np.testing.assert_array_equal(today.green_burden, plain.green_burden)
    share = today.exposure[LAYERS.index(GREEN)]
    assert np.nanmin(share) < np.nanmax(share)


def test_list_certainty__names_walking_as_an_assumption(
    small_model: Model, beside: Model, counted: Model
) -> None:
    names = ("minuten lopen per week nu", "sterfte en ziekte bij de laagste SES")

    plain, apart, summed = (
        list_certainty(made.settings, made.options.interventions)
        for made in (small_model, beside, counted)
    )

    assert len(plain) == 7
    assert apart[:-1] == plain
    assert apart[-1].outcome == "Ziektelast door te weinig lopen"
    assert apart[-1].status == "aanname"
    assert set(names) <= set(apart[-1].weakest)
    assert names[0] not in plain[0].weakest
    assert set(names) <= set(summed[0].weakest)


def test_find_functions__says_what_is_assumed_of_walking(
    beside: Model, counted: Model, small_model: Model
) -> None:
    fit = Fit("walk_mort", "pa_walk", 0.0, 514.2, "min/week", 0.0, 0.0)
    odd = Fit("walk_mort", "pa_walk", 0.0, 514.2, "min/week", 300.0, 1200.0)

    apart, summed = (find_functions((fit,), made.settings.health)[0] for made in (beside, counted))
    outside = find_functions((odd,), beside.settings.health)[0]

    assert "zit niet in de som" in apart
    assert summed.startswith("LET OP: dat meer lopen sterfte voorkomt, is bij de ziektelast opg")
    for said in (apart, summed):
        assert "nu 90 minuten per week" in said
        assert "300 minuten meer" in said
        assert SOURCE in said
        assert "Boven 514 minuten" in said
        assert "inwoners" not in said
    assert "lopen 1.200 inwoners al zoveel" in outside
    assert "Voor 300 inwoners" in outside
    assert find_functions((), counted.settings.health) == []
    assert find_functions((), small_model.settings.health) == []


def test_name_burdens__names_what_is_in_the_sum(
    small_model: Model, beside: Model, counted: Model
) -> None:
    plain, apart, summed = (
        name_burdens(made.settings.health) for made in (small_model, beside, counted)
    )

    assert plain == apart == "warmte, geluid en lucht"
    assert summed == "warmte, geluid, lucht en te weinig lopen"


def test_run__of_a_town_that_walks_says_so(
    small_case: Path, small_settings: RunSettings, tmp_path: Path
) -> None:
    chosen = walking(small_settings, counted=True)
    search = chosen.search.model_copy(update={"evaluations": 100, "population": 20})

    folder, lines = run(chosen.model_copy(update={"search": search}), small_case.parent, tmp_path)

    report = (folder / "report.html").read_text(encoding="utf-8")
    assert lines[0].endswith("door warmte, geluid, lucht en te weinig lopen.")
    assert "Warmte, geluid, lucht en te weinig lopen kosten de inwoners" in report
    assert "een schatting &lt;van niemand&gt;" in report
    assert "sterfte door te weinig lopen" in report
    assert ", via lopen" in report
    assert "Te weinig lopen (zit in de ziektelast)" in report
    assert "Wel opgeteld is dat mensen bij meer groen meer lopen." in report
    assert "meer lopen of fietsen" not in report
    assert read_settings(folder / "settings.toml").health == chosen.health
