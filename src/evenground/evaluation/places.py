"""Where sums over receptors go: segments, and columns by the neighbourhoods that feel them.

Made once from the response. Knows nothing of plans or scores.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evenground.interventions import Response

Index = NDArray[np.int32]
Long = NDArray[np.int64]

CHUNKS = 32
"""Parts of the city that threads share out when they derive. Fixed, so that results are too."""


@dataclass(frozen=True)
class Segments:
    """Runs of receptors of one block in one neighbourhood: the grain of what a plan keeps."""

    start: Long
    """First receptor of each segment, and the end (segment + 1,)."""
    of_block: Long
    """First segment of each block, and the end (block + 1,)."""
    zone: Index
    """Neighbourhood of each segment (segment,)."""
    zone_start: Long
    """First entry of each neighbourhood in ``by_zone`` (neighbourhood + 1,)."""
    by_zone: Long
    """Segments of each neighbourhood, in their order (segment,)."""


@dataclass(frozen=True)
class Places:
    """One place for each column and neighbourhood of a chunk of blocks; see ``place_slopes``."""

    chunk_start: Long
    """First block of each chunk (chunk + 1,)."""
    start: Long
    """First place of each layer in each chunk, and the end (layer x chunk + 1,)."""
    zone: Index
    """Neighbourhood of each place (place,)."""
    column_start: Long
    """First entry of each column in ``by_column`` (column + 1,)."""
    by_column: Index
    """Places of each column, in their order (place,)."""
    entry_start: Long
    """First entry of each layer and block (layer, block)."""
    of_entry: Index
    """Place of each run of each pair, from the first of its layer and chunk on (entry,)."""


def build_places(response: Response, segments: Segments) -> Places:
    """Share blocks out to chunks of like weight, and list what is felt where in each."""
    pair_start, block = response.weights.pair_start, response.blocks.start
    n_zone, count = int(segments.zone.max(initial=0)) + 1, np.diff(segments.of_block)
    per_block = np.diff(pair_start, axis=1)
    before = np.concatenate([[0], np.cumsum(np.diff(block) * per_block.sum(axis=0))])
    chunk_start = np.searchsorted(before, np.linspace(0, before[-1], CHUNKS + 1))
    chunk_start[0], chunk_start[-1] = 0, count.size
    entries = (per_block * count).ravel()
    entry_start = np.concatenate([[0], np.cumsum(entries)])[:-1].reshape(per_block.shape)
    found, of_entry = [], [np.zeros(0, np.int32)]
    for layer, starts in enumerate(pair_start):
        for first, last in pairwise(chunk_start):
            column = response.weights.column[starts[first] : starts[last]].astype(np.int64)
            of_pair = np.repeat(np.arange(first, last), per_block[layer, first:last])
            runs = count[of_pair]
            run = np.arange(runs.sum()) - np.repeat(np.cumsum(runs) - runs, runs)
            zone = segments.zone[np.repeat(segments.of_block[of_pair], runs) + run]
            key, place = np.unique(np.repeat(column, runs) * n_zone + zone, return_inverse=True)
            found.append(key)
            of_entry.append(place.astype(np.int32))
    start = np.concatenate([[0], np.cumsum([key.size for key in found])])
    column, zone = np.divmod(np.concatenate([*found, np.zeros(0, np.int64)]), n_zone)
    by_column = np.argsort(column, kind="stable")
    return Places(
        chunk_start.astype(np.int64),
        start.astype(np.int64),
        zone.astype(np.int32),
        np.searchsorted(column[by_column], np.arange(response.n_column + 1)).astype(np.int64),
        by_column.astype(np.int32),
        entry_start.astype(np.int64),
        np.concatenate(of_entry),
    )
