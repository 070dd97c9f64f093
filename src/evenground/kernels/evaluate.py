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
from evenground.kernels.response import SUM_FLAGS

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Bool = NDArray[np.bool_]
Byte = NDArray[np.uint8]

LEAST_ENERGY = np.float32(1e-6)
"""Share of the energy of today below which silence is not told apart."""
DB_PER_LN = np.float32(10.0 / np.log(10.0))
LN_2 = np.float32(np.log(2.0))
ROOT_HALF_BITS = np.int32(0x3F3504F3)
"""The square root of a half as the bits of a float32."""


@njit(nogil=True, inline="always", error_model="numpy")
def _to_decibels(ratio: Float32, level: Float32, work: Float32, power: Index, n: int) -> None:
    """Turn energy ratios into decibels in place, in loops that vectorise.

    To 4e-7 dB within 3 dB of today, to 1e-5 dB at the 60 dB below which nothing is heard.

    The library's logarithm is called one by one and takes as long as all the rest. Here
    the exponent is read from the bits, and the logarithm of what is left, between the
    root of a half and that of two, is a polynomial (Cephes).
    """
    bits = work.view(np.int32)
    for i in range(n):
        work[i] = max(ratio[i], LEAST_ENERGY)
    for i in range(n):
        power[i] = (bits[i] - ROOT_HALF_BITS) >> np.int32(23)
        bits[i] = bits[i] - (power[i] << np.int32(23))
    for i in range(n):
        t = work[i] - np.float32(1.0)
        p = np.float32(7.0376836292e-2)
        p = p * t - np.float32(1.1514610310e-1)
        p = p * t + np.float32(1.1676998740e-1)
        p = p * t - np.float32(1.2420140846e-1)
        p = p * t + np.float32(1.4249322787e-1)
        p = p * t - np.float32(1.6668057665e-1)
        p = p * t + np.float32(2.0000714765e-1)
        p = p * t - np.float32(2.4999993993e-1)
        p = p * t + np.float32(3.3333331174e-1)
        log = t - np.float32(0.5) * t * t + t * t * t * p
        ratio[i] = level[i] + DB_PER_LN * (np.float32(power[i]) * LN_2 + log)


@njit(nogil=True, inline="always", error_model="numpy")
def _cube_root(value: Float32, work: Float32, n: int) -> None:
    """Take the cube root of the first ``n`` values in place, to 2e-7, in loops that vectorise.

    A third of the exponent, taken from the bits as a number, then three steps of Newton.
    """
    bits, guess = value.view(np.int32), work.view(np.int32)
    third, three = np.float32(1.0 / 3.0), np.float32(3.0)
    for i in range(n):
        guess[i] = np.int32(np.float32(bits[i]) * third) + np.int32(709921077)
    for i in range(n):
        x, y = value[i], work[i]
        y -= (y * y * y - x) / (three * y * y)
        y -= (y * y * y - x) / (three * y * y)
        y -= (y * y * y - x) / (three * y * y)
        value[i] = y


@njit(nogil=True, inline="always", error_model="numpy")
def _respond(
    exposure: Float32,
    low: np.float32,
    per: np.float32,
    curve: Float32,
    out: Float32,
    n: int,
) -> None:
    """Response of each exposure, by pieces of a polynomial; flat outside its range.

    Parameters
    ----------
    exposure, out : (receptor,)
    low, per
        Exposure where the first piece starts, and one over the width of all pieces.
    curve : (piece, 5)
        Coefficients from the constant up, of the place within the piece (0-1).
    """
    n_piece = curve.shape[0]
    one, zero = np.float32(1.0), np.float32(0.0)
    if n_piece == 1:
        c0, c1, c2, c3, c4 = curve[0, 0], curve[0, 1], curve[0, 2], curve[0, 3], curve[0, 4]
        for i in range(n):
            x = min(max((exposure[i] - low) * per, zero), one)
            out[i] = c0 + x * (c1 + x * (c2 + x * (c3 + x * c4)))
    else:
        whole, last = np.float32(n_piece), np.float32(n_piece - 1)
        for i in range(n):
            x = min(max((exposure[i] - low) * per, zero), one) * whole
            k = int(min(x, last))
            x -= np.float32(k)
            c = curve[k]
            out[i] = c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * c[4])))


