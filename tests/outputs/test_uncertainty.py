"""The margins of a run: in its files, on its page, and in its GeoPackage."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest

from evenground.config import RunSettings, UncertaintySettings
from evenground.errors import ConfigError
from evenground.optimise import Found
from evenground.outputs.gis import write_geopackage
from evenground.outputs.report import contents, write_report
from evenground.pipeline import Model, build_model, build_run, write_uncertainty
from evenground.results import TODAY, Run

pytestmark = pytest.mark.jit


def test_files__hold_every_table(small_run: Run, tmp_path: Path) -> None:
    told = small_run.uncertainty
    assert told is not None

    write_uncertainty(told, tmp_path / "uncertainty")

    found = {path.stem: pd.read_csv(path) for path in (tmp_path / "uncertainty").iterdir()}
    assert set(found) == {
        "intervals", "robust", "sensitivity", "sites", "neighbourhoods", "numbers", "draws",
    }  # fmt: skip
    assert all(len(table) for table in found.values())
    assert set(found["intervals"]["plan"]) == {TODAY, *(p.id for p in small_run.proposals)}
    assert found["numbers"]["name"].notna().all()
    # the draws that were written give the intervals that were written
    row = found["intervals"].query("plan == 'today' and outcome == 'burden'").iloc[0]
    assert row["high"] == pytest.approx(np.percentile(found["draws"]["today.burden"], 97.5))


def test_intervals__middle_is_what_the_report_says(small_run: Run) -> None:
    told = small_run.uncertainty
    assert told is not None

    table = told.intervals.set_index(["plan", "outcome", "kind"])["central"]

    for proposal in small_run.proposals:
        scores = proposal.assessment.scores
        assert table[proposal.id, "burden", "level"] == pytest.approx(scores["burden"])
        assert table[proposal.id, "capital", "level"] == pytest.approx(scores["capital"])
        gap = proposal.assessment.measures["gap"]
        assert table[proposal.id, "gap", "level"] == pytest.approx(gap, abs=1e-9)


def test_page__shows_margins_firm_places_and_what_matters(small_run: Run, tmp_path: Path) -> None:
    write_report(small_run, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")

    assert "Hoe zeker zijn de uitkomsten?" in text
    assert "Er is geen onzekerheidsmarge" not in text
    unsure = contents(small_run)["unsure"]
    assert unsure["today"]["low"] < unsure["today"]["central"] < unsure["today"]["high"]
    assert unsure["matters"][0]["rows"]
    assert len(unsure["charts"]) == 2


def test_page__without_draws_says_that_there_is_no_margin(small_run: Run, tmp_path: Path) -> None:
    write_report(replace(small_run, uncertainty=None), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")

    assert "Er is geen onzekerheidsmarge" in text
    assert "Hoe zeker zijn de uitkomsten?" not in text


def test_run__draws_nothing_where_the_settings_say_so(
    small_model: Model, small_found: Found
) -> None:
    none = small_model.settings.model_copy(update={"uncertainty": UncertaintySettings(draws=0)})

    assert build_run(replace(small_model, settings=none), small_found).uncertainty is None


def test_geopackage__tells_how_often_a_site_is_chosen(small_run: Run, tmp_path: Path) -> None:
    proposal = small_run.proposals[0]
    write_geopackage(small_run, proposal, tmp_path / "plan.gpkg")

    works = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer="maatregelen")

    assert works["gekozen"].isin(["altijd", "soms", "nooit"]).all()
    told = small_run.uncertainty
    assert told is not None
    share = told.sites.set_index("site")["chosen"]
    assert works["gekozen_deel"].to_numpy() == pytest.approx(
        share.loc[proposal.works["site"]].to_numpy()
    )


def test_model__unknown_number_is_refused_before_the_data_are_read(
    small_settings: RunSettings, tmp_path: Path
) -> None:
    wrong = UncertaintySettings(fixed=("cost.nothing",))

    with pytest.raises(ConfigError, match=r"uncertainty\.fixed, cost\.nothing"):
        build_model(small_settings.model_copy(update={"uncertainty": wrong}), tmp_path / "no")
