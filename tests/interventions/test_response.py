"""The response of every layer against the whole map, piece by piece and person by person."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from evenground.config import AccessKernel, RunSettings
from evenground.exposure.access import KERNELS, catchment
from evenground.exposure.access import decay as access_decay
from evenground.interventions import Options, Response, Spread, build_response
from evenground.interventions.emission import street_energy
from evenground.interventions.response import SLOTS
from evenground.interventions.traffic import list_moves
from evenground.kernels import layer_states
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.pipeline import Model, build_model
from evenground.study import Streets
from evenground.study.window import window_mean

pytestmark = pytest.mark.jit

Float = NDArray[np.float64]
GREEN_M2 = {"tile_removal": 0.8, "street_tree": 15.0, "pocket_park": 0.8}
"""Square metres of green per unit, from the table of effects."""
PLACES = {"pocket_park": 0.001, "play": 1.0}
"""Places per unit."""


def random_plan(model: Model, seed: int, share: float = 0.15) -> NDArray[np.int16]:
    rng = np.random.default_rng(seed)
    most = model.options.most
    amount = np.ceil(rng.random(most.size) * most)
    return np.where(rng.random(most.size) < share, amount, 0).astype(np.int16)


def units_by_site(model: Model, plan: NDArray[np.int16], per_unit: dict[str, float]) -> Float:
    """Sum amounts times a figure per unit over the sites, flat."""
    options = model.options
    out = np.zeros(options.n_site[0] * options.n_site[1])
    for j in np.flatnonzero(plan):
        name = str(options.interventions.index[options.intervention[j]])
        out[options.site[j]] += plan[j] * options.step[j] * per_unit.get(name, 0.0)
    return out


def exposure_change(model: Model, plan: NDArray[np.int16], layer: str) -> Float:
    evaluator, k = model.problem.evaluator, LAYERS.index(layer)
    after = evaluator.exposure(plan)[k].astype(float)
    return after - evaluator.exposure(model.problem.empty)[k]


def change_of_state(response: Response, layer: str, amounts: Float) -> Float:
    """Change of one layer at the receptors when its columns change by the amounts."""
    k, weights = LAYERS.index(layer), response.weights
    column = np.zeros(response.n_column, np.float32)
    column[weights.column_start[k] : weights.column_start[k + 1]] = amounts
    out = np.empty_like(response.baseline)
    layer_states(
        column,
        response.blocks.start,
        weights.pair_start,
        weights.column,
        weights.start,
        weights.values,
        np.zeros_like(response.baseline),
        out,
    )
    return out[k].astype(float)


def columns_of(response: Response, layer: str) -> int:
    return int(np.diff(response.weights.column_start)[LAYERS.index(layer)])


# Green and heat: the whole map is computed again.


def new_window_mean(model: Model, plan: NDArray[np.int16], radius_m: float) -> Float:
    """Change of the mean green of the window at the receptors, from two whole maps."""
    grid, side = model.study.grid, model.study.site_m // model.study.grid.cell_m
    added_m2 = units_by_site(model, plan, GREEN_M2).reshape(model.options.n_site)
    per_cell = np.kron(added_m2, np.ones((side, side))) / (model.study.site_m**2)
    green = model.study.ground.green.astype(float)
    more = window_mean(green + per_cell, grid, radius_m) - window_mean(green, grid, radius_m)
    return more[model.study.receptors.row, model.study.receptors.col].astype(float)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_green__is_the_window_of_the_map_after_less_that_before(
    small_model: Model, seed: int
) -> None:
    plan = random_plan(small_model, seed)

    found = exposure_change(small_model, plan, GREEN)

    assert found.max() > 0.01
    expected = new_window_mean(small_model, plan, small_model.settings.exposure.green_window_m)
    np.testing.assert_allclose(found, expected, atol=4e-7)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_heat__falls_with_the_green_of_its_window(small_model: Model, seed: int) -> None:
    settings = small_model.settings.exposure
    plan = random_plan(small_model, seed)

    found = exposure_change(small_model, plan, HEAT)

    more = new_window_mean(small_model, plan, settings.heat_window_m)
    factor = settings.heat_beta_degc * settings.heat_summer_factor
    np.testing.assert_allclose(found, -factor * more, atol=1e-6)


@pytest.mark.parametrize("layer", [GREEN, HEAT])
def test_green_and_heat__are_tested_up_to_the_edge(small_model: Model, layer: str) -> None:
    exposure, people = small_model.settings.exposure, small_model.study.receptors
    radius_m = exposure.green_window_m if layer == GREEN else exposure.heat_window_m
    n_y, n_x = small_model.study.grid.shape
    to_edge = np.minimum.reduce(
        [people.row, n_y - 1 - people.row, people.col, n_x - 1 - people.col]
    )
    is_cut = to_edge * small_model.study.grid.cell_m < radius_m

    found = exposure_change(small_model, random_plan(small_model, 1), layer)

    # the windows of these receptors reach over the edge, and the maps are compared there too
    assert is_cut.sum() > 100
    expected = new_window_mean(small_model, random_plan(small_model, 1), radius_m)[is_cut]
    if layer == HEAT:
        expected = -exposure.heat_beta_degc * exposure.heat_summer_factor * expected
    np.testing.assert_allclose(found[is_cut], expected, atol=1e-6)
    assert np.abs(expected).max() > 0.01


def test_green__is_shared_among_the_known_cells_of_its_window(small_model: Model) -> None:
    # Green is unknown on 2 x 2 sites in the middle, where the plan does nothing.
    settings, study = small_model.settings, small_model.study
    green = study.ground.green.copy()
    green[50:70, 60:80] = np.nan
    gap = replace(study, ground=replace(study.ground, green=green))
    model = replace(small_model, study=gap)
    row, col = np.divmod(small_model.options.site, small_model.options.n_site[1])
    is_unknown = np.isin(row, [5, 6]) & np.isin(col, [6, 7])
    plan = np.where(is_unknown, 0, random_plan(small_model, 9)).astype(np.int16)

    response = build_response(
        gap, small_model.baseline, small_model.options, settings.exposure, settings.interventions
    )

    acts = response.change_slot == SLOTS.index(GREEN)
    column = response.change_column[acts] - response.weights.column_start[LAYERS.index(GREEN)]
    steps = np.repeat(plan, np.diff(response.change_start))[acts]
    amounts = np.bincount(column, steps * response.change_effect[acts], columns_of(response, GREEN))
    found = change_of_state(response, GREEN, amounts)
    expected = new_window_mean(model, plan, settings.exposure.green_window_m)
    assert is_unknown.any()
    np.testing.assert_allclose(found, expected, atol=4e-7, equal_nan=False)


# Noise and air: every piece of street by itself, moved to the centre of its cell.


def everywhere(options: Options) -> Options:
    """Offer to close streets of both classes on every site, so that every street has a column."""
    n_site = options.n_site[0] * options.n_site[1]
    main = options.interventions.loc[["car_free"]].assign(ground="main_street")
    table = pd.concat([options.interventions, main.set_axis(["car_free_main"])])
    kinds = [table.index.get_loc(name) for name in ("car_free_main", "car_free")]
    n = 2 * n_site
    return replace(
        options,
        interventions=table,
        spread=Spread(np.arange(n + 1), np.tile(np.arange(n_site), 2), np.ones(n)),
        site=np.tile(np.arange(n_site, dtype=np.int32), 2),
        intervention=np.repeat(np.array(kinds, np.int32), n_site),
        step=np.ones(n),
        most=np.ones(n, np.int16),
        capital_eur=np.ones(n),
        yearly_eur=np.ones(n),
        coupling=np.arange(n_site, 3 * n_site, dtype=np.int32),
        use=np.ones(n),
    )


@pytest.fixture(scope="module")
def whole_response(small_model: Model) -> Response:
    """Response in which every place with a street may change."""
    settings = small_model.settings
    options = everywhere(small_model.options)
    study, baseline = small_model.study, small_model.baseline
    return build_response(study, baseline, options, settings.exposure, settings.interventions)


def distance_m(model: Model, streets: Streets) -> Float:
    """Metres from every receptor to every piece, centre of cell to centre (receptor, piece)."""
    grid, people = model.study.grid, model.study.receptors
    row = np.floor((grid.top - streets.y) / grid.cell_m)
    col = np.floor((streets.x - grid.left) / grid.cell_m)
    return grid.cell_m * np.hypot(
        people.row[:, None].astype(float) - row, people.col[:, None].astype(float) - col
    )


def heard(model: Model, strength: Float, layer: str) -> Float:
    """Give the formula for every piece at every receptor (receptor, piece)."""
    settings = model.settings.exposure
    distance = distance_m(model, model.study.streets)
    if layer == NOISE:
        absorbed = 10.0 ** (-0.1 * settings.air_absorption_db_m * distance)
        near = absorbed / np.maximum(distance, 7.5)
        return np.where(distance <= settings.noise_reach_m, near, 0.0) * strength
    near = np.exp(-distance / settings.air_decay_m)
    return np.where(distance <= settings.air_reach_m, near, 0.0) * strength


def strength_of(model: Model, layer: str) -> Float:
    """Energy or traffic of every piece."""
    streets = model.study.streets
    return street_energy(streets) if layer == NOISE else streets.length_m * streets.flow_veh_day


def column_of_piece(model: Model) -> NDArray[np.int64]:
    """Place of each piece: its site, counted on for local streets."""
    study = model.study
    n_y, n_x = model.options.n_site
    row = np.floor((study.grid.top - study.streets.y) / study.site_m).astype(np.int64)
    col = np.floor((study.streets.x - study.grid.left) / study.site_m).astype(np.int64)
    assert ((row >= 0) & (row < n_y) & (col >= 0) & (col < n_x)).all()
    return row * n_x + col + np.where(study.streets.speed_kmh >= 40.0, 0, n_y * n_x)


def whole_of(model: Model, layer: str) -> Float | float:
    """Give what all streets together are: a share of the noise, or micrograms."""
    if layer == NOISE:
        return model.settings.exposure.noise_street_share
    people = model.study.receptors
    return model.baseline.street_part[layer][people.row, people.col].astype(float)


@pytest.mark.parametrize("layer", [NOISE, NO2, PM25])
def test_streets__are_the_sum_of_their_pieces(
    small_model: Model, whole_response: Response, layer: str
) -> None:
    place = column_of_piece(small_model)
    n_site = small_model.options.n_site[0] * small_model.options.n_site[1]
    amount = np.random.default_rng(4).uniform(-1.0, 0.5, 2 * n_site)

    found = change_of_state(whole_response, layer, amount[np.unique(place)])

    given = heard(small_model, strength_of(small_model, layer), layer)
    total, changed = given.sum(axis=1), given @ amount[place]
    share = np.divide(changed, total, out=np.zeros_like(total), where=total > 0.0)
    np.testing.assert_allclose(found, whole_of(small_model, layer) * share, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("layer", [NOISE, NO2, PM25])
def test_streets__silenced_all_take_away_their_whole_share(
    small_model: Model, whole_response: Response, layer: str
) -> None:
    hears_any = heard(small_model, strength_of(small_model, layer), layer).any(axis=1)

    found = change_of_state(whole_response, layer, -np.ones(columns_of(whole_response, layer)))

    assert hears_any.any()
    expected = np.where(hears_any, -whole_of(small_model, layer), 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def test_streets__silenced_all_leave_the_noise_of_other_sources(
    whole_response: Response,
) -> None:
    # 10 log10(1 - .8) = -6.99 dB: what is left is not of the streets.
    state = 1.0 + change_of_state(
        whole_response, NOISE, -np.ones(columns_of(whole_response, NOISE))
    )

    assert 10.0 * np.log10(state.min()) == pytest.approx(-6.9897, abs=1e-3)


# Places to play: demand and supply person by person.


@pytest.mark.parametrize("seed", [5, 6])
def test_access__is_the_two_step_catchment_of_its_places(small_model: Model, seed: int) -> None:
    study, reach_m = small_model.study, small_model.settings.exposure.access_reach_m
    plan = random_plan(small_model, seed)
    people = study.receptors

    found = exposure_change(small_model, plan, ACCESS)

    places = units_by_site(small_model, plan, PLACES)
    expected = np.zeros(people.row.size)
    for site in np.flatnonzero(places):
        row, col = divmod(int(site), small_model.options.n_site[1])
        y = study.grid.top - (row + 0.5) * study.site_m
        x = study.grid.left + (col + 0.5) * study.site_m
        away = np.hypot(study.grid.x[people.col] - x, study.grid.y[people.row] - y)
        decay = access_decay(away, reach_m, "gaussian")
        expected += 1000.0 * places[site] / (people.residents @ decay) * decay
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kernel", KERNELS)
def test_access__that_is_built_counts_as_access_that_is_there(
    kernel: AccessKernel, small_case: Path, small_settings: RunSettings
) -> None:
    exposure = small_settings.exposure.model_copy(update={"access_kernel": kernel})
    model = build_model(small_settings.model_copy(update={"exposure": exposure}), small_case.parent)
    plan = random_plan(model, 3)

    found = exposure_change(model, plan, ACCESS)

    places = units_by_site(model, plan, PLACES)
    site = np.flatnonzero(places)
    row, col = np.divmod(site, model.options.n_site[1])
    grid, side, people = model.study.grid, model.study.site_m, model.study.receptors
    middle = np.column_stack([grid.left + (col + 0.5) * side, grid.top - (row + 0.5) * side])
    home = np.column_stack([grid.x[people.col], grid.y[people.row]])
    there = catchment(middle, places[site], home, people.residents, exposure)
    np.testing.assert_allclose(found, there, rtol=1e-4, atol=1e-5)


# Laws of all layers.


@pytest.mark.parametrize("seed", [7, 8])
def test_response__is_linear(small_model: Model, seed: int) -> None:
    evaluator, empty = small_model.problem.evaluator, small_model.problem.empty
    half = small_model.options.most // 2
    one = np.minimum(random_plan(small_model, seed), half)
    other = np.minimum(random_plan(small_model, seed + 100), half)

    today, first, second, both, twice = (
        evaluator._state(plan).astype(float)  # noqa: SLF001 - states are what is linear
        for plan in (empty, one, other, one + other, 2 * one)
    )

    scale = np.abs([today, both, twice]).max(axis=(0, 2))[:, None]
    # A hundred sums in float32.
    assert (np.abs(both - (first + second - today)) < 3e-6 * scale).all()
    assert (np.abs(twice - (2.0 * first - today)) < 3e-6 * scale).all()


def reach_of(model: Model, layer: str) -> float:
    settings = model.settings.exposure
    return {
        HEAT: settings.heat_window_m,
        GREEN: settings.green_window_m,
        ACCESS: settings.access_reach_m,
        NOISE: settings.noise_reach_m,
        NO2: settings.air_reach_m,
        PM25: settings.air_reach_m,
    }[layer]


@pytest.mark.parametrize("name", ["tile_removal", "street_tree", "pocket_park", "play"])
def test_option__of_green_or_play_changes_nothing_out_of_reach(
    small_model: Model, name: str
) -> None:
    options = small_model.options
    chosen = np.flatnonzero(options.interventions.index[options.intervention] == name)[0]
    plan = small_model.problem.empty
    plan[chosen] = options.most[chosen]

    check_out_of_reach(small_model, plan, [int(options.site[chosen])])


@pytest.mark.parametrize("name", ["quiet_sma", "speed30", "car_free"])
def test_option__of_traffic_changes_nothing_out_of_reach(small_model: Model, name: str) -> None:
    # Displaced traffic counts from the sites to which it goes.
    study, options = small_model.study, small_model.options
    chosen = np.flatnonzero(options.interventions.index[options.intervention] == name)[0]
    site = int(options.site[chosen])
    plan = small_model.problem.empty
    plan[chosen] = options.most[chosen]

    moves = list_moves(study, options, small_model.settings.interventions)
    column = moves.column[moves.option == chosen]
    assert (name == "car_free") == (column.size > 0)
    check_out_of_reach(small_model, plan, [site, *(column % np.prod(options.n_site)).tolist()])


def check_out_of_reach(model: Model, plan: NDArray[np.int16], sites: list[int]) -> None:
    """Compare every layer to the bit where no cell of the sites is within reach."""
    study, evaluator, people = model.study, model.problem.evaluator, model.study.receptors
    side = study.site_m // study.grid.cell_m
    away = np.full(people.row.size, np.inf)
    for site in sites:
        row, col = np.array(divmod(site, model.options.n_site[1])) * side
        dy = np.maximum(np.maximum(row - people.row, people.row - (row + side - 1)), 0)
        dx = np.maximum(np.maximum(col - people.col, people.col - (col + side - 1)), 0)
        away = np.minimum(away, np.hypot(dy, dx) * study.grid.cell_m)
    today, after = evaluator.exposure(model.problem.empty), evaluator.exposure(plan)
    changed = np.zeros(len(LAYERS), bool)
    for k, layer in enumerate(LAYERS):
        far = away > reach_of(model, layer)
        assert far.any()
        np.testing.assert_array_equal(after[k, far], today[k, far])
        changed[k] = (after[k] != today[k]).any()
    assert changed.any()
