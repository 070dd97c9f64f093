"""Whole runs on sites of every kind: report, maps, files, verification, and a plan read back."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from evenground.config import RunSettings, UncertaintySettings, parse_settings
from evenground.constraints import Works, locked_steps
from evenground.judge import judge_case
from evenground.pipeline import Model, build_model, run
from evenground.sources.works import read_works
from evenground.verify import check_run

pytestmark = pytest.mark.jit

ABOUT = {"year": 2024, "source": "verzonnen", "licence": "EUPL-1.2"}
KINDS = ("squares", "streets", "neighbourhoods", "polygons")


def write_blocks(model: Model, path: Path) -> None:
    """Draw three projects by hand: two that touch, and one with a slanting side."""
    left, bottom, _, _ = model.study.grid.bounds
    shapes = [
        shapely.box(left + 200, bottom + 200, left + 610, bottom + 700),
        shapely.box(left + 610, bottom + 200, left + 900, bottom + 900),
        shapely.Polygon(
            [(left + 950, bottom + 300), (left + 1300, bottom + 500), (left + 1000, bottom + 1000)]
        ),
    ]
    table = {"project": ["P1", "P2", "P3"], "naam": ["Noord", "Midden", "Hoek"]}
    gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:28992").to_file(path, layer="projecten")


def on_sites(settings: RunSettings, kind: str, **constraints: object) -> RunSettings:
    """Return settings with sites of a kind, a short search and few draws."""
    search = settings.search.model_copy(update={"evaluations": 200, "population": 40})
    changed = settings.model_copy(
        update={"search": search, "uncertainty": UncertaintySettings(draws=4)}
    )
    raw = changed.model_dump(exclude_none=True)
    sites: dict[str, object] = {"kind": kind}
    if kind == "polygons":
        columns = {"code_column": "project", "name_column": "naam"}
        sites["polygons"] = {"file": "projecten.gpkg", **columns, **ABOUT}
    raw["constraints"] |= constraints
    return parse_settings({**raw, "sites": sites}, "case.toml")


@pytest.fixture(scope="module")
def data(small_case: Path, small_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("partitions") / "town"
    shutil.copytree(small_case.parent, folder)
    write_blocks(small_model, folder / "projecten.gpkg")
    return folder


@pytest.fixture(scope="module", params=KINDS)
def done(
    request: pytest.FixtureRequest,
    small_settings: RunSettings,
    data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Path]:
    settings = on_sites(small_settings, request.param, spacing_m={"pocket_park": 150.0})
    return request.param, run(settings, data, tmp_path_factory.mktemp(request.param))[0]


def works_of(folder: Path) -> gpd.GeoDataFrame:
    """Return the works of the first proposal."""
    place = min((folder / "proposals").iterdir())
    return gpd.read_file(place / f"{place.name}.gpkg", layer="maatregelen")


def test_run__is_verified_from_its_files_alone(done: tuple[str, Path]) -> None:
    verdict = check_run(done[1])

    assert verdict.breaches == ()
    assert verdict.plans > 20
    assert verdict.proposals >= 3


def test_run__draws_sites_as_they_are(
    done: tuple[str, Path], small_model: Model, data: Path
) -> None:
    kind, folder = done
    works = works_of(folder)

    if kind == "squares":
        assert (works.area == 10_000.0).all()
        assert "plek" not in works
    elif kind == "polygons":
        blocks = gpd.read_file(data / "projecten.gpkg").set_index("naam").geometry
        for name, shape in zip(works["plek"], works.geometry, strict=True):
            assert shape.symmetric_difference(blocks[name]).area < 1e-6
    elif kind == "neighbourhoods":
        table = small_model.study.neighbourhoods
        own = dict(
            zip(table["name"], shapely.from_wkb(list(small_model.study.outlines)), strict=True)
        )
        for name, shape in zip(works["plek"], works.geometry, strict=True):
            assert shape.symmetric_difference(own[name]).area < 1e-6
        assert (works["plek"] == works["buurtnaam"]).all()
    else:
        lines = gpd.read_file(data / "straten.gpkg", layer="straten").geometry
        for name, shape in zip(works["plek"], works.geometry, strict=True):
            line = lines.iloc[int(name.removeprefix("straatdeel ")) - 1]
            # its cells lie within reach of the line, by their centres
            assert line.buffer(50.0 + 7.1).covers(shape)


def test_run__tells_of_sites_in_its_report(done: tuple[str, Path]) -> None:
    kind, folder = done
    page = (folder / "report.html").read_text("utf-8")

    words = {
        "squares": "plekken van 100 bij 100 meter",
        "streets": "straatdelen",
        "polygons": "aangeleverde vlakken",
        "neighbourhoods": "buurten",
    }
    assert f" {words[kind]} is in minstens" in page
    assert ("buiten de aangeleverde vlakken" in page) == (kind == "polygons")
    assert (folder / "sites.tif").exists() == (kind != "squares")


def test_run__that_shows_a_work_elsewhere_is_found_out(
    done: tuple[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(done[1], folder)
    place = min((folder / "proposals").iterdir())
    path = place / f"{place.name}.gpkg"
    frame = gpd.read_file(path, layer="maatregelen")
    shapes = frame.geometry.to_numpy().copy()
    shapes[0] = shapely.transform(shapes[0], lambda xy: xy + 5000.0)
    frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs)).to_file(path, layer="maatregelen")

    breaches = check_run(folder).breaches

    assert [breach.constraint for breach in breaches] == ["map"]
    assert breaches[0].found > 1000.0


def test_proposal__read_back_is_the_same_plan(
    done: tuple[str, Path], small_settings: RunSettings, data: Path
) -> None:
    kind, folder = done
    place = min((folder / "proposals").iterdir())
    settings = on_sites(small_settings, kind)
    model = build_model(settings, data)
    lock = parse_settings(
        {
            **settings.model_dump(exclude_none=True),
            "constraints": {"lock": {"file": "x.gpkg", "layer": "maatregelen", **ABOUT}},
        },
        "case.toml",
    ).constraints.lock
    assert lock is not None
    frame, _ = read_works(place / f"{place.name}.gpkg", lock, settings.interventions.use)
    works = Works(
        frame.geometry.x.to_numpy(float),
        frame.geometry.y.to_numpy(float),
        frame["intervention"].to_numpy(str),
        frame["amount"].to_numpy(float),
    )

    plan = locked_steps(model.options, model.study, works, "x.gpkg")

    listed = pd.read_csv(place / "maatregelen.csv", sep=";", decimal=",", encoding="utf-8-sig")
    assert float(plan @ model.options.capital_eur) == pytest.approx(listed["aanleg_euro"].sum())
    assert int((plan > 0).sum()) == len(listed)


@pytest.mark.parametrize("kind", ["polygons", "streets"])
def test_closed_places_and_works__hold_on_sites_of_any_kind(
    small_settings: RunSettings, data: Path, tmp_path: Path, kind: str
) -> None:
    """Half of a site and more is closed; a work that is locked in is on the site of its cell."""
    model = build_model(on_sites(small_settings, kind), data)
    study, options = model.study, model.options
    names = options.interventions.index.to_numpy(str)[options.intervention]
    held = int(np.flatnonzero((names == "street_tree") & (options.most >= 2))[-1])
    site, shut = int(options.site[held]), int(options.site[0])
    assert site != shut
    row, col = np.argwhere(study.sites.cell == site)[-1]
    cell_m = study.grid.cell_m
    point = shapely.Point(study.grid.x[col], study.grid.y[row])
    gpd.GeoDataFrame(
        {"maatregel": ["street_tree"], "hoeveelheid": [2.0]}, geometry=[point], crs="EPSG:28992"
    ).to_file(data / "vast.gpkg")
    # six tenths of the cells of one site, and a quarter of those of the other
    cells = [np.argwhere(study.sites.cell == k) for k in (shut, site)]
    chosen = [at[: int(part * len(at))] for at, part in zip(cells, (0.6, 0.25), strict=True)]
    boxes = [
        shapely.Point(study.grid.x[c], study.grid.y[r]).buffer(cell_m / 4)
        for r, c in np.concatenate(chosen)
    ]
    gpd.GeoDataFrame(geometry=boxes, crs="EPSG:28992").to_file(data / "dicht.gpkg")
    limits = {"exclude": {"file": "dicht.gpkg", **ABOUT}, "lock": {"file": "vast.gpkg", **ABOUT}}

    folder = run(on_sites(small_settings, kind, **limits), data, tmp_path / "out")[0]

    assert check_run(folder).breaches == ()
    works = works_of(folder)
    ids = works["id"].str.extract(r"-([0-9]+)-")[0].astype(int)
    assert shut not in set(ids)
    trees = works[(ids == site) & (works["maatregel"] == "street_tree")]
    assert trees["hoeveelheid"].sum() >= 2.0


def test_check__says_that_parks_ask_for_larger_sites(
    small_settings: RunSettings, data: Path
) -> None:
    parks = small_settings.interventions.model_copy(update={"use": ("park", "play")})
    on_squares = replace_interventions(small_settings, parks)

    faults, remarks = judge_case(on_squares, data)
    other, told = judge_case(on_sites(on_squares, "neighbourhoods"), data)

    assert faults == other == []
    assert any("is 5.000 m² openbare verharding op één plek nodig" in text for text in remarks)
    assert any('kind = "polygons"' in text for text in remarks)
    assert not any("wijkpark" in text for text in told)


def replace_interventions(settings: RunSettings, chosen: object) -> RunSettings:
    return settings.model_copy(update={"interventions": chosen})


def test_sites_map__holds_the_site_of_every_cell(done: tuple[str, Path]) -> None:
    kind, folder = done
    if kind == "squares":
        return
    with rasterio.open(folder / "sites.tif") as source:
        site = source.read(1)
        transform = source.transform
    works = works_of(folder)
    ids = works["id"].str.extract(r"-([0-9]+)-")[0].astype(int)
    row, col = np.nonzero(site == ids.iloc[0])

    x = transform.c + (col + 0.5) * transform.a
    y = transform.f - (row + 0.5) * transform.a

    inside = shapely.contains_xy(works.geometry.iloc[0], x, y)
    assert inside.mean() > 0.95
