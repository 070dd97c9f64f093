"""Changes of a state in whole numbers: the same bits in whatever order they are added.

A column times its weight is rounded to whole grains, of which a state may hold 2^30. Sums of
whole numbers are exact. So a plan of which one option changes is brought up to date by what that
option did and does, and has the bits of a plan that was summed afresh. Knows numbers only.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled
from evenground.kernels.machine import add_products, change_products, prefetch

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Byte = NDArray[np.uint8]


@njit(nogil=True, inline="always", error_model="numpy")
def list_used(
    first: int,
    last: int,
    column: Index,
    at_work: Byte,
    used: Index,
    lanes: Byte,
) -> int:
    """List the pairs whose column has an amount in some lane, and return how many.

    Each is written and then kept or not: a branch would be guessed wrong.

    Parameters
    ----------
    first, last
        Pairs to look at.
    column : (pair,)
    at_work : (column,)
        As bits the lanes in which a column has an amount.
    used, lanes : (listed,)
        Written in place: the pairs, and the lanes of each.
    """
    # whole numbers without a sign, since one below nought would count from the end
    count = np.uint64(0)
    for pair in range(np.uint64(first), np.uint64(last)):
        some = at_work[np.uint64(column[pair])]
        used[count], lanes[count] = np.int32(pair), some
        count += np.uint64(some != 0)
    return np.int64(count)  # type: ignore[return-value] # with a sign, as others count


@njit(nogil=True, inline="always", error_model="numpy")
def list_rows(
    used: Index,
    lanes: Byte,
    n_used: int,
    column: Index,
    start: Long,
    amounts: Float32,
    lane: int,
    per_grain: np.float32,
    row: Long,
    factor: Float32,
) -> int:
    """List the rows of weights that count for a lane, and return how many.

    Parameters
    ----------
    used, lanes : (listed,)
        Pairs to look at, and the lanes of each; see ``list_used``.
    column, start : (pair,), amounts : (column, lane)
    per_grain
        Grains of one.
    row, factor : (listed,)
        Written in place: where each row of weights begins, and its factor in grains.
    """
    count, own = np.uint64(0), np.uint64(lane)
    for at in range(np.uint64(n_used)):
        row[count] = used[at]
        count += np.uint64(lanes[at] >> own) & np.uint64(1)
    for at in range(count):
        pair = np.uint64(row[at])
        row[at] = start[pair]
        factor[at] = amounts[np.uint64(column[pair]), own] * per_grain
    return np.int64(count)  # type: ignore[return-value] # with a sign, as others count


@njit(nogil=True, inline="always", error_model="numpy")
def add_rows(weight: Float32, row: Long, amount: Float32, count: int, moved: Index, n: int) -> None:
    """Add the listed rows of weights times their amounts.

    Parameters
    ----------
    row, amount : (listed,)
        Where each row begins, and its amount in grains.
    moved : (receptor,)
        Changed in place.
    """
    add_products(weight, row, amount, count, moved, n)


@njit(nogil=True, inline="always", error_model="numpy")
def change_rows(
    weight: Float32,
    first: int,
    last: int,
    row: Long,
    before: Float32,
    after: Float32,
    moved: Index,
    n: int,
) -> None:
    """Put the new amounts of some rows in the place of their old ones.

    Parameters
    ----------
    first, last
        Rows to change.
    row, before, after : (listed,)
        Where each row begins, and its amounts in grains.
    moved : (receptor,)
        Changed in place.
    """
    change_products(weight, row, before, after, first, last, moved, n)


@njit(nogil=True, inline="always", error_model="numpy")
def fetch(values: Float | Float32 | Index, first: int, n: int, step: int) -> None:
    """Ask for the lines of memory of ``n`` places from the first on, so many to a line."""
    for i in range(0, n, step):
        prefetch(values, first + i)
    prefetch(values, first + max(n - 1, 0))


@compiled(parallel=True)
def most_moved(
    most: Float32,
    block_start: Long,
    pair_start: Long,
    pair_column: Index,
    weight_start: Long,
    weight: Float32,
    out: Float,
) -> None:
    """Find how far the state of each layer can move anywhere in a block, ``out`` (layer, block).

    Parameters
    ----------
    most : (column,)
        Largest amount of each column, of either sign.
    block_start, pair_start, pair_column, weight_start, weight
        See ``sum_blocks``.
    """
    for b in prange(block_start.size - 1):
        n = block_start[b + 1] - block_start[b]
        moved = np.empty(n)
        for layer in range(pair_start.shape[0]):
            moved[:] = 0.0
            for pair in range(pair_start[layer, b], pair_start[layer, b + 1]):
                u, at = most[pair_column[pair]], weight_start[pair]
                for i in range(n):
                    moved[i] += abs(weight[at + i]) * u
            out[layer, b] = 0.0
            for i in range(n):
                out[layer, b] = max(out[layer, b], moved[i])
