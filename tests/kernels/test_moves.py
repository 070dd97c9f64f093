"""The loops of single moves, against plain Python."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.kernels import list_moves, share_moves, sum_moves

from .towns import N_CHANNEL, N_ZONE, Town, ragged, random_town

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(max_examples=60, deadline=None)
GRAIN = np.full(3, 0.25, np.float32)
MOST_SEGMENTS = 3
MOVES, WORKERS = st.integers(0, 6), st.integers(1, 4)


def shared(
    town: Town, start: np.ndarray, option: np.ndarray, n_worker: int
) -> tuple[np.ndarray, np.ndarray]:
    """Share moves out; return the room of each worker, and the rows before each option."""
    rows = [sum(len(town.felt[k]) for k in own) for own in town.columns]
    before = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)
    room = np.full((n_worker + 1, 4), -1, np.int64)
    share_moves(start, option, town.changes()[0], town.by_option()[0], before, room)
    return room, before


@MANY
@given(seed=SEEDS, n_move=MOVES, n_worker=WORKERS)
def test_share_moves__equals_plain_numpy(seed: int, n_move: int, n_worker: int) -> None:
    rng = np.random.default_rng(seed)
    town = random_town(rng)
    n = len(town.columns)
    start, option = ragged(
        [rng.permutation(n)[: rng.integers(0, n + 1)].tolist() for _ in range(n_move)]
    )

    room, before = shared(town, start, option, n_worker)

    rows, moves = np.diff(before), room[:, 0]
    assert moves[0] == 0
    assert moves[-1] == n_move
    weight = np.array([1 + rows[option[a:b]].sum() for a, b in pairwise(start)])
    for w in range(n_worker):
        # none begins before its share is reached, nor later than the move with which it is
        done = weight[: moves[w]].sum()
        assert done * n_worker >= weight.sum() * w or moves[w] == n_move
        assert (
            w == 0
            or moves[w] == 0
            or moves[w] == moves[w - 1]
            or (weight[: moves[w] - 1].sum() * n_worker < weight.sum() * w or moves[w] == n_move)
        )
        own = option[start[moves[w]] : start[moves[w + 1]]]
        columns = sum(len(town.columns[j]) for j in own)
        blocks = sum(len(town.blocks_of(j)) for j in own)
        assert (room[w + 1] - room[w])[1:].tolist() == [columns, blocks + 1, rows[own].sum()]


@MANY
@given(seed=SEEDS, n_move=MOVES, n_worker=WORKERS)
def test_list_moves__equals_plain_numpy(seed: int, n_move: int, n_worker: int) -> None:
    rng = np.random.default_rng(seed)
    town = random_town(rng)
    n = len(town.columns)
    plan = rng.integers(0, 3, n, dtype=np.int16)
    options = [rng.permutation(n)[: rng.integers(0, n + 1)].tolist() for _ in range(n_move)]
    start, option = ragged(options)
    amount = rng.integers(0, 3, option.size, dtype=np.int16)
    sets, plans = amount.copy(), np.repeat(plan[None, :], n_worker, axis=0)
    reach_start, reach_block = town.reach()
    room, _ = shared(town, start, option, n_worker)
    out = Lists(room, n_move)

    list_moves(
        room,
        start,
        option,
        amount,
        plans,
        town.amounts(plan),
        *town.changes(),
        *town.by_column(),
        town.layer,
        reach_start,
        reach_block,
        1000 + np.arange(reach_block.size),
        GRAIN,
        town.segments,
        town.zone,
        MOST_SEGMENTS,
        np.full((n_worker, len(town.felt)), 4, np.int64),
        np.full((n_worker, town.n_block), 4, np.int64),
        np.full((n_worker, N_ZONE), 4, np.int64),
        np.zeros((n_worker, town.n_block), np.int64),
        5,
        *out.arrays,
    )

    assert (plans == plan).all()
    np.testing.assert_array_equal(amount, sets)
    for w, (first, last) in enumerate(out.worker_tasks):
        own = range(*room[w : w + 2, 0])
        assert [out.tasks[own[0], 0], out.tasks[own[-1], 1]] == [first, last] if own else True
        assert room[w, 2] == first <= last < room[w + 1, 2]
    for m in range(n_move):
        after = plan.copy()
        after[options[m]] = sets[start[m] : start[m + 1]]
        new = town.amounts(after)
        changed = set(np.flatnonzero(new != town.amounts(plan)).tolist())
        assert out.of("edit_column", "edits", m) == changed
        at = slice(*out.edits[m])
        np.testing.assert_array_equal(out.edit_amount[at], new[out.edit_column[at]])
        blocks = {b for k in changed for b in town.felt[k]}
        assert out.of("task_block", "tasks", m) == blocks
        zones = {int(z) for b in blocks for z in town.zone[town.segments[b] : town.segments[b + 1]]}
        assert out.of("zone", "zones", m) == zones
        assert out.zone_start[m + 1] - out.zone_start[m] == len(zones)
        for task in range(*out.tasks[m]):
            b = out.task_block[task]
            felt = [k for k in changed if b in town.felt[k]]
            assert out.task_layers[task] == sum({1 << int(town.layer[k]) for k in felt})
            for layer in range(3):
                expected = {
                    (
                        1000 + reach_start[k] + town.felt[k].index(b),
                        4 * town.amounts(plan)[k],
                        4 * new[k],
                    )
                    for k in felt
                    if town.layer[k] == layer
                }
                assert out.rows_of(3 * task + layer) == expected
    taken = out.places_taken(town)
    assert len(taken) == len(set(taken))
    assert all(0 <= place < MOST_SEGMENTS * room[-1, 2] for place in taken)


class Lists:
    """Room for what moves change, no more than was found to be needed."""

    def __init__(self, room: np.ndarray, n_move: int) -> None:
        n_edit, n_task, n_row = room[-1, 1:]
        self.worker_tasks = np.full((len(room) - 1, 2), -1, np.int64)
        self.edits, self.tasks, self.zones = np.full((3, n_move, 2), -1, np.int64)
        self.edit_column, self.edit_amount = (
            np.zeros(n_edit, np.int32),
            np.zeros(n_edit, np.float32),
        )
        self.task_block, self.task_layers = np.zeros((2, n_task), np.int32)
        self.task_place = np.zeros(n_task, np.int64)
        self.row_start = np.full(3 * n_task + 1, -1, np.int64)
        self.row = np.zeros(n_row, np.int64)
        self.row_before, self.row_after = np.zeros((2, n_row), np.float32)
        self.zone = np.zeros(n_task * MOST_SEGMENTS, np.int32)
        self.zone_start = np.zeros(n_move + 1, np.int64)

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays in the order of the loop."""
        return (
            self.worker_tasks,
            self.edits,
            self.edit_column,
            self.edit_amount,
            self.tasks,
            self.task_block,
            self.task_layers,
            self.task_place,
            self.row_start,
            self.row,
            self.row_before,
            self.row_after,
            self.zones,
            self.zone,
            self.zone_start,
        )

    def rows_of(self, place: int) -> set[tuple[int, float, float]]:
        """Return the rows of a task and layer with their amounts in grains, listed once."""
        at = slice(self.row_start[place], self.row_start[place + 1])
        rows = list(zip(self.row[at], self.row_before[at], self.row_after[at], strict=True))
        assert len(rows) == len(set(rows))
        return set(rows)

    def of(self, name: str, span: str, move: int) -> set[int]:
        """Return what is listed of a move, which is listed once."""
        found = getattr(self, name)[slice(*getattr(self, span)[move])].tolist()
        assert len(found) == len(set(found))
        return set(found)

    def places_taken(self, town: Town) -> list[int]:
        """Return where the sums of all tasks go."""
        return [
            self.task_place[task] + s
            for first, last in self.tasks
            for task in range(first, last)
            for s in range(np.diff(town.segments)[self.task_block[task]])
        ]


