"""A whole run of a town whose files name its neighbourhoods as an attacker would.

One of its neighbourhoods has five residents, of whom no file may show a figure.
"""

import csv
import html
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pikepdf
import pyogrio
import pytest
import rasterio
import xarray as xr
from hostile import BREAKS, FORMULA_STARTS, HOSTILE, LONG

from evenground.config import UncertaintySettings, read_settings
from evenground.errors import DataError
from evenground.miniature import MiniatureSize, write_miniature
from evenground.pipeline import run as run_case
from evenground.runs import check_sums
from evenground.sources.tables import to_ours
from evenground.verify import check_run

pytestmark = [pytest.mark.jit, pytest.mark.slow]
SIZE = MiniatureSize(2000, 1600, 20, 26, 12000)
FIVE = 5
ONE_LINE = [text for text in BREAKS if len(text.splitlines()) == 1]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a town, then its names and five residents, and return its settings."""
    case = write_miniature(tmp_path_factory.mktemp("hostile"), seed=7, size=SIZE)
    path = case.parent / read_settings(case).neighbourhoods.file
    frame, layer = gpd.read_file(path), pyogrio.list_layers(path)[0][0]
    assert (frame["water"] == "NEE").sum() > len(HOSTILE)
    frame["buurtnaam"] = np.resize(np.asarray(HOSTILE, object), len(frame))
    small = int(np.flatnonzero(frame["aantal_inwoners"] > 50)[0])
    frame.loc[small, "aantal_inwoners"] = FIVE
    path.unlink()
    pyogrio.write_dataframe(frame, path, layer=layer)
    return case


@pytest.fixture(scope="module")
def few(town: Path) -> str:
    """Return the code of the neighbourhood of five residents."""
    frame = gpd.read_file(town.parent / read_settings(town).neighbourhoods.file)
    return str(frame.loc[frame["aantal_inwoners"] == FIVE, "buurtcode"].iloc[0])


@pytest.fixture(scope="module")
def done(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the town and return its run directory."""
    settings = read_settings(town)
    short = {"evaluations": 200, "population": 20, "bound_time_s": 1.0, "proposals": 3}
    settings = settings.model_copy(
        update={
            "search": settings.search.model_copy(update=short),
            "uncertainty": UncertaintySettings(draws=4),
        }
    )
    return run_case(settings, town.parent, tmp_path_factory.mktemp("runs"))[0]


