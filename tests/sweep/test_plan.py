"""What a run goes by, and what is said of rows that cannot be."""

import dataclasses
from pathlib import Path

import pytest

from evenground.errors import ConfigError, DataError
from evenground.sweep import Plan, Store, build_plan, resolve_again

from .conftest import write_sweep


def plan_of(folder: Path, hamlet: Path, design: str) -> Plan:
    return build_plan(write_sweep(folder, hamlet, design), hamlet, hamlet.parent)


def test_key__is_of_settings_whatever_sweep_they_are_in(tmp_path: Path, hamlet: Path) -> None:
    grid = plan_of(tmp_path, hamlet, 'kind = "grid"\nvary.search.budget_eur = [1000, 2000.0]')

    other = plan_of(tmp_path, hamlet, 'kind = "list"\nvary.search.budget_eur = [2000, 1000.0]')

    assert grid.keys == other.keys[::-1]
    assert grid.keys[0] != grid.keys[1]


def test_key__of_rows_that_ask_the_same_is_one(tmp_path: Path, hamlet: Path) -> None:
    found = plan_of(tmp_path, hamlet, 'kind = "grid"\nvary.search.budget_eur = [1000, 1000.0]')

    assert len(found.trials) == 2
    assert len(found.keys) == 1


def test_places__are_shared_by_rows_that_ask_other_things_of_plans(
    tmp_path: Path, hamlet: Path
) -> None:
    shared = (
        'kind = "list"\nvary.search.budget_eur = [1000, 2000]\n'
        "vary.objectives.stacking_power = [2.0, 3.0]\n"
        "vary.constraints.fixed_eur.street_tree = [0.0, 10.0]"
    )
    apart = 'kind = "grid"\nvary.interventions.private_uptake = [0.1, 0.2]'

    one, two = (plan_of(tmp_path, hamlet, text) for text in (shared, apart))

    assert len({trial.places_key for trial in one.trials}) == 1
    assert len({trial.places_key for trial in two.trials}) == 2


def test_key__changes_with_an_input(tmp_path: Path, hamlet: Path) -> None:
    before = plan_of(tmp_path, hamlet, 'kind = "seeds"\nseeds = [1, 2]')
    copy = tmp_path / "data"
    copy.mkdir()
    for path in hamlet.parent.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    table = copy / "inkomen_2024.csv"
    table.write_bytes(table.read_bytes() + b"\n")

    after = resolve_again(dataclasses.replace(before, data=copy))

    assert set(before.keys).isdisjoint(after.keys)
    assert resolve_again(before) == before


def test_plan__is_read_as_it_was_written(tmp_path: Path, hamlet: Path) -> None:
    design = (
        'kind = "sobol"\nruns = 4\nseed = 1\nvary.search.budget_eur = { low = 1.0, high = 2.0 }'
    )
    plan = plan_of(tmp_path, hamlet, design)
    store = Store(tmp_path / "out")

    store.write_plan(plan)

    assert store.read_plan() == plan
    with pytest.raises(DataError, match="Name the folder that `evenground sweep` wrote"):
        Store(tmp_path).read_plan()


def test_faults__name_row_and_key_and_come_all_at_once(tmp_path: Path, hamlet: Path) -> None:
    design = (
        'kind = "list"\nvary.search.budget_eur = [1000, -5, 1000]\n'
        "vary.search.population = [8, 8, 3]\nvary.search.evaluatoins = [1, 1, 1]"
    )

    with pytest.raises(ConfigError) as caught:
        plan_of(tmp_path, hamlet, design)

    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert any("row 2 (" in line and "search.budget_eur: found -5" in line for line in lines)
    assert any("row 3 (" in line and "search.population: found 3" in line for line in lines)
    unknown = next(line for line in lines if "evaluatoins: this key" in line)
    assert "rows 1, 2, 3" in unknown
    assert "Did you mean evaluations?" in unknown


def test_faults__of_a_name_that_leads_nowhere_say_where_it_ends(
    tmp_path: Path, hamlet: Path
) -> None:
    design = 'kind = "grid"\nvary."search.seed.deep" = [1]'

    with pytest.raises(ConfigError, match=r"search\.seed\.deep: there is no deep in"):
        plan_of(tmp_path, hamlet, design)


def test_list__of_the_case_is_varied_by_place(tmp_path: Path, hamlet: Path) -> None:
    with pytest.raises(ConfigError, match=r"search\.objectives\.1: found 'stcking'|objectives"):
        plan_of(
            tmp_path,
            hamlet,
            'kind = "list"\nvary."search.objectives" = [["burden", "cost"], ["burden", "stcking"]]',
        )


def test_faults__name_an_input_that_is_not_there(tmp_path: Path, hamlet: Path) -> None:
    design = 'kind = "grid"\nvary.layers.noise.file = ["noise.tif", "absent.tif"]'

    with pytest.raises(DataError, match=r"absent\.tif: no such file"):
        plan_of(tmp_path, hamlet, design)
