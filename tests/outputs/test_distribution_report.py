"""The section on distribution: every measure, splits, groups, and who loses, in plain Dutch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evenground.config import ConditionSettings, GroupSettings
from evenground.outputs.report import write_report
from evenground.outputs.report.distribution import describe_distribution, figure
from evenground.outputs.report.figures import curves
from evenground.pipeline import Model, write_distribution
from evenground.results import MEASURE_NL, Run, distribute

from .test_report import Page

pytestmark = pytest.mark.jit

GROUPS = (
    GroupSettings(name="laag inkomen", incomes=("low",)),
    GroupSettings(name="niemand", ses_rank_at_most=0.0),
    GroupSettings(
        name="oude buurten", where=(ConditionSettings(column="percent_65_plus", at_least=0.15),)
    ),
)


def read(run: Run, folder: Path) -> str:
    write_report(run, folder / "r.html")
    return (folder / "r.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def followed_run(small_model: Model, small_run: Run) -> Run:
    """Follow three groups, and make the last proposal one by which half of the town loses."""
    plans = {"today": small_model.problem.empty}
    plans |= {proposal.id: proposal.plan for proposal in small_run.proposals}
    found = distribute(small_model.problem, small_model.study, plans, GROUPS, aversion=1.0)
    table = small_run.study.neighbourhoods
    group, place = np.nonzero(small_run.study.group_residents > 0.0)
    groups = small_run.study.groups
    losses = pd.DataFrame(
        {
            "code": table["code"].to_numpy()[place],
            "name": table["name"].to_numpy()[place],
            "age": groups["age"].to_numpy()[group],
            "income": groups["income"].to_numpy()[group],
            "persons": small_run.study.group_residents[group, place],
            "loss": np.linspace(0.5, 0.1, group.size),
            "plan": small_run.proposals[-1].id,
        }
    )
    losses.loc[1, ["age", "income"]] = ""
    settings = small_run.settings.model_copy(update={"groups": GROUPS})
    return replace(small_run, settings=settings, distribution=replace(found, worse_off=losses))


def test_section__shows_every_measure_for_today_and_every_proposal(small_run: Run) -> None:
    found = describe_distribution(small_run)

    assert len(found["columns"]) == 1 + len(small_run.proposals)
    beside = {"erreygers", "wagstaff"}
    for table, names in zip(
        found["tables"],
        (set(MEASURE_NL) - {"group_gap"}, *[set(MEASURE_NL) - {"group_gap"} - beside] * 2),
        strict=True,
    ):
        assert {row["name"] for row in table["rows"]} == {MEASURE_NL[name].name for name in names}
        assert all(len(row["values"]) == len(found["columns"]) for row in table["rows"])
        assert {row["kind"] for row in table["rows"]} == {"absoluut", "relatief"}
    unknown = [row["name"] for row in found["tables"][1]["rows"] if row["values"][0] == "onbekend"]
    assert "Concentratie-index" in unknown
    assert all(len(cell) == 2 for row in found["paired"] for cell in row["cells"])


def test_section__splits_add_up_as_they_are_shown(small_run: Run) -> None:
    rows = describe_distribution(small_run)["splits"]

    assert [(row["name"], row["by"]) for row in rows] == [
        ("Theil T", "leeftijd"),
        ("Theil T", "inkomen"),
        ("Kolm-Pollak-index", "leeftijd"),
        ("Kolm-Pollak-index", "inkomen"),
    ]
    for row in rows:
        for cell in row["cells"]:
            total, within, between = (float(text.replace(",", ".")) for text in cell[:3])
            assert total == pytest.approx(within + between, abs=0.02)


def test_section__tells_of_groups_and_not_of_few_persons(followed_run: Run) -> None:
    rows = {row["name"]: row for row in describe_distribution(followed_run)["groups"]}

    assert rows["laag inkomen"]["gaps"][0][0].startswith("+")
    assert rows["niemand"]["persons"] == "te weinig personen"
    assert {gap for gap, _ in rows["niemand"]["gaps"]} == {"te weinig personen"}
    assert len(rows["oude buurten"]["gaps"]) == 1 + len(followed_run.proposals)


def test_section__shows_ten_losses_and_the_count_of_all(followed_run: Run, tmp_path: Path) -> None:
    page = Page(read(followed_run, tmp_path))
    last = describe_distribution(followed_run)["worse"][-1]

    assert len(last["rows"]) == 10
    assert last["n"] == len(followed_run.distribution.worse_off)
    assert last["rows"][0]["age"] == "0 tot 15 jaar"
    assert last["rows"][1]["age"] == "te weinig personen"
    assert f"(10 van {last['n']})" in page.text
    assert "geen enkele groep in geen enkele buurt" in page.text


def test_section__names_no_neighbourhood_of_few_residents(followed_run: Run, tiny_run: Run) -> None:
    run = replace(followed_run, study=tiny_run.study, distribution=followed_run.distribution)
    k = int(np.flatnonzero(run.study.neighbourhoods["name"] == "Kleinbuurt")[0])
    code = run.study.neighbourhoods["code"].iloc[k]
    losses = run.distribution.worse_off.assign(code=code).iloc[:2]
    run = replace(run, distribution=replace(run.distribution, worse_off=losses))

    rows = describe_distribution(run)["worse"][-1]["rows"]

    assert {row["place"] for row in rows} == {"buurt met minder dan 10 inwoners"}


def test_section__measures_every_exposure(small_run: Run) -> None:
    found = {part["title"]: part for part in describe_distribution(small_run)["exposures"]}

    assert set(found) == {info.title for info in small_run.layers}
    noise = found["Geluid (Lden)"]["rows"]
    assert noise[0]["unit"] == "keer de energie van 53 dB"
    assert not found["Geluid (Lden)"]["is_good"]
    assert found["Groen om het huis"]["is_good"]


def test_section__is_in_the_page_and_folds_what_is_long(small_run: Run, tmp_path: Path) -> None:
    text = read(small_run, tmp_path)
    section = text[text.index('<section id="verdeling">') :]
    section = section[: section.index("</section>")]

    assert 'href="#verdeling"' in text
    assert section.count("<details>") == section.count("</details>") >= 11
    assert section.count("data:image/png") == 1
    for words in ("Lorenz", "concentratiecurve", "Wat elke maat zegt", "tussen groepen"):
        assert words in section


def test_report__shows_the_measures_that_the_search_lowered(small_run: Run, tmp_path: Path) -> None:
    def lowered(scores: dict[str, float]) -> dict[str, float]:
        return {**scores, "gini": 0.25}

    search = small_run.settings.search.model_copy(update={"objectives": ("burden", "gini")})
    today = replace(small_run.today, scores=lowered(dict(small_run.today.scores)))
    proposals, baselines = (
        tuple(
            replace(p, assessment=replace(p.assessment, scores=lowered(dict(p.assessment.scores))))
            for p in plans
        )
        for plans in (small_run.proposals, small_run.baselines)
    )
    settings = small_run.settings.model_copy(update={"search": search})
    changed = replace(
        small_run, settings=settings, today=today, proposals=proposals, baselines=baselines
    )
    page = Page(read(changed, tmp_path))

    assert "Doel: Gini-index" in page.text
    assert "0,2500" in page.text
    assert "Doel:" not in Page(read(small_run, tmp_path)).text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.nan, "onbekend"),
        (np.inf, "oneindig"),
        (-np.inf, "min oneindig"),
        (-0.01234, "\N{MINUS SIGN}0,0123"),
        (1.5, "1,500"),
        (23.456, "23,46"),
        (1234.5, "1.234,5"),
    ],
)
def test_figure__is_dutch_and_never_clamped(value: float, text: str) -> None:
    assert figure(value) == text


def test_curves__are_the_same_picture_each_time_and_stand_alone() -> None:
    line = {"Lorenzcurve": (np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.2, 1.0]))}
    labels = ("titel", "x", "y")

    assert curves(line, labels=labels) == curves(line, labels=labels)
    assert curves(line, labels=labels) != curves({}, labels=labels)


def test_write_distribution__writes_every_table(followed_run: Run, tmp_path: Path) -> None:
    write_distribution(followed_run, tmp_path / "d")

    names = {path.stem for path in (tmp_path / "d").glob("*.csv")}
    assert names == {"measures", "splits", "curves", "groups", "worse_off", "exposure"}
    for path in (tmp_path / "d").glob("*.csv"):
        assert len(pd.read_csv(path)) > 0