@MANY
@given(seed=SEEDS, n_move=MOVES, n_worker=WORKERS)
def test_sum_moves__equals_plain_numpy(seed: int, n_move: int, n_worker: int) -> None:
    rng = np.random.default_rng(seed)
    town = random_town(rng)
    blocks = [
        rng.permutation(town.n_block)[: rng.integers(0, town.n_block + 1)].tolist()
        for _ in range(n_move)
    ]
    start, block = ragged(blocks)
    place = np.concatenate([[0], np.cumsum(np.diff(town.segments)[block])]).astype(np.int64)
    zones = [rng.permutation(N_ZONE)[: rng.integers(0, N_ZONE + 1)].tolist() for _ in blocks]
    zone_start, zone = ragged(zones)
    sums = rng.normal(0.0, 1.0, (town.zone.size, N_CHANNEL + 1))
    moved = rng.normal(0.0, 1.0, (place[-1], N_CHANNEL + 1))
    weight = rng.uniform(1.0, 2.0, N_ZONE)
    by_zone = np.argsort(town.zone, kind="stable")
    found, out = np.full(zone.size, -1, np.int32), np.full((zone.size, N_CHANNEL + 1), np.nan)
    place_of = np.full((n_worker, town.zone.size), -1, np.int64)
    room = np.zeros((n_worker + 1, 4), np.int64)
    room[1:, 0] = np.sort(rng.integers(0, n_move + 1, n_worker))
    room[-1, 0] = n_move

    sum_moves(
        room,
        np.column_stack([start[:-1], start[1:]]),
        block,
        place,
        moved,
        np.column_stack([zone_start[:-1], zone_start[1:]]) + 5,
        np.concatenate([np.full(5, 99, np.int32), zone]),
        zone_start,
        sums,
        town.segments,
        np.searchsorted(town.zone[by_zone], np.arange(N_ZONE + 1)),
        by_zone,
        weight,
        place_of,
        found,
        out,
    )

    assert (place_of == -1).all()
    np.testing.assert_array_equal(found, zone)
    for m in range(n_move):
        after = sums.copy()
        for task in range(start[m], start[m + 1]):
            part = slice(town.segments[block[task]], town.segments[block[task] + 1])
            after[part] = moved[place[task] : place[task + 1]]
        for e in range(zone_start[m], zone_start[m + 1]):
            expected = after[town.zone == zone[e]].sum(axis=0)
            expected[-1] *= weight[zone[e]]
            np.testing.assert_allclose(out[e], expected, rtol=1e-12, atol=1e-12)
