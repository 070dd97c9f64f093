"""Every layer: unit, dims, missing values, and answers on a city small enough to count."""

from collections.abc import Callable
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import hand_city
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import Point

from evenground.config import (
    AccessKernel,
    ExposureSettings,
    FacilitySettings,
    Quality,
    read_settings,
)
from evenground.exposure import MODELS, Baseline, access, air, build_baseline, describe, heat
from evenground.names import ACCESS, EXPOSURE, GREEN, HEAT, LAYER_UNITS, LAYERS, NO2, NOISE, PM25, Y
from evenground.sources import read_sources
from evenground.study import Grid, Receptors, StudyArea, build_study

EVERY = pytest.mark.parametrize("layer", MODELS)
CITY = hand_city.LAYERS
Make = Callable[[hand_city.Layers], tuple[StudyArea, Baseline]]
GRID = Grid(cell_m=100, left=0, top=300, shape=(3, 4))
PLACES = FacilitySettings(
    file="plekken.gpkg", year=2024, source="gemeente", licence="open", quality="measured"
)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    def build(layers: hand_city.Layers) -> tuple[StudyArea, Baseline]:
        path = hand_city.write_city(tmp_path_factory.mktemp("city"), layers)
        settings = read_settings(path)
        sources = read_sources(settings, path.parent)
        study = build_study(sources, settings)
        return study, build_baseline(study, sources, settings)

    return build


@pytest.fixture(scope="module")
def city(make: Make) -> tuple[StudyArea, Baseline]:
    return make(CITY)


@pytest.fixture(scope="module")
def unmapped(make: Make) -> tuple[StudyArea, Baseline]:
    """Make the city without maps of heat and of the background."""
    gone = ("heat", "no2_background", "pm25_background")
    return make({name: layer for name, layer in CITY.items() if name not in gone})


def values(baseline: Baseline, layer: str) -> NDArray[np.float32]:
    return np.asarray(baseline.exposure[layer].to_numpy())


def changed(layer: str, row: int, col: int, value: float) -> hand_city.Layers:
    """Return the maps of the city with another value in one cell of one of them."""
    layers = deepcopy(CITY)
    layers[layer][1][row][col] = value
    return layers


def test_models__are_all_the_layers_there_are() -> None:
    assert set(MODELS) == set(LAYERS) == set(LAYER_UNITS) == set(EXPOSURE)


@EVERY
@pytest.mark.parametrize("which", ["city", "unmapped"])
def test_model__keeps_the_contract_of_a_layer(
    layer: str, which: str, request: pytest.FixtureRequest
) -> None:
    study, baseline = request.getfixturevalue(which)

    array = baseline.exposure[layer]

    assert EXPOSURE[layer].check(array) is array
    assert array.shape == study.grid.shape
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array[Y], study.grid.y)
    at_home = array.to_numpy()[study.receptors.row, study.receptors.col]
    assert np.isfinite(at_home).all()


@EVERY
@pytest.mark.parametrize("which", ["city", "unmapped"])
def test_model__says_how_good_it_is_and_how_it_was_made(
    layer: str, which: str, request: pytest.FixtureRequest
) -> None:
    _, baseline = request.getfixturevalue(which)

    about = baseline.exposure[layer].attrs

    assert {"units", "quality", "year", "source", "method"} <= set(about)
    assert about["method"].endswith((".", ")."))
    assert about["quality"] in {"measured", "coarse", "modelled", "fictional"}


