"""What the pages say: figures against the run, small numbers, translations, files on a disk."""

import base64
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from evenground.pages.book import Book, class_of, differences, read_book
from evenground.pages.charts import bars, curves
from evenground.pages.data import names_of, pack, script_of
from evenground.pages.english import ENGLISH
from evenground.pages.export import ASSETS, StaticSite, file_name, pages_of
from evenground.pages.places import outlines, plain
from evenground.pages.plans import frequency_of, moved_of
from evenground.pages.press import LANGUAGES, Asked, as_json, render, show
from evenground.pages.query import count_of, number_of
from evenground.pages.views import compare, goals, neighbourhood, tradeoffs
from evenground.pipeline import Model

from .conftest import NASTY

PAGES = Path(__file__).parents[2] / "src" / "evenground" / "pages"


class Reader(HTMLParser):
    """Collects the elements and addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element with its attributes."""
        self.tags.append((tag, dict(attrs)))


EMPTY = {"meta", "link", "input", "br", "img", "path", "rect", "use", "polyline", "hr", "col"}
MOST_WEIGHT = 4_000_000
"""Bytes of a page with all that it loads, as asked."""


def read(text: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Reader()
    reader.feed(text)
    return reader.tags


def test_english__is_there_for_every_text_of_the_templates() -> None:
    texts = [path.read_text("utf-8") for path in (PAGES / "templates").glob("*.j2")]
    used = {text for page in texts for text in re.findall(r"_\('([^']*)'\)", page)}
    roles = {name for name, _ in goals.ROLES.values()}

    assert used | roles <= set(ENGLISH)
    assert all(ENGLISH.values())


def test_book__says_the_scores_of_the_front(book: Book, run: Path) -> None:
    with xr.open_dataset(run / "front.nc", engine="h5netcdf") as front:
        burden, capital = front["burden"].to_numpy(), front["capital"].to_numpy()

    now = book["today"]["burden"]
    np.testing.assert_allclose(book["front"]["burden"], 100 * (burden / now - 1), rtol=1e-4)
    np.testing.assert_allclose(book["front"]["capital"], capital / 1e6, rtol=1e-4)
    for proposal in book["proposals"]:
        k = proposal["candidate"]
        assert proposal["values"]["capital"] == pytest.approx(capital[k] / 1e6)
        assert proposal["scores"]["burden"] == pytest.approx(burden[k])


def test_book__shows_no_figure_of_few_residents(small_model: Model, book: Book) -> None:
    people = small_model.study.group_residents.sum(axis=0)

    for k, place in enumerate(book["neighbourhoods"]):
        assert place["shown"] == (people[k] >= 10.0)
        if not place["shown"]:
            assert "exceeded" not in place
            assert all(values[k] is None for values in book["now"].values())
            for proposal in book["proposals"]:
                assert all(values[k] is None for values in proposal["after"].values())


def test_few_persons__are_never_told(book: Book) -> None:
    counts = [c for b in book["neighbourhoods"] if b["shown"] for c in b["exceeded"]]

    assert len(counts) > 10
    assert all(count is None or count == 0 or count >= 10 for count in counts)


def test_neighbourhood__of_few_residents_has_only_a_name(book: Book) -> None:
    contents = json.loads(json.dumps(book.contents))
    place = contents["neighbourhoods"][0]
    kept = {"code": place["code"], "name": "Klein", "shown": False, "residents": None}
    contents["neighbourhoods"][0] = kept | {"why_not": "minder dan 10 inwoners"}
    small = Book(contents)

    text = show(Asked("buurt", place["code"]), small, StaticSite(small, "nl"))

    assert "minder dan 10 inwoners" in text
    assert neighbourhood.context(small, {}, place["code"]).keys() == {"b", "n_shown"}


def test_outlines__keep_their_area_and_shared_borders(small_model: Model) -> None:
    import shapely  # noqa: PLC0415 - only this test needs shapes

    found = outlines(small_model.study)
    shapes = shapely.from_wkb(list(small_model.study.outlines))

    for before, polygons in zip(shapes, found, strict=True):
        rings = [np.reshape(polygon[0], (-1, 2)) for polygon in polygons]
        after = sum(shapely.Polygon(ring).area for ring in rings)
        assert after == pytest.approx(before.area, rel=0.15, abs=2_000.0)


def test_frequency__counts_plans_that_build_at_a_site_once() -> None:
    # options 0 and 1 lie at site 5, option 2 at site 7; plans {0, 1}, {1, 2}, {2}, {}
    front = xr.Dataset(
        {
            "burden": ("candidate", [0.0, 0.0, 0.0, 0.0]),
            "active_count": ("candidate", [2, 2, 1, 0]),
            "option": ("active", [0, 1, 1, 2, 2]),
        }
    )

    share = frequency_of(front, np.array([5, 5, 7]))

    assert share[5] == pytest.approx(2 / 4)
    assert share[7] == pytest.approx(2 / 4)
    assert share[[0, 1, 2, 3, 4, 6]].sum() == 0.0


def test_class_of__a_bound_belongs_to_the_class_above() -> None:
    assert [class_of(v, [1.0, 2.0]) for v in (0.5, 1.0, 1.5, 2.0, None)] == [0, 1, 1, 2, None]
    assert differences([1.0, None, 3.0], [2.5, 1.0, None]) == [1.5, None, None]


def test_charts__by_hand() -> None:
    # 40 units of room, 300 of drawing: (0.5, 0.25) lies at 40 + 150, 300 - 75
    assert curves([("x", [[0.0, 0.5], [0.0, 0.25]]), ("y", None)]) == [
        {"name": "x", "points": "40.0,300.0 190.0,225.0"}
    ]
    rows = bars([("a", -2.0), ("b", 1.0)])
    assert (rows[0]["start"], rows[0]["length"]) == (0.0, 130.0)
    assert (rows[1]["start"], rows[1]["length"], rows[1]["y"]) == (130.0, 65.0, 30.0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-5,5", -5.5),
        ("2.000", 2000.0),
        ("1.250.000,5", 1_250_000.5),
        ("1.25", 1.25),
        ("\u22126", -6.0),
        (" 12.25 ", 12.25),
        *((text, None) for text in ("", "1e9", "nan", "1;drop", "9" * 50, "--1")),
    ],
)
def test_number_of__reads_what_people_write(text: str, number: float | None) -> None:
    assert number_of({"a": text}, "a") == number
    assert count_of({"a": text}, "a", 1, 7) in range(1, 8)


