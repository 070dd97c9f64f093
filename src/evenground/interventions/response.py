"""What the options change: the linear response operator of every layer.

Options are summed into columns (a site, or the streets of one class on a
site); a column acts on the receptors around it with fixed weights. So the
state of a layer is its baseline plus ``P (C x)``: exact for any plan, and far
smaller than a column for every option. Everything lies on cells: a change of
green or of traffic works from the centre of its cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from evenground.config import ExposureSettings, InterventionSettings
from evenground.exposure import Baseline, access, air
from evenground.interventions.blocks import (
    Blocks,
    Columns,
    Weights,
    build_blocks,
    build_weights,
    scale,
    stencil,
)
from evenground.interventions.catalogue import read_effects
from evenground.interventions.emission import street_energy
from evenground.interventions.sites import Options, site_shape
from evenground.interventions.traffic import street_changes, street_column
from evenground.kernels import sum_over_receptors
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.study import StudyArea
from evenground.study.window import known_in_window

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]

NEAREST_SOURCE_M = 7.5
"""A street is never nearer than this to a facade."""
SLOTS = (HEAT, GREEN, ACCESS, NOISE, NO2, PM25, "noise_moved", "no2_moved", "pm25_moved")
"""What one option may change; the last three hold traffic that moves elsewhere."""


@dataclass(frozen=True)
class Response:
    """Response of every layer, ready for the kernels."""

    blocks: Blocks
    weights: Weights
    option_column: Index
    """Column that each option changes (slot, option), -1 for none."""
    option_effect: Float32
    """How much a step of the option adds to that column (slot, option)."""
    baseline: Float32
    """State of the empty plan (layer, receptor)."""
    level: Float32
    """Decibels of the empty plan where the state is an energy ratio (layer, receptor)."""
    is_energy: NDArray[np.bool_]

    @property
    def n_column(self) -> int:
        """Columns of all layers together."""
        return int(self.weights.column_start[-1])


def build_response(
    study: StudyArea,
    baseline: Baseline,
    options: Options,
    exposure: ExposureSettings,
    interventions: InterventionSettings,
) -> Response:
    """Make the response of all layers to all options."""
    blocks = build_blocks(study)
    place, effect = _option_places(study, options, interventions)
    used = {layer: _used(place, layer) for layer in LAYERS}
    sources = _layer_columns(study, used, exposure)
    weights = build_weights(blocks, study, [sources[layer] for layer in LAYERS])
    _scale_green(study, blocks, weights, exposure)
    _scale_streets(study, baseline, (blocks, weights), sources, exposure)
    _scale_access(study, blocks, weights)
    values = [_at_receptors(baseline, layer, study) for layer in LAYERS]
    is_energy = np.array([layer == NOISE for layer in LAYERS])
    level = np.where(is_energy[:, None], values, 0.0).astype(np.float32)
    state = np.where(is_energy[:, None], 1.0, values).astype(np.float32)
    return Response(
        blocks,
        weights,
        _to_columns(place, used, weights),
        effect.astype(np.float32),
        np.ascontiguousarray(state),
        np.ascontiguousarray(level),
        is_energy,
    )


def scale_effects(
    response: Response, options: Options, scales: Mapping[tuple[str, str], float]
) -> Response:
    """Return the response with some effects some times as large.

    Parameters
    ----------
    scales
        By intervention, or * for all, and slot of ``SLOTS``.
    """
    effect = response.option_effect.copy()
    names = options.interventions.index.to_numpy()
    for (name, slot), factor in scales.items():
        chosen = slice(None) if name == "*" else names[options.intervention] == name
        effect[SLOTS.index(slot), chosen] *= np.float32(factor)
    return replace(response, option_effect=effect)


def _at_receptors(baseline: Baseline, layer: str, study: StudyArea) -> Float32:
    """Exposure of a layer at the receptors."""
    grid = baseline.exposure[layer].to_numpy()
    return np.asarray(grid[study.receptors.row, study.receptors.col], np.float32)


def _option_places(
    study: StudyArea, options: Options, settings: InterventionSettings
) -> tuple[Long, Float]:
    """Place and effect of a step of every option, by slot; a place is -1 where there is none."""
    effects = read_effects(settings)
    n_y, n_x = site_shape(study)
    place = np.full((len(SLOTS), options.site.size), -1, np.int64)
    effect = np.zeros(place.shape)
    changes = street_changes(study, n_y * n_x, effects, settings)
    for row, name in enumerate(options.interventions.index):
        chosen = options.intervention == row
        site, step = options.site[chosen], options.step[chosen]
        for key, layers in (("green_m2", (HEAT, GREEN)), ("places", (ACCESS,))):
            if (name, key) in effects.index:
                for layer in layers:
                    place[SLOTS.index(layer), chosen] = site
                    effect[SLOTS.index(layer), chosen] = effects[name, key] * step
        for layer, (there, per_metre) in changes.get(name, {}).items():
            place[SLOTS.index(layer), chosen] = there[site]
            effect[SLOTS.index(layer), chosen] = per_metre[site] * options.use[chosen]
    return place, effect


def _slots(layer: str) -> list[int]:
    """Slots that act on a layer."""
    return [k for k, slot in enumerate(SLOTS) if slot.removesuffix("_moved") == layer]


def _used(place: Long, layer: str) -> Long:
    """Places of a layer that some option changes, ascending."""
    found = np.unique(place[_slots(layer)])
    return found[found >= 0]


def _to_columns(place: Long, used: dict[str, Long], weights: Weights) -> Index:
    """Column of each option's places (slot, option)."""
    out = np.full(place.shape, -1, np.int32)
    for k, layer in enumerate(LAYERS):
        for slot in _slots(layer):
            found = place[slot] >= 0
            at = np.searchsorted(used[layer], place[slot][found])
            out[slot, found] = weights.column_start[k] + at
    return out


