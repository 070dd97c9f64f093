"""What a map shows is what the files hold: colours by class, and figures to the printed digit."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from evenground.dutch import number
from evenground.outputs.package import pack
from evenground.pages.book import class_of, read_book

from .conftest import RUN
from .test_browser import Watched, base, browser, watched

__all__ = ["base", "browser", "watched"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
COUNT = 10
FIND_ON_CANVAS = """([x, y]) => {
  const holder = document.getElementById("olkaart");
  const [left, bottom, right, top] = holder.dataset.extent.split(",").map(Number);
  const canvas = holder.querySelector("canvas");
  const column = (x - left) / (right - left) * canvas.width;
  const row = (top - y) / (top - bottom) * canvas.height;
  const [red, green, blue] = canvas.getContext("2d").getImageData(column, row, 1, 1).data;
  return "#" + [red, green, blue].map(v => v.toString(16).padStart(2, "0")).join("");
}"""


def middles(path: Path, bounds: list[float]) -> list[tuple[float, float, float]]:
    """Return ten places well inside their neighbourhood and class: x, y and what a map holds."""
    with rasterio.open(path) as source:
        values, place = source.read(1), source.transform
    rng = np.random.default_rng(7)
    same = np.isfinite(values)
    for rows in (-3, 0, 3):
        for cols in (-3, 0, 3):
            same &= np.roll(values, (rows, cols), (0, 1)) == values
    # page and map round differently; nobody can tell a class at its very edge
    near = np.min([np.abs(values - bound) for bound in bounds], axis=0) < 1e-4
    row, col = np.nonzero(same & ~near)
    chosen = rng.choice(row.size, COUNT, replace=False)
    return [
        (*(place @ (float(col[k]) + 0.5, float(row[k]) + 0.5)), float(values[row[k], col[k]]))
        for k in chosen.tolist()
    ]


@pytest.mark.parametrize(
    ("moment", "kind"), [("now", "level"), ("after", "level"), ("difference", "difference")]
)
def test_map__shows_the_class_of_what_the_file_holds(
    base: str, run: Path, watched: Watched, moment: str, kind: str
) -> None:
    book = read_book(run)
    name = next(iter(book.proposal))
    own = run / "proposals" / name
    files = {"now": run / "maps" / "ziektelast_nu.tif", "after": own / "ziektelast_na.tif",
             "difference": own / "ziektelast_verschil.tif"}  # fmt: skip
    scale = book["scales"]["burden"][kind]
    page = watched.page
    page.goto(f"{base}/run/{run.name}/voorstel/{name}")
    page.wait_for_selector(f'html[data-map="{name}"]')
    page.check(f'input[name="moment"][value="{moment}"]')
    page.uncheck("#plekken")
    page.wait_for_selector("#olkaart[data-extent]")
    page.wait_for_timeout(400)

    told = [
        (page.evaluate(FIND_ON_CANVAS, [x, y]), colour_of(value, scale), value)
        for x, y, value in middles(files[moment], scale["bounds"])
    ]

    hatched = [k for k, (_, _, value) in enumerate(told)
               if kind == "difference" and class_of(value, scale["bounds"]) >= 4]  # fmt: skip
    seen = [found for k, (found, _, _) in enumerate(told) if k not in hatched]
    assert seen == [colour for k, (_, colour, _) in enumerate(told) if k not in hatched]
    assert len(seen) >= COUNT // 2
    assert len({colour for _, colour, _ in told}) > 1


def colour_of(value: float, scale: dict[str, list]) -> str:
    """Return the colour in the legend of a value."""
    return str(scale["colours"][class_of(value, scale["bounds"])]).lower()


def test_package__gives_the_figures_of_the_page(
    run: Path, base: str, watched: Watched, tmp_path: Path
) -> None:
    book = read_book(run)
    name = next(iter(book.proposal))
    archive = zipfile.ZipFile(io.BytesIO(pack(run, name)))

    archive.extract(f"{name}.gpkg", tmp_path)
    table = gpd.read_file(tmp_path / f"{name}.gpkg", layer="buurten")
    with rasterio.MemoryFile(archive.read("ziektelast_na.tif")) as kept, kept.open() as source:
        inside = table[table["ziektelast_per_1000_na"].notna()]
        points = inside.representative_point()
        drawn = [float(v[0]) for v in source.sample(zip(points.x, points.y, strict=True))]

    np.testing.assert_allclose(drawn, inside["ziektelast_per_1000_na"], rtol=1e-5)
    for _, row in inside.iloc[:3].iterrows():
        watched.page.goto(f"{base}/run/{RUN}/buurt/{row['buurtcode']}")
        text = watched.page.inner_text("main")
        assert number(row["ziektelast_per_1000_voor"], 2) in text
        assert number(row["ziektelast_per_1000_na"], 2) in text


def test_package__is_written_with_the_run_and_holds_what_its_list_says(run: Path) -> None:
    for place in sorted((run / "proposals").glob("*.zip")):
        archive = zipfile.ZipFile(place)
        listed = archive.read("SHA256SUMS").decode().splitlines()
        sums = dict(reversed(line.split("  ")) for line in listed)
        assert set(sums) == set(archive.namelist()) - {"SHA256SUMS"}
        assert {"LEESMIJ.txt", "beslisstuk.pdf", "kaarten_nu/heat_nu.tif"} <= set(sums)
        for entry, expected in sums.items():
            assert hashlib.sha256(archive.read(entry)).hexdigest() == expected
        assert place.read_bytes() == pack(run, place.stem)
        assert "licentie" in archive.read("LEESMIJ.txt").decode()
    assert len(list((run / "proposals").glob("*.zip"))) == len(read_book(run).proposal)


def crowd(route: Any) -> None:  # noqa: ANN401 - of playwright, which not every machine has
    """Give a plan with each of its works so often that there are thousands."""
    answer = route.fetch()
    head, mark, told = answer.text().rpartition("]={")
    plan = json.loads("{" + told.rstrip().removesuffix(";"))
    times = 1 + 2000 // len(plan["works"]["site"])
    for key, column in plan["works"].items():
        is_nested = key == "gain"
        plan["works"][key] = [one * times for one in column] if is_nested else column * times
    route.fulfill(response=answer, body=f"{head}{mark}{json.dumps(plan)[1:]};")


def test_map__hides_thousands_of_squares_where_they_would_be_dots(
    base: str, run: Path, watched: Watched
) -> None:
    name = next(iter(read_book(run).proposal))
    page = watched.page
    page.route("**/voorstel-*.js", crowd)
    page.goto(f"{base}/run/{run.name}/voorstel/{name}")
    page.wait_for_selector(f'html[data-map="{name}"]')
    legend = page.locator("#kaartlegenda")
    near = legend.inner_text()
    for _ in range(6):
        page.click("#olkaart .ol-zoom-out")
        page.wait_for_timeout(400)
    far = legend.inner_text()
    page.select_option("#kaartplek", "0")
    page.wait_for_timeout(400)

    assert "Zoom in om ze te zien." not in near
    assert "Zoom in om ze te zien." in far
    assert "Zoom in om ze te zien." not in legend.inner_text()
