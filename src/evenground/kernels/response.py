"""Compiled loops that make the response: which columns reach a block, and how strongly.

Receptors come sorted by block, a square of cells that is computed together
while it is in cache. The response of a layer is block-sparse: for each block a
list of columns (places where something may change) and for each of them one
weight per receptor of the block. Knows numbers only.
"""

import numpy as np
from numba import prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]

SUM_FLAGS = {"contract", "reassoc", "nsz", "arcp"}
"""Let the compiler vectorise sums. Missing values are gone before the kernels; the same
compiled loop runs over the same receptors in one order, so results stay the same bits."""


@compiled()
def _gap(place: int, first: int, per_block: int, place_cells: int) -> int:
    """Least distance along one axis from cells of a block to cells of a place, in cells."""
    if place < first:
        return (first - place - 1) * place_cells + 1
    if place >= first + per_block:
        return (place - first - per_block) * place_cells + 1
    return 0


@compiled()
def count_pairs(
    first_place: Long,
    column_of_place: Index,
    reach_cells: float,
    per_block: int,
    place_cells: int,
    out: Long,
) -> None:
    """Count the columns within reach of each block.

    Parameters
    ----------
    first_place : (block, 2)
        Row and column of the block's first site in the grid of sites.
    column_of_place : (class, y, x)
        Column of each site, -1 where there is none.
    reach_cells
        How far a cell is felt, in cells.
    per_block, place_cells
        Side of a block in sites, and of a site in cells.
    out : (block,)
        Written in place.
    """
    n_class, n_y, n_x = column_of_place.shape
    reach = int(np.ceil(reach_cells / place_cells)) + 1
    for b in range(first_place.shape[0]):
        y0, x0 = first_place[b, 0], first_place[b, 1]
        count = 0
        for y in range(max(0, y0 - reach), min(n_y, y0 + per_block + reach)):
            gap_y = _gap(y, y0, per_block, place_cells)
            for x in range(max(0, x0 - reach), min(n_x, x0 + per_block + reach)):
                gap_x = _gap(x, x0, per_block, place_cells)
                if gap_y * gap_y + gap_x * gap_x <= reach_cells * reach_cells:
                    for k in range(n_class):
                        if column_of_place[k, y, x] >= 0:
                            count += 1
        out[b] = count


@compiled()
def list_pairs(
    first_place: Long,
    column_of_place: Index,
    reach_cells: float,
    per_block: int,
    place_cells: int,
    start: Long,
    out: Index,
) -> None:
    """List the columns within reach of each block; see :func:`count_pairs`.

    Parameters
    ----------
    start : (block + 1,)
        Where the list of each block begins in ``out`` (pair,).
    """
    n_class, n_y, n_x = column_of_place.shape
    reach = int(np.ceil(reach_cells / place_cells)) + 1
    for b in range(first_place.shape[0]):
        y0, x0 = first_place[b, 0], first_place[b, 1]
        at = start[b]
        for y in range(max(0, y0 - reach), min(n_y, y0 + per_block + reach)):
            gap_y = _gap(y, y0, per_block, place_cells)
            for x in range(max(0, x0 - reach), min(n_x, x0 + per_block + reach)):
                gap_x = _gap(x, x0, per_block, place_cells)
                if gap_y * gap_y + gap_x * gap_x <= reach_cells * reach_cells:
                    for k in range(n_class):
                        if column_of_place[k, y, x] >= 0:
                            out[at] = column_of_place[k, y, x]
                            at += 1


@compiled(parallel=True)
def stencil_weights(
    receptor_row: Index,
    receptor_col: Index,
    block_start: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    source_start: Long,
    source_row: Index,
    source_col: Index,
    strength: Float32,
    stencil: Float32,
    anchor: int,
    out: Float32,
) -> None:
    r"""Effect of the sources of each column on each receptor of a block.

    Parameters
    ----------
    receptor_row, receptor_col : (receptor,)
        Cell of each receptor.
    block_start : (block + 1,), pair_start : (block + 1,)
        First receptor and first pair of each block.
    pair_column, weight_start : (pair,)
        Column of each pair, counted from the first column of the layer, and its first weight.
    source_start : (column + 1,)
        First source of each column.
    source_row, source_col, strength : (source,)
    stencil : (dy, dx)
        Effect of a source of strength one by the offset of the receptor from it, in cells.
    anchor
        Row and column of the stencil that belong to offset zero.
    out : (weight,)
        Written in place.

    Notes
    -----
    .. math:: w_{ij} = \sum_{s \in j} q_s \, K(r_i - r_s, c_i - c_s)
    """
    n_y, n_x = stencil.shape
    for b in prange(block_start.size - 1):
        first, last = block_start[b], block_start[b + 1]
        for pair in range(pair_start[b], pair_start[b + 1]):
            at = weight_start[pair]
            column = pair_column[pair]
            for i in range(first, last):
                total = np.float32(0.0)
                for s in range(source_start[column], source_start[column + 1]):
                    dy = receptor_row[i] - source_row[s] + anchor
                    dx = receptor_col[i] - source_col[s] + anchor
                    if 0 <= dy < n_y and 0 <= dx < n_x:
                        total += strength[s] * stencil[dy, dx]
                out[at + i - first] = total


@compiled(parallel=True)
def scale_weights(
    block_start: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    per_receptor: Float,
    per_column: Float,
    weight: Float32,
) -> None:
    """Multiply every weight in place by a factor of its receptor and one of its column."""
    for b in prange(block_start.size - 1):
        first, last = block_start[b], block_start[b + 1]
        for pair in range(pair_start[b], pair_start[b + 1]):
            at = weight_start[pair]
            factor = per_column[pair_column[pair]]
            for i in range(first, last):
                weight[at + i - first] *= np.float32(per_receptor[i] * factor)


@compiled(parallel=True, fastmath=SUM_FLAGS)
def sum_over_receptors(
    block_start: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
    value: Float,
    out: Float,
) -> None:
    """Sum weight times a value of each receptor into its columns, ``out`` (column,).

    Parameters
    ----------
    pair_start : (layer, block + 1)
        Into ``pair_column`` and ``weight_start`` (pair,). No two layers share a column.
    value : (layer, receptor)
    """
    out[:] = 0.0
    for layer in prange(pair_start.shape[0]):
        for b in range(block_start.size - 1):
            first, last = block_start[b], block_start[b + 1]
            here = value[layer, first:last]
            for pair in range(pair_start[layer, b], pair_start[layer, b + 1]):
                row = weight[weight_start[pair] : weight_start[pair] + last - first]
                total = 0.0
                for i in range(row.size):
                    total += row[i] * here[i]
                out[pair_column[pair]] += total
