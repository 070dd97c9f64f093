"""Compiled inner loops: numbers in, numbers out.

Receptors come sorted by block; a block is a square of cells that is computed
together while it is in cache. The response of a layer is block-sparse: for
each block a list of columns (places where something may change) and for each
of them one weight per receptor of the block. Nothing here knows labels,
units, files or settings, and nothing is checked: callers hand over whole,
finite, C-contiguous arrays.

Loops run in parallel over fixed chunks of candidates, or over blocks that
write to places of their own. No sum crosses a thread, so results are the same
bits on any number of threads.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Plan = NDArray[np.int16]

SUM_FLAGS = {"contract", "reassoc", "nsz", "arcp"}
"""Let the compiler vectorise sums. Missing values are gone before the kernels; the same
compiled loop runs over the same receptors in one order, so results stay the same bits."""


@njit(nogil=True, cache=False)
def count_pairs(
    block_box: Float, column_of_place: Index, reach_places: int, per_block: int, out: Long
) -> None:
    """Count the columns within reach of each block.

    Parameters
    ----------
    block_box : (block, 2)
        Row and column of the block's first site.
    column_of_place : (class, y, x)
        Column of each site of the site grid, -1 where there is none.
    reach_places
        How many sites around the block are looked at.
    per_block
        Side of a block in sites.
    out : (block,)
        Written in place.
    """
    n_class, n_y, n_x = column_of_place.shape
    for b in range(block_box.shape[0]):
        y0, x0 = int(block_box[b, 0]), int(block_box[b, 1])
        count = 0
        for y in range(max(0, y0 - reach_places), min(n_y, y0 + per_block + reach_places)):
            for x in range(max(0, x0 - reach_places), min(n_x, x0 + per_block + reach_places)):
                for k in range(n_class):
                    if column_of_place[k, y, x] >= 0:
                        count += 1
        out[b] = count


@njit(nogil=True, cache=False)
def list_pairs(
    block_box: Float,
    column_of_place: Index,
    reach_places: int,
    per_block: int,
    start: Long,
    out: Index,
) -> None:
    """List the columns within reach of each block; see :func:`count_pairs`."""
    n_class, n_y, n_x = column_of_place.shape
    for b in range(block_box.shape[0]):
        y0, x0 = int(block_box[b, 0]), int(block_box[b, 1])
        at = start[b]
        for y in range(max(0, y0 - reach_places), min(n_y, y0 + per_block + reach_places)):
            for x in range(max(0, x0 - reach_places), min(n_x, x0 + per_block + reach_places)):
                for k in range(n_class):
                    if column_of_place[k, y, x] >= 0:
                        out[at] = column_of_place[k, y, x]
                        at += 1


@njit(nogil=True, parallel=True, cache=False)
def decay_weights(
    receptor_x: Float32,
    receptor_y: Float32,
    block_start: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    source_start: Long,
    source_x: Float32,
    source_y: Float32,
    strength: Float32,
    decay: Float32,
    out: Float32,
) -> None:
    r"""Effect of the sources of each column on each receptor of a block.

    Parameters
    ----------
    receptor_x, receptor_y : (receptor,)
        In metres from a common corner.
    source_start : (column + 1,)
        First source of each column.
    source_x, source_y, strength : (source,)
    decay : (metre,)
        Effect at each whole metre of distance, zero at the end; linear between.
    out : (weight,)
        Written in place.

    Notes
    -----
    .. math:: w_{ij} = \sum_{s \in j} q_s \, K(d_{is})
    """
    reach = decay.size - 1
    for b in prange(block_start.size - 1):
        first, last = block_start[b], block_start[b + 1]
        for pair in range(pair_start[b], pair_start[b + 1]):
            at = weight_start[pair]
            column = pair_column[pair]
            for i in range(first, last):
                total = np.float32(0.0)
                for s in range(source_start[column], source_start[column + 1]):
                    dx = receptor_x[i] - source_x[s]
                    dy = receptor_y[i] - source_y[s]
                    distance = np.sqrt(dx * dx + dy * dy)
                    whole = int(distance)
                    if whole < reach:
                        part = distance - whole
                        total += strength[s] * (
                            decay[whole] * (np.float32(1.0) - part) + decay[whole + 1] * part
                        )
                out[at + i - first] = total


@njit(nogil=True, cache=False)
def sum_over_columns(
    block_start: Long, pair_start: Long, weight_start: Long, weight: Float32, out: Float
) -> None:
    """Sum the weights of all columns for each receptor into ``out`` (receptor,)."""
    out[:] = 0.0
    for b in range(block_start.size - 1):
        first, last = block_start[b], block_start[b + 1]
        for pair in range(pair_start[b], pair_start[b + 1]):
            at = weight_start[pair]
            for i in range(first, last):
                out[i] += weight[at + i - first]


@njit(nogil=True, cache=False, fastmath=SUM_FLAGS)
def sum_over_receptors(
    block_start: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
    value: Float,
    out: Float,
) -> None:
    """Sum weight times a value of each receptor into its columns, ``out`` (column,)."""
    out[:] = 0.0
    for b in range(block_start.size - 1):
        first, last = block_start[b], block_start[b + 1]
        for pair in range(pair_start[b], pair_start[b + 1]):
            row = weight[weight_start[pair] : weight_start[pair] + last - first]
            here = value[first:last]
            total = 0.0
            for i in range(row.size):
                total += row[i] * here[i]
            out[pair_column[pair]] += total


@njit(nogil=True, cache=False)
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
    for b in range(block_start.size - 1):
        first, last = block_start[b], block_start[b + 1]
        for pair in range(pair_start[b], pair_start[b + 1]):
            at = weight_start[pair]
            factor = per_column[pair_column[pair]]
            for i in range(first, last):
                weight[at + i - first] *= np.float32(per_receptor[i] * factor)


@njit(nogil=True, parallel=True, cache=False)
def column_amounts(
    plans: Plan, chunk: int, option_column: Index, option_effect: Float32, out: Float32
) -> None:
    """Sum the options of each plan into columns.

    Parameters
    ----------
    plans : (candidate, option)
    option_column, option_effect : (layer, option)
        Column that the option changes in each layer (-1 = none), and by how much a step.
    out : (candidate, column)
        Written in place.
    """
    n_candidate, n_option = plans.shape
    n_layer = option_column.shape[0]
    for part in prange(-(-n_candidate // chunk)):
        for c in range(part * chunk, min(n_candidate, (part + 1) * chunk)):
            out[c, :] = np.float32(0.0)
            for j in range(n_option):
                amount = plans[c, j]
                if amount != 0:
                    for layer in range(n_layer):
                        column = option_column[layer, j]
                        if column >= 0:
                            out[c, column] += option_effect[layer, j] * np.float32(amount)


@njit(nogil=True, parallel=True, cache=False)
def states(
    amounts: Float32,
    chunk: int,
    block_start: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
    baseline: Float32,
    out: Float32,
) -> None:
    """State of every layer at every receptor, ``out`` (candidate, layer, receptor).

    Parameters
    ----------
    amounts : (candidate, column)
    pair_start : (layer, block + 1)
        Into ``pair_column`` and ``weight_start`` (pair,).
    baseline : (layer, receptor)
    """
    n_candidate = amounts.shape[0]
    n_layer = baseline.shape[0]
    for part in prange(-(-n_candidate // chunk)):
        for b in range(block_start.size - 1):
            first, last = block_start[b], block_start[b + 1]
            for c in range(part * chunk, min(n_candidate, (part + 1) * chunk)):
                for layer in range(n_layer):
                    z = out[c, layer, first:last]
                    z[:] = baseline[layer, first:last]
                    for pair in range(pair_start[layer, b], pair_start[layer, b + 1]):
                        u = amounts[c, pair_column[pair]]
                        if u != 0.0:
                            at = weight_start[pair]
                            for i in range(last - first):
                                z[i] += weight[at + i] * u


@njit(nogil=True, cache=False)
def exposures(state: Float32, level: Float32, is_energy: NDArray[np.bool_], out: Float32) -> None:
    """Turn states into exposures: energy ratios become decibels, all else stays.

    Parameters
    ----------
    state, level, out : (layer, receptor)
        ``level`` is the baseline in dB of layers that are energies.
    is_energy : (layer,)
    """
    for layer in range(state.shape[0]):
        for i in range(state.shape[1]):
            if is_energy[layer]:
                ratio = max(state[layer, i], np.float32(1e-6))
                out[layer, i] = level[layer, i] + np.float32(10.0) * np.log10(ratio)
            else:
                out[layer, i] = state[layer, i]


@njit(nogil=True, inline="always")
def _cube_root(value: Float32, n: int) -> None:
    """Take the cube root of the first ``n`` values in place, to 2e-7, in a loop that vectorises.

    A third of the exponent by integer arithmetic, then three steps of Newton; the
    library's own root is called one by one and takes as long as all the rest.
    """
    bits = value.view(np.int32)
    for i in range(n):
        x = value[i]
        bits[i] = bits[i] // np.int32(3) + np.int32(709921077)
        y = value[i]
        y = y - (y * y * y - x) / (np.float32(3.0) * y * y)
        y = y - (y * y * y - x) / (np.float32(3.0) * y * y)
        y = y - (y * y * y - x) / (np.float32(3.0) * y * y)
        value[i] = y


@njit(nogil=True, parallel=True, cache=False, fastmath=SUM_FLAGS)
def evaluate_plans(
    amounts: Float32,
    chunk: int,
    block_start: Long,
    segment_start: Long,
    segments: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
    baseline: Float32,
    level: Float32,
    is_energy: NDArray[np.bool_],
    residents: Float,
    neighbourhood: Index,
    channel_start: Long,
    table_start: Float32,
    table_per_step: Float32,
    table: Float32,
    stack_factor: Float32,
    stack_layers: int,
    power: float,
    vulnerability: Float,
    scratch: Float32,
    scratch_node: NDArray[np.uint32],
    total_phi: Float,
    stacking: Float,
) -> None:
    r"""Sum responses and stacking of many plans over the receptors of each neighbourhood.

    Parameters
    ----------
    amounts : (candidate, column)
        What each plan changes.
    block_start : (block + 1,), pair_start : (layer, block + 1)
    segment_start : (segment + 1,), segments : (block + 1,)
        Runs of receptors of one block in one neighbourhood, and the first run of each block.
    pair_column, weight_start : (pair,), weight : (weight,)
        Block-sparse response of all layers.
    baseline, level : (layer, receptor)
        State of the empty plan, and decibels of layers that are energies.
    residents, neighbourhood : (receptor,)
    channel_start : (layer + 1,)
        First channel of each layer.
    table_start, table_per_step : (layer,), table : (channel, node)
        Response at equally spaced exposures; linear between, flat outside.
    stack_factor : (channel, neighbourhood)
        Burden per unit of response, divided by the reference of its layer; zero outside the stack.
    stack_layers
        Number of layers in the stack.
    vulnerability : (neighbourhood,)
        Weight 1 + lambda v of a resident in the stacking measure.
    scratch, scratch_node : (chunk of candidates, 4, receptors of the largest block), (…, …)
    total_phi : (candidate, channel, neighbourhood), stacking : (candidate, neighbourhood)
        Written in place; sums weighted by residents.

    Notes
    -----
    .. math:: \Phi_n = \sum_i N_i (1 + \lambda v_n)
        \Big(\tfrac1K \sum_k \tilde b_{ik}^q\Big)^{1/q}
    """
    n_candidate = amounts.shape[0]
    n_layer = baseline.shape[0]
    last_node = np.float32(table.shape[1] - 1.001)
    for part in prange(-(-n_candidate // chunk)):
        state, stacked = scratch[part, 0], scratch[part, 1]
        burden, rest = scratch[part, 2], scratch[part, 3]
        node = scratch_node[part]
        for c in range(part * chunk, min(n_candidate, (part + 1) * chunk)):
            total_phi[c, :, :] = 0.0
            stacking[c, :] = 0.0
        for b in range(block_start.size - 1):
            first = block_start[b]
            n = block_start[b + 1] - first
            people = residents[first : first + n]
            for c in range(part * chunk, min(n_candidate, (part + 1) * chunk)):
                stacked[:n] = np.float32(0.0)
                for layer in range(n_layer):
                    start = baseline[layer, first : first + n]
                    for i in range(n):
                        state[i] = start[i]
                    touched = False
                    for pair in range(pair_start[layer, b], pair_start[layer, b + 1]):
                        u = amounts[c, pair_column[pair]]
                        if u != 0.0:
                            touched = True
                            row = weight[weight_start[pair] : weight_start[pair] + n]
                            for i in range(n):
                                state[i] += row[i] * u
                    if is_energy[layer]:
                        decibel = level[layer, first : first + n]
                        if touched:
                            for i in range(n):
                                ratio = max(state[i], np.float32(1e-6))
                                state[i] = decibel[i] + np.float32(10.0) * np.log10(ratio)
                        else:
                            for i in range(n):
                                state[i] = decibel[i]
                    low, per_step = table_start[layer], table_per_step[layer]
                    for i in range(n):
                        at = min(max((state[i] - low) * per_step, np.float32(0.0)), last_node)
                        node[i] = np.uint32(at)
                        rest[i] = at - np.float32(node[i])
                        burden[i] = np.float32(0.0)
                    for channel in range(channel_start[layer], channel_start[layer + 1]):
                        values = table[channel]
                        for k in range(segments[b], segments[b + 1]):
                            zone = neighbourhood[segment_start[k]]
                            factor = stack_factor[channel, zone]
                            total = 0.0
                            for i in range(segment_start[k] - first, segment_start[k + 1] - first):
                                below = values[node[i]]
                                above = values[node[i] + np.uint32(1)]
                                phi = below + (above - below) * rest[i]
                                total += people[i] * phi
                                burden[i] += factor * phi
                            total_phi[c, channel, zone] += total
                    if power == 3.0:
                        for i in range(n):
                            stacked[i] += burden[i] * burden[i] * burden[i]
                    else:
                        for i in range(n):
                            stacked[i] += burden[i] ** np.float32(power)
                share = np.float32(1.0 / stack_layers)
                for i in range(n):
                    stacked[i] *= share
                if power == 3.0:
                    _cube_root(stacked, n)
                else:
                    for i in range(n):
                        stacked[i] = stacked[i] ** np.float32(1.0 / power)
                for k in range(segments[b], segments[b + 1]):
                    zone = neighbourhood[segment_start[k]]
                    total = 0.0
                    for i in range(segment_start[k] - first, segment_start[k + 1] - first):
                        total += people[i] * stacked[i]
                    stacking[c, zone] += total * vulnerability[zone]


@njit(nogil=True, parallel=True, cache=False)
def receptor_slopes(
    exposure: Float32,
    state: Float32,
    is_energy: NDArray[np.bool_],
    residents: Float,
    neighbourhood: Index,
    channel_start: Long,
    table_start: Float32,
    table_per_step: Float32,
    table: Float32,
    price: Float,
    stack_factor: Float32,
    stack_layers: int,
    power: float,
    stack_price: Float,
    out: Float,
) -> None:
    r"""Derive a score with respect to the state of each receptor.

    Parameters
    ----------
    exposure, state, out : (layer, receptor)
    price : (channel, neighbourhood)
        Derivative of the score with respect to the resident-weighted sum of each response.
    stack_price : (neighbourhood,)
        Derivative with respect to the stacking of one resident, weight included.

    Notes
    -----
    The chain rule from state to exposure to response to score; a decibel
    changes by :math:`10 / (z \ln 10)` per unit of energy ratio.
    """
    n_layer, n_receptor = exposure.shape
    n_node = table.shape[1]
    for i in prange(n_receptor):
        burden = np.zeros(n_layer)
        slope = np.zeros(n_layer)
        zone = neighbourhood[i]
        stacked = 0.0
        for layer in range(n_layer):
            out[layer, i] = 0.0
            node = (exposure[layer, i] - table_start[layer]) * table_per_step[layer]
            inside = 0.0 <= node < n_node - 1
            node = min(max(node, 0.0), n_node - 1.001)
            k = int(node)
            for channel in range(channel_start[layer], channel_start[layer + 1]):
                rise = table[channel, k + 1] - table[channel, k]
                phi = table[channel, k] + rise * (node - k)
                gradient = rise * table_per_step[layer] if inside else 0.0
                out[layer, i] += price[channel, zone] * gradient * residents[i]
                burden[layer] += stack_factor[channel, zone] * phi
                slope[layer] += stack_factor[channel, zone] * gradient
            stacked += burden[layer] ** power
        mean = stacked / stack_layers
        for layer in range(n_layer):
            if mean > 0.0 and burden[layer] > 0.0:
                share = mean ** (1.0 / power - 1.0) * burden[layer] ** (power - 1.0) / stack_layers
                out[layer, i] += stack_price[zone] * residents[i] * share * slope[layer]
            if is_energy[layer]:
                out[layer, i] *= 10.0 / (np.log(10.0) * max(state[layer, i], 1e-6))


@njit(nogil=True, cache=False)
def dominated(scores: Float, others: Float, out: NDArray[np.bool_]) -> None:
    """Mark each row of ``scores`` that some row of ``others`` dominates, into ``out``.

    A row dominates another if it is nowhere larger and somewhere smaller.
    """
    n_score = scores.shape[1]
    for a in range(scores.shape[0]):
        out[a] = False
        for b in range(others.shape[0]):
            worse = False
            better = False
            for k in range(n_score):
                if others[b, k] > scores[a, k]:
                    worse = True
                    break
                if others[b, k] < scores[a, k]:
                    better = True
            if better and not worse:
                out[a] = True
                break


@njit(nogil=True, parallel=True, cache=False)
def repair_plans(
    plans: Plan,
    most: Plan,
    coupling: Index,
    use: Float,
    capacity: Float,
    capital: Float,
    budget: float,
    worst_first: Index,
) -> None:
    """Bring plans within the largest amounts, the shared ground and the budget, in place.

    Amounts are lowered from the option that gains least per euro upwards; a
    plan that already fits stays as it is.

    Parameters
    ----------
    plans : (candidate, option)
    most, coupling, use, capital, worst_first : (option,)
        Largest amount, ground that is shared (-1 = none), ground per step, euros per
        step, and the options in order of gain per euro, smallest first.
    capacity : (ground,)
    """
    n_candidate, n_option = plans.shape
    for c in prange(n_candidate):
        used = np.zeros(capacity.size)
        cost = 0.0
        for j in range(n_option):
            plans[c, j] = min(max(plans[c, j], 0), most[j])
            if plans[c, j] > 0:
                cost += plans[c, j] * capital[j]
                if coupling[j] >= 0:
                    used[coupling[j]] += plans[c, j] * use[j]
        for at in range(n_option):
            j = worst_first[at]
            if plans[c, j] == 0:
                continue
            drop = 0
            g = coupling[j]
            if g >= 0 and used[g] > capacity[g] * (1.0 + 1e-9):
                drop = int(np.ceil((used[g] - capacity[g]) / use[j] - 1e-9))
            if cost > budget and capital[j] > 0.0:
                drop = max(drop, int(np.ceil((cost - budget) / capital[j])))
            drop = min(drop, int(plans[c, j]))
            if drop > 0:
                plans[c, j] -= drop
                cost -= drop * capital[j]
                if g >= 0:
                    used[g] -= drop * use[j]


@njit(nogil=True, parallel=True, cache=False)
def cross_windows(
    mothers: Plan, fathers: Plan, site_y: Index, site_x: Index, window: Index, out: Plan
) -> None:
    """Take each child from its mother, but inside a window of sites from its father.

    Parameters
    ----------
    mothers, fathers, out : (candidate, option)
    site_y, site_x : (option,)
        Row and column of the option's site.
    window : (candidate, 4)
        First row, first column, last row and last column, ends included.
    """
    for c in prange(mothers.shape[0]):
        for j in range(mothers.shape[1]):
            inside = (
                window[c, 0] <= site_y[j] <= window[c, 2]
                and window[c, 1] <= site_x[j] <= window[c, 3]
            )
            out[c, j] = fathers[c, j] if inside else mothers[c, j]


@njit(nogil=True, cache=False)
def hash_plans(plans: Plan, salt: NDArray[np.uint64], out: NDArray[np.uint64]) -> None:
    """Hash each plan into 64 bits: a sum of salted amounts, so that equal plans agree.

    Parameters
    ----------
    plans : (candidate, option)
    salt : (option,)
        Odd random numbers.
    out : (candidate,)
    """
    for c in range(plans.shape[0]):
        total = np.uint64(0)
        for j in range(plans.shape[1]):
            if plans[c, j] != 0:
                value = np.uint64(plans[c, j]) * salt[j]
                value ^= value >> np.uint64(29)
                total += value * np.uint64(0x9E3779B97F4A7C15)
        out[c] = total


@njit(nogil=True, cache=False)
def fill_plan(
    plan: Plan,
    best_first: Index,
    most: Plan,
    coupling: Index,
    use: Float,
    capacity: Float,
    capital: Float,
    budget: float,
) -> None:
    """Raise the options of one plan in order, in place, until ground or budget is used up.

    Parameters
    ----------
    plan : (option,)
    best_first : (chosen,)
        Options to raise, the first first.
    most, coupling, use, capital : (option,), capacity : (ground,)
        See :func:`repair_plans`.
    """
    used = np.zeros(capacity.size)
    left = budget
    for j in range(plan.size):
        if plan[j] > 0:
            used[coupling[j]] += plan[j] * use[j]
            left -= plan[j] * capital[j]
    for j in best_first:
        g = coupling[j]
        room = min(int(most[j]) - int(plan[j]), int((capacity[g] - used[g]) / use[j] + 1e-9))
        if capital[j] > 0.0:
            room = min(room, int(left / capital[j] + 1e-9))
        if room > 0:
            plan[j] += room
            left -= room * capital[j]
            used[g] += room * use[j]
