"""Effects that are felt in a shape of their own: the edge of parks, other reaches, zones.

Most options share the columns of their layer. One with another reach gets columns of its own,
which are joined to its layer when their weights are made. Knows nothing of plans.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import ExposureSettings, InterventionSettings
from evenground.exposure import Baseline, air
from evenground.interventions.blocks import (
    Blocks,
    Columns,
    Weights,
    build_weights,
    scale,
    stencil,
)
from evenground.interventions.columns import (
    access_columns,
    even_columns,
    site_columns,
    street_cell,
    street_part,
    street_total,
)
from evenground.interventions.options import Options
from evenground.interventions.sites import site_of, zone_square
from evenground.interventions.traffic import LOCAL, MAIN
from evenground.names import ACCESS, HEAT, NO2, PM25
from evenground.sources.catalogue_rules import grounds_of
from evenground.study import StudyArea
from evenground.study.window import known_in_window

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Long = NDArray[np.int64]

EDGE_DECAY_M = 100.0
"""Distance over which the cooling at the edge of a park falls to 1/e (recalled)."""


@dataclass(frozen=True)
class Shape:
    """Columns of one layer that are felt in a way of their own."""

    layer: str
    used_by: tuple[str, ...]
    """Interventions that act through it."""
    columns: Columns
    is_per_unit: bool
    """Whether the effect grows with the amount of a step; else a step has it whole."""
    per_receptor: Float
    """What a weight is multiplied by (receptor,)."""
    at_least: Columns | None = None
    """What each place gives at least, per unit of effect; the stronger of the two counts."""

    def step(self, amount: Float) -> Float:
        """Return the units of effect in a step (option,)."""
        return amount if self.is_per_unit else np.ones_like(amount)


def list_shapes(
    study: StudyArea,
    baseline: Baseline,
    options: Options,
    settings: tuple[ExposureSettings, InterventionSettings],
) -> list[Shape]:
    """List the shapes that the interventions of the case need; none for most."""
    exposure, interventions = settings
    return [
        *_parks(study, options, exposure),
        *_places(study, options, exposure),
        *_zones(study, baseline, options, exposure, interventions),
    ]


def finish(shape: Shape, study: StudyArea, blocks: Blocks, weights: Weights, part: int) -> None:
    """Bring the weights of a shape to the unit of its layer, in place."""
    ones = np.ones(int(weights.column_start[-1]))
    scale(blocks, weights, part, per_receptor=shape.per_receptor, per_column=ones)
    first, last = weights.pair_start[part, [0, -1]]
    if shape.at_least is None or first == last:
        return
    # As far a reach gives the same pairs in the same order.
    other = build_weights(blocks, study, [shape.at_least])
    _strengthen(weights.values, int(weights.start[first]), other.values)


def _strengthen(values: Float32, start: int, other: Float32) -> None:
    """Keep the stronger of two lists of weights, in place from a start."""
    here = values[start : start + other.size]
    here[:] = np.where(np.abs(other) > np.abs(here), other, here)


def _squares_of(options: Options, names: tuple[str, ...]) -> Long:
    """Squares on which some interventions are built, ascending."""
    rows = options.interventions.index.get_indexer(pd.Index(names))
    _, part, _ = options.spread.of(np.flatnonzero(np.isin(options.intervention, rows)))
    return np.unique(options.sites.parts.square[part]).astype(np.int64)


def _parks(study: StudyArea, options: Options, settings: ExposureSettings) -> Iterator[Shape]:
    r"""Cooling by a park: that of its green in the window, or at its edge where that is more.

    Notes
    -----
    Of the same green the larger counts, never the sum; with the summer factor :math:`s`:

    .. math:: \Delta T = -s \max\left(\beta \, \Delta G,\; T_e e^{-d / 100\,m}\right)
    """
    table, cell_m = options.interventions, study.grid.cell_m
    for name, entry in table[table["edge_cooling_degc"].notna()].iterrows():
        green_m2 = float(np.nan_to_num(entry["green_m2"])) * float(entry["step"])
        if green_m2 == 0.0:
            continue
        sites = _squares_of(options, (str(name),))
        edge_m, window_m = float(entry["edge_m"]), settings.heat_window_m
        reach = max(window_m, edge_m + cell_m) / cell_m
        disc, anchor = stencil(window_m / cell_m, np.ones_like)
        window = even_columns(study, sites, disc, anchor, reach)
        cooling = settings.heat_summer_factor * float(entry["edge_cooling_degc"])
        yield Shape(
            layer=HEAT,
            used_by=(str(name),),
            columns=window,
            is_per_unit=True,
            per_receptor=_green_to_heat(study, settings),
            # the effect of a step is its green, by which the edge is divided here
            at_least=_edge(study, sites, edge_m, reach, -cooling / green_m2),
        )


def _green_to_heat(study: StudyArea, settings: ExposureSettings) -> Float:
    """Degrees per square metre of green in the window of each receptor (receptor,)."""
    people = study.receptors
    known = known_in_window(study.ground.green, study.grid, settings.heat_window_m)
    there = np.maximum(known[people.row, people.col].astype(float), 1.0)
    cooling = settings.heat_beta_degc * settings.heat_summer_factor
    return np.asarray(-cooling / (there * float(study.grid.cell_m) ** 2))


def _edge(study: StudyArea, sites: Long, edge_m: float, reach_cells: float, most: float) -> Columns:
    """Columns that are felt whole on a site and ever less beyond its edge."""
    cell_m, side = study.grid.cell_m, study.site_m // study.grid.cell_m
    anchor = int(np.ceil(edge_m / cell_m)) + 1
    offset = np.arange(-anchor, anchor + side, dtype=float)
    beyond = np.maximum(np.maximum(-0.5 - offset, offset - (side - 0.5)), 0.0)
    distance = np.hypot(beyond[:, None], beyond[None, :]) * cell_m
    felt = np.where(distance <= edge_m + 1e-9, np.exp(-distance / EDGE_DECAY_M), 0.0)
    return site_columns(study, sites, most * felt, anchor, reach_cells)


def _places(study: StudyArea, options: Options, settings: ExposureSettings) -> Iterator[Shape]:
    """Places that people walk to from nearer or farther than to a place to play."""
    reach = options.interventions["reach_m"]
    ones = np.ones(study.receptors.row.size)
    for reach_m in sorted(set(reach.dropna()) - {settings.access_reach_m}):
        names = tuple(map(str, reach.index[reach == reach_m]))
        columns = access_columns(study, _squares_of(options, names), settings, reach_m)
        yield Shape(ACCESS, names, columns, is_per_unit=True, per_receptor=ones)


def _zones(
    study: StudyArea,
    baseline: Baseline,
    options: Options,
    exposure: ExposureSettings,
    interventions: InterventionSettings,
) -> Iterator[Shape]:
    """Zones in which all streets of a square give off less."""
    table, cell_m = options.interventions, study.grid.cell_m
    for layer, figure in ((NO2, "no2_part"), (PM25, "pm25_part")):
        names = tuple(map(str, table.index[table[figure].notna()]))
        if not names:
            continue
        reach = exposure.air_reach_m / cell_m
        plume, anchor = stencil(reach, lambda d: air.road_decay(d * cell_m, exposure))
        traffic = study.streets.length_m * study.streets.flow_veh_day
        total = street_total(study, traffic, plume)
        is_near = total > 1e-9 * float(total.max(initial=0.0))
        whole = street_part(baseline, layer, study)
        part = np.divide(whole, total, out=np.zeros_like(total), where=is_near)
        across = reach + np.sqrt(2.0) * interventions.zone_m / cell_m
        columns = _zone_columns(
            study,
            _squares_of(options, names),
            traffic * _open_part(study, table),
            interventions.zone_m,
            (plume, anchor, across),
        )
        yield Shape(layer, names, columns, is_per_unit=False, per_receptor=part)


def _open_part(study: StudyArea, table: pd.DataFrame) -> Float:
    """Part of each piece of street whose traffic no plan can keep out (piece,).

    A zone acts on that part only: what a closed street no longer gives off is not saved twice.
    """
    main, local = (1.0 - _most_closed(table, kind) for kind in (MAIN, LOCAL))
    return np.where(study.streets.is_main, main, local)


def _most_closed(table: pd.DataFrame, ground: str) -> float:
    """Largest part of the traffic of a kind of street that plans can keep out.

    Measures share the metres, so the strongest takes what it may and the next what is left.
    """
    is_there = table["ground"].map(lambda kinds: ground in grounds_of(kinds)).astype(bool)
    closing = table[is_there & table["traffic_factor"].notna()]
    left, most = 1.0, 0.0
    for _, entry in closing.sort_values("traffic_factor", kind="stable").iterrows():
        metres = min(left, float(entry["capacity_share"]))
        most += metres * (1.0 - float(entry["traffic_factor"]))
        left -= metres
    return most


def _zone_columns(
    study: StudyArea,
    sites: Long,
    strength: Float,
    zone_m: float,
    effect: tuple[Float, int, float],
) -> Columns:
    """Columns that act from the cells of all streets in the square of their site."""
    square = zone_square(study, zone_m)
    column_of = np.full(int(square.max(initial=0)) + 1, -1, np.int64)
    column_of[square[sites]] = np.arange(sites.size)
    site = site_of(study, study.streets.x, study.streets.y)
    column = np.where(site >= 0, column_of[square[np.maximum(site, 0)]], -1)
    keep = np.flatnonzero(column >= 0)
    n_cell = study.grid.shape[0] * study.grid.shape[1]
    cell = street_cell(study)
    key, index = np.unique(column[keep] * n_cell + cell[keep], return_inverse=True)
    row, col = np.divmod(key % n_cell, study.grid.shape[1])
    start = np.searchsorted(key, np.arange(sites.size + 1) * n_cell)
    return Columns(
        place=sites,
        n_class=1,
        source_start=start.astype(np.int64),
        row=row.astype(np.int32),
        col=col.astype(np.int32),
        strength=np.bincount(index, strength[keep], key.size).astype(np.float32),
        stencil=effect[0].astype(np.float32),
        anchor=effect[1],
        reach_cells=effect[2],
    )
