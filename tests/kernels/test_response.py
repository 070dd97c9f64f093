"""The loops that make the response, against plain NumPy on the whole grid."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.kernels import (
    count_pairs,
    list_pairs,
    scale_weights,
    stencil_weights,
    sum_over_receptors,
)

from .case import random_case
from .test_evaluate import assert_within

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=40, deadline=None)


@dataclass(frozen=True)
class Places:
    """Blocks and columns on a grid of sites."""

    first_place: np.ndarray
    column_of_place: np.ndarray
    reach_cells: float
    per_block: int
    place_cells: int

    def within_reach(self, b: int) -> list[int]:
        """Columns of which some cell lies within reach of some cell of a block, by site."""
        out = []
        top, left = self.first_place[b] * self.place_cells
        side = self.per_block * self.place_cells
        block = np.stack(np.mgrid[top : top + side, left : left + side], axis=-1).reshape(-1, 2)
        n_class, n_y, n_x = self.column_of_place.shape
        for y, x in np.ndindex(n_y, n_x):
            first = np.array([y, x]) * self.place_cells
            cells = first + np.stack(np.mgrid[: self.place_cells, : self.place_cells], -1)
            distance = np.linalg.norm(block[:, None] - cells.reshape(-1, 2), axis=-1)
            if distance.min() <= self.reach_cells:
                columns = self.column_of_place[:, y, x]
                out += [int(columns[k]) for k in range(n_class) if columns[k] >= 0]
        return out


def random_places(rng: np.random.Generator) -> Places:
    """Place columns of two classes on a small grid; the last blocks hang over its edge."""
    n_y, n_x = rng.integers(1, 7, 2)
    per_block = int(rng.integers(1, 4))
    corner = np.stack(np.mgrid[0:n_y:per_block, 0:n_x:per_block], -1).reshape(-1, 2)
    shape = (2, n_y, n_x)
    is_there = rng.random(shape) < rng.choice([0.0, 0.5, 1.0])
    column = np.where(is_there, np.cumsum(is_there).reshape(shape) - 1, -1)
    return Places(
        corner.astype(np.int64),
        column.astype(np.int32),
        float(rng.choice([0.0, 1.0, 2.5, rng.uniform(0.0, 12.0)])),
        per_block,
        int(rng.integers(1, 5)),
    )


def counts(places: Places) -> np.ndarray:
    out = np.full(len(places.first_place), -1, np.int64)
    count_pairs(
        places.first_place,
        places.column_of_place,
        places.reach_cells,
        places.per_block,
        places.place_cells,
        out,
    )
    return out


@FEW
@given(seed=SEEDS)
def test_count_pairs__equals_plain_numpy(seed: int) -> None:
    places = random_places(np.random.default_rng(seed))

    found = counts(places)

    expected = [len(places.within_reach(b)) for b in range(len(places.first_place))]
    np.testing.assert_array_equal(found, expected)


@FEW
@given(seed=SEEDS)
def test_list_pairs__equals_plain_numpy(seed: int) -> None:
    places = random_places(np.random.default_rng(seed))
    start = np.concatenate([[0], np.cumsum(counts(places))]).astype(np.int64)
    out = np.full(start[-1], -9, np.int32)

    list_pairs(
        places.first_place,
        places.column_of_place,
        places.reach_cells,
        places.per_block,
        places.place_cells,
        start,
        out,
    )

    blocks = range(len(places.first_place))
    assert out.tolist() == [column for b in blocks for column in places.within_reach(b)]


@FEW
@given(seed=SEEDS, n_column=st.integers(0, 5), reach=st.integers(0, 4))
def test_stencil_weights__equals_plain_numpy(seed: int, n_column: int, reach: int) -> None:
    # Every source is laid on a whole map with its stencil; a receptor reads its own cell.
    rng = np.random.default_rng(seed)
    n_y, n_x, n_block = 9, 8, 3
    size = rng.integers(0, 5, n_block)
    block_start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    row, col = rng.integers(0, (n_y, n_x), (block_start[-1], 2), dtype=np.int32).T.copy()
    source_start = np.concatenate([[0], np.cumsum(rng.integers(0, 30, n_column))]).astype(np.int64)
    n_source = source_start[-1]
    s_row, s_col = rng.integers(0, (n_y, n_x), (n_source, 2), dtype=np.int32).T.copy()
    strength = rng.uniform(0.0, 2.0, n_source).astype(np.float32)
    # As wide as a stencil of a site: it reaches further down and right than up and left.
    stencil = rng.normal(0.0, 1.0, (2 * reach + 2, 2 * reach + 3)).astype(np.float32)
    pair_start = np.arange(n_block + 1) * n_column
    weight_start = np.concatenate([[0], np.cumsum(np.repeat(size, n_column))]).astype(np.int64)
    out = np.full(weight_start[-1], np.nan, np.float32)

    stencil_weights(
        row,
        col,
        block_start,
        pair_start,
        np.tile(np.arange(n_column, dtype=np.int32), n_block),
        weight_start[:-1],
        source_start,
        s_row,
        s_col,
        strength,
        stencil,
        reach,
        out,
    )

    maps, sizes = np.zeros((2, n_column, n_y + 40, n_x + 40))
    for j in range(n_column):
        for s in range(source_start[j], source_start[j + 1]):
            top, left = s_row[s] - reach + 20, s_col[s] - reach + 20
            height, width = stencil.shape
            effect = strength[s].astype(float) * stencil
            maps[j, top : top + height, left : left + width] += effect
            sizes[j, top : top + height, left : left + width] += np.abs(effect)
    expected, whole = (
        np.concatenate(
            [
                values[j, row[first:last] + 20, col[first:last] + 20]
                for first, last in pairwise(block_start)
                for j in range(n_column)
            ]
            + [np.zeros(0)]
        )
        for values in (maps, sizes)
    )
    # Up to 29 sources of either sign are added up: a part of their sizes, not of what is left.
    assert_within(out, expected, 1e-6, whole)


@FEW
@given(seed=SEEDS, n_column=st.integers(0, 8), layer=st.integers(0, 2))
def test_scale_weights__equals_plain_numpy(seed: int, n_column: int, layer: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng, n_column=n_column)
    per_receptor = rng.normal(0.0, 1.0, case.residents.size)
    per_column = rng.normal(0.0, 1.0, n_column)
    before = case.dense

    scale_weights(
        case.block_start,
        case.pair_start[layer].copy(),
        case.pair_column,
        case.weight_start,
        per_receptor,
        per_column,
        case.weight,
    )

    expected = before.copy()
    expected[layer] *= per_receptor[:, None] * per_column
    np.testing.assert_allclose(case.dense, expected, rtol=1e-6)


@FEW
@given(seed=SEEDS, n_column=st.integers(0, 8))
def test_sum_over_receptors__equals_plain_numpy(seed: int, n_column: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng, n_column=n_column)
    value = rng.normal(0.0, 1.0, case.baseline.shape)
    out = np.full(n_column, np.nan)

    sum_over_receptors(
        case.block_start,
        case.pair_start,
        case.pair_column,
        case.weight_start,
        case.weight,
        value,
        out,
    )

    np.testing.assert_allclose(
        out, np.einsum("lrc,lr->c", case.dense, value), rtol=1e-9, atol=1e-12
    )
