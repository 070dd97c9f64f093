"""What the options change: the linear response operator of every layer.

Options are summed into columns (a site, or the streets of one class on a
site); a column acts on the receptors around it with fixed weights. So the
state of a layer is its baseline plus ``P (C x)``: exact for any plan, and far
smaller than a column for every option.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evenground.config import ExposureSettings, InterventionSettings
from evenground.exposure import Baseline
from evenground.exposure.access import gaussian_decay
from evenground.interventions.blocks import Blocks, Weights, build_blocks, build_weights
from evenground.interventions.catalogue import read_effects
from evenground.interventions.emission import street_energy
from evenground.interventions.sites import Options, site_of, site_shape
from evenground.kernels import scale_weights, sum_over_columns, sum_over_receptors
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.study import Streets, StudyArea

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]

NEAREST_SOURCE_M = 7.5
"""A street is never nearer than this to a facade."""


@dataclass(frozen=True)
class Response:
    """Response of every layer, ready for the kernels."""

    blocks: Blocks
    weights: dict[str, Weights]
    """Per layer: block-sparse weights from columns to receptors."""
    column_start: dict[str, int]
    """First column of each layer among the columns of all layers."""
    n_column: int
    option_column: Index
    """Column that each option changes (slot, option), -1 for none."""
    option_effect: Float32
    """How much a step of the option adds to that column (slot, option)."""
    baseline: Float32
    """State of the empty plan (layer, receptor)."""
    level: Float32
    """Decibels of the empty plan where the state is an energy ratio (layer, receptor)."""
    is_energy: NDArray[np.bool_]


def build_response(
    study: StudyArea,
    baseline: Baseline,
    options: Options,
    exposure: ExposureSettings,
    interventions: InterventionSettings,
) -> Response:
    """Make the response of all layers to all options."""
    blocks = build_blocks(study)
    n_y, n_x = site_shape(study)
    n_site = n_y * n_x
    columns = {HEAT: n_site, GREEN: n_site, ACCESS: n_site}
    columns |= dict.fromkeys((NOISE, NO2, PM25), 2 * n_site)
    start, total = {}, 0
    for layer in LAYERS:
        start[layer] = total
        total += columns[layer]
    weights = _green_weights(study, blocks, exposure)
    weights |= _street_weights(study, blocks, baseline, exposure)
    weights[ACCESS] = _access_weights(study, blocks, exposure)
    column, effect = _option_columns(study, options, start, interventions)
    values = [_at_receptors(baseline, layer, study) for layer in LAYERS]
    is_energy = np.array([layer == NOISE for layer in LAYERS])
    level = np.where(is_energy[:, None], values, 0.0).astype(np.float32)
    state = np.where(is_energy[:, None], 1.0, values).astype(np.float32)
    return Response(
        blocks,
        weights,
        start,
        total,
        column,
        effect,
        np.ascontiguousarray(state),
        np.ascontiguousarray(level),
        is_energy,
    )


def _at_receptors(baseline: Baseline, layer: str, study: StudyArea) -> Float32:
    """Exposure of a layer at the receptors."""
    grid = baseline.exposure[layer].to_numpy()
    return np.asarray(grid[study.receptors.row, study.receptors.col], np.float32)


def _distances(reach_m: float) -> Float:
    """Whole metres from zero to one past the reach."""
    return np.arange(int(np.ceil(reach_m)) + 2, dtype=float)


def _green_weights(
    study: StudyArea, blocks: Blocks, settings: ExposureSettings
) -> dict[str, Weights]:
    """Share of the window's area in each site; cooling is that share times beta."""
    cooling = -settings.heat_beta_degc * settings.heat_summer_factor
    weights = {}
    for layer, radius, factor in (
        (HEAT, settings.heat_window_m, cooling),
        (GREEN, settings.green_window_m, 1.0),
    ):
        distance = _distances(radius)
        decay = np.where(distance <= radius, factor / (np.pi * radius**2), 0.0)
        x, y, start = _lattice(study)
        strength = np.full(x.size, 1.0 / LATTICE**2)
        weights[layer] = build_weights(blocks, study, (x, y, strength, start), decay, 1)
    return weights


LATTICE = 4
"""Points per side that stand for the area of a site; exact well inside and outside a window."""


def _lattice(study: StudyArea, side: int = LATTICE) -> tuple[Float, Float, NDArray[np.int64]]:
    """Points spread evenly over every site, sorted by site, and where each site starts."""
    n_y, n_x = site_shape(study)
    offset = (np.arange(side) + 0.5) / side * study.site_m
    row, col = np.divmod(np.arange(n_y * n_x), n_x)
    x = study.grid.left + col[:, None, None] * study.site_m + offset[None, None, :]
    y = study.grid.top - row[:, None, None] * study.site_m - offset[None, :, None]
    x, y = (np.broadcast_to(a, (n_y * n_x, side, side)).ravel() for a in (x, y))
    return x, y, np.arange(n_y * n_x + 1, dtype=np.int64) * side**2


