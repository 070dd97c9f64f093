"""Compiled derivatives: what a change of each column does in each neighbourhood.

Forward through the response: the state after a plan and the sums of each segment. Then the
slopes of some shares of the responses, and back through the weights. What a column does is kept
by neighbourhood, so that the prices of any number of scores, which are known only when all has
been summed, are put in afterwards. Each chunk of blocks adds up on its own, and chunks are
added in their order. Knows numbers only.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled
from evenground.kernels.pointwise import LEAST_ENERGY, respond, to_decibels
from evenground.kernels.pointwise import cube_root as _single_root
from evenground.kernels.response import SUM_FLAGS
from evenground.kernels.whole import add_rows, fetch, list_rows, list_used

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Bool = NDArray[np.bool_]
Byte = NDArray[np.uint8]

WIDE = 8
"""Scores of which gains are summed together."""
AHEAD = 4096
"""Weights between the row that is used and the one that is asked for."""
LEAST = 1e-30
"""Below it single precision holds no number to start a root from; a burden is never so small."""


@njit(nogil=True, inline="always", error_model="numpy")
def _rise(exposure: Float32, low: float, per: float, curve: Float, out: Float, n: int) -> None:
    """Slope of each response by its exposure; none outside the range of the curve.

    The parameters are those of ``respond``. At the edge of the range the slope is that
    towards the inside.
    """
    n_piece = curve.shape[0]
    whole = n_piece * per
    if n_piece == 1:  # apart, since pieces that are looked up do not vectorise
        c1, c2, c3, c4 = curve[0, 1], 2.0 * curve[0, 2], 3.0 * curve[0, 3], 4.0 * curve[0, 4]
        for i in range(n):
            x = (exposure[i] - low) * per
            rise = c1 + x * (c2 + x * (c3 + x * c4))
            out[i] = rise * whole if 0.0 <= x <= 1.0 else 0.0
    else:
        for i in range(n):
            at = (exposure[i] - low) * per
            x = min(max(at, 0.0), 1.0) * n_piece
            k = int(min(x, n_piece - 1.0))
            x -= k
            c = curve[k]
            rise = c[1] + x * (2.0 * c[2] + x * (3.0 * c[3] + x * 4.0 * c[4]))
            out[i] = rise * whole if 0.0 <= at <= 1.0 else 0.0


@njit(nogil=True, inline="always", error_model="numpy")
def _cube_root(value: Float, rough: Float32, work: Float32, out: Float, n: int) -> None:
    """Cube root of the first ``n`` values, to 1e-13: in single precision, then one more step.

    The library's is called one by one and takes as long as the rest of a receptor.
    """
    for i in range(n):
        rough[i] = np.float32(value[i])
    _single_root(rough, work, n)
    for i in range(n):
        y = np.float64(rough[i])
        out[i] = y - (y * y * y - value[i]) / (3.0 * y * y) if value[i] > LEAST else 0.0


@njit(nogil=True, error_model="numpy", fastmath=SUM_FLAGS)
def _add_to_places(
    one: Float32, two: Float32, weight: Float32, start: Long, left: int, place: Index, step: int,
    out: Float, first: int, second: int,
) -> None:  # fmt: skip
    """Add weight times two slopes of the receptors of a run to the places of some pairs.

    A function by itself, and slices from nought: otherwise its loop does not vectorise. Weights
    are asked for some rows ahead, since no processor does so beyond a page by itself.

    Parameters
    ----------
    one, two : (receptor,)
    start : (pair,)
        First weight of each pair, for the first receptor of its block; ``left`` is that of
        the run.
    place : (entry,)
        Place of each pair, so many entries apart.
    out : (place, share)
        Row by row: ``one`` goes to column ``first``, ``two`` to ``second`` if there is one.
    """
    has_second, zero = second < out.shape[1], np.float32(0.0)
    for pair in range(start.size):
        row = weight[start[pair] + left : start[pair] + left + one.size]
        fetch(weight, start[pair] + left + AHEAD, one.size, 16)
        by_one = by_two = zero
        for i in range(row.size):
            by_one += row[i] * one[i]
            by_two += row[i] * two[i]
        to = out[place[pair * step]]
        to[first] += by_one
        if has_second:
            to[second] += by_two


@compiled(parallel=True, fastmath=SUM_FLAGS)
def plan_states(
    amounts: Float32,
    at_work: Byte,
    chunk_start: Long,
    block_start: Long,
    segment_start: Long,
    segments: Long,
    zone: Index,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
    grain: Float32,
    baseline: Float32,
    level: Float32,
    is_energy: Bool,
    residents: Float,
    channel_start: Long,
    low: Float,
    per: Float,
    curve_start: Long,
    curve: Float,
    stack_factor: Float,
    is_stacked: Bool,
    power: float,
    single: Float32,
    double: Float,
    whole: Index,
    listed: Index,
    listed_lanes: Byte,
    listed_row: Long,
    listed_factor: Float32,
    state: Float32,
    exposure: Float32,
    burden: Float32,
    lever: Float,
    sums: Float,
) -> None:
    r"""Find what one plan makes of every receptor, and its sums.

    Parameters
    ----------
    amounts : (column, 1)
        What the plan changes.
    chunk_start : (chunk + 1,)
        First block of each chunk, which one thread takes.
    segment_start : (segment + 1,), segments : (block + 1,), zone : (segment,)
        Runs of receptors of one block in one neighbourhood, the first run of each block, and
        the neighbourhood of each run.
    block_start, pair_start, pair_column, weight_start, weight, grain, baseline, level, is_energy,
    residents, channel_start, low, per, curve_start, curve, stack_factor, is_stacked, power
        See ``sum_blocks``.
    single : (chunk, 2, receptors of the largest block), double : (chunk, 2, ditto)
    whole : (chunk, ditto), listed, listed_lanes, listed_row, listed_factor : (chunk, pair)
        Scratch.
    state, exposure, burden : (layer, receptor)
        Written in place, the burden scaled as the stack takes it.
    lever : (receptor,)
        Written in place: how the stacking gives way, see the notes.
    sums : (segment, channel + 1)
        Written in place: sums weighted by residents, the last of them the stacking.

    Notes
    -----
    The stacking of the N residents of a receptor, from scaled burdens b, and the lever
    :math:`\lambda`, which is none where nothing is borne:

    .. math:: \Phi = N \Big(\tfrac1K \sum_k b_k^q\Big)^{1/q}, \qquad
       \frac{\partial \Phi}{\partial b_k} = \lambda b_k^{q - 1}, \qquad
       \lambda = \frac{N}{K} \Big(\tfrac1K \sum_k b_k^q\Big)^{1/q - 1}
    """
    n_layer, n_channel = baseline.shape[0], sums.shape[1] - 1
    n_stacked = 0
    for layer in range(n_layer):
        n_stacked += is_stacked[layer]
    part = 1.0 / max(n_stacked, 1)
    for chunk in prange(chunk_start.size - 1):
        work, rough = single[chunk, 0], single[chunk, 1]
        phi, bears = double[chunk, 0], double[chunk, 1]
        moved, used, bits = whole[chunk], listed[chunk], listed_lanes[chunk]
        rows, factors = listed_row[chunk], listed_factor[chunk]
        first_block, last_block = chunk_start[chunk], chunk_start[chunk + 1]
        lever[block_start[first_block] : block_start[last_block]] = 0.0
        # layer by layer, so that weights are read in the order in which they lie
        for layer in range(n_layer):
            worth, per_grain = grain[layer], np.float32(1.0) / grain[layer]
            for b in range(first_block, last_block):
                first = block_start[b]
                n = block_start[b + 1] - first
                people, raised = residents[first : first + n], lever[first : first + n]
                here, felt = state[layer, first : first + n], exposure[layer, first : first + n]
                start = baseline[layer, first : first + n]
                pair, last = pair_start[layer, b], pair_start[layer, b + 1]
                n_used = list_used(pair, last, pair_column, at_work, used, bits)
                count = list_rows(
                    used,
                    bits,
                    n_used,
                    pair_column,
                    weight_start,
                    amounts,
                    0,
                    per_grain,
                    rows,
                    factors,
                )
                moved[:n] = 0
                add_rows(weight, rows, factors, count, moved, n)
                for i in range(n):
                    here[i] = start[i] + worth * np.float32(moved[i])
                    felt[i] = here[i]
                    bears[i] = 0.0
                if is_energy[layer]:
                    height = level[layer, first : first + n]
                    to_decibels(felt, height, work, rough.view(np.int32), n, n)
                for channel in range(channel_start[layer], channel_start[layer + 1]):
                    pieces = curve[curve_start[channel] : curve_start[channel + 1]]
                    respond(felt, low[channel], per[channel], pieces, phi, n)
                    for s in range(segments[b], segments[b + 1]):
                        # slices from nought, since loops over other bounds do not vectorise
                        left, right = segment_start[s] - first, segment_start[s + 1] - first
                        some, heads, borne = phi[left:right], people[left:right], bears[left:right]
                        factor = stack_factor[channel, zone[s]]
                        total = 0.0
                        for i in range(some.size):
                            total += heads[i] * some[i]
                            borne[i] += factor * some[i]
                        sums[s, channel] = total
                for i in range(n):
                    burden[layer, first + i] = bears[i]
                if is_stacked[layer]:
                    for i in range(n):
                        # the library's powers take as long as all the rest
                        b_k = bears[i]
                        raised[i] += b_k * b_k * b_k if power == 3.0 else b_k**power
        for b in range(first_block, last_block):
            first = block_start[b]
            n = block_start[b + 1] - first
            raised = lever[first : first + n]
            for i in range(n):
                raised[i] *= part
            if power == 3.0:
                _cube_root(raised, rough, work, bears, n)
            else:
                for i in range(n):
                    bears[i] = raised[i] ** (1.0 / power)
            for i in range(n):
                phi[i] = residents[first + i] * bears[i]
                raised[i] = phi[i] * part / raised[i] if bears[i] > 0.0 else 0.0
            for s in range(segments[b], segments[b + 1]):
                total = 0.0
                for value in phi[segment_start[s] - first : segment_start[s + 1] - first]:
                    total += value
                sums[s, n_channel] = total


@compiled(parallel=True, fastmath=SUM_FLAGS)
def place_slopes(
    chunk_start: Long,
    block_start: Long,
    segment_start: Long,
    segments: Long,
    zone: Index,
    pair_start: Long,
    weight_start: Long,
    weight: Float32,
    is_energy: Bool,
    residents: Float,
    channel_start: Long,
    low: Float,
    per: Float,
    curve_start: Long,
    curve: Float,
    stack_factor: Float,
    power: float,
    state: Float32,
    exposure: Float32,
    burden: Float32,
    lever: Float,
    share: Float,
    is_shared: Bool,
    entry_start: Long,
    entry_place: Index,
    place_start: Long,
    scratch: Float,
    scratch_single: Float32,
    out: Float,
) -> None:
    r"""Derive shares of the responses of one plan, and its stacking, by each column.

    Parameters
    ----------
    state, exposure, burden, lever
        What ``plan_states`` found; all before them as there.
    share : (share, channel, neighbourhood)
        Worth of a unit of each response of one resident.
    is_shared : (layer, share + 1)
        Whether any response of the layer is worth something, and whether the stacking counts it.
    entry_start : (layer, block), entry_place : (entry,)
        Place in ``out`` of each run of each pair, from the first of its layer and chunk on.
    place_start : (layer x chunk + 1,)
        First place of each layer in each chunk: one for each column and neighbourhood there.
    scratch, scratch_single : (chunk, share + 2, receptors of the largest block)
    out : (place, share + 1)
        Written in place: derivatives by the column, of what is felt in the neighbourhood; the
        last of them of the stacking.

    Notes
    -----
    The chain rule from state to exposure to response to share; a decibel changes by
    :math:`10 / (z \ln 10)` per unit of energy ratio.
    """
    n_layer, n_share, n_chunk = exposure.shape[0], share.shape[0], chunk_start.size - 1
    for chunk in prange(n_chunk):
        slopes, rise = scratch[chunk], scratch[chunk, n_share + 1]
        singles, nothing = scratch_single[chunk], scratch_single[chunk, n_share + 1]
        nothing[:] = 0.0
        for layer in range(n_layer):
            begin = place_start[layer * n_chunk + chunk]
            out[begin : place_start[layer * n_chunk + chunk + 1]] = 0.0
            for b in range(chunk_start[chunk], chunk_start[chunk + 1]):
                first = block_start[b]
                n = block_start[b + 1] - first
                people, felt = residents[first : first + n], exposure[layer, first : first + n]
                give = slopes[n_share]
                slopes[: n_share + 1, :n] = 0.0
                for channel in range(channel_start[layer], channel_start[layer + 1]):
                    pieces = curve[curve_start[channel] : curve_start[channel + 1]]
                    _rise(felt, low[channel], per[channel], pieces, rise, n)
                    for s in range(segments[b], segments[b + 1]):
                        left, right = segment_start[s] - first, segment_start[s + 1] - first
                        some, heads, gives = rise[left:right], people[left:right], give[left:right]
                        factor = stack_factor[channel, zone[s]]
                        for i in range(some.size):
                            gives[i] += factor * some[i]
                        for k in range(n_share):
                            worth = share[k, channel, zone[s]]
                            if worth != 0.0:
                                slope = slopes[k, left:right]
                                for i in range(some.size):
                                    slope[i] += worth * heads[i] * some[i]
                for i in range(n):
                    b_k = float(burden[layer, first + i])
                    inner = b_k * b_k if power == 3.0 else b_k ** (power - 1.0)
                    # what bears nothing gives no way; a power below one would make it endless
                    give[i] *= lever[first + i] * inner if b_k > 0.0 else 0.0
                if is_energy[layer]:
                    for i in range(n):
                        ratio = max(state[layer, first + i], LEAST_ENERGY)
                        rise[i] = 10.0 / (np.log(10.0) * ratio)
                    for k in range(n_share + 1):
                        for i in range(n):
                            slopes[k, i] *= rise[i]
                for k in range(n_share + 1):
                    for i in range(n):
                        singles[k, i] = np.float32(slopes[k, i])
                k = 0
                while True:
                    # two shares at a time, so that rows are read half as often
                    while k <= n_share and not is_shared[layer, k]:
                        k += 1
                    if k > n_share:
                        break
                    other = k + 1
                    while other <= n_share and not is_shared[layer, other]:
                        other += 1
                    one, two = singles[k], singles[other] if other <= n_share else nothing
                    n_run = segments[b + 1] - segments[b]
                    for s in range(n_run):
                        left = segment_start[segments[b] + s] - first
                        right = segment_start[segments[b] + s + 1] - first
                        _add_to_places(
                            one[left:right],
                            two[left:right],
                            weight,
                            weight_start[pair_start[layer, b] : pair_start[layer, b + 1]],
                            left,
                            entry_place[entry_start[layer, b] + s :],
                            n_run,
                            out[begin:],
                            k,
                            other,
                        )
                    k = other + 1


@compiled(parallel=True)
def option_gains(
    column_start: Long,
    by_column: Index,
    place_zone: Index,
    slope: Float,
    price: Float,
    change_start: Long,
    change_column: Index,
    change_effect: Float32,
    column: Float,
    out: Float,
) -> None:
    """Put prices on what columns do in neighbourhoods: what options take off some scores.

    Parameters
    ----------
    column_start : (column + 1,), by_column : (place,)
        Places of each column, in their order.
    place_zone : (place,), slope : (place, share)
        Neighbourhood of each place, and what ``place_slopes`` made.
    price : (share, neighbourhood, score)
        Derivative of each score by each share. Scores come by the eight, the last of them of
        nothing, since the processor takes eight at a time.
    change_start : (option + 1,), change_column, change_effect : (change,)
        Columns that a step of each option changes, and by how much.
    column : (column, score)
        Written in place: derivatives by the columns.
    out : (option, score)
        Written in place.
    """
    n_score, n_share = column.shape[1], slope.shape[1]
    for c in prange(column_start.size - 1):
        here = column[c]
        first, last = column_start[c], column_start[c + 1]
        for score in range(0, n_score, WIDE):
            sums = here[score : score + WIDE]
            for k in range(WIDE):
                sums[k] = 0.0
            for at in range(first, last):
                place = by_column[at]
                zone = place_zone[place]
                for share in range(n_share):
                    by, each = slope[place, share], price[share, zone, score : score + WIDE]
                    for k in range(WIDE):
                        sums[k] += each[k] * by
    for j in prange(change_start.size - 1):
        total = out[j]
        for k in range(n_score):
            total[k] = 0.0
        for change in range(change_start[j], change_start[j + 1]):
            effect, here = change_effect[change], column[change_column[change]]
            for k in range(n_score):
                total[k] -= effect * here[k]