@compiled(parallel=True, fastmath=SUM_FLAGS)
def sum_blocks(
    job_start: Long,
    edit_start: Long,
    edit_column: Index,
    edit_amount: Float32,
    task_start: Long,
    task_end: Long,
    task_block: Index,
    task_lanes: Byte,
    task_layers: Index,
    task_place: Long,
    lane_place: Long,
    amounts: Float32,
    is_active: Bool,
    block_start: Long,
    segment_start: Long,
    segments: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
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
    scratch: Float32,
    touched: Bool,
    out: Float,
) -> None:
    r"""Sum responses and stacking over the receptors of each segment of some blocks.

    The one loop through which every evaluation goes, of whole plans, of what differs from a
    parent and of single moves: so that all give the same bits.

    Parameters
    ----------
    job_start : (chunk + 1,)
        First job of each chunk. Chunks run in parallel, the jobs of a chunk in turn.
    edit_start : (job + 1,), edit_column, edit_amount : (edit,)
        Amounts that a job puts in the place of those of lane 0, and takes away again at its end.
    task_start, task_end : (job,), task_block, task_lanes, task_layers : (task,)
        Tasks of each job: a block, and as bits the lanes for which it is summed and the layers
        that are computed in any case.
    task_place : (task,), lane_place : (chunk, lane)
        Their sum is where in ``out`` the first segment of the block goes.
    amounts : (chunk, column, lane)
        What each plan changes.
    is_active : (chunk, column)
        False where no lane of the chunk changes the column.
    block_start : (block + 1,), pair_start : (layer, block + 1)
    segment_start : (segment + 1,), segments : (block + 1,)
        Runs of receptors of one block in one neighbourhood, and the first run of each block.
    pair_column, weight_start : (pair,), weight : (weight,)
        Block-sparse response of all layers.
    baseline, level : (layer, receptor)
        State of the empty plan, and decibels of layers that are energies.
    residents, neighbourhood : (receptor,)
    channel_start : (layer + 1,), curve_start : (channel + 1,)
        First channel of each layer and first piece of each channel.
    low, per : (channel,), curve : (piece, 5)
        See ``_respond``.
    stack_factor : (channel, neighbourhood)
        Burden per unit of response, divided by the reference of its layer.
    is_stacked : (layer,)
        Layers that count in the stack.
    is_whole
        True to compute a layer as well where a plan changes something of it. All other layers
        are taken from the base: for whole plans the empty plan, for moves where they start.
    is_kept
        True to write what is computed into ``powered``, which needs one candidate.
    base : (segment, channel + 1)
        Sums of the base.
    powered : (layer, receptor)
        Scaled burdens of the base to the power.
    scratch : (chunk, lane, layer + 4, receptors of the largest block)
    touched : (chunk, lane, layer)
    out : (place, channel + 1)
        Written in place: sums weighted by residents, the last of them the stacking.

    Notes
    -----
    .. math:: \Phi_s = \sum_{i \in s} N_i \Big(\tfrac1K \sum_k \tilde b_{ik}^q\Big)^{1/q}
    """
    n_channel = out.shape[1] - 1
    n_layer = baseline.shape[0]
    n_lane = amounts.shape[2]
    n_stacked = 0
    for layer in range(n_layer):
        n_stacked += is_stacked[layer]
    share = np.float32(1.0 / max(n_stacked, 1))
    root = np.float32(1.0 / power)
    for part in prange(amounts.shape[0]):
        for job in range(job_start[part], job_start[part + 1]):
            for e in range(edit_start[job], edit_start[job + 1]):
                column = edit_column[e]
                kept = amounts[part, column, 0]
                amounts[part, column, 0] = edit_amount[e]
                edit_amount[e] = kept
                is_active[part, column] = True
            for task in range(task_start[job], task_end[job]):
                b = task_block[task]
                lanes = task_lanes[task]
                first = block_start[b]
                n = block_start[b + 1] - first
                people = residents[first : first + n]
                for layer in range(n_layer):
                    start = baseline[layer, first : first + n]
                    is_forced = (task_layers[task] >> layer) & 1 == 1
                    for k in range(n_lane):
                        touched[part, k, layer] = is_forced
                        if is_forced:
                            scratch[part, k, n_layer, :n] = start
                    last = pair_start[layer, b + 1] if is_forced or is_whole else np.int64(0)
                    for pair in range(pair_start[layer, b], last):
                        column = pair_column[pair]
                        if not is_active[part, column]:
                            continue
                        row = weight[weight_start[pair] : weight_start[pair] + n]
                        for k in range(n_lane):
                            u = amounts[part, column, k]
                            if u != 0.0 and (lanes >> k) & 1:
                                state = scratch[part, k, n_layer]
                                if not touched[part, k, layer]:
                                    touched[part, k, layer] = True
                                    for i in range(n):
                                        state[i] = start[i]
                                for i in range(n):
                                    state[i] += row[i] * u
                    for k in range(n_lane):
                        if not (lanes >> k) & 1:
                            continue
                        place = lane_place[part, k] + task_place[task] - segments[b]
                        if not touched[part, k, layer]:
                            for s in range(segments[b], segments[b + 1]):
                                for channel in range(
                                    channel_start[layer], channel_start[layer + 1]
                                ):
                                    out[place + s, channel] = base[s, channel]
                            continue
                        state, phi = scratch[part, k, n_layer], scratch[part, k, n_layer + 1]
                        burden = scratch[part, k, layer]
                        if is_energy[layer]:
                            whole = scratch[part, k, n_layer + 2].view(np.int32)
                            _to_decibels(state, level[layer, first : first + n], phi, whole, n)
                        for i in range(n):
                            burden[i] = np.float32(0.0)
                        for channel in range(channel_start[layer], channel_start[layer + 1]):
                            pieces = curve[curve_start[channel] : curve_start[channel + 1]]
                            _respond(state, low[channel], per[channel], pieces, phi, n)
                            for s in range(segments[b], segments[b + 1]):
                                left, right = segment_start[s] - first, segment_start[s + 1] - first
                                total = 0.0
                                for i in range(left, right):
                                    total += people[i] * phi[i]
                                out[place + s, channel] = total
                                if is_stacked[layer]:
                                    factor = stack_factor[channel, neighbourhood[first + left]]
                                    for i in range(left, right):
                                        burden[i] += factor * phi[i]
                        if is_stacked[layer]:
                            if power == 3.0:
                                for i in range(n):
                                    burden[i] = burden[i] * burden[i] * burden[i]
                            else:
                                for i in range(n):
                                    burden[i] = burden[i] ** np.float32(power)
                            if is_kept:
                                for i in range(n):
                                    powered[layer, first + i] = burden[i]
                for k in range(n_lane):
                    if not (lanes >> k) & 1:
                        continue
                    place = lane_place[part, k] + task_place[task] - segments[b]
                    changed = False
                    for layer in range(n_layer):
                        changed = changed or (is_stacked[layer] and touched[part, k, layer])
                    if not changed:
                        for s in range(segments[b], segments[b + 1]):
                            out[place + s, n_channel] = base[s, n_channel]
                        continue
                    stacked = scratch[part, k, n_layer + 3]
                    for i in range(n):
                        stacked[i] = np.float32(0.0)
                    for layer in range(n_layer):
                        if is_stacked[layer]:
                            if touched[part, k, layer]:
                                burden = scratch[part, k, layer]
                            else:
                                burden = powered[layer, first : first + n]
                            for i in range(n):
                                stacked[i] += burden[i]
                    for i in range(n):
                        stacked[i] *= share
                    if power == 3.0:
                        _cube_root(stacked, scratch[part, k, n_layer + 2], n)
                    else:
                        for i in range(n):
                            stacked[i] = stacked[i] ** root
                    for s in range(segments[b], segments[b + 1]):
                        total = 0.0
                        for i in range(segment_start[s] - first, segment_start[s + 1] - first):
                            total += people[i] * stacked[i]
                        out[place + s, n_channel] = total
            for e in range(edit_start[job], edit_start[job + 1]):
                column = edit_column[e]
                kept = amounts[part, column, 0]
                amounts[part, column, 0] = edit_amount[e]
                edit_amount[e] = kept


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


