"""The report: one page of its own, in Dutch, that holds what planners came for."""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hostile import HOSTILE

from evenground.config import StackingSettings
from evenground.outputs.report import contents, write_report
from evenground.outputs.report.classes import difference_classes, level_classes
from evenground.outputs.report.stacking import ges_legend
from evenground.results import Run


class Page(HTMLParser):
    """Collects tags with their attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep text, but for styles."""
        if not self.tags or self.tags[-1][0] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """All text, in one line."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every tag of a name."""
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def source(small_run: Run, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(small_run, path)
    assert path.stat().st_size < 4_000_000
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def test_report__needs_no_network_and_runs_no_script(page: Page, source: str) -> None:
    assert page.all("script") == []
    assert "://" not in source
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert all((image["src"] or "").startswith("data:image/png") for image in page.all("img"))
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)


def test_report__can_be_read_without_seeing(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "nl"
    assert all(len(image["alt"] or "") > 20 for image in page.all("img"))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all("scope" in head for head in page.all("th"))


def test_report__links_only_to_places_it_has(page: Page) -> None:
    targets = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    links = [link["href"] or "" for link in page.all("a")]

    assert len(links) > 10
    assert {link.removeprefix("#") for link in links} <= targets


def test_report__is_dutch_throughout(page: Page) -> None:
    english = (
        "nan", "None", "inf", "recalled", "confirmed", "derived", "assumption", "green", "mobility",
        "social", "measured", "coarse", "modelled", "fictional", "burden", "unknown", "True",
    )  # fmt: skip
    assert [word for word in english if re.search(rf"\b{word}\b(?!\.tif)", page.text)] == []
    # file names may be English; a decimal point, apart from thousands and file names
    assert re.findall(r"(?<![\w.-])\d+\.\d{1,2}(?![\d.])", page.text) == []


def test_report__answers_what_planners_ask(page: Page, small_run: Run) -> None:
    for text in (
        "Wie draagt nu de gestapelde lasten?",
        "laagste inkomens",
        "Inwoners boven 3 of 4 normen",
        "door blootstelling",
        "door leeftijd",
        "door gezondheid die al ongelijk was",
        "Verschil tussen buurten, absoluut",
        "Verschil tussen buurten, relatief",
        "SES-kloof, relatief",
        "Kosten per sector",
        "Kosten per eigenaar van de grond, de weg of het gebouw",
        "zwakste getal: aanname",
        "Alles tegelijk beter kan",
        "Deze plaats is verzonnen",
        "een waardeoordeel en geen biologie",
        "MGR-achtig percentage",
        "Prioritaire buurten",
        "sociale samenhang",
        "Stapeling van beleid",
        "Wat elk deel van het zoeken toevoegde",
    ):
        assert text in page.text
    for proposal in small_run.proposals:
        assert proposal.name in page.text
        assert proposal.reason in page.text


def test_report__says_plainly_when_no_plan_helps_all(small_run: Run, tmp_path: Path) -> None:
    none = tuple(replace(p, helps_all=False) for p in small_run.proposals)
    write_report(replace(small_run, proposals=none), tmp_path / "r.html")
    text = Page((tmp_path / "r.html").read_text(encoding="utf-8")).text

    assert "Geen van de bekeken plannen verlaagt" in text
    assert "Alles tegelijk beter kan" not in text


def test_report__without_proposals_still_stands(small_run: Run, tmp_path: Path) -> None:
    write_report(replace(small_run, proposals=()), tmp_path / "r.html")

    assert "Er is geen voorstel" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_contents__exceeded_norms_count_everybody(small_run: Run) -> None:
    fifths = contents(small_run)["fifths"]

    three = sum(row["three"] for row in fifths)
    assert three == pytest.approx(small_run.today.exceeded[3:].sum(), rel=1e-9)
    assert sum(row["residents"] for row in fifths) == pytest.approx(
        small_run.study.group_residents.sum()
    )
    # 100 is the mean of the residents
    mean = sum(row["stacking"] * row["residents"] for row in fifths)
    assert mean / sum(row["residents"] for row in fifths) == pytest.approx(100.0)


def test_stacking_chapter__shows_every_form_and_everybody(small_run: Run) -> None:
    chapter = contents(small_run)["stack"]

    told = {row["form"].measure for row in chapter["forms"]}
    silent = {"at_least_1", "at_least_2"}
    assert told | silent == set(small_run.stacking.measures["measure"])
    total = small_run.study.group_residents.sum()
    for k in range(1 + len(small_run.proposals)):
        assert sum(row["persons"][k] for row in chapter["norms"]) == pytest.approx(total)
    assert all(sum(row["share"]) == pytest.approx(100.0) for row in chapter["by_group"])
    assert chapter["norms_supplied"] == []
    assert [row["id"] for row in chapter["policies"]] == [p.id for p in small_run.proposals]


def test_stacking_chapter__says_that_the_leefbaarometer_was_not_brought(
    small_run: Run, tmp_path: Path
) -> None:
    bare = replace(small_run.stacking, has_liveability=False)
    write_report(replace(small_run, stacking=bare), tmp_path / "r.html")
    text = Page((tmp_path / "r.html").read_text(encoding="utf-8")).text

    assert "De Leefbaarometer is niet aangeleverd" in text
    assert "Leefbaarometer nu" not in text


def test_ges_legend__tells_the_bounds_of_every_class() -> None:
    noise, no2 = (ges_legend(name, StackingSettings()) for name in ("noise", "no2"))

    assert noise.labels[0] == "0 zeer goed: minder dan 43 dB"
    assert noise.labels[3] == "3 vrij matig"
    assert noise.labels[6] == "6 onvoldoende: 63 tot 68 dB"
    assert no2.labels[8] == "8 zeer onvoldoende: 40 of meer µg/m³"
    scores = np.array([0.0, 6.0, 8.0, np.nan])
    np.testing.assert_array_equal(noise.index(scores), [0, 6, 8, -1])
    assert len(set(noise.colours)) == 9


def test_report__takes_hostile_names_as_plain_text(hostile_run: Run, tmp_path: Path) -> None:
    write_report(hostile_run, tmp_path / "r.html")
    source = (tmp_path / "r.html").read_text(encoding="utf-8")
    page = Page(source)

    assert page.all("script") == []
    assert "<img src=x" not in source
    assert all(image["src"] != "x" for image in page.all("img"))
    assert not any("onerror" in attrs for _, attrs in page.tags)
    assert html.escape(HOSTILE[0]) in source


def test_report__hides_fewer_than_ten_residents(tiny_run: Run, tmp_path: Path) -> None:
    write_report(tiny_run, tmp_path / "r.html")

    assert "Kleinbuurt" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_report__is_the_same_bytes_twice(small_run: Run, source: str, tmp_path: Path) -> None:
    write_report(small_run, tmp_path / "again.html")

    assert (tmp_path / "again.html").read_text(encoding="utf-8") == source


def test_level_classes__have_bounds_that_people_can_read() -> None:
    classes = level_classes(np.linspace(5.29, 19.6, 80))

    assert classes.bounds == (7.5, 10.0, 12.5, 15.0, 17.5)
    assert classes.labels[0] == "minder dan 7,5"
    assert classes.labels[1] == "7,5 tot 10,0"
    assert classes.labels[-1] == "17,5 of meer"
    assert len(classes.colours) == len(classes.labels)
    index = classes.index(np.array([0.0, 7.5, 99.0, np.nan]))
    assert index.tolist() == [0, 1, 5, -1]


def test_difference_classes__say_of_no_change_that_nothing_changes() -> None:
    classes = difference_classes(np.array([-1.4, -0.6, 0.0, np.nan]))

    middle = classes.index(np.array([0.0, -1e-6, 1e-6]))
    assert {classes.labels[k] for k in middle.tolist()} == {"bijna gelijk (tot 0,05 verschil)"}
    assert classes.labels[classes.index(np.array([-2.0]))[0]].endswith("of minder")


@pytest.mark.parametrize("values", [np.full(3, np.nan), np.zeros(4), np.full(5, 7.3)])
def test_classes__of_nothing_or_of_one_value_still_serve(values: np.ndarray) -> None:
    for classes in (level_classes(values), difference_classes(values)):
        assert all(a < b for a, b in pairwise(classes.bounds))
        assert len(classes.labels) == len(classes.bounds) + 1


def test_measures__upkeep_and_shared_ground(small_run: Run) -> None:
    page = contents(small_run)

    tree = next(row for row in page["catalogue"] if row["name"].startswith("straatboom"))
    ground = dict(page["shared_ground"])
    assert tree["upkeep"] == pytest.approx(30.0)
    assert "3-30-300" in tree["also"]
    assert "straatboom met groeiplaats" in ground["verharding"]
    # speed30 and quiet asphalt cannot both take a metre of main street
    assert len(ground["hoofdstraten"]) == 2