@EVERY
def test_model__does_not_depend_on_the_numbers_of_neighbourhoods(
    layer: str, city: tuple[StudyArea, Baseline], monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    turned = {"buurtcode": ["BU99990002", "BU99990001", "BU99990000"]}

    monkeypatch.setattr(hand_city, "NEIGHBOURHOODS", hand_city.NEIGHBOURHOODS | turned)
    study, baseline = make(CITY)

    assert study.neighbourhoods["name"].tolist() == ["C", "B", "A"]
    np.testing.assert_allclose(
        values(baseline, layer), values(city[1], layer), rtol=1e-6, equal_nan=True
    )


@EVERY
def test_model__sees_no_residents_unless_they_share_something(
    layer: str, city: tuple[StudyArea, Baseline], monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    twice = {"aantal_inwoners": [400, 1200, 400]}

    monkeypatch.setattr(hand_city, "NEIGHBOURHOODS", hand_city.NEIGHBOURHOODS | twice)
    _, baseline = make(CITY)

    # places per thousand residents halve; the air is as it was
    factor = 0.5 if layer == ACCESS else 1.0
    np.testing.assert_allclose(
        values(baseline, layer), factor * values(city[1], layer), rtol=1e-6, equal_nan=True
    )


@pytest.mark.parametrize("layer", [HEAT, NOISE, NO2, PM25])
def test_map__is_taken_as_it_is_and_what_is_missing_stays_missing(layer: str, make: Make) -> None:
    # cell (0, 1) belongs to A, where nobody lives
    study, baseline = make(changed(layer, 0, 1, np.nan))

    expected = np.array(CITY[layer][1], np.float32)
    expected[0, 1] = np.nan
    np.testing.assert_array_equal(values(baseline, layer), expected)
    assert study.receptors.residents.sum() == 1000.0


def test_access__is_unknown_where_nobody_lives(city: tuple[StudyArea, Baseline]) -> None:
    study, baseline = city
    is_home = np.zeros(study.grid.shape, bool)
    is_home[study.receptors.row, study.receptors.col] = True

    np.testing.assert_array_equal(np.isfinite(values(baseline, ACCESS)), is_home)


def test_heat__without_a_map_follows_the_diagnostic_equation(
    unmapped: tuple[StudyArea, Baseline],
) -> None:
    # All 12 cells lie within 500 m of the middle (2, 1): green 3.6 / 12 = .3, water .1 / 12, so
    # built is .7 - .1 / 12 = .6916667 and the sky view .95 - .35 x .6916667 = .7079167.
    # (200 / 1206 x 9.5^3 / 4)^(1/4) = 35.5462272^(1/4) = 2.4417342; (2 - .7079167 - .3) x that
    # = 2.4224038, halved for the mean of the summer: 1.2112019
    _, baseline = unmapped

    assert values(baseline, HEAT)[2, 1] == pytest.approx(1.2112019, rel=1e-6)
    assert baseline.exposure[HEAT].attrs["quality"] == "fictional"


def test_heat__does_not_take_unknown_ground_for_open_ground() -> None:
    ground = SimpleNamespace(
        green=np.array([[0.2, np.nan]], np.float32), water=np.zeros((1, 2), np.float32)
    )
    pair = SimpleNamespace(ground=ground, grid=Grid(100, 0, 100, (1, 2)))
    lone = SimpleNamespace(
        ground=SimpleNamespace(green=ground.green[:, :1], water=ground.water[:, :1]),
        grid=Grid(100, 0, 100, (1, 1)),
    )
    sources: Any = SimpleNamespace(rasters={})

    both, one = (heat.model(study, sources, ExposureSettings()) for study in (pair, lone))  # type: ignore[arg-type]

    assert both[0, 0] == pytest.approx(one[0, 0])


def test_street_part__without_a_background_map_lies_above_the_local_low() -> None:
    total = np.full((3, 4), 20.0, np.float32)
    total[1, 2], total[0, 0] = 27.0, 14.0
    study: Any = SimpleNamespace(grid=GRID)
    sources: Any = SimpleNamespace(rasters={})

    found = air.street_part(NO2, total, study, sources, ExposureSettings(background_window_m=100.0))

    # a cross of five cells: the 5th percentile is the lowest but where the map mirrors its edge
    expected = np.zeros((3, 4))
    expected[1, 2], expected[0, 1], expected[1, 0] = 7.0, 6.0, 6.0
    np.testing.assert_allclose(found, expected)


def test_street_part__takes_the_background_of_the_right_coarse_cell() -> None:
    # 25 m cells; columns of 100 m with 10, 20 and 30, each its own low within 50 m
    total = np.repeat(np.array([[10.0, 20.0, 30.0]], np.float32), 4, axis=0).repeat(4, axis=1)
    study: Any = SimpleNamespace(grid=Grid(25, 0, 100, (4, 12)))
    sources: Any = SimpleNamespace(rasters={})

    found = air.street_part(PM25, total, study, sources, ExposureSettings(background_window_m=50.0))

    np.testing.assert_array_equal(found, np.zeros((4, 12)))


def test_street_part__is_never_negative_and_zero_where_nothing_is_known() -> None:
    raster = xr.DataArray(
        np.array([[12.0, np.nan], [4.0, 4.0]], np.float32),
        dims=("y", "x"),
        name="no2_background",
        attrs={"cell_m": 100.0, "left": 0.0, "top": 200.0},
    )
    study: Any = SimpleNamespace(grid=Grid(100, 0, 200, (2, 2)))
    sources: Any = SimpleNamespace(rasters={"no2_background": raster})
    total = np.array([[10.0, 10.0], [np.nan, 10.0]], np.float32)

    found = air.street_part(NO2, total, study, sources, ExposureSettings())

    np.testing.assert_array_equal(found, [[0.0, 0.0], [0.0, 6.0]])


def people(*homes: tuple[int, int, float]) -> Any:  # noqa: ANN401 - part of a StudyArea
    """Residents in cells, which is all that access looks at."""
    row, col, residents = (np.array(part) for part in zip(*homes, strict=True))
    nowhere = np.zeros(row.size, np.int32)
    receptors = Receptors(
        row.astype(np.int32), col.astype(np.int32), nowhere, residents.astype(float)
    )
    return SimpleNamespace(grid=GRID, receptors=receptors)


def places(*spots: tuple[float, float, float]) -> Any:  # noqa: ANN401 - part of Sources
    frame = gpd.GeoDataFrame(
        {"places": [spot[2] for spot in spots]},
        geometry=[Point(x, y) for x, y, _ in spots],
        crs="EPSG:28992",
    )
    return SimpleNamespace(facilities=frame)


def test_access__shares_a_place_among_those_who_reach_it() -> None:
    # One place at the first home, the second 100 m away: f = 1 and .8626563 (e^(-1/18) = .9459595,
    # less .6065307, over .3934693). Demand 100 + 50 x .8626563 = 143.1328155;
    # 1000 / that = 6.9865181, for the second home x .8626563 = 6.0269639
    found = access.model(
        people((0, 0, 100.0), (0, 1, 50.0)), places((50.0, 250.0, 1.0)), ExposureSettings()
    )

    assert found[0, 0] == pytest.approx(6.9865181, rel=1e-6)
    assert found[0, 1] == pytest.approx(6.0269639, rel=1e-6)
    assert np.isnan(found).sum() == 10


def test_access__is_zero_beyond_the_reach_and_without_any_place() -> None:
    study = people((0, 0, 10.0), (2, 3, 10.0))

    far = access.model(study, places((50.0, 250.0, 1.0)), ExposureSettings())
    none = access.model(study, SimpleNamespace(facilities=None), ExposureSettings())  # type: ignore[arg-type]

    assert far[2, 3] == 0.0
    assert none[0, 0] == none[2, 3] == 0.0


@given(
    st.lists(
        st.tuples(st.floats(0.0, 400.0), st.floats(0.0, 300.0), st.floats(0.1, 5.0)),
        min_size=1,
        max_size=4,
    )
)
def test_access__hands_out_every_place_once(spots: list[tuple[float, float, float]]) -> None:
    # homes in all cells, so that every place is in reach of somebody
    study = people(*[(row, col, 10.0 + row + col) for row in range(3) for col in range(4)])

    found = access.model(study, places(*spots), ExposureSettings())

    handed = (found[study.receptors.row, study.receptors.col] * study.receptors.residents).sum()
    assert handed / 1000.0 == pytest.approx(sum(spot[2] for spot in spots), rel=1e-5)


@pytest.mark.parametrize("kernel", access.KERNELS)
@given(
    spots=st.lists(
        st.tuples(st.floats(0.0, 400.0), st.floats(0.0, 300.0), st.floats(0.1, 5.0)),
        min_size=1,
        max_size=4,
    )
)
def test_access__hands_out_every_place_once_with_every_kernel(
    kernel: AccessKernel, spots: list[tuple[float, float, float]]
) -> None:
    # also at the edge of the city, where half of what is in reach lies outside
    study = people(*[(row, col, 10.0 + row + col) for row in range(3) for col in range(4)])

    found = access.model(study, places(*spots), ExposureSettings(access_kernel=kernel))

    handed = (found[study.receptors.row, study.receptors.col] * study.receptors.residents).sum()
    assert handed / 1000.0 == pytest.approx(sum(spot[2] for spot in spots), rel=1e-5)


@pytest.mark.parametrize(
    ("kernel", "expected"),
    # at the door, at half the reach, at the reach and beyond; e^-.5 = .6065307, e^-1 = .3678794
    [
        ("dichotomous", [1.0, 1.0, 1.0, 0.0]),
        ("exponential", [1.0, 0.6065307, 0.3678794, 0.0]),
        ("gaussian", [1.0, 0.7013666, 0.0, 0.0]),
        ("density", [0.75, 0.5625, 0.0, 0.0]),
    ],
)
def test_decay__equals_the_kernels_by_hand(kernel: AccessKernel, expected: list[float]) -> None:
    found = access.decay(np.array([0.0, 150.0, 300.0, 301.0]), 300.0, kernel)

    np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize("kernel", access.KERNELS)
@given(near=st.floats(0.0, 400.0), further=st.floats(0.0, 400.0))
def test_decay__never_rises_with_distance(
    kernel: AccessKernel, near: float, further: float
) -> None:
    one, two = access.decay(np.array([near, near + further]), 300.0, kernel)

    assert 0.0 <= two <= one <= 1.0


@pytest.mark.parametrize(
    ("distance_m", "expected"),
    # at half the reach e^-.125 = .8824969: less .6065307, over .3934693
    [(0.0, 1.0), (150.0, 0.7013666), (300.0, 0.0), (450.0, 0.0)],
)
def test_decay__of_the_gaussian_is_one_at_the_door_and_zero_from_the_reach_on(
    distance_m: float, expected: float
) -> None:
    assert access.decay(np.array(distance_m), 300.0, "gaussian") == pytest.approx(
        expected, abs=1e-7
    )


def test_describe__says_that_access_without_a_file_is_unknown() -> None:
    sources: Any = SimpleNamespace(rasters={}, facilities=None, surfaces=None)

    assert "onbekend" in describe(ACCESS, sources)["method"]
    assert describe(GREEN, sources)["quality"] == "modelled"


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        ("dichotomous", "even zwaar"),
        ("exponential", "ruim een derde"),
        ("gaussian", "aan de grens niet meer."),
        ("density", "driekwart"),
    ],
)
def test_describe__says_how_far_places_count_and_how_much(kernel: AccessKernel, said: str) -> None:
    sources: Any = SimpleNamespace(rasters={}, facilities=object(), surfaces=None)
    settings = ExposureSettings(access_kernel=kernel, access_reach_m=800.0)

    found = describe(ACCESS, sources, settings, PLACES)

    assert "binnen 800 meter van huis" in found["method"]
    assert said in found["method"]
    assert (found["year"], found["source"]) == ("2024", "gemeente")


