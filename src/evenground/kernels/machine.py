"""What the processor can do and the language cannot say: for each a way in plain Python as well.

Knows numbers only.
"""

from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils as _cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic
from numpy.typing import NDArray

from evenground.kernels.compiled import IS_PLAIN

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]

Ir: TypeAlias = Any
"""Types and values of the compiler, which are untyped."""
cgutils: Ir = _cgutils

WIDTHS = (16, 4, 1)
"""Numbers that are taken together, where there are as many: as many as the widest registers hold,
which the compiler splits where they are narrower."""
HELD = 6
"""Vectors of sums that are held in registers at most; narrow processors have room for no more."""


def _prefetch(_: Ir, values: Ir, place: Ir) -> Ir:
    """Ask for the line of memory of one place of an array, and go on without waiting."""

    def build(context: Ir, builder: Ir, signature: Ir, given: Ir) -> Ir:
        array = context.make_array(signature.args[0])(context, builder, given[0])
        at = builder.gep(array.data, [given[1]])
        byte, whole = (context.get_value_type(kind) for kind in (types.voidptr, types.int32))
        kind = ir.FunctionType(ir.VoidType(), [byte, whole, whole, whole])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        builder.call(fetch, [builder.bitcast(at, byte), whole(0), whole(3), whole(1)])
        return context.get_dummy_value()

    return types.void(values, place), build


def _add_products(_: Ir, weight: Ir, row: Ir, amount: Ir, count: Ir, moved: Ir, n: Ir) -> Ir:
    """Add the rounded products of the first rows of a list and their amounts."""

    def build(context: Ir, builder: Ir, signature: Ir, given: Ir) -> Ir:
        array = [_data(context, builder, signature, given, at) for at in (0, 1, 2, 4)]
        terms = [(builder.add, array[2])]
        rows = (given[3].type(0), given[3])
        _Products(builder, rows, array[0], array[1], terms, array[3]).emit(given[5])
        return context.get_dummy_value()

    return types.void(weight, row, amount, _count(count), moved, _count(n)), build


def _change_products(
    _: Ir,
    weight: Ir,
    row: Ir,
    before: Ir,
    after: Ir,
    first: Ir,
    last: Ir,
    moved: Ir,
    n: Ir,
) -> Ir:
    """Put the rounded products of some rows and their new amounts in the place of the old."""

    def build(context: Ir, builder: Ir, signature: Ir, given: Ir) -> Ir:
        array = [_data(context, builder, signature, given, at) for at in (0, 1, 2, 3, 6)]
        terms = [(builder.add, array[3]), (builder.sub, array[2])]
        _Products(builder, given[4:6], array[0], array[1], terms, array[4]).emit(given[7])
        return context.get_dummy_value()

    rows = _count(first), _count(last)
    return types.void(weight, row, before, after, *rows, moved, _count(n)), build


def _count(given: Ir) -> Ir:
    """Return the type as which a whole number of any type is taken."""
    if not isinstance(given, types.Integer):
        msg = f"A whole number is wanted, not {given}."
        raise TypingError(msg)
    return types.intp


def _data(context: Ir, builder: Ir, signature: Ir, given: Ir, at: int) -> Ir:
    """Return where the numbers of an array lie."""
    return context.make_array(signature.args[at])(context, builder, given[at]).data


