"""What the machine can do at most, measured; and what the evaluation asks of it, counted.

Limits are those of compiled loops that do nothing else: memory by triad, cache by adding up
what stays in it, arithmetic by multiply-adds that stay in registers. Work is counted from the
arrays of the response and from the operations that stand in ``kernels.sum_blocks``; a division
counts as one, and so does each of the choices of a larger or smaller number.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numba
import numpy as np
from numba import njit, prange

from evenground.evaluation.loops import LANES, Loops

LARGE = 16_000_000
"""Numbers of each array of the triad: 64 MB, far beyond the cache."""
HELD = 131_072
"""Numbers of half a megabyte, in the second cache and not in the first."""
ROUNDS = 800
"""Times that they are added up: so many that waking threads does not count."""
PASSES = 4000
"""Times that the numbers in registers are gone through, for the same reason."""
CHAIN = 16
"""Multiply-adds between a load and a store."""
PER_WEIGHT, PER_STATE = 3, 3
"""Operations on a weight (multiplied, rounded and added) and on a state made of grains."""
PER_DECIBEL, PER_RESPONSE, PER_STACK = 33, 12, 26
"""Operations in single precision of ``to_decibels``, ``respond`` and ``cube_root``."""


@njit(parallel=True, fastmath={"contract"})
def triad(a, b, c, factor):  # noqa: ANN001, ANN201 - three arrays and a number
    for i in prange(a.size):
        a[i] = b[i] + factor * c[i]


@njit(parallel=True, fastmath={"contract", "reassoc"})
def add_up(held, out, rounds):  # noqa: ANN001, ANN201 - (thread, number), (thread, round)
    for t in prange(held.shape[0]):
        own, sums = held[t], out[t]
        for k in range(rounds):
            total = np.float32(0.0)
            for i in range(own.size):
                total += own[i]
            sums[k] = total
            own[k] = total  # so that no round is that of before


@njit(parallel=True, fastmath={"contract"})
def multiply_add(x, factor, rounds):  # noqa: ANN001, ANN201 - (thread, number)
    for t in prange(x.shape[0]):
        own = x[t]
        for _ in range(rounds):
            for i in range(own.size):
                v = own[i]
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                v = v * factor + factor
                own[i] = v


@dataclass(frozen=True)
class Limits:
    """What some threads do at most in a second."""

    memory: float
    """Bytes to and from memory."""
    cache: float
    """Bytes from the second cache."""
    single: float
    """Operations in single precision."""
    double: float
    """Operations in double precision."""


@dataclass(frozen=True)
class Work:
    """What the evaluation of some plans asks for."""

    memory: float
    cache: float
    single: float
    double: float

    def seconds(self, limits: Limits) -> dict[str, float]:
        """Return the least seconds by each limit."""
        return {
            "memory": self.memory / limits.memory,
            "cache": self.cache / limits.cache,
            "arithmetic": self.single / limits.single + self.double / limits.double,
        }


class Machine:
    """Loops that find the limits of some threads."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._large = [np.ones(LARGE, np.float32) for _ in range(3)]
        self._held = np.ones((threads, HELD), np.float32)
        self._sums = np.zeros((threads, ROUNDS), np.float32)
        self._x = [np.full((threads, 2048), 0.5, kind) for kind in (np.float32, np.float64)]

    def measure(self) -> Limits:
        """Measure once."""
        numba.set_num_threads(self.threads)
        factor, n = np.float32(0.5), self.threads
        memory = seconds(lambda: triad(*self._large, factor), n)
        cache = seconds(lambda: add_up(self._held, self._sums, ROUNDS), n)
        single, double = (
            seconds(lambda x=x: multiply_add(x, x.dtype.type(0.5), PASSES), n) for x in self._x
        )
        done = 2.0 * CHAIN * PASSES * self._x[0].size
        return Limits(
            3 * self._large[0].nbytes / memory,
            ROUNDS * self._held.nbytes / cache,
            done / single,
            done / double,
        )


def seconds(work: Callable[[], object], threads: int = 1) -> float:
    """Return the seconds of processor that each of some threads spends on some work.

    Not of the clock: where others use the machine, short loops find a quiet moment and long
    ones do not, so that the clock would compare moments and not loops.
    """
    start = time.process_time()
    work()
    return (time.process_time() - start) / threads


def count_work(loops: Loops, plans: np.ndarray) -> Work:
    """Count what a full evaluation of plans (candidate, option) asks for, all of them together.

    Memory: each weight that some plan uses once, the lists of all pairs, what is known of each
    receptor, amounts of columns and sums of segments written and read. Cache: each row of
    weights once for each plan that uses it.
    """
    weights, blocks = loops.response.weights, loops.response.blocks
    size = np.diff(blocks.start)
    amounts = loops.column_amounts(plans)
    used = (amounts != 0.0).transpose(0, 2, 1).reshape(-1, loops.n_column)[: len(plans)]
    n_layer, n_block = weights.pair_start.shape[0], loops.n_block
    per_block = np.diff(weights.pair_start, axis=1)
    block_of = np.repeat(np.tile(np.arange(n_block), n_layer), per_block.ravel())
    felt = size[block_of]
    visits = float((used @ np.bincount(weights.column, felt, loops.n_column)).sum())
    met = float(felt[used.any(axis=0)[weights.column]].sum())
    single, double = PER_WEIGHT * visits, 0.0
    stacks = np.zeros((len(plans), n_block), bool)
    for layer in range(n_layer):
        pairs = slice(weights.pair_start[layer, 0], weights.pair_start[layer, -1])
        touched = np.zeros((len(plans), n_block), bool)
        for c, row in enumerate(used):
            touched[c] = np.bincount(block_of[pairs], row[weights.column[pairs]], n_block) > 0
        receptors = float((touched @ size).sum())
        channels = int(np.diff(loops.channel_start)[layer])
        is_stacked = bool(loops.stack.is_stacked[layer])
        single += receptors * PER_STATE
        single += receptors * channels * (PER_RESPONSE + 2 * is_stacked)
        single += receptors * (PER_DECIBEL * bool(loops.response.is_energy[layer]) + 3 * is_stacked)
        double += 2.0 * receptors * channels
        stacks |= touched & is_stacked
    stacked = float((stacks @ size).sum())
    sums = 8.0 * loops.n_segment * (loops.dose.layer.size + 1) * (2 * len(plans) + 1)
    known = size.sum() * (4.0 * (2 * n_layer + 1 + int(loops.stack.is_stacked.sum())) + 8.0)
    memory = 4.0 * met + 12.0 * weights.column.size + known + sums + 2.0 * amounts.nbytes
    assert amounts.shape[2] == LANES
    return Work(memory, 4.0 * visits, single + PER_STACK * stacked, double + 2.0 * stacked)
