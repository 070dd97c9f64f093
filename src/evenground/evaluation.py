"""From plans to burden: the hand-over from labelled products to compiled loops.

Takes the response operator and the dose-response tables; gives, for a batch
of plans, the burden of every group, layer and neighbourhood. Knows nothing of
how scores are made of it, nor of files or maps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground import kernels
from evenground.interventions import Response
from evenground.names import LAYERS
from evenground.study import Receptors

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Plans = NDArray[np.int16]

LANES = 8
"""Candidates that one thread takes through a block together. Fixed, so that results are too."""


@dataclass(frozen=True)
class DoseResponse:
    """Exposure-response functions as polynomials, and what their response costs in health."""

    channels: tuple[str, ...]
    """One response each, such as noise_mort; sorted by layer in the order of ``LAYERS``."""
    layer: NDArray[np.int32]
    """Layer of each channel (channel,)."""
    low: Float
    """Exposure at which the curve of each channel starts (channel,); flat below."""
    width: Float
    """Range of exposure of the curve (channel,); flat beyond."""
    curve_start: NDArray[np.int64]
    """First piece of each channel (channel + 1,)."""
    curve: Float
    """Coefficients of equally wide pieces, from the constant up, of the place within the
    piece from 0 to 1 (piece, 5)."""
    coefficient: Float
    """DALY per year per resident per unit of response (channel, group, neighbourhood)."""
    counted: tuple[str, ...]
    """Channels whose burden is added up."""

    @property
    def in_sum(self) -> NDArray[np.bool_]:
        """Whether the burden of a channel is added up (channel,)."""
        return np.isin(self.channels, self.counted)

    def respond(self, channel: int, exposure: Float) -> Float:
        """Return the response of one channel to exposures of any shape."""
        pieces = self.curve[self.curve_start[channel] : self.curve_start[channel + 1]]
        at = np.clip((exposure - self.low[channel]) / self.width[channel], 0.0, 1.0) * len(pieces)
        piece = np.minimum(at.astype(np.int64), len(pieces) - 1)
        at = at - piece
        out = np.zeros(np.shape(exposure))
        for power in range(pieces.shape[1] - 1, -1, -1):
            out = out * at + pieces[piece, power]
        return out


@dataclass(frozen=True)
class Stack:
    """What the stacking measure of the kernels needs; see ``objectives.stacking``."""

    factor: Float
    """Burden of a resident per unit of response over the reference (channel, neighbourhood)."""
    weight: Float
    """Weight of a resident, 1 + lambda v (neighbourhood,)."""
    power: float
    is_stacked: NDArray[np.bool_]
    """Layers that count in the stack (layer,)."""
    reference: Float
    """DALY per year of a resident that counts as one (layer,); zero where nothing does."""


@dataclass(frozen=True)
class Evaluation:
    """What a batch of plans does; float64, C-contiguous."""

    mean_phi: Float
    """Resident-weighted mean response (candidate, channel, neighbourhood)."""
    burden: Float
    """DALY per year (candidate, group, layer, neighbourhood), of the channels that count and
    the layers that have one."""
    stacking: Float
    """Contribution to the stacking measure (candidate, neighbourhood)."""


@dataclass(frozen=True)
class Frame:
    """What scores need besides an evaluation."""

    residents: Float
    """Persons (neighbourhood,)."""
    is_assessed: NDArray[np.bool_]
    ses_rank: Float
    """Population mid-rank of SES-WOA, NaN unknown (neighbourhood,)."""
    kappa: float
    """Of the Kolm-Pollak measure, per DALY per 1000 residents; frozen at the baseline."""
    yearly_eur: Float
    """Euros per year of one step (option,)."""
    yearly_start_eur: Float
    """Euros per year of having started at all (option,)."""
    access_channel: int
    annoyed_channel: int = -1
    """Response that is the share highly annoyed by noise; absent = no index of it."""
    adults: Float | None = None
    """Persons of whom some are annoyed (neighbourhood,)."""
    gap_weight: Float | None = None
    """What a DALY per year of each group adds to the gap of a followed group
    (group, neighbourhood), in DALY per 1000 residents; absent = none is followed."""


@dataclass(frozen=True)
class _Today:
    """Sums of the empty plan, taken over where a plan changes nothing."""

    phi: Float
    """Resident-weighted sums of responses (channel, segment)."""
    powered: Float32
    """Scaled burdens to the power of the stack (layer, receptor)."""
    stacked: Float
    """Resident-weighted stacking (segment,)."""


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
        self._response = response
        self._receptors = receptors
        self._group_residents = group_residents
        self._dose = dose
        self._residents = group_residents.sum(axis=0)
        self._blocks = response.blocks.start
        self._segment_start, self._segments = _segments(self._blocks, receptors.neighbourhood)
        layers = np.arange(len(LAYERS) + 1)
        self._channel_start = np.searchsorted(dose.layer, layers).astype(np.int64)
        shape = (dose.layer.size, self._residents.size)
        nothing = np.zeros(len(LAYERS), bool)
        blank = np.zeros(len(LAYERS))
        self._stack = stack or Stack(np.zeros(shape), np.ones(shape[1]), 1.0, nothing, blank)
        self._today: _Today | None = self._evaluate_today()

    def with_stack(self, stack: Stack) -> "Evaluator":
        """Return the same evaluator with another stacking measure."""
        other = object.__new__(Evaluator)
        other.__dict__ |= self.__dict__
        other._stack = stack
        other._today = other._evaluate_today()
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
        other._response, other._dose, other._stack = response, dose, stack
        layers = np.arange(len(LAYERS) + 1)
        other._channel_start = np.searchsorted(dose.layer, layers).astype(np.int64)
        other._today = None
        return other

    @property
    def stack(self) -> Stack:
        """The stacking measure."""
        return self._stack

    @property
    def nbytes(self) -> int:
        """Bytes of the response."""
        weights = self._response.weights
        arrays = (weights.values, weights.column, weights.start, self._response.baseline)
        return int(sum(part.nbytes for part in arrays))

    @property
    def n_option(self) -> int:
        """Length of a plan."""
        return int(self._response.change_start.size - 1)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the responses."""
        return self._dose.channels

    @property
    def n_channel(self) -> int:
        """Number of responses."""
        return int(self._dose.layer.size)

    def evaluate(self, plans: Plans) -> Evaluation:
        """Evaluate plans (candidate, option)."""
        if self._today is None:
            total, stacking = self._sums(plans, self._blank(), is_known=False, lanes=1)
        else:
            total, stacking = self._sums(plans, self._today, is_known=True)
        people = np.maximum(self._residents, 1e-300)
        mean_phi = np.where(self._residents > 0.0, total / people, 0.0)
        return Evaluation(mean_phi, self._burden(mean_phi), stacking)

    def _evaluate_today(self) -> _Today:
        """Evaluate the empty plan in full, and keep the sums of every segment."""
        today = self._blank()
        self._sums(np.zeros((1, self.n_option), np.int16), today, is_known=False)
        return today

    def _blank(self) -> _Today:
        """Make room for the sums of every segment."""
        n_segment = self._segment_start.size - 1
        return _Today(
            np.zeros((self._dose.layer.size, n_segment)),
            np.zeros(self._response.baseline.shape, np.float32),
            np.zeros(n_segment),
        )

    def _sums(
        self, plans: Plans, today: _Today, *, is_known: bool, lanes: int = LANES
    ) -> tuple[Float, Float]:
        """Sum responses (candidate, channel, neighbourhood) and stacking over residents."""
        n, n_layer = len(plans), len(LAYERS)
        amounts, is_active = self._amounts(plans, lanes)
        total = np.empty((n, self._dose.layer.size, self._residents.size))
        stacking = np.empty((n, self._residents.size))
        n_chunk = amounts.shape[0]
        largest = int(np.diff(self._blocks).max(initial=0))
        dose, stack, weights = self._dose, self._stack, self._response.weights
        kernels.evaluate_plans(
            amounts,
            is_active,
            self._blocks,
            self._segment_start,
            self._segments,
            weights.pair_start,
            weights.column,
            weights.start,
            weights.values,
            self._response.baseline,
            self._response.level,
            self._response.is_energy,
            self._receptors.residents,
            self._receptors.neighbourhood,
            self._channel_start,
            dose.low.astype(np.float32),
            (1.0 / dose.width).astype(np.float32),
            dose.curve_start,
            dose.curve.astype(np.float32),
            stack.factor.astype(np.float32),
            stack.is_stacked,
            stack.power,
            stack.weight,
            is_known,
            today.phi,
            today.powered,
            today.stacked,
            np.empty((n_chunk, lanes, n_layer + 4, largest), np.float32),
            np.empty((n_chunk, lanes, n_layer), bool),
            total,
            stacking,
        )
        return total, stacking

    def burden_of(self, channel: str, evaluation: Evaluation) -> Float:
        """Return DALY per year of one response (candidate, neighbourhood), counted or not."""
        k = self._dose.channels.index(channel)
        per_person = (self._dose.coefficient[k] * self._group_residents).sum(axis=0)
        return np.asarray(evaluation.mean_phi[:, k] * per_person)

    def exposure(self, plan: Plans) -> Float32:
        """Return the exposure of every layer at every receptor (layer, receptor) for one plan."""
        return self._to_exposure(self._state(plan))

    def _to_exposure(self, state: Float32) -> Float32:
        """Turn states into exposures (layer, receptor)."""
        out = np.empty_like(state)
        kernels.to_exposure(state, self._response.level, self._response.is_energy, out)
        return out

    def gains(self, plan: Plans, price: Float, stack_price: float, phi_price: Float) -> Float:
        """Return how much a score falls per step of each option, to first order (option,).

        Parameters
        ----------
        plan : (option,)
            Where the derivative is taken.
        price : (neighbourhood,) or (group, neighbourhood)
            Derivative of the score with respect to the burden of each neighbourhood, or of each
            group in it.
        stack_price
            Derivative with respect to the stacking measure.
        phi_price : (channel, neighbourhood)
            Derivative with respect to the resident-weighted sum of each response itself.
        """
        share = self._group_residents / np.maximum(self._residents, 1e-300)
        by_group = share if price.ndim == 1 else share * price
        per_phi = np.einsum("cgn,gn->cn", self._dose.coefficient, by_group)
        per_phi *= self._dose.in_sum[:, None]
        of_phi = (per_phi * price if price.ndim == 1 else per_phi) + phi_price
        return self._descend(plan, of_phi, stack_price * self._stack.weight)

    def _descend(self, plan: Plans, price: Float, stack_price: Float) -> Float:
        """Take the derivative of a score back to the options (option,), falling is positive."""
        state = self._state(plan)
        exposure = self._to_exposure(state)
        slope = np.empty(state.shape)
        dose, stack = self._dose, self._stack
        kernels.receptor_slopes(
            self._blocks,
            exposure,
            state,
            self._response.is_energy,
            self._receptors.residents,
            self._receptors.neighbourhood,
            self._channel_start,
            dose.low,
            1.0 / dose.width,
            dose.curve_start,
            dose.curve,
            price,
            stack.factor.astype(np.float32),
            stack.is_stacked,
            stack.power,
            stack_price,
            slope,
        )
        return -self._to_options(slope)

    def _to_options(self, slope: Float) -> Float:
        """Sum the slopes of the receptors back through the response (option,)."""
        response, weights = self._response, self._response.weights
        column = np.empty(response.n_column)
        kernels.sum_over_receptors(
            self._blocks,
            weights.pair_start,
            weights.column,
            weights.start,
            weights.values,
            slope,
            column,
        )
        value = column[response.change_column] * response.change_effect
        option = np.repeat(np.arange(self.n_option), np.diff(response.change_start))
        return np.bincount(option, value, self.n_option).astype(np.float64)

    def _amounts(self, plans: Plans, lanes: int = LANES) -> tuple[Float32, NDArray[np.bool_]]:
        """Sum the options of each plan into columns, by lanes; see the kernels."""
        n_chunk, n_column = -(-len(plans) // lanes), self._response.n_column
        amounts = np.empty((n_chunk, n_column, lanes), np.float32)
        is_active = np.empty((n_chunk, n_column), bool)
        kernels.column_amounts(
            np.ascontiguousarray(plans),
            self._response.change_start,
            self._response.change_column,
            self._response.change_effect,
            amounts,
            is_active,
        )
        return amounts, is_active

    def _state(self, plan: Plans) -> Float32:
        """State of every layer at every receptor (layer, receptor)."""
        amounts, _ = self._amounts(plan[None, :])
        weights = self._response.weights
        state = np.empty(self._response.baseline.shape, np.float32)
        kernels.layer_states(
            np.ascontiguousarray(amounts[0, :, 0]),
            self._blocks,
            weights.pair_start,
            weights.column,
            weights.start,
            weights.values,
            self._response.baseline,
            state,
        )
        return state

    def _burden(self, mean_phi: Float) -> Float:
        """DALY per year (candidate, group, layer, neighbourhood), of what is counted."""
        parts = []
        for layer in np.unique(self._dose.layer[self._dose.in_sum]):
            channel = np.flatnonzero((self._dose.layer == layer) & self._dose.in_sum)
            parts.append(
                np.einsum("kcn,cgn->kgn", mean_phi[:, channel], self._dose.coefficient[channel])
            )
        return np.ascontiguousarray(np.stack(parts, axis=2) * self._group_residents[:, None, :])


def _segments(
    blocks: NDArray[np.int64], neighbourhood: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find runs of receptors of one block and neighbourhood, and each block's first run."""
    is_first = np.ones(neighbourhood.size, bool)
    is_first[1:] = np.diff(neighbourhood) != 0
    is_first[blocks[:-1]] = True
    start = np.append(np.flatnonzero(is_first), neighbourhood.size).astype(np.int64)
    return start, np.searchsorted(start, blocks).astype(np.int64)