def _layer_columns(
    study: StudyArea, used: dict[str, Long], settings: ExposureSettings
) -> dict[str, Columns]:
    """Make the sources and the stencil of every layer."""
    cell_m = study.grid.cell_m
    out = {}
    for layer, radius in ((HEAT, settings.heat_window_m), (GREEN, settings.green_window_m)):
        disc, anchor = stencil(radius / cell_m, np.ones_like)
        out[layer] = _even_columns(study, used[layer], disc, anchor, radius / cell_m)
    out[ACCESS] = _access_columns(study, used[ACCESS], settings)
    reach = settings.noise_reach_m / cell_m
    line, anchor = stencil(reach, lambda d: line_decay(d * cell_m, settings.air_absorption_db_m))
    energy = street_energy(study.streets)
    out[NOISE] = _street_columns(study, used[NOISE], energy, (line, anchor, reach))
    reach = settings.air_reach_m / cell_m
    plume, anchor = stencil(reach, lambda d: air.road_decay(d * cell_m, settings))
    traffic = study.streets.length_m * study.streets.flow_veh_day
    for layer in (NO2, PM25):
        out[layer] = _street_columns(study, used[layer], traffic, (plume, anchor, reach))
    return out


def line_decay(distance_m: Float, absorption_db_m: float) -> Float:
    r"""Return the noise energy of a piece of street by distance, on an open scale.

    Notes
    -----
    .. math:: K(d) = 10^{-a d / 10} / \max(d, 7.5)
    """
    absorbed = 10.0 ** (-0.1 * absorption_db_m * distance_m)
    return np.asarray(absorbed / np.maximum(distance_m, NEAREST_SOURCE_M))


def _even_columns(
    study: StudyArea, places: Long, cell: Float, anchor: int, reach_cells: float
) -> Columns:
    """Columns that act evenly from every cell of a site."""
    side = study.site_m // study.grid.cell_m
    whole = oaconvolve(cell, np.ones((side, side)), mode="full") / side**2
    around = np.where(whole > 1e-9 * whole.max(), whole, 0.0)
    return _site_columns(study, places, around, anchor, reach_cells)


def _access_columns(study: StudyArea, places: Long, settings: ExposureSettings) -> Columns:
    """Columns that act from the middle of a site, which may lie between cells."""
    cell_m, side = study.grid.cell_m, study.site_m // study.grid.cell_m
    reach = settings.access_reach_m / cell_m
    anchor = int(np.ceil(reach))
    offset = np.arange(-anchor, anchor + side) - (side - 1) / 2.0
    distance = np.hypot(offset[:, None], offset[None, :]) * cell_m
    around = access.decay(distance, settings.access_reach_m, settings.access_kernel)
    return _site_columns(study, places, around, anchor, reach + 0.5)


def _site_columns(
    study: StudyArea, places: Long, around: Float, anchor: int, reach_cells: float
) -> Columns:
    """Columns of one source each, the first cell of the site, with the stencil of a whole site."""
    side = study.site_m // study.grid.cell_m
    row, col = np.divmod(places, site_shape(study)[1])
    return Columns(
        place=places,
        n_class=1,
        source_start=np.arange(places.size + 1, dtype=np.int64),
        row=(row * side).astype(np.int32),
        col=(col * side).astype(np.int32),
        strength=np.ones(places.size, np.float32),
        stencil=around.astype(np.float32),
        anchor=anchor,
        reach_cells=reach_cells,
    )


