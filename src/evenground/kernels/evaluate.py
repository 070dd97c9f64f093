"""Compiled evaluation: from what plans change to responses and stacking by neighbourhood.

Block by block of receptors, and within a block several candidates at once, so
that weights and baselines are read while they are in cache. Where a plan
changes nothing of a layer in a block, the sums of the empty plan are taken
over: the same bits, since they came from the same loops. Knows numbers only.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled
from evenground.kernels.machine import prefetch
from evenground.kernels.pointwise import (
    LEAST_ENERGY,
    VECTOR,
    cube_root,
    raise_to,
    respond,
    respond_and_sum,
    sum_runs,
    to_decibels,
)
from evenground.kernels.response import SUM_FLAGS
from evenground.kernels.whole import add_rows, change_rows, fetch, list_rows, list_used

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Bool = NDArray[np.bool_]
Byte = NDArray[np.uint8]


@njit(nogil=True, inline="always", error_model="numpy")
def _ask_weights(
    b: int,
    part: int,
    n_part: int,
    block_start: Long,
    pair_start: Long,
    weight_start: Long,
    weight: Float32,
) -> None:
    """Ask for one of some parts of the weights of a block, which lie in a row for each layer.

    So that the chunks of one block ask for those of the next one between them.
    """
    n = block_start[b + 1] - block_start[b]
    for layer in range(pair_start.shape[0]):
        pair, last = pair_start[layer, b], pair_start[layer, b + 1]
        if last > pair:
            size = (last - pair) * n // n_part + 1
            fetch(weight, weight_start[pair] + part * size, size, 16)


@njit(nogil=True, inline="always", error_model="numpy")
def _ask_block(
    task: int,
    b: int,
    change_start: Long,
    change_row: Long,
    block_start: Long,
    segments: Long,
    weight: Float32,
    residents: Float,
    neighbourhood: Index,
    baseline: Float32,
    level: Float32,
    is_energy: Bool,
    is_stacked: Bool,
    n_sum: int,
    base: Float,
    powered: Float32,
    whole: Index,
) -> None:
    """Ask for all that a move reads in a block; arrays of several dimensions are given flat."""
    left, n = block_start[b], block_start[b + 1] - block_start[b]
    fetch(residents, left, n, 8)
    prefetch(neighbourhood, left)
    fetch(base, segments[b] * n_sum, (segments[b + 1] - segments[b]) * n_sum, 8)
    n_layer = is_energy.size
    for layer in range(n_layer):
        at, place = task * n_layer + layer, layer * residents.size + left
        for change in range(change_start[at], change_start[at + 1]):
            fetch(weight, change_row[change], n, 16)
        if change_start[at + 1] > change_start[at]:
            fetch(baseline, place, n, 16)
            fetch(whole, place, n, 16)
            if is_energy[layer]:
                fetch(level, place, n, 16)
        elif is_stacked[layer]:
            fetch(powered, place, n, 16)


@compiled(parallel=True, fastmath=SUM_FLAGS)
def sum_blocks(
    worker_tasks: Long,
    task_part: Index,
    task_block: Index,
    task_lanes: Byte,
    task_layers: Index,
    task_place: Long,
    lane_place: Long,
    change_start: Long,
    change_row: Long,
    change_before: Float32,
    change_after: Float32,
    amounts: Float32,
    at_work: Byte,
    block_start: Long,
    segment_start: Long,
    segments: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
    grain: Float32,
    baseline: Float32,
    level: Float32,
    is_energy: Bool,
    residents: Float,
    neighbourhood: Index,
    channel_start: Long,
    low: Float32,
    per: Float32,
    curve_start: Long,
    curve: Float32,
    stack_factor: Float32,
    is_stacked: Bool,
    power: float,
    is_whole: bool,  # noqa: FBT001 - kernels take everything by its place
    is_kept: bool,  # noqa: FBT001
    base: Float,
    powered: Float32,
    whole: Index,
    scratch: Float32,
    scratch_whole: Index,
    scratch_people: Float,
    listed: Index,
    listed_lanes: Byte,
    listed_row: Long,
    listed_factor: Float32,
    out: Float,
) -> None:
    r"""Sum responses and stacking over the receptors of each segment of some blocks.

    The one loop through which every evaluation goes, of whole plans, of what differs from a
    parent and of single moves: so that all give the same bits.

    Parameters
    ----------
    worker_tasks : (worker, 2)
        First task of each worker, and the end. Workers run in parallel, their tasks in turn.
    task_part, task_block, task_lanes, task_layers : (task,)
        A chunk of candidates and a block, and as bits the lanes for which it is summed and the
        layers that are computed: of whole plans in any case, of moves no others.
    task_place : (task,), lane_place : (chunk, lane)
        Their sum is where in ``out`` the first segment of the block goes.
    change_start : (task x layer + 1,), change_row, change_before, change_after : (change,)
        Of moves: the rows of weights that change in each task and layer, and their amounts in
        grains in the base and after the move.
    amounts : (chunk, column, lane), at_work : (chunk, column)
        What each plan changes, and as bits the lanes that change anything; see ``find_lanes``.
    block_start : (block + 1,), pair_start : (layer, block + 1)
    segment_start : (segment + 1,), segments : (block + 1,)
        Runs of receptors of one block in one neighbourhood, and the first run of each block.
    pair_column, weight_start : (pair,), weight : (weight,)
        Block-sparse response of all layers.
    grain : (layer,)
        What one whole number is worth of a change of the state; a power of two.
    baseline, level : (layer, receptor)
        State of the empty plan, and decibels of layers that are energies.
    residents, neighbourhood : (receptor,)
    channel_start : (layer + 1,), curve_start : (channel + 1,)
        First channel of each layer and first piece of each channel.
    low, per : (channel,), curve : (piece, 5)
        See ``respond``.
    stack_factor : (channel, neighbourhood)
        Burden per unit of response, divided by the reference of its layer.
    is_stacked : (layer,)
        Layers that count in the stack.
    is_whole
        True for whole plans, of which a layer is computed as well where something of it is
        changed; false for moves, that change the base. All other layers are taken from the
        base: for whole plans the empty plan, for moves where they start.
    is_kept
        True to write what is computed into ``powered`` and ``whole``, which needs one candidate.
    base : (segment, channel + 1)
        Sums of the base.
    powered : (layer, receptor)
        Scaled burdens of the base to the power.
    whole : (layer, receptor)
        Change of the state of the base, in grains.
    scratch : (worker, lane + 4, wide), scratch_whole, scratch_people : (worker, wide)
        Room for the receptors of the largest block, up to a multiple of ``VECTOR``. Finite: some
        of it is computed with though it counts for nobody.
    listed, listed_lanes, listed_row, listed_factor : (worker, pair)
        Scratch, with room for the pairs of the block and layer that has most.
    out : (place, channel + 1)
        Written in place: sums weighted by residents, the last of them the stacking.

    Notes
    -----
    .. math:: \Phi_s = \sum_{i \in s} N_i \Big(\tfrac1K \sum_k \tilde b_{ik}^q\Big)^{1/q}
    """
    n_channel = out.shape[1] - 1
    n_layer = baseline.shape[0]
    n_lane = amounts.shape[2]
    n_stacked, stacked_layers = 0, 0
    for layer in range(n_layer):
        if is_stacked[layer]:
            n_stacked += 1
            stacked_layers |= 1 << layer
    share = np.float32(1.0 / max(n_stacked, 1))
    root, one, zero = np.float32(1.0 / power), np.float32(1.0), np.int32(0)
    flat_baseline, flat_level = baseline.reshape(-1), level.reshape(-1)
    flat_powered, flat_whole = powered.reshape(-1), whole.reshape(-1)
    flat_base, flat_amounts, flat_out = base.reshape(-1), amounts.reshape(-1), out.reshape(-1)
    n_column = amounts.shape[1]
    for worker in prange(worker_tasks.shape[0]):
        state, phi = scratch[worker, n_lane], scratch[worker, n_lane + 1]
        burden, work = scratch[worker, n_lane + 2], scratch[worker, n_lane + 3]
        used, bits = listed[worker], listed_lanes[worker]
        rows, factors = listed_row[worker], listed_factor[worker]
        moved, people = scratch_whole[worker], scratch_people[worker]
        here = ahead = worker_tasks[worker, 0]
        for task in range(worker_tasks[worker, 0], worker_tasks[worker, 1]):
            last_task = worker_tasks[worker, 1]
            if is_whole:
                if task == ahead:
                    here = task
                    while ahead < last_task and task_block[ahead] == task_block[here]:
                        ahead += 1
                if ahead < last_task:
                    _ask_weights(
                        task_block[ahead], task - here, ahead - here,
                        block_start, pair_start, weight_start, weight,
                    )  # fmt: skip
            elif task + 1 < last_task:
                _ask_block(
                    task + 1, task_block[task + 1], change_start, change_row, block_start, segments,
                    weight, residents, neighbourhood, flat_baseline, flat_level, is_energy,
                    is_stacked, n_channel + 1, flat_base, flat_powered, flat_whole,
                )  # fmt: skip
            own, working = amounts[task_part[task]], at_work[task_part[task]]
            part, b, lanes = task_part[task], task_block[task], task_lanes[task]
            first = block_start[b]
            n = block_start[b + 1] - first
            wide = (n + VECTOR - 1) // VECTOR * VECTOR
            for i in range(n):
                people[i] = residents[first + i]
            for i in range(n, wide):
                people[i] = 0.0
            is_one_run = segments[b] + 1 == segments[b + 1]
            stacks = (task_layers[task] & stacked_layers) != 0 or is_whole
            changed = 0
            # sums of the base are taken over, and written over where something is computed
            runs = (segments[b + 1] - segments[b]) * (n_channel + 1)
            same = segments[b] * (n_channel + 1)
            for k in range(n_lane):
                if (lanes >> k) & 1:
                    place = (lane_place[part, k] + task_place[task]) * (n_channel + 1)
                    for i in range(runs):
                        flat_out[place + i] = flat_base[same + i]
                if stacks:
                    stacked = scratch[worker, k]
                    for i in range(wide):
                        stacked[i] = np.float32(0.0)
            for layer in range(n_layer):
                start = baseline[layer, first : first + n]
                is_forced = (task_layers[task] >> layer) & 1 == 1
                at = task * n_layer + layer
                n_used, per_grain = 0, one
                if is_whole:
                    per_grain = one / grain[layer]
                    pair, last = pair_start[layer, b], pair_start[layer, b + 1]
                    n_used = list_used(pair, last, pair_column, working, used, bits)
                    for at_used in range(n_used):
                        column = pair_column[np.uint64(used[at_used])]
                        prefetch(flat_amounts, (part * n_column + column) * n_lane)
                for k in range(n_lane):
                    if not (lanes >> k) & 1:
                        continue
                    place = lane_place[part, k] + task_place[task] - segments[b]
                    stacked = scratch[worker, k]
                    count = 0
                    if is_whole:
                        count = list_rows(
                            used,
                            bits,
                            n_used,
                            pair_column,
                            weight_start,
                            own,
                            k,
                            per_grain,
                            rows,
                            factors,
                        )
                    if count == 0 and not is_forced:
                        if stacks and is_stacked[layer]:
                            so_far = powered[layer, first : first + n]
                            for i in range(n):
                                stacked[i] += so_far[i]
                        continue
                    same_whole = whole[layer, first : first + n]
                    for i in range(n):
                        moved[i] = zero if is_whole else same_whole[i]
                    if is_whole:
                        add_rows(weight, rows, factors, count, moved, n)
                    else:
                        change_rows(
                            weight,
                            change_start[at],
                            change_start[at + 1],
                            change_row,
                            change_before,
                            change_after,
                            moved,
                            n,
                        )
                    worth = grain[layer]
                    for i in range(n):
                        state[i] = start[i] + worth * np.float32(moved[i])
                    for i in range(wide):
                        burden[i] = np.float32(0.0)
                    if is_kept:
                        for i in range(n):
                            same_whole[i] = moved[i]
                    if is_energy[layer]:
                        height = level[layer, first : first + n]
                        to_decibels(state, height, phi, work.view(np.int32), n, wide)
                    for channel in range(channel_start[layer], channel_start[layer + 1]):
                        pieces = curve[curve_start[channel] : curve_start[channel + 1]]
                        if is_one_run and pieces.shape[0] == 1:
                            factor = stack_factor[channel, neighbourhood[first]]
                            out[place + segments[b], channel] = respond_and_sum(
                                state, low[channel], per[channel], pieces, people, factor, burden,
                                wide,
                            )  # fmt: skip
                            continue
                        respond(state, low[channel], per[channel], pieces, phi, wide)
                        sum_runs(
                            phi, people, b, segments, segment_start, first, wide,
                            out, place, channel,
                        )  # fmt: skip
                        for s in range(segments[b], segments[b + 1]):
                            left, right = segment_start[s] - first, segment_start[s + 1] - first
                            # slices from nought, since loops over other bounds do not vectorise
                            some, borne = phi[left:right], burden[left:right]
                            factor = stack_factor[channel, neighbourhood[first + left]]
                            for i in range(some.size):
                                borne[i] += factor * some[i]
                    if is_stacked[layer]:
                        changed |= 1 << k
                        raise_to(burden, power, wide)
                        for i in range(wide):
                            stacked[i] += burden[i]
                        if is_kept:
                            for i in range(n):
                                powered[layer, first + i] = burden[i]
            for k in range(n_lane):
                if not (lanes & changed) >> k & 1:
                    continue
                place = lane_place[part, k] + task_place[task] - segments[b]
                stacked = scratch[worker, k]
                for i in range(wide):
                    stacked[i] *= share
                if power == 3.0:
                    cube_root(stacked, work, wide)
                else:
                    for i in range(wide):
                        stacked[i] = stacked[i] ** root
                sum_runs(
                    stacked, people, b, segments, segment_start, first, wide,
                    out, place, n_channel,
                )  # fmt: skip


@compiled(parallel=True)
def layer_states(
    amounts: Float32,
    block_start: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
    baseline: Float32,
    out: Float32,
) -> None:
    """State of every layer at every receptor for one plan, ``out`` (layer, receptor).

    Parameters
    ----------
    amounts : (column,)
    pair_start : (layer, block + 1)
        Into ``pair_column`` and ``weight_start`` (pair,).
    baseline : (layer, receptor)
    """
    for b in prange(block_start.size - 1):
        first, last = block_start[b], block_start[b + 1]
        for layer in range(baseline.shape[0]):
            state = out[layer, first:last]
            state[:] = baseline[layer, first:last]
            for pair in range(pair_start[layer, b], pair_start[layer, b + 1]):
                u = amounts[pair_column[pair]]
                if u != 0.0:
                    at = weight_start[pair]
                    for i in range(last - first):
                        state[i] += weight[at + i] * u


@compiled(parallel=True)
def to_exposure(state: Float32, level: Float32, is_energy: Bool, out: Float32) -> None:
    """Turn states into exposures: energy ratios become decibels, all else stays.

    Parameters
    ----------
    state, level, out : (layer, receptor)
        ``level`` is the baseline in dB of layers that are energies.
    is_energy : (layer,)
    """
    for layer in range(state.shape[0]):
        for i in prange(state.shape[1]):
            if is_energy[layer]:
                ratio = max(state[layer, i], LEAST_ENERGY)
                out[layer, i] = level[layer, i] + np.float32(10.0) * np.log10(ratio)
            else:
                out[layer, i] = state[layer, i]
