"""Compiled loops over plans: amounts by column, crossover, mutation, hash, and dominance.

Plans are rows of ``int16``, one amount per option. Knows numbers only.
"""

import numpy as np
from numba import prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Plan = NDArray[np.int16]


@compiled(parallel=True)
def column_amounts(
    plans: Plan,
    change_start: Long,
    change_column: Index,
    change_effect: Float32,
    amounts: Float32,
) -> None:
    """Sum the options of each plan into columns.

    Parameters
    ----------
    plans : (candidate, option)
    change_start : (option + 1,)
        First change of each option.
    change_column, change_effect : (change,)
        Column that is changed, and by how much a step.
    amounts : (chunk, column, lane)
        Written in place; see ``sum_blocks``.
    """
    n_candidate, n_option = plans.shape
    n_lane = amounts.shape[2]
    for part in prange(amounts.shape[0]):
        amounts[part] = np.float32(0.0)
        for c in range(part * n_lane, min(n_candidate, (part + 1) * n_lane)):
            for j in range(n_option):
                amount = plans[c, j]
                if amount != 0:
                    for k in range(change_start[j], change_start[j + 1]):
                        column = change_column[k]
                        value = change_effect[k] * np.float32(amount)
                        amounts[part, column, c - part * n_lane] += value


@compiled(parallel=True)
def dominated(scores: Float, others: Float, out: NDArray[np.bool_]) -> None:
    """Mark each row of ``scores`` that some row of ``others`` dominates, into ``out``.

    A row dominates another if it is nowhere larger and somewhere smaller.
    """
    n_score = scores.shape[1]
    for a in prange(scores.shape[0]):
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


@compiled(parallel=True)
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


@compiled()
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


@compiled(parallel=True)
def sum_amounts(plans: Plan, per_step: Float, per_start: Float, out: Float) -> None:
    """Sum a figure per step and one per start, option by option, into ``out`` (candidate,).

    Parameters
    ----------
    plans : (candidate, option)
    per_step, per_start : (option,)
    """
    for c in prange(plans.shape[0]):
        total = 0.0
        for j in range(plans.shape[1]):
            if plans[c, j] != 0:
                total += plans[c, j] * per_step[j] + per_start[j]
        out[c] = total


@compiled(parallel=True)
def mutate_plans(
    plans: Plan,
    most: Plan,
    least: Plan,
    raise_count: Index,
    raised: Index,
    raise_share: Float,
    drop_count: Index,
    drop_share: Float,
) -> None:
    """Raise some options of every plan and take others away, in place.

    Parameters
    ----------
    plans : (candidate, option), most, least : (option,)
    raise_count, drop_count : (candidate,)
        How many options are raised and taken away.
    raised : (candidate, change), raise_share : (candidate, change)
        Options to raise, and to which share of their largest amount (0-1), rounded up.
    drop_share : (candidate, change)
        Place among the active options, as a share (0-1), of each that is taken away.
    """
    n_option = plans.shape[1]
    for c in prange(plans.shape[0]):
        for k in range(raise_count[c]):
            j = raised[c, k]
            amount = max(int(np.ceil(raise_share[c, k] * most[j])), int(least[j]))
            plans[c, j] = np.int16(min(amount, int(most[j])))
        if drop_count[c] == 0:
            continue
        active = np.empty(n_option, np.int32)
        n_active = 0
        for j in range(n_option):
            if plans[c, j] != 0:
                active[n_active] = j
                n_active += 1
        for k in range(min(drop_count[c], n_active)):
            plans[c, active[int(drop_share[c, k] * n_active)]] = 0
