"""From plans to burden: the hand-over from labelled products to compiled loops.

Takes the response operator and the dose-response tables; gives, for a batch
of plans, the burden of every group, layer and neighbourhood. Knows nothing of
how scores are made of it, nor of files or maps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground import kernels
from evenground.evaluation.gains import Point, find_slopes, option_gains
from evenground.evaluation.loops import LANES, Base, Loops, Tasks, build_loops
from evenground.evaluation.products import DoseResponse, Evaluation, Stack
from evenground.interventions import Response
from evenground.names import LAYERS
from evenground.study import Receptors

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Long = NDArray[np.int64]
Plans = NDArray[np.int16]

MOST_SUMS_BYTES = 64_000_000
"""Memory of the sums by segment that are held at once while plans are evaluated."""


@dataclass(frozen=True)
class Kept:
    """Plans with the sums of every segment, from which their children inherit."""

    plans: Plans
    """(slot, option)."""
    sums: Float
    """Resident-weighted sums of responses, and of the stacking (slot, segment, channel + 1)."""


class Evaluator:
    """Evaluates batches of plans; holds the arrays of the kernels.

    Parameters
    ----------
    receptors
        Who lives where.
    group_residents : (group, neighbourhood)
    """

    def __init__(
        self,
        receptors: Receptors,
        group_residents: Float,
        response: Response,
        dose: DoseResponse,
        stack: Stack | None = None,
    ) -> None:
        self._group_residents = group_residents
        self._residents = group_residents.sum(axis=0)
        shape = (dose.layer.size, self._residents.size)
        nothing = np.zeros(len(LAYERS), bool)
        blank = np.zeros(len(LAYERS))
        none = Stack(np.zeros(shape), np.ones(shape[1]), 1.0, nothing, blank)
        self._loops = build_loops(receptors, shape[1], response, dose, stack or none)
        self._today: Base | None = self._loops.find_base(np.zeros(self.n_option, np.int16))

    def with_stack(self, stack: Stack) -> "Evaluator":
        """Return the same evaluator with another stacking measure."""
        other = object.__new__(Evaluator)
        other.__dict__ |= self.__dict__
        other._loops = self._loops.with_stack(stack)
        other._today = other._loops.find_base(np.zeros(self.n_option, np.int16))
        return other

    def under(self, response: Response, dose: DoseResponse, stack: Stack) -> "Evaluator":
        """Return an evaluator of the same people and options in another city.

        For a few plans only: each is evaluated in full, nothing is taken over from the
        empty plan.

        Parameters
        ----------
        response
            With the same blocks and weights.
        """
        other = object.__new__(Evaluator)
        other.__dict__ |= self.__dict__
        old = self._loops
        loops = Loops(old.receptors, response, dose, stack, old.segments)
        other._loops = loops.sharing(old)
        other._today = None
        return other

    @property
    def stack(self) -> Stack:
        """The stacking measure."""
        return self._loops.stack

    @property
    def loops(self) -> Loops:
        """The arrays of the compiled loops."""
        return self._loops

    @property
    def today(self) -> Base | None:
        """Sums of the empty plan; none where nothing is taken over from it."""
        return self._today

    @property
    def nbytes(self) -> int:
        """Bytes of the response."""
        response = self._loops.response
        weights = response.weights
        arrays = (weights.values, weights.column, weights.start, response.baseline)
        return int(sum(part.nbytes for part in arrays))

    @property
    def kept_nbytes(self) -> int:
        """Bytes that a plan takes in :class:`Kept`."""
        return 8 * self._loops.n_segment * (self.n_channel + 1) + 2 * self.n_option

    @property
    def n_option(self) -> int:
        """Length of a plan."""
        return int(self._loops.response.change_start.size - 1)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the responses."""
        return self._loops.dose.channels

    @property
    def n_channel(self) -> int:
        """Number of responses."""
        return int(self._loops.dose.layer.size)

    def keep(self, n_slot: int) -> Kept:
        """Make room for some plans and their sums by segment."""
        shape = (n_slot, self._loops.n_segment, self.n_channel + 1)
        return Kept(np.zeros((n_slot, self.n_option), np.int16), np.empty(shape))

    def evaluate(self, plans: Plans) -> Evaluation:
        """Evaluate plans (candidate, option)."""
        loops = self._loops
        shape = (loops.n_segment, self.n_channel + 1)
        per_chunk = LANES * 8 * shape[0] * shape[1]
        size = LANES * int(np.clip(MOST_SUMS_BYTES // max(per_chunk, 1), 8, 64))
        sums = np.empty((min(size, len(plans)), *shape))
        parts = []
        for first in range(0, len(plans), size):
            part = np.ascontiguousarray(plans[first : first + size])
            slots = np.arange(len(part))
            self._run(loops.whole(slots, is_forced=self._today is None), part, sums)
            parts.append(self.add_up(slots, sums))
        total, stacking = (
            (np.concatenate(list(arrays)) for arrays in zip(*parts, strict=True))
            if parts
            else self.add_up(np.zeros(0, np.int64), sums)
        )
        return self.evaluation(total, stacking)

    def evaluate_kept(self, kept: Kept, slots: Long, parents: Long | None = None) -> Evaluation:
        """Evaluate plans that are kept, and keep their sums; the same bits as :meth:`evaluate`.

        Blocks in which a plan has the same options at work as a parent are copied from it,
        all others are summed anew.

        Parameters
        ----------
        slots : (candidate,)
            Rows of ``kept.plans`` to evaluate.
        parents : (candidate, 2)
            Rows from which each inherits, evaluated before and not among the slots; -1 for
            none. Absent = all is summed.
        """
        return self.evaluation(*self.evaluate_sums(kept, slots, parents))

    def evaluate_sums(
        self, kept: Kept, slots: Long, parents: Long | None = None
    ) -> tuple[Float, Float]:
        """Do as :meth:`evaluate_kept`, and return bare sums over residents.

        Returns
        -------
        Responses (candidate, channel, neighbourhood) and stacking (candidate, neighbourhood).
        """
        slots = np.ascontiguousarray(slots, np.int64)
        if parents is None:
            tasks = self._loops.whole(slots, is_forced=self._today is None)
        else:
            if np.isin(parents, slots).any():
                msg = "A plan cannot inherit from one that is evaluated with it. Use other slots."
                raise ValueError(msg)
            tasks = self._loops.inherited(slots, parents, kept.plans, kept.sums)
        self._run(tasks, kept.plans[slots], kept.sums)
        return self.add_up(slots, kept.sums)

    def evaluation(self, total: Float, stacking: Float) -> Evaluation:
        """Put resident-weighted sums in their labelled form.

        Parameters
        ----------
        total : (candidate, channel, neighbourhood), stacking : (candidate, neighbourhood)
        """
        people = np.maximum(self._residents, 1e-300)
        mean_phi = np.where(self._residents > 0.0, total / people, 0.0)
        return Evaluation(mean_phi, self._burden(mean_phi), stacking)

    def _run(self, tasks: Tasks, plans: Plans, sums: Float) -> None:
        """Sum what the tasks ask into ``sums`` (slot, segment, channel + 1)."""
        out = sums.reshape(-1, sums.shape[2])
        base = self._today or self._loops.blank()
        self._loops.run(tasks, self._loops.column_amounts(plans), out, base)

    def add_up(self, slots: Long, sums: Float) -> tuple[Float, Float]:
        """Add segments up to neighbourhoods: responses, and stacking by candidate."""
        n, n_zone = len(slots), self._residents.size
        total, stacking = np.empty((n, self.n_channel, n_zone)), np.empty((n, n_zone))
        kernels.sum_segments(
            slots, sums, self._loops.segments.zone, self.stack.weight, total, stacking
        )
        return total, stacking

    def burden_of(self, channel: str, evaluation: Evaluation) -> Float:
        """Return DALY per year of one response (candidate, neighbourhood), counted or not."""
        k = self._loops.dose.channels.index(channel)
        per_person = (self._loops.dose.coefficient[k] * self._group_residents).sum(axis=0)
        return np.asarray(evaluation.mean_phi[:, k] * per_person)

    def exposure(self, plan: Plans) -> Float32:
        """Return the exposure of every layer at every receptor (layer, receptor) for one plan."""
        return self._to_exposure(self._state(plan))

    def _to_exposure(self, state: Float32) -> Float32:
        """Turn states into exposures (layer, receptor)."""
        out = np.empty_like(state)
        kernels.to_exposure(state, self._loops.response.level, self._loops.response.is_energy, out)
        return out

    def point(self, plan: Plans, share: Float) -> Point:
        """Evaluate one plan (option,), with what every option does from there.

        Parameters
        ----------
        share : (share, channel, neighbourhood)
            What scores may be made of: worth of the resident-weighted sum of each response.
        """
        sums, slope = find_slopes(self._loops, plan, share)
        return Point(self.evaluation(*self.add_up(np.zeros(1, np.int64), sums[None])), slope)

    def gains(self, point: Point, price: Float) -> Float:
        """Return how much scores fall per step of each option, to first order (score, option).

        Parameters
        ----------
        point
            Where the derivative is taken.
        price : (score, share + 1, neighbourhood)
            Derivative of each score by each share of the point in each neighbourhood; the last
            by the stacking.
        """
        price[:, -1] *= self.stack.weight
        return option_gains(self._loops, point.slope, price)

    def worth(self, price: Float | None = None) -> Float:
        """Return what the resident-weighted sum of each response adds (channel, neighbourhood).

        Parameters
        ----------
        price : (group, neighbourhood)
            Worth of the burden of each group in each neighbourhood; absent = all of it is one,
            so that the sum is the burden of the neighbourhood.
        """
        dose = self._loops.dose
        share = self._group_residents / np.maximum(self._residents, 1e-300)
        by_group = share if price is None else share * price
        per_phi = np.einsum("cgn,gn->cn", dose.coefficient, by_group)
        return np.asarray(per_phi * dose.in_sum[:, None])

    def _state(self, plan: Plans) -> Float32:
        """State of every layer at every receptor (layer, receptor)."""
        amounts = self._loops.column_amounts(plan[None, :])
        weights = self._loops.response.weights
        state = np.empty(self._loops.response.baseline.shape, np.float32)
        kernels.layer_states(
            np.ascontiguousarray(amounts[0, :, 0]),
            self._loops.response.blocks.start,
            weights.pair_start,
            weights.column,
            weights.start,
            weights.values,
            self._loops.response.baseline,
            state,
        )
        return state

    def _burden(self, mean_phi: Float) -> Float:
        """DALY per year (candidate, group, layer, neighbourhood), of what is counted."""
        parts = []
        for layer in np.unique(self._loops.dose.layer[self._loops.dose.in_sum]):
            channel = np.flatnonzero((self._loops.dose.layer == layer) & self._loops.dose.in_sum)
            parts.append(
                np.einsum(
                    "kcn,cgn->kgn", mean_phi[:, channel], self._loops.dose.coefficient[channel]
                )
            )
        return np.ascontiguousarray(np.stack(parts, axis=2) * self._group_residents[:, None, :])
