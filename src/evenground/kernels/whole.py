"""Changes of a state in whole numbers: the same bits in whatever order they are added.

A column times its weight is rounded to whole grains, of which a state may hold 2^30. Sums of
whole numbers are exact. So a plan of which one option changes is brought up to date by what that
option did and does, and has the bits of a plan that was summed afresh. Knows numbers only.
"""

from typing import Any

import numpy as np
from llvmlite.ir import FunctionType, VoidType
from numba import njit, prange, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from evenground.kernels.compiled import IS_PLAIN, compiled

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]


def _round(_: Any, value: Any) -> Any:  # noqa: ANN401 - types of the compiler
    """Round a float32 to the nearest int32; of two the even one.

    The processor has this as one instruction for many numbers, which the compiler finds where
    both steps follow each other.
    """

    def build(context: Any, builder: Any, _: Any, given: Any) -> Any:  # noqa: ANN401
        single, whole = (context.get_value_type(kind) for kind in (types.float32, types.int32))
        rint = builder.module.declare_intrinsic("llvm.rint", [single])
        return builder.fptosi(builder.call(rint, given), whole)

    return types.int32(value), build


def _prefetch(_: Any, values: Any, place: Any) -> Any:  # noqa: ANN401 - types of the compiler
    """Ask for the line of memory of one place of an array, and go on without waiting."""

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ANN401
        array = context.make_array(signature.args[0])(context, builder, given[0])
        at = builder.gep(array.data, [given[1]])
        byte, whole = (context.get_value_type(kind) for kind in (types.voidptr, types.int32))
        kind = FunctionType(VoidType(), [byte, whole, whole, whole])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        builder.call(fetch, [builder.bitcast(at, byte), whole(0), whole(3), whole(1)])
        return context.get_dummy_value()

    return types.void(values, place), build


def _plain_round(value: np.float32) -> np.int32:
    return np.int32(np.rint(value))


def _plain_prefetch(_: Float | Float32 | Index, __: int) -> None:
    """Do nothing: plain Python cannot ask for memory ahead, and the result is the same."""


nearest: Any = _plain_round if IS_PLAIN else intrinsic(_round)
prefetch: Any = _plain_prefetch if IS_PLAIN else intrinsic(_prefetch)


@njit(nogil=True, inline="always", error_model="numpy")
def add_rows(weight: Float32, row: Long, amount: Float32, count: int, moved: Index, n: int) -> None:
    """Add the listed rows of weights times their amounts, eight at once to hide the loads.

    Parameters
    ----------
    row, amount : (listed,)
        Where each row begins, and its amount in grains.
    moved : (receptor,)
        Changed in place.
    """
    whole = count - count % 8
    for at in range(0, whole, 8):
        w0, w1 = weight[row[at] : row[at] + n], weight[row[at + 1] : row[at + 1] + n]
        w2, w3 = weight[row[at + 2] : row[at + 2] + n], weight[row[at + 3] : row[at + 3] + n]
        w4, w5 = weight[row[at + 4] : row[at + 4] + n], weight[row[at + 5] : row[at + 5] + n]
        w6, w7 = weight[row[at + 6] : row[at + 6] + n], weight[row[at + 7] : row[at + 7] + n]
        u0, u1, u2, u3 = amount[at], amount[at + 1], amount[at + 2], amount[at + 3]
        u4, u5, u6, u7 = amount[at + 4], amount[at + 5], amount[at + 6], amount[at + 7]
        for i in range(n):
            first = nearest(w0[i] * u0) + nearest(w1[i] * u1)
            first += nearest(w2[i] * u2) + nearest(w3[i] * u3)
            then = nearest(w4[i] * u4) + nearest(w5[i] * u5)
            then += nearest(w6[i] * u6) + nearest(w7[i] * u7)
            moved[i] += first + then
    for at in range(whole, count):
        w0, u0 = weight[row[at] : row[at] + n], amount[at]
        for i in range(n):
            moved[i] += nearest(w0[i] * u0)


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
    for at in range(first, last):
        w, old, new = weight[row[at] : row[at] + n], before[at], after[at]
        for i in range(n):
            moved[i] += nearest(w[i] * new) - nearest(w[i] * old)


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
