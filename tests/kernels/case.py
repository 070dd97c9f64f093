"""A small random case for the loops that evaluate: every shape that may occur, and no meaning."""

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Bool = NDArray[np.bool_]

ENERGY = 1
"""The layer that is an energy."""


@dataclass(frozen=True)
class Case:
    """What the kernels take, and the plain formulas behind it."""

    block_start: Long
    pair_start: Long
    pair_column: Index
    weight_start: Long
    weight: Float32
    baseline: Float32
    level: Float32
    is_energy: Bool
    residents: Float
    neighbourhood: Index
    channel_start: Long
    low: Float
    width: Float
    curve_start: Long
    curve: Float
    formula: Float
    """Coefficients of each whole curve, from the constant up, of the place from 0 to 1."""
    stack_factor: Float32
    is_stacked: Bool
    vulnerability: Float
    n_column: int

    @property
    def channel_layer(self) -> list[int]:
        """Layer of each channel."""
        return np.repeat(np.arange(len(self.baseline)), np.diff(self.channel_start)).tolist()

    @property
    def dense(self) -> Float:
        """Weight of every column at every receptor (layer, receptor, column)."""
        out = np.zeros((*self.baseline.shape, self.n_column))
        for layer, starts in enumerate(self.pair_start):
            for b in range(self.block_start.size - 1):
                first, last = self.block_start[b], self.block_start[b + 1]
                for pair in range(starts[b], starts[b + 1]):
                    at = self.weight_start[pair]
                    column = self.pair_column[pair]
                    out[layer, first:last, column] = self.weight[at : at + last - first]
        return out

    def segments(self) -> tuple[Long, Long]:
        """Find runs of receptors of one block in one neighbourhood, and each block's first run."""
        start, first = [], []
        for b in range(self.block_start.size - 1):
            first.append(len(start))
            for i in range(self.block_start[b], self.block_start[b + 1]):
                new = i == self.block_start[b] or self.neighbourhood[i] != self.neighbourhood[i - 1]
                start += [i] if new else []
        first.append(len(start))
        return np.array([*start, self.residents.size]), np.array(first)


def random_case(rng: np.random.Generator, *, n_column: int = 7, n_block: int = 4) -> Case:
    """Make a case of three layers, the second an energy; blocks may hold one receptor."""
    n_layer, n_zone = 3, 3
    size = rng.integers(1, 6, n_block)
    block_start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    n = int(block_start[-1])
    zone = np.concatenate([np.sort(rng.integers(0, n_zone, k)) for k in size])
    owner = rng.integers(0, n_layer, n_column)
    columns = [
        np.flatnonzero((owner == layer) & (rng.random(n_column) < 0.7))
        for layer in range(n_layer)
        for _ in range(n_block)
    ]
    before = np.concatenate([[0], np.cumsum([len(part) for part in columns])])
    place = np.arange(n_layer)[:, None] * n_block + np.arange(n_block + 1)
    per_pair = np.repeat(np.tile(size, n_layer), [len(part) for part in columns])
    weight_start = np.concatenate([[0], np.cumsum(per_pair)]).astype(np.int64)
    is_energy = np.arange(n_layer) == ENERGY
    channels = rng.integers(0, 3, n_layer)
    n_channel = int(channels.sum())
    formula = rng.uniform(0.0, 1.0, (n_channel, 5)) * (rng.random((n_channel, 5)) < 0.8)
    pieces = [split(whole, int(rng.integers(1, 4))) for whole in formula]
    is_energy_channel = np.repeat(is_energy, channels)
    return Case(
        block_start=block_start,
        pair_start=before[place].astype(np.int64),
        pair_column=np.concatenate([*columns, []]).astype(np.int32),
        weight_start=weight_start[:-1],
        weight=rng.normal(0.0, 0.1, weight_start[-1]).astype(np.float32),
        baseline=np.where(is_energy[:, None], 1.0, rng.random((n_layer, n))).astype(np.float32),
        level=np.where(is_energy[:, None], rng.uniform(40, 70, (n_layer, n)), 0).astype(np.float32),
        is_energy=is_energy,
        residents=rng.uniform(0.0, 30.0, n),
        neighbourhood=zone.astype(np.int32),
        channel_start=np.concatenate([[0], np.cumsum(channels)]).astype(np.int64),
        low=np.where(is_energy_channel, 45.0, rng.uniform(-0.2, 0.4, n_channel)),
        width=np.where(is_energy_channel, 20.0, rng.uniform(0.2, 1.2, n_channel)),
        curve_start=np.concatenate([[0], np.cumsum([len(part) for part in pieces])]).astype(int),
        curve=np.concatenate([*pieces, np.zeros((0, 5))]),
        formula=formula,
        stack_factor=rng.uniform(0.0, 2.0, (n_channel, n_zone)).astype(np.float32),
        is_stacked=rng.random(n_layer) < 0.7,
        vulnerability=rng.uniform(1.0, 1.5, n_zone),
        n_column=n_column,
    )


def split(whole: Float, n_piece: int) -> Float:
    """Write one polynomial of the place from 0 to 1 as equally wide pieces (piece, 5).

    Piece k holds f((k + x) / n), worked out by the binomial theorem.
    """
    out = np.zeros((n_piece, whole.size))
    for k in range(n_piece):
        for power, c in enumerate(whole):
            for j in range(power + 1):
                out[k, j] += c * comb(power, j) * float(k) ** (power - j) / float(n_piece) ** power
    return out
