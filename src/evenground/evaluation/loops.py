"""The arrays that the compiled loops take, made once from the labelled products.

Knows which receptors form a segment (a run of one block in one neighbourhood),
and which blocks feel each column. Knows nothing of plans or scores.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground import kernels
from evenground.evaluation.places import Places, Segments, build_places
from evenground.evaluation.products import DoseResponse, Stack
from evenground.interventions import Response
from evenground.kernels.pointwise import VECTOR
from evenground.names import LAYERS
from evenground.study import Receptors

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Bool = NDArray[np.bool_]
Byte = NDArray[np.uint8]
Plans = NDArray[np.int16]
Listing = tuple[Index, Byte, Long, Float32]
Scratch = tuple[Float32, Index, Float, *Listing]

LANES = 8
"""Candidates that one thread takes through a block together. Fixed, so that results are too."""
MOST_DIFFERING = 0.95
"""Share of the blocks in which a child may differ from a parent and still take over the rest.
To find what differs takes about 5 % of a full evaluation, so this is where it stops to pay."""
WORKERS = 32
"""Parts in which the blocks of whole plans are summed in parallel."""
ROOM = 2.0**30
"""Grains that a state may move, to either side: half of what an int32 holds."""
SHARED = ("reach", "places")
"""What follows from blocks and weights alone."""


@dataclass(frozen=True)
class Reach:
    """What a change of an option reaches: its columns, and the blocks that feel them."""

    start: Long
    """First entry of each column in ``block`` (column + 1,)."""
    block: Index
    """Blocks that feel each column (pair,)."""
    row: Long
    """Where the weights of each pair begin (pair,)."""
    column_start: Long
    """First entry of each column in the two below (column + 1,)."""
    option: Index
    """Options that change each column, in their order (change,)."""
    effect: Float32
    """How much a step adds (change,)."""
    layer: Byte
    """Layer of each column (column,)."""
    option_rows: Long
    """Rows of weights that all options before each one change (option + 1,)."""
    option_start: Long
    """First entry of each option in ``option_block`` (option + 1,)."""
    option_block: Index
    """Blocks that feel each option, each once (place,)."""


@dataclass(frozen=True)
class Tasks:
    """Which blocks are summed for which plans, and where the sums go; see ``sum_blocks``."""

    worker_tasks: Long
    part: Index
    block: Index
    lanes: Byte
    layers: Index
    place: Long
    lane_place: Long
    row_start: Long
    row: Long
    row_before: Float32
    row_after: Float32


@dataclass(frozen=True)
class Base:
    """Sums of a plan, taken over where another changes nothing beyond it."""

    sums: Float
    """Resident-weighted sums of responses, and of the stacking (segment, channel + 1)."""
    powered: Float32
    """Scaled burdens to the power of the stack (layer, receptor)."""
    whole: Index
    """Change of the state, in grains (layer, receptor)."""


@dataclass(frozen=True)
class Loops:
    """The arrays of the compiled loops; see ``kernels.sum_blocks``."""

    receptors: Receptors
    response: Response
    dose: DoseResponse
    stack: Stack
    segments: Segments

    def with_stack(self, stack: Stack) -> "Loops":
        """Return the same arrays with another stacking measure."""
        return replace(self, stack=stack).sharing(self)

    def sharing(self, other: "Loops") -> "Loops":
        """Take over what another has worked out of the same blocks and weights; return itself."""
        for name in SHARED:
            if name in other.__dict__:
                self.__dict__[name] = other.__dict__[name]
        return self

    @property
    def n_column(self) -> int:
        """Number of places that options change."""
        return self.response.n_column

    @property
    def n_segment(self) -> int:
        """Number of segments."""
        return int(self.segments.zone.size)

    @property
    def n_block(self) -> int:
        """Number of blocks."""
        return int(self.response.blocks.start.size - 1)

    @cached_property
    def channel_start(self) -> Long:
        """First channel of each layer (layer + 1,)."""
        return np.searchsorted(self.dose.layer, np.arange(len(LAYERS) + 1)).astype(np.int64)

    @cached_property
    def grain(self) -> Float32:
        """What one whole number is worth of a change of the state (layer,); see ``kernels``.

        The least power of two of which a state has room for what all options together do. A
        state of a few degrees is so known to 1e-8; in single precision it is to 2e-6.
        """
        response, weights = self.response, self.response.weights
        steps = np.repeat(response.most.astype(float), np.diff(response.change_start))
        effect = np.abs(response.change_effect) * steps
        most = np.bincount(response.change_column, effect, self.n_column).astype(np.float32)
        moved = np.zeros((len(response.baseline), self.n_block))
        kernels.most_moved(
            most,
            response.blocks.start,
            weights.pair_start,
            weights.column,
            weights.start,
            weights.values,
            moved,
        )
        largest = np.maximum(moved.max(axis=1, initial=0.0), np.finfo(np.float32).tiny * ROOM)
        return np.asarray(np.exp2(np.ceil(np.log2(largest / ROOM))), np.float32)

    @cached_property
    def reach(self) -> Reach:
        """What a change of an option reaches."""
        return _build_reach(self.response)

    @cached_property
    def places(self) -> Places:
        """Where derivatives are summed: columns by the neighbourhoods that feel them."""
        return build_places(self.response, self.segments)

    @cached_property
    def _fixed(self) -> tuple[Any, ...]:
        """What ``sum_blocks`` takes that is the same for all plans, in its order."""
        response, dose, stack = self.response, self.dose, self.stack
        return (
            response.blocks.start,
            self.segments.start,
            self.segments.of_block,
            response.weights.pair_start,
            response.weights.column,
            response.weights.start,
            response.weights.values,
            self.grain,
            response.baseline,
            response.level,
            response.is_energy,
            self.receptors.residents,
            self.receptors.neighbourhood,
            self.channel_start,
            dose.low.astype(np.float32),
            (1.0 / dose.width).astype(np.float32),
            dose.curve_start,
            dose.curve.astype(np.float32),
            stack.factor.astype(np.float32),
            stack.is_stacked,
            float(stack.power),
        )

    @cached_property
    def largest(self) -> int:
        """Receptors of the largest block."""
        return int(np.diff(self.response.blocks.start).max(initial=0))

    @cached_property
    def most_segments(self) -> int:
        """Segments of the block that has most."""
        return int(np.diff(self.segments.of_block).max(initial=0))

    @cached_property
    def _most_pairs(self) -> int:
        """Pairs of the block and layer that has most."""
        return int(np.diff(self.response.weights.pair_start).max(initial=0))

    def scratch(self, n_worker: int, lanes: int) -> Scratch:
        """Make the scratch of ``sum_blocks``, finite also where nothing has been computed."""
        wide = -(-self.largest // VECTOR) * VECTOR
        return (
            np.zeros((n_worker, lanes + 4, wide), np.float32),
            np.zeros((n_worker, wide), np.int32),
            np.zeros((n_worker, wide)),
            *self.listing(n_worker),
        )

    def listing(self, n_worker: int) -> Listing:
        """Make the scratch in which rows of weights are listed."""
        pairs = (n_worker, self._most_pairs + 1)
        return (
            np.empty(pairs, np.int32),
            np.empty(pairs, np.uint8),
            np.empty(pairs, np.int64),
            np.empty(pairs, np.float32),
        )

    def blank(self) -> Base:
        """Make room for the sums of the empty plan."""
        shape = (self.n_segment, self.dose.layer.size + 1)
        felt = self.response.baseline.shape
        return Base(np.zeros(shape), np.zeros(felt, np.float32), np.zeros(felt, np.int32))

    def column_amounts(self, plans: Plans) -> Float32:
        """Sum the options of each plan into columns (chunk, column, lane).

        Raises
        ------
        ValueError
            Of plans with more of an option than there can be: states have no room for it.
        """
        most = self.response.most
        if (plans > most).any():
            row, option = np.argwhere(plans > most)[0]
            msg = (
                f"Plan {row} has {plans[row, option]} steps of option {option}, of at most "
                f"{most[option]}. Repair the plan first."
            )
            raise ValueError(msg)
        amounts = np.empty((-(-len(plans) // LANES), self.n_column, LANES), np.float32)
        kernels.column_amounts(
            np.ascontiguousarray(plans),
            self.response.change_start,
            self.response.change_column,
            self.response.change_effect,
            amounts,
        )
        return amounts

    @staticmethod
    def lanes_at_work(amounts: Float32) -> Byte:
        """Return as bits the lanes in which each column has an amount (chunk, column)."""
        at_work = np.empty(amounts.shape[:2], np.uint8)
        kernels.find_lanes(amounts, at_work)
        return at_work

    def run(
        self,
        tasks: Tasks,
        amounts: Float32,
        out: Float,
        base: Base,
        *,
        is_whole: bool = True,
        is_kept: bool = False,
        scratch: Scratch | None = None,
    ) -> None:
        """Sum what the tasks ask into ``out`` (place, channel + 1).

        Parameters
        ----------
        amounts : (chunk, column, lane)
            See :meth:`column_amounts`.
        base, is_whole, is_kept
            See the kernel.
        """
        # moves ask for none, and to look would wake all threads
        none = np.zeros((amounts.shape[0], 0), np.uint8)
        at_work = self.lanes_at_work(amounts) if is_whole else none
        arguments = (
            tasks.worker_tasks,
            tasks.part,
            tasks.block,
            tasks.lanes,
            tasks.layers,
            tasks.place,
            tasks.lane_place,
            tasks.row_start,
            tasks.row,
            tasks.row_before,
            tasks.row_after,
            amounts,
            at_work,
            *self._fixed,
            is_whole,
            is_kept,
            base.sums,
            base.powered,
            base.whole,
            *(scratch or self.scratch(len(tasks.worker_tasks), amounts.shape[2])),
            out,
        )
        kernels.sum_blocks(*arguments)

    def find_base(self, plan: Plans) -> Base:
        """Sum a plan (option,) in full, and keep what other plans may take over."""
        base = self.blank()
        tasks = self.whole(np.zeros(1, np.int64), is_forced=True)
        self.run(tasks, self.column_amounts(plan[None, :]), base.sums, base, is_kept=True)
        return base

    def whole(self, slots: Long, *, is_forced: bool = False) -> Tasks:
        """List all blocks for every plan, with the row of ``sums`` in which each goes.

        Parameters
        ----------
        is_forced
            Whether all layers are computed, also where a plan changes nothing.
        """
        n_chunk, n_block = -(-len(slots) // LANES), self.n_block
        full = np.full(n_chunk, (1 << LANES) - 1, np.uint8)
        if len(slots) % LANES:
            full[-1] = (1 << len(slots) % LANES) - 1
        block = np.repeat(np.arange(n_block, dtype=np.int32), n_chunk)
        part = np.tile(np.arange(n_chunk, dtype=np.int32), n_block)
        tasks = self.listed(slots, part, block, full[part])
        every = np.full(block.size, (1 << len(LAYERS)) - 1, np.int32)
        return replace(tasks, layers=every) if is_forced else tasks

    def listed(self, slots: Long, part: Index, block: Index, lanes: Byte) -> Tasks:
        """Put listed chunks and blocks (task,) to sum in a form to run.

        The tasks come by block, so that its weights are read once for all plans.
        """
        n_worker = max(min(WORKERS, block.size), 1)
        end = np.linspace(0, block.size, n_worker + 1).astype(np.int64)
        place = np.zeros(-(-len(slots) // LANES) * LANES, np.int64)
        place[: len(slots)] = slots * self.n_segment
        return Tasks(
            worker_tasks=np.column_stack([end[:-1], end[1:]]),
            part=part,
            block=block,
            lanes=lanes,
            layers=np.zeros(block.size, np.int32),
            place=self.segments.of_block[block],
            lane_place=place.reshape(-1, LANES),
            row_start=np.zeros(0, np.int64),
            row=np.zeros(0, np.int64),
            row_before=np.zeros(0, np.float32),
            row_after=np.zeros(0, np.float32),
        )

    def inherited(self, slots: Long, parents: Long, plans: Plans, sums: Float) -> Tasks:
        """Take over the blocks in which children equal a parent; list all others.

        Parameters
        ----------
        slots : (candidate,), parents : (candidate, 2)
            Rows of children and parents in ``plans`` (slot, option) and ``sums`` (slot,
            segment, channel + 1); -1 for a parent that is not there.
        """
        n_chunk = -(-len(slots) // LANES)
        count = np.empty(n_chunk, np.int64)
        block = np.zeros((n_chunk, self.n_block), np.int32)
        lanes = np.empty((n_chunk, self.n_block), np.uint8)
        kernels.inherit_sums(
            slots,
            np.ascontiguousarray(parents),
            plans,
            self.reach.option_start,
            self.reach.option_block,
            self.segments.of_block,
            int(MOST_DIFFERING * self.n_block),
            np.empty((len(slots), 2, self.n_block), np.uint8),
            sums,
            count,
            block,
            lanes,
        )
        part = np.repeat(np.arange(n_chunk, dtype=np.int32), count)
        is_listed = np.arange(self.n_block) < count[:, None]
        block, lanes = block[is_listed], lanes[is_listed]
        order = np.argsort(block, kind="stable")
        return self.listed(slots, part[order], block[order], lanes[order])


def build_loops(
    receptors: Receptors, n_zone: int, response: Response, dose: DoseResponse, stack: Stack
) -> Loops:
    """Make the arrays of the compiled loops."""
    blocks, neighbourhood = response.blocks.start, receptors.neighbourhood
    is_first = np.ones(neighbourhood.size, bool)
    is_first[1:] = np.diff(neighbourhood) != 0
    is_first[blocks[:-1]] = True
    first = np.flatnonzero(is_first)
    start = np.append(first, neighbourhood.size).astype(np.int64)
    zone = neighbourhood[first].astype(np.int32)
    by_zone = np.argsort(zone, kind="stable").astype(np.int64)
    zone_start = np.searchsorted(zone[by_zone], np.arange(n_zone + 1)).astype(np.int64)
    of_block = np.searchsorted(start, blocks).astype(np.int64)
    segments = Segments(start, of_block, zone, zone_start, by_zone)
    return Loops(receptors, response, dose, stack, segments)


def _build_reach(response: Response) -> Reach:
    """Turn the lists of columns by block, and of columns by option, round."""
    per_block = np.diff(response.weights.pair_start, axis=1)
    n_block, n_column = per_block.shape[1], response.n_column
    block = np.repeat(np.tile(np.arange(n_block), len(per_block)), per_block.ravel())
    layer = np.zeros(n_column, np.uint8)
    layer[response.weights.column] = np.repeat(np.arange(len(per_block)), per_block.sum(axis=1))
    # pairs lie by block, so that a stable sort keeps the blocks of a column in their order
    order = np.argsort(response.weights.column, kind="stable").astype(np.int32)
    start = np.searchsorted(response.weights.column[order], np.arange(n_column + 1))
    felt = block[order].astype(np.int32)
    option = np.repeat(np.arange(response.change_start.size - 1), np.diff(response.change_start))
    by_column = np.argsort(response.change_column, kind="stable")
    column_start = np.searchsorted(response.change_column[by_column], np.arange(n_column + 1))
    rows = np.concatenate([[0], np.cumsum(np.diff(start)[response.change_column])])
    by_option = _reach_of_options(response, start.astype(np.int64), felt)
    return Reach(
        start.astype(np.int64),
        felt,
        response.weights.start[order],
        column_start.astype(np.int64),
        option[by_column].astype(np.int32),
        response.change_effect[by_column],
        layer,
        rows[response.change_start].astype(np.int64),
        *by_option,
    )


def _reach_of_options(response: Response, start: Long, felt: Index) -> tuple[Long, Index]:
    """List the blocks that feel each option."""
    n_block = response.blocks.start.size - 1
    first = np.zeros(response.change_start.size, np.int64)
    block = np.zeros(0, np.int32)
    for _ in range(2):  # counted, then listed
        kernels.reach_of_options(
            response.change_start,
            response.change_column,
            start,
            felt,
            np.empty(n_block, np.int64),
            first,
            block,
        )
        block = np.resize(block, first[-1])
    return first, block
