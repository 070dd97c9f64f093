"""Streets as pieces: cut from lines or spread from densities, no metre lost."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, box

from evenground.config import StreetDensitySettings
from evenground.study import Grid
from evenground.study.streets import from_density, from_lines, no_streets

RD = "EPSG:28992"
GRID = Grid(cell_m=100, left=0, top=300, shape=(3, 4))
DENSITY = StreetDensitySettings(
    file="a.gpkg", year=2024, source="by hand", licence="CC0", kind="density",
    length_column="street_m", main_share=0.25, main_flow_veh_day=8000.0,
    local_flow_veh_day=800.0, quality="fictional",
)  # fmt: skip


def lines(*geometry: object) -> gpd.GeoDataFrame:
    """Make streets as the sources give them, ever faster and busier."""
    n = len(geometry)
    columns = {
        "speed_kmh": [30.0 + 20.0 * k for k in range(n)],
        "flow_veh_day": [1000.0 * (k + 1) for k in range(n)],
        "surface": ["dab", "sma_nl5"][:n],
    }
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=RD)


def areas(metres: list[float], shapes: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"street_m": metres}, geometry=shapes, crs=RD)


def test_from_lines__cuts_into_equal_pieces_at_their_middles() -> None:
    # 250 m in pieces of at most 100 m: three of 83.33 m, with middles at 1/6, 3/6 and 5/6
    found = from_lines(lines(LineString([(0, 50), (250, 50)])), 100.0)

    np.testing.assert_allclose(found.length_m, [250 / 3] * 3)
    np.testing.assert_allclose(found.x, [250 / 6, 125.0, 1250 / 6])
    np.testing.assert_allclose(found.y, [50.0] * 3)


def test_from_lines__keeps_what_each_street_carries() -> None:
    slow, fast = LineString([(0, 50), (50, 50)]), LineString([(0, 0), (0, 150)])

    found = from_lines(lines(slow, fast), 100.0)

    assert found.speed_kmh.tolist() == [30.0, 50.0, 50.0]
    assert found.flow_veh_day.tolist() == [1000.0, 2000.0, 2000.0]
    assert found.surface.tolist() == ["dab", "sma_nl5", "sma_nl5"]
    assert found.is_main.tolist() == [False, True, True]


def test_from_lines__takes_the_parts_of_a_street_one_by_one() -> None:
    parts = MultiLineString([[(0, 0), (60, 0)], [(200, 0), (240, 0)]])

    found = from_lines(lines(parts), 100.0)

    assert found.length_m.tolist() == [60.0, 40.0]
    assert found.x.tolist() == [30.0, 220.0]


@given(
    hnp.arrays(np.float64, (6, 2), elements=st.integers(0, 5000), unique=True),
    st.floats(5.0, 500.0),
)
def test_from_lines__conserves_metres(points: NDArray[np.float64], piece_m: float) -> None:
    street = LineString(points)

    found = from_lines(lines(street), piece_m)

    assert found.length_m.sum() == pytest.approx(street.length, rel=1e-12)
    assert found.length_m.max() <= piece_m * (1.0 + 1e-12)


def test_from_density__shares_metres_out_by_weight_and_kind() -> None:
    # the left half holds 3 x 2 cells; all weight lies in two of them, as 3 : 1
    weight = np.zeros(GRID.shape, np.float32)
    weight[0, 0], weight[2, 1] = 3.0, 1.0

    found = from_density(areas([1000.0], [box(0, 0, 200, 300)]), DENSITY, weight, GRID)

    # a quarter of 750 and of 250 is main, the rest local
    np.testing.assert_allclose(found.length_m, [187.5, 62.5, 562.5, 187.5])
    assert found.x.tolist() == [50.0, 150.0, 50.0, 150.0]
    assert found.y.tolist() == [250.0, 50.0, 250.0, 50.0]
    assert found.speed_kmh.tolist() == [50.0, 50.0, 30.0, 30.0]
    assert found.flow_veh_day.tolist() == [8000.0, 8000.0, 800.0, 800.0]


def test_from_density__fills_an_area_without_weight_evenly() -> None:
    found = from_density(
        areas([800.0], [box(200, 100, 400, 300)]), DENSITY, np.zeros(GRID.shape, np.float32), GRID
    )

    # four cells: 200 m each, a quarter of it main
    np.testing.assert_allclose(found.length_m, [50.0] * 4 + [150.0] * 4)


def test_from_density__puts_an_area_smaller_than_a_cell_where_it_lies() -> None:
    weight = np.ones(GRID.shape, np.float32)

    found = from_density(areas([40.0], [box(310, 110, 320, 120)]), DENSITY, weight, GRID)

    np.testing.assert_allclose(found.length_m, [10.0, 30.0])
    assert found.x.tolist() == [350.0, 350.0]
    assert found.y.tolist() == [150.0, 150.0]


@given(
    hnp.arrays(np.float32, GRID.shape, elements=st.sampled_from([0.0, 0.0, 0.5, 2.0])),
    st.lists(st.floats(0.0, 1e5), min_size=3, max_size=3),
)
def test_from_density__conserves_metres(weight: NDArray[np.float32], metres: list[float]) -> None:
    shapes = [box(0, 0, 200, 300), box(200, 0, 400, 200), box(330, 250, 340, 260)]

    found = from_density(areas(metres, shapes), DENSITY, weight, GRID)

    assert found.length_m.sum() == pytest.approx(sum(metres), rel=1e-9, abs=1e-9)


def test_no_streets__is_a_product_like_any_other() -> None:
    found = no_streets()

    assert found.length_m.size == found.is_main.size == found.surface.size == 0
