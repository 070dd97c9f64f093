"""One plan that is changed step by step: moves are tried, made and taken back.

What a move costs depends on the receptors that feel it and on the
neighbourhoods in which they live, not on the size of the city. Sums are the
same bits as those of a whole evaluation: columns and neighbourhoods that are
touched are added up anew, nothing is added and taken away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from evenground import kernels
from evenground.evaluation.evaluator import Evaluator
from evenground.evaluation.loops import Tasks
from evenground.evaluation.products import Evaluation
from evenground.kernels.threads import one_thread

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Byte = NDArray[np.uint8]
Plans = NDArray[np.int16]

CHUNKS = 8
"""Parts in which moves that are tried together run in parallel."""
WORTH_WAKING = 4
"""Moves from which on several threads try them sooner than one."""
NO_OPTION, NO_STEPS = np.zeros(0, np.int32), np.zeros(0, np.int16)
NO_PLACE = np.zeros((1, 1), np.int64)
NO_AMOUNTS = np.zeros((1, 0, 1), np.float32)
"""What whole plans change, of which a walk has none to sum (chunk, column, lane)."""


@dataclass(frozen=True)
class Move:
    """Options that are set anew, none twice, and to which amounts."""

    option: Index
    amount: Plans


@dataclass(frozen=True)
class Sums:
    """What some moves change: sums of the neighbourhoods that each of them touches."""

    start: Long
    """First entry of each move in the two below, and the end (move + 1,)."""
    zone: Index
    """Neighbourhoods that are touched (entry,)."""
    total: Float
    """Resident-weighted sums of responses, and stacking (entry, channel + 1)."""


@dataclass(frozen=True)
class _Lists:
    """What some moves change, before it is summed; see ``kernels.list_moves``.

    Made once for many moves, since to make them takes as long as to try one.
    """

    size: tuple[int, ...]
    """How many moves, columns, blocks and rows of weights there is room for."""
    worker_tasks: Long
    edits: Long
    edit_column: Index
    edit_amount: Float32
    tasks: Long
    task_block: Index
    task_layers: Index
    task_place: Long
    row_start: Long
    row: Long
    row_before: Float32
    row_after: Float32
    zones: Long
    zone: Index
    zone_start: Long
    moved: Float
    """Sums of the segments that change (place, channel + 1)."""
    part: Index
    lanes: Byte


@dataclass(frozen=True)
class _Before:
    """What a move overwrote, to take it back."""

    move: Move
    column: Index
    amount: Float32
    segment: Long
    sums: Float
    receptor: Long
    powered: Float32
    whole: Index
    zone: Index
    total: Float
    stacking: Float


class Walk:
    """A plan that is changed move by move, with its sums.

    Parameters
    ----------
    plan : (option,)
        Where the walk starts.
    """

    def __init__(self, evaluator: Evaluator, plan: Plans) -> None:
        self._evaluator, self._loops = evaluator, evaluator.loops
        loops = self._loops
        self._plans = np.repeat(np.array(plan, np.int16)[None, :], CHUNKS, axis=0)
        self._base = loops.find_base(self._plans[0])
        self._total, self._stacking = evaluator.add_up(np.zeros(1, np.int64), self._base.sums[None])
        amounts = loops.column_amounts(self._plans[:1])
        self._amounts = np.ascontiguousarray(amounts[0, :, 0])
        self._scratch = loops.scratch(CHUNKS, 1)
        self._seen = [np.full((CHUNKS, n), -1, np.int64) for n in self._sizes()]
        self._task_of = np.empty((CHUNKS, loops.n_block), np.int64)
        self._place_of = np.full((CHUNKS, loops.n_segment), -1, np.int64)
        self._stamp = 0
        self._lists = self._make_lists((1, 0, 0, 0))
        self._log: list[_Before] = []

    @property
    def plan(self) -> Plans:
        """The plan as it stands now (option,), a copy."""
        return np.array(self._plans[0])

    @property
    def evaluation(self) -> Evaluation:
        """What the plan does as it stands now: one candidate."""
        return self._evaluator.evaluation(self._total.copy(), self._stacking.copy())

    def try_moves(self, moves: Sequence[Move]) -> Sums:
        """Return what each move would change, each on its own; the plan stays as it is."""
        with one_thread(when=len(moves) < WORTH_WAKING):
            return self._sum(len(moves), self._list(moves))

    def evaluate(self, moves: Sequence[Move]) -> Evaluation:
        """Evaluate the plan after each move on its own (candidate = move); it stays as it is."""
        found = self.try_moves(moves)
        total = np.repeat(self._total, len(moves), axis=0)
        stacking = np.repeat(self._stacking, len(moves), axis=0)
        row = np.repeat(np.arange(len(moves)), np.diff(found.start))
        total[row, :, found.zone] = found.total[:, :-1]
        stacking[row, found.zone] = found.total[:, -1]
        return self._evaluator.evaluation(total, stacking)

    def apply(self, move: Move) -> None:
        """Make a move; :meth:`undo` takes it back."""
        with one_thread():
            self._apply(move)

    def _apply(self, move: Move) -> None:
        """Make a move and keep what it overwrites."""
        room = self._list([move])
        listed, n_task = self._lists, int(self._lists.tasks[0, 1])
        column = listed.edit_column[: int(listed.edits[0, 1])].copy()
        amount = listed.edit_amount[: column.size].copy()
        segment = _spread(self._loops.segments.of_block, listed.task_block[:n_task])
        receptor = _spread(self._loops.response.blocks.start, listed.task_block[:n_task])
        powered, whole = self._base.powered[:, receptor], self._base.whole[:, receptor]
        found = self._sum(1, room, is_kept=True)
        self._log.append(
            _Before(
                Move(move.option, self._plans[0, move.option]),
                column,
                self._amounts[column],
                segment,
                self._base.sums[segment],
                receptor,
                powered,
                whole,
                found.zone,
                self._total[0][:, found.zone],
                self._stacking[0, found.zone],
            )
        )
        self._set(move, column, amount)
        self._base.sums[segment] = listed.moved[: segment.size]
        self._total[0][:, found.zone] = found.total[:, :-1].T
        self._stacking[0, found.zone] = found.total[:, -1]

    def undo(self) -> None:
        """Take the last move back that still stands."""
        before = self._log.pop()
        self._set(before.move, before.column, before.amount)
        self._base.sums[before.segment] = before.sums
        self._base.powered[:, before.receptor] = before.powered
        self._base.whole[:, before.receptor] = before.whole
        self._total[0][:, before.zone] = before.total
        self._stacking[0, before.zone] = before.stacking

    def _set(self, move: Move, column: Index, amount: Float32) -> None:
        """Set options, and the amounts of the columns that follow from them."""
        self._plans[:, move.option] = move.amount
        self._amounts[column] = amount

    def _sizes(self) -> tuple[int, int, int]:
        """Return the number of columns, blocks and neighbourhoods."""
        return self._loops.n_column, self._loops.n_block, self._stacking.shape[1]

    def _sum(self, n: int, room: Long, *, is_kept: bool = False) -> Sums:
        """Sum the neighbourhoods that the listed moves change."""
        loops, listed = self._loops, self._lists
        tasks = Tasks(
            worker_tasks=listed.worker_tasks[: len(room) - 1],
            part=listed.part,
            block=listed.task_block,
            lanes=listed.lanes,
            layers=listed.task_layers,
            place=listed.task_place,
            lane_place=NO_PLACE,
            row_start=listed.row_start,
            row=listed.row,
            row_before=listed.row_before,
            row_after=listed.row_after,
        )
        moved, base = listed.moved, self._base
        loops.run(
            tasks, NO_AMOUNTS, moved, base, is_whole=False, is_kept=is_kept, scratch=self._scratch
        )
        start = listed.zone_start[: n + 1].copy()
        zone = np.empty(int(start[-1]), np.int32)
        total = np.empty((zone.size, moved.shape[1]))
        kernels.sum_moves(
            room,
            listed.tasks,
            listed.task_block,
            listed.task_place,
            moved,
            listed.zones,
            listed.zone,
            start,
            base.sums,
            loops.segments.of_block,
            loops.segments.zone_start,
            loops.segments.by_zone,
            self._evaluator.stack.weight,
            self._place_of,
            zone,
            total,
        )
        return Sums(start, zone, total)

    def _list(self, moves: Sequence[Move]) -> Long:
        """List the columns, blocks and neighbourhoods that moves change; see ``share_moves``."""
        loops, n = self._loops, len(moves)
        response, reach, segments = loops.response, loops.reach, loops.segments
        option = np.concatenate([NO_OPTION, *(move.option for move in moves)])
        amount = np.concatenate([NO_STEPS, *(move.amount for move in moves)])
        if (amount > response.most[option]).any():
            msg = "A move asks more of an option than there can be. Repair the plan first."
            raise ValueError(msg)
        start = np.array([0, *accumulate(move.option.size for move in moves)])
        room = np.empty((max(min(CHUNKS, n), 1) + 1, 4), np.int64)
        kernels.share_moves(
            start, option, response.change_start, reach.option_start, reach.option_rows, room
        )
        asked = (n, *room[-1, 1:].tolist())
        if any(one > most for one, most in zip(asked, self._lists.size, strict=True)):
            self._lists = self._make_lists(asked)
        out = self._lists
        kernels.list_moves(
            room,
            start,
            option,
            amount,
            self._plans,
            self._amounts,
            response.change_start,
            response.change_column,
            reach.column_start,
            reach.option,
            reach.effect,
            reach.layer,
            reach.start,
            reach.block,
            reach.row,
            loops.grain,
            segments.of_block,
            segments.zone,
            loops.most_segments,
            self._seen[0],
            self._seen[1],
            self._seen[2],
            self._task_of,
            self._stamp,
            out.worker_tasks,
            out.edits,
            out.edit_column,
            out.edit_amount,
            out.tasks,
            out.task_block,
            out.task_layers,
            out.task_place,
            out.row_start,
            out.row,
            out.row_before,
            out.row_after,
            out.zones,
            out.zone,
            out.zone_start,
        )
        self._stamp += n
        return room

    def _make_lists(self, asked: tuple[int, ...]) -> _Lists:
        """Make room for some more moves than are asked."""
        size = tuple(2 * each + CHUNKS for each in asked)
        n, n_edit, n_task, n_row = size
        n_place = n_task * self._loops.most_segments
        return _Lists(
            size,
            worker_tasks=np.empty((CHUNKS, 2), np.int64),
            edits=np.empty((n, 2), np.int64),
            edit_column=np.empty(n_edit, np.int32),
            edit_amount=np.empty(n_edit, np.float32),
            tasks=np.empty((n, 2), np.int64),
            task_block=np.empty(n_task, np.int32),
            task_layers=np.empty(n_task, np.int32),
            task_place=np.empty(n_task, np.int64),
            row_start=np.empty(n_task * self._loops.grain.size + 1, np.int64),
            row=np.empty(n_row, np.int64),
            row_before=np.empty(n_row, np.float32),
            row_after=np.empty(n_row, np.float32),
            zones=np.empty((n, 2), np.int64),
            zone=np.empty(n_place, np.int32),
            zone_start=np.empty(n + 1, np.int64),
            moved=np.empty((n_place, self._total.shape[1] + 1)),
            part=np.zeros(n_task, np.int32),
            lanes=np.ones(n_task, np.uint8),
        )


def _spread(start: Long, block: Index) -> Long:
    """Return what lies in some blocks, of which ``start`` (block + 1,) says where each begins."""
    count = start[block + 1] - start[block]
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(np.repeat(start[block], count) + within)
