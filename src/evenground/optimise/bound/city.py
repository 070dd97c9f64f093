"""The states that a plan makes of a city, and the range of those that any plan makes.

Takes the response, the people and the exposure-response functions; gives states, burdens and the
changes that options make by column, in double precision. Knows nothing of bounds.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from evenground.constraints import Rules
from evenground.evaluation import DoseResponse
from evenground.interventions import Response
from evenground.kernels import layer_states
from evenground.kernels.chain import sum_by_run
from evenground.study import Receptors

Float = NDArray[np.float64]
Long = NDArray[np.int64]

LEAST_ENERGY = 1e-6
"""Share of the energy of today below which silence is not told apart; as in the kernels."""
WIDER = 1e-6
"""Part by which a range is widened, for states that are rounded."""
DB_PER_LN = 10.0 / np.log(10.0)


@dataclass(frozen=True)
class City:
    """What the burden of a plan is made of."""

    response: Response
    receptors: Receptors
    dose: DoseResponse
    group_residents: Float
    """Persons (group, neighbourhood)."""

    @property
    def rate(self) -> Float:
        """DALY per year of a resident per unit of response that counts (channel, neighbourhood)."""
        share = self.group_residents / np.maximum(self.group_residents.sum(axis=0), 1e-300)
        rate = np.einsum("cgn,gn->cn", self.dose.coefficient, share)
        return np.asarray(rate * self.dose.in_sum[:, None])

    def amounts(self, plan: Float) -> Float:
        """Return what a plan (option,), of parts of steps too, changes in each column."""
        return np.asarray(self.of_column @ plan, np.float64)

    def state(self, plan: Float) -> Float:
        """Return the state of every layer at every receptor (layer, receptor)."""
        return self.spread(self.amounts(plan)) + self.baseline

    @property
    def baseline(self) -> Float:
        """State of the empty plan (layer, receptor)."""
        return self.response.baseline.astype(np.float64)

    def reach(self, rules: Rules) -> tuple[Float, Float]:
        """Return the lowest and highest state that any plan reaches (layer, receptor).

        Of columns by themselves: within a ground the best of what it holds.
        """
        low, high = column_range(self.response, rules)
        middle = self.baseline + self.spread(0.5 * (low + high))
        radius = self.spread(0.5 * (high - low), positive=True)
        radius += WIDER * (radius + np.abs(middle)) * (radius > 0.0)
        return middle - radius, middle + radius

    @cached_property
    def runs(self) -> tuple[Long, Long]:
        """First receptor of each run of one block and neighbourhood; first run of each block."""
        zone, blocks = self.receptors.neighbourhood, self.response.blocks.start
        is_first = np.ones(zone.size, bool)
        is_first[1:] = np.diff(zone) != 0
        is_first[blocks[:-1]] = True
        start = np.append(np.flatnonzero(is_first), zone.size).astype(np.int64)
        return start, np.searchsorted(start, blocks).astype(np.int64)

    @cached_property
    def of_column(self) -> csr_array:
        """What a step of each option changes in each column (column, option)."""
        return changes_of(self.response)

    def to_columns(self, layer: int, slope: Float) -> csr_array:
        """Sum slopes of the receptors of a layer (receptor,) back to (neighbourhood, column)."""
        weights, blocks = self.response.weights, self.response.blocks.start
        run_start, runs = self.runs
        pairs = np.ascontiguousarray(weights.pair_start[layer])
        entries = np.concatenate([[0], np.cumsum(np.diff(pairs) * np.diff(runs))])
        out = np.empty(int(entries[-1]))
        sum_by_run(
            blocks, run_start, runs, pairs, weights.start, weights.values, slope, entries, out
        )
        row = self.zone_of_entries(np.diff(pairs))
        per_pair = np.repeat(np.diff(runs), np.diff(pairs))
        column = np.repeat(weights.column[pairs[0] : pairs[-1]], per_pair)
        shape = (self.group_residents.shape[1], self.response.n_column)
        return coo_array((out, (row, column)), shape=shape).tocsr()

    def zone_of_entries(self, times: Long) -> Long:
        """Return the neighbourhoods of the runs of each block, block by block so many times."""
        run_start, runs = self.runs
        zone = self.receptors.neighbourhood[run_start[:-1]].astype(np.int64)
        # entry k of a block with m runs is of its run k mod m
        size = np.diff(runs)
        length = size * times
        first = np.repeat(runs[:-1], length)
        before = np.repeat(np.cumsum(length) - length, length)
        return np.asarray(
            zone[first + (np.arange(int(length.sum())) - before) % np.repeat(size, length)]
        )

    def burden(self, rate: Float, state: Float) -> Float:
        """Return what is borne at a state (layer, receptor), by neighbourhood (neighbourhood,)."""
        out = np.zeros(rate.shape[1])
        zone, dose = self.receptors.neighbourhood, self.dose
        for k in np.flatnonzero(rate.any(axis=1)).tolist():
            layer = int(dose.layer[k])
            phi = dose.respond(k, self.exposure(layer, state[layer]))
            out += np.bincount(zone, phi * rate[k, zone] * self.receptors.residents, out.size)
        return out

    def exposure(self, layer: int, state: Float) -> Float:
        """Return the exposure of states of a layer (..., receptor)."""
        if not self.response.is_energy[layer]:
            return state
        return np.asarray(
            self.response.level[layer] + DB_PER_LN * np.log(np.maximum(state, LEAST_ENERGY))
        )

    def spread(self, amounts: Float, *, positive: bool = False) -> Float:
        """Spread what columns change over the receptors (layer, receptor).

        Parameters
        ----------
        positive
            True = as if every weight were above zero.
        """
        response, weights = self.response, self.response.weights
        out = np.empty(response.baseline.shape, np.float32)
        layer_states(
            amounts.astype(np.float32),
            response.blocks.start,
            weights.pair_start,
            weights.column,
            weights.start,
            np.abs(weights.values) if positive else weights.values,
            np.zeros_like(response.baseline),
            out,
        )
        return out.astype(np.float64)


def changes_of(response: Response) -> csr_array:
    """Return what a step of each option changes in each column in all (column, option)."""
    n_option = response.change_start.size - 1
    option = np.repeat(np.arange(n_option), np.diff(response.change_start))
    values = response.change_effect.astype(np.float64)
    shape = (response.n_column, n_option)
    # the same option may change a column twice: traffic that leaves it and traffic that comes
    return coo_array((values, (response.change_column, option)), shape=shape).tocsr()


def column_range(response: Response, rules: Rules) -> tuple[Float, Float]:
    """Return the least and the most that plans change in each column (column,)."""
    room = np.maximum(rules.room, rules.lock).astype(float)
    low, high = np.zeros(response.n_column), np.zeros(response.n_column)
    found = changes_of(response).tocoo()
    keep = room[found.col] > 0.0
    at, column = found.col[keep].astype(np.int64), found.row[keep].astype(np.int64)
    effect = found.data[keep]
    ground = rules.coupling[at].astype(np.int64)
    # options without a ground have one each
    held = np.append(rules.capacity, np.inf)[np.where(ground >= 0, ground, rules.capacity.size)]
    ground = np.where(ground >= 0, ground, rules.capacity.size + at)
    key, same = np.unique(np.stack([column, ground]), axis=1, return_inverse=True)
    same = same.ravel()
    for sign, out in ((1.0, high), (-1.0, low)):
        change = np.maximum(sign * effect, 0.0)
        whole = np.bincount(same, change * room[at], key.shape[1])
        rate, most = np.zeros(key.shape[1]), np.zeros(key.shape[1])
        np.maximum.at(rate, same, change / np.maximum(rules.use[at], 1e-300))
        np.maximum.at(most, same, held)
        bounded = np.where(np.isfinite(most), rate * np.where(np.isfinite(most), most, 0.0), np.inf)
        np.add.at(out, key[0], sign * np.minimum(whole, bounded * (1.0 + WIDER)))
    # works that are locked in stand even where the ground does not hold them
    locked = rules.lock[at] * effect
    np.minimum(low, np.bincount(column, np.minimum(locked, 0.0), low.size), out=low)
    np.maximum(high, np.bincount(column, np.maximum(locked, 0.0), high.size), out=high)
    return low, high
