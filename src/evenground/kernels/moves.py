"""Compiled loops of single moves: what each changes, and the neighbourhoods that it touches.

Moves are shared out to workers that run in parallel, each with scratch of its own. What a move
costs depends on the receptors that feel it, not on the size of the city. No flags that let the
compiler reorder are set in these. Knows numbers only.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled
from evenground.kernels.machine import prefetch
from evenground.kernels.whole import fetch

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Byte = NDArray[np.uint8]
Plan = NDArray[np.int16]

LINE = 16
"""Numbers of four bytes in a line of memory."""


@compiled()
def share_moves(
    move_start: Long,
    option: Index,
    change_start: Long,
    reach_start: Long,
    option_rows: Long,
    room: Long,
) -> None:
    """Share moves out to workers with like numbers of rows, and find what room each needs.

    Parameters
    ----------
    move_start : (move + 1,), option : (entry,)
        Options that each move sets.
    change_start, reach_start, option_rows : (option + 1,)
        First column of each option, first block that feels it, and rows of weights before it.
    room : (worker + 1, 4)
        Written in place: first move of each worker, and where its columns, blocks and rows of
        weights are listed; the last row holds the ends. Of the blocks one place is left over
        for each worker.
    """
    n_worker, n_move = room.shape[0] - 1, move_start.size - 1
    total, done, worker = n_move, 0, 0
    for e in range(option.size):
        total += option_rows[option[e] + 1] - option_rows[option[e]]
    columns, blocks, rows = 0, 0, 0
    room[0] = 0
    for m in range(n_move):
        while worker + 1 < n_worker and done * n_worker >= total * (worker + 1):
            worker += 1
            room[worker, 0], room[worker, 1] = m, columns
            room[worker, 2], room[worker, 3] = blocks + worker, rows
        done += 1
        for e in range(move_start[m], move_start[m + 1]):
            j = option[e]
            columns += change_start[j + 1] - change_start[j]
            blocks += reach_start[j + 1] - reach_start[j]
            rows += option_rows[j + 1] - option_rows[j]
            done += option_rows[j + 1] - option_rows[j]
    for rest in range(worker + 1, n_worker + 1):
        room[rest, 0], room[rest, 1] = n_move, columns
        room[rest, 2], room[rest, 3] = blocks + rest, rows


@njit(nogil=True, inline="always", error_model="numpy")
def _exchange(first: int, last: int, option: Index, amount: Plan, plan: Plan) -> None:
    """Put the amounts of some entries into a plan, and those of the plan into the entries."""
    for e in range(first, last):
        before = plan[option[e]]
        plan[option[e]] = amount[e]
        amount[e] = before


@njit(nogil=True, inline="always", error_model="numpy")
def _ask_columns(
    first: int,
    last: int,
    option: Index,
    change_start: Long,
    change_column: Index,
    column_start: Long,
    reach_start: Long,
    amounts: Float32,
    seen_column: Long,
) -> None:
    """Ask for the memory that says where the columns of some entries are described."""
    for e in range(first, last):
        for k in range(change_start[option[e]], change_start[option[e] + 1]):
            column = change_column[k]
            prefetch(column_start, column)
            prefetch(reach_start, column)
            prefetch(amounts, column)
            prefetch(seen_column, column)


@njit(nogil=True, inline="always", error_model="numpy")
def _ask_reach(
    first: int,
    last: int,
    option: Index,
    change_start: Long,
    change_column: Index,
    column_start: Long,
    column_option: Index,
    column_effect: Float32,
    column_layer: Byte,
    reach_start: Long,
    reach_block: Index,
    reach_row: Long,
) -> None:
    """Ask for the memory that describes the columns of some entries."""
    for e in range(first, last):
        for k in range(change_start[option[e]], change_start[option[e] + 1]):
            column = change_column[k]
            prefetch(column_option, column_start[column])
            prefetch(column_effect, column_start[column])
            prefetch(column_layer, column)
            for at in range(reach_start[column], reach_start[column + 1], LINE):
                prefetch(reach_block, at)
                prefetch(reach_row, at)
                prefetch(reach_row, at + LINE // 2)


@compiled(parallel=True)
def list_moves(
    room: Long,
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
    most_segments: int,
    seen_column: Long,
    seen_block: Long,
    seen_zone: Long,
    task_of: Long,
    stamp: int,
    worker_tasks: Long,
    edits: Long,
    edit_column: Index,
    edit_amount: Float32,
    tasks: Long,
    task_block: Index,
    task_layers: Index,
    task_place: Long,
    row_start: Long,
    row: Long,
    row_before: Float32,
    row_after: Float32,
    zones: Long,
    zone: Index,
    zone_start: Long,
) -> None:
    """List what each of some moves changes: columns, rows of weights by block, neighbourhoods.

    A column is summed anew over all its options in their order, as for a whole plan, since
    adding and taking away leaves rounding behind.

    Parameters
    ----------
    room : (worker + 1, 4)
        See :func:`share_moves`.
    move_start : (move + 1,), option, amount : (entry,)
        Options that each move sets, none twice, and to which amount.
    plan : (worker, option), amounts : (column,)
        Where all moves start, once for each worker; the plan is as it was when the loop ends.
    change_start : (option + 1,), change_column : (change,)
        Columns that each option changes.
    column_start : (column + 1,), column_option, column_effect : (change,)
        Options that change each column, in their order, and by how much a step.
    column_layer : (column,), reach_start : (column + 1,), reach_block, reach_row : (pair,)
        Layer of each column, blocks that feel it, and where its row of weights begins in each.
    grain : (layer,)
        See ``sum_blocks``.
    segments : (block + 1,), segment_zone : (segment,), most_segments
        First run of receptors of each block, neighbourhood of each run, and the runs of the
        block that has most.
    seen_column : (worker, column), seen_block : (worker, block), stamp
    seen_zone : (worker, neighbourhood)
        Scratch that holds numbers below ``stamp``; move ``m`` leaves ``stamp + m``.
    task_of : (worker, block)
        Scratch.
    worker_tasks : (worker, 2), edits, tasks, zones : (move, 2)
        Written in place: first of each and the end, of the tasks of each worker, and of the
        columns, tasks and neighbourhoods of each move.
    edit_column, edit_amount : (edit,), task_block, task_layers, task_place : (task,)
    zone : (place,)
        Written in place. ``task_layers`` holds, as bits, the layers that change in the block;
        ``task_place`` where the sums of the task begin, of which there is room for
        ``most_segments`` of each task.
    row_start : (task x layer + 1,), row, row_before, row_after : (change,)
        Written in place: rows of weights that change, and their amounts in grains.
    zone_start : (move + 1,)
        Written in place: neighbourhoods of all moves before, and of all.
    """
    n_layer = grain.size
    for w in prange(room.shape[0] - 1):
        own, task_at = plan[w], task_of[w]
        column_seen, block_seen, zone_seen = seen_column[w], seen_block[w], seen_zone[w]
        edit, task, place = room[w, 1], room[w, 2], room[w, 2] * most_segments
        some_zone = place
        row_start[task * n_layer] = room[w, 3]
        worker_tasks[w, 0] = task
        for m in range(room[w, 0], room[w + 1, 0]):
            first, last, mark = move_start[m], move_start[m + 1], stamp + m
            _ask_reach(
                first, last, option, change_start, change_column, column_start, column_option,
                column_effect, column_layer, reach_start, reach_block, reach_row,
            )  # fmt: skip
            if m + 1 < room[w + 1, 0]:
                _ask_columns(
                    last, move_start[m + 2], option, change_start, change_column, column_start,
                    reach_start, amounts, column_seen,
                )  # fmt: skip
            edits[m, 0], tasks[m, 0], zones[m, 0] = edit, task, some_zone
            _exchange(first, last, option, amount, own)
            for e in range(first, last):
                for k in range(change_start[option[e]], change_start[option[e] + 1]):
                    column = change_column[k]
                    if column_seen[column] == mark:
                        continue
                    column_seen[column] = mark
                    total = np.float32(0.0)
                    for at in range(column_start[column], column_start[column + 1]):
                        # without asking whether there is any, which would be guessed wrong
                        steps = own[np.uint64(column_option[at])]
                        total += column_effect[at] * np.float32(steps)
                    if total == amounts[column]:
                        continue
                    edit_column[edit] = column
                    edit_amount[edit] = total
                    edit += 1
            _exchange(first, last, option, amount, own)
            for e in range(edits[m, 0], edit):
                column = edit_column[e]
                layer = column_layer[column]
                for at in range(reach_start[column], reach_start[column + 1]):
                    b = np.uint64(reach_block[at])
                    if block_seen[b] != mark:
                        block_seen[b] = mark
                        task_at[b] = task
                        task_layers[task] = 0
                        task_block[task] = np.int32(b)
                        task_place[task] = place
                        for each in range(n_layer):
                            row_start[task * n_layer + each + 1] = 0
                        task += 1
                        place += segments[b + 1] - segments[b]
                        for s in range(segments[b], segments[b + 1]):
                            if zone_seen[segment_zone[s]] != mark:
                                zone_seen[segment_zone[s]] = mark
                                zone[some_zone] = segment_zone[s]
                                some_zone += 1
                    own_task = task_at[b]
                    task_layers[own_task] |= 1 << layer
                    row_start[own_task * n_layer + layer + 1] += 1
            # counts become first places, which move to the end of each as rows are written
            head = row_start[tasks[m, 0] * n_layer]
            for at in range(tasks[m, 0] * n_layer + 1, task * n_layer + 1):
                count = row_start[at]
                row_start[at] = head
                head += count
            for e in range(edits[m, 0], edit):
                column = edit_column[e]
                layer = column_layer[column]
                per_grain = np.float32(1.0) / grain[layer]
                before, after = amounts[column] * per_grain, edit_amount[e] * per_grain
                for at in range(reach_start[column], reach_start[column + 1]):
                    to = task_at[reach_block[at]] * n_layer + layer + 1
                    head = row_start[to]
                    row[head], row_before[head], row_after[head] = reach_row[at], before, after
                    row_start[to] = head + 1
            edits[m, 1], tasks[m, 1], zones[m, 1] = edit, task, some_zone
        worker_tasks[w, 1] = task
    zone_start[0] = 0
    for m in range(move_start.size - 1):
        zone_start[m + 1] = zone_start[m] + zones[m, 1] - zones[m, 0]


@compiled(parallel=True)
def sum_moves(
    room: Long,
    tasks: Long,
    task_block: Index,
    task_place: Long,
    moved: Float,
    zones: Long,
    listed_zone: Index,
    zone_start: Long,
    sums: Float,
    segments: Long,
    zone_segment_start: Long,
    zone_segment: Long,
    vulnerability: Float,
    place_of: Long,
    zone: Index,
    out: Float,
) -> None:
    """Add up the neighbourhoods that each move touches, anew and in the order of a whole plan.

    Parameters
    ----------
    room, tasks, task_block, task_place, zones, zone_start
        What the moves change; see :func:`list_moves`. ``listed_zone`` is ``zone`` there.
    moved : (place, channel + 1)
        Sums of the segments that are changed, the last of them the stacking.
    sums : (segment, channel + 1)
        Sums of the plan where all moves start.
    zone_segment_start : (neighbourhood + 1,), zone_segment : (segment,)
        Segments of each neighbourhood, in their order.
    vulnerability : (neighbourhood,)
        Weight of a resident in the stacking measure.
    place_of : (worker, segment)
        Scratch that holds -1.
    zone : (touched,), out : (touched, channel + 1)
        Written in place: the neighbourhoods of the moves one after the other, and their sums.
    """
    n_channel = sums.shape[1] - 1
    flat_sums = sums.reshape(-1)
    for w in prange(room.shape[0] - 1):
        at_place = place_of[w]
        for m in range(room[w, 0], room[w + 1, 0]):
            if m + 1 < room[w + 1, 0]:
                for e in range(zones[m + 1, 0], zones[m + 1, 1]):
                    then = listed_zone[e]
                    for at in range(zone_segment_start[then], zone_segment_start[then + 1]):
                        fetch(flat_sums, zone_segment[at] * (n_channel + 1), n_channel + 1, 8)
            for task in range(tasks[m, 0], tasks[m, 1]):
                b = task_block[task]
                for s in range(segments[b], segments[b + 1]):
                    at_place[s] = task_place[task] + s - segments[b]
            for e in range(zone_start[m], zone_start[m + 1]):
                touched = listed_zone[zones[m, 0] + e - zone_start[m]]
                total, weight = out[e], vulnerability[touched]
                zone[e] = touched
                for channel in range(n_channel + 1):
                    total[channel] = 0.0
                for at in range(zone_segment_start[touched], zone_segment_start[touched + 1]):
                    s = zone_segment[at]
                    each = moved[at_place[s]] if at_place[s] >= 0 else sums[s]
                    for channel in range(n_channel):
                        total[channel] += each[channel]
                    total[n_channel] += each[n_channel] * weight
            for task in range(tasks[m, 0], tasks[m, 1]):
                b = task_block[task]
                for s in range(segments[b], segments[b + 1]):
                    at_place[s] = -1
