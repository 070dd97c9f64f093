"""Blocks of receptors, and weights from columns to the receptors of each block.

Joins the labelled study area to the bare arrays of the kernels. Knows
nothing of layers or interventions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground.interventions.sites import site_shape
from evenground.kernels import count_pairs, decay_weights, list_pairs
from evenground.study import StudyArea, block_cells

Float = NDArray[np.float64]
Long = NDArray[np.int64]


@dataclass(frozen=True)
class Blocks:
    """Squares of receptors that are computed together."""

    start: Long
    """First receptor of each block, and the end (block + 1,)."""
    first_site: Float
    """Row and column of the first site of each block (block, 2)."""
    sites: int
    """Side of a block in sites."""


@dataclass(frozen=True)
class Weights:
    """Block-sparse weights of one layer."""

    pair_start: Long
    """First pair of each block (block + 1,)."""
    column: NDArray[np.int32]
    """Column of each pair (pair,)."""
    start: Long
    """First weight of each pair (pair,)."""
    values: NDArray[np.float32]
    """One weight for each receptor of the block, pair after pair (weight,)."""
    n_column: int


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
    return Blocks(start, place.astype(float), sites)


def build_weights(
    blocks: Blocks,
    study: StudyArea,
    sources: tuple[Float, Float, Float, Long],
    decay: Float,
    n_class: int,
) -> Weights:
    """Weigh the sources of every column at every receptor within reach.

    Parameters
    ----------
    sources
        x, y and strength (source,) sorted by column, and the first source of each column
        (column + 1,). Columns are the sites, once for each class.
    decay : (metre,)
        Effect by distance in whole metres; zero at the end.
    n_class
        Classes of columns on a site.
    """
    x, y, strength, source_start = sources
    used = np.diff(source_start) > 0
    place = np.where(used, np.arange(used.size), -1).astype(np.int32)
    place = place.reshape(n_class, *site_shape(study))
    reach = int(np.ceil((decay.size - 1) / study.site_m))
    count = np.empty(blocks.start.size - 1, np.int64)
    count_pairs(blocks.first_site, place, reach, blocks.sites, count)
    pair_start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    column = np.empty(pair_start[-1], np.int32)
    list_pairs(blocks.first_site, place, reach, blocks.sites, pair_start, column)
    size = np.repeat(np.diff(blocks.start), count)
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    values = np.empty(start[-1], np.float32)
    left, top = study.grid.left, study.grid.top
    decay_weights(
        (study.grid.x[study.receptors.col] - left).astype(np.float32),
        (top - study.grid.y[study.receptors.row]).astype(np.float32),
        blocks.start,
        pair_start,
        column,
        start[:-1],
        source_start,
        (x - left).astype(np.float32),
        (top - y).astype(np.float32),
        strength.astype(np.float32),
        decay.astype(np.float32),
        values,
    )
    return Weights(pair_start, column, start[:-1], values, used.size)
