"""What street measures do to traffic, by hand on six sites.

Sites of 100 m, two rows of three. Main streets lie on sites 0 and 2, local streets on 3 and 5:

    0  main, 100 m, 50 km/h, dab, 8000 a day      2  main, 50 m, 50 km/h, dab, 4000 a day
                                                     and 30 m, 60 km/h, thin layer B, 4000 a day
    3  local, 60 m at 500 and 40 m at 1000 a day  5  local, 80 m at 1000 a day; all 30 km/h, dab
"""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.config import InterventionSettings
from evenground.interventions import read_catalogue
from evenground.interventions.traffic import Change, street_changes, street_column
from evenground.names import NO2, NOISE, PM25
from evenground.study import Grid, Streets

N_SITE = 6
SETTINGS = InterventionSettings(evaporation=0.15)
CATALOGUE = read_catalogue(SETTINGS)
#                 0      2a     2b     3a     3b     5
STREETS = Streets(
    x=np.array([50.0, 210.0, 290.0, 20.0, 80.0, 250.0]),
    y=np.array([150.0, 150.0, 150.0, 50.0, 50.0, 50.0]),
    length_m=np.array([100.0, 50.0, 30.0, 60.0, 40.0, 80.0]),
    speed_kmh=np.array([50.0, 50.0, 60.0, 30.0, 30.0, 30.0]),
    flow_veh_day=np.array([8000.0, 4000.0, 4000.0, 500.0, 1000.0, 1000.0]),
    surface=np.array(["dab", "dab", "thin_b", "dab", "dab", "dab"]),
)
KIND = {"quiet_sma": "main_street", "speed30": "main_street", "car_free": "local_street"}
TRAFFIC = {0: 800_000.0, 2: 200_000.0 + 120_000.0, 3: 30_000.0 + 40_000.0, 5: 80_000.0}
"""Vehicle metres a day of each site."""


def study(streets: Streets) -> SimpleNamespace:
    """Make as much of a study area as traffic looks at."""
    return SimpleNamespace(grid=Grid(100, 0, 200, (2, 3)), site_m=100, streets=streets)


def changes(streets: Streets = STREETS) -> dict[str, dict[str, Change]]:
    """Change of each measure, all of which act on one kind of street here."""
    found = street_changes(study(streets), N_SITE, CATALOGUE, SETTINGS)
    return {name: kinds[KIND[name]] for name, kinds in found.items()}


def chosen(streets: Streets, keep: NDArray[np.bool_]) -> Streets:
    there = {name: values for name, values in vars(streets).items() if values is not None}
    return Streets(**{name: values[keep] for name, values in there.items()})


def on(change: Change, site: int) -> tuple[list[int], list[float]]:
    """Columns that a metre on a site changes, and by how much."""
    _, column, per_metre = change.on(np.array([site]))
    return column.tolist(), per_metre.tolist()


def test_columns__tell_main_from_local_streets() -> None:
    assert street_column(study(STREETS), STREETS).tolist() == [0, 2, 2, 6 + 3, 6 + 3, 6 + 5]


def test_columns__leave_out_streets_beyond_the_grid() -> None:
    beyond = Streets(
        x=np.array([-1.0, 300.0, 150.0, 150.0]),
        y=np.array([50.0, 50.0, 200.1, -0.1]),
        length_m=np.ones(4),
        speed_kmh=np.full(4, 50.0),
        flow_veh_day=np.ones(4),
        surface=np.full(4, "dab"),
    )

    assert street_column(study(beyond), beyond).tolist() == [-1, -1, -1, -1]


def test_quiet_asphalt__is_recomputed_from_emission() -> None:
    # Optimised SMA at 50 km/h -2.47 dB: 10^-.247 = .56623929, less .43376071 of site 0, per 100 m.
    # Site 2: 200000 + 120000 x 10^-.308 (.49203954) = 259044.745. The first street loses
    # .43376071 x 200000 = 86752.142. Thin layer B is quieter (-3.08 against -1.77): unchanged.
    change = changes()["quiet_sma"][NOISE]

    assert change.site.tolist() == change.column.tolist() == [0, 2]
    assert on(change, 0) == ([0], pytest.approx([-0.0043376071], rel=1e-6))
    assert on(change, 2) == ([2], pytest.approx([-86752.142 / 259044.745 / 80.0], rel=1e-6))


