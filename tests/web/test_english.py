"""English pages: every name of our catalogues has its English, and only sentences stay Dutch."""

import ast
import inspect
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from evenground.dutch import AGE_NL, INCOME_NL, SINGULAR
from evenground.exposure import (
    DIAGNOSTIC_HEAT,
    METHODS,
    MODELLED_HEAT,
    TWO_WINDOW_HEAT,
    UNKNOWN_ACCESS,
    WEIGHTS,
)
from evenground.interventions import read_table
from evenground.outputs.report import bound
from evenground.outputs.report.decision.words import read_words
from evenground.outputs.report.people import FIFTHS
from evenground.pages import charts, places, plans
from evenground.pages.book import Book
from evenground.pages.data import script_of
from evenground.pages.english import ENGLISH, GAP, english_of, own_names
from evenground.pages.export import StaticSite, pages_of
from evenground.pages.naming import names_shown
from evenground.pages.press import Asked, render, show
from evenground.pages.views import goals, why
from evenground.results import MEASURE_NL, QUALITIES, findings
from evenground.results.assess import OWNERS, SECTORS
from evenground.results.budgets import WHOLE
from evenground.results.certainty import ASSUMED_NL, CHANNEL_NL, STATUS_NL, UNIT_NL, unit_of_setting
from evenground.results.front import TITLES
from evenground.results.select import PICKS
from evenground.web import whatif
from evenground.web.app import ServedSite, build_app
from evenground.web.bench import Desk
from evenground.web.shelf import Shelf, changes_of

from .conftest import RUN

HOME = "http://127.0.0.1"

VOID = {"meta", "link", "input", "br", "img", "path", "rect", "use", "polyline", "hr", "col"}
INTERVENTIONS = read_table("interventions.csv")
NAMES = {
    "interventions": [f"kosten van {name}" for name in INTERVENTIONS["name_nl"]],
    "units": [*INTERVENTIONS["unit_nl"], *SINGULAR.values()],
    "proposals": [text for pick in PICKS for text in (pick.name, pick.best, pick.near)],
    "sectors": SECTORS.values(),
    "owners": [*OWNERS.values(), "gemeente of bewoner"],
    "scores": [name for _, name, _ in plans.SCORES],
    "goals": [*plans.GOALS.values(), *(text for pair in why.OF_NL.values() for text in pair)],
    "bounds": [text for name, unit, _ in bound.NAMES.values() for text in (name, unit)],
    "measures": [f"Doel: {text.name}" for text in MEASURE_NL.values()],
    "measure units": [text.unit or "geen" for text in MEASURE_NL.values()],
    "outcomes": charts.OUTCOMES_NL.values(),
    "score units": [unit for unit, _ in plans.UNITS.values()],
    "layers": [text for pair in TITLES.values() for text in pair],
    "burdens": places.BURDEN_NL.values(),
    "qualities": QUALITIES.values(),
    "statuses": STATUS_NL.values(),
    "responses": CHANNEL_NL.values(),
    "assumptions": [*ASSUMED_NL.values(), *UNIT_NL.values(), unit_of_setting("")],
    "people": [*FIFTHS.values(), *AGE_NL.values(), *INCOME_NL.values()],
    "roles": [name for name, _ in goals.ROLES.values()],
    "methods": [
        text.format(reach="300", weight=weight)
        for text in (
            *METHODS.values(),
            MODELLED_HEAT,
            UNKNOWN_ACCESS,
            TWO_WINDOW_HEAT,
            DIAGNOSTIC_HEAT,
        )
        for weight in WEIGHTS.values()
    ],
}
"""Dutch names and labels by the catalogue that they come from."""


