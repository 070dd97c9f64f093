"""Compiled loops that make children: crossovers by window, block and option, and mutation.

Plans stand in slots, and children are written where they will live, so that nothing is copied
twice. What is random is drawn by the caller, as numbers or as a key for each child. Knows
numbers only.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled
from evenground.kernels.plans import PART, list_active

Float = NDArray[np.float64]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Plan = NDArray[np.int16]
Key = NDArray[np.uint64]


@njit(nogil=True, inline="always", error_model="numpy")
def _random_bits(key: np.uint64, number: int) -> np.uint64:
    """Return 64 random bits of a key by SplitMix64 (Steele et al. 2014)."""
    value = key + np.uint64(number + 1) * np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(nogil=True, inline="always", error_model="numpy")
def _take_row(
    child: Plan, father: Plan, square_start: Long, square_option: Index, first: int, last: int
) -> None:
    """Take the options in a run of squares, both ends included, from the father."""
    for at in range(square_start[first], square_start[last + 1]):
        child[square_option[at]] = father[square_option[at]]


@compiled(parallel=True)
def cross_windows(
    plans: Plan,
    rows: Long,
    pair: Long,
    square_start: Long,
    square_option: Index,
    n_y: int,
    n_x: int,
    window: Index,
) -> None:
    """Take each child from its mother, but inside a window of sites from its father.

    Parameters
    ----------
    plans : (slot, option)
        Children are written in place.
    rows : (candidate,), pair : (candidate, 2)
        Slots of the children, and of mother and father, which are others.
    square_start : (square + 1,), square_option : (option,)
        Options by the square of their site, squares by rows of ``n_x``.
    n_y, n_x
        Squares from north to south and from west to east.
    window : (candidate, 4)
        First row, first column, last row and last column, ends included.
    """
    for c in prange(rows.size):
        child, father = plans[rows[c]], plans[pair[c, 1]]
        child[:] = plans[pair[c, 0]]
        west, east = max(window[c, 1], 0), min(window[c, 3], n_x - 1)
        if west > east:
            continue
        for y in range(max(window[c, 0], 0), min(window[c, 2], n_y - 1) + 1):
            _take_row(child, father, square_start, square_option, y * n_x + west, y * n_x + east)


@compiled(parallel=True)
def cross_blocks(
    plans: Plan,
    rows: Long,
    pair: Long,
    square_start: Long,
    square_option: Index,
    n_y: int,
    n_x: int,
    side: Index,
    shift: Index,
    key: Key,
) -> None:
    """Take every block of sites of a child from its mother or its father, by the toss of a coin.

    Parameters
    ----------
    plans, rows, pair, square_start, square_option, n_y, n_x
        See :func:`cross_windows`.
    side : (candidate,), shift : (candidate, 2)
        Squares along a block, and by how many the first blocks begin north and west of the city.
    key : (candidate,)
        Of the coins.
    """
    for c in prange(rows.size):
        child, father = plans[rows[c]], plans[pair[c, 1]]
        child[:] = plans[pair[c, 0]]
        across = (n_x + shift[c, 1] + side[c] - 1) // side[c]
        for y in range(n_y):
            down = (y + shift[c, 0]) // side[c]
            for block in range(across):
                if _random_bits(key[c], down * across + block) & np.uint64(1):
                    west = max(block * side[c] - shift[c, 1], 0)
                    east = min((block + 1) * side[c] - shift[c, 1], n_x) - 1
                    if west <= east:
                        first, last = y * n_x + west, y * n_x + east
                        _take_row(child, father, square_start, square_option, first, last)


@compiled(parallel=True)
def cross_options(plans: Plan, rows: Long, pair: Long, key: Key) -> None:
    """Take every option of a child from its mother or its father, by the toss of a coin.

    Parameters
    ----------
    plans, rows, pair
        See :func:`cross_windows`.
    key : (candidate,)
        Of the coins.
    """
    n_option = plans.shape[1]
    for c in prange(rows.size):
        child, mother, father = plans[rows[c]], plans[pair[c, 0]], plans[pair[c, 1]]
        for first in range(0, n_option, 64):
            bits = _random_bits(key[c], first // 64)
            for j in range(first, min(n_option, first + 64)):
                is_his = (bits >> np.uint64(j - first)) & np.uint64(1)
                child[j] = father[j] if is_his else mother[j]


@compiled(parallel=True)
def mutate_plans(
    plans: Plan,
    rows: Long,
    most: Plan,
    least: Plan,
    raise_count: Index,
    raised: Index,
    raise_share: Float,
    drop_count: Index,
    drop_share: Float,
) -> None:
    """Raise some options of some plans and take others away, in place.

    Parameters
    ----------
    plans : (slot, option), most, least : (option,)
    rows : (candidate,)
        Slots of the plans to change.
    raise_count, drop_count : (candidate,)
        How many options are raised and taken away.
    raised : (candidate, change), raise_share : (candidate, change)
        Options to raise, and to which share of their largest amount (0-1), rounded up.
    drop_share : (candidate, change)
        Place among the active options, as a share (0-1), of each that is taken away.
    """
    n_option = plans.shape[1]
    for part in prange((rows.size + PART - 1) // PART):
        active = np.empty(n_option, np.int32)
        for c in range(part * PART, min(rows.size, (part + 1) * PART)):
            plan = plans[rows[c]]
            for k in range(raise_count[c]):
                j = raised[c, k]
                amount = max(int(np.ceil(raise_share[c, k] * most[j])), int(least[j]))
                plan[j] = np.int16(min(amount, int(most[j])))
            if drop_count[c] == 0:
                continue
            n_active = list_active(plan, active)
            for k in range(min(drop_count[c], n_active)):
                plan[active[int(drop_share[c, k] * n_active)]] = 0
