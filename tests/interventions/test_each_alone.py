"""Every intervention of the catalogue alone on an empty map, its effect and its cost by hand.

The city of ``hand_city``, all paved and without any green: 3 x 4 sites of 100 m, each with
10 000 m2 of public paving, of which half can be lifted. The main street is as there; the local
street at (2, 0) is of herring-bone bricks and carries 3000 vehicles a day. One building of
100 x 80 m with four storeys stands on (0, 0). Homes, in this order, on (0, 0), (2, 1), (0, 3),
(1, 2) and (2, 2): 150, 50, 400, 200 and 200 people.
"""

from pathlib import Path

import geopandas as gpd
import hand_city
import numpy as np
import pyogrio
import pytest
from numpy.typing import NDArray
from shapely.geometry import box

from evenground.config import parse_settings
from evenground.interventions.catalogue import read_table
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.pipeline import Model, build_model

pytestmark = pytest.mark.jit

Float = NDArray[np.float64]
EMPTY = hand_city.LAYERS | {
    "green": ("1", [[0.0] * 4] * 3),
    "paved_public": ("1", [[1.0] * 4] * 3),
    "paved_private": ("1", [[0.0] * 4] * 3),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of the empty city, with other streets and one building."""
    place = tmp_path_factory.mktemp("empty")
    hand_city.write_city(place, EMPTY)
    streets = {**hand_city.STREETS, "flow_veh_day": [8000.0, 3000.0]}
    streets["surface"] = ["dab", "brick_herringbone"]
    left, top = hand_city.LEFT, hand_city.TOP
    house = box(left, top - 80, left + 100, top)
    for name, table, shapes in (
        ("straten", streets, list(hand_city.LINES)),
        ("gebouwen", {"bouwlagen": [4]}, [house]),
    ):
        (place / f"{name}.gpkg").unlink(missing_ok=True)
        frame = gpd.GeoDataFrame(table, geometry=shapes, crs=28992)
        pyogrio.write_dataframe(frame, place / f"{name}.gpkg", layer=name)
    return place


def model_of(folder: Path, *use: str, **more: object) -> Model:
    """Build the empty city with some interventions."""
    case = hand_city.case(EMPTY)
    origin = {"year": 2024, "source": "by hand", "licence": "CC0", "quality": "fictional"}
    case["buildings"] = {"file": "gebouwen.gpkg", **origin}
    case["interventions"] = {"use": list(use), **more}
    return build_model(parse_settings(case, "case.toml"), folder)


def plan_of(model: Model, name: str, site: tuple[int, int], steps: int) -> NDArray[np.int16]:
    options = model.options
    found = options.intervention == options.interventions.index.get_loc(name)
    found &= (options.site_row == site[0]) & (options.site_col == site[1])
    assert found.sum() == 1, f"{name} is not offered on {site}"
    assert options.most[found] == steps
    return np.where(found, steps, 0).astype(np.int16)


def changes(model: Model, plan: NDArray[np.int16]) -> Float:
    evaluator = model.problem.evaluator
    after = evaluator.exposure(plan).astype(float)
    return after - evaluator.exposure(model.problem.empty)


# Intervention = row and column of the site, the most steps that fit there, euros to build and
# euros a year (25 years .052735989, 50 .033518359, 30 .046199342, 40 .038177378, 35 .041587312,
# 12 .096017402, 9 .123981704, 20 .062642071, 10 .112787683, 15 .079288525 of the capital).
COST = {
    # 5000 m2 can be lifted: 100 steps of 50; 60 and 3 a m2
    "tile_removal": ((1, 1), 100, 300_000.0, 300_000 * 0.0527359889 + 15_000),
    # 45 and 1.60 a m2
    "shrub_bed": ((1, 1), 100, 225_000.0, 225_000 * 0.0527359889 + 8_000),
    # 100 m of street, 30 % of it with room, 9 m a tree: 3; 2500 and 30 each
    "street_tree": ((1, 1), 3, 7_500.0, 7_500 * 0.0335183588 + 90),
    # at most 2000 m2: 10 steps of 200; 120 and 4 a m2
    "pocket_park": ((1, 1), 10, 240_000.0, 240_000 * 0.0461993422 + 8_000),
    # one park of 5000 m2, where most people live; 100 and 3 a m2
    "park": ((0, 3), 1, 500_000.0, 500_000 * 0.0381773781 + 15_000),
    # 8000 m2 of roof, 30 % flat, 30 % of the owners, a quarter fit: 180 m2, 3 steps of 50
    "green_roof_ext": ((0, 0), 3, 150 * 70.0, 10_500 * 0.0415873115 + 450),
    # 5 % fit: 36 m2, one step of 20
    "green_roof_int": ((0, 0), 1, 4_000.0, 4_000 * 0.0381773781 + 160),
    # outline 360 m, a quarter along the street, 12 m high: 1080 m2; 30 % of the owners, 30 % of
    # the wall: 97.2 m2, 4 steps of 20
    "green_facade": ((0, 0), 4, 80 * 40.0, 3_200 * 0.0527359889 + 320),
    "water_feature": ((1, 1), 100, 600_000.0, 600_000 * 0.0461993422 + 25_000),
    # steps of 100 m2, 6.5 m wide: 15.38 m of 100 m
    "quiet_sma": ((1, 1), 6, 3_000.0, 3_000 * 0.0960174015 + 60),
    # not on junctions: 80 m
    "quiet_thin": ((1, 1), 5, 6_000.0, 6_000 * 0.1239817039 + 200),
    "brick_to_quiet": ((2, 0), 6, 42_000.0, 42_000 * 0.0527359889 + 180),
    "speed30": ((1, 1), 5, 12_000.0, 12_000 * 0.0527359889 + 100),
    # 30 % of 100 m: one step of 20 m
    "car_free": ((2, 0), 1, 4_000.0, 4_000 * 0.0626420708 + 60),
    # the square of 1 km holds all 12 hectares; set where most people live
    "lez": ((0, 3), 1, 0.12 * 1.5e6, 0.12 * (1.5e6 * 0.1127876831 + 300_000)),
    "zez": ((0, 3), 1, 0.12 * 2.0e6, 0.12 * (2.0e6 * 0.1127876831 + 400_000)),
    "play": ((1, 2), 1, 40_000.0, 40_000 * 0.0792885250 + 2_500),
    "bench_meet": ((2, 2), 1, 10_000.0, 10_000 * 0.0792885250 + 500),
    "meeting_house": ((0, 3), 1, 800_000.0, 800_000 * 0.0381773781 + 120_000),
}

# Green within 300 m: from the corners (0, 0) and (0, 3) 10 cells, else 12. Heat: all 12 cells
#   within 500 m, -5 x .5 degC per unit of green, so -2.5 / 120 000 per m2.
#   tiles 5000 x .8 = 4000 m2; shrubs 5000; trees 3 x 15 = 45; pocket park 2000 x .8 = 1600;
#   park 5000 x .85 = 4250; facade 80 x .1 = 8; water 5000 x .3 = 1500;
#   roofs 150 x .2 = 30 and 20 x .2 = 4, which cool no street
# Park on (0, 3): its green cools by 2.5 x 4250 / 120 000 = .088541667 everywhere. At its edge .7 on
#   a summer evening, half of it over the summer: .35 e^(-d / 100), to 200 m from the edge.
#   (0, 3) 0 m: .35;  (1, 2) 70.71 m: .35 x .49306869 = .17257404;  (2, 2) 158.11 m: .35 x .20574066
#   = .07200923, less than its green; (2, 1) 212.1 m and (0, 0) 250 m: too far
# Places, by f = (e^(-(d / reach)^2 / 2) - .60653066) / .39346934 and the people within reach:
#   pocket park, 2 places on (1, 1), 300 m: f .73273475, .86265631, .38359906, .86265631, .73273475;
#     demand 625.560862; 2000 f / that
#   park, 5000 x .0002 = 1 place on (0, 3): f 0, .08806208, 1, .73273475, .38359906; demand
#     627.669865
#   play on (1, 2): demand 759.801757; bench on (2, 2), 200 m: f 0, .70136657, 0, .70136657, 1;
#     demand 375.341643
#   house on (0, 3), 800 m: f .82743889, .84601866, 1, .96059779, .90263689; demand 939.063701
# Noise: main street 800 000 per site, local street 10^-.05 x 3000 x 100 = 267 375.281. With the
#   weights of ``test_by_hand`` all streets give 15 764.4954, 21 892.4528, 14 702.5767, 125 028.337
#   and 20 571.3868 at the homes, of which 80 % can change. What a measure takes away there:
#   optimised SMA on 92.31 m, 1 - 10^-.247: 320 315.602
#   thin layer A on 76.92 m, 1 - 10^-.263: 279 533.624;  30 km/h on 100 m, 1 - 10^-.154: 238 835.761
#   quiet bricks on (2, 0), 92.31 m, -.50 to -2.41 dB: (1 - 10^-.191) x .923 x 267 375.281
#     = 87 821.855
#   car-free: .9 x .2 x 267 375.281 = 48 127.551 from (2, 0); .765 x .2 x 300 000 = 45 900 vehicle
#     metres come to (1, 0), at 50 km/h on asphalt
# Air of the car-free street: (0, 0) .13533528 x 45 900 / 155 552.824 of the 20 that streets add;
#   (2, 1) (.05910575 x 45 900 - .13533528 x 54 000) / 243 438.006 of the 10
# Zones: 3 % and 25 % of the NO2 that streets add, 20, 10, 10, 0, 10; .45 % and 3.75 % of the PM2.5,
#   20, 10, 10, 0, 0
CHANGE = {
    "tile_removal": {GREEN: [0.04, 1 / 30, 0.04, 1 / 30, 1 / 30], HEAT: [-1 / 12] * 5},
    "shrub_bed": {GREEN: [0.05, 1 / 24, 0.05, 1 / 24, 1 / 24], HEAT: [-5 / 48] * 5},
    "street_tree": {
        GREEN: [0.00045, 0.000375, 0.00045, 0.000375, 0.000375],
        HEAT: [-0.0009375] * 5,
    },
    "pocket_park": {
        GREEN: [0.016, 1 / 75, 0.016, 1 / 75, 1 / 75],
        HEAT: [-1 / 30] * 5,
        ACCESS: [2.34264894, 2.75802520, 1.22641643, 2.75802520, 2.34264894],
    },
    "park": {
        GREEN: [0.0425, 0.0354166667, 0.0425, 0.0354166667, 0.0354166667],
        HEAT: [-0.0885416667, -0.0885416667, -0.35, -0.1725740415, -0.0885416667],
        ACCESS: [0.0, 0.140299998, 1.59319422, 1.16738876, 0.611147803],
    },
    "green_roof_ext": {GREEN: [0.0003, 0.00025, 0.0003, 0.00025, 0.00025]},
    "green_roof_int": {GREEN: [4e-5, 4e-5 / 1.2, 4e-5, 4e-5 / 1.2, 4e-5 / 1.2]},
    "green_facade": {
        GREEN: [8e-5, 8e-5 / 1.2, 8e-5, 8e-5 / 1.2, 8e-5 / 1.2],
        HEAT: [-1 / 6000] * 5,
    },
    "water_feature": {GREEN: [0.015, 0.0125, 0.015, 0.0125, 0.0125], HEAT: [-0.03125] * 5},
    "quiet_sma": {NOISE: [-0.446347269, -0.478478312, -0.269895360, -0.080064689, -0.337867974]},
    "quiet_thin": {NOISE: [-0.386904908, -0.414549647, -0.234586506, -0.069788627, -0.293362548]},
    "brick_to_quiet": {NOISE: [-0.077560227, -0.126028471, 0.0, -0.008445050, -0.059312412]},
    "speed30": {NOISE: [-0.328385304, -0.351677392, -0.199634355, -0.059557943, -0.249398986]},
    "car_free": {
        NOISE: [0.047768128, -0.024372036, 0.0, 0.000442280, -0.005486496],
        NO2: [0.798685533, -0.188760646, 0.0, 0.0, 0.0],
        PM25: [0.798685533, -0.188760646, 0.0, 0.0, 0.0],
    },
    "lez": {NO2: [-0.6, -0.3, -0.3, 0.0, -0.3], PM25: [-0.09, -0.045, -0.045, 0.0, 0.0]},
    "zez": {NO2: [-5.0, -2.5, -2.5, 0.0, -2.5], PM25: [-0.75, -0.375, -0.375, 0.0, 0.0]},
    "play": {ACCESS: [0.504867297, 0.964376220, 0.964376220, 1.316132783, 1.135370250]},
    "bench_meet": {ACCESS: [0.0, 1.868608468, 0.0, 1.868608468, 2.664239414]},
    "meeting_house": {ACCESS: [0.881131797, 0.900917218, 1.064890485, 1.022931442, 0.961209436]},
}
"""Change of exposure at the homes by as much as fits; a layer that is not named stays as it is."""


def test_each__is_worked_out_for_the_whole_catalogue() -> None:
    table = read_table("interventions.csv")

    usable = table.index[table["effect_scope"].isin(["outdoor", "access only"])]

    assert set(COST) == set(CHANGE) == set(usable)
    assert len(table) == 29


@pytest.mark.parametrize("name", COST)
def test_each__alone_changes_and_costs_what_it_does_by_hand(folder: Path, name: str) -> None:
    site, steps, capital, yearly = COST[name]
    model = model_of(folder, name)
    plan = plan_of(model, name, site, steps)

    found = changes(model, plan)

    for k, layer in enumerate(LAYERS):
        expected = np.array(CHANGE[name].get(layer, [0.0] * 5))
        # float32 of 65 dB is good to 8e-6, of 30 ug m-3 to 4e-6, of a share near 0 to 1e-9
        atol = {NOISE: 8e-6, NO2: 4e-6, PM25: 4e-6, GREEN: 1e-9, HEAT: 3e-7, ACCESS: 1e-6}[layer]
        np.testing.assert_allclose(found[k], expected, rtol=1e-5, atol=atol, err_msg=layer)
    assert plan @ model.options.capital_eur == pytest.approx(capital, rel=1e-9)
    assert plan @ model.options.yearly_eur == pytest.approx(yearly, rel=1e-8)


@pytest.mark.parametrize(("year", "crown_m2"), [(0, 5.0), (5, 10.0), (20, 25.0), (60, 25.0)])
def test_tree__grows_from_its_planting_to_year_20(folder: Path, year: int, crown_m2: float) -> None:
    model = model_of(folder, "street_tree", horizon_year=year)

    found = changes(model, plan_of(model, "street_tree", (1, 1), 3))

    # 3 crowns over 12 cells of 10 000 m2, at -2.5 degC per unit
    np.testing.assert_allclose(
        found[LAYERS.index(HEAT)], -2.5 * 3.0 * crown_m2 / 120_000.0, rtol=2e-4
    )


def test_trees__stand_no_closer_than_their_crowns(folder: Path) -> None:
    # all of a street with room, a tree every 0.2 m: 500 trees; bare ground for 10 000 / 25 = 400
    model = model_of(
        folder, "street_tree", horizon_year=20, tree_street_share=1.0, tree_spacing_m=0.2
    )

    plan_of(model, "street_tree", (1, 1), 400)


SHARED = [
    ("tile_removal", "shrub_bed", "paving"),
    ("street_tree", "pocket_park", "paving"),
    ("park", "water_feature", "paving"),
    ("play", "bench_meet", "paving"),
    ("meeting_house", "tile_removal", "paving"),
    ("quiet_sma", "quiet_thin", "main_street"),
    ("quiet_thin", "speed30", "main_street"),
    ("brick_to_quiet", "car_free", "local_street"),
    ("green_roof_ext", "green_roof_int", "roof"),
    ("lez", "zez", "zone"),
]


def test_plans__never_use_ground_twice(folder: Path) -> None:
    model = model_of(folder, *COST)
    problem, options = model.problem, model.options
    rng = np.random.default_rng(2)
    plans = rng.integers(0, options.most + 1, (40, options.most.size)).astype(np.int16)

    problem.repair(plans)

    for plan in plans:
        used = np.bincount(options.coupling, plan * options.use, options.capacity.size)
        assert (used <= options.capacity * (1.0 + 1e-9)).all()


@pytest.mark.parametrize(("first", "second", "ground"), SHARED)
def test_measures__on_the_same_ground_share_it(
    folder: Path, first: str, second: str, ground: str
) -> None:
    options = model_of(folder, first, second).options

    grounds = [options.coupling[options.intervention == k] for k in (0, 1)]

    shared = np.intersect1d(*grounds)
    assert shared.size > 0, ground


def test_zones__exclude_each_other(folder: Path) -> None:
    model = model_of(folder, "lez", "zez")

    plans = model.problem.repair(np.ones((1, 2), np.int16))

    assert plans.sum() == 1


def test_zone__does_not_save_again_what_a_closed_street_has_saved(folder: Path) -> None:
    model = model_of(folder, "car_free", "zez")
    zone = plan_of(model, "zez", (0, 3), 1)
    both = zone + plan_of(model, "car_free", (2, 0), 1)

    found, together = changes(model, zone), changes(model, both)

    # (2, 1): a zone acts on 1 - .3 x .9 = .73 of the local street: .954969406 of all streets
    no2 = LAYERS.index(NO2)
    np.testing.assert_allclose(found[no2], [-5.0, -2.387423516, -2.5, 0.0, -2.5], rtol=1e-5)
    np.testing.assert_allclose(
        together[no2] - found[no2], CHANGE["car_free"][NO2], rtol=1e-4, atol=4e-6
    )


def test_park__leaves_other_green_its_own_cooling(folder: Path) -> None:
    model = model_of(folder, "park", "shrub_bed")
    park, shrubs = plan_of(model, "park", (0, 3), 1), plan_of(model, "shrub_bed", (1, 1), 100)

    alone, both = changes(model, park), changes(model, (park + shrubs).astype(np.int16))

    heat = LAYERS.index(HEAT)
    np.testing.assert_allclose(both[heat] - alone[heat], -5 / 48, rtol=1e-5)


def test_own_catalogue__reaches_the_plans(folder: Path) -> None:
    (folder / "eigen.csv").write_text(
        "id;capex_mid;fixed_eur;opex_year;cost_status\nplay;50000;1500;0;confirmed\n", "utf-8"
    )
    (folder / "effecten.csv").write_text(
        "intervention;effect;low;mid;high;status\nplay;places;1;2;3;assumption\n", "utf-8"
    )
    origin = {"year": 2024, "source": "gemeente", "licence": "CC0"}

    model = model_of(
        folder,
        "play",
        catalogue={"file": "eigen.csv", **origin},
        effects={"file": "effecten.csv", **origin},
    )

    options = model.options
    plan = plan_of(model, "play", (1, 2), 1)
    assert plan @ options.capital_eur == 50_000.0
    assert plan @ options.yearly_eur == pytest.approx(50_000 * 0.0792885250, rel=1e-8)
    assert plan @ options.fixed_eur == 1_500.0
    # two places in one: twice the access
    twice = 2.0 * np.array(CHANGE["play"][ACCESS])
    np.testing.assert_allclose(changes(model, plan)[LAYERS.index(ACCESS)], twice, rtol=1e-5)
