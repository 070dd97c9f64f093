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


@compiled()
def list_moves(
    move_start: Long,
    option: Index,
    amount: Plan,
    plan: Plan,
    amounts: Float32,
    change_start: Long,
    change_column: Index,
    column_start: Long,
    column_option: Index,
    column_effect: Float32,
    column_layer: Byte,
    reach_start: Long,
    reach_block: Index,
    reach_row: Long,
    grain: Float32,
    segments: Long,
    segment_zone: Index,
    seen_column: Long,
    seen_block: Long,
    seen_zone: Long,
    task_of: Long,
    stamp: int,
    edit_start: Long,
    edit_column: Index,
    edit_amount: Float32,
    task_start: Long,
    task_block: Index,
    task_layers: Index,
    task_place: Long,
    row_start: Long,
    row: Long,
    row_before: Float32,
    row_after: Float32,
    zone_start: Long,
    zone: Index,
) -> None:
    """List what each of some moves changes: columns, rows of weights by block, neighbourhoods.

    A column is summed anew over all its options in their order, as for a whole plan, since
    adding and taking away leaves rounding behind. Cost does not grow with the city.

    Parameters
    ----------
    move_start : (move + 1,), option, amount : (entry,)
        Options that each move sets, none twice, and to which amount.
    plan : (option,), amounts : (column,)
        Where all moves start; the plan is as it was when the loop ends.
    change_start, change_column
        See :func:`reach_of_options`.
    segments, segment_zone
        See :func:`inherit_sums` and :func:`sum_segments`.
    column_start : (column + 1,), column_option, column_effect : (change,)
        Options that change each column, in their order, and by how much a step.
    column_layer : (column,), reach_start : (column + 1,), reach_block, reach_row : (pair,)
        Layer of each column, blocks that feel it, and where its row of weights begins in each.
    grain : (layer,)
        See ``sum_blocks``.
    seen_column : (column,), seen_block : (block,), seen_zone : (neighbourhood,), stamp
        Scratch that holds numbers below ``stamp``; move ``m`` leaves ``stamp + m``.
    task_of : (block,)
        Scratch.
    edit_start, task_start, zone_start : (move + 1,), edit_column, edit_amount : (edit,)
    task_block, task_layers, task_place : (task,), zone : (place,)
        Written in place. ``task_layers`` holds, as bits, the layers that change in the block.
        ``task_place`` is where the sums of the task begin, and has one entry
        more than there are tasks.
    row_start : (task x layer + 1,), row, row_before, row_after : (change,)
        Written in place: rows of weights that change, and their amounts in grains.
    """
    n_layer = grain.size
    edits, tasks, places, zones = 0, 0, 0, 0
    edit_start[0] = task_start[0] = zone_start[0] = row_start[0] = 0
    for m in range(move_start.size - 1):
        for e in range(move_start[m], move_start[m + 1]):
            before = plan[option[e]]
            plan[option[e]] = amount[e]
            amount[e] = before
        for e in range(move_start[m], move_start[m + 1]):
            for k in range(change_start[option[e]], change_start[option[e] + 1]):
                column = change_column[k]
                if seen_column[column] == stamp + m:
                    continue
                seen_column[column] = stamp + m
                total = np.float32(0.0)
                for at in range(column_start[column], column_start[column + 1]):
                    steps = plan[column_option[at]]
                    if steps != 0:
                        total += column_effect[at] * np.float32(steps)
                if total == amounts[column]:
                    continue
                edit_column[edits] = column
                edit_amount[edits] = total
                edits += 1
        for e in range(move_start[m], move_start[m + 1]):
            before = plan[option[e]]
            plan[option[e]] = amount[e]
            amount[e] = before
        for e in range(edit_start[m], edits):
            layer = column_layer[edit_column[e]]
            for at in range(reach_start[edit_column[e]], reach_start[edit_column[e] + 1]):
                b = reach_block[at]
                if seen_block[b] != stamp + m:
                    seen_block[b] = stamp + m
                    task_of[b] = tasks
                    task_layers[tasks] = 0
                    task_block[tasks] = b
                    task_place[tasks] = places
                    for each in range(n_layer):
                        row_start[tasks * n_layer + each + 1] = 0
                    tasks += 1
                    places += segments[b + 1] - segments[b]
                    for s in range(segments[b], segments[b + 1]):
                        if seen_zone[segment_zone[s]] != stamp + m:
                            seen_zone[segment_zone[s]] = stamp + m
                            zone[zones] = segment_zone[s]
                            zones += 1
                task_layers[task_of[b]] |= 1 << layer
                row_start[task_of[b] * n_layer + layer + 1] += 1
        # counts become first places, which move to the end of each as rows are written
        head = row_start[task_start[m] * n_layer]
        for at in range(task_start[m] * n_layer + 1, tasks * n_layer + 1):
            count = row_start[at]
            row_start[at] = head
            head += count
        for e in range(edit_start[m], edits):
            column = edit_column[e]
            layer = column_layer[column]
            per_grain = np.float32(1.0) / grain[layer]
            for at in range(reach_start[column], reach_start[column + 1]):
                to = task_of[reach_block[at]] * n_layer + layer + 1
                row[row_start[to]] = reach_row[at]
                row_before[row_start[to]] = amounts[column] * per_grain
                row_after[row_start[to]] = edit_amount[e] * per_grain
                row_start[to] += 1
        edit_start[m + 1], task_start[m + 1], zone_start[m + 1] = edits, tasks, zones
    task_place[tasks] = places


@compiled()
def sum_moves(
    task_start: Long,
    task_block: Index,
    task_place: Long,
    moved: Float,
    zone_start: Long,
    zone: Index,
    sums: Float,
    segments: Long,
    zone_segment_start: Long,
    zone_segment: Long,
    vulnerability: Float,
    place_of: Long,
    out: Float,
) -> None:
    """Add up the neighbourhoods that each move touches, anew and in the order of a whole plan.

    Parameters
    ----------
    task_start, task_block, task_place, zone_start, zone
        What the moves change; see :func:`list_moves`.
    moved : (place, channel + 1)
        Sums of the segments that are changed, the last of them the stacking.
    sums : (segment, channel + 1)
        Sums of the plan where all moves start.
    zone_segment_start : (neighbourhood + 1,), zone_segment : (segment,)
        Segments of each neighbourhood, in their order.
    place_of : (segment,)
        Scratch that holds -1.
    out : (touched, channel + 1)
        Written in place, along ``zone``.
    """
    n_channel = sums.shape[1] - 1
    for m in range(task_start.size - 1):
        for task in range(task_start[m], task_start[m + 1]):
            b = task_block[task]
            for s in range(segments[b], segments[b + 1]):
                place_of[s] = task_place[task] + s - segments[b]
        for e in range(zone_start[m], zone_start[m + 1]):
            weight = vulnerability[zone[e]]
            out[e, :] = 0.0
            for at in range(zone_segment_start[zone[e]], zone_segment_start[zone[e] + 1]):
                s = zone_segment[at]
                row = moved[place_of[s]] if place_of[s] >= 0 else sums[s]
                for channel in range(n_channel):
                    out[e, channel] += row[channel]
                out[e, n_channel] += row[n_channel] * weight
        for task in range(task_start[m], task_start[m + 1]):
            b = task_block[task]
            for s in range(segments[b], segments[b + 1]):
                place_of[s] = -1