def _street_weights(
    study: StudyArea, blocks: Blocks, baseline: Baseline, settings: ExposureSettings
) -> dict[str, Weights]:
    """Share of each street column in the noise energy, and in the air, at each receptor."""
    distance = _distances(settings.noise_reach_m)
    absorbed = 10.0 ** (-0.1 * settings.air_absorption_db_m * distance)
    line = absorbed / np.maximum(distance, NEAREST_SOURCE_M)
    line[distance > settings.noise_reach_m] = 0.0
    sources = _street_sources(study, street_energy(study.streets))
    weights = {NOISE: build_weights(blocks, study, sources, line, 2)}
    whole = np.full(study.receptors.row.size, settings.noise_street_share)
    _normalise(weights[NOISE], blocks, whole)
    distance = _distances(settings.air_reach_m)
    plume = np.exp(-distance / settings.air_decay_m)
    plume[distance > settings.air_reach_m] = 0.0
    traffic = study.streets.length_m * study.streets.flow_veh_day
    sources = _street_sources(study, traffic)
    for layer in (NO2, PM25):
        weights[layer] = build_weights(blocks, study, sources, plume, 2)
        part = baseline.street_part[layer][study.receptors.row, study.receptors.col]
        _normalise(weights[layer], blocks, part.astype(float))
    return weights


def _street_sources(
    study: StudyArea, strength: Float
) -> tuple[Float, Float, Float, NDArray[np.int64]]:
    """Pieces of street sorted by column: main streets of all sites, then local streets."""
    streets = study.streets
    n_y, n_x = site_shape(study)
    column = street_column(study, streets)
    keep = np.flatnonzero(column >= 0)
    order = keep[np.argsort(column[keep], kind="stable")]
    count = np.bincount(column[order], minlength=2 * n_y * n_x)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return streets.x[order], streets.y[order], strength[order], start


def street_column(study: StudyArea, streets: Streets) -> NDArray[np.int64]:
    """Return the column of each piece of street, -1 outside the grid."""
    n_y, n_x = site_shape(study)
    site = site_of(study, streets.x, streets.y)
    return np.where(site < 0, -1, site + np.where(streets.is_main, 0, n_y * n_x))


def _normalise(weights: Weights, blocks: Blocks, whole: Float) -> None:
    """Scale the weights so that those of each receptor sum to ``whole`` (receptor,)."""
    total = np.empty(whole.size)
    sum_over_columns(blocks.start, weights.pair_start, weights.start, weights.values, total)
    factor = np.divide(whole, total, out=np.zeros_like(whole), where=total > 0.0)
    ones = np.ones(weights.n_column)
    scale_weights(
        blocks.start,
        weights.pair_start,
        weights.column,
        weights.start,
        factor,
        ones,
        weights.values,
    )


def _access_weights(study: StudyArea, blocks: Blocks, settings: ExposureSettings) -> Weights:
    """Places per thousand residents that one place in the middle of a site gives."""
    decay = gaussian_decay(_distances(settings.access_reach_m), settings.access_reach_m)
    x, y, start = _lattice(study, 1)
    weights = build_weights(blocks, study, (x, y, np.ones(x.size), start), decay, 1)
    demand = np.empty(weights.n_column)
    sum_over_receptors(
        blocks.start,
        weights.pair_start,
        weights.column,
        weights.start,
        weights.values,
        study.receptors.residents,
        demand,
    )
    supply = np.divide(1000.0, demand, out=np.zeros_like(demand), where=demand >= 1.0)
    ones = np.ones(study.receptors.row.size)
    scale_weights(
        blocks.start,
        weights.pair_start,
        weights.column,
        weights.start,
        ones,
        supply,
        weights.values,
    )
    return weights


SLOTS = (HEAT, GREEN, ACCESS, NOISE, NO2, PM25, "noise_moved", "no2_moved", "pm25_moved")
"""What one option may change; the last three hold traffic that moves elsewhere."""


