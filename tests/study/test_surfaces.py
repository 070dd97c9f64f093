"""Surfaces, crowns and dwellings on a grid of 2 x 2 cells of 10 m, by hand."""

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from shapely import Geometry, LineString, MultiPoint, MultiPolygon, Point, box

from evenground.config import ExposureSettings
from evenground.errors import DataError
from evenground.study import Grid
from evenground.study.dwellings import lay_dwellings
from evenground.study.ground import Ground, GroundMaps, build_ground
from evenground.study.surfaces import lay_surfaces
from evenground.study.trees import lay_trees

GRID = Grid(cell_m=10, left=0, top=20, shape=(2, 2))
KINDS = {
    "grass": (1.0, 0.0, 0.0, 0.0, 0.0),
    "water": (0.0, 1.0, 0.0, 0.0, 0.0),
    "path": (0.0, 0.0, 1.0, 0.0, 0.2),
    "road": (0.0, 0.0, 1.0, 0.0, 0.0),
    "yard": (0.5, 0.0, 0.0, 0.5, 0.0),
    "house": (0.0, 0.0, 0.0, 0.0, 0.0),
}
COLUMNS = ("green", "water", "paved_public", "paved_private", "usable_public")


def surfaces(*parts: tuple[str, Geometry]) -> gpd.GeoDataFrame:
    table = np.array([KINDS[kind] for kind, _ in parts])
    columns = dict(zip(COLUMNS, table.T, strict=True))
    return gpd.GeoDataFrame(columns, geometry=[shape for _, shape in parts], crs=28992)


def trees(*at: tuple[float, float], crown_m: float = 4.0) -> gpd.GeoDataFrame:
    points = [Point(*place) for place in at]
    return gpd.GeoDataFrame({"crown_m": [crown_m] * len(at)}, geometry=points, crs=28992)


# upper left: a path of 4 x 10 m beside grass; upper right: a yard of which 2 m stick out of the
# grid; lower left: water, with a road of 3 m over its south; lower right: a house in one half
TOWN = surfaces(
    ("path", box(0, 10, 4, 20)),
    ("grass", box(4, 10, 10, 20)),
    ("yard", box(10, 10, 22, 20)),
    ("water", box(0, 3, 10, 10)),
    ("road", box(0, 0, 20, 3)),
    ("house", box(10, 3, 15, 10)),
    ("grass", box(15, 3, 20, 10)),
)


def test_surfaces__are_exact_areas_of_cells() -> None:
    found = lay_surfaces(TOWN, GRID)

    np.testing.assert_allclose(found.green, [[0.6, 0.5], [0.0, 0.35]], atol=1e-6)
    np.testing.assert_allclose(found.water, [[0.0, 0.0], [0.7, 0.0]], atol=1e-6)
    np.testing.assert_allclose(found.paved_public, [[0.4, 0.0], [0.3, 0.3]], atol=1e-6)
    np.testing.assert_allclose(found.paved_private, [[0.0, 0.5], [0.0, 0.0]], atol=1e-6)
    np.testing.assert_allclose(found.usable_public, [[0.08, 0.0], [0.0, 0.0]], atol=1e-6)
    np.testing.assert_allclose(found.drawn, 1.0, atol=1e-6)


def test_surfaces__keep_their_area_whatever_the_angle() -> None:
    rng = np.random.default_rng(3)
    grid = Grid(cell_m=7, left=0, top=700, shape=(100, 100))
    shapes = [
        Point(*place).buffer(radius, quad_segs=5)
        for place, radius in zip(
            rng.uniform(60, 640, (4, 2)) * (1, 1), rng.uniform(5, 50, 4), strict=True
        )
    ]
    apart = [shape for k, shape in enumerate(shapes) if not any(map(shape.intersects, shapes[:k]))]

    found = lay_surfaces(surfaces(*(("path", shape) for shape in apart)), grid)

    # cells of which less than half is drawn are unknown: count what is drawn
    assert found.drawn.sum() * 49.0 == pytest.approx(sum(s.area for s in apart), rel=1e-6)


def test_surfaces__that_are_not_drawn_are_unknown_and_never_zero() -> None:
    # 40 % of the upper left cell and 60 % of the lower right
    found = lay_surfaces(surfaces(("path", box(0, 10, 4, 20)), ("path", box(10, 0, 16, 10))), GRID)

    np.testing.assert_array_equal(np.isnan(found.green), [[True, True], [True, False]])
    assert found.paved_public[1, 1] == pytest.approx(0.6)


def test_surfaces__over_one_another_are_refused() -> None:
    twice = surfaces(("path", box(0, 0, 10, 10)), ("grass", box(0, 0, 10, 10)))

    with pytest.raises(DataError, match=r"100 m2 lies over other surfaces \(50.0 %\), most near"):
        lay_surfaces(twice, GRID)
    with pytest.raises(DataError, match="no surface lies within the grid"):
        lay_surfaces(surfaces(("path", box(90, 0, 99, 10))), GRID)


def test_ground__takes_surfaces_where_there_is_no_raster() -> None:
    found = build_ground({}, GRID, ExposureSettings(), GroundMaps(surfaces=TOWN))

    np.testing.assert_allclose(found.green, [[0.6, 0.5], [0.0, 0.35]], atol=1e-6)
    assert found.usable_public is not None
    np.testing.assert_allclose(found.usable_public, [[0.08, 0.0], [0.0, 0.0]], atol=1e-6)
    assert found.assumed == ("weight",)
    assert found.origin["paved_public"] == "surfaces"
    assert found.origin["weight"] == "stand-in"


