"""What the options change: the linear response operator of every layer.

Options are summed into columns (a site, or the streets of one class on a
site); a column acts on the receptors around it with fixed weights. So the
state of a layer is its baseline plus ``P (C x)``: exact for any plan, and far
smaller than a column for every option. Everything lies on cells: a change of
green or of traffic works from the centre of its cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenground.config import ExposureSettings, InterventionSettings
from evenground.exposure import Baseline, air
from evenground.interventions.blocks import (
    Blocks,
    Columns,
    Weights,
    build_blocks,
    build_weights,
    join_layers,
    scale,
    stencil,
)
from evenground.interventions.columns import (
    access_columns,
    even_columns,
    line_decay,
    street_columns,
    street_part,
    street_total,
)
from evenground.interventions.emission import street_energy
from evenground.interventions.options import Options
from evenground.interventions.shapes import Shape, finish, list_shapes
from evenground.interventions.sites import site_shape
from evenground.interventions.street_parts import own_metre
from evenground.interventions.traffic import street_changes
from evenground.kernels import sum_over_receptors
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.sources.catalogue_rules import GROUNDS
from evenground.study import StudyArea
from evenground.study.window import known_in_window

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]

SLOTS = (HEAT, GREEN, ACCESS, NOISE, NO2, PM25, "noise_moved", "no2_moved", "pm25_moved")
"""What one option may change; the last three hold traffic that moves elsewhere. An option that
is felt in a shape of its own has a slot of its own beyond these, see :mod:`.shapes`."""

SITE_EFFECTS = {
    "green_m2": (HEAT, GREEN),
    "green_cover_m2": (GREEN,),
    "places": (ACCESS,),
    "no2_part": (NO2,),
    "pm25_part": (PM25,),
}
"""Effects of a site or zone, by the layers that feel them."""


@dataclass(frozen=True)
class Response:
    """Response of every layer, ready for the kernels."""

    blocks: Blocks
    weights: Weights
    change_start: Long
    """First change of each option, and the end (option + 1,)."""
    change_slot: NDArray[np.int8]
    """What each change is of, index into ``slots`` (change,)."""
    change_column: Index
    """Column that it changes (change,)."""
    change_effect: Float32
    """How much a step of the option adds to that column (change,)."""
    most: NDArray[np.int16]
    """Most steps of each option (option,)."""
    baseline: Float32
    """State of the empty plan (layer, receptor)."""
    level: Float32
    """Decibels of the empty plan where the state is an energy ratio (layer, receptor)."""
    is_energy: NDArray[np.bool_]
    slots: tuple[str, ...] = SLOTS
    """What each slot changes, one of ``SLOTS``; a layer twice where it is felt in two shapes."""

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
    shapes = list_shapes(study, baseline, options, (exposure, interventions))
    changes = _list_changes(study, options, interventions, shapes)
    used = [_used(changes, layer) for layer in LAYERS]
    sources = _layer_columns(study, dict(zip(LAYERS, used, strict=True)), exposure)
    parts = [*(sources[layer] for layer in LAYERS), *(shape.columns for shape in shapes)]
    weights = build_weights(blocks, study, parts)
    _scale_green(study, blocks, weights, exposure)
    _scale_streets(study, baseline, (blocks, weights), sources, exposure)
    _scale_access(study, blocks, weights, LAYERS.index(ACCESS))
    for k, shape in enumerate(shapes, len(LAYERS)):
        if shape.layer == ACCESS:
            _scale_access(study, blocks, weights, k)
        else:
            finish(shape, study, blocks, weights, k)
    column = _to_columns(changes, [*used, *(shape.columns.place for shape in shapes)], weights)
    if shapes:
        layer_of = [*range(len(LAYERS)), *(LAYERS.index(shape.layer) for shape in shapes)]
        weights = join_layers(weights, layer_of, len(LAYERS))
    values = [_at_receptors(baseline, layer, study) for layer in LAYERS]
    is_energy = np.array([layer == NOISE for layer in LAYERS])
    level = np.where(is_energy[:, None], values, 0.0).astype(np.float32)
    state = np.where(is_energy[:, None], 1.0, values).astype(np.float32)
    return Response(
        blocks,
        weights,
        np.searchsorted(changes.option, np.arange(options.site.size + 1)).astype(np.int64),
        changes.slot,
        column,
        changes.effect.astype(np.float32),
        np.ascontiguousarray(options.most, np.int16),
        np.ascontiguousarray(state),
        np.ascontiguousarray(level),
        is_energy,
        (*SLOTS, *(shape.layer for shape in shapes)),
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
    effect = response.change_effect.copy()
    per_option = np.diff(response.change_start)
    names = options.interventions.index.to_numpy()[np.repeat(options.intervention, per_option)]
    slots = np.array(response.slots)[response.change_slot]
    for (name, slot), factor in scales.items():
        chosen = (slots == slot) & ((names == name) | (name == "*"))
        effect[chosen] *= np.float32(factor)
    return replace(response, change_effect=effect)


def _at_receptors(baseline: Baseline, layer: str, study: StudyArea) -> Float32:
    """Exposure of a layer at the receptors."""
    grid = baseline.exposure[layer].to_numpy()
    return np.asarray(grid[study.receptors.row, study.receptors.col], np.float32)


@dataclass(frozen=True)
class _Changes:
    """What a step of each option changes, by option and slot; all arrays (change,)."""

    option: Long
    slot: NDArray[np.int8]
    place: Long
    """Place of the layer, see ``Columns.place``."""
    effect: Float


def _list_changes(
    study: StudyArea,
    options: Options,
    settings: InterventionSettings,
    shapes: Sequence[Shape],
) -> _Changes:
    """List what a step of every option changes, and where."""
    catalogue = options.interventions
    n_y, n_x = site_shape(study)
    street = street_changes(study, n_y * n_x, catalogue, settings)
    square = study.sites.parts.square.astype(np.int64)
    own = {(name, shape.layer): k for k, shape in enumerate(shapes) for name in shape.used_by}
    parts: list[tuple[Long, int, Long, Float]] = []
    for row, (key, entry) in enumerate(catalogue.iterrows()):
        name, here = str(key), np.flatnonzero(options.intervention == row)
        option, part, share = options.spread.of(here)
        amount = options.step[option]
        for figure, layers in SITE_EFFECTS.items():
            if np.isnan(entry[figure]):
                continue
            for layer in layers:
                k = own.get((name, layer))
                slot = SLOTS.index(layer) if k is None else len(SLOTS) + k
                step = amount if k is None else shapes[k].step(amount)
                parts.append((option, slot, square[part], float(entry[figure]) * step * share))
        for kind, by_slot in street.get(name, {}).items():
            chosen = here[options.ground[here] == GROUNDS.index(kind)]
            option, part, share = options.spread.of(chosen)
            metres = options.use[option] * share
            for layer, change in by_slot.items():
                which, place, per_metre = change.on(square[part])
                relative = own_metre(study, entry, kind, layer)[part]
                effect = per_metre * (metres * relative)[which]
                parts.append((option[which], SLOTS.index(layer), place, effect))
    return _joined(parts)


def _joined(parts: Sequence[tuple[Long, int, Long, Float]]) -> _Changes:
    """Put lists of option, slot, place and effect together, sorted by option and slot."""
    none = np.zeros(0, np.int64)
    option = np.concatenate([none, *(part[0] for part in parts)])
    slot = np.repeat([part[1] for part in parts], [part[0].size for part in parts])
    order = np.lexsort((slot, option))
    return _Changes(
        option=option[order],
        slot=slot[order].astype(np.int8),
        place=np.concatenate([none, *(part[2] for part in parts)])[order],
        effect=np.concatenate([none.astype(float), *(part[3] for part in parts)])[order],
    )


def _slots(layer: str) -> list[int]:
    """Slots that act on a layer in its usual shape."""
    return [k for k, slot in enumerate(SLOTS) if slot.removesuffix("_moved") == layer]


def _used(changes: _Changes, layer: str) -> Long:
    """Places of a layer that some option changes in its usual shape, ascending."""
    return np.unique(changes.place[np.isin(changes.slot, _slots(layer))])


def _to_columns(changes: _Changes, used: Sequence[Long], weights: Weights) -> Index:
    """Column of each change (change,), by the part of the weights that its slot belongs to."""
    out = np.empty(changes.place.size, np.int32)
    own = [[len(SLOTS) + k] for k in range(len(used) - len(LAYERS))]
    for part, slots in enumerate([*map(_slots, LAYERS), *own]):
        chosen = np.isin(changes.slot, slots)
        at = np.searchsorted(used[part], changes.place[chosen])
        out[chosen] = weights.column_start[part] + at
    return out


def _layer_columns(
    study: StudyArea, used: dict[str, Long], settings: ExposureSettings
) -> dict[str, Columns]:
    """Make the sources and the stencil of every layer."""
    cell_m = study.grid.cell_m
    out = {}
    for layer, radius in ((HEAT, settings.heat_window_m), (GREEN, settings.green_window_m)):
        disc, anchor = stencil(radius / cell_m, np.ones_like)
        out[layer] = even_columns(study, used[layer], disc, anchor, radius / cell_m)
    out[ACCESS] = access_columns(study, used[ACCESS], settings, settings.access_reach_m)
    reach = settings.noise_reach_m / cell_m
    line, anchor = stencil(reach, lambda d: line_decay(d * cell_m, settings.air_absorption_db_m))
    energy = street_energy(study.streets)
    out[NOISE] = street_columns(study, used[NOISE], energy, (line, anchor, reach))
    reach = settings.air_reach_m / cell_m
    plume, anchor = stencil(reach, lambda d: air.road_decay(d * cell_m, settings))
    traffic = study.streets.length_m * study.streets.flow_veh_day
    for layer in (NO2, PM25):
        out[layer] = street_columns(study, used[layer], traffic, (plume, anchor, reach))
    return out


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
        (NO2, street_part(baseline, NO2, study), traffic),
        (PM25, street_part(baseline, PM25, study), traffic),
    ):
        total = street_total(study, strength, sources[layer].stencil.astype(float))
        # Far from all streets the convolution leaves rounding, not sound.
        is_heard = total > 1e-9 * float(total.max(initial=0.0))
        per_receptor = np.divide(whole, total, out=np.zeros_like(total), where=is_heard)
        scale(blocks, weights, LAYERS.index(layer), per_receptor=per_receptor, per_column=ones)


def _scale_access(study: StudyArea, blocks: Blocks, weights: Weights, index: int) -> None:
    """Give a place to the residents around it: places per thousand of them."""
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
