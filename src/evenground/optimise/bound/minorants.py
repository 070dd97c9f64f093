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

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from evenground.constraints import Rules
from evenground.kernels.chain import chain_savings
from evenground.optimise.bound.bends import Bends, convex_parts
from evenground.optimise.bound.chains import Chain
from evenground.optimise.bound.changes import list_changes
from evenground.optimise.bound.city import DB_PER_LN, LEAST_ENERGY, City
from evenground.optimise.bound.hulls import SAMPLES, Hull, lower_hull

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


class Minorants:
    """Linear functions of the plan below weighted sums of burdens.

    Parameters
    ----------
    rate : (channel, neighbourhood)
        What a resident adds to the sum per unit of response; of either sign.
    together
        Which of two ways options on one ground make changes; see :func:`.list_changes`.
    check
        Called before the lines of each layer, which take a while; may raise.
    """

    def __init__(
        self,
        city: City,
        rules: Rules,
        rate: Float,
        *,
        together: bool = False,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self.city, self.rate, self._rules, self._together = city, rate, rules, together
        self.low, self.high = city.reach(rules)
        self._bends = Bends(city.dose)
        self._layers = np.unique(city.dose.layer[rate.any(axis=1)]).tolist()
        self._chains: dict[int, Chain] = {}
        self._hulls: dict[int, Hull] = {}
        for layer in self._layers:
            check()
            chain = self._chain(layer)
            if chain is not None:
                self._chains[layer] = chain
            check()
            self._hulls[layer] = self._hull(layer)

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

    def by_layer(self, plan: Float) -> dict[int, tuple[float, float, float]]:
        """Return burden of today, burden of a plan (option,), and the line below it, by layer."""
        city, dose = self.city, self.city.dose
        state = city.state(plan)
        out: dict[int, tuple[float, float, float]] = {}
        for layer, hull in self._hulls.items():
            rate = np.where((dose.layer == layer)[:, None], self.rate, 0.0)
            below = float(hull.line(state[layer])[0].sum())
            if layer in self._chains:
                first, saved = self._savings(self._chains[layer], plan)
                below += float((first - saved @ plan).sum())
            then = float(city.burden(rate, state).sum())
            out[layer] = float(city.burden(rate, city.baseline).sum()), then, below
        return out

    @cached_property
    def shared(self) -> csr_array:
        """Parts of changes that several options make together, never above one (row, option)."""
        n = self.city.response.change_start.size - 1
        share = [chain.share for chain in self._chains.values()]
        rows = [part[np.flatnonzero(np.diff(part.indptr) > 1)] for part in share]
        return csr_array(vstack([csr_array((0, n)), *rows], format="csr"))

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

    def _hull(self, layer: int) -> Hull:
        """Return the lower convex hulls of the burdens that no chain holds."""
        place = self._places(layer)
        value, below = self._sampled(layer, place)
        allowed = np.zeros(value.shape)
        allowed[:-1] = below
        allowed[1:] = np.maximum(allowed[1:], below)
        return Hull(place, lower_hull(place, value - allowed))

    def _chain(self, layer: int) -> Chain | None:
        """Return the changes of a layer of energies in which the burden is concave."""
        city, response = self.city, self.city.response
        first, last = response.weights.column_start[layer : layer + 2]
        if not response.is_energy[layer] or last == first or self._lowers(layer):
            return None
        counts = self._is_concave(layer)
        people = np.where(counts.any(axis=1), city.receptors.residents, 0.0)
        share, column, change = list_changes(
            response, self._rules, int(first), int(last), together=self._together
        )
        start = np.searchsorted(column, np.arange(response.n_column + 1))
        raises = change > 0.0
        top = np.bincount(column[raises], change[raises], response.n_column)
        state = city.baseline[layer] + city.spread(np.asarray(top, np.float64))[layer]
        return Chain(layer, people, counts, share, raises, -np.abs(change), start, state)

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
            wrong = convex_parts(dose, k)
            scale = (wrong.size - 1) / dose.width[k]
            edge = [np.floor((low - dose.low[k]) * scale), np.ceil((high - dose.low[k]) * scale)]
            first, last = (np.clip(at, 0, wrong.size - 1).astype(np.int64) for at in edge)
            # where a curve begins to rise its slope jumps up
            begins = (low < dose.low[k]) & (high > dose.low[k])
            rate = self.rate[k, city.receptors.neighbourhood]
            fine.append(audible & (rate > 0.0) & (wrong[last] == wrong[first]) & ~begins)
        return np.ascontiguousarray(np.stack(fine, axis=1))

    def _savings(self, chain: Chain, plan: Float) -> tuple[Float, csr_array]:
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