def test_ground__takes_a_raster_before_surfaces_and_lifts_no_more_than_it_paves() -> None:
    paved = xr.DataArray(
        np.array([[0.05, 0.1], [0.1, 0.1]], np.float32),
        dims=("y", "x"),
        name="paved_public",
        attrs={"cell_m": 10.0, "left": 0.0, "top": 20.0},
    )

    rasters = {"paved_public": paved}
    found = build_ground(rasters, GRID, ExposureSettings(), GroundMaps(surfaces=TOWN))

    assert found.origin["paved_public"] == "layers"
    assert found.origin["green"] == "surfaces"
    assert found.usable_public is not None
    assert found.usable_public[0, 0] == pytest.approx(0.05)


def ground(trees: gpd.GeoDataFrame, on: gpd.GeoDataFrame = TOWN) -> Ground:
    return build_ground({}, GRID, ExposureSettings(), GroundMaps(surfaces=on, trees=trees))


def test_crowns__add_green_only_where_they_hang_over_open_ground() -> None:
    # a crown of 4 m has 12.566 m2. On the border of path and grass half of it is over the path;
    # in the grass nothing is
    half = ground(trees((4.0, 15.0)))
    none = ground(trees((7.5, 15.0)))

    assert half.green[0, 0] == pytest.approx(0.6 + 0.0628319, rel=1e-4)
    assert none.green[0, 0] == pytest.approx(0.6, rel=1e-6)
    assert half.canopy is not None
    assert none.canopy is not None
    assert half.canopy[0, 0] == pytest.approx(0.125664, rel=1e-4)
    assert none.canopy[0, 0] == pytest.approx(0.125664, rel=1e-4)
    assert half.paved_public[0, 0] == pytest.approx(0.4)


def test_crowns__over_water_add_no_green_and_over_a_yard_half() -> None:
    assert ground(trees((5.0, 6.5))).green[1, 0] == pytest.approx(0.0, abs=1e-7)
    # all of the crown is over the yard, half of which is green already
    assert ground(trees((15.0, 15.0))).green[0, 1] == pytest.approx(0.5 + 0.0628319, rel=1e-4)


def test_crowns__that_overlap_cover_by_chance() -> None:
    # two crowns on one spot: each covers .125664 of the cell, together 1 - (1 - .125664)^2
    paving = surfaces(("path", box(0, 0, 20, 20)))

    found = ground(trees((5.0, 15.0), (5.0, 15.0)), paving)

    assert found.green[0, 0] == pytest.approx(1.0 - (1.0 - 0.1256637) ** 2, rel=1e-5)
    # a forest over a path covers no more than the path
    forest = ground(trees(*[(2.0, 15.0)] * 60), TOWN)
    assert forest.green[0, 0] == pytest.approx(1.0, abs=1e-4)
    assert forest.green.max() <= 1.0


def test_crowns__across_a_border_fall_in_both_cells() -> None:
    paving = surfaces(("path", box(0, 0, 20, 20)))

    found = ground(trees((10.0, 15.0)), paving)

    np.testing.assert_allclose(found.green, [[0.0628319] * 2, [0.0, 0.0]], rtol=1e-4)


def test_trees__take_a_place_along_a_street_within_10_m() -> None:
    street = gpd.GeoDataFrame(geometry=[LineString([(0, 19), (20, 19)])], crs=28992)
    stand = trees((1.0, 15.0), (15.0, 12.0), (5.0, 2.0), (99.0, 19.0))

    found = lay_trees(stand, GRID, surfaces=None, streets=street)
    everywhere = lay_trees(stand, GRID, surfaces=None, streets=None)

    assert found.along_street.tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert everywhere.along_street.tolist() == [[1.0, 1.0], [1.0, 0.0]]
    assert not found.over_open.any()


def test_dwellings__are_points_or_spread_over_their_outline() -> None:
    shapes = [
        Point(5, 15),
        Point(5, 15),
        MultiPoint([(15, 5), (15, 15)]),
        MultiPolygon([box(5, 0, 15, 4)]),
        Point(500, 500),
    ]
    homes = gpd.GeoDataFrame({"dwellings": [1.0, 2.0, 1.0, 8.0, 1.0]}, geometry=shapes, crs=28992)

    found = lay_dwellings(homes, GRID)

    # the outline lies half in each of the lower cells
    np.testing.assert_allclose(found, [[3.0, 0.5], [4.0, 4.5]], rtol=1e-6)
    with pytest.raises(DataError, match="no dwelling lies within the grid"):
        lay_dwellings(homes[4:], GRID)


def test_ground__puts_people_where_dwellings_are() -> None:
    homes = gpd.GeoDataFrame({"dwellings": [3.0]}, geometry=[Point(5, 15)], crs=28992)
    maps = GroundMaps(surfaces=TOWN, dwellings=homes)

    found = build_ground({}, GRID, ExposureSettings(), maps)

    assert found.homes.tolist() == [[3.0, 0.0], [0.0, 0.0]]
    assert found.assumed == ()
    assert found.origin["weight"] == "dwellings"
