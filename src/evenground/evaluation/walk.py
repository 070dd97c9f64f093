"""One plan that is changed step by step: moves are tried, made and taken back.

What a move costs depends on the receptors that feel it and on the
neighbourhoods in which they live, not on the size of the city. Sums are the
same bits as those of a whole evaluation: columns and neighbourhoods that are
touched are added up anew, nothing is added and taken away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenground import kernels
from evenground.evaluation.evaluator import Evaluator
from evenground.evaluation.loops import Tasks
from evenground.evaluation.products import Evaluation

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Byte = NDArray[np.uint8]
Plans = NDArray[np.int16]

CHUNKS = 8
"""Parts in which moves that are tried together run in parallel."""
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
class _Listed:
    """What some moves change, before it is summed; see ``kernels.list_moves``."""

    edit_start: Long
    edit_column: Index
    edit_amount: Float32
    task_start: Long
    task_block: Index
    task_layers: Index
    task_place: Long
    row_start: Long
    row: Long
    row_before: Float32
    row_after: Float32
    zone_start: Long
    zone: Index


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
        self._plan = np.array(plan, np.int16)
        self._base = loops.find_base(self._plan)
        self._total, self._stacking = evaluator.add_up(np.zeros(1, np.int64), self._base.sums[None])
        amounts = loops.column_amounts(self._plan[None, :])
        self._amounts = np.ascontiguousarray(amounts[0, :, 0])
        self._scratch = loops.scratch(CHUNKS, 1)
        self._seen = [np.full(n, -1, np.int64) for n in self._sizes()]
        self._task_of = np.empty(loops.n_block, np.int64)
        self._place_of = np.full(loops.n_segment, -1, np.int64)
        self._stamp = 0
        self._log: list[_Before] = []

    @property
    def plan(self) -> Plans:
        """The plan as it stands now (option,), a copy."""
        return np.array(self._plan)

    @property
    def evaluation(self) -> Evaluation:
        """What the plan does as it stands now: one candidate."""
        return self._evaluator.evaluation(self._total.copy(), self._stacking.copy())

    def try_moves(self, moves: Sequence[Move]) -> Sums:
        """Return what each move would change, each on its own; the plan stays as it is."""
        return self._sum(self._list(moves))[0]

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
        listed = self._list([move])
        segment = _spread(self._loops.segments.of_block, listed.task_block)
        receptor = _spread(self._loops.response.blocks.start, listed.task_block)
        powered, whole = self._base.powered[:, receptor], self._base.whole[:, receptor]
        found, moved = self._sum(listed, is_kept=True)
        self._log.append(
            _Before(
                Move(move.option, self._plan[move.option]),
                listed.edit_column,
                self._amounts[listed.edit_column],
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
        self._set(move, listed.edit_column, listed.edit_amount)
        self._base.sums[segment] = moved
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
        self._plan[move.option] = move.amount
        self._amounts[column] = amount

    def _sizes(self) -> tuple[int, int, int]:
        """Return the number of columns, blocks and neighbourhoods."""
        return self._loops.n_column, self._loops.n_block, self._stacking.shape[1]

    def _sum(self, listed: _Listed, *, is_kept: bool = False) -> tuple[Sums, Float]:
        """Sum what moves change: neighbourhoods, and segments of the tasks."""
        loops, n_move = self._loops, listed.task_start.size - 1
        n_channel = self._total.shape[1]
        moved = np.empty((int(listed.task_place[-1]), n_channel + 1))
        n_task, n_worker = listed.task_block.size, min(CHUNKS, n_move)
        tasks = Tasks(
            worker_start=np.linspace(0, n_task, n_worker + 1).astype(np.int64),
            part=np.zeros(n_task, np.int32),
            block=listed.task_block,
            lanes=np.ones(n_task, np.uint8),
            layers=listed.task_layers,
            place=listed.task_place,
            lane_place=np.zeros((1, 1), np.int64),
            row_start=listed.row_start,
            row=listed.row,
            row_before=listed.row_before,
            row_after=listed.row_after,
        )
        loops.run(
            tasks,
            NO_AMOUNTS,
            moved,
            self._base,
            is_whole=False,
            is_kept=is_kept,
            scratch=self._scratch,
        )
        total = np.empty((listed.zone.size, n_channel + 1))
        kernels.sum_moves(
            listed.task_start,
            listed.task_block,
            listed.task_place,
            moved,
            listed.zone_start,
            listed.zone,
            self._base.sums,
            loops.segments.of_block,
            loops.segments.zone_start,
            loops.segments.by_zone,
            self._evaluator.stack.weight,
            self._place_of,
            total,
        )
        return Sums(listed.zone_start, listed.zone, total), moved

    def _list(self, moves: Sequence[Move]) -> _Listed:
        """List the columns, blocks and neighbourhoods that moves change."""
        loops, n = self._loops, len(moves)
        response, reach, segments = loops.response, loops.reach, loops.segments
        option = np.concatenate([move.option for move in moves]).astype(np.int32)
        amount = np.concatenate([move.amount for move in moves]).astype(np.int16)
        if (amount > response.most[option]).any():
            msg = "A move asks more of an option than there can be. Repair the plan first."
            raise ValueError(msg)
        size = [0, *(move.option.size for move in moves)]
        n_edit = _count(response.change_start, option)
        n_task, n_row = _count(reach.option_start, option), _count(reach.option_rows, option)
        n_zone = min(n_task * loops.most_segments, n * self._stacking.shape[1])
        out = _Listed(
            edit_start=np.empty(n + 1, np.int64),
            edit_column=np.empty(n_edit, np.int32),
            edit_amount=np.empty(n_edit, np.float32),
            task_start=np.empty(n + 1, np.int64),
            task_block=np.empty(n_task, np.int32),
            task_layers=np.empty(n_task, np.int32),
            task_place=np.empty(n_task + 1, np.int64),
            row_start=np.empty(n_task * loops.grain.size + 1, np.int64),
            row=np.empty(n_row, np.int64),
            row_before=np.empty(n_row, np.float32),
            row_after=np.empty(n_row, np.float32),
            zone_start=np.empty(n + 1, np.int64),
            zone=np.empty(n_zone, np.int32),
        )
        kernels.list_moves(
            np.cumsum(size),
            option,
            amount,
            self._plan,
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
            self._seen[0],
            self._seen[1],
            self._seen[2],
            self._task_of,
            self._stamp,
            out.edit_start,
            out.edit_column,
            out.edit_amount,
            out.task_start,
            out.task_block,
            out.task_layers,
            out.task_place,
            out.row_start,
            out.row,
            out.row_before,
            out.row_after,
            out.zone_start,
            out.zone,
        )
        self._stamp += n
        n_edit, n_task = int(out.edit_start[-1]), int(out.task_start[-1])
        return replace(
            out,
            edit_column=out.edit_column[:n_edit],
            edit_amount=out.edit_amount[:n_edit],
            task_block=out.task_block[:n_task],
            task_layers=out.task_layers[:n_task],
            task_place=out.task_place[: n_task + 1],
            zone=out.zone[: int(out.zone_start[-1])],
        )


def _count(start: Long, option: Index) -> int:
    """Return how many entries some options have, of which ``start`` says where each begins."""
    return int((start[option + 1] - start[option]).sum())


def _spread(start: Long, block: Index) -> Long:
    """Return what lies in some blocks, of which ``start`` (block + 1,) says where each begins."""
    count = start[block + 1] - start[block]
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(np.repeat(start[block], count) + within)
