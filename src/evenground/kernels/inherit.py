"""Compiled loops of what stays the same: which blocks a change reaches, and sums put together.

A plan keeps the sums of every segment, a run of receptors of one block and one
neighbourhood. Sums of neighbourhoods are always added up from them in one
order, so that a plan of which a few blocks were summed anew has the same bits
as one that was summed whole. No flags that let the compiler reorder are set
in these. Knows numbers only.
"""

import numpy as np
from numba import prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Byte = NDArray[np.uint8]
Plan = NDArray[np.int16]


@compiled(parallel=True)
def sum_segments(
    slot: Long,
    sums: Float,
    segment_zone: Index,
    vulnerability: Float,
    total: Float,
    stacking: Float,
) -> None:
    """Add the sums of segments up to those of neighbourhoods, segment by segment.

    Parameters
    ----------
    slot : (candidate,)
        Row of each candidate in ``sums`` (slot, segment, channel + 1), the last of which is
        the stacking.
    segment_zone : (segment,)
        Neighbourhood of each segment.
    vulnerability : (neighbourhood,)
        Weight 1 + lambda v of a resident in the stacking measure.
    total : (candidate, channel, neighbourhood), stacking : (candidate, neighbourhood)
        Written in place.
    """
    n_channel = total.shape[1]
    for c in prange(slot.size):
        total[c, :n_channel, :] = 0.0
        stacking[c, :] = 0.0
        for s in range(segment_zone.size):
            zone = segment_zone[s]
            for channel in range(n_channel):
                total[c, channel, zone] += sums[slot[c], s, channel]
            stacking[c, zone] += sums[slot[c], s, n_channel] * vulnerability[zone]


@compiled()
def reach_of_options(
    change_start: Long,
    change_column: Index,
    reach_start: Long,
    reach_block: Index,
    place_of: Long,
    start: Long,
    block: Index,
) -> None:
    """List the blocks that feel each option, each once; counts only where there is no room.

    Parameters
    ----------
    change_start : (option + 1,), change_column : (change,)
        Columns that each option changes.
    reach_start : (column + 1,), reach_block : (pair,)
        Blocks that feel each column.
    place_of : (block,)
        Scratch.
    start : (option + 1,), block : (place,)
        Written in place: first block of each option, and the blocks.
    """
    place_of[:] = -1
    start[0] = 0
    count = 0
    for j in range(change_start.size - 1):
        for k in range(change_start[j], change_start[j + 1]):
            column = change_column[k]
            for at in range(reach_start[column], reach_start[column + 1]):
                b = reach_block[at]
                if place_of[b] < start[j]:
                    place_of[b] = count
                    if block.size > 0:
                        block[count] = b
                    count += 1
        start[j + 1] = count


@compiled(parallel=True)
def inherit_sums(
    slot: Long,
    parent: Long,
    plans: Plan,
    reach_start: Long,
    reach_block: Index,
    segments: Long,
    most_differing: int,
    differs: Byte,
    sums: Float,
    task_count: Long,
    task_block: Index,
    task_lanes: Byte,
) -> None:
    """Copy the sums of the blocks in which a child equals a parent, and list all other blocks.

    Parameters
    ----------
    slot : (candidate,), parent : (candidate, 2)
        Row of each child and of its parents in ``plans`` (slot, option) and ``sums``; -1 for
        a parent that is not there.
    reach_start : (option + 1,), reach_block : (place,)
        Blocks that feel each option.
    segments : (block + 1,)
        First segment of each block.
    most_differing
        Blocks in which a child may differ from a parent. Beyond it nothing is taken over
        from that parent: to find the rest would take longer than to sum it anew.
    differs : (candidate, 2, block)
        Scratch: one where a child differs from its parent.
    sums : (slot, segment, channel + 1)
        Rows of the children are written where they are taken over.
    task_count : (chunk,), task_block, task_lanes : (chunk, block)
        Written in place: blocks to sum anew, and for which lanes, as bits. Candidate ``c`` is
        lane ``c % n_lane`` of chunk ``c // n_lane``, of eight lanes.
    """
    n_lane = 8
    n_block = segments.size - 1
    for part in prange(task_count.size):
        first, last = part * n_lane, min(slot.size, (part + 1) * n_lane)
        for c in range(first, last):
            for side in range(2):
                other = parent[c, side]
                for b in range(n_block):
                    differs[c, side, b] = other < 0
                differing = 0
                j = 0 if other >= 0 else plans.shape[1]
                while j < plans.shape[1] and differing <= most_differing:
                    if plans[slot[c], j] != plans[other, j]:
                        for at in range(reach_start[j], reach_start[j + 1]):
                            differing += 1 - differs[c, side, reach_block[at]]
                            differs[c, side, reach_block[at]] = 1
                    j += 1
                if differing > most_differing:
                    for b in range(n_block):
                        differs[c, side, b] = 1
        count = 0
        for b in range(n_block):
            lanes = 0
            for c in range(first, last):
                if differs[c, 0, b] and differs[c, 1, b]:
                    lanes |= 1 << (c - first)
                    continue
                other = parent[c, 1] if differs[c, 0, b] else parent[c, 0]
                for s in range(segments[b], segments[b + 1]):
                    for channel in range(sums.shape[2]):
                        sums[slot[c], s, channel] = sums[other, s, channel]
            if lanes:
                task_block[part, count] = b
                task_lanes[part, count] = lanes
                count += 1
        task_count[part] = count
