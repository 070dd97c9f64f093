"""The loops of what stays the same, against plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.kernels import inherit_sums, reach_of_options, sum_segments

from .towns import N_CHANNEL, N_ZONE, Town, random_town

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(max_examples=60, deadline=None)


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
