"""What a run tells to somebody who checks it again, and what of few persons it does not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evenground.outputs.proof import list_options, write_burdens
from evenground.pipeline import Model
from evenground.results import Run

pytestmark = pytest.mark.jit


def burdens(run: Run, path: Path) -> pd.DataFrame:
    write_burdens(run, run.proposals[0], path)
    return pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig", keep_default_na=True)


def test_burdens__add_up_to_today_and_to_the_proposal(small_run: Run, tmp_path: Path) -> None:
    table = burdens(small_run, tmp_path / "buurten.csv")

    for column, told in (
        ("ziektelast_voor", small_run.today),
        ("ziektelast_na", small_run.proposals[0].assessment),
    ):
        assert table[column].sum() == pytest.approx(told.scores["burden"], rel=1e-12)


def test_burdens__leave_few_persons_blank(tiny_run: Run, tmp_path: Path) -> None:
    table = burdens(tiny_run, tmp_path / "buurten.csv")
    small = tiny_run.study.neighbourhoods["name"].eq("Kleinbuurt")
    code = tiny_run.study.neighbourhoods["code"][small].iloc[0]

    here = table["buurtcode"] == code
    assert here.any()
    assert table.loc[here, ["inwoners", "personen"]].isna().all(axis=None)
    assert table.loc[~here, "inwoners"].min() >= 10
    assert table["personen"].min() >= 50
    assert table["personen"].isna().sum() > here.sum()


def test_options__are_told_with_all_that_they_cost_and_take(small_model: Model) -> None:
    options = small_model.options
    table = list_options(options, small_model.study)

    assert table["option"].tolist() == list(range(options.most.size))
    np.testing.assert_array_equal(table["most"], options.most)
    start = table["fixed_eur"] * table["annuity"]
    np.testing.assert_allclose(start, options.yearly_start_eur)
    # the middle of a site of 100 m
    assert (table["x_m"] % 100.0).eq(50.0).all()
    assert set(table["neighbourhood_code"]) <= {
        "",
        *small_model.study.neighbourhoods["code"].astype(str),
    }