def _option_columns(
    study: StudyArea,
    options: Options,
    start: dict[str, int],
    settings: InterventionSettings,
) -> tuple[Index, Float32]:
    """Column and effect of a step of every option, by slot."""
    effects = read_effects(settings)
    n_y, n_x = site_shape(study)
    n_site = n_y * n_x
    column = np.full((len(SLOTS), options.site.size), -1, np.int32)
    effect = np.zeros(column.shape)
    changes = street_changes(study, n_site, effects, settings)
    for row, name in enumerate(options.interventions.index):
        chosen = options.intervention == row
        site, step = options.site[chosen], options.step[chosen]
        for key, layers in (("green_m2", (HEAT, GREEN)), ("places", (ACCESS,))):
            if (name, key) in effects.index:
                for layer in layers:
                    slot = SLOTS.index(layer)
                    column[slot, chosen] = start[layer] + site
                    effect[slot, chosen] = effects[name, key] * step
        for layer, (offset, per_unit) in changes.get(name, {}).items():
            slot = SLOTS.index(layer)
            column[slot, chosen] = start[layer.removesuffix("_moved")] + offset[site]
            metres = options.use[chosen]
            effect[slot, chosen] = per_unit[site] * metres
    return column, effect.astype(np.float32)


Change = tuple[NDArray[np.int64], Float]
"""Column within its layer (site,), and effect per metre of street (site,)."""


def street_changes(
    study: StudyArea, n_site: int, effects: pd.Series, settings: InterventionSettings
) -> dict[str, dict[str, Change]]:
    """Return what a metre of each street measure changes on every site.

    A column counts the change of its own emission as a share: -1 silences it.
    Measures on one street are recomputed from emission, never added in dB.
    """
    streets = study.streets
    column = street_column(study, streets)
    keep = column >= 0
    size = 2 * n_site
    metres = np.bincount(column[keep], streets.length_m[keep], size)
    energy = street_energy(streets)
    traffic = streets.length_m * streets.flow_veh_day
    per_metre = np.divide(1.0, metres, out=np.zeros(size), where=metres > 0.0)
    main = np.arange(n_site, dtype=np.int64)
    changes: dict[str, dict[str, Change]] = {}
    for name, after in (
        ("quiet_sma", street_energy(streets, surface="sma_optimised")),
        ("speed30", street_energy(streets, speed_kmh=30.0)),
    ):
        less = np.minimum(after - energy, 0.0)
        share = _column_share(less, energy, column, size) * per_metre
        changes[name] = {NOISE: (main, share[:n_site])}
    left = float(effects.get(("car_free", "traffic_factor"), 1.0))
    sums = {
        key: np.bincount(column[keep], value[keep], size).astype(np.float64)
        for key, value in ((NOISE, energy), (NO2, traffic), (PM25, traffic))
    }
    target = _nearest_main(study, sums[NO2][:n_site])
    changes["car_free"] = _car_free(
        sums, target, per_metre[n_site:], 1.0 - left, settings.evaporation
    )
    return changes


def _column_share(part: Float, whole: Float, column: NDArray[np.int64], size: int) -> Float:
    """Sum of a part over the sum of the whole, by column."""
    keep = column >= 0
    above = np.bincount(column[keep], part[keep], size)
    below = np.bincount(column[keep], whole[keep], size)
    return np.divide(above, below, out=np.zeros(size), where=below > 0.0)


def _car_free(
    sums: dict[str, Float],
    target: NDArray[np.int64],
    per_metre: Float,
    closed: float,
    evaporation: float,
) -> dict[str, Change]:
    """Silence the closed metres, and put the traffic that does not vanish on main streets.

    The displaced traffic goes to the nearest site with a main street: its noise
    and its air count there as harm.

    Parameters
    ----------
    sums : (column,)
        Emission of each layer by column.
    target, per_metre : (site,)
        Where the traffic goes, and one over the metres of local street.
    closed, evaporation
        Share of the traffic that is kept out, and the share of it that vanishes.
    """
    n_site = target.size
    local = np.arange(n_site, dtype=np.int64) + n_site
    out: dict[str, Change] = {}
    for layer, emission in sums.items():
        there = emission[:n_site][target]
        ratio = np.divide(emission[n_site:], there, out=np.zeros(n_site), where=there > 0.0)
        moved = closed * (1.0 - evaporation)
        out[layer] = (local, -closed * per_metre)
        out[f"{layer}_moved"] = (target, moved * ratio * per_metre)
    return out


def _nearest_main(study: StudyArea, traffic: Float) -> NDArray[np.int64]:
    """Nearest site with a main street, for every site; the site itself where there is none."""
    n_y, n_x = site_shape(study)
    has_main = np.flatnonzero(traffic > 0.0)
    everywhere = np.arange(n_y * n_x)
    if has_main.size == 0:
        return everywhere
    place = np.column_stack(np.divmod(everywhere, n_x))
    _, nearest = cKDTree(place[has_main]).query(place)
    return has_main[nearest]
