r"""Straight lines below the burden of every plan: what a bound rests on.

Takes the response and the exposure-response functions. The state of a layer is linear in the
plan, so the burden of a receptor is a function ``g`` of one number ``z`` between the lowest and
the highest state that any plan reaches. A weighted sum of such burdens is never below the linear
function of the plan that :func:`Minorants.cut` gives, for any plan whatever it was made at:

* In general ``g`` is sampled at even distances ``h``. Between two samples it lies at most
  ``h V / 4`` below their chord, ``V`` being the rise of its slope there (the deviation from a
  chord is an integral of the second derivative with a kernel of at most ``h / 4``). The lower
  convex hull of samples less their allowance is convex and below ``g``; so is each of its lines.
  A convex ``g`` gets its tangents in this way, a concave one the chord of its range.
* Of a layer of energies (noise) the chord is too low. Where ``g`` is concave, the burden of
  changes that are made in full or not at all is a submodular function of the set of them. In
  any order, what each saves when they follow one another is a vector of the base polytope
  (Edmonds), so the burden at the start less those savings is never above the burden of any
  set; nor above that of parts of changes, in which a concave function is above the mean of the
  sets. It is exact at every plan whose changes come first in the order.

References
----------
Edmonds, J. (1970). Submodular functions, matroids, and certain polyhedra.
Lovász, L. (1983). Submodular functions and convexity.
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
from evenground.kernels.chain import chain_savings, sum_by_run
from evenground.study import Receptors

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]
Long = NDArray[np.int64]

SAMPLES = 16
"""Parts into which the range of a state is cut."""
BINS = 4096
"""Parts of a curve for which the rise of its slope is kept."""
EDGE = 1e-7
"""Part of a bin within which a place is at its edge."""
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


def list_changes(
    response: Response, rules: Rules, first: int, last: int
) -> tuple[csr_array, Long, Float]:
    """Return changes of some columns that are made in full or not at all, sorted by column.

    Options that take all of one ground shut each other out: the larger ones hold the smaller,
    so that the part of a change that is made is the sum of the parts of all options that hold
    it, which is never above one. All other options are a change by themselves.

    Returns
    -------
    What a step of each option adds to the part made (item, option), column and size (item,).
    """
    room = np.maximum(rules.room, rules.lock).astype(float)
    change = changes_of(response).tocoo()
    where, who = change.row.astype(np.int64), change.col.astype(np.int64)
    keep = (where >= first) & (where < last) & (change.data != 0.0) & (room[who] > 0.0)
    where, who = where[keep], who[keep]
    size = change.data[keep] * room[who]
    ground = rules.coupling[who].astype(np.int64)
    held = np.append(rules.capacity, np.inf)[ground]
    fills = (ground >= 0) & (rules.use[who] * room[who] >= held * (1.0 - WIDER))
    fills &= rules.lock[who] == 0
    group = np.where(fills, ground, rules.capacity.size + np.arange(who.size))
    order = np.lexsort((np.abs(size), size > 0.0, group, where))
    where, who, size, group = where[order], who[order], size[order], group[order]
    sign = size > 0.0
    begins = np.ones(who.size, bool)
    begins[1:] = (np.diff(where) != 0) | (np.diff(group) != 0) | (sign[1:] != sign[:-1])
    less = np.where(begins, 0.0, np.append(0.0, size[:-1]))
    # each option holds its own change and all before it in its group
    place = np.arange(who.size)
    head = np.maximum.accumulate(np.where(begins, place, 0))
    count = place - head + 1
    holder = np.repeat(place, count)
    item = (
        np.repeat(head, count)
        + np.arange(int(count.sum()))
        - np.repeat(np.cumsum(count) - count, count)
    )
    values = 1.0 / room[who[holder]]
    share = coo_array((values, (item, who[holder])), shape=(who.size, room.size)).tocsr()
    return share, where, np.asarray(size - less)


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


class Bends:
    """How much the slope of each curve rises and falls up to a place on it."""

    def __init__(self, dose: DoseResponse) -> None:
        self._dose = dose
        self._tables = [self._table(k) for k in range(dose.layer.size)]

    def rise(self, channel: int, low: Float, high: Float, *, turned: bool) -> Float:
        """Return by how much the slope rises at most between exposures of any shape.

        Parameters
        ----------
        turned
            True to return by how much it falls.
        """
        table = self._tables[channel][int(turned)]
        n = (table.size - 2) // 2
        scale = n / self._dose.width[channel]
        first = np.floor((low - self._dose.low[channel]) * scale + EDGE)
        last = np.ceil((high - self._dose.low[channel]) * scale - EDGE)
        # edge k stands at 2 k, the part after it at 2 k + 1; an end of the range is no bend in it
        before = np.clip(first, -1, n + 1) * 2 + 1
        after = np.clip(last, -1, n + 1) * 2
        top = table.size - 1
        found = (
            table[np.clip(after, 0, top).astype(np.int64)]
            - table[np.clip(before, 0, top).astype(np.int64)]
        )
        return np.asarray(np.maximum(found, 0.0))

    def _table(self, channel: int) -> tuple[Float, Float]:
        """Add up rises, and falls, before each edge and each part, one after the other."""
        dose = self._dose
        pieces = dose.curve[dose.curve_start[channel] : dose.curve_start[channel + 1]]
        per_piece = -(-BINS // len(pieces))
        n = per_piece * len(pieces)
        x = np.linspace(0.0, 1.0, per_piece + 1)
        c2, c3, c4 = (pieces[:, k, None] for k in (2, 3, 4))
        scale = len(pieces) / dose.width[channel]
        bend = 2.0 * c2 + 6.0 * c3 * x + 12.0 * c4 * x**2
        spare = np.abs(24.0 * c4) / (8.0 * per_piece**2)
        slope_in = np.append(pieces[:, 1], 0.0) * scale
        slope_out = np.insert(pieces[:, 1:] @ np.arange(1.0, 5.0), 0, 0.0) * scale
        jump = np.zeros(n + 1)
        jump[::per_piece] = slope_in - slope_out
        out = []
        for sign in (1.0, -1.0):
            most = np.maximum(sign * bend[:, :-1], sign * bend[:, 1:]) + spare
            inside = np.maximum(most, 0.0).ravel() * scale / per_piece
            steps = np.zeros(2 * n + 1)
            steps[::2] = np.maximum(sign * jump, 0.0)
            steps[1::2] = inside
            out.append(np.concatenate([[0.0], np.cumsum(steps)]))
        return out[0], out[1]


@dataclass(frozen=True)
class _Hull:
    """Convex functions below the burdens of one layer, straight between places of each range."""

    place: Float
    """States at which the function bends (SAMPLES + 1, receptor)."""
    value: Float
    """Of the function there (SAMPLES + 1, receptor)."""

    def line(self, state: Float) -> tuple[Float, Float]:
        """Return value and slope of a line below the burden, that of the part of each state."""
        k = np.clip((state >= self.place).sum(axis=0) - 1, 0, SAMPLES - 1)
        every = np.arange(state.size)
        start, first = self.place[k, every], self.value[k, every]
        part, rise = self.place[k + 1, every] - start, self.value[k + 1, every] - first
        slope = np.divide(rise, part, out=np.zeros_like(rise), where=part > 0.0)
        return first + slope * (state - start), slope


@dataclass(frozen=True)
class _Chain:
    """The part of a layer of energies whose burden is concave."""

    layer: int
    people: Float
    """Residents, zero where no burden is concave (receptor,)."""
    counts: Bool
    """Which channels of the layer are concave over the range (receptor, channel)."""
    share: csr_array
    """What a step of each option adds to the part of each change that is made (item, option)."""
    raises: Bool
    """Changes that raise the state (item,), sorted by column."""
    change: Float
    """Of the state, always down: what is not raised is a fall from the start (item,)."""
    start: Long
    """First item of each column (column + 1,)."""
    state: Float
    """When all that raises is done in full, and nothing else (receptor,)."""


class Minorants:
    """Linear functions of the plan below weighted sums of burdens.

    Parameters
    ----------
    rate : (channel, neighbourhood)
        What a resident adds to the sum per unit of response; of either sign.
    """

    def __init__(self, city: City, rules: Rules, rate: Float) -> None:
        self.city, self.rate, self._rules = city, rate, rules
        self.low, self.high = city.reach(rules)
        self._bends = Bends(city.dose)
        self._layers = np.unique(city.dose.layer[rate.any(axis=1)]).tolist()
        self._chains = {
            layer: chain for layer in self._layers if (chain := self._chain(layer)) is not None
        }
        self._hulls = {layer: self._hull(layer) for layer in self._layers}

    @cached_property
    def concave_share(self) -> float:
        """Share of the noise burden of today that is met by chains, not by chords."""
        city, zone = self.city, self.city.receptors.neighbourhood
        met = whole = 0.0
        for chain in self._chains.values():
            exposure = city.exposure(chain.layer, city.baseline[chain.layer])
            for at, k in enumerate(np.flatnonzero(city.dose.layer == chain.layer).tolist()):
                phi = city.dose.respond(k, exposure) * city.receptors.residents
                burden = phi * np.abs(self.rate[k, zone])
                met, whole = met + float(burden[chain.counts[:, at]].sum()), whole + burden.sum()
        return met / whole if whole > 0.0 else 0.0

    def cut(self, plan: Float) -> tuple[Float, csr_array]:
        """Return constants and slopes of linear functions below the sums of neighbourhoods.

        They are tightest at the plan (option,), and below at every plan.

        Returns
        -------
        (neighbourhood,) and (neighbourhood, option).
        """
        city = self.city
        state, zone = city.state(plan), city.receptors.neighbourhood
        n = city.group_residents.shape[1]
        constant = np.zeros(n)
        by_column = csr_array((n, city.response.n_column))
        for layer, hull in self._hulls.items():
            value, slope = hull.line(state[layer])
            from_today = state[layer] - city.baseline[layer]
            constant += np.bincount(zone, value - slope * from_today, n)
            by_column = by_column + city.to_columns(layer, slope)
        slopes = by_column @ city.of_column
        for chain in self._chains.values():
            first, saved = self._savings(chain, plan)
            constant += first
            slopes = slopes - saved
        return constant, csr_array(slopes)

    def _places(self, layer: int) -> Float:
        """Return states at which burdens are sampled (SAMPLES + 1, receptor).

        From end to end of the range, and evenly over the part in which curves are not flat.
        """
        low, high = self.low[layer], self.high[layer]
        dose = self.city.dose
        used = (dose.layer == layer) & self.rate.any(axis=1)
        first, last = low, high
        if not self.city.response.is_energy[layer]:
            first = np.clip(dose.low[used].min(), low, high)
            last = np.clip((dose.low + dose.width)[used].max(), low, high)
        even = first + np.linspace(0.0, 1.0, SAMPLES - 1)[:, None] * (last - first)
        return np.concatenate([low[None, :], even, high[None, :]])

    def _sampled(self, layer: int, state: Float) -> tuple[Float, Float]:
        """Burden at states of the range, and how far it may lie below chords between them."""
        city, dose = self.city, self.city.dose
        zone, people = city.receptors.neighbourhood, city.receptors.residents
        part = np.diff(state, axis=0)
        value, below = np.zeros(state.shape), np.zeros(part.shape)
        exposure = city.exposure(layer, state)
        energy = np.maximum(state, LEAST_ENERGY)
        for k in np.flatnonzero((dose.layer == layer) & self.rate.any(axis=1)).tolist():
            price = self.rate[k, zone] * people
            if layer in self._chains:
                first = int(np.searchsorted(dose.layer, layer))
                price = np.where(self._chains[layer].counts[:, k - first], 0.0, price)
            value += dose.respond(k, exposure) * price
            rise = self._bends.rise(k, exposure[:-1], exposure[1:], turned=False) * (price > 0.0)
            rise += self._bends.rise(k, exposure[:-1], exposure[1:], turned=True) * (price < 0.0)
            if city.response.is_energy[layer]:
                # dg' = a/z dh' - h' a/z2 dz, and the second is a rise where h falls
                steepest = self._steepest(k)
                falls = np.where(price > 0.0, steepest[1], steepest[0])
                rise = rise * DB_PER_LN / energy[:-1]
                rise += falls * DB_PER_LN * (1.0 / energy[:-1] - 1.0 / energy[1:])
                # where silence begins the slope rises from nothing
                rise += (state[:-1] < LEAST_ENERGY) * steepest.max() * DB_PER_LN / LEAST_ENERGY
            below += np.abs(price) * rise * part / 4.0
        return value, below

    def _steepest(self, channel: int) -> Float:
        """Return how steeply a curve rises at most, and falls at most."""
        dose = self.city.dose
        pieces = dose.curve[dose.curve_start[channel] : dose.curve_start[channel + 1]]
        x = np.linspace(0.0, 1.0, 129)[:, None]
        scale = len(pieces) / dose.width[channel]
        slope = pieces[:, 1] + x * (
            2 * pieces[:, 2] + x * (3 * pieces[:, 3] + x * 4 * pieces[:, 4])
        )
        spare = (np.abs(pieces[:, 2:]) @ np.array([2.0, 6.0, 12.0])).max() / 256.0
        return np.asarray(scale * (np.maximum([slope.max(), -slope.min()], 0.0) + spare))

    def _hull(self, layer: int) -> _Hull:
        """Return the lower convex hulls of the burdens that no chain holds."""
        place = self._places(layer)
        value, below = self._sampled(layer, place)
        allowed = np.zeros(value.shape)
        allowed[:-1] = below
        allowed[1:] = np.maximum(allowed[1:], below)
        return _Hull(place, lower_hull(place, value - allowed))

    def _chain(self, layer: int) -> _Chain | None:
        """Return the changes of a layer of energies in which the burden is concave."""
        city, response = self.city, self.city.response
        first, last = response.weights.column_start[layer : layer + 2]
        if not response.is_energy[layer] or last == first or self._lowers(layer):
            return None
        counts = self._is_concave(layer)
        people = np.where(counts.any(axis=1), city.receptors.residents, 0.0)
        share, column, change = list_changes(response, self._rules, int(first), int(last))
        start = np.searchsorted(column, np.arange(response.n_column + 1))
        raises = change > 0.0
        top = np.bincount(column[raises], change[raises], response.n_column)
        state = city.baseline[layer] + city.spread(np.asarray(top, np.float64))[layer]
        return _Chain(layer, people, counts, share, raises, -np.abs(change), start, state)

    def _lowers(self, layer: int) -> bool:
        """Say whether a change of a column may pull receptors both ways."""
        weights = self.city.response.weights
        first, last = weights.pair_start[layer, 0], weights.pair_start[layer, -1]
        end = np.append(weights.start, weights.values.size)
        return bool((weights.values[end[first] : end[last]] < 0.0).any())

    def _is_concave(self, layer: int) -> Bool:
        """Say which channels are concave over the range of each receptor (receptor, channel).

        With decibels ``e = L + a ln z``, :math:`g'' = (a^2 h'' - a h') / z^2`.
        """
        city, dose = self.city, self.city.dose
        low, high = (city.exposure(layer, part[layer]) for part in (self.low, self.high))
        audible = self.low[layer] > LEAST_ENERGY
        fine = []
        for k in np.flatnonzero(dose.layer == layer).tolist():
            wrong = _convex_parts(dose, k)
            scale = (wrong.size - 1) / dose.width[k]
            edge = [np.floor((low - dose.low[k]) * scale), np.ceil((high - dose.low[k]) * scale)]
            first, last = (np.clip(at, 0, wrong.size - 1).astype(np.int64) for at in edge)
            # where a curve begins to rise its slope jumps up
            begins = (low < dose.low[k]) & (high > dose.low[k])
            rate = self.rate[k, city.receptors.neighbourhood]
            fine.append(audible & (rate > 0.0) & (wrong[last] == wrong[first]) & ~begins)
        return np.ascontiguousarray(np.stack(fine, axis=1))

    def _savings(self, chain: _Chain, plan: Float) -> tuple[Float, csr_array]:
        """Return the burden of the empty plan, and what a step of each option saves.

        By neighbourhood: (neighbourhood,) and (neighbourhood, option).
        """
        city, dose, weights = self.city, self.city.dose, self.city.response.weights
        channels = np.flatnonzero(dose.layer == chain.layer)
        first, last = int(channels[0]), int(channels[-1]) + 1
        run_start, runs = city.runs
        pairs = np.ascontiguousarray(weights.pair_start[chain.layer])
        items = np.concatenate([[0], np.cumsum(np.diff(chain.start)[weights.column])])[pairs]
        entries = np.concatenate([[0], np.cumsum(np.diff(items) * np.diff(runs))])
        share = chain.share @ plan
        item, saved = np.empty(int(entries[-1]), np.int64), np.empty(int(entries[-1]))
        at_start = np.empty(run_start.size - 1)
        chain_savings(
            city.response.blocks.start,
            run_start,
            runs,
            pairs,
            weights.column,
            weights.start,
            weights.values,
            chain.start.astype(np.int64),
            chain.change,
            np.where(chain.raises, 1.0 - share, share),
            chain.state,
            city.response.level[chain.layer],
            city.receptors.neighbourhood,
            chain.people,
            self.low[chain.layer],
            self.high[chain.layer],
            np.ascontiguousarray(self.rate[first:last]),
            chain.counts,
            dose.low[first:last],
            1.0 / dose.width[first:last],
            dose.curve_start[first : last + 1] - dose.curve_start[first],
            dose.curve[dose.curve_start[first] : dose.curve_start[last]],
            entries,
            item,
            saved,
            at_start,
        )
        n = self.rate.shape[1]
        row = city.zone_of_entries(np.diff(items))
        # a raise that is not made is a saving from the start
        raises = chain.raises[item]
        empty = np.asarray(
            np.bincount(city.receptors.neighbourhood[run_start[:-1]], at_start, n), np.float64
        )
        empty -= np.bincount(row[raises], saved[raises], n)
        signed = coo_array((np.where(raises, -saved, saved), (row, item)), (n, share.size))
        return empty, csr_array(signed.tocsr() @ chain.share)


def _convex_parts(dose: DoseResponse, channel: int) -> Float:
    """Count the parts of a curve, up to each edge, in which the burden of energies is convex."""
    pieces = dose.curve[dose.curve_start[channel] : dose.curve_start[channel + 1]]
    per_piece = -(-BINS // len(pieces))
    x = np.linspace(0.0, 1.0, per_piece + 1)
    c1, c2, c3, c4 = (pieces[:, k, None] for k in (1, 2, 3, 4))
    scale = len(pieces) / dose.width[channel]
    slope = (c1 + x * (2.0 * c2 + x * (3.0 * c3 + x * 4.0 * c4))) * scale
    bend = (2.0 * c2 + x * (6.0 * c3 + x * 12.0 * c4)) * scale**2
    sign = DB_PER_LN * bend - slope
    # second derivative of the sign by x, at most
    spare = (
        24.0 * np.abs(c4) * DB_PER_LN * scale**2 + (6.0 * np.abs(c3) + 24.0 * np.abs(c4)) * scale
    )
    most = np.maximum(sign[:, :-1], sign[:, 1:]) + spare / (8.0 * per_piece**2)
    wrong = (most > 0.0).ravel().astype(float)
    # a piece that begins steeper than the one before it ends
    jump = slope[1:, 0] > slope[:-1, -1] * (1.0 + 1e-9) + 1e-12
    wrong[per_piece::per_piece] = np.maximum(wrong[per_piece::per_piece], jump)
    return np.concatenate([[0.0], np.cumsum(wrong)])


def lower_hull(place: Float, points: Float) -> Float:
    """Return the largest convex function below points at places in order (place, ...).

    At each place the lowest of the chords between any two points around it.
    """
    n = len(points)
    out = points.copy()
    for k in range(1, n - 1):
        for i in range(k):
            for j in range(k + 1, n):
                width = place[j] - place[i]
                part = np.divide(
                    place[k] - place[i], width, out=np.zeros_like(width), where=width > 0.0
                )
                np.minimum(out[k], (1.0 - part) * points[i] + part * points[j], out=out[k])
    return out