def test_speed_30__is_recomputed_from_emission() -> None:
    # Dense asphalt 50 to 30 km/h: 10^-.154 = .70145530. Thin layer B at 30 km/h -4.74 dB:
    # 10^-.474 = .33573761, from 59044.745 to 40288.514.
    # Site 2 loses .29854470 x 200000 + 18756.231 = 78465.171.
    change = changes()["speed30"][NOISE]

    assert on(change, 0) == ([0], pytest.approx([-0.29854470 / 100.0], rel=1e-6))
    assert on(change, 2) == ([2], pytest.approx([-78465.171 / 259044.745 / 80.0], rel=1e-6))


def test_quiet_streets__leave_the_air_as_it_is() -> None:
    assert set(changes()["quiet_sma"]) == {NOISE}
    assert set(changes()["speed30"]) == {NOISE}


@pytest.mark.parametrize("layer", [NOISE, NO2, PM25])
def test_car_free__keeps_out_nine_tenths_of_the_closed_metres(layer: str) -> None:
    # Site 3 has 100 m of local street, site 5 has 80.
    change = changes()["car_free"][layer]

    assert on(change, 3) == ([6 + 3], pytest.approx([-0.9 / 100.0]))
    assert on(change, 5) == ([6 + 5], pytest.approx([-0.9 / 80.0]))
    assert change.site.tolist() == [3, 5]


def test_car_free__sends_traffic_to_the_nearest_main_street() -> None:
    # no directions are known here
    change = changes()["car_free"]["no2_moved"]

    assert dict(zip(change.site.tolist(), change.column.tolist(), strict=True)) == {3: 0, 5: 2}


def test_car_free__adds_to_the_noise_of_the_main_street() -> None:
    # 70000 vehicle metres of site 3 on the 800000 of site 0, at the speed and surface there:
    # 8.75 % more of its energy; .9 x .85 of it moves.
    column, per_metre = on(changes()["car_free"]["noise_moved"], 3)

    assert column == [0]
    assert per_metre == pytest.approx([0.765 * 70_000.0 / 800_000.0 / 100.0], rel=1e-6)


@pytest.mark.parametrize("layer", [NO2, PM25])
@pytest.mark.parametrize(("site", "metres", "target"), [(3, 100.0, 0), (5, 40.0, 2)])
def test_car_free__loses_no_vehicles_but_those_that_vanish(
    layer: str, site: int, metres: float, target: int
) -> None:
    # Site 3, all 100 m: 63000 vehicle metres leave, 53550 turn up on site 0: 85 %.
    car_free = changes()["car_free"]

    _, (taken,) = on(car_free[layer], site)
    (column,), (added,) = on(car_free[f"{layer}_moved"], site)
    left, came = -taken * metres * TRAFFIC[site], added * metres * TRAFFIC[target]

    assert column == target
    assert left == pytest.approx(0.9 * TRAFFIC[site] * metres / (100.0 if site == 3 else 80.0))
    assert came == pytest.approx(0.85 * left)


def test_car_free__without_a_main_street_moves_traffic_to_the_nearest_other_street() -> None:
    car_free = changes(chosen(STREETS, ~STREETS.is_main))["car_free"]

    # 70000 vehicle metres of site 3 on the 80000 of site 5
    assert on(car_free[NO2], 3)[1] == pytest.approx([-0.9 / 100.0])
    assert on(car_free["no2_moved"], 3)[0] == [6 + 5]
    assert on(car_free["no2_moved"], 3)[1] == pytest.approx([0.765 * 70 / 80 / 100.0])


def test_car_free__of_the_only_street_leaves_its_traffic_there() -> None:
    only = np.arange(6) == 5
    car_free = changes(chosen(STREETS, only))["car_free"]

    # but for what vanishes
    assert on(car_free[NO2], 5) == ([6 + 5], pytest.approx([-0.9 / 80.0]))
    assert on(car_free["no2_moved"], 5) == ([6 + 5], pytest.approx([0.765 / 80.0]))


def test_changes__of_a_city_without_streets_are_none() -> None:
    found = changes(chosen(STREETS, np.zeros(6, bool)))

    assert all(change.site.size == 0 for kind in found.values() for change in kind.values())
