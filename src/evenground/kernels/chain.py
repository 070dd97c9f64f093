"""Compiled loops of the bound: lines below the burden of each neighbourhood.

Takes receptors sorted by block, and runs of them in one neighbourhood. Sums are written per
block, so that they are the same on any number of threads. Knows numbers only.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Bool = NDArray[np.bool_]

DB_PER_LN = 10.0 / np.log(10.0)
LEAST_ENERGY = 1e-6


@njit(nogil=True, inline="always", error_model="numpy")
def _burden(
    state: float,
    level: float,
    price: Float,
    zone: int,
    counts: Bool,
    low: Float,
    per: Float,
    curve_start: Long,
    curve: Float,
) -> float:
    """Return what a resident bears at a share of the energy of today."""
    at = level + DB_PER_LN * np.log(max(state, LEAST_ENERGY))
    total = 0.0
    for channel in range(low.size):
        if not counts[channel]:
            continue
        first, last = curve_start[channel], curve_start[channel + 1]
        x = min(max((at - low[channel]) * per[channel], 0.0), 1.0) * (last - first)
        piece = min(int(x), last - first - 1)
        x -= piece
        c = curve[first + piece]
        phi = c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * c[4])))
        total += price[channel, zone] * phi
    return total


@compiled(parallel=True)
def sum_by_run(
    block_start: Long,
    run_start: Long,
    runs: Long,
    pair_start: Long,
    weight_start: Long,
    weight: Float32,
    slope: Float,
    entry_start: Long,
    out: Float,
) -> None:
    """Sum weight times a slope of each receptor, for each pair of a block and each run in it.

    Parameters
    ----------
    block_start : (block + 1,), run_start : (run + 1,), runs : (block + 1,)
        First receptor of each block and run, and first run of each block.
    pair_start : (block + 1,), weight_start : (pair,), weight : (weight,)
        Block-sparse response of the layer.
    slope : (receptor,)
    entry_start : (block + 1,)
        First entry of each block in ``out`` (entry,): pair by pair, and in it run by run.
    """
    for b in prange(block_start.size - 1):
        first = block_start[b]
        at = entry_start[b]
        for pair in range(pair_start[b], pair_start[b + 1]):
            row = weight_start[pair] - first
            for run in range(runs[b], runs[b + 1]):
                total = 0.0
                for i in range(run_start[run], run_start[run + 1]):
                    total += weight[row + i] * slope[i]
                out[at] = total
                at += 1


@compiled(parallel=True)
def chain_savings(
    block_start: Long,
    run_start: Long,
    runs: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
    item_start: Long,
    item_change: Float,
    item_key: Float,
    start: Float,
    level: Float32,
    zone: Index,
    people: Float,
    lower: Float,
    upper: Float,
    price: Float,
    counts: Bool,
    low: Float,
    per: Float,
    curve_start: Long,
    curve: Float,
    entry_start: Long,
    entry_item: Long,
    saved: Float,
    at_start: Float,
) -> None:
    r"""Let the changes of one layer follow one another, and add up what each saves.

    Beyond the range of a receptor its burden goes on along a straight line, so that it stays
    concave whatever the changes add up to.

    Parameters
    ----------
    block_start, run_start, runs, pair_start, weight_start, weight
        See :func:`sum_by_run`; ``pair_column`` (pair,) is the column of each pair.
    item_start : (column + 1,), item_change, item_key : (item,)
        Changes of each column, and their place in the order: the largest key comes first.
    start, level, zone, people, lower, upper : (receptor,)
        State before all changes, decibels of today, neighbourhood, residents (zero = left out),
        and the range of states that plans can reach.
    price : (channel, neighbourhood)
        Burden of a resident per unit of response.
    counts : (receptor, channel)
        Which channels are concave over the range of each receptor; others are left out.
    low, per, curve_start, curve
        Curves of the channels of the layer.
    entry_start : (block + 1,)
        First entry of each block: item by item of its pairs, and in it run by run.
    entry_item, saved : (entry,), at_start : (run,)
        Written in place.

    Notes
    -----
    .. math:: m_k = \sum_i N_i \big(g_i(z_i^{(k-1)}) - g_i(z_i^{(k)})\big)
    """
    for b in prange(block_start.size - 1):
        first, last = block_start[b], block_start[b + 1]
        n = last - first
        count = 0
        for pair in range(pair_start[b], pair_start[b + 1]):
            c = pair_column[pair]
            count += item_start[c + 1] - item_start[c]
        item, of_pair, key = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
        k = 0
        for pair in range(pair_start[b], pair_start[b + 1]):
            c = pair_column[pair]
            for j in range(item_start[c], item_start[c + 1]):
                item[k], of_pair[k], key[k] = j, pair, -item_key[j]
                k += 1
        order = np.argsort(key, kind="mergesort")
        now = start[first:last].copy()
        bears, low_at, low_slope = np.zeros(n), np.zeros(n), np.zeros(n)
        top_at, top_slope = np.zeros(n), np.zeros(n)
        for i in range(n):
            r = first + i
            if people[r] == 0.0:
                continue
            z, s = zone[r], counts[r]
            step = 1e-6 * max(upper[r] - lower[r], 1e-12)
            low_at[i] = _burden(lower[r], level[r], price, z, s, low, per, curve_start, curve)
            near = _burden(lower[r] + step, level[r], price, z, s, low, per, curve_start, curve)
            low_slope[i] = (near - low_at[i]) / step
            top_at[i] = _burden(upper[r], level[r], price, z, s, low, per, curve_start, curve)
            near = _burden(upper[r] - step, level[r], price, z, s, low, per, curve_start, curve)
            top_slope[i] = (top_at[i] - near) / step
            bears[i] = top_at[i] + top_slope[i] * (now[i] - upper[r])
            if now[i] < upper[r]:
                bears[i] = _burden(now[i], level[r], price, z, s, low, per, curve_start, curve)
        for run in range(runs[b], runs[b + 1]):
            total = 0.0
            for r in range(run_start[run], run_start[run + 1]):
                total += people[r] * bears[r - first]
            at_start[run] = total
        entry = entry_start[b]
        for at in order:
            j = item[at]
            row = weight_start[of_pair[at]]
            for run in range(runs[b], runs[b + 1]):
                total = 0.0
                for r in range(run_start[run], run_start[run + 1]):
                    i = r - first
                    change = weight[row + i] * item_change[j]
                    if people[r] == 0.0 or change == 0.0:
                        continue
                    now[i] += change
                    if now[i] < lower[r]:
                        then = low_at[i] + low_slope[i] * (now[i] - lower[r])
                    elif now[i] > upper[r]:
                        then = top_at[i] + top_slope[i] * (now[i] - upper[r])
                    else:
                        z, s = zone[r], counts[r]
                        then = _burden(now[i], level[r], price, z, s, low, per, curve_start, curve)
                    total += people[r] * (bears[i] - then)
                    bears[i] = then
                entry_item[entry] = j
                saved[entry] = total
                entry += 1
