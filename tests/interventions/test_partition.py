"""The same problem on any partition: laws on the small town, and numbers by hand."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import hand_city
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.config import RunSettings, parse_settings, read_settings
from evenground.interventions import Options, build_options, build_response, read_catalogue
from evenground.interventions.sites import Place, fit_on, site_ground
from evenground.interventions.street_parts import own_metre
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.pipeline import Model, build_evaluator, build_model
from evenground.sources.catalogue_rules import grounds_of
from evenground.study import Grid, Streets, StudyArea
from evenground.study.sites import Parts, build_sites

pytestmark = pytest.mark.jit

USE = (
    "tile_removal",
    "street_tree",
    "pocket_park",
    "shrub_bed",
    "quiet_sma",
    "speed30",
    "car_free",
    "play",
    "bench_meet",
    "meeting_house",
    "zez",
    "green_roof_ext",
    "green_facade",
)
ABOUT = {"year": 2024, "source": "verzonnen", "licence": "EUPL-1.2"}
ONCE_IN_A_WHILE = ("play", "bench_meet", "meeting_house", "zez")
"""What keeps a distance, or has one place in each zone."""


@pytest.fixture(scope="module")
def town(small_case: Path, small_settings: RunSettings) -> Model:
    """Small town with interventions of every kind of ground, on squares."""
    chosen = small_settings.interventions.model_copy(update={"use": USE, "zone_m": 400.0})
    return build_model(
        small_settings.model_copy(update={"interventions": chosen}), small_case.parent
    )


def recut(model: Model, kind: str, frame: gpd.GeoDataFrame | None = None) -> StudyArea:
    """Return the study area of a model with other sites."""
    raw = model.settings.model_dump(exclude_none=True)
    sites: dict[str, object] = {"kind": kind}
    if frame is not None:
        sites["polygons"] = {"file": "x.gpkg", **ABOUT}
    study = model.study
    made, _ = build_sites(
        replace(model.sources, sites=frame),
        parse_settings({**raw, "sites": sites}, "case.toml"),
        study.grid,
        study.zone.to_numpy(),
        streets=study.streets,
        buildings=study.buildings,
    )
    return replace(study, sites=made)


def rectangles(model: Model, across: list[float], down: list[float]) -> gpd.GeoDataFrame:
    """Cut the whole grid by lines, each at a part (0-1) of the way, on edges of cells."""
    grid = model.study.grid
    left, bottom, right, top = grid.bounds
    x, y = (
        sorted(
            {
                low,
                high,
                *(low + grid.cell_m * round(at * (high - low) / grid.cell_m) for at in cuts),
            }
        )
        for cuts, low, high in ((across, left, right), (down, bottom, top))
    )
    boxes = [
        shapely.box(x[i], y[k], x[i + 1], y[k + 1])
        for i in range(len(x) - 1)
        for k in range(len(y) - 1)
    ]
    code = [f"v{k:03d}" for k in range(len(boxes))]
    return gpd.GeoDataFrame({"code": code, "name": code}, geometry=boxes, crs="EPSG:28992")


CUTS = st.lists(st.floats(0.0, 1.0), max_size=4)
few = partial(
    settings,
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@few()
@given(across=CUTS, down=CUTS)
def test_ground__is_as_much_on_any_partition(
    town: Model, across: list[float], down: list[float]
) -> None:
    cut = recut(town, "polygons", rectangles(town, across, down))
    chosen = town.settings.interventions

    whole, parts = (site_ground(study, chosen) for study in (town.study, cut))

    for kind, ground in whole.items():
        # cells of a part are rounded to thousandths of a square metre
        assert parts[kind].sum() == pytest.approx(ground.sum(), abs=1e-3 * parts[kind].size), kind


@few()
@given(across=CUTS, down=CUTS)
def test_steps__fit_as_often_on_any_partition(
    town: Model, across: list[float], down: list[float]
) -> None:
    cut = recut(town, "polygons", rectangles(town, across, down))
    chosen = town.settings.interventions
    squares, other = Place.of(town.study, chosen), Place.of(cut, chosen)
    least = ("least_m2", "play_spacing_m")

    for name, entry in town.options.interventions.iterrows():
        for kind in grounds_of(entry["ground"]):
            one, two = (fit_on(entry, kind, place) for place in (squares, other))
            if one.picks is None and np.isnan(entry[least[0]]):
                size = two.steps.size
                assert two.steps.sum() == pytest.approx(one.steps.sum(), abs=1e-4 * size), name
            elif name == "zez":
                assert two.picks.sum() == one.picks.sum(), name


def fine(catalogue, factor: float):  # noqa: ANN001, ANN201 - a table
    """Return the catalogue with smaller steps, of what is not built once in a while."""
    often = ~catalogue.index.isin(ONCE_IN_A_WHILE)
    return catalogue.assign(step=catalogue["step"].where(~often, catalogue["step"] / factor))


def everything(model: Model, study: StudyArea, factor: float) -> tuple[Options, NDArray, float]:
    """Return the options of fine steps, what doing all of them changes, and its euros."""
    chosen = model.settings
    options = build_options(study, fine(model.options.interventions, factor), chosen.interventions)
    response = build_response(study, model.baseline, options, chosen.exposure, chosen.interventions)
    evaluator, _ = build_evaluator(chosen, study, options, response, model.health)
    none = np.zeros_like(options.most)
    change = evaluator.exposure(options.most).astype(float) - evaluator.exposure(none)
    return options, change, float(options.most @ options.capital_eur)


@pytest.fixture(scope="module")
def on_squares(town: Model) -> tuple[Options, NDArray, float]:
    return everything(town, town.study, 20.0)


@pytest.mark.parametrize("kind", ["polygons", "neighbourhoods", "streets"])
def test_doing_everything__changes_as_much_on_any_partition(
    town: Model, on_squares: tuple[Options, NDArray, float], kind: str
) -> None:
    # steps are a twentieth of the usual ones: what is left over of whole steps stays small
    tolerance = 0.02
    frame = rectangles(town, [0.3, 0.71], [0.42]) if kind == "polygons" else None
    squares, expected, eur = on_squares

    options, change, cost = everything(town, recut(town, kind, frame), 20.0)

    assert cost == pytest.approx(eur, rel=tolerance)
    for layer in (HEAT, GREEN, NOISE, NO2, PM25, ACCESS):
        k = LAYERS.index(layer)
        assert np.abs(expected[k]).max() > 0.0
        size = float(np.abs(expected[k]).mean())
        assert np.abs(change[k] - expected[k]).mean() <= tolerance * size, layer
    # what keeps a distance stands as often, on the same squares
    for name in ONCE_IN_A_WHILE:
        row = options.interventions.index.get_loc(name)
        many, few_sites = (
            int(table.most[table.intervention == row].sum()) for table in (squares, options)
        )
        assert many == few_sites, name


def test_street_segments__give_what_they_themselves_give_off(town: Model) -> None:
    """A plan on one segment acts as that segment alone would."""
    study = recut(town, "streets")
    options = build_options(
        study, fine(town.options.interventions, 20.0), town.settings.interventions
    )
    row = options.interventions.index.get_loc("speed30")
    here = np.flatnonzero(options.intervention == row)
    option = here[int(np.argmax(options.most[here]))]
    streets, parts = study.streets, study.sites.parts
    pieces = parts.site[parts.of_piece] == options.site[option]

    _, part, share = options.spread.of(np.array([option]))

    # its metres lie in each square as its own pieces do
    metres = np.bincount(parts.of_piece[pieces], streets.length_m[pieces], parts.site.size)
    np.testing.assert_allclose(share, metres[part] / metres.sum(), rtol=1e-6)


# Square 0 of 100 m with a busy and a quiet street, each of a site of its own, and square 1 with
# more of the quiet one. All at 50 km/h on dense asphalt: energy goes as flow times length.
TWO = Streets(
    x=np.array([20.0, 60.0, 150.0]),
    y=np.array([50.0, 50.0, 50.0]),
    length_m=np.array([60.0, 40.0, 80.0]),
    speed_kmh=np.full(3, 50.0),
    flow_veh_day=np.array([2000.0, 8000.0, 2000.0]),
    surface=np.full(3, "dab"),
)


def two_streets() -> SimpleNamespace:
    """Make as much of a study area as a metre of street looks at."""
    parts = Parts(
        site=np.array([0, 0, 1], np.int32),
        square=np.array([0, 1, 0], np.int32),
        of_cell=np.zeros((1, 2), np.int32),
        of_piece=np.array([0, 2, 1], np.int32),
        of_building=np.zeros(0, np.int32),
    )
    sites = SimpleNamespace(parts=parts, n_square=(1, 2))
    return SimpleNamespace(grid=Grid(100, 0, 100, (1, 2)), site_m=100, streets=TWO, sites=sites)


@pytest.mark.parametrize(("name", "layer"), [("speed30", NOISE), ("quiet_sma", NOISE)])
def test_own_metre__weighs_by_what_a_street_gives_off(
    small_settings: RunSettings, name: str, layer: str
) -> None:
    entry = read_catalogue(small_settings.interventions).loc[name]

    found = own_metre(two_streets(), entry, "main_street", layer)

    # square 0: 60 x 2000 + 40 x 8000 = 440 000 over 100 m, 4400 a metre; the quiet street gives
    # 2000 a metre and the busy one 8000. Square 1 has one street only.
    assert found == pytest.approx([2000.0 / 4400.0, 1.0, 8000.0 / 4400.0], rel=1e-9)
    # over the metres of the square they weigh to one
    assert (60.0 * found[0] + 40.0 * found[2]) / 100.0 == pytest.approx(1.0)


def test_parks__lie_together_on_a_neighbourhood(town: Model) -> None:
    chosen = town.settings.interventions.model_copy(update={"use": ("park",)})
    catalogue = read_catalogue(chosen)
    study = recut(town, "neighbourhoods")

    none = build_options(town.study, catalogue, chosen)
    options = build_options(study, catalogue, chosen)

    assert none.site.size == 0
    assert options.site.size > 0
    public = site_ground(study, chosen)["public"]
    here = np.bincount(study.sites.parts.site, public, len(study.sites))
    assert (options.most * 5000.0 <= here[options.site] + 1e-6).all()
    for k in np.flatnonzero(options.most == 1).tolist():
        _, part, share = options.spread.of(np.array([k]))
        # as much of the park as the square has ground, save the last
        full = share >= public[part] / 5000.0 - 1e-9
        assert full.sum() >= part.size - 1
        assert share.sum() == pytest.approx(1.0)
        # nearer squares of the site that are left out have no ground
        row, col = np.divmod(study.sites.parts.square, study.sites.n_square[1])
        own = study.sites.parts.site == options.site[k]
        assert part.size < own.sum()
        spread = np.hypot(np.ptp(row[part]), np.ptp(col[part]))
        assert spread < np.hypot(np.ptp(row[own]), np.ptp(col[own])) + 1e-9


def test_spread__adds_up_to_whole_steps(town: Model) -> None:
    for kind in ("streets", "neighbourhoods"):
        study = recut(town, kind)
        options = build_options(study, town.options.interventions, town.settings.interventions)
        count = np.diff(options.spread.start)
        total = np.bincount(np.repeat(np.arange(count.size), count), options.spread.share)

        np.testing.assert_allclose(total, 1.0, rtol=1e-12)
        at = np.repeat(options.site, count)
        np.testing.assert_array_equal(study.sites.parts.site[options.spread.part], at)
        used = np.bincount(options.coupling, options.most * options.use, options.capacity.size)
        single = np.bincount(options.coupling, minlength=options.capacity.size) == 1
        assert (used[single] <= options.capacity[single] * (1.0 + 1e-9) + 1e-6).all()


def test_row_of_squares__as_one_site_changes_exactly_as_much(tmp_path: Path) -> None:
    """Where steps divide the ground: four squares of 4000 m2 of paving and 100 m of street."""
    path = hand_city.write_city(tmp_path)
    left, top = hand_city.LEFT, hand_city.TOP
    row = gpd.GeoDataFrame(
        {"nr": ["rij"]}, geometry=[shapely.box(left, top - 200, left + 400, top - 100)], crs=28992
    )
    row.to_file(tmp_path / "rij.gpkg", layer="rij")
    raw = read_settings(path).model_dump(exclude_none=True)
    raw["interventions"]["use"] = ("tile_removal", "pocket_park", "speed30")
    polygons = {"kind": "polygons", "polygons": {"file": "rij.gpkg", **ABOUT}}
    squares, whole = (
        build_model(parse_settings({**raw, "sites": sites}, "case.toml"), tmp_path)
        for sites in ({"kind": "squares"}, polygons)
    )
    in_row = (squares.options.site >= 4) & (squares.options.site < 8)
    plans = [np.where(in_row, squares.options.most, 0).astype(np.int16), whole.options.most]

    # 4 x 80 steps of 50 m2, 4 x 10 of 200 m2, 4 x 5 of 20 m
    assert whole.options.most.tolist() == [320, 40, 20]
    changes = [
        model.problem.evaluator.exposure(plan)
        - model.problem.evaluator.exposure(model.problem.empty)
        for model, plan in zip((squares, whole), plans, strict=True)
    ]
    assert np.abs(changes[0][LAYERS.index(NOISE)]).max() > 0.5
    np.testing.assert_allclose(changes[1], changes[0], rtol=1e-5, atol=1e-6)
    eur = [
        float(plan @ model.options.capital_eur)
        for model, plan in zip((squares, whole), plans, strict=True)
    ]
    assert eur[1] == pytest.approx(eur[0], rel=1e-12)
