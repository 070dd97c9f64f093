"""The search: nothing good is lost, limits hold, and the seed decides."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evenground.optimise import search
from evenground.optimise.archive import Archive
from evenground.optimise.operators import mutate
from evenground.optimise.seeds import greedy_seeds
from evenground.pipeline import Model
from evenground.results import build_front

pytestmark = pytest.mark.jit


def test_search__is_never_worse_than_its_seeds(small_model: Model) -> None:
    problem = small_model.problem
    seeds = greedy_seeds(problem)

    archive = search(problem).archive

    goals = problem.scores(seeds)[0][:, problem.goals]
    for goal in goals:
        assert (archive.goals <= goal + 1e-12).all(axis=1).any()
    assert archive.is_seed.sum() == len(np.unique(seeds, axis=0))


def test_search__keeps_budget_ground_and_amounts(small_model: Model) -> None:
    options, budget = small_model.options, small_model.settings.search.budget_eur

    archive = search(small_model.problem).archive

    for plan in archive.dense(range(len(archive))):
        used = np.bincount(options.coupling, plan * options.use, options.capacity.size)
        assert plan @ options.capital_eur <= budget * (1 + 1e-9)
        assert (used <= options.capacity * (1 + 1e-6) + 1e-6).all()
        assert (plan >= 0).all()
        assert (plan <= options.most).all()


def test_repair__changes_nothing_twice(small_model: Model) -> None:
    problem = small_model.problem
    rng = np.random.default_rng(3)
    favour = np.linspace(1 / problem.empty.size, 1.0, problem.empty.size)
    plans = problem.repair(
        mutate(problem, np.zeros((20, problem.empty.size), np.int16), favour, rng)
    )

    again = problem.repair(plans.copy())

    np.testing.assert_array_equal(plans, again)


def test_archive__keeps_seeds_and_drops_the_beaten() -> None:
    archive = Archive.empty(2, 2, 2)
    plans = np.array([[1, 0], [0, 1], [1, 1]], np.int16)
    goals = np.array([[2.0, 2.0], [1.0, 3.0], [1.0, 1.0]])
    hashes = np.array([1, 2, 3], np.uint64)

    archive.add(plans[:1], goals[:1], goals[:1], hashes[:1], seed=True)
    archive.add(plans[1:], goals[1:], goals[1:], hashes[1:], seed=False)

    np.testing.assert_array_equal(archive.goals, [[2.0, 2.0], [1.0, 1.0]])
    np.testing.assert_array_equal(archive.is_seed, [True, False])


SCRIPT = """
import sys
from pathlib import Path
from evenground.config import read_settings
from evenground.optimise import search
from evenground.outputs.folder import compressed
from evenground.pipeline import build_model
from evenground.results import build_front
settings = read_settings(Path(sys.argv[1]))
smaller = settings.search.model_copy(update={"evaluations": 200, "population": 40})
model = build_model(settings.model_copy(update={"search": smaller}), Path(sys.argv[1]).parent)
front = build_front(search(model.problem).archive)
front.to_netcdf(sys.argv[2], engine="h5netcdf", encoding=compressed(front))
"""


@pytest.mark.slow
def test_front__has_the_same_bytes_on_one_and_two_threads(small_case: Path, tmp_path: Path) -> None:
    fronts = [tmp_path / f"front_{threads}.nc" for threads in (1, 2)]

    for threads, path in zip((1, 2), fronts, strict=True):
        environment = os.environ | {"NUMBA_NUM_THREADS": str(threads)}
        command = [sys.executable, "-c", SCRIPT, str(small_case), str(path)]
        subprocess.run(command, check=True, env=environment)  # noqa: S603 - our own script

    assert fronts[0].read_bytes() == fronts[1].read_bytes()


def test_build_front__holds_every_candidate(small_model: Model) -> None:
    archive = search(small_model.problem).archive

    front = build_front(archive)

    assert front.sizes["candidate"] == len(archive)
    assert int(front["active_count"].sum()) == front.sizes["active"]
