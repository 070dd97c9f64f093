"""What is built when: in the records, the files and the report of a run."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from evenground.config import PhasingSettings
from evenground.optimise import SCORES, Found
from evenground.outputs.gis import write_geopackage, write_works_csv
from evenground.outputs.report import contents, write_report
from evenground.pipeline import Model
from evenground.results import (
    Run,
    lost_by_nesting,
    phase_proposals,
    tabulate_phases,
    tell_phasing,
)
from evenground.results.sheets import write_table

pytestmark = pytest.mark.jit


def years_of(budget_eur: float, *shares: float) -> PhasingSettings:
    years = tuple(range(2026, 2026 + len(shares)))
    return PhasingSettings(years=years, budget_eur=tuple(budget_eur * s for s in shares))


@pytest.fixture(scope="module")
def phased(small_model: Model, small_found: Found, small_run: Run) -> Run:
    problem = small_model.problem
    years = years_of(problem.search.budget_eur, 0.1, 0.2, 0.3)
    proposals = phase_proposals(
        problem, small_model.study, small_found.archive, small_run.proposals, years
    )
    case = small_run.settings.model_copy(update={"phasing": years})
    return replace(small_run, settings=case, proposals=proposals)


def test_phases__nest_and_are_scored_in_full(small_model: Model, phased: Run) -> None:
    problem = small_model.problem
    for proposal in phased.proposals:
        plans = np.stack([phase.plan for phase in proposal.phases])
        assert (np.diff(plans, axis=0) >= 0).all()
        assert (plans <= proposal.plan).all()
        scores, _ = problem.scores(plans)
        for phase, row in zip(proposal.phases, scores, strict=True):
            assert phase.scores == pytest.approx(dict(zip(SCORES, row, strict=True)), rel=1e-6)
            assert phase.scores["capital"] <= phase.budget_eur * (1.0 + 1e-9)
            assert phase.afresh["capital"] <= phase.budget_eur * (1.0 + 1e-9)


def test_phases__compare_with_the_better_of_greedy_and_archive(
    small_found: Found, phased: Run
) -> None:
    healthiest = next(p for p in phased.proposals if p.id == "gezondst")
    archive = small_found.archive.scores
    for phase in healthiest.phases:
        affordable = archive[:, SCORES.index("capital")] <= phase.budget_eur * (1.0 + 1e-9)
        kept = archive[affordable, SCORES.index("burden")].min()
        assert phase.kept is not None
        assert phase.kept["burden"] == pytest.approx(kept)
        assert phase.afresh["burden"] == min(phase.kept["burden"], phase.filled["burden"])
        assert phase.price("burden") == phase.scores["burden"] - phase.afresh["burden"]
        # of one goal alone, the price on the aim is that of the goal in shares of today
        today = phased.today.scores["burden"]
        assert phase.aim_price == pytest.approx(phase.price("burden") / today, abs=1e-12)
    lost = sum(phase.price("burden") for phase in healthiest.phases)
    assert lost_by_nesting(healthiest) == pytest.approx(lost)


def test_phases__of_one_year_with_all_the_money_are_the_proposal(
    small_model: Model, small_found: Found, small_run: Run
) -> None:
    problem = small_model.problem
    once = years_of(problem.search.budget_eur, 1.0)
    found = phase_proposals(
        problem, small_model.study, small_found.archive, small_run.proposals, once
    )

    for one, plain in zip(found, small_run.proposals, strict=True):
        assert (one.phases[0].plan == plain.plan).all()
        assert one.phases[0].scores["burden"] == pytest.approx(plain.assessment.scores["burden"])
        assert one.works.drop(columns="year").equals(plain.works)
        assert set(one.works["year"]) == {2026}


def test_phases__are_absent_without_the_setting(
    small_model: Model, small_found: Found, small_run: Run
) -> None:
    same = phase_proposals(
        small_model.problem, small_model.study, small_found.archive, small_run.proposals, None
    )

    assert same is small_run.proposals
    assert contents(small_run)["years"] is None
    assert "year" not in small_run.proposals[0].works


def test_works__of_the_years_sum_to_what_stands(phased: Run) -> None:
    for proposal in phased.proposals:
        works = proposal.works
        assert works["capital_eur"].sum() == pytest.approx(proposal.assessment.scores["capital"])
        for phase in proposal.phases:
            so_far = works["year"].le(phase.year).fillna(value=False)
            stands = works.loc[so_far, "capital_eur"].sum()
            assert stands == pytest.approx(phase.scores["capital"], abs=1e-6)


def test_files__have_the_year(phased: Run, tmp_path: Path) -> None:
    proposal = max(phased.proposals, key=lambda p: p.assessment.scores["capital"])
    write_geopackage(phased, proposal, tmp_path / "p.gpkg")
    write_works_csv(proposal, tmp_path / "p.csv")
    write_table(tabulate_phases(proposal), tmp_path / "fasering.csv")

    works = gpd.read_file(tmp_path / "p.gpkg", layer="maatregelen")
    assert works["id"].is_unique
    listed = pd.read_csv(tmp_path / "p.csv", sep=";", decimal=",", encoding="utf-8-sig")
    expected = proposal.works["year"].to_numpy(float, na_value=np.nan)
    np.testing.assert_array_equal(works["jaar"].to_numpy(float), expected)
    np.testing.assert_array_equal(listed["jaar"].to_numpy(float), expected)
    # 60 % of the money does not pay for a plan that costs nearly all
    assert np.isnan(expected).any()

    table = pd.read_csv(tmp_path / "fasering.csv", sep=";", decimal=",", encoding="utf-8-sig")
    assert table["jaar"].tolist() == [2026, 2027, 2028]
    assert table["aanleg_dit_jaar_euro"].sum() == pytest.approx(
        table["aanleg_tot_en_met_euro"].iloc[-1]
    )
    price = table["ziektelast_daly_per_jaar_prijs"].sum()
    assert price == pytest.approx(lost_by_nesting(proposal), rel=1e-5)


def test_report__tells_what_is_built_when(phased: Run, tmp_path: Path) -> None:
    write_report(phased, tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")

    assert "Wat bouwen we wanneer?" in text
    assert 'href="#wanneer"' in text
    years = contents(phased)["years"]
    assert [p["name"] for p in years["proposals"]] == [p.name for p in phased.proposals]
    for told, proposal in zip(years["proposals"], phased.proposals, strict=True):
        assert sum(row["built"] for row in told["rows"]) == pytest.approx(
            proposal.phases[-1].scores["capital"]
        )


@pytest.mark.parametrize(
    ("shares", "told"), [((0.5, 0.4), "heeft geen jaar"), ((0.5, 0.5), None), ((1, 1), "over")]
)
def test_tell_phasing__says_where_the_years_have_other_money(
    small_model: Model, shares: tuple[float, ...], told: str | None
) -> None:
    settings = small_model.settings
    years = years_of(settings.search.budget_eur, *shares)
    lines = tell_phasing(settings.model_copy(update={"phasing": years}))

    assert len(lines) == (0 if told is None else 1)
    assert all(told is not None and told in line for line in lines)