class Tags(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one element."""
        self.found.append((tag, dict(attrs)))


def pages(run: Path) -> list[Path]:
    return sorted(run.rglob("*.html"))


def names_of(run: Path) -> list[str]:
    told = json.loads((run / "pages.json").read_text("utf-8"))
    return [place["name"] for place in told["neighbourhoods"]]


def tables(run: Path) -> dict[str, pd.DataFrame]:
    """Read every table of a run as text, by its path."""
    found = {}
    for path in sorted(run.rglob("*.csv")):
        is_dutch = path.read_bytes().startswith(b"\xef\xbb\xbf")
        sep, coding = (";", "utf-8-sig") if is_dutch else (",", "utf-8")
        text = path.read_bytes().decode(coding)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=sep))
        # no name makes a column or a row
        assert {len(row) for row in rows} == {len(rows[0])}, path
        found[path.relative_to(run).as_posix()] = pd.DataFrame(rows[1:], columns=rows[0])
    return found


def test_names__are_all_told_as_they_were_read(done: Path) -> None:
    names = names_of(done)

    assert set(names) >= {text.strip() for text in HOSTILE}
    assert check_sums(done).are_right
    for path in sorted(done.rglob("*.gpkg")):
        for layer in gpd.list_layers(path)["name"]:
            frame = gpd.read_file(path, layer=layer)
            if layer == "buurten":
                assert frame["buurtnaam"].tolist() == names
    assert (done.parent / "etc").exists() is False


def test_pages__run_nothing_of_a_name(done: Path) -> None:
    found = pages(done)
    assert len(found) > len(HOSTILE)

    for path in found:
        text = path.read_text("utf-8")
        tags = Tags(text).found
        for tag, attrs in tags:
            assert not any(name.startswith("on") for name in attrs), (path, tag, attrs)
            link = (attrs.get("href") or attrs.get("src") or "").strip().lower()
            assert not link.startswith("javascript:")
        sources = [attrs for tag, attrs in tags if tag == "script"]
        assert all("src" in attrs or attrs.get("type") == "application/json" for attrs in sources)
        if path.parent == done:
            assert sources == []
        assert "49txt" not in text
        assert "onerror=alert(1)>" not in text


def test_report__shows_names_as_text(done: Path) -> None:
    told = json.loads((done / "pages.json").read_text("utf-8"))["neighbourhoods"]
    cells = re.findall(
        r'<th scope="row">(.*?)</th>', (done / "beslisstuk.html").read_text("utf-8"), re.DOTALL
    )
    lived_in = {place["name"] for place in told if place["residents"] != 0.0}

    assert len(lived_in) > len(HOSTILE) // 2
    assert lived_in <= {html.unescape(cell) for cell in cells}
    for name in ("beslisstuk.pdf", "decision.pdf"):
        with pikepdf.open(done / name) as pdf:
            assert len(pdf.pages) > 0
            assert "/OpenAction" not in pdf.Root
            assert "/JavaScript" not in pdf.Root.get("/Names", {})


def test_scripts__hold_names_as_data(done: Path) -> None:
    for path in sorted((done / "site" / "assets").glob("*.js")):
        if path.stem in ("echarts", "ol", "page"):
            continue
        text = path.read_text("utf-8")
        assert "<" not in text
        json.loads(text[text.rindex("={") + 1 : text.rindex("}") + 1])


def test_tables__keep_their_cells_and_reckon_nothing(done: Path) -> None:
    found = tables(done)

    named = 0
    for path, table in found.items():
        for column in table:
            texts = table[column][
                pd.to_numeric(table[column].str.replace(",", "."), errors="coerce").isna()
            ]
            bad = [cell for cell in texts if cell.startswith(FORMULA_STARTS)]
            assert not [cell for cell in bad if cell not in ("-", "-inf")], (path, column, bad)
        named += int(any(text in cell for text in ONE_LINE for cell in table.to_numpy().ravel()))
        assert not any("\n" in cell or "\r" in cell for cell in table.to_numpy().ravel())
    assert named > 0


def test_packages__are_flat_and_whole(done: Path) -> None:
    for path in sorted((done / "proposals").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            for name in archive.namelist():
                assert re.fullmatch(r"(kaarten_nu/)?[\w.-]+", name)
            assert LONG[:100] not in archive.read("LEESMIJ.txt").decode()


def test_records__are_read_back(done: Path) -> None:
    for path in sorted(done.rglob("*.json")):
        json.loads(path.read_text("utf-8"))
    with xr.open_dataset(done / "front.nc") as front:
        assert front.sizes["candidate"] > 0
    assert check_run(done).breaches == ()


def test_name__with_a_nul_is_refused(town: Path) -> None:
    table = pd.DataFrame({"buurtcode": ["BU00010001"], "buurtnaam": ["a\0b"]})

    with pytest.raises(DataError, match="NUL") as raised:
        to_ours(table, read_settings(town).neighbourhoods)

    (fault,) = raised.value.faults
    assert "column buurtnaam" in fault.place
    assert "row 1" in fault.finding


def test_few_residents__have_no_figure_in_any_table(done: Path, few: str) -> None:
    of_places = {
        "constraints/neighbourhoods.csv",
        "stacking/neighbourhoods.csv",
        "uncertainty/neighbourhoods.csv",
        "distribution/worse_off.csv",
    }
    found = tables(done)
    of_places |= {path for path in found if path.endswith("/buurten.csv")}
    assert len(of_places) == 4 + 3

    for path in sorted(of_places):
        table = found[path]
        code = "buurtcode" if "buurtcode" in table else "code"
        rows = table[table[code] == few]
        if path.endswith("/buurten.csv"):
            # they are told with the next smallest, without a code
            (together,) = table[table[code] == ""].to_dict("records")
            assert float(together["inwoners"].replace(",", ".")) >= FIVE + 10.0
            assert len(rows) == 0
        else:
            assert len(rows) > 0 or path == "distribution/worse_off.csv"
        figures = rows.drop(columns=code)
        is_number = pd.to_numeric(
            figures.melt()["value"].str.replace(",", "."), errors="coerce"
        ).notna()
        assert not is_number.any(), (path, figures.to_dict("records"))
        others = table[table[code] != few].drop(columns=code).melt()["value"]
        if path != "distribution/worse_off.csv":
            assert pd.to_numeric(others.str.replace(",", "."), errors="coerce").notna().any()
    traffic = found["traffic/neighbourhoods.csv"]
    told = traffic.loc[traffic["code"] == few, ["gain_daly", "harm_daly", "louder", "whole_daly"]]
    assert (told == "").all(axis=None)


def test_few_residents__have_no_figure_on_a_map(done: Path, few: str) -> None:
    for path in sorted((done).rglob("*.gpkg")):
        table = gpd.read_file(path, layer="buurten").set_index("buurtcode")
        row = table.loc[few].drop(["buurtnaam", "geometry", "reden", "beoordeeld", "prioritair"])
        assert row.pop("inkomensvijfde") == 0
        assert [
            name for name, value in row.items() if value not in ("", None) and pd.notna(value)
        ] == []
        shape = table.geometry[few]
        for tif in ("ziektelast_na.tif", "ziektelast_verschil.tif"):
            if (path.parent / tif).exists():
                assert np.isnan(inside(path.parent / tif, shape)).all()
    assert np.isnan(inside(done / "maps" / "ziektelast_nu.tif", shape)).all()
    assert np.isfinite(inside(done / "maps" / "ziektelast_nu.tif", table.union_all())).any()


def inside(path: Path, shape: object) -> np.ndarray:
    """Return the values of the cells whose centre lies well within a shape."""
    with rasterio.open(path) as source:
        return source.read(1)[
            rasterio.features.geometry_mask(
                [shape.buffer(-source.res[0])], source.shape, source.transform, invert=True
            )
        ]


def test_few_residents__have_no_figure_on_a_page(done: Path, few: str) -> None:
    told = json.loads((done / "pages.json").read_text("utf-8"))
    k = [place["code"] for place in told["neighbourhoods"]].index(few)
    place = told["neighbourhoods"][k]

    assert place["why_not"] == "minder dan 10 inwoners"
    assert {key for key, value in place.items() if value is not None} == {
        "code",
        "name",
        "shown",
        "why_not",
    }
    assert {values[k] for values in told["now"].values()} == {None}
    for proposal in told["proposals"]:
        assert {values[k] for values in proposal["after"].values()} == {None}
        assert few not in {row["code"] for row in proposal["losers"]["rows"]}
        for along, _ in proposal["curves"].values():
            assert np.diff(along).min() * told["residents"] >= 9.9
    for other in told["neighbourhoods"]:
        for count in (*other.get("ages", {}).values(), *other.get("exceeded", [])):
            assert count is None or count == 0.0 or count >= 10.0
    page = (done / "site" / f"buurt-{k}.html").read_text("utf-8")
    assert "minder dan 10 inwoners" in page
    for name in ("beslisstuk.html", "report.html"):
        text = (done / name).read_text("utf-8")
        for row in re.findall(rf"<tr>(?:(?!</tr>).)*{few}.*?</tr>", text, re.DOTALL):
            cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
            assert set(cells) <= {few, "minder dan 10", "onbekend", "\N{EN DASH}"}