def test_trade_offs__keeps_what_fits_and_sorts(book: Book) -> None:
    limit = sorted(book["front"]["capital"])[len(book["front"]["capital"]) // 2]
    query = {"alle": "1", "max_capital": str(limit).replace(".", ","), "sorteer": "capital"}

    shown = tradeoffs.context(book, query)

    expected = sum(value <= limit for value in book["front"]["capital"])
    assert shown["n_fitting"] == expected
    capital = [row["values"]["capital"] for row in shown["rows"]]
    assert capital == sorted(capital)
    assert max(capital) <= limit


def test_trade_offs__shows_the_proposals_at_first(book: Book) -> None:
    shown = tradeoffs.context(book, {})

    assert [row["proposal"]["id"] for row in shown["rows"]] == [
        p["id"] for p in sorted(book["proposals"], key=lambda p: p["values"]["burden"])
    ]


def test_goals__overlap_and_nearest(book: Book) -> None:
    cheapest = min(book["proposals"], key=lambda p: p["values"]["capital"])
    limit = cheapest["values"]["capital"]
    best = min(p["values"]["burden"] for p in book["proposals"])

    free = goals.context(book, {"financien_capital": str(limit).replace(".", ",")})
    tight = goals.context(
        book,
        {
            "financien_capital": "0,001",
            "gezondheid_burden": str(round(best - 1.0, 2)).replace(".", ","),
        },
    )

    assert cheapest["id"] in [row["p"]["id"] for row in free["overlap"]]
    assert tight["overlap"] == []
    assert tight["nearest"]["short"] == min(row["short"] for row in tight["proposals"]) > 0.0
    assert {miss["role"] for miss in tight["misses"]} == {"Gezondheid", "Financiën"}


def test_shortfall__by_hand() -> None:
    # the front runs from -10 to 0; -4 asked, -3 found: one tenth of the way
    asked = {"a": {"burden": -4.0}, "b": {"capital": 5.0}}
    spans = {"burden": (-10.0, 0.0), "capital": (0.0, 10.0)}

    assert goals.shortfall({"burden": -3.0, "capital": 5.0}, asked, spans) == pytest.approx(0.1)
    assert goals.shortfall({"burden": -5.0, "capital": 7.0}, asked, spans) == pytest.approx(0.2)
    assert goals.shortfall({"burden": -5.0, "capital": 1.0}, asked, spans) == 0.0


def test_compare__shares_of_places(book: Book) -> None:
    first, second, *_ = book.proposal
    same = compare.context(book, {"a": first, "b": first, "c": first})
    two = compare.context(book, {"a": first, "b": second})

    works = [set(zip(p["works"]["site"], p["works"]["kind"], strict=True)) for p in two["chosen"]]
    assert len(same["chosen"]) == 1
    assert two["shared"] == pytest.approx(len(works[0] & works[1]) / len(works[0] | works[1]))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_static_pages__hold_nothing_inside_and_ask_nothing_elsewhere(
    run: Path, book: Book, lang: str
) -> None:
    folder = run / "site" / ("en" if lang == "en" else "")

    for page in pages_of(book):
        path = folder / file_name(book, page.page, page.name)
        for tag, attributes in read(path.read_text("utf-8")):
            assert "style" not in attributes
            assert not any(name.startswith("on") for name in attributes)
            assert tag != "style"
            for key in ("href", "src", "action"):
                address = attributes.get(key) or ""
                assert "//" not in address
                assert not address.startswith("/"), address
                name = address.partition("#")[0].partition("?")[0]
                if tag in ("a", "script", "link") and name:
                    assert (folder / name).resolve().exists(), (path.name, address)


def test_static_site__has_all_assets(run: Path) -> None:
    assets = {path.name for path in (run / "site" / "assets").iterdir()}

    assert set(ASSETS) <= assets
    assert {
        "LICENSE-echarts.txt",
        "LICENSE-openlayers.md",
        "kaart.js",
        "front.js",
        "front-alle.js",
    } <= assets


def test_hostile_names__are_text_on_every_page(runs: Path) -> None:
    book = read_book(runs / NASTY)

    for lang in LANGUAGES:
        site = StaticSite(book, lang)
        texts = [show(Asked(p.page, p.name, p.query, lang), book, site) for p in pages_of(book)]
        texts.append(render(Asked("toegankelijkheid", lang=lang), site, book=book))
        for text in texts:
            for tag, attributes in read(text):
                assert tag not in ("img", "b") or attributes == {}
                assert not any(name.startswith("on") for name in attributes)
                if tag == "script":
                    assert "src" in attributes or attributes.get("type") == "application/json"
            assert "<script>alert" not in text
            assert "<img" not in text


def test_run_without_proposals__has_all_its_pages(book: Book) -> None:
    empty = Book(book.contents | {"proposals": []})
    site = StaticSite(empty, "nl")

    pages = {p.page: show(p, empty, site) for p in pages_of(empty)}

    assert {"afwegingen", "vergelijk", "kies", "doelen", "buurt"} <= set(pages)
    assert "0 van 0" in pages["afwegingen"]


def test_as_json__cannot_end_a_script() -> None:
    text = str(as_json({"a": "</script><!--\u2028&"}))

    assert "<" not in text
    assert "&" not in text
    assert json.loads(text) == {"a": "</script><!--\u2028&"}


def test_read_book__refuses_another_form(tmp_path: Path) -> None:
    from evenground.errors import DataError  # noqa: PLC0415 - only this test needs it

    (tmp_path / "pages.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(DataError, match="Run the case again"):
        read_book(tmp_path)
    (tmp_path / "pages.json").write_text("[", encoding="utf-8")
    with pytest.raises(DataError, match="Run the case again"):
        read_book(tmp_path)


class Words(HTMLParser):
    """Words of a page that are said to be in its own language."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that is in Dutch, and the words of its attributes."""
        found = dict(attrs)
        is_dutch = found.get("lang") == "nl" or any(dutch for _, dutch in self.open)
        said = ("aria-label", "title", "placeholder", "data-rules", "data-broken")
        self.words += [found[key] or "" for key in said if key in found and not is_dutch]
        if tag not in EMPTY:
            self.open.append((tag, is_dutch))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Keep words that are not marked as Dutch."""
        if any(dutch for _, dutch in self.open):
            return
        if self.open and self.open[-1][0] == "script" and data.strip():
            told = json.loads(data)  # what names in the data are called in English
            data = str({key: value for key, value in told.items() if key != "names"})
        self.words.append(data)


def test_english_pages__say_nothing_in_dutch_unmarked(run: Path, book: Book) -> None:
    dutch = {key for key, english in ENGLISH.items() if key != english and len(key) >= 6}
    pages = sorted((run / "site" / "en").glob("*.html"))
    assert len(pages) > 20
    for page in pages:
        found = Words()
        found.feed(page.read_text("utf-8"))
        # the name of the case stands in every title
        text = " ".join(" ".join(found.words).split()).replace(book["case"]["title"], "")
        assert len(text) > 200
        left = [key for key in dutch if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text)]
        assert left == [], page.name


def weight_of(text: str, size_of: Callable[[str], int]) -> int:
    """Return the bytes of a page with all that it can load, as they are once unpacked.

    Of proposals a page shows one at a time, or three side by side: the heaviest count.
    """
    loaded = set(re.findall(r"assets/([a-z0-9_-]+\.[a-z]+)", text))
    proposals = {name for name in loaded if name.startswith(("voorstel-", "buurten-"))}
    heaviest = sorted((size_of(name) for name in proposals), reverse=True)
    return (
        len(text.encode())
        + sum(size_of(name) for name in loaded - proposals)
        + sum(heaviest[: compare.MOST if "vergelijking" in text else 1])
    )


def test_every_page__weighs_little_with_all_it_loads(run: Path) -> None:
    site = run / "site"
    for page in sorted(site.glob("*.html")):
        text = page.read_text("utf-8")
        assert "assets/page.js" in text
        weight = weight_of(text, lambda name: (site / "assets" / name).stat().st_size)
        assert weight < MOST_WEIGHT, page.name


def large(book: Book, n_plan: int) -> Book:
    """Return a run of a large city: 600 neighbourhoods, 5 000 places in each proposal."""
    n, n_work = 600, 5_000
    rng = np.random.default_rng(5)
    contents = json.loads(json.dumps(book.contents))

    def many(column: list[object], count: int) -> list[object]:
        return (column * (count // len(column) + 1))[:count]

    for row in (contents["now"], *(p["after"] for p in contents["proposals"])):
        for key, column in row.items():
            known = next(value for value in column if value is not None)
            row[key] = plain(known * rng.uniform(0.5, 1.5, n))
            assert len(column) < n
    edge = rng.integers(100_000, 140_000, (n, 80)).tolist()
    contents["outlines"] = [[[ring]] for ring in edge]
    contents["neighbourhoods"] = [
        row | {"code": f"BU0363{k:04d}", "name": f"Een buurt die {k} heet"}
        for k, row in enumerate(many(contents["neighbourhoods"], n))
    ]
    for proposal in contents["proposals"]:
        works = proposal["works"]
        size = len(works["site"])
        for key, column in works.items():
            is_nested = len(column) != size or isinstance(column[0], list)
            works[key] = (
                [many(one, n_work) for one in column] if is_nested else many(column, n_work)
            )
        for key in ("x", "y"):
            works[key] = rng.integers(100_000, 140_000, n_work).tolist()
        works["site"] = rng.integers(0, 60_000, n_work).tolist()
        for key in ("amount", "capital", "chosen"):
            works[key] = plain(rng.uniform(1.0, 90_000.0, n_work))
        works["gain"] = [plain(rng.uniform(0.0, 9.0, n_work)) for _ in works["gain"]]
        works["lead"] = plain(rng.uniform(0.0, 9.0, n_work))
    contents["front"] = {key: plain(rng.uniform(-99.0, 99.0, n_plan)) for key in contents["front"]}
    return Book(contents)


@pytest.mark.parametrize("page", ["afwegingen", "doelen", "vergelijk"])
def test_page__of_a_large_city_weighs_little_with_its_whole_front(book: Book, page: str) -> None:
    city = large(book, 25_000)
    static = {path.name: path.stat().st_size for path in (PAGES / "static").iterdir()}
    texts = {name: script_of(city, name) or "" for name in names_of(city)}

    text = show(Asked(page, query={"alle": "1"}), city, StaticSite(city, "nl"))
    weight = weight_of(text, lambda name: static.get(name) or len(texts[name].encode()))

    assert ("assets/front-alle.js" in text) == (page != "vergelijk")
    assert len(texts["front-alle.js"]) > 600_000
    assert weight < MOST_WEIGHT


def test_front__weighs_the_same_until_all_of_it_is_asked_for(book: Book) -> None:
    few, many = large(book, 100), large(book, 25_000)
    page = {n: show(Asked("afwegingen"), b, StaticSite(b, "nl")) for n, b in ((1, few), (2, many))}

    assert abs(len(script_of(few, "front.js") or "") - len(script_of(many, "front.js") or "")) < 100
    assert abs(len(page[1]) - len(page[2])) < 100
    assert 'src="assets/front-alle.js"' not in page[2]
    assert '"front":"assets/front-alle.js"' in page[2]


@given(st.lists(st.none() | st.floats(-1e9, 1e9).map(lambda value: plain([value])[0]), max_size=20))
def test_pack__loses_nothing(column: list[float | None]) -> None:
    found = unpacked(pack(column))

    # what is smaller than anything that is told is nothing
    assert found == [0.0 if value is not None and abs(value) < 1e-18 else value for value in column]


def unpacked(text: str) -> list[float | None]:
    """Return the figures of a packed column, as a script reads them."""
    code = np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 3).astype(int)
    whole = (code @ [65536, 256, 1]).tolist()
    found: list[float | None] = []
    for one in whole:
        digits, power = one // 64 - 100_000, one % 64 - 32
        value = digits / 10.0**-power if power < 0 else digits * 10.0**power
        found.append(None if one == 2**24 - 1 else value)
    return found


def test_front_of_a_run__is_packed_whole(book: Book) -> None:
    packed = json.loads((script_of(book, "front-alle.js") or "").partition("=")[2].rstrip(";\n"))

    assert {key: unpacked(text) for key, text in packed.items()} == book["front"]


def test_sites__are_drawn_in_their_own_shape(book: Book) -> None:
    triangle = [[[100, 100, 200, 100, 100, 180, 100, 100]]]
    contents = book.contents | {"bounds": [0, 0, 1000, 1000], "site_m": 50}
    squares = Book(contents | {"sites": {"kind": "squares", "shapes": {}}})
    shapes = Book(contents | {"sites": {"kind": "polygons", "shapes": {"7": triangle}}})

    assert squares.site_path(7, 100, 200) == "M100 750h50v50h-50z"
    assert shapes.site_path(7, 100, 200) == "M100 900L200 900L100 820L100 900z"


def test_sites__go_by_their_name_where_they_have_one(book: Book) -> None:
    proposal = book["proposals"][0]
    site = proposal["works"]["site"][0]
    named = Book(book.contents | {"sites": book["sites"] | {"names": {str(site): "Dorpsstraat"}}})

    page = show(
        Asked("waarom", proposal["id"], {"plek": str(site)}), named, StaticSite(named, "nl")
    )

    assert named.site_label(site) == "Dorpsstraat"
    assert named.site_label(-1) == "-1"
    assert page.count("(Dorpsstraat)") >= 2


def test_account__tells_bound_and_gap_of_every_goal(book: Book) -> None:
    bound = book["account"]["bound"]
    page = show(Asked("verantwoording"), book, StaticSite(book, "nl"))

    named = [goal["title"] for goal in bound["goals"]] + bound["without"]
    assert len(named) >= 4
    assert all(text in page for text in named)
    assert all(goal["bound"] <= goal["found"] + 1e-9 for goal in bound["goals"])


def test_moved__counts_neighbourhoods_of_few_residents_as_the_report_does() -> None:
    people = np.array([5.0, 100.0, 100.0, 0.0])
    today = np.array([[[0.1, 1.0, 2.0, 0.0]]])
    after = np.array([[[0.2, 0.5, 2.0, 0.0]]])

    assert moved_of(people, today, after) == {
        "better": 1,
        "worse": 1,
        "residents_better": 100.0,
        "residents_worse": 5.0,
    }