def _street_columns(
    study: StudyArea, places: Long, strength: Float, effect: tuple[Float, int, float]
) -> Columns:
    """Columns that act from the cells of their streets."""
    n_y, n_x = site_shape(study)
    place = street_column(study, study.streets)
    cell = _street_cell(study)
    keep = np.flatnonzero(np.isin(place, places))
    n_cell = study.grid.shape[0] * study.grid.shape[1]
    key, index = np.unique(place[keep] * n_cell + cell[keep], return_inverse=True)
    summed = np.bincount(index, strength[keep], key.size)
    row, col = np.divmod(key % n_cell, study.grid.shape[1])
    start = np.searchsorted(key, np.append(places, 2 * n_y * n_x) * n_cell)
    return Columns(
        place=places,
        n_class=2,
        source_start=start.astype(np.int64),
        row=row.astype(np.int32),
        col=col.astype(np.int32),
        strength=summed.astype(np.float32),
        stencil=effect[0].astype(np.float32),
        anchor=effect[1],
        reach_cells=effect[2],
    )


def _street_cell(study: StudyArea) -> Long:
    """Cell in which the middle of each piece of street lies; held at the edge of the grid."""
    grid = study.grid
    row = np.floor((grid.top - study.streets.y) / grid.cell_m).astype(np.int64)
    col = np.floor((study.streets.x - grid.left) / grid.cell_m).astype(np.int64)
    row = np.clip(row, 0, grid.shape[0] - 1)
    return row * grid.shape[1] + np.clip(col, 0, grid.shape[1] - 1)


def street_total(study: StudyArea, strength: Float, cell: Float) -> Float:
    """Return what all streets together give at the receptors (receptor,)."""
    inside = street_column(study, study.streets) >= 0
    n_cell = study.grid.shape[0] * study.grid.shape[1]
    given = np.bincount(_street_cell(study)[inside], strength[inside], n_cell)
    felt = oaconvolve(given.reshape(study.grid.shape), cell, mode="same")
    return np.asarray(felt[study.receptors.row, study.receptors.col], np.float64)


def _scale_green(
    study: StudyArea, blocks: Blocks, weights: Weights, settings: ExposureSettings
) -> None:
    """Bring square metres of green to the mean of the window, and to degrees, in place."""
    people = study.receptors
    ones = np.ones(int(weights.column_start[-1]))
    cell_m2 = float(study.grid.cell_m) ** 2
    cooling = -settings.heat_beta_degc * settings.heat_summer_factor
    for layer, radius, factor in (
        (HEAT, settings.heat_window_m, cooling),
        (GREEN, settings.green_window_m, 1.0),
    ):
        known = known_in_window(study.ground.green, study.grid, radius)
        there = np.maximum(known[people.row, people.col].astype(float), 1.0) * cell_m2
        scale(blocks, weights, LAYERS.index(layer), per_receptor=factor / there, per_column=ones)


def _scale_streets(
    study: StudyArea,
    baseline: Baseline,
    made: tuple[Blocks, Weights],
    sources: dict[str, Columns],
    settings: ExposureSettings,
) -> None:
    """Bring emissions to shares of the noise energy and to parts of the air, in place."""
    blocks, weights = made
    ones = np.ones(int(weights.column_start[-1]))
    streets = study.streets
    traffic = streets.length_m * streets.flow_veh_day
    share = np.full(study.receptors.row.size, settings.noise_street_share)
    for layer, whole, strength in (
        (NOISE, share, street_energy(streets)),
        (NO2, _street_part(baseline, NO2, study), traffic),
        (PM25, _street_part(baseline, PM25, study), traffic),
    ):
        total = street_total(study, strength, sources[layer].stencil.astype(float))
        # Far from all streets the convolution leaves rounding, not sound.
        is_heard = total > 1e-9 * float(total.max(initial=0.0))
        per_receptor = np.divide(whole, total, out=np.zeros_like(total), where=is_heard)
        scale(blocks, weights, LAYERS.index(layer), per_receptor=per_receptor, per_column=ones)


def _street_part(baseline: Baseline, layer: str, study: StudyArea) -> Float:
    """Return what streets add to the air at the receptors (receptor,)."""
    part = baseline.street_part[layer]
    return np.asarray(part[study.receptors.row, study.receptors.col], np.float64)


def _scale_access(study: StudyArea, blocks: Blocks, weights: Weights) -> None:
    """Give a place to the residents around it: places per thousand of them."""
    index = LAYERS.index(ACCESS)
    demand = np.empty(int(weights.column_start[-1]))
    sum_over_receptors(
        blocks.start,
        weights.pair_start[index : index + 1],
        weights.column,
        weights.start,
        weights.values,
        study.receptors.residents[None, :],
        demand,
    )
    supply = np.divide(1000.0, demand, out=np.zeros_like(demand), where=demand >= 1.0)
    ones = np.ones(study.receptors.row.size)
    scale(blocks, weights, index, per_receptor=ones, per_column=supply)