@compiled(parallel=True)
def receptor_slopes(
    block_start: Long,
    exposure: Float32,
    state: Float32,
    is_energy: Bool,
    residents: Float,
    neighbourhood: Index,
    channel_start: Long,
    low: Float,
    per: Float,
    curve_start: Long,
    curve: Float,
    price: Float,
    stack_factor: Float32,
    is_stacked: Bool,
    power: float,
    stack_price: Float,
    out: Float,
) -> None:
    r"""Derive some scores with respect to the state of each receptor.

    Parameters
    ----------
    block_start : (block + 1,)
    exposure, state : (layer, receptor)
    price : (score, channel, neighbourhood)
        Derivative of each score with respect to the resident-weighted sum of each response.
    stack_price : (score, neighbourhood)
        Derivative with respect to the stacking of one resident, weight included.
    out : (score, layer, receptor)
        Written in place.

    Notes
    -----
    The chain rule from state to exposure to response to score; a decibel
    changes by :math:`10 / (z \ln 10)` per unit of energy ratio. At the edge of a
    curve's range the slope is that towards the inside.
    """
    n_score, n_layer = out.shape[0], exposure.shape[0]
    n_stacked = 0
    for layer in range(n_layer):
        n_stacked += is_stacked[layer]
    for b in prange(block_start.size - 1):
        burden = np.zeros(n_layer)
        slope = np.zeros(n_layer)
        for i in range(block_start[b], block_start[b + 1]):
            zone = neighbourhood[i]
            stacked = 0.0
            for layer in range(n_layer):
                burden[layer] = slope[layer] = 0.0
                for k in range(n_score):
                    out[k, layer, i] = 0.0
                for channel in range(channel_start[layer], channel_start[layer + 1]):
                    pieces = curve[curve_start[channel] : curve_start[channel + 1]]
                    n_piece = pieces.shape[0]
                    at = (exposure[layer, i] - low[channel]) * per[channel]
                    inside = 0.0 <= at <= 1.0
                    x = min(max(at, 0.0), 1.0) * n_piece
                    piece = int(min(x, n_piece - 1.0))
                    x -= piece
                    c = pieces[piece]
                    phi = c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * c[4])))
                    rise = c[1] + x * (2.0 * c[2] + x * (3.0 * c[3] + x * 4.0 * c[4]))
                    gradient = rise * n_piece * per[channel] if inside else 0.0
                    for k in range(n_score):
                        out[k, layer, i] += price[k, channel, zone] * gradient * residents[i]
                    if is_stacked[layer]:
                        burden[layer] += stack_factor[channel, zone] * phi
                        slope[layer] += stack_factor[channel, zone] * gradient
                if is_stacked[layer]:
                    b_k = burden[layer]
                    # the library's powers take as long as all the rest
                    stacked += b_k * b_k * b_k if power == 3.0 else b_k**power
            mean = stacked / max(n_stacked, 1)
            outer = 0.0
            if mean > 0.0:
                root = np.cbrt(mean) if power == 3.0 else 1.0
                outer = 1.0 / (root * root) if power == 3.0 else mean ** (1.0 / power - 1.0)
            for layer in range(n_layer):
                if mean > 0.0 and burden[layer] > 0.0:
                    b_k = burden[layer]
                    inner = b_k * b_k if power == 3.0 else b_k ** (power - 1.0)
                    share = outer * inner / n_stacked * residents[i] * slope[layer]
                    for k in range(n_score):
                        out[k, layer, i] += stack_price[k, zone] * share
                if is_energy[layer]:
                    per_ratio = 10.0 / (np.log(10.0) * max(state[layer, i], 1e-6))
                    for k in range(n_score):
                        out[k, layer, i] *= per_ratio