class Marked(HTMLParser):
    """Collects the words that a page marks as Dutch, links to the Dutch page aside."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that is in Dutch."""
        found = dict(attrs)
        is_dutch = found.get("lang") == "nl" and "hreflang" not in found
        if tag not in VOID:
            self.open.append((tag, is_dutch))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Keep words that are marked as Dutch."""
        if any(dutch for _, dutch in self.open) and data.strip():
            self.texts.append(data)


def own() -> dict[str, str]:
    """Return the English names of the interventions, as a run has them."""
    return dict(zip(INTERVENTIONS["name_nl"], INTERVENTIONS["name_en"], strict=True))


def marked(text: str) -> set[str]:
    found = Marked()
    found.feed(text)
    return set(found.texts)


@pytest.mark.parametrize("catalogue", NAMES)
def test_english__is_there_for_every_name_of_a_catalogue(catalogue: str) -> None:
    names = [str(name) for name in NAMES[catalogue]]

    assert names
    assert [name for name in names if english_of(name, own()) is None] == []


def test_english__says_each_text_once_with_as_many_gaps() -> None:
    lines = (
        (files("evenground.pages") / "templates" / "english.txt").read_text("utf-8").splitlines()
    )

    assert len(lines) == len(ENGLISH)
    assert [k for k, text in ENGLISH.items() if k.count(GAP) != text.count(GAP)] == []


def test_english__is_there_for_every_finding() -> None:
    tree = ast.parse(inspect.getsource(findings))
    nodes = list(ast.walk(tree))
    apart = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    apart |= {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    texts = [
        "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in node.values)
        if isinstance(node, ast.JoinedStr)
        else str(node.value)
        for node in nodes
        if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in apart
    ]
    sentences = [text for text in texts if re.fullmatch(r"(7 )?[A-Z].*\.", text)]

    assert len(sentences) >= 9
    assert [text for text in sentences if english_of(text) is None] == []


def test_english__of_a_new_name_is_missed() -> None:
    assert english_of("kosten van zweefbrug", own()) is None
    assert english_of("Zweefbaarheid") is None
    assert english_of("gemeente of zweefbrug") is None


def test_english__fills_gaps_with_numbers_and_names() -> None:
    assert english_of("\N{MINUS SIGN}0,25 tot \N{MINUS SIGN}0,025") == (
        "\N{MINUS SIGN}0,25 to \N{MINUS SIGN}0,025"
    )
    assert english_of("heesterplantsoen (12)", own()) == "shrub bed (12)"
    assert english_of("in bijna alle plannen (90 % of meer): 1 plek") == (
        "in nearly all plans (90 % or more): 1 place"
    )
    assert english_of("SES-kloof 1,2 punt beter") == "Socio-economic gap 1,2 points better"
    assert english_of("65 jaar en ouder") == "65 years and older"


def test_english__of_proposals_is_that_of_the_decision_document() -> None:
    words = read_words("en").texts["others"]

    assert {pick.id: english_of(pick.name) for pick in PICKS} == {
        pick.id: words[pick.id] for pick in PICKS
    }


def test_english_pages__leave_only_places_and_sentences_in_dutch(book: Book) -> None:
    free = free_texts(book)
    site, pages = StaticSite(book, "en"), list(pages_of(book))

    assert len(pages) > 15
    for page in pages:
        for query in ({}, {"alle": "1"}, {"thema": "noise", "gezondheid_burden": "-99"}):
            asked = Asked(page.page, page.name, {**page.query, **query}, "en")
            assert marked(show(asked, book, site)) <= free, (page, query)


def test_english_pages__mark_a_name_without_english_as_dutch(book: Book) -> None:
    name = "Zweefbrug"
    contents = json.loads(json.dumps(book.contents))
    contents["scores"][0]["name"] = name
    contents["proposals"][0]["name"] = name
    strange = Book(contents)

    text = show(Asked("afwegingen", lang="en"), strange, StaticSite(strange, "en"))

    assert name in marked(text)
    assert f'<option lang="nl" value="burden" selected>{name}</option>' in text
    assert name not in names_shown(strange, {})


def test_english__of_an_intervention_of_a_case_comes_from_its_catalogue(book: Book) -> None:
    contents = json.loads(json.dumps(book.contents))
    contents["kinds"][0] |= {"name": "zweefbrug", "name_en": "sky bridge", "unit": "zweefmeter"}
    contents["kinds"][0]["unit_en"] = "sky metre"
    strange = Book(contents)

    found = own_names(strange)

    assert found["zweefbrug"] == "sky bridge"
    assert found["zweefmeter"] == "sky metre"
    assert "m²" not in found


def test_scripts__get_the_english_of_every_name_in_their_data(book: Book) -> None:
    names = names_shown(book, own_names(book))
    told = {**names, **{text: text for text in ("°C", "dB", "%", "µg/m³", "m²", "m", "km²")}}
    city = json.loads((script_of(book, "kaart.js") or "").partition("=")[2].rstrip(";\n"))
    front = json.loads((script_of(book, "front.js") or "").partition("=")[2].rstrip(";\n"))

    for row in (*city["themes"], *city["kinds"], *city["goals"], *front["scores"]):
        assert {row["name"], row["unit"], row.get("one", row["unit"])} <= set(told)
    for proposal in front["proposals"]:
        assert {proposal["name"], proposal["reason"]} <= set(told)
    labels = {
        text for theme in city["scales"].values() for k in theme.values() for text in k["labels"]
    }
    assert labels <= set(told)
    assert not any(
        re.search(r"(?<!\w)(tot|minder|meer|van)(?!\w)", text) for text in names.values()
    )


def test_english_site__holds_the_names_for_its_scripts(run: Path, book: Book) -> None:
    name = book["proposals"][0]["name"]

    for folder, is_there in (("en", True), ("", False)):
        for page in ("index", "doelen", "vergelijk"):
            text = (run / "site" / folder / f"{page}.html").read_text("utf-8")
            holder = re.search(r'"names":(\{[^}]*\})', text.replace("&#34;", '"'))
            assert holder is not None, page
            assert (name in json.loads(holder[1])) == is_there, (folder, page)


def free_texts(book: Book) -> set[str]:
    """Return what stays Dutch on English pages: sentences of the run, and what files are called."""
    account = book["account"]
    return {
        book["case"]["title"],
        *account["remarks"],
        *(layer["source"] for layer in book["layers"]),
        *(text for file in account["files"] for text in (file["source"], file["licence"])),
    }


def test_english_pages__of_a_server_leave_only_places_and_sentences_in_dutch(
    runs: Path, run: Path, book: Book
) -> None:
    (run / "chosen.jsonl").unlink(missing_ok=True)
    free = free_texts(book) | {row["name"] for row in book["neighbourhoods"]}
    own, name = f"/run/{RUN}", book["proposals"][0]["id"]
    given = {"voorstel": name, "naam": "Jo", "rol": "alderman", "toelichting": "Fits."}
    with TestClient(build_app(Shelf(runs)), base_url=HOME) as client:
        client.post(f"{own}/kies?lang=en", data=given, headers={"origin": HOME})
        texts = {
            address: client.get(f"{address}?lang=en").text
            for address in ("/", "/toegankelijkheid", "/run/geen", f"{own}/kies", f"{own}/wat-als")
        }
    (run / "chosen.jsonl").unlink()
    asked = {"buurt": book["neighbourhoods"][0]["code"]}
    shown = whatif.context(book, run, Desk(), asked) | {
        "state": "ready",
        "budgets": [
            {"name": name, "limit": None, "field": f"grens_{k}", "asked": None}
            for k, name in enumerate([*SECTORS.values(), WHOLE])
        ],
    }
    texts["what if"] = render(Asked("wat-als", lang="en"), ServedSite(RUN), book=book, **shown)

    for address, text in texts.items():
        assert '<html lang="en">' in text
        assert marked(text) <= free, address
    assert "Healthiest" in texts[f"{own}/kies"]
    proposal = show(Asked("voorstel", name, lang="en"), book, ServedSite(RUN))
    assert f'href="{own}/bestand/decision.html"' in proposal
    assert "Burden of disease" in texts["/"]
    assert "mobility" in texts["what if"]


def test_english_overview__says_what_changed() -> None:
    told = {
        "inputs": "a", "settings": "b", "n_front": 5, "best": {"burden": -1.0},
        "names": {"burden": "Ziektelast"},
    }  # fmt: skip
    before = {**told, "inputs": "x", "settings": "y", "n_front": 9, "best": {"burden": -2.5}}

    assert [english_of(text) for text in changes_of(told, before)] == [
        "other data",
        "other settings",
        "Burden of disease 1,5 points worse",
        "\N{MINUS SIGN}4 plans",
    ]
