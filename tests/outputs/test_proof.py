"""What a run tells to somebody who checks it again, and what of few persons it does not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evenground.outputs.proof import list_options, write_burdens
from evenground.pipeline import Model
from evenground.results import Run

pytestmark = pytest.mark.jit
TEXTS = dict.fromkeys(("buurtcode", "leeftijd", "inkomen"), str)


def burdens(run: Run, path: Path) -> pd.DataFrame:
    write_burdens(run, run.proposals[0], path)
    return pd.read_csv(
        path,
        sep=";",
        decimal=",",
        encoding="utf-8-sig",
        dtype=TEXTS,
        na_values={"personen": [""]},
        keep_default_na=False,
    )


def test_burdens__add_up_to_today_and_to_the_proposal(small_run: Run, tmp_path: Path) -> None:
    table = burdens(small_run, tmp_path / "buurten.csv")

    for column, told in (
        ("ziektelast_voor", small_run.today),
        ("ziektelast_na", small_run.proposals[0].assessment),
    ):
        assert table[column].sum() == pytest.approx(told.scores["burden"], rel=1e-12)


def test_burdens__of_few_residents_have_no_place(tiny_run: Run, tmp_path: Path) -> None:
    table = burdens(tiny_run, tmp_path / "buurten.csv")
    known = tiny_run.study.neighbourhoods.set_index("code")
    code = known.index[known["name"] == "Kleinbuurt"][0]
    (row,) = table[table["buurtcode"] == ""].to_dict("records")
    listed = set(table["buurtcode"]) - {""}
    lived_in = set(known.index[known["is_assessed"] & (known["residents"] > 0.0)])

    # five residents are told with the next smallest, so that nobody can take the rest from all
    assert code not in listed
    others = known.loc[sorted(lived_in - listed - {code}), "residents"]
    assert len(others) == 1
    assert others.iloc[0] == known.loc[sorted(lived_in - {code}), "residents"].min()
    assert row["inwoners"] == 5.0 + others.iloc[0]
    total = tiny_run.today.burden.sum()
    assert table["ziektelast_voor"].sum() == pytest.approx(total, rel=1e-12)


def test_burdens__of_few_persons_are_told_together(small_run: Run, tmp_path: Path) -> None:
    study = small_run.study
    place = int(np.argmax(study.group_residents.sum(axis=0)))
    here = np.flatnonzero(small_run.today.burden.sum(axis=1)[:, place])
    people = study.group_residents.copy()
    # two of few, which are not enough together; the third smallest makes them enough
    people[here[0], place], people[here[1], place] = 3.0, 4.0
    people[here[2:], place] = 60.0 + np.arange(here.size - 2)
    run = replace(small_run, study=replace(study, group_residents=people))

    table = burdens(run, tmp_path / "buurten.csv")

    own = table[table["buurtcode"] == study.neighbourhoods["code"].iloc[place]]
    (row,) = own[own["leeftijd"] == ""].to_dict("records")
    assert row["groepen"] == 3
    assert row["inkomen"] == ""
    assert row["personen"] == 67.0
    before = small_run.today.burden.sum(axis=1)[here[:3], place]
    assert row["ziektelast_voor"] == pytest.approx(before.sum(), rel=1e-12)
    assert len(own) == here.size - 2
    assert (own["groepen"].sum(), own["personen"].min()) == (here.size, 61.0)


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
