"""The decision document: what it says, in both languages, and that everybody can read it."""

import html
import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pikepdf
import pytest
from hostile import HOSTILE

from evenground.interventions import read_table
from evenground.outputs.report import write_report
from evenground.outputs.report.decision import NAMES, paper, render, write_decision, write_pdf
from evenground.outputs.report.decision.story import tell
from evenground.outputs.report.decision.words import LANGUAGES, Language, Words, read_words
from evenground.outputs.report.people import FIFTHS
from evenground.outputs.report.proposals import worked_out
from evenground.results import MEASURE_NL, Proposal, Run
from evenground.results.assess import OWNERS, SECTORS
from evenground.results.select import PICKS

pytestmark = pytest.mark.jit
HEADS = ("question", "proposal", "maps", "people", "costs", "sure", "others", "account",
         "glossary", "places")  # fmt: skip


@pytest.fixture(scope="module")
def folder(small_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("decision")
    write_decision(small_run, made)
    return made


@pytest.fixture(params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture
def pdf(folder: Path, lang: Language) -> pikepdf.Pdf:
    return pikepdf.open(folder / f"{NAMES[lang]}.pdf")


def text_of(page: str) -> str:
    """Return the words of a page without its style."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def elements(pdf: pikepdf.Pdf) -> list[tuple[str, pikepdf.Object]]:
    """Return all structure elements in reading order, with what they stand for."""
    found = []

    def walk(node: pikepdf.Object) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append((str(node.S), node))
            if "/K" in node:
                walk(node.K)

    walk(pdf.Root.StructTreeRoot.K)
    return found


def test_words__say_the_same_things_in_every_language() -> None:
    dutch, english = (read_words(lang).texts for lang in LANGUAGES)

    assert {part: set(texts) for part, texts in dutch.items()} == {
        part: set(texts) for part, texts in english.items()
    }
    for part, texts in dutch.items():
        for key, text in texts.items():
            holes = re.findall(r"\{(\w+)\}", text)
            assert sorted(holes) == sorted(re.findall(r"\{(\w+)\}", english[part][key])), key


def test_words__write_numbers_as_their_readers_do() -> None:
    dutch, english = (read_words(lang) for lang in LANGUAGES)

    assert (dutch.number(1234.5, 1), english.number(1234.5, 1)) == ("1.234,5", "1,234.5")
    assert english.million(2.5e6) == "€\N{NO-BREAK SPACE}2.5 million"
    assert english.percent(90.0, 100.0) == "\N{MINUS SIGN}10.0\N{NO-BREAK SPACE}%"
    assert (dutch.number(np.nan), english.number(np.nan)) == ("onbekend", "unknown")
    assert (dutch.change(np.nan), english.percent(1.0, 0.0)) == ("onbekend", "unknown")


def test_tell__gives_the_figures_of_the_run(small_run: Run) -> None:
    words = read_words("nl")
    chosen = worked_out(small_run.proposals)
    told = tell(small_run, words)

    rows = {row[0]: row for row in told["chosen"]["rows"]}
    before, after = small_run.today.scores["burden"], chosen.assessment.scores["burden"]
    assert rows["Ziektelast"][2:4] == (words.number(before), words.number(after))
    assert rows["Stapeling"][2] == "100,0"
    spent = chosen.works["capital_eur"].sum()
    assert sum(euros(row[2]) for row in told["chosen"]["works"]) == pytest.approx(spent, abs=20)
    assert sum(euros(row[1]) for row in told["payers"]["sector"]) == pytest.approx(spent, abs=20)
    lived_in = small_run.study.group_residents.sum(axis=0) > 0.0
    assert len(told["places"]) == lived_in.sum()
    assert len(told["others"]) == len(small_run.proposals)


def test_worked_out__is_in_balance_if_that_helps_all_else_the_first_that_does() -> None:
    def proposal(name: str, *, helps_all: bool) -> Proposal:
        return cast("Proposal", SimpleNamespace(id=name, helps_all=helps_all))

    first, healthy = proposal("gezondst", helps_all=False), proposal("eerlijkst", helps_all=True)
    good, bad = proposal("in_balans", helps_all=True), proposal("in_balans", helps_all=False)

    assert worked_out([first, healthy, good]) is good
    assert worked_out([first, bad, healthy]) is healthy
    assert worked_out([first, bad]) is first
    assert worked_out([]) is None


def test_report__works_out_the_same_proposal(small_run: Run, tmp_path: Path) -> None:
    chosen = worked_out(small_run.proposals)

    write_report(small_run, tmp_path / "report.html")

    text = (tmp_path / "report.html").read_text("utf-8")
    assert chosen.helps_all
    assert f"voorstel “{chosen.name}”.</b>" in text


def euros(text: str) -> float:
    """Return an amount as it was before it was written in Dutch."""
    return float(text.removeprefix("€\N{NO-BREAK SPACE}").replace(".", ""))


def test_page__has_its_parts_in_order(small_run: Run, lang: Language) -> None:
    page = render(small_run, lang)

    words = read_words(lang)
    places = [page.index(f"<h2>{html.escape(words(f'{part}.head'))}</h2>") for part in HEADS]
    assert places == sorted(places)
    assert f'<html lang="{lang}">' in page
    assert 'src="http' not in page
    assert "{" not in text_of(page)


def test_page__in_english_holds_no_dutch_sentence(small_run: Run) -> None:
    text = text_of(render(small_run, "en"))

    english, dutch = read_words("en"), read_words("nl")
    own = {text for texts in english.texts.values() for text in texts.values()}
    for part, texts in dutch.texts.items():
        for key, said in texts.items():
            fixed = max(re.split(r"\{\w+\}|\|", said), key=len).strip()
            if said not in own and len(fixed) > 12 and part != "outcomes":
                assert fixed not in text, f"{part}.{key}"


def names_in(told: dict[str, Any], names: Iterable[str]) -> set[str]:
    """Return the names that stand as words in what a document tells, files and places aside."""
    text = str({key: told[key] for key in told.keys() - {"w", "files", "places"}})
    return {name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)}


def test_page__in_english_holds_no_dutch_name(small_run: Run) -> None:
    table = read_table("interventions.csv")
    dutch = {
        *(name.split(":")[0] for name in table["name_nl"]),
        *table["unit_nl"],
        *(pick.name for pick in PICKS),
        *(text.name for text in MEASURE_NL.values()),
        *(name for english, name in {**SECTORS, **OWNERS}.items() if name != english),
        *FIFTHS.values(),
    }
    # some are the same words in English
    dutch = {name for name in dutch - set(table["unit"]) if len(name) > 4}
    told = {lang: names_in(tell(small_run, read_words(lang)), dutch) for lang in LANGUAGES}

    assert len(told["nl"]) > 8
    assert told["en"] == set()


def test_page__without_proposals_says_so(small_run: Run, lang: Language) -> None:
    bare = replace(small_run, proposals=(), uncertainty=None, bound=None)

    page = text_of(render(bare, lang))

    words: Words = read_words(lang)
    assert words("proposal.none") in page
    assert words("account.no_bound") in page
    assert words("maps.head") not in page


def test_page__shows_names_as_text(hostile_run: Run, lang: Language) -> None:
    page = render(hostile_run, lang)

    assert "<script" not in page
    assert "<img src=x" not in page
    assert html.escape(HOSTILE[0]) in page


def test_page__tells_no_figure_of_a_few_people(tiny_run: Run, lang: Language) -> None:
    rows = {row[0]: row for row in tell(tiny_run, read_words(lang))["places"]}

    words = read_words(lang)
    few, unknown = words("doc.few_people", n="10"), words("doc.hidden")
    assert rows["Kleinbuurt"][2:] == (few, unknown, unknown, unknown)


def test_pdf__says_its_language_and_title(pdf: pikepdf.Pdf, lang: Language) -> None:
    assert str(pdf.Root.Lang) == lang
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert pdf.Root.MarkInfo.Marked
    with pdf.open_metadata() as told:
        assert told["pdfuaid:part"] == "1"
        assert "Voorbeeldstad" in told["dc:title"]


def test_pdf__has_headings_tables_and_texts_for_figures(
    pdf: pikepdf.Pdf,
) -> None:
    found = elements(pdf)
    kinds = [kind for kind, _ in found]

    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == len(HEADS)
    # headings come in order: the first is the title
    assert next(kind for kind in kinds if re.fullmatch(r"/H\d", kind)) == "/H1"
    figures = [node for kind, node in found if kind == "/Figure"]
    assert len(figures) == 5
    assert all(len(str(node.Alt)) > 20 for node in figures)
    assert kinds.count("/Table") >= 9
    assert kinds.count("/TH") >= 40
    # every cell with a figure says which row and which column it belongs to
    ids = {str(node.ID) for kind, node in found if kind == "/TH" and "/ID" in node}
    named = [[str(head) for head in node.A.Headers] for kind, node in found if kind == "/TD"]
    assert {len(heads) for heads in named} == {2}
    assert {head for heads in named for head in heads} <= ids


def test_pdf__is_the_same_twice(small_run: Run, folder: Path, tmp_path: Path) -> None:
    page = render(small_run, "nl")

    assert write_pdf(page, tmp_path / "beslisstuk.pdf")

    assert (tmp_path / "beslisstuk.pdf").read_bytes() == (folder / "beslisstuk.pdf").read_bytes()


def test_pdf__fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body { background: url(data:,x) }", encoding="utf-8")
    page = (
        '<html lang="nl"><head><title>t</title>'
        f'<link rel="stylesheet" href="{secret.as_uri()}"></head>'
        f'<body><img src="{secret.as_uri()}" alt="a"><p>tekst</p></body></html>'
    )
    logging.getLogger("weasyprint").addHandler(logging.NullHandler())

    write_pdf(page, tmp_path / "a.pdf")

    made = pikepdf.open(tmp_path / "a.pdf")
    assert len(made.pages) == 1
    assert not any("/Image" in str(obj.get("/Subtype", "")) for obj in made.objects
                   if isinstance(obj, pikepdf.Stream))  # fmt: skip


def test_pdf__without_pango_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(paper, "_load", lambda: None)

    assert not write_pdf("<p>tekst</p>", tmp_path / "a.pdf")

    assert not (tmp_path / "a.pdf").exists()
    assert "a.pdf is not written: WeasyPrint cannot load Pango" in caplog.text
