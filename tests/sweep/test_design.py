"""The rows of a design, worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from evenground.config import DesignSettings, read_sweep_settings
from evenground.errors import ConfigError
from evenground.sweep.design import list_rows

from .conftest import write_sweep


def design(**parts: object) -> DesignSettings:
    return DesignSettings.model_validate(parts)


def sets(**parts: object) -> list[dict[str, object]]:
    return [row.sets for row in list_rows(design(**parts))]


def test_grid__holds_every_combination_and_every_seed() -> None:
    vary = {"search": {"budget_eur": [1.0, 2.0]}, "grid.cell_m": [10, 20]}

    found = sets(kind="grid", vary=vary, seeds=[5, 6])

    # the last setting turns fastest, and the seeds of one row follow each other
    plain = [(1.0, 10), (1.0, 20), (2.0, 10), (2.0, 20)]
    assert found == [
        {"search.budget_eur": eur, "grid.cell_m": cell, "search.seed": seed}
        for eur, cell in plain
        for seed in (5, 6)
    ]


def test_list__takes_one_value_of_each_list_in_turn() -> None:
    found = sets(kind="list", vary={"a.b": [1, 2], "a.c": ["x", "y"]})

    assert found == [{"a.b": 1, "a.c": "x"}, {"a.b": 2, "a.c": "y"}]


def test_seeds__run_the_case_as_it_is() -> None:
    assert sets(kind="seeds", seeds=[3, 4]) == [{"search.seed": 3}, {"search.seed": 4}]


@pytest.mark.parametrize("kind", ["sobol", "latin_hypercube"])
def test_drawn__puts_one_value_in_each_part_of_a_range(kind: str) -> None:
    vary = {"a.b": {"low": 10.0, "high": 26.0}, "a.c": {"low": 0, "high": 3}, "a.d": ["x", "y"]}

    rows = list_rows(design(kind=kind, vary=vary, runs=16, seed=1))

    # sixteen rows: one in each sixteenth; four of each whole number; eight of each word
    numbers = np.array([row.sets["a.b"] for row in rows])
    assert sorted(np.floor(numbers - 10.0).astype(int)) == list(range(16))
    whole = [row.sets["a.c"] for row in rows]
    assert all(isinstance(value, int) for value in whole)
    assert np.bincount(whole).tolist() == [4, 4, 4, 4]
    assert [row.sets["a.d"] for row in rows].count("x") == 8
    np.testing.assert_allclose([10.0 + 16.0 * row.place["a.b"] for row in rows], numbers)


def test_drawn__is_even_in_the_logarithm_where_asked() -> None:
    vary = {"a.b": {"low": 1.0, "high": 10_000.0, "scale": "log"}}

    rows = list_rows(design(kind="sobol", vary=vary, runs=4, seed=1))

    powers = [int(np.log10(row.sets["a.b"])) for row in rows]
    assert sorted(powers) == [0, 1, 2, 3]


def test_sobol__begins_with_the_rows_of_a_smaller_design() -> None:
    vary = {"a.b": {"low": 0.0, "high": 1.0}}
    few = sets(kind="sobol", vary=vary, runs=8, seed=3)

    many = sets(kind="sobol", vary=vary, runs=16, seed=3)

    assert many[:8] == few


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('kind = "grid"', "every other kind needs it"),
        ('kind = "seeds"', "kind seeds needs seeds"),
        ('kind = "grid"\nvary.a.b = { low = 1, high = 2 }', "kind grid needs a list"),
        ('kind = "sobol"\nvary.a.b = { low = 1, high = 2 }', "needs runs and seed"),
        ('kind = "sobol"\nruns = 6\nseed = 1\nvary.a.b = [1]', "even for a power of two"),
        ('kind = "grid"\nruns = 8\nseed = 1\nvary.a.b = [1]', "leave runs and seed out"),
        ('kind = "list"\nvary.a.b = [1]\nvary.a.c = [1, 2]', "make them equally long"),
        ('kind = "grid"\nseeds = [1]\nvary.search.seed = [1]', "both set search.seed. Keep one"),
        ('kind = "grid"\nseeds = [1, 1]\nvary.a.b = [1]', "seeds has one twice"),
        ('kind = "grid"\nvary = { "a.b" = [1], "a.b.c" = [1] }', "a part of it. Keep one"),
        ('kind = "sobol"\nruns = 8\nseed = 1\nvary.a.b = { low = 2, high = 1 }', "put the lowest"),
        ('kind = "grid"\nvary.a.b = []', "design.vary.a.b"),
        ('kind = "gird"\nvary.a.b = [1]', "design.kind"),
        ('kind = "grid"\nvary.a.b = [1]\nsedes = [1]', "Did you mean seeds?"),
    ],
)
def test_design__that_cannot_be_is_refused_with_a_cure(
    tmp_path: Path, text: str, told: str
) -> None:
    path = write_sweep(tmp_path, tmp_path / "case.toml", text)

    with pytest.raises(ConfigError, match=told):
        read_sweep_settings(path)


def test_design__of_too_many_runs_is_refused(tmp_path: Path) -> None:
    many = list(range(1000))
    path = write_sweep(
        tmp_path, tmp_path / "c", f'kind = "grid"\nvary.a.b = {many}\nvary.a.c = {many}'
    )

    with pytest.raises(ConfigError, match="1000000 runs, at most 100000"):
        read_sweep_settings(path)