def test_describe__says_how_wide_the_windows_of_green_and_heat_are() -> None:
    green = xr.DataArray(np.zeros((1, 1)), attrs={"quality": "coarse", "year": 1, "source": "a"})
    sources: Any = SimpleNamespace(rasters={"green": green}, facilities=None)
    settings = ExposureSettings(green_window_m=150.0, heat_window_m=700.0)

    assert "binnen 150 meter" in describe(GREEN, sources, settings)["method"]
    assert "binnen 700 meter" in describe(HEAT, sources, settings)["method"]


@pytest.mark.parametrize("quality", ["measured", "coarse", "fictional"])
def test_describe__calls_access_to_invented_places_invented(quality: Quality) -> None:
    sources: Any = SimpleNamespace(rasters={}, facilities=object(), surfaces=None)
    places = PLACES.model_copy(update={"quality": quality})

    found = describe(ACCESS, sources, ExposureSettings(), places)

    assert found["quality"] == ("fictional" if quality == "fictional" else "modelled")


@pytest.mark.parametrize(
    ("layer", "quality", "expected"),
    [
        (GREEN, "measured", "measured"),
        (HEAT, "measured", "modelled"),
        (HEAT, "coarse", "modelled"),
        (HEAT, "fictional", "fictional"),
    ],
)
def test_describe__never_calls_a_model_better_than_it_is(
    layer: str, quality: str, expected: str
) -> None:
    green = xr.DataArray(np.zeros((1, 1)), attrs={"quality": quality, "year": 2024, "source": "a"})
    sources: Any = SimpleNamespace(rasters={"green": green}, facilities=None)

    assert describe(layer, sources)["quality"] == expected
