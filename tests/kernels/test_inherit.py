"""The loops of what stays the same, against plain Python."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.kernels import (
    inherit_sums,
    list_moves,
    reach_of_options,
    sum_moves,
    sum_segments,
)

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(max_examples=60, deadline=None)
N_ZONE, N_CHANNEL = 4, 2
GRAIN = np.full(3, 0.25, np.float32)


@dataclass(frozen=True)
class Town:
    """Options that change columns, columns that blocks feel, and segments of the blocks."""

    columns: list[list[int]]
    """Columns of each option; none twice."""
    effects: list[list[float]]
    felt: list[list[int]]
    """Blocks that feel each column."""
    segments: np.ndarray
    zone: np.ndarray

    @property
    def layer(self) -> np.ndarray:
        """Layer of each column."""
        return (np.arange(len(self.felt)) % 3).astype(np.uint8)

    @property
    def n_block(self) -> int:
        """Number of blocks."""
        return self.segments.size - 1

    def changes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns that each option changes, as the loops take them."""
        return ragged(self.columns)

    def reach(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the blocks that feel each column, as the loops take them."""
        return ragged(self.felt)

    def by_column(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the options and effects of each column, as the loops take them."""
        found = [
            [(j, e) for j, own in enumerate(self.columns) for c, e in self.pairs(j, own) if c == k]
            for k in range(len(self.felt))
        ]
        start, option = ragged([[j for j, _ in row] for row in found])
        return start, option, np.array([e for row in found for _, e in row], np.float32)

    def pairs(self, j: int, own: list[int]) -> list[tuple[int, float]]:
        """Return the columns of an option with its effects."""
        return list(zip(own, self.effects[j], strict=True))

    def amounts(self, plan: np.ndarray) -> np.ndarray:
        """Return what a plan changes of each column; effects are quarters, so exact."""
        out = np.zeros(len(self.felt), np.float32)
        for j, own in enumerate(self.columns):
            for column, effect in self.pairs(j, own):
                out[column] += effect * plan[j]
        return out

    def by_option(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the blocks that feel each option, as the loops take them."""
        return ragged([sorted(self.blocks_of(j)) for j in range(len(self.columns))])

    def blocks_of(self, option: int) -> set[int]:
        """Return the blocks that feel an option."""
        return {b for column in self.columns[option] for b in self.felt[column]}


def ragged(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    start = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return start, np.array([value for row in rows for value in row], np.int32)


def random_town(rng: np.random.Generator) -> Town:
    n_option, n_column, n_block = rng.integers(1, 8), rng.integers(1, 6), rng.integers(1, 7)

    def some(n: int, most: int) -> list[int]:
        return sorted(rng.choice(n, rng.integers(0, min(n, most) + 1), replace=False).tolist())

    columns = [some(n_column, 3) for _ in range(n_option)]
    segments = np.concatenate([[0], np.cumsum(rng.integers(1, 4, n_block))]).astype(np.int64)
    return Town(
        columns,
        [(rng.integers(-8, 9, len(own)) / 4.0).tolist() for own in columns],
        [some(n_block, n_block) for _ in range(n_column)],
        segments,
        rng.integers(0, N_ZONE, segments[-1], dtype=np.int32),
    )


@MANY
@given(seed=SEEDS, count=st.integers(0, 4))
def test_sum_segments__equals_plain_numpy(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    town = random_town(rng)
    sums = rng.normal(0.0, 1.0, (6, town.zone.size, N_CHANNEL + 1))
    slot, weight = rng.integers(0, 6, count), rng.uniform(1.0, 2.0, N_ZONE)
    total, stacking = np.full((count, N_CHANNEL, N_ZONE), np.nan), np.full((count, N_ZONE), np.nan)

    sum_segments(slot, sums, town.zone, weight, total, stacking)

    for c, row in enumerate(slot):
        expected = [np.bincount(town.zone, sums[row, :, k], N_ZONE) for k in range(N_CHANNEL + 1)]
        np.testing.assert_allclose(total[c], expected[:-1], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(stacking[c], expected[-1] * weight, rtol=1e-12, atol=1e-12)


@MANY
@given(seed=SEEDS)
def test_reach_of_options__equals_plain_numpy(seed: int) -> None:
    town = random_town(np.random.default_rng(seed))
    start, block = town.by_option()
    found = np.full(start.size, -1, np.int64), np.full_like(block, -1)
    count, scratch = np.full(start.size, -1, np.int64), np.zeros(town.n_block, np.int64)
    reach = *town.changes(), *town.reach(), scratch

    reach_of_options(*reach, count, block[:0])
    reach_of_options(*reach, *found)

    np.testing.assert_array_equal(count, start)
    np.testing.assert_array_equal(found[0], start)
    for j in range(start.size - 1):
        own = slice(start[j], start[j + 1])
        assert sorted(found[1][own]) == block[own].tolist()


@MANY
@given(seed=SEEDS, count=st.integers(1, 19), most=st.integers(0, 7))
def test_inherit_sums__equals_plain_numpy(seed: int, count: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    town, n_slot = random_town(rng), count + 3
    base = rng.integers(0, 3, len(town.columns))
    changed = rng.random((n_slot, base.size)) < 0.2
    plans = np.where(changed, base + 1, base).astype(np.int16)
    parent = rng.integers(-1, 3, (count, 2))
    slot = np.arange(3, n_slot)
    sums = rng.normal(0.0, 1.0, (n_slot, town.zone.size, N_CHANNEL + 1))
    before, n_chunk = sums.copy(), -(-count // 8)
    task_count = np.full(n_chunk, -1, np.int64)
    block = np.full((n_chunk, town.n_block), -1, np.int32)
    lanes = np.zeros((n_chunk, town.n_block), np.uint8)

    inherit_sums(
        slot,
        parent,
        plans,
        *town.by_option(),
        town.segments,
        most,
        np.empty((count, 2, town.n_block), np.uint8),
        sums,
        task_count,
        block,
        lanes,
    )

    listed = {
        (int(b), 8 * part + k)
        for part in range(n_chunk)
        for b, mask in zip(block[part], lanes[part], strict=True)
        for k in range(8)
        if mask >> k & 1
    }
    for c in range(count):
        near = [
            p for p in parent[c] if p >= 0 and differing(town, plans[slot[c]], plans[p]) <= most
        ]
        for b in range(town.n_block):
            part = slice(town.segments[b], town.segments[b + 1])
            equal = [p for p in near if equals(town, plans[slot[c]], plans[p], b)]
            assert ((b, c) in listed) == (not equal)
            expected = before[equal[0] if equal else slot[c], part]
            np.testing.assert_array_equal(sums[slot[c], part], expected)
    np.testing.assert_array_equal(task_count, (block >= 0).sum(axis=1))


def equals(town: Town, plan: np.ndarray, other: np.ndarray, block: int) -> bool:
    """Say whether two plans have the same options at work on a block."""
    return not any(block in town.blocks_of(j) for j in np.flatnonzero(plan != other))


def differing(town: Town, plan: np.ndarray, other: np.ndarray) -> int:
    """Return in how many blocks two plans differ."""
    return sum(not equals(town, plan, other, b) for b in range(town.n_block))


@MANY
@given(seed=SEEDS, n_move=st.integers(0, 4))
def test_list_moves__equals_plain_numpy(seed: int, n_move: int) -> None:
    rng = np.random.default_rng(seed)
    town = random_town(rng)
    n = len(town.columns)
    plan = rng.integers(0, 3, n, dtype=np.int16)
    options = [rng.permutation(n)[: rng.integers(0, n + 1)].tolist() for _ in range(n_move)]
    start, option = ragged(options)
    amount = rng.integers(0, 3, option.size, dtype=np.int16)
    sets, kept = amount.copy(), plan.copy()
    reach_start, reach_block = town.reach()
    out = Lists(town, n_move)

    list_moves(
        start,
        option,
        amount,
        plan,
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
        np.full(len(town.felt), 4, np.int64),
        np.full(town.n_block, 4, np.int64),
        np.full(N_ZONE, 4, np.int64),
        np.zeros(town.n_block, np.int64),
        5,
        *out.arrays,
    )

    np.testing.assert_array_equal(plan, kept)
    np.testing.assert_array_equal(amount, sets)
    place = 0
    for m in range(n_move):
        after = plan.copy()
        after[options[m]] = sets[start[m] : start[m + 1]]
        new = town.amounts(after)
        changed = set(np.flatnonzero(new != town.amounts(plan)).tolist())
        assert out.of("edit_column", "edit_start", m) == changed
        at = slice(out.edit_start[m], out.edit_start[m + 1])
        np.testing.assert_array_equal(out.edit_amount[at], new[out.edit_column[at]])
        blocks = {b for k in changed for b in town.felt[k]}
        assert out.of("task_block", "task_start", m) == blocks
        zones = {int(z) for b in blocks for z in town.zone[town.segments[b] : town.segments[b + 1]]}
        assert out.of("zone", "zone_start", m) == zones
        for task in range(out.task_start[m], out.task_start[m + 1]):
            assert out.task_place[task] == place
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
            place += town.segments[b + 1] - town.segments[b]
    assert out.task_place[out.task_start[-1]] == place


class Lists:
    """Room for what moves change."""

    def __init__(self, town: Town, n_move: int) -> None:
        most = n_move * len(town.felt)
        self.edit_start, self.task_start, self.zone_start = np.full((3, n_move + 1), -1, np.int64)
        self.edit_column, self.edit_amount = np.zeros(most, np.int32), np.zeros(most, np.float32)
        self.task_block = np.zeros(n_move * town.n_block, np.int32)
        self.task_layers = np.zeros(n_move * town.n_block, np.int32)
        self.task_place = np.zeros(n_move * town.n_block + 1, np.int64)
        self.row_start = np.full(3 * n_move * town.n_block + 1, -1, np.int64)
        self.row = np.zeros(most * town.n_block, np.int64)
        self.row_before, self.row_after = np.zeros((2, most * town.n_block), np.float32)
        self.zone = np.zeros(n_move * N_ZONE, np.int32)

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays in the order of the loop."""
        return (
            self.edit_start,
            self.edit_column,
            self.edit_amount,
            self.task_start,
            self.task_block,
            self.task_layers,
            self.task_place,
            self.row_start,
            self.row,
            self.row_before,
            self.row_after,
            self.zone_start,
            self.zone,
        )

    def rows_of(self, place: int) -> set[tuple[int, float, float]]:
        """Return the rows of a task and layer with their amounts in grains, listed once."""
        at = slice(self.row_start[place], self.row_start[place + 1])
        rows = list(zip(self.row[at], self.row_before[at], self.row_after[at], strict=True))
        assert len(rows) == len(set(rows))
        return set(rows)

    def of(self, name: str, start: str, move: int) -> set[int]:
        """Return what is listed of a move, which is listed once."""
        first, last = getattr(self, start)[move : move + 2]
        found = getattr(self, name)[first:last].tolist()
        assert len(found) == len(set(found))
        return set(found)


@MANY
@given(seed=SEEDS, n_move=st.integers(0, 4))
def test_sum_moves__equals_plain_numpy(seed: int, n_move: int) -> None:
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
    out = np.full((zone.size, N_CHANNEL + 1), np.nan)
    place_of = np.full(town.zone.size, -1, np.int64)

    sum_moves(
        start,
        block,
        place,
        moved,
        zone_start,
        zone,
        sums,
        town.segments,
        np.searchsorted(town.zone[by_zone], np.arange(N_ZONE + 1)),
        by_zone,
        weight,
        place_of,
        out,
    )

    assert (place_of == -1).all()
    for m in range(n_move):
        after = sums.copy()
        for task in range(start[m], start[m + 1]):
            part = slice(town.segments[block[task]], town.segments[block[task] + 1])
            after[part] = moved[place[task] : place[task + 1]]
        for e in range(zone_start[m], zone_start[m + 1]):
            expected = after[town.zone == zone[e]].sum(axis=0)
            expected[-1] *= weight[zone[e]]
            np.testing.assert_allclose(out[e], expected, rtol=1e-12, atol=1e-12)