class _Products:
    """Writes the loop over rows with some vectors of sums in registers.

    Left to itself the compiler reads and writes the sums for every few rows, asks each time
    whether they lie among the weights, and sums what is left of a vector one by one. Here the
    last vector of a group ends where the group ends: what it shares with the one before is
    summed twice, to the same whole numbers.

    Parameters
    ----------
    rows
        First listed row, and the end.
    terms
        What is done with the rounded product of a row and an amount, and the listed amounts.
    """

    def __init__(
        self, builder: Ir, rows: Ir, weight: Ir, row: Ir, terms: list[Ir], moved: Ir
    ) -> None:
        self._builder, self._rows, self._terms = builder, rows, terms
        self._weight, self._row, self._moved = weight, row, moved

    def emit(self, n: Ir) -> None:
        """Write the loop over the ``n`` places of a row, by the widest vectors that fit."""
        build, kind = self._builder, n.type
        most = kind(HELD * WIDTHS[0])
        with build.if_else(build.icmp_signed("<=", n, most)) as (few, many):
            with few:
                self._widths(n, 0)
            with many:
                count = build.sdiv(build.add(n, kind(HELD * WIDTHS[0] - 1)), most)
                with cgutils.for_range(build, count) as loop:
                    begin = build.sdiv(build.mul(n, loop.index), count)
                    then = build.add(loop.index, kind(1))
                    end = build.sdiv(build.mul(n, then), count)
                    self._group(begin, end, WIDTHS[0])

    def _widths(self, n: Ir, at: int) -> None:
        """Write what sums one group of places from the first on."""
        build, width = self._builder, WIDTHS[at]
        if at == len(WIDTHS) - 1:
            self._group(n.type(0), n, width)
            return
        with build.if_else(build.icmp_signed(">=", n, n.type(width))) as (wide, narrow):
            with wide:
                self._group(n.type(0), n, width)
            with narrow:
                self._widths(n, at + 1)

    def _group(self, begin: Ir, end: Ir, width: int) -> None:
        """Write what sums a group of places, with as many vectors as it takes."""
        build, kind = self._builder, end.type
        over = build.add(build.sub(end, begin), kind(width - 1))
        vectors = build.lshr(over, kind(width.bit_length() - 1))
        after = build.append_basic_block("summed")
        choice = build.switch(vectors, after)
        for held in range(1, HELD + 1):
            block = build.append_basic_block(f"held{held}")
            choice.add_case(kind(held), block)
            with build.goto_block(block):
                inner = [build.add(begin, kind(width * k)) for k in range(held - 1)]
                self._held([*inner, build.sub(end, kind(width))], width)
                build.branch(after)
        build.position_at_end(after)

    def _held(self, places: list[Ir], width: int) -> None:
        """Write the loop over rows, with the sums of the vectors at some places held."""
        build, rows = self._builder, self._rows
        single, whole = (ir.VectorType(t, width) for t in (ir.FloatType(), ir.IntType(32)))
        sums = [
            cgutils.alloca_once_value(build, self._load(self._moved, at, whole)) for at in places
        ]
        with cgutils.for_range_slice(build, *rows, rows[0].type(1)) as (at, _):
            begin = build.load(build.gep(self._row, [at]))
            factors = [
                (step, self._spread(build.load(build.gep(amount, [at])), single))
                for step, amount in self._terms
            ]
            for held, place in zip(sums, places, strict=True):
                weight = self._load(self._weight, build.add(begin, place), single)
                total = build.load(held)
                for step, factor in factors:
                    total = step(total, self._rounded(build.fmul(weight, factor), whole))
                build.store(total, held)
        for held, place in zip(sums, places, strict=True):
            to = build.bitcast(build.gep(self._moved, [place]), whole.as_pointer())
            build.store(build.load(held), to, align=4)

    def _rounded(self, value: Ir, whole: Ir) -> Ir:
        """Round each number of a vector to the nearest; of two to the even one.

        The processor has this as one instruction, which the compiler finds where both steps
        follow each other.
        """
        kind = ir.FunctionType(value.type, [value.type])
        name = f"llvm.rint.v{value.type.count}f32"
        rint = cgutils.get_or_insert_function(self._builder.module, kind, name)
        return self._builder.fptosi(self._builder.call(rint, [value]), whole)

    def _load(self, array: Ir, place: Ir, kind: Ir) -> Ir:
        """Read a vector from a place of an array."""
        build = self._builder
        return build.load(build.bitcast(build.gep(array, [place]), kind.as_pointer()), align=4)

    def _spread(self, value: Ir, kind: Ir) -> Ir:
        """Return a vector that holds one number everywhere."""
        build, whole = self._builder, ir.IntType(32)
        none = ir.Constant(kind, ir.Undefined)
        one = build.insert_element(none, value, whole(0))
        return build.shuffle_vector(one, none, ir.Constant(ir.VectorType(whole, kind.count), None))


def _plain_prefetch(_: Float | Float32 | Index, __: int) -> None:
    """Do nothing: plain Python cannot ask for memory ahead, and the result is the same."""


def _plain_add_products(
    weight: Float32, row: Long, amount: Float32, count: int, moved: Index, n: int
) -> None:
    for at in range(count):
        moved[:n] += np.rint(weight[row[at] : row[at] + n] * amount[at]).astype(np.int32)


def _plain_change_products(
    weight: Float32,
    row: Long,
    before: Float32,
    after: Float32,
    first: int,
    last: int,
    moved: Index,
    n: int,
) -> None:
    for at in range(first, last):
        one = weight[row[at] : row[at] + n]
        moved[:n] += np.rint(one * after[at]).astype(np.int32)
        moved[:n] -= np.rint(one * before[at]).astype(np.int32)


prefetch: Any = _plain_prefetch if IS_PLAIN else intrinsic(_prefetch)
add_products: Any = _plain_add_products if IS_PLAIN else intrinsic(_add_products)
change_products: Any = _plain_change_products if IS_PLAIN else intrinsic(_change_products)
