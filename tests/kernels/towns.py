"""Invented towns for the loops of inheritance and of moves."""

from dataclasses import dataclass

import numpy as np

N_ZONE, N_CHANNEL = 4, 2


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
