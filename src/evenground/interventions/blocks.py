"""Blocks of receptors, and weights from columns to the receptors of each block.

Joins the labelled study area to the bare arrays of the kernels. Knows nothing
of layers' meaning or of interventions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenground.interventions.sites import site_shape
from evenground.kernels import count_pairs, list_pairs, scale_weights, stencil_weights
from evenground.study import StudyArea, block_cells

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]


@dataclass(frozen=True)
class Blocks:
    """Squares of receptors that are computed together."""

    start: Long
    """First receptor of each block, and the end (block + 1,)."""
    first_site: Long
    """Row and column of the first site of each block (block, 2)."""
    sites: int
    """Side of a block in sites."""


@dataclass(frozen=True)
class Columns:
    """Places of one layer at which plans act, and how a place is felt around it."""

    place: NDArray[np.int64]
    """Class times the number of sites, plus the site (column,), ascending."""
    n_class: int
    source_start: Long
    """First source of each column (column + 1,)."""
    row: Index
    """Cell of each source (source,), as are the next two."""
    col: Index
    strength: Float32
    stencil: Float32
    """Effect of a source of strength one by the offset of the receptor from it (dy, dx)."""
    anchor: int
    """Row and column of the stencil for offset zero."""
    reach_cells: float
    """How far a cell is felt, in cells."""


@dataclass(frozen=True)
class Weights:
    """Block-sparse weights of all layers."""

    pair_start: Long
    """First pair of each block (layer, block + 1)."""
    column: Index
    """Column of each pair (pair,), counted over all layers."""
    start: Long
    """First weight of each pair (pair,)."""
    values: Float32
    """One weight for each receptor of the block, pair after pair (weight,)."""
    column_start: Long
    """First column of each layer, and the end (layer + 1,)."""


def build_blocks(study: StudyArea) -> Blocks:
    """Find the blocks in which the receptors are sorted."""
    side = block_cells(study.grid, study.site_m)
    across = -(-study.grid.shape[1] // side)
    receptors = study.receptors
    block = (receptors.row.astype(np.int64) // side) * across + receptors.col // side
    first = np.flatnonzero(np.diff(block, prepend=-1))
    sites = side * study.grid.cell_m // study.site_m
    place = np.column_stack(np.divmod(block[first], across)) * sites
    start = np.append(first, block.size).astype(np.int64)
    return Blocks(start, np.ascontiguousarray(place, np.int64), sites)


def stencil(reach_cells: float, effect: Callable[[Float], Float]) -> tuple[Float, int]:
    """Tabulate the effect of a cell on the cells around it; zero beyond the reach.

    Parameters
    ----------
    effect
        From distance between cell centres, in cells, to effect.

    Returns
    -------
    (dy, dx), and the row and column of offset zero.
    """
    reach = int(np.floor(reach_cells + 1e-9))
    offset = np.arange(-reach, reach + 1, dtype=float)
    distance = np.hypot(offset[:, None], offset[None, :])
    inside = distance <= reach_cells + 1e-9
    return np.where(inside, effect(np.where(inside, distance, 0.0)), 0.0), reach


def build_weights(blocks: Blocks, study: StudyArea, layers: Sequence[Columns]) -> Weights:
    """Weigh the columns of every layer at every receptor within reach."""
    pairs = [_pair_start(blocks, study, layer) for layer in layers]
    before = np.cumsum([0, *(start[-1] for start in pairs)])
    pair_start = np.stack([start + first for start, first in zip(pairs, before, strict=False)])
    size = np.diff(blocks.start)
    per_pair = np.concatenate([np.repeat(size, np.diff(start)) for start in pairs])
    start = np.concatenate([[0], np.cumsum(per_pair)]).astype(np.int64)
    column = np.empty(per_pair.size, np.int32)
    values = np.empty(int(start[-1]), np.float32)
    column_start = np.cumsum([0, *(layer.place.size for layer in layers)]).astype(np.int64)
    for k, layer in enumerate(layers):
        _list(blocks, study, layer, pair_start[k], column)
        _weigh(blocks, study, layer, (pair_start[k], column, start), values)
        column[before[k] : before[k + 1]] += np.int32(column_start[k])
    return Weights(np.ascontiguousarray(pair_start), column, start[:-1], values, column_start)


def join_layers(weights: Weights, layer_of: Sequence[int], n_layer: int) -> Weights:
    """Put the pairs of parts that act on one layer together; weights stay where they are.

    Parameters
    ----------
    layer_of
        Layer of each part that the weights were built for, in the same order.

    Returns
    -------
    Weights with ``pair_start`` by layer and ``column_start`` by part.
    """
    per_block = np.diff(weights.pair_start, axis=1)
    n_block = per_block.shape[1]
    at = np.concatenate(
        [
            np.repeat(layer * n_block + np.arange(n_block), count)
            for layer, count in zip(layer_of, per_block, strict=True)
        ]
    )
    order = np.argsort(at, kind="stable")
    start = np.searchsorted(at[order], np.arange(n_layer * n_block + 1)).astype(np.int64)
    rows = np.arange(n_layer)[:, None] * n_block + np.arange(n_block + 1)
    return replace(
        weights,
        pair_start=np.ascontiguousarray(start[rows]),
        column=weights.column[order],
        start=weights.start[order],
    )


def _column_of_place(study: StudyArea, layer: Columns) -> Index:
    """Column of every site and class (class, y, x), -1 where there is none."""
    shape = site_shape(study)
    out = np.full(layer.n_class * shape[0] * shape[1], -1, np.int32)
    out[layer.place] = np.arange(layer.place.size)
    return out.reshape(layer.n_class, *shape)


def _pair_start(blocks: Blocks, study: StudyArea, layer: Columns) -> Long:
    """First pair of each block, counted from zero (block + 1,)."""
    count = np.empty(blocks.start.size - 1, np.int64)
    count_pairs(
        blocks.first_site,
        _column_of_place(study, layer),
        layer.reach_cells,
        blocks.sites,
        study.site_m // study.grid.cell_m,
        count,
    )
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int64)


def _list(
    blocks: Blocks, study: StudyArea, layer: Columns, pair_start: Long, column: Index
) -> None:
    """Write the columns of each block in place, counted from the first of the layer."""
    list_pairs(
        blocks.first_site,
        _column_of_place(study, layer),
        layer.reach_cells,
        blocks.sites,
        study.site_m // study.grid.cell_m,
        np.ascontiguousarray(pair_start),
        column,
    )


def _weigh(
    blocks: Blocks,
    study: StudyArea,
    layer: Columns,
    pairs: tuple[Long, Index, Long],
    values: Float32,
) -> None:
    """Write the weights of one layer in place."""
    pair_start, column, start = pairs
    stencil_weights(
        study.receptors.row,
        study.receptors.col,
        blocks.start,
        np.ascontiguousarray(pair_start),
        column,
        start,
        layer.source_start,
        layer.row,
        layer.col,
        layer.strength,
        layer.stencil,
        layer.anchor,
        values,
    )


def scale(
    blocks: Blocks, weights: Weights, layer: int, *, per_receptor: Float, per_column: Float
) -> None:
    """Multiply the weights of one layer in place.

    Parameters
    ----------
    per_receptor : (receptor,)
    per_column : (column,)
        Columns of all layers; those of others are not looked at.
    """
    scale_weights(
        blocks.start,
        weights.pair_start[layer],
        weights.column,
        weights.start,
        per_receptor,
        per_column,
        weights.values,
    )
